//! 用户: who may sign in, invited and shut out by an admin.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Redirect};

use crate::casework::rights::{Right, Rights};
use crate::model::user::{Role, User};
use crate::web::console::form::Submitted;
use crate::web::console::frame::{Frame, role_name};
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;
use crate::web::console::{Console, INVITATION_DAYS, new_user};

#[derive(Debug)]
struct Row {
    login: String,
    name: String,
    employee: String,
    roles: String,
    state: &'static str,
    is_disabled: bool,
}

#[derive(Debug, Template)]
#[template(path = "console/users.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    /// An invitation that was just made: for whom, and the link, shown this once.
    invitation: Option<(String, String)>,
    days: i64,
}

pub(super) async fn page(State(console): State<Arc<Console>>, reader: Reader) -> Result<Html<String>, Refusal> {
    reader.must(Right::ManageUsers)?;
    show(&console, &reader, None).await
}

async fn show(
    console: &Console,
    reader: &Reader,
    invitation: Option<(String, String)>,
) -> Result<Html<String>, Refusal> {
    let frame = Frame::of(reader);
    let users = console.shell.store.users().await?;
    let rows = users.iter().map(|user| row(&frame, reader, user)).collect();
    Ok(Html(Page { frame, rows, invitation, days: INVITATION_DAYS }.render()?))
}

fn row(frame: &Frame, reader: &Reader, user: &User) -> Row {
    let (rights, voice) = (Rights::of(user, &reader.world), &frame.voice);
    let roles: Vec<String> = rights.roles().iter().map(|role| role_name(reader, voice, role)).collect();
    Row {
        login: user.login.clone(),
        name: user.name.clone(),
        employee: user.employee.to_string(),
        roles: roles.join(voice.say("、", ", ")),
        state: match user {
            User { disabled: true, .. } => voice.say("已停用", "shut out"),
            User { password_hash: None, .. } => voice.say("已邀请", "invited"),
            User { locked_until, .. } if *locked_until > voice.at => voice.say("暂时锁定", "locked for now"),
            _ => voice.say("可登录", "may sign in"),
        },
        is_disabled: user.disabled,
    }
}

pub(super) async fn add(
    State(console): State<Arc<Console>>,
    Submitted(reader, form): Submitted,
) -> Result<Html<String>, Refusal> {
    reader.must(Right::ManageUsers)?;
    let login = form.text("login").to_lowercase();
    let is_login = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
    if login.is_empty() || login.len() > 60 || !login.chars().all(is_login) || form.text("name").is_empty() {
        return Err(Refusal::unfit(
            "登录名只能用字母、数字和 . - _ @，姓名不能为空。",
            "A login has letters, digits and . - _ @ only; the name must not be empty.",
        ));
    }
    let roles = roles(form.text("roles"))?;
    let user = new_user(&console.shell, &login, form.text("name"), form.text("employee"), roles);
    of_no_case(&reader, &user)?;
    console.shell.store.save_user(&user, &reader.did("user.save", user.id.as_str(), "new")).await?;
    let link = super::invite(&console.shell, &user.id).await?;
    show(&console, &reader, Some((login, link))).await
}

fn roles(text: &str) -> Result<Vec<Role>, Refusal> {
    let words = text.split([' ', ',', '、', '，', ';']).filter(|word| !word.is_empty());
    words.map(str::parse).collect::<Result<_, String>>().map_err(|why| Refusal::unfit(format!("角色：{why}"), why))
}

/// Refuses people whose role opens cases: who invites them could come in as they. They are invited at the machine.
fn of_no_case(reader: &Reader, user: &User) -> Result<(), Refusal> {
    let rights = Rights::of(user, &reader.world);
    if rights.roles().iter().all(|role| matches!(role, Role::Admin | Role::ListEditor)) {
        return Ok(());
    }
    Err(Refusal::unfit(
        "这个角色可以看到线索，请在服务器上用 wanglou user add 或 wanglou user invite 邀请。",
        "This role sees cases; invite such people at the machine, with `wanglou user add` or `wanglou user invite`.",
    ))
}

/// The user of a login; not the reader's own, so that nobody shuts themselves out.
async fn other(console: &Console, reader: &Reader, login: &str) -> Result<User, Refusal> {
    reader.must(Right::ManageUsers)?;
    let user = console.shell.store.user_by_login(login).await?.ok_or(Refusal::NotFound)?;
    if user.id == reader.session.user.id {
        return Err(Refusal::unfit("不能对自己这样做。", "Not to yourself."));
    }
    Ok(user)
}

pub(super) async fn invite(
    State(console): State<Arc<Console>>,
    Path(login): Path<String>,
    Submitted(reader, _): Submitted,
) -> Result<Html<String>, Refusal> {
    let user = User { disabled: false, ..other(&console, &reader, &login).await? };
    of_no_case(&reader, &user)?;
    console.shell.store.save_user(&user, &reader.did("user.invite", user.id.as_str(), "")).await?;
    let link = super::invite(&console.shell, &user.id).await?;
    show(&console, &reader, Some((login, link))).await
}

pub(super) async fn disable(
    State(console): State<Arc<Console>>,
    Path(login): Path<String>,
    Submitted(reader, _): Submitted,
) -> Result<Redirect, Refusal> {
    let user = User { disabled: true, ..other(&console, &reader, &login).await? };
    console.shell.store.save_user(&user, &reader.did("user.disable", user.id.as_str(), "")).await?;
    Ok(Redirect::to("/users"))
}
