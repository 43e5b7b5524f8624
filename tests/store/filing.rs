//! Judgements become cases: once, in one transaction, with their evidence and mails.

use wanglou::model::alert::{AlertKind, AlertState};
use wanglou::model::audit::AuditEntry;
use wanglou::model::capture::CaptureState;
use wanglou::model::case::{CaseState, Disposition, Lane, Notify, Outcome, SubjectKind};
use wanglou::model::finding::Rule;
use wanglou::model::term::Severity;
use wanglou::store::{
    AlertOccasion, CaseChange, CaseFilter, Decision, JudgementBatch, Step, StoreError, account_key, subject_key, verify,
};

use crate::world::{NOW, account, manager, post, subject, to_manager, world};

#[tokio::test]
async fn a_judgement_opens_one_case_with_evidence_and_one_mail() {
    let w = world().await;
    let capture = w.receive("<html>星河科技产品经理</html>").await;
    let mut batch = w.batch(account(Outcome::Alert, manager()), &[&capture]);
    let line = |action: &str| AuditEntry {
        at: NOW,
        actor: "wanglou".into(),
        action: action.into(),
        object: "forum".into(),
        detail: String::new(),
    };
    batch.audit.push(line("judge"));

    let recorded = w.store.record_judgement(&w.vault, &batch).await.unwrap();

    assert_eq!((recorded.change, recorded.number.as_deref()), (CaseChange::Opened, Some("XS-2611-0001")));
    let case = w.store.case(&recorded.case.unwrap()).await.unwrap().unwrap();
    assert_eq!((&case.state, &case.judgement, case.opened_at), (&CaseState::Open, &batch.judgement, NOW));
    assert_eq!(w.store.case_by_number("XS-2611-0001").await.unwrap(), Some(case.clone()));
    let alerts = w.store.alerts_of_case(&case.id).await.unwrap();
    assert_eq!(alerts.iter().map(|a| &a.id).collect::<Vec<_>>(), recorded.alerts.iter().collect::<Vec<_>>());
    assert_eq!(
        (alerts[0].state, alerts[0].kind, &alerts[0].cases),
        (AlertState::Queued, AlertKind::Immediate, &vec![case.id.clone()])
    );
    let evidence = w.store.evidence_of_case(&case.id).await.unwrap();
    assert_eq!((evidence[0].sha256.clone(), evidence[0].kept), (capture.sha256.clone(), true));
    let key = subject_key(&batch.judgement.subject);
    assert_eq!(w.store.evidence_of_subject(&key).await.unwrap(), evidence);
    assert_eq!(w.store.audit_of("forum").await.unwrap(), vec![line("judge")]);
    assert_eq!(w.finish(&capture, &[]).await, CaptureState::Kept);
    assert_eq!(w.store.outcomes_of_scan(&w.scan).await.unwrap(), vec![batch.judgement.to_outcome_json()]);
    assert_eq!(w.store.latest_outcomes().await.unwrap(), vec![batch.judgement.to_outcome_json()]);
    let stored = w.store.subject(&key).await.unwrap().unwrap();
    assert_eq!((stored.facts, stored.account_key), (Some(batch.facts.clone()), account_key(&batch.judgement.subject)));
    assert_eq!(w.store.subjects_seen_since(NOW).await.unwrap().len(), 1);
    assert_eq!(w.store.cases_naming(&"E1".into()).await.unwrap(), vec![case]);
    assert_eq!(w.store.cases_naming(&"E2".into()).await.unwrap(), vec![]);
}

#[tokio::test]
async fn the_same_batch_after_a_crash_changes_nothing() {
    let w = world().await;
    let capture = w.receive("page").await;
    let batch = w.batch(account(Outcome::Alert, manager()), &[&capture]);
    let first = w.store.record_judgement(&w.vault, &batch).await.unwrap();
    let before = (w.store.latest_audit(9).await.unwrap(), w.store.chain_head().await.unwrap());

    // Killed between the judgement and the end of the page: the capture is still pending and is inspected again.
    let w = w.reopened().await;
    assert_eq!(w.store.pending_captures(None, None, 9).await.unwrap(), vec![capture.clone()]);
    let again = w.store.record_judgement(&w.vault, &batch).await.unwrap();
    w.finish(&capture, &[]).await;

    assert_eq!((again.change, again.case, again.alerts), (CaseChange::Unchanged, first.case, vec![]));
    assert_eq!(w.store.latest_alerts(9).await.unwrap().len(), 1);
    assert_eq!(w.store.cases(&CaseFilter::default()).await.unwrap().len(), 1);
    assert_eq!((w.store.latest_audit(9).await.unwrap(), w.store.chain_head().await.unwrap()), before);
}

#[tokio::test]
async fn the_same_find_in_the_next_scan_is_the_same_case_and_no_new_mail_or_evidence() {
    let mut w = world().await;
    let (first, _) = w.record_with_page(account(Outcome::Alert, manager()), "page").await;
    w.next_scan().await;
    let (second, later) = w.record_with_page(account(Outcome::Alert, manager()), "page, an hour later").await;

    assert_eq!((second.change, &second.case), (CaseChange::Unchanged, &first.case));
    assert_eq!(w.store.latest_alerts(9).await.unwrap().len(), 1);
    assert_eq!(w.store.evidence_of_case(&first.case.unwrap()).await.unwrap().len(), 1);
    assert_eq!(w.store.capture(&later.id).await.unwrap().unwrap().state, CaptureState::Dropped);
    assert_eq!(w.store.outcomes_of_scan(&w.scan).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_post_of_the_account_under_the_same_clause_joins_its_case() {
    let w = world().await;
    let opened = w.record(account(Outcome::Alert, manager())).await;
    let quiet = w.record(post(1, Outcome::Alert, manager())).await;
    let mut told = w.batch(post(2, Outcome::Alert, manager()), &[]);
    told.occasion = AlertOccasion::AnyNews;
    let told = w.store.record_judgement(&w.vault, &told).await.unwrap();

    assert_eq!((quiet.change, &quiet.case, quiet.alerts.len()), (CaseChange::Found, &opened.case, 0));
    assert_eq!((told.change, &told.case, told.alerts.len()), (CaseChange::Found, &opened.case, 1));
    let case = opened.case.unwrap();
    assert_eq!(w.store.subjects_of_case(&case).await.unwrap().len(), 3);
    let lead = w.store.case(&case).await.unwrap().unwrap().judgement.subject;
    assert_eq!(lead.kind, SubjectKind::Account, "the first of equals leads");
}

#[tokio::test]
async fn clauses_and_the_leak_lane_have_cases_of_their_own() {
    let w = world().await;
    let mut other_clause = post(1, Outcome::Alert, manager());
    other_clause.findings[0].clause = "四.4".into();
    let numbers = [
        w.record(account(Outcome::Alert, manager())).await.number.unwrap(),
        w.record(other_clause).await.number.unwrap(),
        w.record(post(2, Outcome::Alert, Lane::Leak)).await.number.unwrap(),
    ];
    assert_eq!(numbers, ["XS-2611-0001", "XS-2611-0002", "XM-2611-0001"]);
    let of_account = w.store.cases_of_account(&subject(SubjectKind::Account, "u1", "")).await.unwrap();
    assert_eq!(of_account.len(), 3);
    assert_eq!(w.store.cases(&CaseFilter::default()).await.unwrap().len(), 2, "leaks are hidden unless asked for");
    let all = CaseFilter { with_leak_lane: true, ..CaseFilter::default() };
    assert_eq!(w.store.cases(&all).await.unwrap().len(), 3);
    let of_lane = CaseFilter { lane: Some(Lane::Leak), with_leak_lane: true, ..CaseFilter::default() };
    assert_eq!(w.store.cases(&of_lane).await.unwrap().len(), 1);
}

#[tokio::test]
async fn numbers_begin_again_with_the_month_of_the_group() {
    let w = world().await;
    let mut batch = w.batch(account(Outcome::Alert, manager()), &[]);
    batch.judgement.subject.handle = "u2".into();
    // 30 November 23:30 in Shanghai, then 1 December 00:30, which is still November in UTC.
    for (at, number) in [("2026-11-30T23:30:00+08:00", "XS-2611-0001"), ("2026-12-01T00:30:00+08:00", "XS-2612-0001")] {
        batch.at = wanglou::model::time::Timestamp::parse(at).unwrap();
        batch.judgement.subject.handle.push('x');
        let recorded = w.store.record_judgement(&w.vault, &batch).await.unwrap();
        assert_eq!(recorded.number.as_deref(), Some(number));
    }
}

#[tokio::test]
async fn a_graver_find_is_told_again_and_leads_the_case() {
    let w = world().await;
    let opened = w.record(account(Outcome::Review, manager())).await;
    let mut graver = post(1, Outcome::Alert, manager());
    graver.severity = Some(Severity::High);
    graver.notify = Notify::Immediate;
    let graver = w.record(graver).await;

    assert_eq!((graver.change, graver.alerts.len()), (CaseChange::Graver, 1));
    let case = w.store.case(&opened.case.unwrap()).await.unwrap().unwrap();
    assert_eq!((case.judgement.subject.kind, case.judgement.severity), (SubjectKind::Post, Some(Severity::High)));
}

#[tokio::test]
async fn a_false_alarm_covers_what_was_known_and_a_new_find_reopens_it() {
    let mut w = world().await;
    let opened = w.record(account(Outcome::Alert, manager())).await;
    let case = opened.case.unwrap();
    w.step(&case, Step::Close(Disposition::FalseAlarm)).await;

    w.next_scan().await;
    let same = w.record(account(Outcome::Alert, manager())).await;
    assert_eq!(same.change, CaseChange::Unchanged);
    assert!(matches!(w.store.case(&case).await.unwrap().unwrap().state, CaseState::Closed { .. }));

    let new = w.record(post(7, Outcome::Alert, manager())).await;
    assert_eq!((new.change, new.case, new.alerts.len()), (CaseChange::Reopened, Some(case), 1));
}

#[tokio::test]
async fn a_clean_recheck_waits_for_confirmation_and_marks_that_come_back_reopen_the_case() {
    let mut w = world().await;
    let (opened, _) = w.record_with_page(account(Outcome::Alert, manager()), "before").await;
    let mut clean = account(Outcome::Rectified, manager());
    clean.severity = None;
    clean.candidates.clear();
    clean.findings[0].rule = Rule::Recheck;
    w.next_scan().await;

    let (rechecked, _) = w.record_with_page(clean, "after").await;
    assert_eq!((rechecked.change, &rechecked.case, rechecked.alerts.len()), (CaseChange::Rechecked, &opened.case, 0));
    let case = w.store.case(&opened.case.unwrap()).await.unwrap().unwrap();
    assert_eq!(case.state, CaseState::AwaitingConfirmation { rechecked_at: NOW });
    assert_eq!(case.judgement.outcome, Outcome::Alert, "the case still shows what it was about");
    assert_eq!(w.store.evidence_of_case(&case.id).await.unwrap().len(), 2);

    w.next_scan().await;
    let back = w.record(account(Outcome::Alert, manager())).await;
    assert_eq!((back.change, back.alerts.len()), (CaseChange::Reopened, 1));
}

#[tokio::test]
async fn outcomes_of_which_nothing_may_be_kept_are_refused_and_leave_no_trace() {
    let w = world().await;
    for outcome in [Outcome::Protected, Outcome::Minor, Outcome::Consumer, Outcome::Ignore, Outcome::Published] {
        let batch = w.batch(account(outcome, Lane::None), &[]);
        let refused = w.store.record_judgement(&w.vault, &batch).await;
        assert!(matches!(refused, Err(StoreError::NotStorable(_))), "{outcome:?}");
    }
    assert_eq!(w.store.latest_outcomes().await.unwrap(), Vec::<serde_json::Value>::new());
    assert!(!w.holds(crate::world::SECRET).await);
}

#[tokio::test]
async fn an_exempt_account_is_recorded_with_evidence_and_without_a_case() {
    let w = world().await;
    let (recorded, capture) = w.record_with_page(account(Outcome::Exempt, Lane::None), "page").await;
    assert_eq!((recorded.change, recorded.case, recorded.alerts), (CaseChange::NoCase, None, vec![]));
    assert_eq!(w.store.capture(&capture.id).await.unwrap().unwrap().state, CaptureState::Kept);
}

#[tokio::test]
async fn a_decision_is_written_with_its_mail_its_audit_line_and_its_link() {
    let w = world().await;
    let case = w.record(account(Outcome::Alert, manager())).await.case.unwrap();
    let mut decision = Decision {
        case: case.clone(),
        step: Step::Close(Disposition::Rectified),
        by: "M1".into(),
        at: NOW,
        alerts: vec![to_manager(manager())],
    };

    let closed = w.store.decide(&decision).await.unwrap();

    let state = CaseState::Closed { disposition: Disposition::Rectified, by: "M1".into(), at: NOW };
    assert_eq!(closed.state, state);
    assert_eq!(w.store.alerts_of_case(&case).await.unwrap().len(), 2);
    let audit = w.store.audit_of(case.as_str()).await.unwrap();
    let lines: Vec<_> = audit.iter().map(|line| (line.action.as_str(), line.detail.as_str())).collect();
    assert_eq!(lines, [("case.open", ""), ("case.close", "rectified")]);
    let link = w.store.chain_entries().await.unwrap().pop().unwrap();
    assert!(link.body.contains(r#""action":"case.close","at":"#), "{}", link.body);
    assert!(matches!(w.store.decide(&decision).await, Err(StoreError::Transition(_))));
    assert_eq!(w.store.alerts_of_case(&case).await.unwrap().len(), 2, "a refused step sends nothing");
    decision.step = Step::Reopen;
    assert_eq!(w.store.decide(&decision).await.unwrap().state, CaseState::Open);
    assert_eq!(w.step(&case, Step::Recheck).await.state, CaseState::AwaitingConfirmation { rechecked_at: NOW });
    decision.case = "nothing".into();
    assert!(matches!(w.store.decide(&decision).await, Err(StoreError::NoCase(_))));
    assert_eq!(verify(&w.store, &w.vault).await.unwrap().problems, vec![]);
}

#[tokio::test]
async fn an_erased_subject_is_gone_with_its_case_its_bytes_and_its_waiting_mail() {
    let w = world().await;
    let (recorded, capture) = w.record_with_page(account(Outcome::Alert, manager()), "the page of u1").await;
    let (kept, _) = w
        .record_with_page(
            wanglou::model::case::Judgement {
                subject: subject(SubjectKind::Account, "u9", ""),
                ..account(Outcome::Alert, manager())
            },
            "the page of u9",
        )
        .await;
    let key = subject_key(&account(Outcome::Alert, manager()).subject);

    let erased = w.store.erase_subject(&w.vault, &key, "M1", NOW).await.unwrap();

    assert_eq!(erased.cases, vec![recorded.case.unwrap()]);
    assert_eq!((erased.captures, erased.objects), (vec![capture.id], vec![capture.sha256.clone()]));
    assert!(!w.vault.contains(&capture.sha256).await.unwrap());
    assert_eq!(w.store.subject(&key).await.unwrap(), None);
    assert_eq!(w.store.latest_alerts(9).await.unwrap().len(), 1);
    assert!(w.store.case(&kept.case.unwrap()).await.unwrap().is_some());
    assert!(!w.holds("https://forum.example/u1").await);
    let verified = verify(&w.store, &w.vault).await.unwrap();
    assert_eq!((verified.objects, verified.erased, verified.problems), (1, 1, vec![]));
}

#[tokio::test]
async fn erasing_one_of_two_subjects_leaves_the_case_to_the_other() {
    let w = world().await;
    let case = w.record(account(Outcome::Alert, manager())).await.case.unwrap();
    w.record(post(1, Outcome::Alert, manager())).await;
    let key = subject_key(&account(Outcome::Alert, manager()).subject);
    let erased = w.store.erase_subject(&w.vault, &key, "wanglou", NOW).await.unwrap();
    assert_eq!(erased.cases, vec![]);
    assert_eq!(w.store.case(&case).await.unwrap().unwrap().judgement.subject.kind, SubjectKind::Post);
}

#[tokio::test]
async fn what_is_judged_again_was_not_seen_and_a_clean_sight_counts_until_the_next_one() {
    let w = world().await;
    let batch = w.batch(account(Outcome::Alert, manager()), &[]);
    let key = subject_key(&batch.judgement.subject);
    w.store.record_judgement(&w.vault, &batch).await.unwrap();
    w.store.see_clean(&key, NOW.plus_days(1)).await.unwrap();
    let again = JudgementBatch { scan: "S2".into(), at: NOW.plus_days(2), ..batch.clone() };
    w.store.record_stored(&w.vault, &again).await.unwrap();
    let stored = w.store.subject(&key).await.unwrap().unwrap();
    assert_eq!((stored.last_seen, stored.is_clean()), (NOW, true));
    let seen = JudgementBatch { scan: "S3".into(), at: NOW.plus_days(3), ..batch };
    w.store.record_judgement(&w.vault, &seen).await.unwrap();
    let stored = w.store.subject(&key).await.unwrap().unwrap();
    assert_eq!((stored.last_seen, stored.is_clean()), (NOW.plus_days(3), false));
}

#[tokio::test]
async fn cases_of_more_accounts_are_found_than_one_statement_may_name() {
    let w = world().await;
    let judgement = account(Outcome::Alert, manager());
    let key = account_key(&judgement.subject);
    w.record(judgement).await;
    let mut keys: Vec<String> = (0..40_000).map(|one| format!("{one:064}")).collect();
    keys.push(key);
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    assert_eq!(w.store.open_cases_of(&keys).await.unwrap().len(), 1);
    assert_eq!(w.store.cases_exempted(&keys).await.unwrap().len(), 0);
}
