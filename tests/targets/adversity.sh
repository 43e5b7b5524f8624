#!/bin/bash
# nginx as the hostile or overloaded site, with faults of TLS, and a server of faults below HTTP. tests/targets/README.md has the list.
# 8090 http; https: 8443 good (own authority, HTTP/2), 8444 expired, 8445 of another name, 8446 self-signed, 8447 TLS 1.0/1.1 only, 8448 intermediate missing; 8092 below HTTP
. "$(dirname "$0")/lib.sh"
T=$H/tls W=$H/www
NAMES='DNS:*.xinghe.example,DNS:localhost,IP:127.0.0.1'

# signed NAME COMMON_NAME ALTERNATIVE_NAMES BY [EXTENSIONS] : a key and a certificate by the authority BY
signed() {
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$2" -keyout "$1.key" -out "$1.csr" 2>/dev/null
  printf 'subjectAltName=%s\n%b' "$3" "${5:-}" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA "$4.pem" -CAkey "$4.key" -CAcreateserial -extfile "$1.ext" -out "$1.pem" -days 30 2>/dev/null
}
# expired : a certificate that was good for a month of 2020; only `openssl ca` takes dates
expired() {
  signed expired localhost "$NAMES" ca
  mkdir -p ca.d && : >ca.d/index && echo 1000 >ca.d/serial
  printf '[ca]\ndefault_ca=d\n[d]\ndatabase=ca.d/index\nserial=ca.d/serial\nnew_certs_dir=ca.d\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' >ca.cnf
  openssl ca -batch -config ca.cnf -cert ca.pem -keyfile ca.key -in expired.csr -out expired.pem -extfile expired.ext -startdate 20200101000000Z -enddate 20200201000000Z 2>/dev/null
}
certificates() {
  openssl x509 -checkend 86400 -noout -in "$T/ok.pem" >/dev/null 2>&1 && return 0
  do_stop; mkdir -p "$T"; cd "$T" || return 1
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/CN=test authority' -keyout ca.key -out ca.pem 2>/dev/null
  signed wrong wrong.example DNS:wrong.example ca
  signed inter 'test intermediate' DNS:x ca 'basicConstraints=CA:TRUE\n'
  signed leaf localhost "$NAMES" inter
  expired
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost -addext "subjectAltName=$NAMES" -keyout self.key -out self.pem 2>/dev/null
  signed ok localhost "$NAMES" ca
}
# profile HANDLE NAME : a page with one account
profile() { printf '<title>%s</title><div class=profile data-handle=%s><h1>%s</h1><p>官方客服，退款请加微信 xh-kf-8899</p></div>' "$2" "$1" "$2"; }
pages() {
  mkdir -p "$W/private" && cd "$W" || return 1
  # Memory that an answer of a few KiB or MiB would take: 1 GiB twice, and 64 MiB packed twice over.
  [ -f bomb.gz ] || { head -c 1G /dev/zero | gzip -9 >bomb2.tmp; head -c 64M /dev/zero | gzip -9 | gzip -9 >bomb2.gz; head -c 1G /dev/zero | brotli -q 5 -c >bomb.br; mv bomb2.tmp bomb.gz; }
  printf 'User-agent: *\nDisallow: /private/\nCrawl-delay: 2\n' >robots.txt
  { printf '<!doctype html><meta charset=utf-8>'; profile xinghe_kefu 星河科技客服中心; } >index.html
  cp index.html private/
  { printf '<!doctype html><meta charset=gbk>'; profile gbk_kefu 星河科技客服中心; } | iconv -t gbk >gbk.html
  { printf '<!doctype html>'; profile undeclared_kefu 星河科技客服中心; } | iconv -t gb18030 >undeclared.html
  printf '<rss version="2.0"><channel><title>t</title><item><link>http://feed.xinghe.example/1</link><title>星河 &nbsp; 未闭合</item></channel>' >broken.rss
  { printf '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">'
    local of=a name; for name in b c d e f g h i; do printf '<!ENTITY %s "&%s;&%s;&%s;&%s;&%s;&%s;&%s;&%s;&%s;&%s;">' $name $of $of $of $of $of $of $of $of $of $of; of=$name; done
    printf '<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><title>&i;</title><item><title>&i;&x;</title><link>http://laughs.xinghe.example/1</link></item></channel></rss>'; } >laughs.rss
  [ -f big.html ] || head -c 20M /dev/urandom >big.html
}
nginx_conf() { cat <<C
worker_processes 1; daemon off; pid $RUN/nginx.self; error_log $LOG/nginx-error.log; user root;
events { worker_connections 512; }
http {
 client_body_temp_path $H/tmp/b; proxy_temp_path $H/tmp/p; fastcgi_temp_path $H/tmp/f; uwsgi_temp_path $H/tmp/u; scgi_temp_path $H/tmp/s;
 access_log $LOG/nginx-access.log; default_type text/html; types { text/html html; application/rss+xml rss; text/plain txt; }
 limit_req_zone \$host zone=limited:1m rate=1r/m;
 root $W; charset off;
 server { listen 127.0.0.1:8090;
  location = /429 { add_header Retry-After 120 always; return 429 'slow down'; }
  location = /503 { add_header Retry-After 'Wed, 21 Oct 2099 07:28:00 GMT' always; return 503; }
  location /limited/ { limit_req zone=limited; limit_req_status 429; error_page 429 = @limited; alias $W/; }
  location @limited { add_header Retry-After 3 always; return 429 'slow down'; }
  location /drip/ { limit_rate 100; alias $W/; }
  location = /bomb { add_header Content-Encoding gzip; alias $W/bomb.gz; types { } }
  location = /bomb2 { add_header Content-Encoding 'gzip, gzip'; alias $W/bomb2.gz; types { } }
  location = /bombbr { add_header Content-Encoding br; alias $W/bomb.br; types { } }
  location = /loop { return 302 /loop; }
  location ~ '^/chain/(?<n>\d+)\$' { return 302 /chain/\${n}0; }
  location = /toprivate { return 302 http://127.77.0.1:8099/latest/meta-data/; }
  location = /tofile { return 302 file:///etc/passwd; }
  location = /close { return 444; }
  location = /etag { add_header Cache-Control 'max-age=1'; alias $W/index.html; }
  location = /captcha { return 403 '<html><title>安全验证</title>请完成验证'; }
  location = /login { return 302 /passport?from=x; }
  location /passport { return 200 '<html><title>登录</title>请先登录'; } }
 server { listen 127.0.0.1:8443 ssl http2; ssl_certificate $T/ok.pem; ssl_certificate_key $T/ok.key;
  location = /protocol { return 200 '\$server_protocol, request \$connection_requests'; } }
 server { listen 127.0.0.1:8444 ssl; ssl_certificate $T/expired.pem; ssl_certificate_key $T/expired.key; }
 server { listen 127.0.0.1:8445 ssl; ssl_certificate $T/wrong.pem; ssl_certificate_key $T/wrong.key; }
 server { listen 127.0.0.1:8446 ssl; ssl_certificate $T/self.pem; ssl_certificate_key $T/self.key; }
 server { listen 127.0.0.1:8447 ssl; ssl_protocols TLSv1 TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0; ssl_certificate $T/ok.pem; ssl_certificate_key $T/ok.key; }
 server { listen 127.0.0.1:8448 ssl; ssl_certificate $T/leaf.pem; ssl_certificate_key $T/leaf.key; }
}
C
}
do_install() { apt_need nginx-light openssl brotli python3-minimal; mkdir -p "$H/tmp"; certificates && pages && nginx_conf >"$H/nginx.conf"; }
do_start() {
  certificates || die "no certificates"
  OPENSSL_CONF=/dev/null spawn_on 8090 nginx nginx -e "$LOG/nginx-error.log" -c "$H/nginx.conf" -p "$H"
  spawn_on 8092 raw python3 "$SCRIPTS/raw_faults.py"
  wait_tcp 8090 10 && wait_tcp 8092 10 && wait_tcp 8448 10 || die "does not answer"
}
do_seed() { :; }
do_probe() {
  local i c="curl -s -m 3 -o /dev/null"
  for i in 429 503 loop chain/1 toprivate tofile close captcha etag login gbk.html laughs.rss; do $c -L --max-redirs 5 --proto-redir =http,https -w "%{http_code} exit=%{exitcode} redirects=%{num_redirects} /$i\n" "http://127.0.0.1:8090/$i"; done
  ls -l "$W/bomb.gz" "$W/bomb.br" "$W/bomb2.gz" | awk '{print $9,$5}'
  for i in 8443 8444 8445 8446 8447 8448; do $c --cacert "$T/ca.pem" -w "$i http=%{http_code}/%{http_version} exit=%{exitcode} %{errormsg}\n" "https://localhost:$i/"; done
  for i in hang slowhead slowbody short reset badchunk endlesschunks hugehead garbage smuggle plain; do $c -w "/$i http=%{http_code} exit=%{exitcode} %{errormsg}\n" "http://127.0.0.1:8092/$i"; done
}
do_stop() { despawn nginx raw; }
main "$@"
