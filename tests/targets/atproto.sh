#!/bin/bash
# The AT Protocol network of Bluesky (npm @atproto/dev-env: PDS, AppView, PLC directory, bsync, Ozone), all real services.
# PLC 2582, PDS 2583 (accounts, repos, firehose), AppView 2584 (public read API), Ozone 2587. Needs pg.sh and redis.sh.
# Each start begins from an empty network. `away` and `back` let the impostor vanish and return.
. "$(dirname "$0")/lib.sh"
PDS=http://localhost:2583; APP=http://localhost:2584
do_install() { apt_need redis-server libvips42; bash "$SCRIPTS/pg.sh" install || die pg; newnode; npm_in "$H/app" @atproto/dev-env@0.6; }
do_start() {
  newnode; alive net && return 0
  bash "$SCRIPTS/redis.sh" start >/dev/null || die redis
  local port sql; port=$(bash "$SCRIPTS/pg.sh" up) || die pg
  sql="psql -qtAX -h 127.0.0.1 -p $port -U postgres"
  $sql -c 'drop database if exists atproto' -c 'drop role if exists atproto' -c "create role atproto login superuser password 'atproto'" -c 'create database atproto owner atproto' 2>"$LOG/sql.log" || { cat "$LOG/sql.log" >&2; die "no database"; }
  rm -f "$H/.seeded" "$LOG/net.log"
  mkdir -p "$H/tmp"; rm -rf "$H"/tmp/*
  cat > "$H/app/net.mjs" <<'JS'
import { TestNetwork, mockMailer } from '@atproto/dev-env';
const n = await TestNetwork.create({
  plc: { port: 2582 },
  pds: { port: 2583, hostname: 'localhost', enableDidDocWithSession: true },
  bsky: { port: 2584, dbPostgresSchema: 'bsky', publicUrl: 'http://localhost:2584' },
  ozone: { port: 2587 },
});
mockMailer(n.pds);
console.log('READY', JSON.stringify({ appviewDid: n.bsky.serverDid }));
process.on('SIGTERM', () => process.exit(0));
JS
  ( cd "$H/app" && TMPDIR=$H/tmp LOG_ENABLED=0 DB_POSTGRES_URL=postgresql://atproto:atproto@127.0.0.1:$port/atproto DB_POSTGRES_SCHEMA=app REDIS_HOST=127.0.0.1:6391 NODE_ENV=development \
    spawn_on 2584 net node --require "$(loopback_js)" net.mjs ) || return
  for i in $(seq 600); do grep -q READY "$LOG/net.log" 2>/dev/null && break; alive net || { tail -20 "$LOG/net.log" >&2; die "exited"; }; sleep 0.2; done
  wait_http $APP/xrpc/_health 20 || die "does not answer"
}
do_seed() {
  is_seeded && return 0
  avatar "$H/av.png" 20 90 200 xinghe
  CAST=$CAST POSTS=$POSTS PDS=$PDS APP=$APP AV=$H/av.png python3 - <<'PY'
import json, os, urllib.error, urllib.request, datetime
P = os.environ['PDS'] + '/xrpc/'
def call(m, body=None, tok=None, ct='application/json'):
    h = {'Content-Type': ct}; 
    if tok: h['Authorization'] = 'Bearer ' + tok
    d = body if isinstance(body, bytes) else json.dumps(body).encode()
    r = urllib.request.Request(P + m, d, h)
    try: return json.load(urllib.request.urlopen(r))
    except urllib.error.HTTPError as e: return {'error': e.read().decode()}
now = lambda: datetime.datetime.now(datetime.timezone.utc).isoformat().replace('+00:00', 'Z')
T = {}
for l in os.environ['CAST'].split('\n'):
    u, d, b, c = l.split('|'); h = u.replace('_', '-') + '.test'
    r = call('com.atproto.server.createAccount', {'handle': h, 'email': u + '@xinghe.example', 'password': u + '-pass-1'})
    if 'error' in r: r = call('com.atproto.server.createSession', {'identifier': h, 'password': u + '-pass-1'})
    T[u] = r
    blob = call('com.atproto.repo.uploadBlob', open(os.environ['AV'], 'rb').read(), r['accessJwt'], 'image/png')['blob']
    x = call('com.atproto.repo.putRecord', {'repo': r['did'], 'collection': 'app.bsky.actor.profile', 'rkey': 'self', 'record': {'$type': 'app.bsky.actor.profile', 'displayName': d, 'description': b, 'avatar': blob}}, r['accessJwt'])
    print(h, r['did'], 'error' in x and x)
for l in os.environ['POSTS'].split('\n'):
    u, t, b = l.split('|'); r = T[u]
    x = call('com.atproto.repo.createRecord', {'repo': r['did'], 'collection': 'app.bsky.feed.post', 'record': {'$type': 'app.bsky.feed.post', 'text': t + '\n' + b, 'createdAt': now(), 'langs': ['zh']}}, r['accessJwt'])
    print(x.get('uri') or x)
# The AppView learns of all this from the firehose.
import time
app = os.environ['APP'] + '/xrpc/'
def known(h):
    try:
        p = json.load(urllib.request.urlopen(app + 'app.bsky.actor.getProfile?actor=' + h))
        return p.get('displayName') and p.get('postsCount')
    except urllib.error.HTTPError: return False
for i in range(150):
    if all(known(l.split('|')[0].replace('_', '-') + '.test') for l in os.environ['CAST'].split('\n')): break
    time.sleep(0.2)
else: raise SystemExit('the AppView does not show the cast')
PY
  [ $? = 0 ] && seeded
}
do_probe() {
  for p in "$PDS/xrpc/_health" "$APP/xrpc/app.bsky.actor.getProfile?actor=xinghe-kefu.test" "$APP/xrpc/app.bsky.actor.searchActors?q=xinghe" "$APP/xrpc/app.bsky.actor.searchActors?q=%E6%98%9F%E6%B2%B3" "$APP/xrpc/app.bsky.feed.getAuthorFeed?actor=xinghe-kefu.test" "$APP/xrpc/app.bsky.feed.searchPosts?q=%E9%80%80%E6%AC%BE" "$APP/xrpc/app.bsky.graph.getFollowers?actor=xinghe-kefu.test" "$PDS/xrpc/com.atproto.sync.listRepos" "$PDS/xrpc/com.atproto.repo.listRecords?repo=xinghe-kefu.test&collection=app.bsky.feed.post" "$PDS/xrpc/com.atproto.identity.resolveHandle?handle=xinghe-kefu.test"; do
    curl -s -m 20 -o "$H/o" -w "%{http_code} %{content_type} %{size_download}B %{time_total}s $p\n" "$p"; [ "${HEAD:-0}" = 0 ] || { head -c "$HEAD" "$H/o"; echo; }; done; }
do_stop() { despawn net; }
# The impostor's account is deactivated, and activated again; returns when the AppView shows it.
impostor() {
  PDS=$PDS APP=$APP python3 - "$1" "$2" <<'PY'
import json, os, sys, time, urllib.error, urllib.request
H = 'xinghe-kefu.test'
def call(m, body, tok=None):
    h = {'Content-Type': 'application/json'}
    if tok: h['Authorization'] = 'Bearer ' + tok
    r = urllib.request.urlopen(urllib.request.Request(os.environ['PDS'] + '/xrpc/com.atproto.server.' + m, json.dumps(body).encode(), h)).read()
    return json.loads(r) if r else None
def status():
    try: return urllib.request.urlopen(os.environ['APP'] + '/xrpc/app.bsky.actor.getProfile?actor=' + H).status
    except urllib.error.HTTPError as e: return e.code
t = call('createSession', {'identifier': H, 'password': 'xinghe_kefu-pass-1'})['accessJwt']
verb, want = sys.argv[1], int(sys.argv[2])
urllib.request.urlopen(urllib.request.Request(os.environ['PDS'] + '/xrpc/com.atproto.server.' + verb, b'' if verb == 'activateAccount' else b'{}', {'Authorization': 'Bearer ' + t, **({} if verb == 'activateAccount' else {'Content-Type': 'application/json'})}, method='POST'))
for i in range(150):
    if status() == want: break
    time.sleep(0.2)
else: raise SystemExit('the AppView still answers %s' % status())
PY
}
case ${1:-} in away) impostor deactivateAccount 400; exit;; back) impostor activateAccount 200; exit;; esac
main "$@"
