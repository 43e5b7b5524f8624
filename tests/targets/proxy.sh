#!/bin/bash
# squid as the proxy of a company: 3128 open, 3129 with a name and a password; it leads to this machine only. Names below xinghe.example are this machine.
. "$(dirname "$0")/lib.sh"
do_install() { apt_need squid openssl; echo "crawler:$(openssl passwd -apr1 proxy-pass-1)" >"$H/passwords"; squid_conf >"$H/squid.conf"; printf '127.0.0.1 forum.xinghe.example tls.xinghe.example\n' >"$H/hosts"; }
squid_conf() { cat <<C
http_port 127.0.0.1:3128 name=open
http_port 127.0.0.1:3129 name=auth
hosts_file $H/hosts
auth_param basic program /usr/lib/squid/basic_ncsa_auth $H/passwords
auth_param basic realm crawler
acl open myportname open
acl authed proxy_auth REQUIRED
acl loop dst 127.0.0.0/8
acl forbidden port 8614
http_access deny !loop
http_access deny forbidden
http_access allow open
http_access allow authed
http_access deny all
cache deny all
pid_filename $RUN/squid.self
access_log stdio:$LOG/squid-access.log
cache_log $LOG/squid-cache.log
coredump_dir $H/sq
shutdown_lifetime 1 seconds
C
}
do_start() {
  id proxy >/dev/null 2>&1 || useradd -r proxy
  mkdir -p "$H/sq" && chown proxy "$H/sq" "$LOG" && chmod 755 "$H" && chmod 644 "$H/passwords"
  spawn_on 3128 squid squid -N -f "$H/squid.conf"
  wait_tcp 3128 15 || die "does not answer"
}
do_seed() { :; }
do_probe() {
  local u=${1:-http://forum.xinghe.example:8090/etag} c="curl -s -o /dev/null --noproxy ''"
  $c -w 'open %{http_code}\n' -x http://127.0.0.1:3128 "$u"
  $c -w 'no password %{http_code}\n' -x http://127.0.0.1:3129 "$u"
  $c -w 'wrong password %{http_code}\n' -x http://crawler:bad@127.0.0.1:3129 "$u"
  $c -w 'right password %{http_code}\n' -x http://crawler:proxy-pass-1@127.0.0.1:3129 "$u"
  $c -w 'nobody there %{http_code}\n' -x http://127.0.0.1:3128 http://forum.xinghe.example:8099/
  $c -w 'forbidden port %{http_code}\n' -x http://127.0.0.1:3128 http://forum.xinghe.example:8614/
  $c -k -w 'CONNECT %{http_connect} then %{http_code}\n' -x http://127.0.0.1:3128 https://tls.xinghe.example:8443/
}
do_stop() { despawn squid; }
main "$@"
