//! How each fictional platform looks. Pages are made of a view's rows; nothing here knows what is looked for.

mod bochang;
mod caoben;
mod guliao;
mod haowai;
mod jiangba;
mod kuaipai;
mod walled;
mod weiyan;
mod wenhai;
mod zhiyou;

use axum::http::StatusCode;
use serde_json::json;

use crate::demo::site::answer::Answer;
use crate::demo::site::html::page;
use crate::demo::site::view::{Rows, View};
use crate::model::account::{Account, Post};

/// Every site of the fictional web.
pub(crate) const ALL: &[&dyn Face] = &[
    &weiyan::Weiyan,
    &kuaipai::Kuaipai,
    &caoben::Caoben,
    &wenhai::Wenhai,
    &jiangba::Jiangba,
    &guliao::Guliao,
    &haowai::Haowai,
    &zhiyou::Zhiyou,
    &bochang::Bochang,
    &walled::Mimi,
    &walled::Menglou,
];

/// The looks of one platform.
pub(crate) trait Face: Send + Sync {
    /// Identifier of the platform; its host name is made of it.
    fn id(&self) -> &'static str;

    fn robots(&self) -> &'static str;

    /// What stands where nothing is.
    fn missing(&self) -> Answer;

    fn host(&self) -> String {
        format!("{}.example", self.id())
    }

    fn profile(&self, _view: &View<'_>, _account: &Account) -> Answer {
        self.missing()
    }

    fn post(&self, _view: &View<'_>, _author: &Account, _post: &Post) -> Answer {
        self.missing()
    }

    /// Recent posts with their authors.
    fn latest(&self, _view: &View<'_>, _rows: &Rows<'_, Post>) -> Answer {
        self.missing()
    }

    fn users(&self, _view: &View<'_>, _rows: &Rows<'_, Account>) -> Answer {
        self.missing()
    }

    /// Accounts that fit the words. Most robots files forbid it; a visitor who asks all the same is answered.
    fn search(&self, view: &View<'_>, _words: &str, rows: &Rows<'_, Account>) -> Answer {
        self.users(view, rows)
    }

    /// Feed of one account.
    fn feed(&self, _view: &View<'_>, _account: &Account) -> Option<Answer> {
        None
    }

    fn latest_data(&self, _view: &View<'_>, _rows: &Rows<'_, Post>) -> Option<Answer> {
        None
    }

    fn users_data(&self, _view: &View<'_>, _rows: &Rows<'_, Account>) -> Option<Answer> {
        None
    }

    fn profile_data(&self, _view: &View<'_>, _account: &Account) -> Option<Answer> {
        None
    }

    fn post_data(&self, _view: &View<'_>, _author: &Account, _post: &Post) -> Option<Answer> {
        None
    }

    fn missing_data(&self) -> Answer {
        Answer::json(&json!({"code": 404, "message": "用户不存在或已注销"})).with_status(StatusCode::NOT_FOUND)
    }

    /// What stands under a forbidden path, for a visitor who asks all the same.
    fn private(&self, _path: &str) -> Answer {
        Answer::html(page("utf-8", "成员专区", "", "<main><p>成员专区</p></main>"))
    }

    /// The wall that answers every path of a closed platform; none on an open one.
    fn wall(&self) -> Option<Answer> {
        None
    }
}
