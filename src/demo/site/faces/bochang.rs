//! 播场, videos: what a profile says stands in meta tags, the videos in a feed.

use crate::demo::site::answer::Answer;
use crate::demo::site::faces::Face;
use crate::demo::site::html::{Esc, next_link, page};
use crate::demo::site::view::{Rows, View};
use crate::demo::site::{avatar, dates};
use crate::model::account::{Account, Post};

pub(crate) struct Bochang;

impl Face for Bochang {
    fn id(&self) -> &'static str {
        "bochang"
    }

    fn robots(&self) -> &'static str {
        include_str!("../../data/robots/bochang.txt")
    }

    fn missing(&self) -> Answer {
        shell("播场", "", "<div class=\"error-panel\">啥都木有 (｡•́︿•̀｡)</div>")
    }

    fn profile(&self, _view: &View<'_>, account: &Account) -> Answer {
        let main = format!(
            "<div class=\"space\"><h1>{}</h1><a class=\"feed\" href=\"/feed/{}.xml\">视频订阅 ▶️</a></div>",
            Esc(&account.display_name),
            Esc(&account.handle)
        );
        shell(&account.display_name, &tags(account), &main)
    }

    fn post(&self, _view: &View<'_>, author: &Account, post: &Post) -> Answer {
        let (handle, name) = (Esc(&author.handle), Esc(&author.display_name));
        let main =
            format!("<video></video><p class=\"caption\">{}</p><a href=\"/u/{handle}\">{name}</a>", Esc(&post.text));
        shell("视频", "", &main)
    }

    fn latest(&self, view: &View<'_>, rows: &Rows<'_, Post>) -> Answer {
        let row = |post: &&Post| view.author(post).map(channel);
        let items: String = rows.rows.iter().filter_map(row).collect();
        shell("新视频", "", &list(&items, &next_link(rows, "/latest", "next-page")))
    }

    fn users(&self, _view: &View<'_>, rows: &Rows<'_, Account>) -> Answer {
        let items: String = rows.rows.iter().map(|account| channel(account)).collect();
        shell("UP主", "", &list(&items, &next_link(rows, "/users", "next-page")))
    }

    fn feed(&self, view: &View<'_>, account: &Account) -> Option<Answer> {
        let posts = view.posts_of(account);
        let items: String = posts.iter().map(|post| video(post)).collect();
        let feed = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel><title>{}</title><link>{}</link>\
             <description>播场用户 {} 的视频</description>{items}</channel></rss>\n",
            Esc(&account.display_name),
            Esc(&account.url),
            Esc(&account.handle),
        )
        .replace("&middot;", "·");
        let modified = posts.iter().filter_map(|post| post.published).max();
        Some(Answer::rss(feed, modified))
    }
}

fn shell(title: &str, head: &str, main: &str) -> Answer {
    let body = format!(
        "<div class=\"nav\">📺 播场 <a href=\"/users\">UP主</a></div>{main}<div class=\"foot\">&copy; 播场（虚构）</div>"
    );
    Answer::html(page("utf-8", title, head, &body))
}

fn tags(account: &Account) -> String {
    let tag = |name: &str, value: &str| format!("<meta property=\"{name}\" content=\"{}\">\n", Esc(value));
    let mut tags = tag("profile:username", &account.handle) + &tag("og:title", &account.display_name);
    tags += &tag("og:url", &account.url);
    tags += &tag("og:description", &account.bio);
    tags += &tag("og:image", &avatar::path(account));
    tags += &tag("profile:fans", &account.followers.to_string());
    tags += &tag("profile:region", &account.ip_region);
    if account.verification.is_present() {
        tags += &tag("profile:cert_kind", &account.verification.kind);
        tags += &tag("profile:cert", &account.verification.text);
    }
    tags
}

fn list(items: &str, more: &str) -> String {
    match items {
        "" => "<div class=\"error-panel\">啥都木有</div>".to_owned(),
        items => format!("<div class=\"ups\">{items}</div>{more}"),
    }
}

fn channel(account: &Account) -> String {
    let (handle, name) = (Esc(&account.handle), Esc(&account.display_name));
    format!(
        "<div class=\"up\"><a class=\"up-name\" href=\"/u/{handle}\">{name}</a> <a class=\"feed\" href=\"/feed/{handle}.xml\">视频</a></div>"
    )
}

fn video(post: &Post) -> String {
    let published = post.published.map(dates::rfc2822).unwrap_or_default();
    let (url, text) = (Esc(&post.url), Esc(&post.text));
    format!(
        "<item><guid>{url}</guid><link>{url}</link><pubDate>{published}</pubDate><description>{text}</description></item>"
    )
}
