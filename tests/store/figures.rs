//! What reports count: of each case without anybody's name, beyond the life of the case; and how much went through.

use serde_json::json;
use wanglou::model::case::{Disposition, Judgement, Lane, Outcome, SubjectKind};
use wanglou::model::finding::{Band, Rule};
use wanglou::model::month::Month;
use wanglou::model::term::Severity;
use wanglou::reports::facts::{CaseFigure, Passage};
use wanglou::store::{Decision, RetentionRun, Step, Store, subject_key};

use crate::calibration::with_candidate;
use crate::world::{NOW, account, manager, sealed_world, subject, world};

async fn figures(store: &Store) -> Vec<CaseFigure> {
    store.case_figures(NOW.plus_days(-1), NOW.plus_days(1)).await.unwrap()
}

fn about(handle: &str, outcome: Outcome, lane: Lane) -> Judgement {
    let url = format!("https://forum.example/{handle}");
    Judgement { subject: subject(SubjectKind::Account, handle, &url), ..account(outcome, lane) }
}

#[tokio::test]
async fn a_case_is_counted_from_its_opening_with_what_is_decided_and_taken_back() {
    let w = world().await;
    let case = w.record(account(Outcome::Alert, manager())).await.case.unwrap();
    let open = &figures(&w.store).await[0];
    assert_eq!((open.lane.clone(), open.severity, open.decided), (manager(), Some(Severity::Medium), None));
    assert_eq!((open.rules.as_slice(), open.terms.as_slice()), (&[Rule::Name][..], &["W1".into()][..]));
    assert_eq!((open.opened_at, open.open_since), (NOW, NOW));
    assert_eq!(w.store.first_figure().await.unwrap(), Some(NOW));

    w.step(&case, Step::Close(Disposition::Rectified)).await;
    assert_eq!(figures(&w.store).await[0].decided, Some((Disposition::Rectified, NOW)));
    let later = w.store.case_figures(NOW.plus_ms(1), NOW.plus_days(1)).await.unwrap();
    assert_eq!(later, [], "what was decided before is of no later month");

    w.step(&case, Step::Reopen).await;
    assert_eq!(figures(&w.store).await[0].decided, None);
    assert_eq!(
        w.store.case_figures(NOW.plus_ms(1), NOW.plus_days(1)).await.unwrap().len(),
        1,
        "an open case is of every month"
    );
}

#[tokio::test]
async fn more_cases_than_are_read_at_once_are_each_counted_once() {
    let w = world().await;
    let at = NOW.ms();
    w.place
        .run(&format!(
            "WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 20001) INSERT INTO case_figures \
             (case_id, lane, severity, rules, terms, opened_at_ms, open_since_ms) \
             SELECT 'c' || n, 'manager:XH', 'low', '[]', '[\"' || n || '\"]', {at} + n / 3000, {at} FROM many"
        ))
        .await;
    let mut terms: Vec<String> = figures(&w.store).await.iter().map(|figure| figure.terms[0].to_string()).collect();
    terms.sort();
    terms.dedup();
    assert_eq!(terms.len(), 20_001);
}

#[tokio::test]
async fn neither_leaks_nor_protected_speech_nor_what_legal_works_on_is_counted() {
    let w = sealed_world().await;
    w.record(about("leak", Outcome::Alert, Lane::Leak)).await;
    w.record(about("legal", Outcome::Alert, Lane::Legal)).await;
    let case = w.record(about("speech", Outcome::Alert, manager())).await.case.unwrap();
    assert_eq!(figures(&w.store).await.len(), 1);
    w.step(&case, Step::Close(Disposition::ProtectedSpeech)).await;
    assert_eq!(figures(&w.store).await, []);
}

#[tokio::test]
async fn what_went_through_a_month_is_counted_once_for_each_subject() {
    let mut w = sealed_world().await;
    for lane in [manager(), Lane::Leak, Lane::Legal] {
        w.record(about(&format!("alert-{lane}"), Outcome::Alert, lane)).await;
    }
    w.record(about("exempt", Outcome::Exempt, Lane::None)).await;
    w.store.finish_scan(&w.scan, NOW, &json!({"pages": 40})).await.unwrap();
    w.next_scan().await;
    w.record(about("exempt", Outcome::Exempt, Lane::None)).await;
    let month = Month::of(NOW.date(chrono_tz::Asia::Shanghai));
    assert_eq!(w.store.passage(month).await.unwrap(), Passage { pages: 40, found: 2, passed_over: 1 });
    assert_eq!(w.store.passage(month.plus(1)).await.unwrap(), Passage::default());
}

#[tokio::test]
async fn figures_outlive_the_case_and_go_when_their_time_is_over() {
    let w = world().await;
    let case = w.record(account(Outcome::Alert, manager())).await.case.unwrap();
    w.step(&case, Step::Close(Disposition::FalseAlarm)).await;
    let run = RetentionRun::new(NOW.plus_days(30), "test");
    w.store.erase_when_over(&w.vault, &subject_key(&account(Outcome::Alert, manager()).subject), &run).await.unwrap();
    assert_eq!((w.store.case(&case).await.unwrap(), figures(&w.store).await.len()), (None, 1));
    assert_eq!(w.store.purge_figures(NOW).await.unwrap(), 0);
    assert!(w.store.purge_figures(NOW.plus_days(31)).await.unwrap() >= 1);
    assert_eq!(figures(&w.store).await, []);
}

#[tokio::test]
async fn what_somebody_asked_to_have_erased_is_not_counted_either() {
    let w = world().await;
    let case = w.record(with_candidate(Band::High)).await.case.unwrap();
    w.step(&case, Step::Close(Disposition::SameName)).await;
    assert_eq!((figures(&w.store).await.len(), w.store.band_decisions().await.unwrap().len()), (1, 1));
    let key = subject_key(&with_candidate(Band::High).subject);
    w.store.erase_subject(&w.vault, &key, "test", NOW).await.unwrap();
    assert_eq!((figures(&w.store).await.len(), w.store.band_decisions().await.unwrap().len()), (0, 0));
}

#[tokio::test]
async fn a_case_is_open_since_it_was_opened_last_also_while_it_waits_and_a_locked_one_says_so() {
    let w = world().await;
    let case = w.record(account(Outcome::Alert, manager())).await.case.unwrap();
    w.step(&case, Step::Close(Disposition::Rectified)).await;
    let step = |step: Step, ms: i64| {
        let at = NOW.plus_ms(ms);
        Decision { case: case.clone(), step, by: "M1".into(), at, alerts: vec![] }
    };
    w.store.decide(&step(Step::Reopen, 5)).await.unwrap();
    w.store.decide(&step(Step::Recheck, 6)).await.unwrap();
    assert_eq!(figures(&w.store).await[0].open_since, NOW.plus_ms(5));
    w.store.decide(&step(Step::Lock, 7)).await.unwrap();
    assert!(figures(&w.store).await[0].is_locked);
    w.store.decide(&step(Step::Unlock, 8)).await.unwrap();
    let unlocked = &figures(&w.store).await[0];
    assert_eq!((unlocked.open_since, unlocked.is_locked), (NOW.plus_ms(8), false));
}
