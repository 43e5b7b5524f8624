//! Kill a process that scans and mails, again and again, at instants that chance chooses. Then let it finish, and compare with a
//! process that nobody disturbed. Kills in `./test`: few; as many as `WANGLOU_KILLS` says for each engine otherwise. A run that
//! failed is repeated with `WANGLOU_FAULT_SEED=… cargo nextest run --test faults killed_at`; chance then aims at the same phases.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

use wanglou::demo::data::as_of;
use wanglou::mail::Security;
use wanglou::model::alert::{Alert, AlertState};
use wanglou::model::time::Timestamp;

use crate::child::{Ended, Phase, Work};
use crate::installation::{Engine, Installation, Outcome, mail_lines};
use crate::mail_server::MailServer;
use crate::mailbox::Mailbox;

/// Kills on each engine when nobody asks for more.
const KILLS: usize = 6;
/// Kills of one installation while it scans, and on the second working day while it sends digests.
const KILLS_OF_SCAN: u32 = 4;
const KILLS_OF_LETTERS: u32 = 2;
/// From one start to the next on the moved clock: longer than a killed sender keeps a letter.
const STEP_MS: i64 = 9 * 60_000;
/// Monday, 09:35, when all digests are due.
const MONDAY: &str = "2026-11-23T09:35:00+08:00";

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_instant_on_a_database_file_it_ends_the_same() {
    kill_many(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_instant_on_a_database_server_it_ends_the_same() {
    kill_many(Engine::Postgres).await;
}

async fn kill_many(engine: Engine) {
    let server = MailServer::up();
    let mail = mail_lines(&server.settings(Security::Starttls, 5871));
    let mut tally = Tally { undisturbed: undisturbed(engine, &mail).await, ..Tally::default() };
    let given = std::env::var("WANGLOU_FAULT_SEED").ok().map(|seed| seed.parse().expect("the seed is a number"));
    let kills = std::env::var("WANGLOU_KILLS").map_or(KILLS, |kills| kills.parse().expect("WANGLOU_KILLS is a number"));
    let first: u64 = given.unwrap_or_else(|| std::hash::RandomState::new().build_hasher().finish());
    // Every run kills at least once in all likelihood; the limit is against a program that ends too early to be killed.
    for seed in (0..kills as u64).map(|run| first.wrapping_add(run)) {
        kill_one(engine, &mail, seed, &mut tally).await;
        if given.is_some() || tally.kills() >= kills {
            break;
        }
    }
    println!("{engine:?}: {} kills, first seed {first}\n{tally:#?}", tally.kills());
    assert!(tally.kills() > 0);
}

/// What a run without a kill comes to, and how long its phases take.
#[derive(Debug, Default)]
struct Undisturbed {
    outcome: Option<Outcome>,
    scan: BTreeMap<Phase, (Duration, Duration)>,
    letters: BTreeMap<Phase, (Duration, Duration)>,
}

#[derive(Default)]
struct Tally {
    undisturbed: Undisturbed,
    mailbox: Mailbox,
    runs: usize,
    killed: BTreeMap<Phase, usize>,
    letters: BTreeMap<String, usize>,
    uncertain_that_arrived: usize,
}

impl std::fmt::Debug for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { runs, killed, letters, uncertain_that_arrived, .. } = self;
        write!(
            f,
            "runs {runs}, kills {killed:?}, letters {letters:?}, {uncertain_that_arrived} of the uncertain arrived"
        )
    }
}

impl Tally {
    fn kills(&self) -> usize {
        self.killed.values().sum()
    }
}

async fn undisturbed(engine: Engine, mail: &str) -> Undisturbed {
    let installation = Installation::new(engine, mail).await;
    let scan = finished(&installation, as_of(), Work::Scan);
    let letters = finished(&installation, monday(), Work::Letters);
    let (outcome, _, problems) = installation.look().await;
    assert_eq!(problems, Vec::<String>::new());
    Undisturbed { outcome: Some(outcome), scan: lengths(&scan), letters: lengths(&letters) }
}

/// When each phase began and how long it lasted.
fn lengths(ended: &Ended) -> BTreeMap<Phase, (Duration, Duration)> {
    let ends = ended.phases.iter().skip(1).map(|(_, at)| *at);
    ended.phases.iter().zip(ends).map(|((phase, at), end)| (*phase, (*at, end - *at))).collect()
}

fn finished(installation: &Installation, at: Timestamp, work: Work) -> Ended {
    let ended = installation.start(at, work).ended();
    assert!(ended.status.success(), "{}", ended.complaints);
    ended
}

fn monday() -> Timestamp {
    Timestamp::parse(MONDAY).unwrap()
}

async fn kill_one(engine: Engine, mail: &str, seed: u64, tally: &mut Tally) {
    let (mut dice, installation) = (Dice(seed), Installation::new(engine, mail).await);
    for (work, start, kills) in [(Work::Scan, as_of(), KILLS_OF_SCAN), (Work::Letters, monday(), KILLS_OF_LETTERS)] {
        for attempt in 0..kills {
            let at = start.plus_ms(i64::from(attempt) * STEP_MS);
            match kill(&installation, at, work, &mut dice, tally).killed_in() {
                Some(phase) => *tally.killed.entry(phase).or_default() += 1,
                None => break,
            }
        }
        finished(&installation, start.plus_ms(i64::from(kills) * STEP_MS), work);
    }
    tally.runs += 1;
    let (outcome, alerts, mut problems) = installation.look().await;
    problems.extend(differences(tally.undisturbed.outcome.as_ref().unwrap(), &outcome));
    problems.extend(count_letters(&alerts, tally));
    assert_eq!(problems, Vec::<String>::new(), "{engine:?}: repeat with WANGLOU_FAULT_SEED={seed}");
}

/// Every fourth kill comes at any instant of the whole, the others somewhere within a phase that does more than open.
fn kill(installation: &Installation, at: Timestamp, work: Work, dice: &mut Dice, tally: &Tally) -> Ended {
    let phases = if work == Work::Scan { &tally.undisturbed.scan } else { &tally.undisturbed.letters };
    let mut running = installation.start(at, work);
    if dice.below(4) == 0 {
        let whole = phases.values().map(|(at, length)| *at + *length).max().unwrap();
        running.wait_some(dice.part_of(whole));
    } else {
        let (phase, (_, length)) = phases.iter().nth(1 + dice.below(phases.len() - 1)).unwrap();
        running.wait_for(*phase);
        running.wait_some(dice.part_of(*length));
    }
    running.kill()
}

fn differences(expected: &Outcome, found: &Outcome) -> Vec<String> {
    let missing = expected.cases.difference(&found.cases).map(|case| format!("missing: {case}"));
    let other = found.cases.difference(&expected.cases).map(|case| format!("not expected: {case}"));
    let untold = expected.told.difference(&found.told).map(|told| format!("not told: {told}"));
    let told = found.told.difference(&expected.told).map(|told| format!("told without cause: {told}"));
    missing.chain(other).chain(untold).chain(told).collect()
}

/// Each sent letter arrived once, each uncertain one at most once, and no others.
fn count_letters(alerts: &[Alert], tally: &mut Tally) -> Vec<String> {
    let sent: Vec<String> =
        alerts.iter().filter(|alert| alert.state == AlertState::Sent).map(|alert| alert.id.to_string()).collect();
    tally.mailbox.wait_for(&sent);
    let mut problems = Vec::new();
    for alert in alerts {
        let count = tally.mailbox.count(alert.id.as_str());
        let is_right = match alert.state {
            AlertState::Sent => count == 1,
            AlertState::Uncertain => count <= 1,
            AlertState::Folded => count == 0,
            AlertState::Queued | AlertState::Failed => false,
        };
        if !is_right {
            problems.push(format!("alert {} is {:?} and arrived {count} times", alert.id, alert.state));
        }
        *tally.letters.entry(format!("{:?}", alert.state)).or_default() += 1;
        tally.uncertain_that_arrived += usize::from(alert.state == AlertState::Uncertain && count == 1);
    }
    problems
}

/// Chance that can be repeated (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn part_of(&mut self, whole: Duration) -> Duration {
        whole.mul_f64((self.next() >> 11) as f64 / (1_u64 << 53) as f64)
    }
}
