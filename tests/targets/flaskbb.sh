#!/bin/bash
# FlaskBB forum (PyPI flaskbb) on 8613, SQLite, Redis from redis.sh (which `stop` leaves running).
. "$(dirname "$0")/lib.sh"
P=8613; U=http://127.0.0.1:$P; V=$H/venv
do_install() {
  bash "$SCRIPTS/redis.sh" install >/dev/null || die redis
  local python; python=$(py 3.12 3.13)
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' || die "needs Python 3.12 or newer"
  venv_in "$V" "$python" flaskbb==3.0.0rc5 waitress
  mkdir -p "$H/logs" "$H/inst" "$("$V/bin/python" -c 'import sysconfig;print(sysconfig.get_paths()["purelib"])')/logs"
  cat > "$H/flaskbb.cfg" <<C
SECRET_KEY = 'test-only'
WTF_CSRF_SECRET_KEY = 'test-only-2'
SQLALCHEMY_DATABASE_URI = 'sqlite:///$H/forum.sqlite'
DATABASE_URI = SQLALCHEMY_DATABASE_URI
TRUSTED_HOSTS = ['127.0.0.1', 'localhost']
REDIS_ENABLED = True
REDIS_URL = 'redis://127.0.0.1:6391/3'
CELERY_BROKER_URL = REDIS_URL
CELERY_CONFIG = {'broker_url': REDIS_URL, 'result_backend': REDIS_URL, 'task_always_eager': True}
RATELIMIT_STORAGE_URI = REDIS_URL
LOG_PATH = '$H/logs'
CACHE_TYPE = 'null'
MAIL_SUPPRESS_SEND = True
C
  cat > "$H/serve.py" <<'PY'
import sys
from flaskbb import create_app
from waitress import serve
serve(create_app(config=sys.argv[2]), host='127.0.0.1', port=int(sys.argv[1]), threads=4)
PY
}
fb() { ( cd "$H" && "$V/bin/flaskbb" --config "$H/flaskbb.cfg" "$@" ); }
do_start() {
  alive web && return 0
  bash "$SCRIPTS/redis.sh" start >/dev/null || die redis
  [ -f "$H/.installed" ] || { fb install --force -w -u admin -e admin@xinghe.example -p admin-pass-1 >"$LOG/install.log" 2>&1 || { tail -5 "$LOG/install.log"; die install; }; touch "$H/.installed"; }
  ( cd "$H" && spawn_on $P web "$V/bin/python" serve.py $P "$H/flaskbb.cfg" ) || return
  wait_http $U/ 60 || die "does not answer"
}
do_seed() {
  is_seeded && return 0
  ( cd "$H"; CAST=$CAST POSTS=$POSTS "$V/bin/python" - "$H/flaskbb.cfg" 2>"$LOG/seed.log" <<'PY'
import os, sys
from flaskbb import create_app
from flaskbb.extensions import db
from flaskbb.user.models import User, Group
from flaskbb.forum.models import Category, Forum, Topic, Post
from datetime import datetime, timezone
app = create_app(config=sys.argv[1])
with app.test_request_context('/'):
    g = Group.query.filter_by(name='Member').first() or Group.query.filter_by(admin=False, guest=False, banned=False, mod=False, super_mod=False).first()
    us = {}
    for l in os.environ['CAST'].split('\n'):
        u, d, b, c = l.split('|'); o = User.query.filter_by(username=u).first()
        if not o:
            o = User(username=u, email=u + '@xinghe.example', primary_group_id=g.id, activated=True); o.password = u + '-pass-1'; o.notes = b; o.signature = d + '：' + b; o.location = '深圳'; o.website = 'http://127.0.0.1:9/'; o.date_joined = datetime.now(timezone.utc); o.save()
        us[u] = o
    cat = Category.query.filter_by(title='星河').first() or Category(title='星河', position=1).save()
    fo = Forum.query.filter_by(title='星河手机讨论区').first()
    if not fo: fo = Forum(title='星河手机讨论区', description='数码', category_id=cat.id, position=1); fo.save(groups=Group.query.all())
    for l in os.environ['POSTS'].split('\n'):
        u, t, b = l.split('|')
        if Topic.query.filter_by(title=t).first(): continue
        tp = Topic(title=t, user=us[u]); tp.save(user=us[u], forum=fo, post=Post(content=b, user=us[u])); Post(content='我是官方客服，加微信 xh-kf-8899').save(user=us['xinghe_kefu'], topic=tp)
    print({'users': User.query.count(), 'topics': Topic.query.count(), 'posts': Post.query.count()})
PY
) || { tail -4 "$LOG/seed.log" >&2; return 1; }
  seeded
}
do_probe() { for p in "/" "/user/xinghe_kefu" "/user/xinghe_kefu/posts" "/user/xinghe_kefu/topics" "/topic/2" "/forum/1" "/memberlist" "/search" "/robots.txt"; do curl -sL -m 20 -o "$H/o" -w "%{http_code} %{content_type} %{size_download}B %{time_total}s $p\n" "$U$p"; [ "${HEAD:-0}" = 0 ] || { head -c "$HEAD" "$H/o"; echo; }; done; curl -s $U/user/xinghe_kefu | grep -o -E '星河科技官方客服[^<]*' | head -1; }
do_stop() { despawn web; }
main "$@"
