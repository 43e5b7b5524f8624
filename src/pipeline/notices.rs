//! Notices: letters to one person about a matter of the house itself, such as mail that came back. Each is written of what
//! holds when it is sent; its occasion says what it is about.

use crate::casework::voice::Voice;
use crate::casework::world::World;
use crate::model::alert::{Alert, AlertKind, LetterPart};
use crate::model::case::Lane;
use crate::model::ids::EmployeeId;
use crate::model::person::{Manager, ManagerRole};
use crate::pipeline::shell::Shell;
use crate::pipeline::{exemptions, lowering, returned};
use crate::store::{AlertRequest, DigestRequest, StoreError};

/// A notice that is due now. The lane says where a deputy is looked for.
pub(super) fn notice(shell: &Shell, lane: Lane, recipient: EmployeeId, occasion: &str) -> DigestRequest {
    let request = AlertRequest { kind: AlertKind::Notice, recipient, lane, due_at: shell.clock.now() };
    DigestRequest { request, cases: Vec::new(), occasion: occasion.to_owned() }
}

/// Queues a notice to somebody in no lane, once an occasion.
pub(super) async fn queue_notice(shell: &Shell, to: EmployeeId, occasion: &str) -> Result<bool, StoreError> {
    let notice = notice(shell, Lane::None, to, occasion);
    Ok(shell.store.queue_digest(&notice, shell.clock.now()).await?.is_some())
}

/// Who looks after the installation, or stands in for one who has left.
pub(super) fn operators(world: &World) -> Vec<EmployeeId> {
    acting(world, ManagerRole::Operator)
}

/// Everybody of a part in the ledger; the deputy of one who has left.
pub(super) fn acting(world: &World, role: ManagerRole) -> Vec<EmployeeId> {
    let is_here = |id: &&EmployeeId| world.directory.get(id).is_none_or(|employee| !employee.has_left);
    let line = |manager: &Manager| {
        [Some(&manager.employee), manager.deputy.as_ref()].into_iter().flatten().find(is_here).cloned()
    };
    let mut found: Vec<EmployeeId> =
        world.ledgers.managers.iter().filter(|manager| manager.role == role).filter_map(line).collect();
    found.sort();
    found.dedup();
    found
}

/// In which language somebody reads.
pub(super) fn language_of(world: &World, employee: &EmployeeId) -> String {
    let manager = world.ledgers.managers.iter().find(|manager| manager.employee == *employee);
    manager.map_or_else(|| "zh-CN".to_owned(), |manager| manager.language.clone())
}

/// What a notice says now; nothing when it is settled.
pub(super) async fn notice_parts(shell: &Shell, world: &World, alert: &Alert) -> Result<Vec<LetterPart>, StoreError> {
    let voice = Voice::new(&language_of(world, &alert.recipient), shell.zone(), shell.clock.now());
    let occasion = shell.store.occasion(&alert.id).await?;
    Ok(match occasion.split_once(':') {
        Some((returned::OCCASION, _)) => vec![returned::part(shell, &voice).await?],
        Some((lowering::OCCASION, _)) => lowering::part(shell, &voice).await?.into_iter().collect(),
        Some((exemptions::OCCASION, number)) => {
            exemptions::part(shell, world, alert, number, &voice).await?.into_iter().collect()
        }
        _ => Vec::new(),
    })
}

/// Whether a notice that could not be delivered has something to say to somebody else. What is said of groups has always.
pub(super) async fn is_for_reader(
    shell: &Shell,
    world: &World,
    alert: &Alert,
    reader: &EmployeeId,
) -> Result<bool, StoreError> {
    match shell.store.occasion(&alert.id).await?.split_once(':') {
        Some((lowering::OCCASION, _)) => lowering::is_under_way(shell).await,
        Some((exemptions::OCCASION, number)) => {
            Ok(exemptions::waiting_for(shell, world, number, reader).await?.is_some())
        }
        _ => Ok(true),
    }
}

/// Why somebody receives a notice.
pub(super) fn part_in_notice(alert: &Alert, voice: &Voice) -> String {
    let (zh, en) = match alert.lane {
        Lane::GroupHr => ("上市公司人力资源部审批人", "approver in HR of the listed company"),
        _ => ("望楼的负责人之一", "one of those who look after Wanglou"),
    };
    voice.say(zh, en).to_owned()
}
