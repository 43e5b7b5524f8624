//! No mail lost, none doubled.

use wanglou::model::alert::{Alert, AlertKind, AlertState};
use wanglou::model::case::{Judgement, Lane, Notify, Outcome};
use wanglou::model::ids::AlertId;
use wanglou::model::term::Severity;
use wanglou::store::{
    AlertRequest, DigestRequest, Folding, MailboxVisit, Outgoing, ReturnedKind, ReturnedMail, StoreError,
};

use crate::world::{NOW, World, account, manager, to_manager, world};

const LEASE_MS: i64 = 60_000;

async fn with_one_alert() -> World {
    let w = world().await;
    w.record(account(Outcome::Alert, manager())).await;
    w
}

#[tokio::test]
async fn a_claimed_message_is_not_claimed_by_another_worker() {
    let w = with_one_alert().await;
    assert_eq!(w.store.claim_alerts(NOW.plus_ms(-1), "a", LEASE_MS, 9).await.unwrap(), vec![], "not due yet");
    let claimed = w.store.claim_alerts(NOW, "a", LEASE_MS, 9).await.unwrap();
    assert_eq!((claimed.len(), claimed[0].attempts), (1, 1));
    assert_eq!(w.store.claim_alerts(NOW, "b", LEASE_MS, 9).await.unwrap(), vec![]);
}

#[tokio::test]
async fn a_sent_message_is_sent_once() {
    let w = with_one_alert().await;
    let id = w.store.claim_alerts(NOW, "a", LEASE_MS, 9).await.unwrap().remove(0).id;
    w.store.hand_over_alert(&id, "a", NOW.plus_ms(LEASE_MS)).await.unwrap();
    w.store.settle_alert(&id, "a", &Outgoing::Sent, NOW).await.unwrap();
    assert_eq!(w.store.claim_alerts(NOW.plus_days(9), "a", LEASE_MS, 9).await.unwrap(), vec![]);
    assert_eq!(w.store.alert_counts().await.unwrap(), vec![(AlertState::Sent, 1)]);
}

#[tokio::test]
async fn a_failed_try_comes_again_at_its_time_and_keeps_its_identity() {
    let w = with_one_alert().await;
    let first = w.store.claim_alerts(NOW, "a", LEASE_MS, 9).await.unwrap().remove(0);
    let later = NOW.plus_ms(5_000);
    let retry = Outgoing::RetryAt { at: later, error: "451".into() };
    w.store.settle_alert(&first.id, "a", &retry, NOW).await.unwrap();

    assert_eq!(w.store.claim_alerts(later.plus_ms(-1), "a", LEASE_MS, 9).await.unwrap(), vec![]);
    let second = w.store.claim_alerts(later, "a", LEASE_MS, 9).await.unwrap().remove(0);
    assert_eq!((second.id, second.attempts, second.last_error), (first.id, 2, Some("451".into())));
}

#[tokio::test]
async fn refused_and_unclear_messages_are_not_tried_again() {
    for (end, state) in [
        (Outgoing::Failed { error: "550".into() }, AlertState::Failed),
        (Outgoing::Uncertain { error: "connection lost".into() }, AlertState::Uncertain),
    ] {
        let w = with_one_alert().await;
        let id = w.store.claim_alerts(NOW, "a", LEASE_MS, 9).await.unwrap().remove(0).id;
        w.store.settle_alert(&id, "a", &end, NOW).await.unwrap();
        assert_eq!(w.store.claim_alerts(NOW.plus_days(9), "a", LEASE_MS, 9).await.unwrap(), vec![]);
        assert_eq!(w.store.latest_alerts(1).await.unwrap()[0].state, state);
    }
}

#[tokio::test]
async fn a_worker_that_died_before_the_hand_over_loses_nothing() {
    let w = with_one_alert().await;
    let id = w.store.claim_alerts(NOW, "dead", LEASE_MS, 9).await.unwrap().remove(0).id;
    let after = NOW.plus_ms(LEASE_MS);
    assert_eq!(w.store.claim_alerts(after, "b", LEASE_MS, 9).await.unwrap()[0].id, id);
    let late = w.store.settle_alert(&id, "dead", &Outgoing::Sent, after).await;
    assert!(matches!(late, Err(StoreError::AlertLost(_))));
    assert!(matches!(w.store.hand_over_alert(&id, "dead", NOW.plus_ms(LEASE_MS)).await, Err(StoreError::AlertLost(_))));
}

#[tokio::test]
async fn a_worker_that_died_after_the_hand_over_leaves_an_uncertain_message() {
    let w = with_one_alert().await;
    let id = w.store.claim_alerts(NOW, "dead", LEASE_MS, 9).await.unwrap().remove(0).id;
    w.store.hand_over_alert(&id, "dead", NOW.plus_ms(LEASE_MS)).await.unwrap();
    assert_eq!(w.store.claim_alerts(NOW.plus_ms(LEASE_MS), "b", LEASE_MS, 9).await.unwrap(), vec![]);
    assert_eq!(w.store.alert_counts().await.unwrap(), vec![(AlertState::Uncertain, 1)]);
}

#[tokio::test]
async fn a_sender_taken_for_lost_reports_late_and_is_believed() {
    let ends = [
        (Outgoing::Sent, AlertState::Sent),
        (Outgoing::Failed { error: "550".into() }, AlertState::Failed),
        (Outgoing::RetryAt { at: NOW, error: "451".into() }, AlertState::Queued),
    ];
    for (end, state) in ends {
        let w = with_one_alert().await;
        let id = w.store.claim_alerts(NOW, "slow", LEASE_MS, 9).await.unwrap().remove(0).id;
        w.store.hand_over_alert(&id, "slow", NOW.plus_ms(LEASE_MS)).await.unwrap();
        // The clock is set forward by an hour while the server has the message.
        let after = NOW.plus_ms(3_600_000);
        assert_eq!(w.store.claim_alerts(after, "b", LEASE_MS, 9).await.unwrap(), vec![]);
        let other = w.store.settle_alert(&id, "b", &Outgoing::Sent, after).await;
        assert!(matches!(other, Err(StoreError::AlertLost(_))), "only the sender knows");
        w.store.settle_alert(&id, "slow", &end, after).await.unwrap();
        assert_eq!(w.store.alert_counts().await.unwrap(), vec![(state, 1)]);
        let again = w.store.settle_alert(&id, "slow", &Outgoing::Sent, after).await;
        assert!(matches!(again, Err(StoreError::AlertLost(_))), "once");
    }
}

#[tokio::test]
async fn the_lease_is_counted_anew_from_the_hand_over() {
    let w = with_one_alert().await;
    let id = w.store.claim_alerts(NOW, "a", LEASE_MS, 9).await.unwrap().remove(0).id;
    w.store.hand_over_alert(&id, "a", NOW.plus_ms(3 * LEASE_MS)).await.unwrap();
    w.store.claim_alerts(NOW.plus_ms(2 * LEASE_MS), "b", LEASE_MS, 9).await.unwrap();
    assert_eq!(w.store.alert_counts().await.unwrap(), vec![(AlertState::Queued, 1)]);
}

#[tokio::test]
async fn a_message_held_back_stays_as_it_was() {
    let w = with_one_alert().await;
    let first = w.store.claim_alerts(NOW, "a", LEASE_MS, 9).await.unwrap().remove(0);
    w.store.settle_alert(&first.id, "a", &Outgoing::Held { error: "away".into() }, NOW).await.unwrap();
    let second = w.store.claim_alerts(NOW, "b", LEASE_MS, 9).await.unwrap().remove(0);
    assert_eq!((second.id, second.attempts, second.due_at), (first.id, 1, first.due_at));
}

/// Queues one message about a case of its own, so many milliseconds before or after [`NOW`].
async fn piled(w: &World, name: &str, severity: Severity, lane: Lane, late_ms: i64) -> AlertId {
    let base = account(Outcome::Alert, lane.clone());
    let subject = crate::world::subject(base.subject.kind, name, &format!("https://forum.example/{name}"));
    let mut batch = w.batch(Judgement { subject, severity: Some(severity), ..base }, &[]);
    batch.alerts = vec![AlertRequest { due_at: NOW.plus_ms(-late_ms), ..to_manager(lane) }];
    let case = w.store.record_judgement(&w.vault, &batch).await.unwrap().case.unwrap();
    w.store.alerts_of_case(&case).await.unwrap().remove(0).id
}

#[tokio::test]
async fn the_gravest_message_goes_first() {
    let w = world().await;
    let low = piled(&w, "u1", Severity::Low, manager(), 9_000).await;
    let critical = piled(&w, "u2", Severity::Critical, manager(), 0).await;
    let high = piled(&w, "u3", Severity::High, manager(), 5_000).await;
    let earlier = piled(&w, "u4", Severity::High, manager(), 6_000).await;
    let claimed = w.store.claim_alerts(NOW, "a", LEASE_MS, 9).await.unwrap();
    assert_eq!(claimed.into_iter().map(|a| a.id).collect::<Vec<_>>(), vec![critical, earlier, high, low]);
}

const FOLDING: Folding = Folding { held_ms: 3_600_000, singles: 2, most: 3 };

async fn states(w: &World, ids: &[AlertId]) -> Vec<AlertState> {
    let all = w.store.latest_alerts(99).await.unwrap();
    ids.iter().map(|id| all.iter().find(|alert| alert.id == *id).unwrap().state).collect()
}

async fn of_kind(w: &World, kind: AlertKind) -> Vec<Alert> {
    w.store.latest_alerts(99).await.unwrap().into_iter().filter(|alert| alert.kind == kind).collect()
}

#[tokio::test]
async fn messages_held_up_for_an_hour_fold_beyond_the_gravest() {
    use AlertState::{Folded, Queued};
    let w = world().await;
    let mut ids = Vec::new();
    for (number, severity) in [Severity::Low, Severity::High, Severity::Medium, Severity::Critical].iter().enumerate() {
        ids.push(piled(&w, &format!("u{number}"), *severity, manager(), 0).await);
    }
    assert_eq!(w.store.fold_alerts(NOW, &FOLDING).await.unwrap(), 0, "nothing is late");
    let after = NOW.plus_ms(3_600_000);
    assert_eq!(w.store.fold_alerts(after, &FOLDING).await.unwrap(), 2);
    assert_eq!(w.store.fold_alerts(after, &FOLDING).await.unwrap(), 0, "nothing is left to fold");

    assert_eq!(states(&w, &ids).await, vec![Folded, Queued, Folded, Queued]);
    let backlog = of_kind(&w, AlertKind::Backlog).await.remove(0);
    assert_eq!((backlog.cases.len(), backlog.due_at, backlog.state), (2, NOW, Queued));
    assert_eq!(w.store.claim_alerts(after, "a", LEASE_MS, 9).await.unwrap().len(), 3);
}

#[tokio::test]
async fn what_comes_later_joins_the_message_that_waits() {
    let w = world().await;
    for number in 0..4 {
        piled(&w, &format!("u{number}"), Severity::High, manager(), 3_600_000).await;
    }
    w.store.fold_alerts(NOW, &FOLDING).await.unwrap();
    piled(&w, "u4", Severity::Low, manager(), 0).await;
    assert_eq!(w.store.fold_alerts(NOW, &FOLDING).await.unwrap(), 1);
    let waiting = of_kind(&w, AlertKind::Backlog).await;
    assert_eq!(waiting.iter().map(|a| a.cases.len()).collect::<Vec<_>>(), vec![3]);
}

#[tokio::test]
async fn one_folded_message_holds_no_more_than_it_may() {
    let w = world().await;
    for number in 0..8 {
        piled(&w, &format!("u{number}"), Severity::High, manager(), 3_600_000).await;
    }
    assert_eq!(w.store.fold_alerts(NOW, &FOLDING).await.unwrap(), 6);
    let sizes: Vec<usize> = of_kind(&w, AlertKind::Backlog).await.iter().map(|a| a.cases.len()).collect();
    assert_eq!(sizes, vec![3, 3]);
}

#[tokio::test]
async fn leak_messages_never_meet_others_in_one() {
    let w = world().await;
    for number in 0..4 {
        piled(&w, &format!("u{number}"), Severity::High, manager(), 3_600_000).await;
        piled(&w, &format!("k{number}"), Severity::Critical, Lane::Leak, 3_600_000).await;
    }
    assert_eq!(w.store.fold_alerts(NOW, &FOLDING).await.unwrap(), 4);
    let backlog = of_kind(&w, AlertKind::Backlog).await;
    assert_eq!(backlog.len(), 2);
    for message in backlog {
        for case in message.cases {
            assert_eq!(w.store.case(&case).await.unwrap().unwrap().judgement.lane, message.lane);
        }
    }
}

#[tokio::test]
async fn a_message_in_somebody_s_hands_is_not_folded() {
    let w = world().await;
    let mut ids = Vec::new();
    for number in 0..4 {
        ids.push(piled(&w, &format!("u{number}"), Severity::High, manager(), 3_600_000).await);
    }
    w.store.claim_alerts(NOW, "a", LEASE_MS, 3).await.unwrap();
    assert_eq!(w.store.fold_alerts(NOW, &FOLDING).await.unwrap(), 0);
    // When the lease has run out they are nobody's, but the sender lives and still wants to hand one over.
    let after = NOW.plus_ms(LEASE_MS);
    assert_eq!(w.store.fold_alerts(after, &FOLDING).await.unwrap(), 2);
    let last = w.store.hand_over_alert(&ids[2], "a", after.plus_ms(LEASE_MS)).await;
    assert!(matches!(last, Err(StoreError::AlertLost(_))));
}

#[tokio::test]
async fn digests_that_piled_up_become_the_newest_one() {
    let w = world().await;
    let mut cases = Vec::new();
    for (number, (kind, day)) in
        [(AlertKind::Daily, 18), (AlertKind::Weekly, 19), (AlertKind::Daily, 20), (AlertKind::Heartbeat, 21)]
            .into_iter()
            .enumerate()
    {
        let about = match kind {
            AlertKind::Heartbeat => vec![],
            _ => {
                let id = piled(&w, &format!("u{number}"), Severity::Low, manager(), -9_000_000_000).await;
                let all = w.store.latest_alerts(99).await.unwrap();
                all.into_iter().find(|alert| alert.id == id).unwrap().cases
            }
        };
        cases.extend(about.clone());
        let request = AlertRequest { kind, due_at: NOW.plus_days(i64::from(day) - 21), ..to_manager(manager()) };
        let digest = DigestRequest { request, cases: about, occasion: format!("2026-11-{day}") };
        w.store.queue_digest(&digest, NOW).await.unwrap();
    }
    assert_eq!(w.store.fold_alerts(NOW, &FOLDING).await.unwrap(), 3);
    let mut left = w.store.claim_alerts(NOW, "a", LEASE_MS, 9).await.unwrap();
    let digest = left.remove(0);
    assert_eq!((left.len(), digest.kind, digest.cases.len()), (0, AlertKind::Daily, cases.len()));
    assert_eq!(digest.due_at, NOW.plus_days(-1));
}

#[tokio::test]
async fn one_occasion_is_queued_once_for_each_recipient() {
    let w = with_one_alert().await;
    let case = w.store.latest_alerts(1).await.unwrap().remove(0).cases.remove(0);
    let request = to_manager(manager());
    let deputy = AlertRequest { recipient: "M2".into(), ..request.clone() };
    assert!(w.store.queue_alert(&case, &request, "reminder:1", NOW).await.unwrap().is_some());
    assert!(w.store.queue_alert(&case, &request, "reminder:1", NOW).await.unwrap().is_none());
    assert!(w.store.queue_alert(&case, &deputy, "reminder:1", NOW).await.unwrap().is_some());
}

#[tokio::test]
async fn a_digest_of_a_day_is_queued_once_and_tells_what_was_untold() {
    let w = world().await;
    let mut batch = w.batch(account(Outcome::Alert, manager()), &[]);
    batch.alerts.clear();
    let case = w.store.record_judgement(&w.vault, &batch).await.unwrap().case.unwrap();
    let untold = w.store.cases_untold(&manager(), Notify::Daily, &"M1".into()).await.unwrap();
    assert_eq!(untold.iter().map(|c| &c.id).collect::<Vec<_>>(), vec![&case]);

    let digest = DigestRequest {
        request: AlertRequest { kind: AlertKind::Daily, ..to_manager(manager()) },
        cases: vec![case.clone()],
        occasion: "2026-11-20".into(),
    };
    let id = w.store.queue_digest(&digest, NOW).await.unwrap();
    assert!(id.is_some());
    assert_eq!(w.store.queue_digest(&digest, NOW).await.unwrap(), None);
    assert_eq!(w.store.cases_untold(&manager(), Notify::Daily, &"M1".into()).await.unwrap(), vec![]);
    assert_eq!(w.store.latest_alerts(9).await.unwrap()[0].cases, vec![case]);
    let to_another = w.store.cases_untold(&manager(), Notify::Daily, &"M2".into()).await.unwrap();
    assert_eq!(to_another.len(), 1, "what one reader was told, another one was not");
}

#[tokio::test]
async fn a_case_that_changed_after_its_message_is_untold_again() {
    let mut w = with_one_alert().await;
    assert_eq!(w.store.cases_untold(&manager(), Notify::Daily, &"M1".into()).await.unwrap(), vec![]);
    w.next_scan().await;
    let mut batch = w.batch(crate::world::post(1, Outcome::Alert, manager()), &[]);
    batch.at = NOW.plus_days(1);
    w.store.record_judgement(&w.vault, &batch).await.unwrap();
    assert_eq!(w.store.cases_untold(&manager(), Notify::Daily, &"M1".into()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_deputys_copy_is_known_as_one() {
    let w = world().await;
    for (occasion, is_copy) in [("groups:2026-11-16", false), ("deputy:0190", true)] {
        let request = AlertRequest { kind: AlertKind::Groups, recipient: "M1".into(), lane: manager(), due_at: NOW };
        let digest = DigestRequest { request, cases: Vec::new(), occasion: occasion.into() };
        let id = w.store.queue_digest(&digest, NOW).await.unwrap().unwrap();
        assert_eq!(w.store.is_deputys_copy(&id).await.unwrap(), is_copy, "{occasion}");
    }
}

fn about_groups(recipient: &str, occasion: &str) -> DigestRequest {
    let request = AlertRequest { kind: AlertKind::Groups, recipient: recipient.into(), lane: manager(), due_at: NOW };
    DigestRequest { request, cases: Vec::new(), occasion: occasion.into() }
}

#[tokio::test]
async fn what_a_lane_is_told_once_is_not_told_again_to_somebody_else() {
    let w = world().await;
    let id = w.store.queue_once(&about_groups("M1", "members-told:2026"), NOW).await.unwrap().unwrap();
    assert_eq!(w.store.queue_once(&about_groups("M2", "members-told:2026"), NOW).await.unwrap(), None);
    let copy = about_groups("M2", &format!("deputy:{id}"));
    let copy = w.store.queue_digest(&copy, NOW).await.unwrap().unwrap();
    assert_eq!(w.store.occasion(&id).await.unwrap(), "members-told:2026");
    assert_eq!(w.store.occasion(&copy).await.unwrap(), "members-told:2026", "a copy says what the letter says");
}

#[tokio::test]
async fn letters_of_the_yearly_round_are_neither_folded_nor_taken_for_an_outage() {
    let w = world().await;
    for occasion in ["members-told:2026", "groups:2026-11-16"] {
        w.store.queue_digest(&about_groups("M1", occasion), NOW).await.unwrap();
    }
    assert_eq!(w.store.fold_alerts(NOW.plus_days(1), &FOLDING).await.unwrap(), 0);
}

#[tokio::test]
async fn notices_to_one_person_are_not_folded_into_each_other() {
    let w = world().await;
    for occasion in ["mail-returned:2026-11-16", "mail-returned:2026-11-23"] {
        let notice = about_groups("M1", occasion);
        let request = AlertRequest { kind: AlertKind::Notice, ..notice.request };
        w.store.queue_digest(&DigestRequest { request, ..notice }, NOW).await.unwrap();
    }
    assert_eq!(w.store.fold_alerts(NOW.plus_days(1), &FOLDING).await.unwrap(), 0);
}

fn returned(name: &str, kind: ReturnedKind, alert: Option<&AlertId>) -> ReturnedMail {
    let status = "5.1.1".to_owned();
    ReturnedMail { name_sha256: name.to_owned(), kind, alert: alert.cloned(), status, read_at: NOW }
}

#[tokio::test]
async fn a_letter_that_came_back_has_failed_and_one_that_never_left_has_not() {
    let w = with_one_alert().await;
    let id = w.store.latest_alerts(9).await.unwrap()[0].id.clone();
    assert!(!w.store.note_returned_mail(&returned("early", ReturnedKind::Failed, Some(&id))).await.unwrap());
    assert_eq!(w.store.alert(&id).await.unwrap().unwrap().state, AlertState::Queued, "it has not left yet");
    assert!(!w.store.is_handed_over(&id).await.unwrap());
    w.store.claim_alerts(NOW, "a", 60_000, 9).await.unwrap();
    w.store.hand_over_alert(&id, "a", NOW.plus_ms(60_000)).await.unwrap();
    assert!(w.store.is_handed_over(&id).await.unwrap());
    w.store.settle_alert(&id, "a", &Outgoing::Sent, NOW).await.unwrap();
    let sent = w.store.alert(&id).await.unwrap().unwrap();
    for (token, reader) in [("link", sent.recipient.clone()), ("another's", "M9".into())] {
        w.store.add_mail_link(token, &sent.cases[0], &reader, NOW.plus_days(7)).await.unwrap();
    }

    assert!(!w.store.note_returned_mail(&returned("late", ReturnedKind::Delayed, Some(&id))).await.unwrap());
    assert!(w.store.note_returned_mail(&returned("gone", ReturnedKind::Failed, Some(&id))).await.unwrap());
    assert!(!w.store.note_returned_mail(&returned("gone", ReturnedKind::Failed, Some(&id))).await.unwrap(), "once");

    assert_eq!(w.store.mail_link("link", NOW).await.unwrap(), None, "who reads it elsewhere decides nothing by it");
    assert!(w.store.mail_link("another's", NOW).await.unwrap().is_some());
    let failed = w.store.alert(&id).await.unwrap().unwrap();
    assert_eq!(failed.last_error.as_deref(), Some("it came back undelivered: 5.1.1"));
    assert_eq!((failed.state, failed.cases.len()), (AlertState::Failed, 1));
    let told = w.store.audit_of(id.as_str()).await.unwrap();
    assert_eq!(told.iter().map(|line| line.action.as_str()).collect::<Vec<_>>(), ["letter.returned"]);
    assert_eq!(
        (w.store.undelivered_letters(NOW).await.unwrap(), w.store.alert(&"no".into()).await.unwrap()),
        (1, None)
    );
    assert_eq!(w.store.undelivered_letters(NOW.plus_days(1)).await.unwrap(), 0);
}

#[tokio::test]
async fn the_link_of_a_letter_to_an_approver_ends_when_it_comes_back() {
    let w = world().await;
    let notice = about_groups("M1", "exemption:HM-2611-0001");
    let id = w.store.queue_digest(&notice, NOW).await.unwrap().unwrap();
    for (token, number) in [("link", "HM-2611-0001"), ("another", "HM-2611-0002")] {
        w.store.add_exemption_link(token, number, &"M1".into(), NOW.plus_days(7)).await.unwrap();
    }
    w.store.claim_alerts(NOW, "a", 60_000, 9).await.unwrap();
    w.store.settle_alert(&id, "a", &Outgoing::Sent, NOW).await.unwrap();
    w.store.note_returned_mail(&returned("gone", ReturnedKind::Failed, Some(&id))).await.unwrap();
    assert_eq!(w.store.exemption_link("link", NOW).await.unwrap(), None);
    assert!(w.store.exemption_link("another", NOW).await.unwrap().is_some());
}

#[tokio::test]
async fn mails_of_the_mailbox_are_known_counted_by_kind_and_forgotten() {
    let w = world().await;
    for (name, kind) in [("a", ReturnedKind::Foreign), ("b", ReturnedKind::Foreign), ("c", ReturnedKind::Unreadable)] {
        w.store.note_returned_mail(&returned(name, kind, None)).await.unwrap();
    }
    let many: Vec<String> = (0..250).map(|n| n.to_string()).collect();
    let names: Vec<&str> = ["a", "c"].into_iter().chain(many.iter().map(String::as_str)).collect();
    let known = w.store.known_returned_mails(&names).await.unwrap();
    assert_eq!(
        known.into_iter().collect::<Vec<_>>(),
        [("a".to_owned(), ReturnedKind::Foreign), ("c".to_owned(), ReturnedKind::Unreadable)]
    );
    w.store.note_returned_mail(&returned("d", ReturnedKind::Unreadable, None)).await.unwrap();
    w.store.forget_returned_mail("d").await.unwrap();
    let counts = w.store.returned_mail_counts(NOW).await.unwrap();
    assert_eq!(counts, [(ReturnedKind::Foreign, 2), (ReturnedKind::Unreadable, 1)]);
    assert_eq!(w.store.mailbox_visit().await.unwrap(), None);
    for fault in ["no answer", ""] {
        let visit = MailboxVisit { at: NOW, fault: fault.to_owned() };
        w.store.note_mailbox_visit(&visit).await.unwrap();
        assert_eq!(w.store.mailbox_visit().await.unwrap(), Some(visit));
    }
    assert_eq!(w.store.purge_returned_mails(NOW).await.unwrap(), 0);
    assert_eq!(w.store.purge_returned_mails(NOW.plus_ms(1)).await.unwrap(), 3);
}
