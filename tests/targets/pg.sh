#!/bin/bash
# A temporary PostgreSQL, 14 or newer, for tests: its own data folder, one port of 127.0.0.1 that is free, no password.
#   pg.sh up       starts it where it is not up and prints the port; it ends by itself when nobody asked for it and nobody was connected for ten minutes
#   pg.sh down     ends it and removes its data
#   pg.sh restart  fast: connections break, data stay;   pg.sh away / back: down for a while, with its data
. "$(dirname "$0")/lib.sh"
IDLE_S=600
bin() { ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin 2>/dev/null | sort -V | tail -1; }
B=$(bin)
do_install() { [ -x "${B:-/nonexistent}/postgres" ] || { apt_need postgresql openssl procps; B=$(bin); }; [ -x "$B/postgres" ] || die "no PostgreSQL server was found after installing"; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
# The server refuses to run as root: it gets the user that its Debian package makes.
as_owner() { if [ "$(id -u)" = 0 ]; then setpriv --reuid postgres --regid postgres --init-groups "$@"; else "$@"; fi; }
own() { [ "$(id -u)" = 0 ] && chown postgres "$@"; return 0; }
is_up() { [ -f "$RUN/port" ] && "$B/pg_isready" -q -h 127.0.0.1 -p "$(cat "$RUN/port")"; }
launch() {
  as_owner "$B/pg_ctl" -D "$H/data" -l "$LOG/postgres.log" -w -t 60 start >"$LOG/start.log" 2>&1 || { tail -5 "$LOG"/*.log >&2; die "PostgreSQL did not start"; }
}
halt() { as_owner "$B/pg_ctl" -D "$H/data" -w -t 30 -m "${1:-immediate}" stop >/dev/null 2>&1; }
# A certificate authority of its own, $H/tls/ca.pem, and its certificate for 127.0.0.1.
certify() {
  mkdir -p "$H/tls"; cd "$H/tls" || die tls
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=targets test CA" -keyout ca.key -out ca.pem -addext basicConstraints=critical,CA:TRUE \
    && openssl req -newkey rsa:2048 -nodes -subj /CN=pg -keyout server.key -out server.csr && echo 'subjectAltName=IP:127.0.0.1' >server.ext \
    && openssl x509 -req -days 30 -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile server.ext -out server.pem \
    && cp server.key server.pem "$H/data/" && chmod 600 "$H/data/server.key" && own "$H/data/server.key" "$H/data/server.pem" && chmod 644 ca.pem
}
fresh() {
  rm -rf "$H/data"; mkdir -p "$H/data"; own "$H" "$H/data" "$RUN" "$LOG"; chmod 700 "$H/data"
  as_owner "$B/initdb" -D "$H/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$LOG/initdb.log" 2>&1 || { tail -5 "$LOG/initdb.log" >&2; die initdb; }
  (certify) >"$LOG/tls.log" 2>&1 || { tail -5 "$LOG/tls.log" >&2; die certificate; }
  free_port >"$RUN/port"
  cat >>"$H/data/postgresql.conf" <<C
listen_addresses = '127.0.0.1'
port = $(cat "$RUN/port")
unix_socket_directories = ''
max_connections = 300
ssl = on
ssl_cert_file = 'server.pem'
ssl_key_file = 'server.key'
fsync = off
full_page_writes = off
C
}
# Whether anybody is connected.
is_used() { [ "$("$B/psql" -h 127.0.0.1 -p "$(cat "$RUN/port")" -U postgres -AtXc "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()" 2>/dev/null || echo 0)" -gt 0 ]; }
# Ends the server when the file `used` was not touched for a while: whoever started it may have been killed.
guard() {
  setsid bash -c '
    while sleep 10; do
      [ -f "$1/used" ] || break
      bash "$3" in-use && touch "$1/used"
      [ $(( $(date +%s) - $(stat -c %Y "$1/used") )) -lt "$2" ] || { bash "$3" down; break; }
    done' guard "$RUN" "$IDLE_S" "$SCRIPTS/pg.sh" >/dev/null 2>&1 </dev/null 9>&- &
}
do_up() {
  chmod 755 "$TARGETS_HOME" "$H"
  exec 9>"$H/lock"; flock 9; touch "$RUN/used"
  is_up || { do_install; halt; fresh; launch 9>&-; guard; }
  cat "$RUN/port"
}
do_down() { exec 9>"$H/lock"; flock 9; halt; rm -rf "$H/data" "$RUN/port" "$RUN/used"; }
case ${1:-} in
  install) do_install;; up) do_up;; down) do_down;;
  in-use) is_used;;
  restart) halt fast; launch;; away) halt fast;; back) launch;;
  *) echo "usage: pg.sh install|up|down|restart|away|back" >&2; exit 2;;
esac
