//! 职友圈, a workplace community: a field of its own says who the employer is.

use crate::demo::site::answer::Answer;
use crate::demo::site::faces::Face;
use crate::demo::site::html::{Esc, next_link, page};
use crate::demo::site::view::{Rows, View};
use crate::demo::site::{avatar, dates};
use crate::model::account::{Account, Post};

pub(crate) struct Zhiyou;

impl Face for Zhiyou {
    fn id(&self) -> &'static str {
        "zhiyou"
    }

    fn robots(&self) -> &'static str {
        include_str!("../../data/robots/zhiyou.txt")
    }

    fn missing(&self) -> Answer {
        shell("职友圈", "<div class=\"zy-empty\">该职友不存在</div>")
    }

    fn profile(&self, view: &View<'_>, account: &Account) -> Answer {
        let links = view.posts_of(account);
        let links: String =
            links.iter().map(|post| format!("<a class=\"zy-gossip\" href=\"{}\">动态</a>", Esc(&post.url))).collect();
        shell(&account.display_name, &format!("{}<div class=\"zy-gossips\">{links}</div>", resume(account)))
    }

    fn post(&self, view: &View<'_>, author: &Account, post: &Post) -> Answer {
        let when = post.published.map(|at| dates::spoken(at, view.now)).unwrap_or_default();
        let body = format!(
            "<div class=\"zy-post\"><a class=\"zy-author\" href=\"/u/{}\">{}</a><span class=\"zy-when\">{when}</span>\
             <pre class=\"zy-text\">{}</pre><button type=\"button\">💼 邀请回答</button></div>",
            Esc(&author.handle),
            Esc(&author.display_name),
            Esc(&post.text),
        );
        shell("职言", &body)
    }

    fn latest(&self, view: &View<'_>, rows: &Rows<'_, Post>) -> Answer {
        let row = |post: &&Post| {
            let author = view.author(post)?;
            let (url, handle) = (Esc(&post.url), Esc(&author.handle));
            Some(format!(
                "<div class=\"zy-row\"><a class=\"zy-gossip\" href=\"{url}\">职言</a> <a class=\"zy-link\" href=\"/u/{handle}\">来自职友</a></div>"
            ))
        };
        let items: String = rows.rows.iter().filter_map(row).collect();
        shell("职言", &format!("{items}{}{}", none(rows), next_link(rows, "/latest", "zy-next")))
    }

    fn users(&self, _view: &View<'_>, rows: &Rows<'_, Account>) -> Answer {
        let row = |account: &&Account| {
            let (handle, name) = (Esc(&account.handle), Esc(&account.display_name));
            format!("<div class=\"zy-row\"><a class=\"zy-link\" href=\"/u/{handle}\">{name}</a></div>")
        };
        let items: String = rows.rows.iter().map(row).collect();
        shell("找职友", &format!("{items}{}{}", none(rows), next_link(rows, "/users", "zy-next")))
    }
}

fn shell(title: &str, main: &str) -> Answer {
    let body = format!(
        "<aside>💼 职友圈<br><a href=\"/latest\">职言</a><br><a href=\"/users\">找职友</a></aside><main>{main}</main>\
         <footer>人力资源服务许可证（虚构）&nbsp;&laquo;职友圈&raquo;</footer>"
    );
    Answer::html(page("utf-8", title, "", &body))
}

fn none<T>(rows: &Rows<'_, T>) -> &'static str {
    if rows.rows.is_empty() { "<div class=\"zy-empty\">没有更多了</div>" } else { "" }
}

fn resume(account: &Account) -> String {
    let badge = match account.verification.is_present() {
        true => format!(
            "<tr><th class=\"zy-cert-kind\">{}</th><td class=\"zy-cert\">{}</td></tr>",
            Esc(&account.verification.kind),
            Esc(&account.verification.text)
        ),
        false => String::new(),
    };
    format!(
        "<div class=\"zy-resume\" data-id=\"{}\"><img src=\"{}\" alt=\"\"><h1>{}</h1><table>{badge}\
         <tr><th>任职信息</th><td class=\"zy-employer\">{}</td></tr><tr><th>个人简介</th><td class=\"zy-about\">{}</td></tr>\
         <tr><th>人脉</th><td class=\"zy-fans\">{}</td></tr><tr><th>所在地</th><td class=\"zy-area\">{}</td></tr></table></div>",
        Esc(&account.handle),
        avatar::path(account),
        Esc(&account.display_name),
        Esc(&account.employer_field),
        Esc(&account.bio),
        account.followers,
        Esc(&account.ip_region),
    )
}
