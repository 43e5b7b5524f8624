//! Platforms behind a wall: 蜜语 asks robots to stay away, 门楼 lets them come and shows them nothing.

use crate::demo::site::answer::Answer;
use crate::demo::site::faces::Face;
use crate::demo::site::html::page;

pub(crate) struct Mimi;
pub(crate) struct Menglou;

impl Face for Mimi {
    fn id(&self) -> &'static str {
        "mimi"
    }

    fn robots(&self) -> &'static str {
        include_str!("../../data/robots/mimi.txt")
    }

    fn missing(&self) -> Answer {
        wall("蜜语", "🔒 登录后即可加入圈子")
    }

    fn wall(&self) -> Option<Answer> {
        Some(self.missing())
    }
}

impl Face for Menglou {
    fn id(&self) -> &'static str {
        "menglou"
    }

    fn robots(&self) -> &'static str {
        include_str!("../../data/robots/menglou.txt")
    }

    fn missing(&self) -> Answer {
        wall("门楼", "🚪 请登录后查看")
    }

    fn wall(&self) -> Option<Answer> {
        Some(self.missing())
    }
}

/// A login form with status 200, as walls of this kind come.
fn wall(name: &str, words: &str) -> Answer {
    let body = format!(
        "<main class=\"gate\"><h1>{name}</h1><p class=\"gate-words\">{words}</p><form method=\"post\" action=\"/login\">\
         <input name=\"account\" placeholder=\"手机号\"><input name=\"password\" type=\"password\">\
         <button>登录</button></form></main><footer>{name}（虚构）</footer>"
    );
    Answer::html(page("utf-8", &format!("登录 - {name}"), "", &body))
}
