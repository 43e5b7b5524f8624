//! 快拍, short videos: the page is an empty shell, everything stands as JSON inside a script.

use serde_json::{Value, json};

use crate::demo::site::answer::Answer;
use crate::demo::site::faces::Face;
use crate::demo::site::html::page;
use crate::demo::site::view::{Rows, View};
use crate::demo::site::{avatar, dates};
use crate::model::account::{Account, Post};

pub(crate) struct Kuaipai;

impl Face for Kuaipai {
    fn id(&self) -> &'static str {
        "kuaipai"
    }

    fn robots(&self) -> &'static str {
        include_str!("../../data/robots/kuaipai.txt")
    }

    fn missing(&self) -> Answer {
        shell("找不到了", &json!({"page": "error", "toast": "用户不存在"}))
    }

    fn profile(&self, view: &View<'_>, account: &Account) -> Answer {
        let posts = view.posts_of(account);
        let works: Vec<Value> = posts.iter().map(|post| json!({"link": post.url})).collect();
        shell(&account.display_name, &json!({"page": "profile", "user": user(view, account), "works": works}))
    }

    fn post(&self, view: &View<'_>, author: &Account, post: &Post) -> Answer {
        let when = post.published.map(|at| dates::spoken(at, view.now));
        let work = json!({
            "link": post.url, "caption": post.text, "timeText": when, "likes": "1.2万",
            "author": {"uid": author.handle, "nick": author.display_name, "link": author.url},
        });
        shell(&author.display_name, &json!({"page": "work", "work": work}))
    }

    fn latest(&self, view: &View<'_>, rows: &Rows<'_, Post>) -> Answer {
        let row = |post: &&Post| {
            let author = view.author(post)?;
            Some(json!({"link": post.url, "author": {"uid": author.handle, "link": author.url}}))
        };
        let works: Vec<Value> = rows.rows.iter().filter_map(row).collect();
        shell("推荐", &json!({"page": "feed", "works": works, "next": next(view, rows, "latest")}))
    }

    fn users(&self, view: &View<'_>, rows: &Rows<'_, Account>) -> Answer {
        let row =
            |account: &&Account| json!({"uid": account.handle, "nick": account.display_name, "link": account.url});
        let users: Vec<Value> = rows.rows.iter().map(row).collect();
        shell("达人", &json!({"page": "users", "users": users, "next": next(view, rows, "users")}))
    }
}

fn user(view: &View<'_>, account: &Account) -> Value {
    json!({
        "uid": account.handle,
        "nick": account.display_name,
        "link": account.url,
        "sign": account.bio,
        "cert": {"kind": account.verification.kind, "text": account.verification.text},
        "head": format!("{}{}", view.base, avatar::path(account)),
        "ipArea": account.ip_region,
        "fanCount": account.followers,
    })
}

fn next<T>(view: &View<'_>, rows: &Rows<'_, T>, list: &str) -> Option<String> {
    rows.next.map(|next| format!("{}/{list}?page={next}", view.base))
}

fn shell(title: &str, state: &Value) -> Answer {
    // A caption may hold a closing tag; the slash is escaped so that the script does not end there.
    let state = state.to_string().replace("</", "<\\/");
    let body = format!(
        "<div id=\"app\">📹 快拍加载中&hellip;</div>\n<script>window.__VERSION__ = \"3.1\";</script>\n\
         <script id=\"__KP_STATE__\" type=\"application/json\">{state}</script>\n<noscript>请开启 JavaScript</noscript>"
    );
    Answer::html(page("utf-8", &format!("{title}｜快拍"), "", &body))
}
