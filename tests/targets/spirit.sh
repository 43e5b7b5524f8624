#!/bin/bash
# Spirit forum (PyPI django-spirit) on 8611, SQLite, gunicorn-free: Django's own WSGI through waitress. Media files too.
. "$(dirname "$0")/lib.sh"
P=8611; U=http://127.0.0.1:$P; V=$H/venv
do_install() {
  venv_in "$V" "$(py 3.12 3.11 3.13)" "django-spirit==0.14.*" waitress whitenoise whoosh
  if [ ! -d "$H/site" ]; then
    ( cd "$H" && PATH=$V/bin:$PATH spirit startproject forumsite >/dev/null ) || die startproject
    mv "$H/forumsite" "$H/site"
  fi
  local pkg; pkg=$(basename "$(dirname "$(find "$H/site" -name wsgi.py | head -1)")"); echo "$pkg" > "$H/pkg"
  cat > "$H/site/$pkg/settings/live.py" <<PY
from .base import *
DEBUG = False
SECRET_KEY = 'test-only'
ALLOWED_HOSTS = ['127.0.0.1', 'localhost']
DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': '$H/forum.sqlite3'}}
LANGUAGES = [('zh-hans', 'Simplified Chinese'), ('en', 'English')]
LANGUAGE_CODE = 'zh-hans'
TIME_ZONE = 'Asia/Shanghai'
ST_SITE_URL = '$U/'
EMAIL_BACKEND = 'django.core.mail.backends.console.EmailBackend'
MIDDLEWARE.insert(1, 'whitenoise.middleware.WhiteNoiseMiddleware')
ST_TASK_MANAGER = None
PY
  cat > "$H/site/serve.py" <<'PY'
# media files beside the app (the project itself serves them only in debug mode)
import os, sys, mimetypes
from django.core.wsgi import get_wsgi_application
from django.conf import settings
from waitress import serve
app = get_wsgi_application()
log = open(os.environ.get('ACCESS_LOG', os.devnull), 'a', buffering=1)
def root(env, start):
    p = env.get('PATH_INFO', '')
    print(p, file=log)
    if p.startswith('/media/'):
        f = os.path.realpath(os.path.join(settings.MEDIA_ROOT, p[7:]))
        if f.startswith(os.path.realpath(settings.MEDIA_ROOT) + os.sep) and os.path.isfile(f):
            d = open(f, 'rb').read(); start('200 OK', [('Content-Type', mimetypes.guess_type(f)[0] or 'application/octet-stream'), ('Content-Length', str(len(d)))]); return [d]
    return app(env, start)
serve(root, host='127.0.0.1', port=int(sys.argv[1]), threads=4)
PY
}
env_() { cd "$H/site" && export DJANGO_SETTINGS_MODULE=$(cat "$H/pkg").settings.live; }
do_start() {
  alive web && return 0
  ( env_; if [ ! -f "$H/.migrated" ]; then
      { "$V/bin/python" manage.py spiritinstall || { "$V/bin/python" manage.py migrate && "$V/bin/python" manage.py createcachetable; }; "$V/bin/python" manage.py collectstatic --noinput; } >"$LOG/migrate.log" 2>&1 || { tail -5 "$LOG/migrate.log"; die migrate; }
      touch "$H/.migrated"; fi
    spawn_on $P web "$V/bin/python" serve.py $P ) || return
  wait_http $U/ 60 || die "does not answer"
}
do_seed() {
  is_seeded && return 0
  avatar "$H/av.png" 20 90 200 xinghe
  ( env_; CAST=$CAST POSTS=$POSTS AV=$H/av.png "$V/bin/python" - <<'PY'
import os, django; django.setup()
from django.contrib.auth import get_user_model
from django.core.files import File
from spirit.category.models import Category
from spirit.topic.models import Topic
from spirit.comment.models import Comment
U = get_user_model(); us = {}
for l in os.environ['CAST'].split('\n'):
    u, d, b, c = l.split('|')
    o, new = U.objects.get_or_create(username=u, defaults={'email': u + '@xinghe.example', 'first_name': d[:30]})
    if new: o.set_password(u + '-pass-1'); o.save()
    o.st.nickname = d; o.st.location = b[:75]; o.st.is_verified = True
    if not o.st.avatar: o.st.avatar.save('pic.png', File(open(os.environ['AV'], 'rb')), save=False)
    o.st.save(); us[u] = o
    from spirit.core.tasks import make_avatars; make_avatars(user_id=o.pk)
cat, _ = Category.objects.get_or_create(title='星河手机讨论区', defaults={'description': '数码', 'is_global': True})
for l in os.environ['POSTS'].split('\n'):
    u, t, b = l.split('|')
    tp, new = Topic.objects.get_or_create(title=t, defaults={'user': us[u], 'category': cat})
    if new:
        Comment.objects.create(user=us[u], topic=tp, comment=b, comment_html='<p>%s</p>' % b)
        Comment.objects.create(user=us['xinghe_kefu'], topic=tp, comment='我是官方客服', comment_html='<p>我是官方客服，加微信 xh-kf-8899</p>')
print({'users': U.objects.count(), 'topics': Topic.objects.count()})
PY
  ) && seeded
}
do_probe() { local x; x=$(curl -s $U/ | grep -o '/topic/[0-9]*/[^/"]*/' | head -1); for p in "/" "$x" "/user/2/" "/user/topics/2/" "/search/?q=%E6%98%9F%E6%B2%B3" "/category/"; do curl -sL -m 20 -o "$H/o" -w "%{http_code} %{content_type} %{size_download}B %{time_total}s %{url_effective}\n" "$U$p"; done; }
do_stop() { despawn web; }
main "$@"
