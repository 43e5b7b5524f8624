//! Facts about reading pages.

use proptest::prelude::{any, proptest};
use url::Url;

use crate::model::capture::Verdict;
use crate::model::source::EntryKind;
use crate::model::time::Timestamp;
use crate::platform::{Definition, Extraction, Page, extract};

const FORUM: &str = r#"
id = "forum"
name = "示例论坛"

[entry.search]
url = "{base}/search?q={term}"
each = "article"
next = "a.next@href"
follow = ["account", "post"]
[entry.search.post]
url = "a.permalink@href"
title = "h3"
text = ".content@html"
published = "time"
author = { handle = "a.author@data-id", name = "a.author", url = "a.author@href" }

[entry.account]
follow = { listing = "a.board@href" }
[entry.account.account]
handle = { from = "url", regex = "/u/([^/?]+)" }
display_name = "h1"
bio = ".bio@html"
verification = { type = { select = ".badge@data-kind", map = { "2" = "机构认证" } }, text = ".badge" }
followers = ".followers"
avatar = { url = "img@src", phash64 = "img@data-phash" }
[entry.account.post]
each = ".post"
url = "a@href"
text = ".text"

[entry.listing]
url = "{base}/hot"
follow = { account = ["a.user@href"] }

[verdict]
found = []
empty = ["没有找到相关内容", "css:.no-user"]
blocked = ["请刷新后重试", "css:.wall"]
redirect_blocked = ["/gate"]
"#;

const TWO_POSTS: &str = r#"<body>
<article><h3>储能 日记</h3><a class="permalink" href="/t/1">#</a>
  <a class="author" data-id="yun_li" href="/u/yun_li">云里</a><time>3小时前</time>
  <div class="content">云<b>舟</b>储能<br>第二行<script>var x</script></div></article>
<article><a class="permalink" href="t/2#floor">#</a><time>某日</time><div class="content">hello</div></article>
<a class="next" href="?q=x&amp;page=2">下一页</a></body>"#;

fn read_as(toml: &str, entry: EntryKind, url: &str, status: u16, text: &str) -> Extraction {
    let definition = Definition::parse("forum.toml", toml).unwrap();
    let url = Url::parse(url).unwrap();
    let page = Page {
        url: &url,
        entry,
        status,
        content_type: "text/html",
        text,
        fetched_at: Timestamp::parse("2026-11-20T18:00:00+08:00").unwrap(),
        zone: chrono_tz::Asia::Shanghai,
        base: "https://forum.example",
    };
    extract(&definition, &page)
}

fn search(text: &str) -> Extraction {
    read_as(FORUM, EntryKind::Search, "https://forum.example/search?q=x", 200, text)
}

fn account(status: u16, text: &str) -> Extraction {
    read_as(FORUM, EntryKind::Account, "https://forum.example/u/yun_li?tab=all", status, text)
}

fn json(entry: &str, text: &str) -> Extraction {
    let toml =
        format!("id = \"api\"\nname = \"接口\"\nformat = \"json\"\n[entry.listing]\nurl = \"{{base}}/x\"\n{entry}");
    read_as(&toml, EntryKind::Listing, "https://api.example/x", 200, text)
}

fn feed(text: &str) -> Extraction {
    let toml = "id = \"feed\"\nname = \"订阅\"\nformat = \"feed\"\n[entry.listing]\nurl = \"{base}\"\n[entry.listing.post]\n\
                [entry.listing.account]\nhandle = \"feed.link\"\ndisplay_name = \"feed.title\"\nbio = \"feed.description\"\n";
    read_as(toml, EntryKind::Listing, "https://feed.example/rss", 200, text)
}

fn reason(extraction: &Extraction) -> &str {
    match &extraction.verdict {
        Verdict::Blocked { reason } => reason,
        Verdict::Found => "(found)",
        Verdict::Empty => "(empty)",
    }
}

#[test]
fn posts_are_read_with_author_date_and_breaks() {
    let read = search(TWO_POSTS);
    assert_eq!(read.verdict, Verdict::Found);
    let post = &read.posts[0];
    assert_eq!(post.url, "https://forum.example/t/1");
    assert_eq!((post.title.as_str(), post.text.as_str()), ("储能 日记", "云舟储能\n第二行"));
    assert_eq!((post.account.as_deref(), post.author_name.as_str()), (Some("yun_li"), "云里"));
    assert_eq!(post.published.unwrap().to_string(), "2026-11-20T07:00:00Z");
    assert_eq!(post.platform.as_str(), "forum");
}

#[test]
fn links_lead_on_and_are_absolute() {
    let read = search(TWO_POSTS);
    let links: Vec<String> = read.follow.iter().map(|link| format!("{:?} {}", link.entry, link.url)).collect();
    assert_eq!(
        links,
        ["Account https://forum.example/u/yun_li", "Post https://forum.example/t/1", "Post https://forum.example/t/2"]
    );
    assert_eq!(read.next.unwrap().as_str(), "https://forum.example/search?q=x&page=2");
}

#[test]
fn a_page_may_say_from_where_its_links_start() {
    for base in ["<base href=/deep/>", "<bAsE\n href='https://forum.example/deep/'>"] {
        let read = search(&format!("{base}{}", TWO_POSTS.replace("href=\"/", "href=\"")));
        let follow: Vec<&str> = read.follow.iter().map(|follow| follow.url.as_str()).collect();
        assert!(!follow.is_empty() && follow.iter().all(|url| url.contains("/deep/")), "{follow:?}");
    }
}

#[test]
fn a_date_in_no_known_form_is_told_and_the_post_stays() {
    let read = search(TWO_POSTS);
    assert_eq!(read.posts[1].published, None);
    assert_eq!(read.problems, ["post row 2: the date is in no known form"]);
}

#[test]
fn a_bad_row_does_not_stop_the_page() {
    let read = search(
        "<article><div class=content>没有地址</div></article><article><a class=permalink href=/t/3></a><h3>好</h3></article>",
    );
    assert_eq!(read.posts.len(), 1);
    assert_eq!(read.problems, ["post row 1: no address"]);
}

#[test]
fn a_link_that_is_not_of_the_web_is_no_address() {
    let read = search("<article><a class=permalink href='javascript:alert(1)'></a><h3>坏</h3></article>");
    assert_eq!(reason(&read), "layout");
    assert_eq!(read.problems, ["post row 1: no address"]);
}

#[test]
fn the_same_post_twice_is_one() {
    let row = "<article><a class=permalink href=/t/3></a><h3>好</h3></article>";
    assert_eq!(search(&row.repeat(2)).posts.len(), 1);
}

#[test]
fn a_page_with_more_rows_than_the_limit_is_cut_and_says_so() {
    let row = |n: usize| format!("<article><a class=permalink href=/t/{n}></a><h3>好</h3></article>");
    let read = search(&(0..2_100).map(row).collect::<String>());
    assert_eq!(read.posts.len(), 2_000);
    assert_eq!(read.problems, ["more than 2000 rows, the rest is left out"]);
}

#[test]
fn a_text_beyond_the_limit_is_cut() {
    let long = "云".repeat(200_100);
    let read = search(&format!("<article><a class=permalink href=/t/3></a><div class=content>{long}</div></article>"));
    assert_eq!(read.posts[0].text.chars().count(), 200_000);
}

#[test]
fn a_profile_is_read_field_by_field() {
    let page = r#"<h1>云里 · 星河科技</h1><p class=bio>储能工程师<br>个人观点</p><span class=badge data-kind=2>星河科技</span>
        <i class=followers>粉丝 1.2万</i><img src="/a.png" data-phash="00FF00ff00ff00ff"><a class=board href=/b/9>板</a>
        <div class=post><a href=/t/7>#</a><p class=text>今天开工</p></div>"#;
    let read = account(200, page);
    let account = &read.accounts[0];
    assert_eq!((account.handle.as_str(), account.url.as_str()), ("yun_li", "https://forum.example/u/yun_li?tab=all"));
    assert_eq!((account.display_name.as_str(), account.bio.as_str()), ("云里 · 星河科技", "储能工程师\n个人观点"));
    assert_eq!((account.verification.kind.as_str(), account.verification.text.as_str()), ("机构认证", "星河科技"));
    assert_eq!(account.followers, 12_000);
    assert_eq!(account.avatar.url.as_deref(), Some("https://forum.example/a.png"));
    assert_eq!(account.avatar.phash64.as_deref(), Some("00ff00ff00ff00ff"));
    assert_eq!(read.posts[0].account.as_deref(), Some("yun_li"));
    assert_eq!(read.follow[0].url.as_str(), "https://forum.example/b/9");
}

#[test]
fn invisible_characters_in_a_name_are_kept() {
    let read = account(200, "<h1>云\u{200b}舟</h1>");
    assert_eq!(read.accounts[0].display_name, "云\u{200b}舟");
}

#[test]
fn a_handle_in_the_address_alone_is_no_account() {
    assert_eq!(reason(&account(200, "<p>欢迎来到论坛</p>")), "layout");
}

#[test]
fn what_a_page_recommends_beside_a_structural_nothing_is_not_found() {
    let toml = FORUM.replace("css:.no-user", "css:.no-result");
    let page = format!("<div class=no-result></div>{TWO_POSTS}");
    let read = read_as(&toml, EntryKind::Search, "https://forum.example/search", 200, &page);
    assert_eq!(read.verdict, Verdict::Empty);
    assert!(read.posts.is_empty());
}

#[test]
fn a_page_of_links_alone_is_found() {
    let read = read_as(FORUM, EntryKind::Listing, "https://forum.example/hot", 200, "<a class=user href=/u/a>a</a>");
    assert_eq!(read.verdict, Verdict::Found);
    assert_eq!(read.follow.len(), 1);
}

#[test]
fn silence_is_not_empty() {
    assert_eq!(reason(&search("<body><p>欢迎</p></body>")), "layout");
    assert_eq!(reason(&search("")), "no content");
}

#[test]
fn a_page_that_says_so_is_empty() {
    assert_eq!(search("<p>抱歉，没有找到相关内容</p><form>验证码</form>").verdict, Verdict::Empty);
    assert_eq!(account(200, "<div class=no-user></div>").verdict, Verdict::Empty);
}

#[test]
fn a_wall_is_blocked_even_where_the_page_also_says_nothing_was_found() {
    assert_eq!(reason(&search("<p>没有找到相关内容，请登录后查看</p>")), "mark 请登录后查看");
    assert_eq!(reason(&search("<p>请刷新后重试</p>")), "mark 请刷新后重试");
    assert_eq!(reason(&search("<p>请输入下图中的验证码</p>")), "mark 验证码");
}

#[test]
fn somebody_who_quotes_a_wall_does_not_block_the_page() {
    let page = TWO_POSTS.replace("hello", "页面提示「访问过于频繁，请刷新后重试」");
    assert_eq!(search(&page).verdict, Verdict::Found);
}

#[test]
fn a_wall_in_the_structure_blocks_a_page_with_rows() {
    let read = search(&format!("{TWO_POSTS}<div class=wall></div>"));
    assert_eq!(reason(&read), "mark css:.wall");
    assert!(read.posts.is_empty());
}

#[test]
fn a_page_without_its_mark_of_presence_is_another_page() {
    let toml = FORUM.replace("found = []", "found = [\"css:.results\"]");
    let url = "https://forum.example/search?q=x";
    let other = read_as(&toml, EntryKind::Search, url, 200, TWO_POSTS);
    assert_eq!(reason(&other), "layout");
    let right = read_as(&toml, EntryKind::Search, url, 200, &format!("<div class=results>{TWO_POSTS}</div>"));
    assert_eq!(right.verdict, Verdict::Found);
}

#[test]
fn a_status_that_refuses_is_blocked() {
    for status in [401, 403, 429, 418, 500, 503, 302] {
        assert_eq!(reason(&account(status, "<h1>云里</h1>")), format!("status {status}"));
    }
}

#[test]
fn an_account_that_is_gone_is_empty_but_a_list_that_is_gone_has_moved() {
    assert_eq!(account(404, "<h1>404</h1>").verdict, Verdict::Empty);
    assert_eq!(account(410, "").verdict, Verdict::Empty);
    let list = read_as(FORUM, EntryKind::Search, "https://forum.example/search", 404, "<h1>404</h1>");
    assert_eq!(reason(&list), "status 404");
}

#[test]
fn an_answer_that_says_that_there_is_nothing_has_no_bad_rows() {
    let toml = "id = \"api\"\nname = \"接口\"\nformat = \"json\"\n[entry.listing]\nurl = \"{base}/x\"\neach = \"$[*]\"\n\
                [entry.listing.account]\nhandle = \"$.id\"\n[entry.listing.verdict]\nempty_status = [400]\n";
    let text = r#"{"code":"no_such_page","message":"-"}"#;
    let read = read_as(toml, EntryKind::Listing, "https://api.example/x", 400, text);
    assert_eq!((read.verdict, read.problems), (Verdict::Empty, Vec::new()));
}

#[test]
fn a_wall_with_the_status_of_absence_is_blocked() {
    assert_eq!(reason(&account(404, "<h1>安全验证</h1>")), "mark 安全验证");
}

#[test]
fn a_redirect_to_a_gate_is_blocked() {
    let read = read_as(FORUM, EntryKind::Search, "https://forum.example/gate?back=x", 200, TWO_POSTS);
    assert_eq!(reason(&read), "redirect to /gate");
    let read = read_as(FORUM, EntryKind::Search, "https://forum.example/login", 200, "<p>没有找到相关内容</p>");
    assert_eq!(reason(&read), "redirect to /login");
}

#[test]
fn a_gate_may_lie_in_a_folder_but_is_no_part_of_a_word() {
    let nothing = "<p>没有找到相关内容</p>";
    for (address, wall) in [("/user/login/?next=/u/1", "/login"), ("/users/sign_in", "/sign_in")] {
        let read = read_as(FORUM, EntryKind::Search, &format!("https://forum.example{address}"), 200, nothing);
        assert_eq!(reason(&read), format!("redirect to {wall}"));
    }
    let read = read_as(FORUM, EntryKind::Search, "https://forum.example/topics/login-trouble", 200, nothing);
    assert_eq!(read.verdict, Verdict::Empty);
}

#[test]
fn a_redirect_to_where_gone_things_lead_is_empty() {
    let toml = FORUM.replace("redirect_blocked", "redirect_empty = [\"/error?type=2\"]\nredirect_blocked");
    let read = read_as(&toml, EntryKind::Account, "https://forum.example/error?type=2", 200, "<h1>云里</h1>");
    assert_eq!(read.verdict, Verdict::Empty);
    let refused = read_as(&toml, EntryKind::Account, "https://forum.example/error?type=2", 403, "");
    assert_eq!(reason(&refused), "status 403");
}

#[test]
fn an_address_may_be_made_of_several_values_of_the_row() {
    let entry = "each = \"$[*]\"\n[entry.listing.post]\ntext = \"$.t\"\n\
                 url = { select = \"$.id\", template = \"{base}/{board}/{value}\", with = { board = \"$.in.code\" } }\n";
    let read = json(entry, r#"[{"id":7,"t":"云舟","in":{"code":"a b"}},{"id":8,"t":"早"}]"#);
    assert_eq!(read.posts[0].url, "https://forum.example/a%20b/7");
    assert_eq!((read.posts.len(), read.problems.as_slice()), (1, ["post row 2: no address".to_owned()].as_slice()));
}

#[test]
fn accounts_and_posts_may_belong_to_another_platform() {
    let toml = FORUM.replacen("name = ", "accounts_of = \"site\"\nname = ", 1);
    let read = read_as(&toml, EntryKind::Search, "https://forum.example/search?q=x", 200, TWO_POSTS);
    assert!(read.posts.iter().all(|post| post.platform.as_str() == "site"));
    let read = read_as(&toml, EntryKind::Account, "https://forum.example/u/yun_li", 200, "<h1>云里</h1>");
    assert_eq!(read.accounts[0].platform.as_str(), "site");
}

#[test]
fn only_so_many_links_are_followed() {
    let toml = FORUM.replace("[entry.listing]\n", "[entry.listing]\nlinks_max = 1\n");
    let page = "<a class=user href=/u/1></a><a class=user href=/u/2></a>";
    let read = read_as(&toml, EntryKind::Listing, "https://forum.example/hot", 200, page);
    assert_eq!(read.follow.len(), 1);
}

#[test]
fn a_sitemap_leads_to_the_pages_that_an_expression_lets_through() {
    let toml = "id = \"site\"\nname = \"网站\"\nformat = \"sitemap\"\n[entry.listing]\nurl = \"{base}\"\nlinks_max = 1\n\
                follow = { post = { select = \"page\", regex = '^.*/news/.*$' }, listing = \"sitemap\" }\n";
    let read = |text: &str| read_as(toml, EntryKind::Listing, "https://forum.example/sitemap.xml", 200, text);
    let old: String =
        (0..3_000).map(|n| format!("<url><loc>/shop/{n}</loc><lastmod>2026-11-01</lastmod></url>")).collect();
    let pages = read(&format!("<urlset>{old}<url><loc>/news/1</loc></url><url><loc>/news/2</loc></url></urlset>"));
    assert_eq!(pages.follow.iter().map(|link| link.url.path()).collect::<Vec<_>>(), ["/news/1"]);
    assert_eq!(read("<urlset></urlset>").verdict, Verdict::Empty);
    assert_eq!(reason(&read("<p>x</p>")), "not a sitemap");
    assert_eq!(reason(&read("<urlset><url><loc>/shop/1</loc></url></urlset>")), "layout");
    let index = read("<sitemapindex><sitemap><loc>/a.xml</loc></sitemap></sitemapindex>");
    assert_eq!((index.verdict, index.follow[0].entry), (Verdict::Found, EntryKind::Listing));
}

#[test]
fn rows_of_json_are_read() {
    let entry = "each = \"$.data.list[*]\"\n[entry.listing.post]\nurl = { select = \"$.id\", template = \"{base}/t/{value}\" }\n\
                 text = { select = \"$.html\", decode = \"html\" }\npublished = { select = \"$.at\", format = \"unix_ms\" }\n\
                 author = { handle = \"$.user.uid\", name = \"$.user.nick\" }\n";
    let text = r#"cb({"data":{"list":[{"id":7,"html":"云<br>舟","at":1795176720000,"user":{"uid":42,"nick":"云里"}},{"id":8}]}})"#;
    let read = json(entry, text);
    let post = &read.posts[0];
    assert_eq!((post.url.as_str(), post.text.as_str()), ("https://forum.example/t/7", "云\n舟"));
    assert_eq!((post.account.as_deref(), post.author_name.as_str()), (Some("42"), "云里"));
    assert_eq!(post.published.unwrap().ms(), 1_795_176_720_000);
    assert_eq!(read.problems, ["post row 2: neither title nor text"]);
}

#[test]
fn json_inside_a_script_is_read() {
    let entry = "script_variable = \"article_list\"\neach = \"$.re[*]\"\n[entry.listing.post]\nurl = \"$.u\"\ntitle = \"$.t\"\n";
    let read =
        json(entry, "<html><script>var article_list={\"re\":[{\"u\":\"/n/1\",\"t\":\"标题；}\"}]};</script></html>");
    assert_eq!(read.posts[0].title, "标题；}");
    let read = json(entry, "<html><body>页面不存在这个变量</body></html>");
    assert_eq!(reason(&read), "not json");
}

#[test]
fn a_json_list_without_elements_is_empty_and_a_missing_list_is_not() {
    let entry = "each = \"$.list[*]\"\n[entry.listing.post]\nurl = \"$.u\"\ntitle = \"$.t\"\n";
    assert_eq!(json(entry, r#"{"list":[]}"#).verdict, Verdict::Empty);
    assert_eq!(reason(&json(entry, r#"{"lists":[]}"#)), "layout");
    assert_eq!(reason(&json(entry, r#"{"list":[],"message":"访问过于频繁"}"#)), "mark 访问过于频繁");
    assert_eq!(json(entry, r#"{"list":[],"captcha":false}"#).verdict, Verdict::Empty);
    assert_eq!(reason(&json(entry, "<html>登录后查看</html>")), "mark 登录后查看");
    assert_eq!(reason(&json(entry, "oops")), "not json");
}

#[test]
fn a_page_that_comes_instead_of_json_is_read_as_a_visitor_would() {
    let toml = "empty = [\"没有内容\"]\n";
    let entry = format!(
        "each = \"$.list[*]\"\n[entry.listing.post]\nurl = \"$.u\"\ntitle = \"$.t\"\n[entry.listing.verdict]\n{toml}"
    );
    assert_eq!(json(&entry, "<html><p>没有内容</p></html>").verdict, Verdict::Empty);
    assert_eq!(reason(&json(&entry, "<html><script>var words = '没有内容'</script></html>")), "not json");
}

fn title_by(field: &str) -> String {
    let toml = format!("id = \"a\"\nname = \"a\"\n[entry.post.post]\ntitle = {field}\n");
    let page = "<h1>云舟</h1><i>甲</i><i>乙</i><b data-n=3></b><u>&lt;em&gt;斜&lt;/em&gt;</u>";
    let read = read_as(&toml, EntryKind::Post, "https://forum.example/t/42?p=1", 200, page);
    read.posts.first().map(|post| post.title.clone()).unwrap_or_default()
}

#[test]
fn a_field_can_cut_join_map_and_decode() {
    assert_eq!(title_by("[\"h2\", \"h1\"]"), "云舟");
    assert_eq!(title_by("{ select = \"i\", join = \"、\" }"), "甲、乙");
    assert_eq!(title_by("{ select = \"h1\", regex = \"云(.)\" }"), "舟");
    assert_eq!(title_by("{ select = \"h1\", regex = \"山(.)\" }"), "");
    assert_eq!(title_by("{ select = \"b\", attribute = \"data-n\", map = { 3 = \"三\" } }"), "三");
    assert_eq!(title_by("{ select = \"u\", decode = \"html\" }"), "斜");
    assert_eq!(title_by("{ from = \"url\", regex = \"/t/([0-9]+)\" }"), "42");
}

#[test]
fn a_template_needs_its_value_and_a_constant_stands_in() {
    assert_eq!(
        title_by("{ select = \"h1\", template = \"{base}/s/{value}\" }"),
        "https://forum.example/s/%E4%BA%91%E8%88%9F"
    );
    assert_eq!(title_by("{ select = \"h1\", template = \"《{+value}》\" }"), "《云舟》");
    assert_eq!(title_by("{ select = \"h2\", template = \"有\" }"), "");
    assert_eq!(title_by("{ select = \"h1\", template = \"有\" }"), "有");
    assert_eq!(title_by("{ select = \"h2\", constant = \"无\" }"), "无");
}

const RSS: &str = r#"<?xml version="1.0" encoding="GBK"?><rss version="2.0"><channel><title>云舟笔记</title>
<link>https://feed.example/</link><description>储能</description>
<item><title>第一篇</title><link>/p/1</link><description>&lt;p&gt;云舟&lt;br&gt;储能&lt;/p&gt;</description>
<pubDate>2026-11-20 08:15</pubDate><author>li@feed.example (云里)</author></item>
</channel></rss>"#;

#[test]
fn a_feed_is_read_though_its_prolog_names_another_encoding() {
    let read = feed(RSS);
    let post = &read.posts[0];
    assert_eq!((post.url.as_str(), post.title.as_str()), ("https://feed.example/p/1", "第一篇"));
    assert_eq!((post.text.as_str(), post.author_name.as_str()), ("云舟\n储能", "云里"));
    assert_eq!(post.published.unwrap().to_string(), "2026-11-20T00:15:00Z");
    let account = &read.accounts[0];
    assert_eq!((account.handle.as_str(), account.display_name.as_str()), ("https://feed.example/", "云舟笔记"));
}

#[test]
fn a_feed_without_entries_shows_its_account_or_is_empty() {
    let named = "<rss version=\"2.0\"><channel><title>x</title><link>https://feed.example/</link></channel></rss>";
    assert_eq!((feed(named).verdict, feed(named).accounts.len()), (Verdict::Found, 1));
    let bare = "<rss version=\"2.0\"><channel><title>x</title></channel></rss>";
    assert_eq!(feed(bare).verdict, Verdict::Empty);
}

#[test]
fn atom_and_json_feed_are_read() {
    let atom = r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><id>f</id><updated>2026-11-20T00:00:00Z</updated>
        <entry><id>e</id><title>标题</title><link rel="self" href="/self"/><link href="/e/1"/><updated>2026-11-19T00:00:00Z</updated>
        <content type="html">&lt;b&gt;云&lt;/b&gt;舟</content><author><name>云里</name></author></entry></feed>"#;
    let post = &feed(atom).posts[0];
    assert_eq!((post.url.as_str(), post.text.as_str()), ("https://feed.example/e/1", "云舟"));
    let json = r#"{"version":"https://jsonfeed.org/version/1.1","title":"t","items":[{"id":"1","url":"https://feed.example/j/1","content_text":"a <b> c"}]}"#;
    let post = &feed(json).posts[0];
    assert_eq!((post.url.as_str(), post.text.as_str()), ("https://feed.example/j/1", "a <b> c"));
}

#[test]
fn links_of_a_feed_lead_on() {
    let toml = "id = \"feed\"\nname = \"订阅\"\nformat = \"feed\"\n[entry.listing]\nurl = \"{base}\"\nfollow = { post = \"link\" }\n";
    let read = read_as(toml, EntryKind::Listing, "https://feed.example/rss", 200, RSS);
    assert_eq!(read.follow[0].url.as_str(), "https://feed.example/p/1");
}

#[test]
fn a_broken_feed_is_blocked() {
    for text in ["", "<html><body>x</body></html>", "<rss version=\"2.0\"><channel><item>", "{\"version\":", "plain"] {
        assert_eq!(reason(&feed(text)), "not a feed", "{text}");
    }
}

#[test]
fn a_page_nested_beyond_reason_does_no_harm() {
    assert_eq!(reason(&search(&"<div><b>".repeat(20_000))), "nested too deeply");
    feed(&format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><content type=\"xhtml\">{}",
        "<div>".repeat(50_000)
    ));
    json("[entry.listing.post]\ntext = \"$..x\"\n", &"{\"x\":".repeat(50_000));
}

#[test]
fn an_entry_that_the_file_lacks_is_blocked() {
    let read = read_as(FORUM, EntryKind::Post, "https://forum.example/t/1", 200, TWO_POSTS);
    assert_eq!(reason(&read), "no such entry");
}

proptest! {
    #[test]
    fn no_text_makes_any_format_panic(text in any::<String>()) {
        search(&text);
        feed(&text);
        json("each = \"$..a\"\n[entry.listing.post]\nurl = \"$.u\"\ntitle = \"$.t\"\n", &text);
    }

    #[test]
    fn nothing_that_looks_like_a_page_makes_it_panic(
        parts in proptest::collection::vec(
            proptest::sample::select(vec![
                "<article>", "</article>", "<a class=permalink href=", "/t/1>", "<div class=content>", "云舟", "<br>", "&#x0;",
                "<rss version=\"2.0\"><channel>", "<item>", "<title>", "</title>", "<![CDATA[", "]]>", "<?xml", "<feed>", "{", "}",
                "[", "]", "\"list\":", "\"t\"", ",", "cb(", ")", "<time>", "3天前", "\u{200b}", "&", "<", ">", "'",
            ]),
            0..40,
        )
    ) {
        let text = parts.concat();
        search(&text);
        feed(&text);
        json("script_variable = \"list\"\neach = \"$[*]\"\n[entry.listing.post]\nurl = \"$.u\"\ntitle = \"$.t\"\n", &text);
        json("each = \"$.list[*]\"\n[entry.listing.post]\nurl = \"$.u\"\ntitle = \"$.t\"\n", &text);
    }
}
