#!/bin/bash
# Redis (Debian) on 6391, for flaskbb.sh and misago.sh.
. "$(dirname "$0")/lib.sh"
do_install() { apt_need redis-server; }
do_start() { spawn_on 6391 redis redis-server --bind 127.0.0.1 --port 6391 --dir "$H" --save '' --appendonly no --daemonize no; wait_tcp 6391 10 || die "does not answer"; }
do_seed() { :; }
do_stop() { despawn redis; }
main "$@"
