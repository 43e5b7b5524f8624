//! 股聊, talk about shares: pages for people, and a public JSON interface of which the pages are made.

use serde_json::{Value, json};

use crate::demo::site::answer::Answer;
use crate::demo::site::faces::Face;
use crate::demo::site::html::{Esc, page};
use crate::demo::site::view::{Rows, View};
use crate::demo::site::{avatar, dates};
use crate::model::account::{Account, Post};

pub(crate) struct Guliao;

impl Face for Guliao {
    fn id(&self) -> &'static str {
        "guliao"
    }

    fn robots(&self) -> &'static str {
        include_str!("../../data/robots/guliao.txt")
    }

    fn missing(&self) -> Answer {
        shell("📉 页面不存在", "<p>内容不存在或已删除</p>")
    }

    fn profile(&self, _view: &View<'_>, account: &Account) -> Answer {
        shell(&account.display_name, &format!("<p>{}</p>", Esc(&account.bio)))
    }

    fn post(&self, _view: &View<'_>, author: &Account, post: &Post) -> Answer {
        shell(&author.display_name, &format!("<article>{}</article>", Esc(&post.text)))
    }

    fn latest(&self, _view: &View<'_>, rows: &Rows<'_, Post>) -> Answer {
        let links = rows.rows.iter().map(|post| format!("<li><a href=\"{}\">帖子</a></li>", Esc(&post.url)));
        shell("📈 最新讨论", &format!("<ul>{}</ul>", links.collect::<String>()))
    }

    fn users(&self, _view: &View<'_>, rows: &Rows<'_, Account>) -> Answer {
        let links = rows
            .rows
            .iter()
            .map(|account| format!("<li><a href=\"{}\">{}</a></li>", Esc(&account.url), Esc(&account.display_name)));
        shell("股友", &format!("<ul>{}</ul>", links.collect::<String>()))
    }

    fn latest_data(&self, view: &View<'_>, rows: &Rows<'_, Post>) -> Option<Answer> {
        let row = |post: &&Post| {
            let author = view.author(post)?;
            let when = post.published.map(|at| dates::spoken(at, view.now));
            let api = post.url.replacen(&view.base, &format!("{}/api", view.base), 1);
            Some(json!({"target": post.url, "api": api, "time": when, "user": brief(view, author)}))
        };
        let list: Vec<Value> = rows.rows.iter().filter_map(row).collect();
        Some(answer(json!({"list": list, "next": next(view, rows, "latest")})))
    }

    fn users_data(&self, view: &View<'_>, rows: &Rows<'_, Account>) -> Option<Answer> {
        let list: Vec<Value> = rows.rows.iter().map(|account| brief(view, account)).collect();
        Some(answer(json!({"list": list, "next": next(view, rows, "users")})))
    }

    fn profile_data(&self, view: &View<'_>, account: &Account) -> Option<Answer> {
        Some(answer(json!({"user": user(view, account)})))
    }

    fn post_data(&self, view: &View<'_>, author: &Account, post: &Post) -> Option<Answer> {
        let status = json!({
            "target": post.url,
            "created_at": post.published.map(dates::rfc3339),
            "text": format!("<p>{}</p>", Esc(&post.text)),
            "like_count": 3,
            "user": brief(view, author),
        });
        Some(answer(json!({"status": status})))
    }
}

fn shell(title: &str, main: &str) -> Answer {
    let body = format!("<header>股聊（虚构）&middot; 投资有风险</header><main><h1>{}</h1>{main}</main>", Esc(title));
    Answer::html(page("utf-8", title, "", &body))
}

fn answer(data: Value) -> Answer {
    Answer::json(&json!({"code": 0, "message": "ok", "data": data}))
}

fn next<T>(view: &View<'_>, rows: &Rows<'_, T>, list: &str) -> Option<String> {
    rows.next.map(|next| format!("{}/api/{list}?page={next}", view.base))
}

fn brief(view: &View<'_>, account: &Account) -> Value {
    let api = format!("{}/api/u/{}", view.base, account.handle);
    json!({"id": account.handle, "screen_name": account.display_name, "url": account.url, "api": api})
}

fn user(view: &View<'_>, account: &Account) -> Value {
    let badge = |text: &str| account.verification.is_present().then(|| text.to_owned());
    json!({
        "id": account.handle,
        "screen_name": account.display_name,
        "url": account.url,
        "description": account.bio,
        "verified": {"type": badge(&account.verification.kind), "reason": badge(&account.verification.text)},
        "profile_image_url": format!("{}{}", view.base, avatar::path(account)),
        "ip_location": account.ip_region,
        "followers_count": account.followers,
    })
}
