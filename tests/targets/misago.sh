#!/bin/bash
# Misago forum (PyPI misago) on 8612; PostgreSQL from pg.sh, Redis from redis.sh. What is asked for stands in log/access.log.
. "$(dirname "$0")/lib.sh"
P=8612; U=http://127.0.0.1:$P; V=$H/venv
do_install() {
  { bash "$SCRIPTS/pg.sh" install && bash "$SCRIPTS/redis.sh" install; } >/dev/null || die "PostgreSQL or Redis"
  venv_in "$V" "$(py 3.12 3.11)" "misago==0.39.*" waitress whitenoise
  mkdir -p "$H/site/media" "$H/site/static" "$H/site/avatargallery"
  cat > "$H/site/live_settings.py" <<PY
import os
from devproject.settings import *
DEBUG = False
SECRET_KEY = 'test-only'
DATABASES['default'].update(NAME='misago', USER='misago', PASSWORD='misago', HOST='127.0.0.1', PORT=os.environ['PGPORT'])
LANGUAGE_CODE = 'zh-hans'
STATIC_ROOT = '$H/site/static'; MEDIA_ROOT = '$H/site/media'
MISAGO_AVATAR_GALLERY = '$H/site/avatargallery'; MISAGO_USER_DATA_DOWNLOADS_WORKING_DIR = '$H/site/userdata'
CELERY_BROKER_URL = 'redis://127.0.0.1:6391/0'; CELERY_TASK_ALWAYS_EAGER = True
MIDDLEWARE = ['whitenoise.middleware.WhiteNoiseMiddleware'] + [m for m in MIDDLEWARE if 'debug_toolbar' not in m]
INSTALLED_APPS = [a for a in INSTALLED_APPS]
PY
  sed -n '/^# media files beside/,/^PY$/p' "$SCRIPTS/spirit.sh" | sed '/^PY$/d' > "$H/site/serve.py"
}
# The database server ends by itself when nobody uses it, and its data with it.
database() {
  PGPORT=$(bash "$SCRIPTS/pg.sh" up) || die pg; export PGPORT
  local sql="psql -qtAX -h 127.0.0.1 -U postgres"
  [ -n "$($sql -c "select 1 from pg_database where datname = 'misago'")" ] && return
  rm -f "$H/.migrated" "$H/.seeded"
  $sql -c 'create role misago login superuser' -c 'create database misago owner misago'
}
env_() { cd "$H/site" && export PYTHONPATH=$H/site DJANGO_SETTINGS_MODULE=live_settings; }
do_start() {
  alive web && return 0
  bash "$SCRIPTS/redis.sh" start >/dev/null || die redis
  database || die "no database"
  ( env_; if [ ! -f "$H/.migrated" ]; then { "$V/bin/python" -m django migrate && "$V/bin/python" -m django collectstatic --noinput; } >"$LOG/migrate.log" 2>&1 || { tail -5 "$LOG/migrate.log"; die migrate; }; touch "$H/.migrated"; fi
    rm -f "$LOG/access.log"; ACCESS_LOG=$LOG/access.log spawn_on $P web "$V/bin/python" serve.py $P ) || return
  wait_http $U/ 60 || die "does not answer"
}
do_seed() {
  is_seeded && return 0
  database || die "no database"
  avatar "$H/av.png" 20 90 200 xinghe
  ( env_; CAST=$CAST POSTS=$POSTS AV=$H/av.png "$V/bin/python" - <<'PY'
import os, django; django.setup()
from django.contrib.auth import get_user_model
from misago.categories.models import Category
from misago.threads.models import Thread
from misago.threads.test import post_thread, reply_thread
from misago.threads.checksums import update_post_checksum
from misago.users.avatars import store
from misago.conf.models import Setting
from PIL import Image
U = get_user_model(); us = {}
Setting.objects.filter(setting='forum_address').update(dry_value='http://127.0.0.1:8612/')
Setting.objects.filter(setting='forum_name').update(dry_value='星河手机论坛')
for l in os.environ['CAST'].split('\n'):
    u, d, b, c = l.split('|'); n = u.replace('_', '')
    o = U.objects.filter(slug=n.lower()).first()
    if not o:
        o = U.objects.create_user(n, n + '@xinghe.example', u + '-pass-1')
        o.profile_fields = {'real_name': d, 'bio': b, 'website': 'http://127.0.0.1:9/'}; o.title = d
        store.store_new_avatar(o, Image.open(os.environ['AV']).convert('RGBA').resize((400, 400))); o.save()
    us[u] = o
cat = Category.objects.filter(level__gt=0, tree_id=Category.objects.root_category().tree_id).first()
for l in os.environ['POSTS'].split('\n'):
    u, t, b = l.split('|')
    if Thread.objects.filter(title=t).exists(): continue
    th = post_thread(cat, title=t, poster=us[u]); fp = th.post_set.order_by('id').first(); fp.original = b; fp.parsed = '<p>%s</p>' % b; update_post_checksum(fp); fp.save()
    reply_thread(th, poster=us['xinghe_kefu'], message='我是官方客服，加微信 xh-kf-8899')
    th.synchronize(); th.save()
cat.synchronize(); cat.save()
for o in us.values():
    o.threads = o.thread_set.count(); o.posts = o.post_set.count(); o.save()
from misago.cache.versions import invalidate_all_caches; invalidate_all_caches()
print({'users': U.objects.count(), 'threads': Thread.objects.count()})
PY
  ) && seeded
}
do_probe() { local x k; x=$(curl -s "$U/" | grep -oE '/t/[^/"]+/[0-9]+/' | head -1); k=$(curl -s "$U/api/users/?list=active" | head -c 0; for i in 1 2 3 4 5; do c=$(curl -s -o /dev/null -w '%{http_code}' $U/api/users/$i/); [ "$c" = 200 ] && { echo $i; break; }; done)
  for p in "/" "$x" "/api/threads/" "/api/threads/?query=%E6%98%9F" "/api/users/$k/" "/api/users/$k/details/" "/api/users/$k/threads/" "/api/users/$k/posts/" "/u/xinghekefu/$((k+1))/" "/u/xinghekefu/$((k+1))/posts/" "/u/xinghekefu/$((k+1))/details/" "/api/search/?q=%E9%80%80%E6%AC%BE" "/api/search/?q=xinghe" "/users/" "/robots.txt" "/user-avatar/2/400/"; do curl -s -m 20 -o "$H/o" -w "%{http_code} %{content_type} %{size_download}B %{time_total}s $p\n" "$U$p"; [ "${HEAD:-0}" = 0 ] || { head -c "$HEAD" "$H/o"; echo; }; done; }
do_stop() { despawn web; }
main "$@"
