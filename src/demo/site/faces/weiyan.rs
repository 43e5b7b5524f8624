//! 微言, a microblog: cards, badges, and dates as people write them.

use crate::demo::site::answer::Answer;
use crate::demo::site::faces::Face;
use crate::demo::site::html::{Esc, excerpt, next_link, page, short_count};
use crate::demo::site::view::{Rows, View};
use crate::demo::site::{avatar, dates};
use crate::model::account::{Account, Post};

pub(crate) struct Weiyan;

impl Face for Weiyan {
    fn id(&self) -> &'static str {
        "weiyan"
    }

    fn robots(&self) -> &'static str {
        include_str!("../../data/robots/weiyan.txt")
    }

    fn missing(&self) -> Answer {
        shell("页面不存在", "<main class=\"gone\">😶 抱歉，该用户或微博不存在。</main>")
    }

    fn profile(&self, view: &View<'_>, account: &Account) -> Answer {
        let posts: String = view.posts_of(account).iter().map(|post| card(view, account, post)).collect();
        let body = format!("<main>{}<div class=\"stream\">{posts}</div></main>", profile_card(account));
        shell(&account.display_name, &body)
    }

    fn post(&self, _view: &View<'_>, author: &Account, post: &Post) -> Answer {
        let written = post.published.map(|at| (dates::rfc3339(at), dates::plain(at))).unwrap_or_default();
        let body = format!(
            "<main><article class=\"status\"><header><img class=\"face\" src=\"{}\" alt=\"\"> \
             <a class=\"author\" data-handle=\"{handle}\" href=\"/u/{handle}\">{}</a> &middot; \
             <time datetime=\"{}\">{}</time></header>\
             <p class=\"status-text\">{}</p><footer>👍 赞&nbsp;&nbsp;💬 评论&nbsp;&nbsp;🔁 转发</footer></article></main>",
            avatar::path(author),
            Esc(&author.display_name),
            written.0,
            written.1,
            Esc(&post.text),
            handle = Esc(&author.handle),
        );
        shell(&author.display_name, &body)
    }

    fn latest(&self, view: &View<'_>, rows: &Rows<'_, Post>) -> Answer {
        let card = |post: &&Post| view.author(post).map(|author| card(view, author, post));
        let cards: String = rows.rows.iter().filter_map(card).collect();
        let none = if rows.rows.is_empty() { "<p class=\"none\">没有更多微博了</p>" } else { "" };
        let more = next_link(rows, "/latest", "more");
        shell("最新微博", &format!("<main><h1>最新微博</h1><div class=\"stream\">{cards}</div>{none}{more}</main>"))
    }

    fn users(&self, _view: &View<'_>, rows: &Rows<'_, Account>) -> Answer {
        let items: String = rows.rows.iter().map(|account| person(account)).collect();
        let none = if rows.rows.is_empty() { "<p class=\"none\">没有更多用户了</p>" } else { "" };
        let more = next_link(rows, "/users", "more");
        shell("发现用户", &format!("<main><h1>发现用户</h1><ul class=\"people\">{items}</ul>{none}{more}</main>"))
    }
}

fn shell(title: &str, main: &str) -> Answer {
    let body = format!(
        "<nav class=\"top\">🌊 <b>微言</b> <a href=\"/latest\">首页</a> <a href=\"/users\">发现</a> \
         <form action=\"/search\"><input name=\"q\" placeholder=\"大家都在搜：周末去哪儿\"></form></nav>{main}\
         <footer class=\"site\">&copy; 2026 微言（虚构） &lt;客服&gt; · 举报 &amp; 反馈</footer>"
    );
    Answer::html(page("utf-8", &format!("{title} - 微言"), "<style>.fans{font-weight:bold}</style>\n", &body))
}

fn profile_card(account: &Account) -> String {
    format!(
        "<section class=\"profile\" data-handle=\"{}\"><img class=\"profile-face\" src=\"{}\" alt=\"头像\">\
         <h1 class=\"profile-name\">{}</h1>{}<p class=\"profile-bio\">{}</p>\
         <ul><li>粉丝 <b class=\"fans\" title=\"{}\">{}</b></li><li>IP属地：<span class=\"region\">{}</span></li></ul></section>",
        Esc(&account.handle),
        avatar::path(account),
        Esc(&account.display_name),
        badge(account),
        Esc(&account.bio),
        account.followers,
        short_count(account.followers),
        Esc(&account.ip_region),
    )
}

fn badge(account: &Account) -> String {
    if !account.verification.is_present() {
        return String::new();
    }
    let (kind, text) = (Esc(&account.verification.kind), Esc(&account.verification.text));
    format!("<p class=\"badge\"><i title=\"{kind}\">Ⓥ</i> <span class=\"badge-text\">{text}</span></p>")
}

fn card(view: &View<'_>, author: &Account, post: &Post) -> String {
    let when = post.published.map(|at| dates::spoken(at, view.now)).unwrap_or_default();
    format!(
        "<div class=\"card\"><a class=\"card-author\" href=\"/u/{}\">{}</a>：{} <a class=\"card-time\" href=\"{}\">{when}</a></div>",
        Esc(&author.handle),
        Esc(&author.display_name),
        Esc(excerpt(&post.text)),
        Esc(&post.url),
    )
}

fn person(account: &Account) -> String {
    let (handle, name) = (Esc(&account.handle), Esc(&account.display_name));
    format!(
        "<li class=\"person\"><a class=\"person-name\" href=\"/u/{handle}\">{name}</a> <small>@{handle}</small></li>"
    )
}
