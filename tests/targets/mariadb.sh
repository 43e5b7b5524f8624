#!/bin/bash
# MariaDB (Debian) on 3391, for wordpress.sh. `seed NAME...` makes a database and a user NAME/NAME.
# Started by root it runs as user mysql, so every folder above $TARGETS_HOME must let others pass (o+x).
. "$(dirname "$0")/lib.sh"
P=3391
do_install() { apt_need mariadb-server; }
sql() { mariadb --no-defaults --protocol=tcp -h 127.0.0.1 -P $P -u root "$@"; }
user() { if [ "$(id -u)" = 0 ]; then echo mysql; else id -un; fi; }
do_start() {
  alive mariadbd && return 0
  [ "$(id -u)" != 0 ] || { chmod o+x "$TARGETS_HOME"; chown mysql "$H" "$RUN" "$LOG"; }
  if [ ! -d "$H/data/mysql" ]; then
    mariadb-install-db --no-defaults --user="$(user)" --datadir="$H/data" --auth-root-authentication-method=normal --skip-test-db >"$LOG/init.log" 2>&1 || { tail -5 "$LOG/init.log" >&2; die mariadb-install-db; }
  fi
  spawn_on $P mariadbd mariadbd --no-defaults --user="$(user)" --datadir="$H/data" --bind-address=127.0.0.1 --port=$P --socket="$RUN/s.sock" --pid-file="$RUN/self" --skip-name-resolve --character-set-server=utf8mb4 --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=64M
  for i in $(seq 300); do sql -e 'select 1' >/dev/null 2>&1 && return 0; sleep 0.1; done
  tail -5 "$LOG/mariadbd.log" >&2; die "does not answer"
}
do_seed() { for d in "$@"; do sql -e "create database if not exists $d character set utf8mb4; create user if not exists '$d'@'127.0.0.1' identified by '$d'; grant all on $d.* to '$d'@'127.0.0.1'" || return; done; }
do_stop() { despawn mariadbd; }
main "$@"
