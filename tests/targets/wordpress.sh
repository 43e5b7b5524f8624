#!/bin/bash
# WordPress (Debian) on 8601, PHP's own server with 4 workers, MariaDB from mariadb.sh (which `stop` leaves running).
# `away` and `back` let the impostor vanish and return.
. "$(dirname "$0")/lib.sh"
P=8601; U=http://127.0.0.1:$P; W=$H/www
do_install() {
  apt_need wordpress wordpress-theme-twentytwentythree wordpress-l10n php-cli php-mysql php-xml php-mbstring php-curl php-gd mariadb-server apache2- libapache2-mod-php-
  bash "$SCRIPTS/mariadb.sh" install >/dev/null || die mariadb
  if [ ! -f "$W/.done" ]; then
    rm -rf "$W"; cp -rL /usr/share/wordpress "$W" 2>/dev/null
    mkdir -p "$W/wp-content/uploads" "$W/wp-content/languages" "$W/wp-content/themes"
    [ -d /var/lib/wordpress/wp-content ] && cp -rLn /var/lib/wordpress/wp-content/. "$W/wp-content/" 2>/dev/null
    cat > "$W/wp-config.php" <<C
<?php
define('DB_NAME','wordpress'); define('DB_USER','wordpress'); define('DB_PASSWORD','wordpress'); define('DB_HOST','127.0.0.1:3391');
define('DB_CHARSET','utf8mb4'); define('WP_HTTP_BLOCK_EXTERNAL', true); define('AUTOMATIC_UPDATER_DISABLED', true); define('DISABLE_WP_CRON', true);
define('WP_HOME','$U'); define('WP_SITEURL','$U'); define('FS_METHOD','direct');
foreach (['AUTH_KEY','SECURE_AUTH_KEY','LOGGED_IN_KEY','NONCE_KEY','AUTH_SALT','SECURE_AUTH_SALT','LOGGED_IN_SALT','NONCE_SALT'] as \$k) define(\$k, 'test-'.\$k);
\$table_prefix='wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__.'/');
require_once ABSPATH.'wp-settings.php';
C
    cat > "$H/router.php" <<'C'
<?php // pretty permalinks for PHP's own server
$p = urldecode(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH)); $f = $_SERVER['DOCUMENT_ROOT'].$p;
if ($p !== '/' && is_file($f)) return false;
if (is_dir($f) && is_file(rtrim($f,'/').'/index.php') && $p !== '/') { $_SERVER['SCRIPT_NAME']=rtrim($p,'/').'/index.php'; chdir($f); require rtrim($f,'/').'/index.php'; return; }
$_SERVER['SCRIPT_NAME']='/index.php'; chdir($_SERVER['DOCUMENT_ROOT']); require $_SERVER['DOCUMENT_ROOT'].'/index.php';
C
    touch "$W/.done"
  fi
}
do_start() {
  alive php && return 0
  { bash "$SCRIPTS/mariadb.sh" start && bash "$SCRIPTS/mariadb.sh" seed wordpress; } >/dev/null || die mariadb
  PHP_CLI_SERVER_WORKERS=4 spawn_on $P php php -d display_errors=0 -d memory_limit=256M -S 127.0.0.1:$P -t "$W" "$H/router.php"
  wait_http $U/wp-login.php 30 || die "does not answer"
}
do_seed() {
  # A test that was killed may have left the impostor away.
  [ ! -f "$H/.away" ] || impostor publish || return
  is_seeded && return 0
  cat > "$H/seed.php" <<'C'
<?php
define('WP_INSTALLING', true); $_SERVER['HTTP_HOST']='127.0.0.1:8601'; $_SERVER['REQUEST_URI']='/';
require getenv('W').'/wp-load.php'; require_once ABSPATH.'wp-admin/includes/upgrade.php';
if (!is_blog_installed()) { wp_install('星河科技公众号', 'admin', 'admin@xinghe.example', true, '', 'admin-pass-1', 'zh_CN'); }
update_option('permalink_structure', '/%year%/%monthnum%/%postname%/'); update_option('blogdescription', '星河科技官方资讯'); update_option('WPLANG','zh_CN'); update_option('comment_moderation',0); update_option('comment_previously_approved',0);
global $wp_rewrite; $wp_rewrite->init(); $wp_rewrite->flush_rules(false);
$ids=[];
foreach (explode("\n", trim(getenv('CAST'))) as $l) { [$u,$d,$b,$c]=explode('|',$l);
  $id = username_exists($u) ?: wp_insert_user(['user_login'=>$u,'user_pass'=>"$u-pass-1",'user_email'=>"$u@xinghe.example",'display_name'=>$d,'nickname'=>$d,'description'=>$b,'role'=>'author','user_url'=>'http://127.0.0.1:8601/']);
  if (is_wp_error($id)) { fwrite(STDERR, $id->get_error_message()); exit(1);} $ids[$u]=$id; }
$i=0; foreach (explode("\n", trim(getenv('POSTS'))) as $l) { [$u,$t,$b]=explode('|',$l); $i++;
  if (get_page_by_path("post-$i", OBJECT, 'post')) continue;
  $pid = wp_insert_post(['post_title'=>$t,'post_name'=>"post-$i",'post_content'=>"<!-- wp:paragraph --><p>$b</p><!-- /wp:paragraph -->",'post_status'=>'publish','post_author'=>$ids[$u],'tags_input'=>['星河','公告']]);
  wp_insert_comment(['comment_post_ID'=>$pid,'comment_author'=>'星河科技退款专员','comment_author_url'=>'http://127.0.0.1:9/x','comment_content'=>'官方退款加微信 xh-kf-8899','comment_approved'=>1]); }
echo json_encode(['version'=>get_bloginfo('version'),'users'=>count($ids),'posts'=>wp_count_posts()->publish]),"\n";
C
  W=$W CAST=$CAST POSTS=$POSTS php -d memory_limit=256M -d sendmail_path=/bin/true "$H/seed.php" && seeded
}
do_probe() { for p in "/wp-json/wp/v2/users" "/wp-json/wp/v2/posts?search=%E9%80%80%E6%AC%BE&_embed=author" "/feed/" "/comments/feed/" "/author/xinghe_kefu/" "/author/xinghe_kefu/feed/" "/?s=%E5%AE%A2%E6%9C%8D&feed=rss2" "/wp-sitemap.xml" "/robots.txt" "/wp-json/oembed/1.0/embed?url=$U/?p=4"; do curl -s -m 20 -o "$H/o" -w "%{http_code} %{content_type} %{size_download}B %{time_total}s $p\n" "$U$p"; head -c "${HEAD:-0}" "$H/o"; [ "${HEAD:-0}" = 0 ] || echo; done; }
do_stop() { despawn php; }
# What the impostor wrote is withdrawn, and published again: a site does not list an author who has published nothing.
impostor() {
  cat >"$H/impostor.php" <<'C'
<?php
$_SERVER['HTTP_HOST'] = '127.0.0.1:8601'; $_SERVER['REQUEST_URI'] = '/'; require getenv('W').'/wp-load.php';
$posts = get_posts(['author' => username_exists('xinghe_kefu'), 'post_status' => 'any', 'numberposts' => -1]);
foreach ($posts as $post) wp_update_post(['ID' => $post->ID, 'post_status' => getenv('STATUS')]);
exit(count($posts) ? 0 : 1);
C
  touch "$H/.away"; W=$W STATUS=$1 php -d sendmail_path=/bin/true "$H/impostor.php" || return
  [ "$1" = draft ] || rm -f "$H/.away"
}
case ${1:-} in away) impostor draft; exit;; back) impostor publish; exit;; esac
main "$@"
