#!/bin/bash
# Real mail: Postfix (submission 5871 STARTTLS+AUTH required, 4651 implicit TLS, 2525 plain relay inbound) and Dovecot (IMAP 1143 STARTTLS, IMAPS 9931, POP3 1110, POP3S 9951, SASL + LMTP for Postfix).
# Both run from private directories under $TARGETS_HOME, with a private test CA; nothing in /etc is touched.
. "$(dirname "$0")/lib.sh"
D=mail.xinghe.example
do_install() {
  apt_need postfix dovecot-imapd dovecot-lmtpd dovecot-pop3d openssl procps
  mkdir -p "$H/tls" "$H/pf" "$H/spool" "$H/pfdata" "$H/dv" "$H/vmail"
  if ! openssl x509 -checkend 86400 -noout -in "$H/tls/srv.pem" >/dev/null 2>&1; then do_stop; ( cd "$H/tls"
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=targets test CA" -keyout ca.key -out ca.pem -addext basicConstraints=critical,CA:TRUE 2>/dev/null
    mk() { openssl req -newkey rsa:2048 -nodes -subj "/CN=$2" -keyout $1.key -out $1.csr 2>/dev/null
      printf 'subjectAltName=%s\n' "$3" > $1.ext; shift 3; openssl x509 -req -in "${f:=$F}".csr "$@" -extfile $F.ext -out $F.pem 2>/dev/null; }
    F=srv; f=; mk srv localhost "DNS:localhost,DNS:$D,IP:127.0.0.1" -CA ca.pem -CAkey ca.key -CAcreateserial -days 30
    chmod 600 *.key ); fi
  cat > "$H/dv/users" <<U
alerts:{PLAIN}alerts-pass-1::::::
analyst:{PLAIN}analyst-pass-1::::::
overfull:{PLAIN}overfull-pass-1::::::userdb_quota_rule=*:bytes=1000
U
  printf 'alerts-pass-1\n' > "$H/alerts.password"
  id vmail >/dev/null 2>&1 || useradd -r -s /usr/sbin/nologin vmail
  cat > "$H/dv/dovecot.conf" <<C
protocols = imap lmtp pop3
mail_plugins = quota
plugin {
  quota = maildir:quota
}
listen = 127.0.0.1
base_dir = $H/dv/run
log_path = $LOG/dovecot.log
ssl = yes
ssl_cert = <$H/tls/srv.pem
ssl_key = <$H/tls/srv.key
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:$H/vmail/%n
mail_uid = vmail
mail_gid = vmail
first_valid_uid = 1
passdb {
  driver = passwd-file
  args = username_format=%n $H/dv/users
}
userdb {
  driver = passwd-file
  args = username_format=%n $H/dv/users
  default_fields = uid=vmail gid=vmail home=$H/vmail/%n
}
service imap-login {
  inet_listener imap { port = 1143 }
  inet_listener imaps { port = 9931 }
}
service pop3-login {
  inet_listener pop3 { port = 1110 }
  inet_listener pop3s { port = 9951 }
}
service auth { unix_listener $H/spool/private/auth { 
  mode = 0666
 } }
service lmtp { unix_listener $H/spool/private/dovecot-lmtp { 
  mode = 0666
 } }
C
  # one setting a line: dovecot's parser wants it
  sed -i -E 's/\{ (port = [0-9]+) \}/{\n    \1\n  }/; s/^service (auth|lmtp) \{ (unix_listener [^ ]+ \{) $/service \1 {\n \2/; s/^ \} \}$/ }\n}/' "$H/dv/dovecot.conf"
  cat > "$H/pf/main.cf" <<C
compatibility_level = 3.6
queue_directory = $H/spool
data_directory = $H/pfdata
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = $D
mydestination =
mynetworks =
virtual_mailbox_domains = xinghe.example
virtual_transport = lmtp:unix:private/dovecot-lmtp
alias_maps =
maillog_file = $LOG/postfix.log
maillog_file_prefixes = $LOG
smtpd_tls_cert_file = $H/tls/srv.pem
smtpd_tls_key_file = $H/tls/srv.key
smtpd_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access texthash:$H/pf/rcpt, permit_sasl_authenticated, reject_unauth_destination
default_transport = error:no outbound mail from the test server
smtpd_client_message_rate_limit = \${rate}
rate = 0
message_size_limit = 1048576
smtputf8_enable = yes
C
  cat > "$H/pf/rcpt" <<C
greylist@xinghe.example 450 4.2.0 Greylisted, try again later
gone@xinghe.example 550 5.1.1 User unknown
full@xinghe.example 452 4.2.2 Mailbox full
C
  cat > "$H/pf/master.cf" <<C
127.0.0.1:2525 inet n - n - - smtpd
127.0.0.1:5871 inet n - n - - smtpd -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes -o smtpd_tls_auth_only=yes
127.0.0.1:4651 inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
C
}
do_start() {
  chmod 755 "$TARGETS_HOME" "$H"; mkdir -p "$H"/spool/{pid,private,public,maildrop,incoming,active,deferred,defer,bounce,corrupt,hold,flush,saved,trace}; mkdir -p "$H/vmail"; chown vmail "$H/vmail"
  chown -R postfix "$H/pfdata"; chown postfix "$H"/spool/{private,public,incoming,active,deferred,defer,bounce,corrupt,hold,flush,saved,trace}; chown root "$H/spool" "$H/spool/pid"
  chown postfix:postdrop "$H"/spool/{maildrop,public}; chmod 730 "$H/spool/maildrop"; chmod 710 "$H/spool/public"; chmod 755 "$H"/spool/private; touch "$LOG/postfix.log"
  spawn dovecot dovecot -F -c "$H/dv/dovecot.conf"
  spawn postfix postfix -c "$H/pf" start-fg
  wait_tcp 1143 15 && wait_tcp 5871 15
}
do_seed() { :; }
do_probe() {
  apt_need swaks libnet-ssleay-perl curl
  local s="swaks --timeout 10 --silent 2 --from alerts@xinghe.example --tls-ca-path $H/tls/ca.pem"
  echo "1 submission STARTTLS+AUTH:"; $s --to analyst@xinghe.example --server 127.0.0.1:5871 --tls --auth PLAIN -au alerts -ap alerts-pass-1 --header 'Subject: =?UTF-8?B?'"$(printf '疑似冒充账号告警' | base64)"'?=' --body '发现疑似冒充账号：星河科技客服中心'; echo rc=$?
  echo "2 no TLS on submission:"; $s --to analyst@xinghe.example --server 127.0.0.1:5871 2>&1 | grep -E '^<\*\*|^<-.*5..' | head -2
  echo "3 wrong password:"; $s --to analyst@xinghe.example --server 127.0.0.1:5871 --tls --auth PLAIN -au alerts -ap nope 2>&1 | grep -E '535' | head -1
  echo "4 implicit TLS:"; $s --to analyst@xinghe.example --server 127.0.0.1:4651 --tls-on-connect --auth LOGIN -au alerts -ap alerts-pass-1; echo rc=$?
  for r in greylist gone full; do echo "5 $r:"; $s --to $r@xinghe.example --server 127.0.0.1:5871 --tls --auth PLAIN -au alerts -ap alerts-pass-1 2>&1 | grep -E '4[0-9][0-9] |55[0-9] ' | head -1; done
  sleep 1; echo "6 IMAP:"; curl -s --cacert "$H/tls/ca.pem" -u analyst:analyst-pass-1 "imaps://localhost:9931/INBOX;UID=1" | grep -E -i '^(Subject|From|Received: from|.*TLS)' | head -4
  curl -s --cacert "$H/tls/ca.pem" --ssl-reqd -u analyst:analyst-pass-1 "imap://localhost:1143/" -X 'STATUS INBOX (MESSAGES)'
}
do_stop() { alive postfix && postfix -c "$H/pf" stop >/dev/null 2>&1; despawn postfix dovecot; }
main "$@"
