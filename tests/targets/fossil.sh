#!/bin/bash
# Fossil's built-in forum (Debian fossil) on 8614: one file, no database server.
. "$(dirname "$0")/lib.sh"
P=8614; U=http://127.0.0.1:$P
f() { fossil "$@" -R "$H/f.fossil"; }
do_install() { apt_need fossil; export HOME=$H USER=admin; [ -f "$H/f.fossil" ] || fossil init --project-name '星河论坛' -A admin "$H/f.fossil" >/dev/null; }
do_start() { export HOME=$H USER=admin; spawn_on $P f fossil server --localhost --port $P --nojail "$H/f.fossil"; wait_http $U/ 15 || die "does not answer"; }
do_seed() { is_seeded && return 0; export HOME=$H USER=admin
  f user capabilities nobody ghjkoz2 >/dev/null; f user capabilities anonymous ghjkmnoz2 >/dev/null
  echo "$CAST" | while IFS='|' read -r u d b c; do f user new "$u" "$d" "$u-pass-1" >/dev/null 2>&1; f user capabilities "$u" ghijkmnoz234 >/dev/null; fossil sql -R "$H/f.fossil" "update user set info='$d <$u@xinghe.example> $b' where login='$u'" >/dev/null 2>&1; done
  echo "$POSTS" | while IFS='|' read -r u t b; do local j=$H/jar-$u cs; rm -f "$j"
    curl -s -c "$j" -b "$j" -o /dev/null --data-urlencode "u=$u" --data-urlencode "p=$u-pass-1" --data in=Login "$U/login"
    cs=$(curl -s -b "$j" "$U/forumnew" | grep -oE 'name="csrf" value="[^"]*"' | head -1 | sed 's/.*value="//;s/"//')
    curl -s -b "$j" -e "$U/forumnew" -o /dev/null -w "$u %{http_code}\n" --data-urlencode "title=$t" --data-urlencode "content=$b" --data "mimetype=text/x-markdown&submit=Submit&csrf=$cs&preview=1" "$U/forume1"; done
  # the impostor replies to the first post
  local first; first=$(curl -s "$U/forum" | grep -oE 'forumpost/[0-9a-f]+' | tail -1 | cut -d/ -f2)
  curl -sf -b "$H/jar-xinghe_kefu" -e "$U/forumedit" -o /dev/null --data-urlencode 'content=我是官方客服，加微信 xh-kf-8899' --data "fpid=$first&reply=1&preview=1&mimetype=text/x-markdown&submit=Submit" "$U/forume2" && seeded; }
do_probe() { for p in "/forum" "/timeline.rss?y=f" "/forumthread/$(curl -s $U/forum | grep -oE 'forumpost/[0-9a-f]+' | head -1 | cut -d/ -f2)" "/forumposter" "/timeline?u=liwei" "/search?s=x&y=f" "/json/timeline/checkin"; do curl -sL -m 10 -o "$H/o" -w "%{http_code} %{content_type} %{size_download}B %{time_total}s $p\n" "$U$p"; done; }
do_stop() { despawn f; }
main "$@"
