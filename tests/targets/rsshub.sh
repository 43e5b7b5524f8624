#!/bin/bash
# RSSHub (npm rsshub, the last release published there) on 8631. Needs an override: one dependency is a git address. Its robots.txt, which
# forbids everything unless told otherwise, allows everything here. Routes to the outside fail.
. "$(dirname "$0")/lib.sh"
P=8631; U=http://127.0.0.1:$P
do_install() { newnode; mkdir -p "$H/app"; [ -f "$H/app/package.json" ] || echo '{"private":true,"overrides":{"difflib":"npm:difflib@^0.2.4"}}' > "$H/app/package.json"; PUPPETEER_SKIP_DOWNLOAD=1 PUPPETEER_SKIP_CHROMIUM_DOWNLOAD=1 npm_in "$H/app" rsshub@1.0.0; }
do_start() { newnode; mkdir -p "$H/cwd/logs"; ( cd "$H/cwd" && PORT=$P LISTEN_INADDR_ANY=0 NO_LOGFILES=1 DISALLOW_ROBOT=false CACHE_TYPE= CACHE_EXPIRE=5 PROTOCOL=http NODE_ENV=production \
   spawn_on $P hub node --require "$(loopback_js)" "$H/app/node_modules/rsshub/lib/index.js" ); wait_http $U/ 40 || die "does not answer"; }
do_seed() { :; }
do_probe() { for p in "/" "/test/1" "/test/filter?filter_title=Title4" "/test/1.atom" "/test/complicated" "/rsshub/rss" "/hexo/next/127.0.0.1:8601" "/discuz/http%3A%2F%2F127.0.0.1%3A8601" "/weibo/user/1" "/robots.txt" "/test/error"; do curl -s -m 30 -o "$H/o" -w "%{http_code} %{content_type} %{size_download}B %{time_total}s $p\n" "$U$p";  [ "${HEAD:-0}" = 0 ] || { head -c "$HEAD" "$H/o"; echo; }; done; }
do_stop() { despawn hub; }
main "$@"
