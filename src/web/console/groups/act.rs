//! What is changed of a group in its forms. Changing one may settle its case, so that the case is looked at again at once.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Redirect;

use crate::casework::rights::Right;
use crate::groups::edits::Edit;
use crate::model::group::{Group, GroupRule};
use crate::pipeline::group_cases::settle_group;
use crate::pipeline::register::edit_group;
use crate::web::console::Console;
use crate::web::console::groups::group::{edit_of, may_file_listed};
use crate::web::console::groups::{Params, Sent, Visitor};
use crate::web::console::refusal::Refusal;

pub(in crate::web::console) async fn edit(
    State(console): State<Arc<Console>>,
    params: Params,
    Sent(visitor, form): Sent,
) -> Result<Redirect, Refusal> {
    let group = visitor.own_group(&params)?;
    let edit = edit_of(&form).ok_or_else(|| {
        Refusal::unfit("表单没有填完整，什么都没有改变。", "The form is not complete; nothing was changed.")
    })?;
    may_make(&console, &visitor, &group, &edit).await?;
    edit_group(&console.shell, &group, &edit, &visitor.did(edit.word(), group.id.as_str(), "")).await?;
    settle_cases(&console, &group).await?;
    let done = if matches!(edit, Edit::Dissolve { .. }) { "dissolved" } else { "saved" };
    let back = format!("{}/{}?done={done}", visitor.base, group.id);
    // Whoever handed the group over may not see it any more.
    let is_given_away = matches!(edit, Edit::HandOver { .. }) && visitor.frame.places.is_empty();
    Ok(Redirect::to(if is_given_away { &visitor.base } else { &back }))
}

/// Filing is noted by those with whom it is filed; only a pair that was proposed for merging is kept.
async fn may_make(console: &Console, visitor: &Visitor, group: &Group, edit: &Edit) -> Result<(), Refusal> {
    let may = match edit {
        Edit::FiledLocally => visitor.may_in(Right::KeepGroups, &group.company),
        Edit::FiledWithListed => may_file_listed(visitor),
        Edit::KeepBeside { other, .. } => {
            let overview = console.overview(&visitor.world).await?;
            let mut pairs = overview.findings(&group.id).filter(|finding| finding.rule == GroupRule::Duplicate);
            pairs.any(|finding| finding.with.as_ref() == Some(other))
        }
        _ => true,
    };
    if may { Ok(()) } else { Err(Refusal::NotFound) }
}

/// Closes the cases that an edit of a group settles.
pub(super) async fn settle_cases(console: &Console, group: &Group) -> Result<(), Refusal> {
    let overview = console.overview(&console.shell.world()).await?;
    Ok(settle_group(&console.shell, &overview.checked, group).await?)
}
