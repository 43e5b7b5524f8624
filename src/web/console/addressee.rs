//! Whoever holds the personal link of a letter: known by the link alone, without signing in.

use crate::casework::voice::Voice;
use crate::casework::world::World;
use crate::model::audit::AuditEntry;
use crate::model::ids::EmployeeId;
use crate::store::StoreError;
use crate::web::console::Console;

/// Whether somebody who could sign in was shut out: their links hold no more.
pub(super) async fn is_shut_out(console: &Console, employee: &EmployeeId) -> Result<bool, StoreError> {
    let users = console.shell.store.users().await?;
    Ok(users.iter().any(|user| user.employee == *employee && user.disabled))
}

/// The language that the ledger says of somebody in charge, and the clock.
pub(super) fn voice_of(world: &World, employee: &EmployeeId) -> Voice {
    let manager = world.ledgers.managers.iter().find(|manager| manager.employee == *employee);
    Voice::new(manager.map_or("zh-CN", |manager| &manager.language), world.zone, world.at)
}

/// Notes what somebody read by the link of a letter.
pub(super) async fn note(
    console: &Console,
    employee: &EmployeeId,
    action: &str,
    object: &str,
    detail: &str,
) -> Result<(), StoreError> {
    let entry = AuditEntry {
        at: console.shell.clock.now(),
        actor: employee.to_string(),
        action: action.to_owned(),
        object: object.to_owned(),
        detail: detail.to_owned(),
    };
    console.shell.store.audit(&entry).await
}
