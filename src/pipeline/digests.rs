//! Digests: each person in charge is told in one letter what that person has not read yet, at that person's hour.

use std::collections::BTreeMap;

use crate::casework::told::{DigestSlot, digests_due, recipients};
use crate::casework::unlinking::is_recused;
use crate::casework::world::World;
use crate::model::alert::AlertKind;
use crate::model::case::{Case, Lane, Notify};
use crate::model::ids::EmployeeId;
use crate::model::time::Timestamp;
use crate::pipeline::letters::DIGEST_CASES_MAX;
use crate::pipeline::shell::Shell;
use crate::store::{AlertRequest, DigestRequest, Scan, StoreError};

/// A sign of life that is later than this is not sent, milliseconds.
const HEARTBEAT_LATE_MS: i64 = 12 * 3_600_000;

/// One digest: for whom and when, what makes it unique, and its cases.
struct Digest {
    slot: DigestSlot,
    occasion: String,
    cases: Vec<Case>,
}

/// Queues the digests whose time has come, and on Monday the sign of life where there is nothing to tell.
///
/// # Errors
/// When cases cannot be read or digests not be written.
pub async fn queue_digests(shell: &Shell, world: &World) -> Result<usize, StoreError> {
    let now = shell.clock.now();
    let mut queued = 0;
    for digest in gathered(shell, world, now).await? {
        queued += usize::from(queue(shell, &digest, now).await?);
    }
    Ok(queued)
}

/// All digests of a round before any is queued: who stands in for somebody reads that in the digest of the own lane.
async fn gathered(shell: &Shell, world: &World, now: Timestamp) -> Result<Vec<Digest>, StoreError> {
    let slots = digests_due(world, now);
    let mut digests: BTreeMap<(EmployeeId, Lane), Digest> = BTreeMap::new();
    let mut withheld = Vec::new();
    for slot in slots {
        let is_kept_away = |case: &Case| is_recused(world, &case.judgement, &slot.recipient);
        let (kept, cases): (Vec<Case>, Vec<Case>) = untold(shell, &slot).await?.into_iter().partition(is_kept_away);
        withheld.extend(kept.into_iter().map(|case| (slot.clone(), case)));
        let occasion = slot.day.to_string();
        let digest = digests.entry((slot.recipient.clone(), slot.lane.clone()));
        digest.or_insert(Digest { slot, occasion, cases: Vec::new() }).add(cases);
    }
    for (slot, case) in withheld {
        for reader in recipients(world, &case.judgement) {
            let stand_in = DigestSlot { recipient: reader.clone(), ..slot.clone() };
            if untold(shell, &stand_in).await?.iter().any(|other| other.id == case.id) {
                let occasion = format!("{} for {}", slot.day, slot.recipient);
                let digest = digests.entry((reader, slot.lane.clone()));
                let digest = digest.or_insert(Digest { slot: stand_in, occasion: String::new(), cases: Vec::new() });
                if digest.cases.is_empty() {
                    // The reader's own digest of the day may be gone already.
                    digest.occasion = occasion;
                }
                digest.add(vec![case.clone()]);
            }
        }
    }
    Ok(digests.into_values().collect())
}

impl Digest {
    fn add(&mut self, cases: Vec<Case>) {
        for case in cases {
            if !self.cases.iter().any(|other| other.id == case.id) {
                self.cases.push(case);
            }
        }
    }
}

/// What the reader of a digest has not been told since it changed. What came after its hour waits for the next one.
async fn untold(shell: &Shell, slot: &DigestSlot) -> Result<Vec<Case>, StoreError> {
    let mut cases: Vec<Case> = Vec::new();
    for rhythm in &slot.rhythms {
        cases.extend(shell.store.cases_untold(&slot.lane, *rhythm, &slot.recipient).await?);
    }
    cases.retain(|case| case.updated_at <= slot.at);
    Ok(cases)
}

async fn queue(shell: &Shell, digest: &Digest, now: Timestamp) -> Result<bool, StoreError> {
    let Digest { slot, occasion, cases } = digest;
    let is_weekly = slot.rhythms.contains(&Notify::Weekly);
    let kind = match (cases.is_empty(), is_weekly) {
        (false, true) => AlertKind::Weekly,
        (false, false) => AlertKind::Daily,
        (true, true) if is_sign_of_life(shell, slot, now).await? => AlertKind::Heartbeat,
        (true, _) => return Ok(false),
    };
    let request = AlertRequest { kind, recipient: slot.recipient.clone(), lane: slot.lane.clone(), due_at: slot.at };
    let cases = cases.iter().take(DIGEST_CASES_MAX).map(|c| c.id.clone()).collect();
    let request = DigestRequest { request, cases, occasion: occasion.clone() };
    Ok(shell.store.queue_digest(&request, now).await?.is_some())
}

/// Silence is reported while it is news, and only of an installation that was at work by then. To check work groups is not to
/// look at any page.
async fn is_sign_of_life(shell: &Shell, slot: &DigestSlot, now: Timestamp) -> Result<bool, StoreError> {
    let has_visited = |scan: &Scan| scan.summary["groups"].is_null() && scan.ended_at.is_some_and(|end| end <= slot.at);
    let was_at_work = shell.store.latest_scans(200).await?.iter().any(has_visited);
    Ok(was_at_work && now.ms_since(slot.at) <= HEARTBEAT_LATE_MS)
}
