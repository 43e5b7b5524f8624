//! Whoever has left signs in no more. Their rights end with the directory at once; the login follows in the night.

use crate::model::audit::AuditEntry;
use crate::model::user::User;
use crate::pipeline::shell::Shell;
use crate::store::StoreError;

/// Shuts out every user whom the directory lists as left; returns how many.
///
/// # Errors
/// When the database fails.
pub async fn shut_out_leavers(shell: &Shell) -> Result<usize, StoreError> {
    let world = shell.world();
    let has_left = |user: &User| world.directory.get(&user.employee).is_some_and(|employee| employee.has_left);
    let users = shell.store.users().await?.into_iter().filter(|user| !user.disabled);
    let mut shut_out = 0;
    for user in users.filter(has_left) {
        let audit = AuditEntry {
            at: shell.clock.now(),
            actor: "wanglou".to_owned(),
            action: "user.disable".to_owned(),
            object: user.id.to_string(),
            detail: "left".to_owned(),
        };
        shell.store.save_user(&User { disabled: true, ..user }, &audit).await?;
        shut_out += 1;
    }
    Ok(shut_out)
}
