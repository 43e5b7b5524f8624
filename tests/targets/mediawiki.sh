#!/bin/bash
# MediaWiki (Debian, LTS) on 8602, SQLite, PHP's own server.
. "$(dirname "$0")/lib.sh"
P=8602; U=http://127.0.0.1:$P; W=$H/www
do_install() {
  apt_need mediawiki php-cli php-sqlite3 php-xml php-mbstring php-intl php-curl apache2- libapache2-mod-php-
  if [ ! -f "$W/.done" ]; then rm -rf "$W"; cp -rL /usr/share/mediawiki "$W" 2>/dev/null; rm -f "$W/LocalSettings.php"; mkdir -p "$W/images" "$H/db"; touch "$W/.done"; fi
}
do_start() {
  alive php && return 0
  if [ ! -f "$W/LocalSettings.php" ]; then
    ( cd "$W" && php maintenance/install.php --dbtype sqlite --dbpath "$H/db" --dbname wiki --server $U --scriptpath "" --lang zh-cn --pass admin-pass-12345 "星河百科" Admin >"$LOG/install.log" 2>&1 ) || { tail -5 "$LOG/install.log"; die install; }
    printf '%s\n' '$wgRightsText="CC BY-SA";' '$wgEnableUploads=false;' '$wgMainCacheType=CACHE_NONE;' '$wgJobRunRate=1;' '$wgRateLimits=[];' >> "$W/LocalSettings.php"
  fi
  PHP_CLI_SERVER_WORKERS=4 spawn_on $P php php -d display_errors=0 -S 127.0.0.1:$P -t "$W"
  wait_http "$U/api.php?action=query&meta=siteinfo&format=json" 40 || die "does not answer"
}
do_seed() { is_seeded && return 0; ( cd "$W" || exit
  echo "$CAST" | while IFS='|' read -r u d b c; do php maintenance/createAndPromote.php --force "${u^}" "$u-pass-12345" >/dev/null 2>&1; printf '%s\n\n%s\n' "'''$d'''" "$b" | php maintenance/edit.php -u "${u^}" -s seed "User:${u^}" >/dev/null; done
  echo "$POSTS" | while IFS='|' read -r u t b; do printf '%s\n' "$b" | php maintenance/edit.php -u "${u^}" -s seed "${t//[【】]/}" >/dev/null; done
  php maintenance/runJobs.php >/dev/null 2>&1; php maintenance/showSiteStats.php | tr '\n' ' '; echo ) && seeded; }
do_probe() { for p in "/api.php?action=query&list=search&srsearch=%E6%98%9F%E6%B2%B3&format=json" "/api.php?action=query&list=recentchanges&rcprop=user|title|timestamp|comment&format=json" "/api.php?action=query&list=allusers&auprop=registration|editcount&format=json" "/api.php?action=query&list=users&ususers=Xinghe_kefu&usprop=registration|editcount&format=json" "/index.php?title=Special:RecentChanges&feed=atom" "/index.php?title=User:Xinghe_kefu" "/api.php?action=feedrecentchanges&feedformat=rss" "/rest.php/v1/search/page?q=%E6%98%9F"; do curl -s -g -m 30 -o "$H/o" -w "%{http_code} %{content_type} %{size_download}B %{time_total}s $p\n" "$U$p";  [ "${HEAD:-0}" = 0 ] || { head -c "$HEAD" "$H/o"; echo; }; done; }
do_stop() { despawn php; }
main "$@"
