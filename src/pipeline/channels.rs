//! Telling channels beside mail what happened to cases: each event in its order, and each at least once. What cannot be told
//! is tried again later and holds up nothing but its own channel.

use std::time::Duration;

use crate::casework::told::{due, in_charge};
use crate::casework::unlinking::is_recused;
use crate::casework::voice::Voice;
use crate::casework::world::World;
use crate::chat::{Channel, ChannelKind, Happened, Note};
use crate::model::audit::AuditEntry;
use crate::model::case::Case;
use crate::model::ids::CaseId;
use crate::model::term::Severity;
use crate::pace::host::backoff;
use crate::pipeline::shell::Shell;
use crate::store::{ChannelState, StoreError};

/// Messages to one channel in one round: robots take twenty a minute.
const A_ROUND: u32 = 18;
/// Lines of the audit that are looked through again and again before it is written down that they say nothing of cases.
const UNHEARD_MAX: u64 = 1_000;
/// What is older is not told any more, days.
const TOLD_DAYS: i64 = 3;

/// Tells every channel what it has not heard. Returns how many messages were taken.
///
/// # Errors
/// When the database fails; a channel that does not answer is noted with the channel.
pub async fn tell_channels(shell: &Shell, world: &World) -> Result<usize, StoreError> {
    let mut told = 0;
    for channel in &shell.channels {
        told += tell(shell, world, channel).await?;
    }
    Ok(told)
}

async fn tell(shell: &Shell, world: &World, channel: &Channel) -> Result<usize, StoreError> {
    let (now, end) = (shell.clock.now(), shell.store.audit_end().await?);
    let Some(mut state) = shell.store.channel_state(&channel.name).await? else {
        // A new channel begins with what happens from now on.
        let state = ChannelState { heard: end, ..ChannelState::default() };
        return shell.store.save_channel_state(&channel.name, &state).await.map(|()| 0);
    };
    if state.retry_at > now {
        return Ok(0);
    }
    let events = shell.store.case_events(state.heard, now.plus_days(-TOLD_DAYS), A_ROUND).await?;
    if events.is_empty() && end > state.heard + UNHEARD_MAX {
        state.heard = end;
        shell.store.save_channel_state(&channel.name, &state).await?;
    }
    let mut told = 0;
    for (seq, event) in events {
        if let Some(note) = note(shell, world, channel, seq, &event).await? {
            let outcome = send(shell, channel, &note).await;
            let is_taken = outcome.is_ok();
            state = after(state, outcome, shell);
            if !is_taken {
                shell.store.save_channel_state(&channel.name, &state).await?;
                break;
            }
            told += 1;
        }
        state.heard = seq;
        shell.store.save_channel_state(&channel.name, &state).await?;
    }
    Ok(told)
}

/// What a channel may hear of an event; none when it is not for it or the case is gone.
async fn note(
    shell: &Shell,
    world: &World,
    channel: &Channel,
    seq: u64,
    event: &AuditEntry,
) -> Result<Option<Note>, StoreError> {
    let Some(happened) = happened(&event.action) else { return Ok(None) };
    let Some(case) = shell.store.case(&CaseId::new(event.object.as_str())).await? else { return Ok(None) };
    if !channel.hears(&case.judgement.lane, happened) || is_about_a_reader(world, channel, &case) {
        return Ok(None);
    }
    let severity = case.judgement.severity.unwrap_or(Severity::Low);
    let (voice, due_at) =
        (Voice::new(&channel.language, shell.zone(), world.at), due(world, severity, case.open_since));
    let console = shell.config.mail.console();
    Ok(Some(Note {
        id: seq,
        happened,
        at: event.at,
        link: console.map(|console| format!("{console}/cases/{}", case.number)),
        number: case.number,
        lane: case.judgement.lane,
        severity,
        deadline: voice.deadline(due_at),
        due_at,
        severity_word: voice.severity(severity).to_owned(),
    }))
}

/// Whether somebody who perhaps reads a robot's messages is perhaps whom the case is about.
fn is_about_a_reader(world: &World, channel: &Channel, case: &Case) -> bool {
    let readers = in_charge(world, &case.judgement.lane).into_iter().flat_map(|manager| {
        [Some(&manager.employee), manager.deputy.as_ref(), manager.escalates_to.as_ref()].into_iter().flatten()
    });
    channel.kind != ChannelKind::Webhook && readers.into_iter().any(|id| is_recused(world, &case.judgement, id))
}

fn happened(action: &str) -> Option<Happened> {
    Some(match action {
        "case.open" => Happened::Opened,
        "case.close" => Happened::Closed,
        "case.reopen" => Happened::Reopened,
        "case.recheck" => Happened::Rechecked,
        _ => return None,
    })
}

async fn send(shell: &Shell, channel: &Channel, note: &Note) -> Result<(), String> {
    let answer = shell.fetcher.call(channel.call(note, shell.clock.now())).await;
    // Such an error names the host of an address and no more of it.
    let (status, body) = answer.map_err(|error| error.to_string())?;
    channel.is_taken(status, &body)
}

fn after(state: ChannelState, outcome: Result<(), String>, shell: &Shell) -> ChannelState {
    let Err(error) = outcome else {
        return ChannelState { failures: 0, last_error: None, ..state };
    };
    let failures = state.failures.saturating_add(1);
    let pause = backoff(failures, Duration::from_secs(60), Duration::from_secs(3600), 0.5);
    let retry_at = shell.clock.now().plus_ms(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
    ChannelState { failures, retry_at, last_error: Some(error), ..state }
}
