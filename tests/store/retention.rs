//! What is erased when its time is over, what is kept, and what the receipts say.

use wanglou::model::case::{Disposition, Judgement, Outcome, SubjectKind};
use wanglou::model::time::Timestamp;
use wanglou::pipeline::retain::{decide, plan, retain};
use wanglou::retention::{RetentionRule, Stage};
use wanglou::store::{
    Amount, CaseChange, Decision, Over, Recorded, RetentionRun, Step, StoreError, subject_key, verify,
};

use crate::world::{NOW, SECRET, World, account, manager, post, sealed_world, subject, world};

/// The account of a handle.
fn other(handle: &str) -> Judgement {
    let url = format!("https://forum.example/{handle}");
    Judgement { subject: subject(SubjectKind::Account, handle, &url), ..account(Outcome::Alert, manager()) }
}

fn key(handle: &str) -> String {
    subject_key(&other(handle).subject)
}

async fn found(w: &World, handle: &str) -> Recorded {
    w.record_with_page(other(handle), &format!("the page of {handle}")).await.0
}

async fn closed(w: &World, handle: &str, disposition: Disposition) -> Recorded {
    let recorded = found(w, handle).await;
    w.step(recorded.case.as_ref().unwrap(), Step::Close(disposition)).await;
    recorded
}

/// What a run erased of subjects, by rule.
async fn run_at(w: &World, at: Timestamp) -> Vec<(RetentionRule, u64)> {
    let done = retain(&w.store, &w.vault, at, "wanglou").await.unwrap();
    let of_subjects = done.iter().filter(|(rule, _)| RetentionRule::OF_SUBJECTS.contains(rule));
    of_subjects.map(|(rule, amount)| (*rule, amount.erased)).collect()
}

fn protected(recorded: &Recorded) -> Decision {
    let step = Step::Close(Disposition::ProtectedSpeech);
    Decision { case: recorded.case.clone().unwrap(), step, by: "M1".into(), at: NOW, alerts: vec![] }
}

async fn is_sound(w: &World) -> bool {
    verify(&w.store, &w.vault).await.unwrap().problems.is_empty()
}

#[tokio::test]
async fn nothing_goes_before_its_time_and_everything_at_its_time() {
    let w = world().await;
    found(&w, "u1").await;
    closed(&w, "u2", Disposition::FalseAlarm).await;
    closed(&w, "u3", Disposition::Rectified).await;
    closed(&w, "u4", Disposition::CaseFiled).await;
    closed(&w, "u5", Disposition::ToLegal).await;
    w.record_with_page(Judgement { outcome: Outcome::Record, ..other("u6") }, "the page of u6").await;
    let stages = [(30, "u2"), (90, "u1"), (180, "u3"), (365, "u4")];
    for (days, handle) in stages {
        run_at(&w, NOW.plus_days(days).plus_ms(-1)).await;
        assert!(w.store.subject(&key(handle)).await.unwrap().is_some(), "{handle} went too early");
        assert!(w.holds(&format!("the page of {handle}")).await);
        run_at(&w, NOW.plus_days(days)).await;
        assert_eq!(w.store.subject(&key(handle)).await.unwrap(), None, "{handle} stayed");
        assert!(!w.holds(&format!("the page of {handle}")).await);
        assert!(!w.holds(&format!("forum.example/{handle}")).await);
        assert!(is_sound(&w).await);
    }
    assert!(!w.holds(SECRET).await, "something is left of what nobody keeps");
    let receipts = w.store.receipts(99).await.unwrap();
    let total = |rule| receipts.iter().filter(|r| r.rule == rule).map(|r| r.amount.erased).sum::<u64>();
    let totals = [1, 1, 1, 1, 1, 1].to_vec();
    let rules = [
        RetentionRule::FoundWrong,
        RetentionRule::Unreviewed,
        RetentionRule::NoCase,
        RetentionRule::PutRight,
        RetentionRule::Filed,
        RetentionRule::Outsider,
    ];
    assert_eq!(rules.map(total).to_vec(), totals);
    let objects: u64 = receipts.iter().map(|r| r.amount.objects).sum();
    assert_eq!((objects, verify(&w.store, &w.vault).await.unwrap().erased), (6, 6));
}

#[tokio::test]
async fn the_plan_counts_what_a_run_then_erases_and_a_second_run_does_nothing() {
    let w = world().await;
    for handle in ["u1", "u2", "u3"] {
        found(&w, handle).await;
    }
    closed(&w, "u4", Disposition::CaseFiled).await;
    let then = NOW.plus_days(90);

    let planned = plan(&w.store, then).await.unwrap();

    let unreviewed = planned.rules[&RetentionRule::Unreviewed];
    assert_eq!((unreviewed.over, unreviewed.kept, unreviewed.next), (3, 0, None));
    let filed = planned.rules[&RetentionRule::Filed];
    assert_eq!((filed.over, filed.kept, filed.next), (0, 1, Some(NOW.plus_days(365))));
    assert_eq!(run_at(&w, then).await, [(RetentionRule::Unreviewed, 3)]);
    let receipts = w.store.receipts(99).await.unwrap();
    assert_eq!(retain(&w.store, &w.vault, then, "wanglou").await.unwrap().len(), 0);
    assert_eq!(w.store.receipts(99).await.unwrap(), receipts);
}

#[tokio::test]
async fn a_receipt_says_how_much_until_when_and_by_whom_and_names_nobody() {
    let w = world().await;
    let recorded = closed(&w, "u2", Disposition::SameName).await;
    let then = NOW.plus_days(31);

    retain(&w.store, &w.vault, then, "cli:operator").await.unwrap();

    let receipts = w.store.receipts(9).await.unwrap();
    let receipt = receipts.iter().find(|receipt| receipt.rule == RetentionRule::FoundWrong).unwrap();
    assert_eq!((receipt.run.at, receipt.run.actor.as_str(), receipt.before), (then, "cli:operator", NOW.plus_days(1)));
    assert_eq!(receipt.amount, Amount { erased: 1, cases: 1, objects: 1, failed: 0 });
    assert!(w.store.case(&recorded.case.unwrap()).await.unwrap().is_none());
    let lines = w.store.audit_of(&key("u2")).await.unwrap();
    assert_eq!((lines[0].actor.as_str(), lines[0].action.as_str()), ("cli:operator", "subject.erase"));
}

#[tokio::test]
async fn one_subject_that_cannot_be_erased_does_not_keep_the_others() {
    let w = world().await;
    for handle in ["u1", "u2", "u3"] {
        found(&w, handle).await;
    }
    w.obstruct(&key("u2"), b"the page of u2").await;
    let run = RetentionRun::new(NOW.plus_days(90), "wanglou");

    let done = retain(&w.store, &w.vault, run.at, "wanglou").await.unwrap();

    assert_eq!(done[&RetentionRule::Unreviewed].failed, 1);
    for handle in ["u1", "u3"] {
        assert_eq!(w.store.subject(&key(handle)).await.unwrap(), None);
        assert!(!w.holds(&format!("the page of {handle}")).await);
    }
    assert!(is_sound(&w).await);
}

#[tokio::test]
async fn a_case_closed_as_protected_speech_leaves_nothing_and_does_not_come_back() {
    let mut w = world().await;
    let (recorded, _) = w.record_with_page(account(Outcome::Alert, manager()), "the page of u1").await;
    w.record_with_page(post(1, Outcome::Alert, manager()), "the post of u1").await;

    decide(&w.store, &w.vault, &protected(&recorded)).await.unwrap();

    for text in [SECRET, "the page of u1", "the post of u1", "https://forum.example/u1"] {
        assert!(!w.holds(text).await, "{text} is still there");
    }
    let receipts = w.store.receipts(9).await.unwrap();
    assert_eq!((receipts.len(), receipts[0].rule), (1, RetentionRule::Protected));
    assert_eq!(receipts[0].amount, Amount { erased: 2, cases: 1, objects: 2, failed: 0 });
    w.next_scan().await;
    let (again, _) = w.record_with_page(account(Outcome::Alert, manager()), "the page of u1").await;
    assert_eq!((again.change, again.case), (CaseChange::NoCase, None));
    assert!(!w.holds(SECRET).await && !w.holds("the page of u1").await);
    assert!(is_sound(&w).await);
}

#[tokio::test]
async fn sealed_protected_speech_is_erased_without_its_key() {
    let w = sealed_world().await;
    let (recorded, _) =
        w.record_with_page(account(Outcome::Alert, wanglou::model::case::Lane::Leak), "the page of u1").await;
    let without_key = w.other().await;
    decide(&without_key, &w.vault, &protected(&recorded)).await.unwrap();
    assert_eq!(w.store.subject(&key("u1")).await.unwrap(), None);
    assert!(is_sound(&w).await);
}

#[tokio::test]
async fn what_a_crash_left_of_protected_speech_goes_with_the_next_run() {
    let w = world().await;
    closed(&w, "u1", Disposition::ProtectedSpeech).await;
    assert!(w.holds(SECRET).await, "closing alone erases nothing");
    assert_eq!(run_at(&w, NOW).await, [(RetentionRule::Protected, 1)]);
    assert!(!w.holds(SECRET).await);
}

#[tokio::test]
async fn a_lead_found_wrong_does_not_come_back_but_a_new_finding_does() {
    let mut w = world().await;
    closed(&w, "u1", Disposition::FalseAlarm).await;
    run_at(&w, NOW.plus_days(30)).await;
    w.next_scan().await;

    assert_eq!(found(&w, "u1").await.change, CaseChange::NoCase);
    let mut new = other("u1");
    new.findings[0].terms = vec!["W2".into()];
    assert_eq!(w.record(new).await.change, CaseChange::Opened);
    assert_eq!(w.store.purge_decisions(NOW).await.unwrap(), 0, "it was found again");
    assert_eq!(w.store.purge_decisions(NOW.plus_days(31)).await.unwrap(), 2, "the decision and its band");
}

#[tokio::test]
async fn a_lead_found_wrong_names_nobody_from_the_decision_on() {
    for mut w in [world().await, sealed_world().await] {
        let lane = if w.vault.can_seal() { wanglou::model::case::Lane::Leak } else { manager() };
        let judgement = || account(Outcome::Alert, lane.clone());
        let case = w.record(judgement()).await.case.unwrap();
        assert_eq!(w.store.case(&case).await.unwrap().unwrap().judgement.candidates.len(), 1);

        w.step(&case, Step::Close(Disposition::SameName)).await;
        assert!(!w.holds("\"E1\"").await);
        w.next_scan().await;
        assert_eq!(w.record(judgement()).await.change, CaseChange::Unchanged);

        let case = w.store.case(&case).await.unwrap().unwrap();
        assert_eq!((case.judgement.candidates.len(), case.judgement.findings.len()), (0, 1));
        assert_eq!(w.store.cases_naming(&"E1".into()).await.unwrap().len(), 0);
        for outcome in w.store.latest_outcomes().await.unwrap() {
            assert_eq!(outcome["candidates"], serde_json::json!([]));
        }
        w.store.scrub().await.unwrap();
        assert!(!w.holds("\"E1\"").await);
    }
}

#[tokio::test]
async fn a_case_nobody_looked_at_comes_back_when_it_is_found_again() {
    let mut w = world().await;
    found(&w, "u1").await;
    run_at(&w, NOW.plus_days(90)).await;
    w.next_scan().await;
    assert_eq!(found(&w, "u1").await.change, CaseChange::Opened);
}

#[tokio::test]
async fn a_legal_hold_keeps_a_case_until_it_is_released() {
    let w = world().await;
    let recorded = found(&w, "u1").await;
    let case = recorded.case.clone().unwrap();
    assert!(w.store.hold_case(&case, "cli:operator", NOW).await.unwrap());
    assert!(!w.store.hold_case(&case, "cli:operator", NOW).await.unwrap());
    assert_eq!(w.store.held_cases().await.unwrap(), vec![recorded.number.clone().unwrap()]);

    assert_eq!(run_at(&w, NOW.plus_days(9_999)).await, []);
    assert_eq!(plan(&w.store, NOW.plus_days(9_999)).await.unwrap().held, 1);
    let refused = decide(&w.store, &w.vault, &protected(&recorded)).await;
    assert!(matches!(refused, Err(StoreError::Held(_))));
    let refused = w.store.erase_subject(&w.vault, &key("u1"), "wanglou", NOW).await;
    assert!(matches!(refused, Err(StoreError::Held(_))));

    assert!(w.store.release_case(&case).await.unwrap());
    assert!(!w.store.release_case(&case).await.unwrap());
    assert_eq!(run_at(&w, NOW.plus_days(9_999)).await, [(RetentionRule::Unreviewed, 1)]);
}

#[tokio::test]
async fn lists_come_in_batches_and_an_erasure_decides_anew() {
    let w = world().await;
    for handle in ["u1", "u2", "u3"] {
        found(&w, handle).await;
        w.record(Judgement { outcome: Outcome::Record, ..other(&format!("r{handle}")) }).await;
    }
    let run = RetentionRun::new(NOW.plus_days(90), "wanglou");
    let first = w.store.over_in_cases(Stage::Open, &run, &Over::default(), 2).await.unwrap();
    let rest = w.store.over_in_cases(Stage::Open, &run, &first[1], 2).await.unwrap();
    assert_eq!((first.len(), rest.len()), (2, 1));
    let first = w.store.over_in_no_case(&run, &Over::default(), 2).await.unwrap();
    let rest = w.store.over_in_no_case(&run, &first[1], 2).await.unwrap();
    assert_eq!((first.len(), rest.len()), (2, 1));
    let all = w.store.standings("", 4).await.unwrap();
    assert_eq!((all.len(), w.store.standings(&all[3].0, 4).await.unwrap().len()), (4, 2));

    let early = RetentionRun::new(NOW, "wanglou");
    assert_eq!(w.store.erase_when_over(&w.vault, &key("u1"), &early).await.unwrap(), None);
    assert_eq!(w.store.erase_when_over(&w.vault, "nobody", &run).await.unwrap(), None);
    let rule = w.store.erase_when_over(&w.vault, &key("u1"), &run).await.unwrap();
    assert_eq!(rule, Some(RetentionRule::Unreviewed));
    w.store.scrub().await.unwrap();
    w.store.add_receipt(&run, RetentionRule::Unreviewed, Amount { failed: 1, ..Amount::default() }).await.unwrap();
    let receipts = w.store.receipts_of_run(&run.id).await.unwrap();
    assert_eq!((receipts[0].amount.erased, receipts[0].amount.failed), (1, 1));
}
