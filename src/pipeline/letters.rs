//! From the outbox to the transport: letters are sent when they are due.
//! A letter is marked before its body leaves, so that a crash never sends it twice without saying so.
//! The gravest go first. While the server is away everything waits; afterwards what piled up is folded, and paced.

use std::collections::HashMap;
use std::time::Duration;

use crate::casework::blocked::blocked_reason;
use crate::casework::escalate::{follow_up, is_over};
use crate::casework::rights::decides_by_letter;
use crate::casework::silence::{TOLD_FROM, words};
use crate::casework::told::{immediate_at, in_charge, recipients};
use crate::casework::unlinking::is_recused;
use crate::casework::voice::Voice;
use crate::casework::world::World;
use crate::mail::{Message, Recipient, SendError, compose, render};
use crate::model::alert::{Alert, AlertKind, AlertState, CaseBrief, Letter, LetterPart, SourceHealth};
use crate::model::capture::Verdict;
use crate::model::case::{Case, CaseState, Disposition, Lane};
use crate::model::finding::Reason;
use crate::model::ids::{CaseId, EmployeeId, SourceId};
use crate::model::person::Manager;
use crate::pace::host::backoff;
use crate::pipeline::brief::brief;
use crate::pipeline::group_letters::{letter_parts, part_in_groups};
use crate::pipeline::notices::{is_for_reader, language_of, notice_parts, part_in_notice};
use crate::pipeline::retain::decide;
use crate::pipeline::shell::Shell;
use crate::seal::random_token;
use crate::store::{
    AlertRequest, CaseFilter, Decision, DigestRequest, Folding, NOT_FOR_THE_READER, Outgoing, SourceState, Step,
    StoreError, new_id,
};

/// How long one sender may hold a letter beyond the time that the transport may take over it, milliseconds.
const LEASE_MS: i64 = 120_000;
/// Most letters in a minute: mail servers take more for a storm and close the door.
const A_MINUTE: usize = 60;
/// What counts as piled up: somebody who opens the mailbox after an outage wants the worst on top and the rest in one.
const FOLDING: Folding = Folding { held_ms: 3_600_000, singles: 5, most: DIGEST_CASES_MAX };
/// Cases in a digest at most; the rest is counted.
pub(super) const DIGEST_CASES_MAX: usize = 200;
/// Tries after which a letter counts as failed.
const ATTEMPTS_MAX: u32 = 12;

/// What a round of sending came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sent {
    /// Letters that the transport took.
    pub sent: usize,
    /// Letters that will be tried again.
    pub later: usize,
    /// Letters refused for good or lost sight of.
    pub failed: usize,
    /// Whether the round ended early because the server could not be had; everything else waits for the next round.
    pub is_held: bool,
}

/// Cases that are looked at for what follows when nobody decides.
const FOLLOWED_MAX: u32 = 10_000;

/// Reminds of what nobody has decided, tells the next level, and closes low cases whose time is over. Returns how many
/// letters were queued and how many cases closed; a case that cannot be followed does not stop the others.
///
/// # Errors
/// When the cases cannot be read.
pub async fn follow_up_cases(shell: &Shell, world: &World) -> Result<(usize, usize), StoreError> {
    let filter = CaseFilter { with_leak_lane: true, limit: Some(FOLLOWED_MAX), ..CaseFilter::default() };
    let (mut queued, mut closed) = (0, 0);
    for case in shell.store.cases(&filter).await? {
        let followed = follow_one(shell, world, &case).await;
        match followed {
            Ok((letters, is_closed)) => (queued, closed) = (queued + letters, closed + usize::from(is_closed)),
            Err(error) => tracing::warn!(case.id = %case.id, %error, "a case was not followed up"),
        }
    }
    Ok((queued, closed))
}

async fn follow_one(shell: &Shell, world: &World, case: &Case) -> Result<(usize, bool), StoreError> {
    let now = shell.clock.now();
    if is_over(world, case, now) {
        let step = Step::Close(Disposition::Unreviewed);
        let decision = Decision { case: case.id.clone(), step, by: "wanglou".to_owned(), at: now, alerts: Vec::new() };
        return decide(&shell.store, &shell.vault, &decision).await.map(|_| (0, true));
    }
    let Some(step) = follow_up(world, case, now) else { return Ok((0, false)) };
    let occasion = format!("{}:{}", step.name, case.open_since.ms());
    let mut queued = 0;
    for recipient in step.to {
        let lane = case.judgement.lane.clone();
        let request = AlertRequest { kind: AlertKind::Immediate, recipient, lane, due_at: now };
        queued += usize::from(shell.store.queue_alert(&case.id, &request, &occasion, now).await?.is_some());
    }
    Ok((queued, false))
}

/// Sends every letter that is due. Without a transport they wait.
pub async fn deliver(shell: &Shell, world: &World) -> Result<Sent, StoreError> {
    deliver_for(shell, world, Duration::MAX).await
}

/// The same, but begins no letter after so much time: what is left goes with the next round, behind the digests that are
/// due by then.
///
/// # Errors
/// When the database fails.
pub async fn deliver_for(shell: &Shell, world: &World, at_most: Duration) -> Result<Sent, StoreError> {
    let mut total = Sent::default();
    if shell.transport.is_off() {
        return Ok(total);
    }
    // A name of its own for every round: two rounds of one process must not take each other's letters for their own.
    let worker = format!("sender-{}-{}", std::process::id(), new_id(shell.clock.now()));
    let began = tokio::time::Instant::now();
    shell.store.fold_alerts(shell.clock.now(), &FOLDING).await?;
    loop {
        tokio::time::sleep(rest(total.tried(), began.elapsed())).await;
        // One at a time: a letter that waits in nobody's hands can be sent by somebody else, or folded.
        let claimed = shell.store.claim_alerts(shell.clock.now(), &worker, lease_ms(shell), 1).await?;
        let Some(alert) = claimed.first() else { return Ok(total) };
        match send_one(shell, world, alert, &worker).await {
            Ok(end) => total.add(&end),
            // Held too long: another round has taken it over.
            Err(StoreError::AlertLost(id)) => {
                total.failed += 1;
                tracing::warn!(alert.id = %id, "letter {id} went to another sender");
            }
            // Whatever is sent now could not be written down either.
            Err(error) => {
                tracing::error!(alert.id = %alert.id, %error, "the end of letter {} cannot be written", alert.id);
                return Err(error);
            }
        }
        if total.is_held || began.elapsed() >= at_most {
            return Ok(total);
        }
    }
}

/// Longer than the transport takes over one letter, so that nobody else takes the letter for lost meanwhile.
fn lease_ms(shell: &Shell) -> i64 {
    let longest = shell.config.mail.longest_send();
    LEASE_MS.saturating_add(i64::try_from(longest.as_millis()).unwrap_or(i64::MAX))
}

/// How long to rest before the next letter, after so many in so much time.
fn rest(letters: usize, passed: Duration) -> Duration {
    let minutes = u32::try_from(letters / A_MINUTE).unwrap_or(u32::MAX);
    Duration::from_secs(60).saturating_mul(minutes).saturating_sub(passed)
}

impl Sent {
    const fn tried(&self) -> usize {
        self.sent + self.later + self.failed
    }

    const fn add(&mut self, end: &Outgoing) {
        match end {
            Outgoing::Sent => self.sent += 1,
            Outgoing::RetryAt { .. } => self.later += 1,
            Outgoing::Held { .. } => {
                self.later += 1;
                self.is_held = true;
            }
            Outgoing::Failed { .. } | Outgoing::Uncertain { .. } => self.failed += 1,
        }
    }
}

/// For how long a link of a letter can be used, days.
pub(crate) const LINK_DAYS: i64 = 7;

/// Another try after a pause that grows, until the last one.
fn later(shell: &Shell, alert: &Alert, error: String) -> Outgoing {
    if alert.attempts >= ATTEMPTS_MAX {
        return Outgoing::Failed { error };
    }
    let (first, longest) = (Duration::from_secs(60), Duration::from_secs(3600));
    let pause = backoff(alert.attempts, first, longest, 0.5);
    let ms = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
    Outgoing::RetryAt { at: shell.clock.now().plus_ms(ms), error }
}

/// Writes one letter, hands it over and writes how that ended. From the handing over on, an error leaves the letter to
/// its lease, after which it counts as uncertain: nobody knows whether it left, so nobody sends it again.
async fn send_one(shell: &Shell, world: &World, alert: &Alert, worker: &str) -> Result<Outgoing, StoreError> {
    readdress(shell, world, alert).await?;
    let end = match written(shell, world, alert).await {
        Err(end) => end,
        Ok(message) => {
            // Written only when the server waits for the body: who dies before that has certainly sent nothing.
            let hand_over = async {
                let until = shell.clock.now().plus_ms(lease_ms(shell));
                shell.store.hand_over_alert(&alert.id, worker, until).await
            };
            ended(shell, alert, shell.transport.send(&message, hand_over).await?)
        }
    };
    if let Outgoing::Failed { error } = &end {
        tracing::warn!(alert.id = %alert.id, %error, "a letter failed");
        // Before the end is written, so that a crash in between tells the deputy later rather than never.
        tell_deputy(shell, world, alert).await?;
    }
    shell.store.settle_alert(&alert.id, worker, &end, shell.clock.now()).await?;
    Ok(end)
}

/// The letter as a message; else what becomes of it, so that it does not hold up those behind it.
async fn written(shell: &Shell, world: &World, alert: &Alert) -> Result<Message, Outgoing> {
    let letter = letter(shell, world, alert).await.map_err(|error| {
        tracing::error!(alert.id = %alert.id, %error, "letter {} cannot be written", alert.id);
        later(shell, alert, "the letter could not be written; see the log".to_owned())
    })?;
    // Signs of life, letters about groups and notices have no cases of their own.
    let has_no_cases = matches!(alert.kind, AlertKind::Heartbeat | AlertKind::Groups | AlertKind::Notice);
    let is_settled = alert.kind == AlertKind::Notice && letter.parts.is_empty();
    if is_settled || letter.cases.is_empty() && !has_no_cases {
        return Err(Outgoing::Failed { error: NOT_FOR_THE_READER.to_owned() });
    }
    let address = mail_of(world, &alert.recipient).unwrap_or_default();
    let recipient = Recipient { name: &letter.recipient_name, address: &address };
    let rendered = render(&letter, &shell.config.mail, shell.zone());
    let message = compose(&letter, &rendered, recipient, &shell.config.mail);
    message.map_err(|error| Outgoing::Failed { error: error.to_string() })
}

fn ended(shell: &Shell, alert: &Alert, result: Result<(), SendError>) -> Outgoing {
    let Err(error) = result else { return Outgoing::Sent };
    let text = error.to_string();
    match error {
        SendError::Uncertain { .. } => Outgoing::Uncertain { error: text },
        SendError::Permanent { .. } => Outgoing::Failed { error: text },
        SendError::Transient { .. } => later(shell, alert, text),
        SendError::Away { .. } | SendError::Configuration { .. } => {
            tracing::warn!(alert.id = %alert.id, error = %text, "no letter can be sent for now, all of them wait");
            Outgoing::Held { error: text }
        }
    }
}

/// A letter that cannot reach its recipient goes to the next in line for whom something is left in it, once; what was decided
/// meanwhile is told to nobody more.
pub(super) async fn tell_deputy(shell: &Shell, world: &World, alert: &Alert) -> Result<(), StoreError> {
    let is_about_cases = !matches!(alert.kind, AlertKind::Groups | AlertKind::Notice);
    // Without a case that tells who could not be reached before, two deputies of each other would write for ever.
    if !is_about_cases && shell.store.is_deputys_copy(&alert.id).await? {
        return Ok(());
    }
    for next in next_in_line(world, alert) {
        let cases = cases_for(shell, world, alert, &next).await?;
        let is_told =
            if is_about_cases { !cases.is_empty() } else { is_for_reader(shell, world, alert, &next).await? };
        if is_told {
            return hand_on(shell, alert, next, cases).await;
        }
    }
    Ok(())
}

/// Who comes after the recipient in the lines of the lane, and is here: the deputy, then one level up.
fn next_in_line(world: &World, alert: &Alert) -> Vec<EmployeeId> {
    // Whoever is in charge and stands in for others as well has a deputy of their own, who comes first.
    let (own, others): (Vec<_>, Vec<_>) =
        in_charge(world, &alert.lane).into_iter().partition(|manager| manager.employee == alert.recipient);
    let is_here = |id: &&EmployeeId| world.directory.get(id).is_none_or(|employee| !employee.has_left);
    let after = |manager: &Manager| {
        let line = [Some(&manager.employee), manager.deputy.as_ref(), manager.escalates_to.as_ref()];
        let after = line.into_iter().flatten().skip_while(|id| **id != alert.recipient).skip(1);
        after.filter(is_here).filter(|id| **id != alert.recipient).cloned().collect::<Vec<_>>()
    };
    own.into_iter().chain(others).flat_map(after).collect()
}

/// The cases of a letter that somebody else may read of, and could be reached about before.
async fn cases_for(shell: &Shell, world: &World, alert: &Alert, next: &EmployeeId) -> Result<Vec<CaseId>, StoreError> {
    let mut cases = Vec::new();
    for case in &alert.cases {
        let stored = shell.store.case(case).await?;
        let is_kept = |c: Case| is_recused(world, &c.judgement, next) || !is_for(&c, alert) || is_closed(&c);
        if !stored.is_some_and(is_kept) && !has_failed(shell, case, next).await? {
            cases.push(case.clone());
        }
    }
    Ok(cases)
}

/// Queues the copy of a letter. What came in one letter goes on in one letter.
async fn hand_on(shell: &Shell, alert: &Alert, next: EmployeeId, cases: Vec<CaseId>) -> Result<(), StoreError> {
    let now = shell.clock.now();
    let request = AlertRequest { kind: alert.kind, recipient: next, lane: alert.lane.clone(), due_at: now };
    let occasion = format!("deputy:{}", alert.id);
    match (alert.kind, cases.first()) {
        (AlertKind::Immediate, Some(case)) => shell.store.queue_alert(case, &request, &occasion, now).await?,
        _ => shell.store.queue_digest(&DigestRequest { request, cases, occasion }, now).await?,
    };
    Ok(())
}

const fn is_closed(case: &Case) -> bool {
    matches!(case.state, CaseState::Closed { .. })
}

/// Whether this person could not be reached about the case before: two people who stand in for each other would
/// otherwise be written to without end.
async fn has_failed(shell: &Shell, case: &CaseId, recipient: &EmployeeId) -> Result<bool, StoreError> {
    let told = shell.store.alerts_of_case(case).await?;
    Ok(told.iter().any(|alert| alert.recipient == *recipient && alert.state == AlertState::Failed))
}

async fn letter(shell: &Shell, world: &World, alert: &Alert) -> Result<Letter, StoreError> {
    let now = shell.clock.now();
    let mut cases = briefs(shell, world, alert).await?;
    add_links(shell, world, alert, &mut cases).await?;
    let is_digest = matches!(alert.kind, AlertKind::Daily | AlertKind::Weekly | AlertKind::Heartbeat);
    let parts = parts(shell, world, alert).await?;
    let pending = if is_digest { pending(shell, world, alert).await? } else { Vec::new() };
    let manager = in_lane(world, alert);
    let language = match alert.kind {
        AlertKind::Notice => language_of(world, &alert.recipient),
        _ => manager.map_or_else(|| "zh-CN".to_owned(), |m| m.language.clone()),
    };
    let employee = world.directory.get(&alert.recipient);
    Ok(Letter {
        alert: alert.id.clone(),
        kind: alert.kind,
        lane: alert.lane.clone(),
        recipient_name: employee
            .map(|e| e.name.clone())
            .or_else(|| manager.map(|m| m.name.clone()))
            .unwrap_or_default(),
        recipient_part: match alert.kind {
            AlertKind::Groups => part_in_groups(alert, manager.is_some()),
            AlertKind::Notice => part_in_notice(alert, &Voice::new(&language, shell.zone(), now)),
            _ => part(world, alert, manager),
        },
        language,
        company_name: company_name(world, alert, manager),
        at: now,
        cases,
        pending,
        silent: if is_digest { silent(shell, &alert.lane).await? } else { Vec::new() },
        sources: if is_digest { Some(source_health(shell).await?) } else { None },
        parts,
    })
}

/// What letters say that are not about cases.
async fn parts(shell: &Shell, world: &World, alert: &Alert) -> Result<Vec<LetterPart>, StoreError> {
    match alert.kind {
        AlertKind::Groups => letter_parts(shell, world, alert).await,
        AlertKind::Notice => notice_parts(shell, world, alert).await,
        _ => Ok(Vec::new()),
    }
}

/// Gives the reader of a letter about one case a link by which to decide it. Leaks are decided by whoever signs in.
async fn add_links(shell: &Shell, world: &World, alert: &Alert, cases: &mut [CaseBrief]) -> Result<(), StoreError> {
    let Some(console) = shell.config.mail.console() else { return Ok(()) };
    if alert.kind != AlertKind::Immediate || alert.lane == Lane::Leak {
        return Ok(());
    }
    for case in cases.iter_mut().filter(|case| case.lane != Lane::Leak) {
        let Some(stored) = shell.store.case(&case.case).await? else { continue };
        if !decides_by_letter(world, &stored, &alert.recipient) {
            continue;
        }
        let token = random_token();
        let until = shell.clock.now().plus_days(LINK_DAYS);
        shell.store.add_mail_link(&token, &case.case, &alert.recipient, until).await?;
        case.link = Some(format!("{console}/letters/{token}"));
    }
    Ok(())
}

/// Whether a case is still for the readers of a letter: it may have gone to another lane since that was queued, or be locked
/// by an objection.
fn is_for(case: &Case, alert: &Alert) -> bool {
    case.judgement.lane == alert.lane && !matches!(case.state, CaseState::Locked { .. })
}

/// A case that went to another lane since a letter about it was queued is told there, once.
async fn readdress(shell: &Shell, world: &World, alert: &Alert) -> Result<(), StoreError> {
    // What heads read of groups stays with the manager as well: it is in two lanes, and has gone nowhere.
    if alert.kind == AlertKind::Groups {
        return Ok(());
    }
    let now = shell.clock.now();
    for id in &alert.cases {
        let moved = shell.store.case(id).await?.filter(|case| case.judgement.lane != alert.lane);
        let Some(case) = moved.filter(|case| matches!(case.state, CaseState::Open)) else { continue };
        for recipient in recipients(world, &case.judgement) {
            let lane = case.judgement.lane.clone();
            let due_at = immediate_at(world, &case.judgement, now);
            let request = AlertRequest { kind: AlertKind::Immediate, recipient, lane, due_at };
            shell.store.queue_alert(id, &request, &format!("lane:{}", alert.id), now).await?;
        }
    }
    Ok(())
}

/// What a letter tells. Whoever came under suspicion since it was queued does not read of the case.
async fn briefs(shell: &Shell, world: &World, alert: &Alert) -> Result<Vec<CaseBrief>, StoreError> {
    let mut briefs = Vec::new();
    for id in &alert.cases {
        let case = shell.store.case(id).await?;
        let is_kept_away = |case: &Case| is_recused(world, &case.judgement, &alert.recipient);
        if let Some(case) = case.filter(|case| is_for(case, alert) && !is_kept_away(case)) {
            briefs.push(brief(shell, world, &case).await?);
        }
    }
    briefs.sort_by_key(|b| std::cmp::Reverse(b.severity));
    Ok(briefs)
}

/// Open cases of the lane that were told before, soonest due first.
async fn pending(shell: &Shell, world: &World, alert: &Alert) -> Result<Vec<CaseBrief>, StoreError> {
    let filter = CaseFilter {
        lane: Some(alert.lane.clone()),
        with_leak_lane: alert.lane == Lane::Leak,
        ..CaseFilter::default()
    };
    let mut pending = Vec::new();
    for case in shell.store.cases(&filter).await? {
        let was_told = shell.store.alerts_of_case(&case.id).await?.iter().any(|a| a.id < alert.id);
        if was_told
            && !alert.cases.contains(&case.id)
            && !is_recused(world, &case.judgement, &alert.recipient)
            && is_for(&case, alert)
            && pending.len() < DIGEST_CASES_MAX
        {
            pending.push(brief(shell, world, &case).await?);
        }
    }
    pending.sort_by_key(|b| b.due);
    Ok(pending)
}

/// How many sources work, and what is wrong with the others.
async fn source_health(shell: &Shell) -> Result<SourceHealth, StoreError> {
    let states = shell.store.source_states().await?;
    let mut health = SourceHealth::default();
    let states: HashMap<&SourceId, &SourceState> = states.iter().map(|state| (&state.source, state)).collect();
    for source in shell.sources().iter().filter(|s| s.enabled) {
        health.total += 1;
        let name = shell.platform_name(&source.platform);
        match states.get(&source.id).and_then(|s| s.verdict.as_ref()) {
            Some(Verdict::Found | Verdict::Empty) => health.working += 1,
            Some(Verdict::Blocked { reason }) => {
                let Reason { zh, en, .. } = blocked_reason(reason, shell.zone());
                health
                    .troubles
                    .push(Reason::new(format!("{name}：看不到内容（{zh}）"), format!("{name}: blocked ({en})")));
            }
            None => health.troubles.push(Reason::new(format!("{name}：尚未访问"), format!("{name}: not visited yet"))),
        }
    }
    Ok(health)
}

/// What the month kept silent in a lane, by cause. Protected speech is told to the group alone, and only where it is frequent.
async fn silent(shell: &Shell, lane: &Lane) -> Result<Vec<(String, String, u64)>, StoreError> {
    let today = shell.clock.now().date(shell.zone());
    let mut counts = Vec::new();
    for one in shell.store.silent_counts(today).await? {
        let (zh, en) = words(one.silence.cause);
        if one.silence.lane == *lane {
            counts.push((zh.to_owned(), en.to_owned(), one.count));
        }
    }
    if *lane == Lane::GroupHr {
        let topics = shell.store.topic_counts(&today.format("%Y-%m").to_string()).await?;
        let protected: u64 = topics.iter().map(|(_, count)| count).sum();
        let told = (protected >= TOLD_FROM).then(|| ("权益保护".to_owned(), "protected speech".to_owned(), protected));
        counts.extend(told);
    }
    Ok(counts)
}

fn in_lane<'a>(world: &'a World, alert: &Alert) -> Option<&'a Manager> {
    let all = in_charge(world, &alert.lane);
    all.iter().find(|m| m.employee == alert.recipient).or(all.first()).copied()
}

/// Why this person receives the letter.
fn part(world: &World, alert: &Alert, manager: Option<&Manager>) -> String {
    let role = match alert.lane {
        Lane::Manager(_) => "指定专人",
        Lane::Leak => "泄密专线",
        Lane::Legal => "仿冒维权负责人",
        Lane::GroupHr => "上市公司人力资源部审批人",
        Lane::None => "负责人",
    };
    let stands_in = manager.is_some_and(|m| m.employee != alert.recipient);
    let company = company_name(world, alert, manager);
    if stands_in { format!("{company}的{role}的代理人") } else { format!("{company}的{role}") }
}

fn company_name(world: &World, alert: &Alert, manager: Option<&Manager>) -> String {
    let code = match &alert.lane {
        Lane::Manager(code) => Some(code),
        _ => manager.map(|m| &m.company),
    };
    let company = code.and_then(|code| world.ledgers.companies.iter().find(|c| c.code == *code));
    company.map(|c| c.short_name.clone()).unwrap_or_default()
}

/// The address in the managers' ledger, else in the directory.
pub(crate) fn mail_of(world: &World, id: &EmployeeId) -> Option<String> {
    let by_ledger =
        world.ledgers.managers.iter().find(|m| m.employee == *id && !m.mail.is_empty()).map(|m| m.mail.clone());
    by_ledger.or_else(|| world.directory.get(id).map(|e| e.mail.clone()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use std::collections::BTreeMap;

    use super::{A_MINUTE, next_in_line, rest};
    use crate::casework::world::{Policy, World};
    use crate::ledger::read_files;
    use crate::model::alert::{Alert, AlertKind, AlertState};
    use crate::model::case::Lane;
    use crate::model::time::Timestamp;

    const MANAGERS: &str = "角色,公司代码,工号,姓名,邮箱,代理人工号,升级对象工号\n\
        指定专人,YZ,YZ0002,专四,yz0002@yunzhou.example,YZ0003,YZ0001\n\
        泄密专线(董办),XH,XH0010,董十,xh0010@xinghe.example,XH0011,XH0001\n\
        泄密专线(董办),XH,XH0011,董一,xh0011@xinghe.example,XH0010,XH0009\n";

    fn after(lane: Lane, recipient: &str) -> Vec<String> {
        let files: BTreeMap<String, Vec<u8>> = [("managers.csv".into(), MANAGERS.into())].into();
        let at = Timestamp::from_ms(0);
        let world = World::of(read_files(&files).ledgers, at, chrono_tz::Asia::Shanghai, Policy::default());
        let (kind, state, recipient) = (AlertKind::Immediate, AlertState::Failed, recipient.into());
        let (id, cases, last_error) = ("a".into(), Vec::new(), None);
        let alert = Alert { id, kind, cases, recipient, lane, due_at: at, state, attempts: 1, last_error };
        next_in_line(&world, &alert).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_letter_that_does_not_reach_somebody_goes_to_those_behind_in_the_line_the_own_one_first() {
        let company = || Lane::Manager("YZ".into());
        assert_eq!(after(company(), "YZ0002"), ["YZ0003", "YZ0001"]);
        assert_eq!(after(company(), "YZ0003"), ["YZ0001"], "the deputy's too");
        assert_eq!(after(company(), "YZ0001"), [""; 0]);
        assert_eq!(after(Lane::Leak, "XH0010"), ["XH0011", "XH0001", "XH0009"]);
    }

    #[test]
    fn letters_rest_when_a_minute_has_had_its_share() {
        let after = |letters, seconds| rest(letters, Duration::from_secs(seconds)).as_secs();
        assert_eq!((after(0, 0), after(A_MINUTE - 1, 0)), (0, 0));
        assert_eq!((after(A_MINUTE, 10), after(A_MINUTE, 90)), (50, 0));
        assert_eq!(after(2 * A_MINUTE + 1, 90), 30);
    }
}
