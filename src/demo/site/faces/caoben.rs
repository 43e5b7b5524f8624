//! 草本笔记, pictures and notes: nested boxes with data attributes and full dates.

use crate::demo::site::answer::Answer;
use crate::demo::site::faces::Face;
use crate::demo::site::html::{Esc, next_link, page};
use crate::demo::site::view::{Rows, View};
use crate::demo::site::{avatar, dates};
use crate::model::account::{Account, Post};

pub(crate) struct Caoben;

impl Face for Caoben {
    fn id(&self) -> &'static str {
        "caoben"
    }

    fn robots(&self) -> &'static str {
        include_str!("../../data/robots/caoben.txt")
    }

    fn missing(&self) -> Answer {
        shell("草本笔记", "<div class=\"oops\">🍂 你访问的页面不见了</div>")
    }

    fn profile(&self, view: &View<'_>, account: &Account) -> Answer {
        let posts = view.posts_of(account);
        let notes: String = posts.iter().map(|post| note_link(post)).collect();
        shell(&account.display_name, &format!("{}<div class=\"notes\">{notes}</div>", owner(account)))
    }

    fn post(&self, _view: &View<'_>, author: &Account, post: &Post) -> Answer {
        let when = post.published.map(dates::plain).unwrap_or_default();
        let body = format!(
            "<div class=\"note-detail\"><div class=\"by\" data-user-id=\"{handle}\"><img src=\"{}\" alt=\"\">\
             <a href=\"/u/{handle}\">{}</a></div><div class=\"content\">{}</div>\
             <div class=\"meta\"><span class=\"date\">{when}</span>&nbsp;<span>🌿 收藏</span></div></div>",
            avatar::path(author),
            Esc(&author.display_name),
            Esc(&post.text),
            handle = Esc(&author.handle),
        );
        shell("笔记", &body)
    }

    fn latest(&self, view: &View<'_>, rows: &Rows<'_, Post>) -> Answer {
        let note = |post: &&Post| {
            view.author(post)
                .map(|author| format!("<div class=\"cell\">{}{}</div>", note_link(post), name_link(author)))
        };
        let notes: String = rows.rows.iter().filter_map(note).collect();
        let none = if rows.rows.is_empty() { "<div class=\"oops\">没有更多笔记</div>" } else { "" };
        shell("逛逛", &format!("<div class=\"wall\">{notes}</div>{none}{}", next_link(rows, "/latest", "load-more")))
    }

    fn users(&self, _view: &View<'_>, rows: &Rows<'_, Account>) -> Answer {
        let names: String =
            rows.rows.iter().map(|account| format!("<div class=\"cell\">{}</div>", name_link(account))).collect();
        let none = if rows.rows.is_empty() { "<div class=\"oops\">没有更多用户</div>" } else { "" };
        shell("博主", &format!("<div class=\"wall\">{names}</div>{none}{}", next_link(rows, "/users", "load-more")))
    }
}

fn shell(title: &str, main: &str) -> Answer {
    let body = format!(
        "<div class=\"bar\">🌱 草本笔记 | <a href=\"/latest\">逛逛</a> | <a href=\"/users\">博主</a></div>\n\
         <div id=\"root\">{main}</div>\n<div class=\"legal\">营业执照 &amp; 备案（虚构）&emsp;© 草本</div>"
    );
    Answer::html(page("utf-8", title, "<link rel=\"icon\" href=\"data:,\">\n", &body))
}

fn owner(account: &Account) -> String {
    let (kind, text) = (Esc(&account.verification.kind), Esc(&account.verification.text));
    let verified = format!("<div class=\"verify\" data-kind=\"{kind}\">{text}</div>");
    format!(
        "<div class=\"owner\" data-user-id=\"{}\"><img class=\"avatar\" src=\"{}\" alt=\"\"><div class=\"nick\">{}</div>{}\
         <div class=\"desc\">{}</div><div class=\"stat\"><span data-fans=\"{fans}\">{fans} 粉丝</span>\
         <span class=\"ip\">IP：<em>{}</em></span></div></div>",
        Esc(&account.handle),
        avatar::path(account),
        Esc(&account.display_name),
        if account.verification.is_present() { verified } else { String::new() },
        Esc(&account.bio),
        Esc(&account.ip_region),
        fans = account.followers,
    )
}

fn note_link(post: &Post) -> String {
    format!("<a class=\"note\" href=\"{}\">🖼️ 查看笔记</a>", Esc(&post.url))
}

fn name_link(account: &Account) -> String {
    let handle = Esc(&account.handle);
    format!("<a class=\"who\" data-user-id=\"{handle}\" href=\"/u/{handle}\">{}</a>", Esc(&account.display_name))
}
