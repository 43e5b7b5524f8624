//! 问海, questions and answers: the one platform whose public search may be used.

use crate::demo::site::answer::Answer;
use crate::demo::site::faces::Face;
use crate::demo::site::html::{Esc, next_link, page, short_count};
use crate::demo::site::view::{Rows, View};
use crate::demo::site::{avatar, dates};
use crate::model::account::{Account, Post};

pub(crate) struct Wenhai;

impl Face for Wenhai {
    fn id(&self) -> &'static str {
        "wenhai"
    }

    fn robots(&self) -> &'static str {
        include_str!("../../data/robots/wenhai.txt")
    }

    fn missing(&self) -> Answer {
        shell("404", "<main id=\"content\"><p class=\"no-result\">你似乎来到了没有知识的荒原</p></main>")
    }

    fn profile(&self, _view: &View<'_>, account: &Account) -> Answer {
        let (handle, name) = (Esc(&account.handle), Esc(&account.display_name));
        let body = format!(
            "<main id=\"content\"><article itemscope itemtype=\"https://schema.org/Person\" id=\"answerer\">\
             <meta itemprop=\"identifier\" content=\"{handle}\"><img itemprop=\"image\" src=\"{}\" alt=\"\">\
             <h1 itemprop=\"name\">{name}</h1>{}<p itemprop=\"description\">{}</p>\
             <p>关注者 <strong itemprop=\"followers\">{}</strong> · IP 属地 <span itemprop=\"region\">{}</span></p>\
             <a href=\"/people/{handle}/followers\" rel=\"nofollow\">查看关注者</a></article></main>",
            avatar::path(account),
            badge(account),
            Esc(&account.bio),
            short_count(account.followers),
            Esc(&account.ip_region),
        );
        shell(&account.display_name, &body)
    }

    fn post(&self, _view: &View<'_>, author: &Account, post: &Post) -> Answer {
        let when = post.published.map(dates::plain).unwrap_or_default();
        let body = format!(
            "<main id=\"content\"><article class=\"answer\"><a rel=\"author\" href=\"/u/{}\">{}</a>\
             <div itemprop=\"text\">{}</div><p>编辑于 <span itemprop=\"dateCreated\">{when}</span></p></article></main>",
            Esc(&author.handle),
            Esc(&author.display_name),
            Esc(&post.text),
        );
        shell("回答", &body)
    }

    fn latest(&self, view: &View<'_>, rows: &Rows<'_, Post>) -> Answer {
        let answer = |post: &&Post| {
            let author = view.author(post)?;
            let (url, handle) = (Esc(&post.url), Esc(&author.handle));
            Some(format!(
                "<li><a class=\"answer-link\" href=\"{url}\">回答</a> <a class=\"result-link\" href=\"/u/{handle}\">答主</a></li>"
            ))
        };
        let answers: String = rows.rows.iter().filter_map(answer).collect();
        shell("新回答", &list("新回答", &answers, &next_link(rows, "/latest", "next")))
    }

    fn users(&self, view: &View<'_>, rows: &Rows<'_, Account>) -> Answer {
        let mut items: String = rows.rows.iter().map(|account| result(account)).collect();
        for account in &view.private {
            let path = account.url.strip_prefix(&view.base).unwrap_or(&account.url);
            items.push_str(&format!(
                "<li class=\"circle\"><a class=\"result-link\" href=\"{}\">一个小圈子（仅成员）</a></li>",
                Esc(path)
            ));
        }
        shell("答主", &list("活跃答主", &items, &next_link(rows, "/users", "next")))
    }

    fn search(&self, _view: &View<'_>, words: &str, rows: &Rows<'_, Account>) -> Answer {
        let items: String = rows.rows.iter().map(|account| result(account)).collect();
        shell("搜索", &list(&format!("与“{words}”有关的答主"), &items, ""))
    }
}

fn shell(title: &str, main: &str) -> Answer {
    let body = format!(
        "<header role=\"banner\"><a href=\"/\">🐳 问海</a><form role=\"search\" action=\"/search\"><input name=\"q\"></form>\
         <a href=\"/users\">答主</a></header>{main}<footer role=\"contentinfo\">问海（虚构）&nbsp;|&nbsp;未成年人模式</footer>"
    );
    Answer::html(page("utf-8", &format!("{title} - 问海"), "", &body))
}

fn list(title: &str, items: &str, more: &str) -> String {
    let items = match items {
        "" => "<p class=\"no-result\">没有找到相关内容</p>".to_owned(),
        items => format!("<ol class=\"results\">{items}</ol>"),
    };
    format!("<main id=\"content\"><h2>{}</h2>{items}{more}</main>", Esc(title))
}

fn result(account: &Account) -> String {
    let (handle, name) = (Esc(&account.handle), Esc(&account.display_name));
    format!("<li class=\"result\"><a class=\"result-link\" href=\"/u/{handle}\">{name}</a></li>")
}

fn badge(account: &Account) -> String {
    if !account.verification.is_present() {
        return String::new();
    }
    let (kind, text) = (Esc(&account.verification.kind), Esc(&account.verification.text));
    format!("<p class=\"certified\"><b>{kind}</b>：<span itemprop=\"award\">{text}</span></p>")
}
