//! 号外, public accounts: a profile page, and the articles as an RSS feed.

use crate::demo::site::answer::Answer;
use crate::demo::site::faces::Face;
use crate::demo::site::html::{Esc, next_link, page, short_count};
use crate::demo::site::view::{Rows, View};
use crate::demo::site::{avatar, dates};
use crate::model::account::{Account, Post};

pub(crate) struct Haowai;

impl Face for Haowai {
    fn id(&self) -> &'static str {
        "haowai"
    }

    fn robots(&self) -> &'static str {
        include_str!("../../data/robots/haowai.txt")
    }

    fn missing(&self) -> Answer {
        shell("号外", "", "<section class=\"warn\">该公众号不存在或已注销</section>")
    }

    fn profile(&self, _view: &View<'_>, account: &Account) -> Answer {
        let handle = Esc(&account.handle);
        let head = format!(
            "<link rel=\"alternate\" type=\"application/rss+xml\" title=\"RSS\" href=\"/feed/{handle}.xml\">\n"
        );
        let main = format!(
            "<section class=\"gzh\"><img src=\"{}\" alt=\"\"><h1>{}</h1><dl><dt>微信号</dt><dd class=\"id\">{handle}</dd>\
             <dt>功能介绍</dt><dd class=\"intro\">{}</dd>{}<dt>关注</dt><dd class=\"subscribers\">{}</dd>\
             <dt>IP属地</dt><dd class=\"province\">{}</dd></dl><a class=\"rss\" href=\"/feed/{handle}.xml\">📡 订阅</a></section>",
            avatar::path(account),
            Esc(&account.display_name),
            Esc(&account.bio),
            badge(account),
            short_count(account.followers),
            Esc(&account.ip_region),
        );
        shell(&account.display_name, &head, &main)
    }

    fn post(&self, _view: &View<'_>, author: &Account, post: &Post) -> Answer {
        let when = post.published.map(dates::chinese).unwrap_or_default();
        let main = format!(
            "<article id=\"js_content\"><p class=\"rich\">{}</p></article><p><a class=\"nickname\" href=\"/u/{}\">{}</a> \
             <em id=\"publish_time\">{when}</em></p>",
            Esc(&post.text),
            Esc(&author.handle),
            Esc(&author.display_name),
        );
        shell("文章", "", &main)
    }

    fn latest(&self, view: &View<'_>, rows: &Rows<'_, Post>) -> Answer {
        let item = |post: &&Post| view.author(post).map(subscription);
        let items: String = rows.rows.iter().filter_map(item).collect();
        shell("最近更新", "", &list(&items, &next_link(rows, "/latest", "older")))
    }

    fn users(&self, _view: &View<'_>, rows: &Rows<'_, Account>) -> Answer {
        let items: String = rows.rows.iter().map(|account| subscription(account)).collect();
        shell("公众号", "", &list(&items, &next_link(rows, "/users", "older")))
    }

    fn feed(&self, view: &View<'_>, account: &Account) -> Option<Answer> {
        let posts = view.posts_of(account);
        let items: String = posts.iter().map(|post| item(account, post)).collect();
        let feed = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\
             <channel><title>{}</title><link>{}</link><description>{}</description><language>zh-cn</language>{items}</channel></rss>\n",
            Esc(&account.display_name),
            Esc(&account.url),
            Esc(&account.bio),
        )
        // The named entity belongs to HTML; XML does not know it.
        .replace("&middot;", "·");
        let modified = posts.iter().filter_map(|post| post.published).max();
        Some(Answer::rss(feed, modified))
    }
}

fn shell(title: &str, head: &str, main: &str) -> Answer {
    let body = format!(
        "<div class=\"nav\">📰 号外 <a href=\"/users\">全部公众号</a></div>{main}<div class=\"foot\">号外（虚构）&reg;</div>"
    );
    Answer::html(page("utf-8", title, head, &body))
}

fn list(items: &str, more: &str) -> String {
    match items {
        "" => "<section class=\"warn\">没有更多公众号</section>".to_owned(),
        items => format!("<ul class=\"shelf\">{items}</ul>{more}"),
    }
}

fn subscription(account: &Account) -> String {
    let (handle, name) = (Esc(&account.handle), Esc(&account.display_name));
    format!(
        "<li><a class=\"gzh-name\" href=\"/u/{handle}\">{name}</a> <a class=\"rss\" href=\"/feed/{handle}.xml\">RSS</a></li>"
    )
}

fn badge(account: &Account) -> String {
    if !account.verification.is_present() {
        return String::new();
    }
    let (kind, text) = (Esc(&account.verification.kind), Esc(&account.verification.text));
    format!("<dt>{kind}</dt><dd class=\"subject\" data-kind=\"{kind}\">{text}</dd>")
}

fn item(account: &Account, post: &Post) -> String {
    let published = post.published.map(dates::rfc2822).unwrap_or_default();
    let url = Esc(&post.url);
    format!(
        "<item><link>{url}</link><guid isPermaLink=\"true\">{url}</guid><dc:creator>{}</dc:creator>\
         <pubDate>{published}</pubDate><description><![CDATA[<p>{}</p>]]></description></item>",
        Esc(&account.display_name),
        Esc(&post.text),
    )
}
