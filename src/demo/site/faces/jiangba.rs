//! 匠吧, a trade forum of the old kind: tables, and GBK on the wire.

use crate::demo::site::answer::Answer;
use crate::demo::site::faces::Face;
use crate::demo::site::html::{Esc, excerpt, next_link, page};
use crate::demo::site::view::{Rows, View};
use crate::demo::site::{avatar, dates};
use crate::model::account::{Account, Post};

pub(crate) struct Jiangba;

impl Face for Jiangba {
    fn id(&self) -> &'static str {
        "jiangba"
    }

    fn robots(&self) -> &'static str {
        include_str!("../../data/robots/jiangba.txt")
    }

    fn missing(&self) -> Answer {
        shell("提示信息", "<div id=\"messagetext\"><p>抱歉，您指定的用户空间不存在</p></div>")
    }

    fn profile(&self, view: &View<'_>, account: &Account) -> Answer {
        let posts = view.posts_of(account);
        let threads: String = posts.iter().map(|post| thread(account, post)).collect();
        let body = format!("{}<table class=\"threads\">{threads}</table>", space(account));
        shell(&format!("{}的个人资料", account.display_name), &body)
    }

    fn post(&self, _view: &View<'_>, author: &Account, post: &Post) -> Answer {
        let when = post.published.map(dates::plain).unwrap_or_default();
        let body = format!(
            "<table id=\"pid1\"><tr><td class=\"pls\"><a class=\"xw1\" href=\"/u/{}\">{}</a></td>\
             <td class=\"plc\"><em id=\"authorposton1\">发表于 {when}</em><div class=\"t_f\">{}</div></td></tr></table>",
            Esc(&author.handle),
            Esc(&author.display_name),
            Esc(&post.text),
        );
        shell("帖子", &body)
    }

    fn latest(&self, view: &View<'_>, rows: &Rows<'_, Post>) -> Answer {
        let row = |post: &&Post| view.author(post).map(|author| thread(author, post));
        let threads: String = rows.rows.iter().filter_map(row).collect();
        let body =
            format!("<table class=\"threads\">{threads}</table>{}{}", none(rows), next_link(rows, "/latest", "nxt"));
        shell("最新帖子", &body)
    }

    fn users(&self, _view: &View<'_>, rows: &Rows<'_, Account>) -> Answer {
        let members: String = rows.rows.iter().map(|account| member(account)).collect();
        let body = format!("<ul class=\"members\">{members}</ul>{}{}", none(rows), next_link(rows, "/users", "nxt"));
        shell("会员列表", &body)
    }
}

fn shell(title: &str, main: &str) -> Answer {
    let body = format!(
        "<div id=\"hd\"><a href=\"/latest\">论坛</a> <a href=\"/users\">会员</a> 🔧</div><div id=\"ct\">{main}</div>\
         <div id=\"ft\">Powered by 匠吧（虚构） &copy; 2008-2026</div>"
    );
    Answer::gbk(&page("gbk", &format!("{title} - 匠吧"), "", &body))
}

fn none<T>(rows: &Rows<'_, T>) -> &'static str {
    if rows.rows.is_empty() { "<p class=\"emp\">本版块或指定的范围内尚无主题</p>" } else { "" }
}

fn space(account: &Account) -> String {
    format!(
        "<div id=\"space\"><h2 class=\"mbn\">{}</h2><span class=\"xg1\">(UID: <b>{}</b>)</span><img class=\"avt\" src=\"{}\" alt=\"\">\
         <ul class=\"pf_l\"><li><em>认证</em><span class=\"rz\" title=\"{}\">{}</span></li><li><em>个性签名</em><span class=\"sign\">{}</span></li>\
         <li><em>粉丝</em><span class=\"fans\">{}</span></li><li><em>上网归属</em><span class=\"area\">{}</span></li></ul></div>",
        Esc(&account.display_name),
        Esc(&account.handle),
        avatar::path(account),
        Esc(&account.verification.kind),
        Esc(&account.verification.text),
        Esc(&account.bio),
        account.followers,
        Esc(&account.ip_region),
    )
}

fn thread(author: &Account, post: &Post) -> String {
    format!(
        "<tbody id=\"normalthread_1\"><tr><th><a class=\"xst\" href=\"{}\">{}</a></th>\
         <td class=\"by\"><cite><a href=\"/u/{}\">{}</a></cite></td></tr></tbody>",
        Esc(&post.url),
        Esc(excerpt(&post.text)),
        Esc(&author.handle),
        Esc(&author.display_name),
    )
}

fn member(account: &Account) -> String {
    let (handle, name) = (Esc(&account.handle), Esc(&account.display_name));
    format!("<li><a class=\"member\" href=\"/u/{handle}\" title=\"{name}\">{name}</a></li>")
}
