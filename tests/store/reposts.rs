//! Posts that repeat the text of a case: known again by it, listed in the case, told to nobody, and taken out by hand.

use wanglou::model::account::{Account, Post};
use wanglou::model::case::{CaseState, Disposition, Judgement, Lane, Outcome, SubjectKind};
use wanglou::store::{CaseChange, CaseFilter, Decision, JudgementBatch, Recorded, Step, SubjectFacts, subject_key};

use crate::world::{NOW, World, manager, post, sealed_world, subject, world};

const TEXT: &str = "听朋友说折叠无人机已经在湖州下线，第一批样机下个月送到滨城去测，成本比上一代低一成二。";

/// A post of an account with a text.
fn said(w: &World, handle: &str, number: u32, text: &str, lane: Lane) -> JudgementBatch {
    let url = format!("https://forum.example/p/{number}");
    let found = post(number, Outcome::Alert, lane);
    let judgement = Judgement { subject: subject(SubjectKind::Post, handle, &url), candidates: Vec::new(), ..found };
    let account = Account { handle: handle.into(), ..Account::default() };
    let facts = SubjectFacts { account: Some(account), post: Some(Post { text: text.into(), ..Post::default() }) };
    JudgementBatch { facts, ..w.batch(judgement, &[]) }
}

async fn record(w: &World, batch: &JudgementBatch) -> Recorded {
    w.store.record_judgement(&w.vault, batch).await.unwrap()
}

/// The first post of `u1`, and the same text of `u2` folded into its case with a page.
async fn folded(w: &World, lane: Lane) -> (Recorded, JudgementBatch) {
    let first = record(w, &said(w, "u1", 1, TEXT, lane.clone())).await;
    let page = w.receive("the same once more").await;
    let captures = vec![page.id.clone()];
    let second = JudgementBatch { captures, repost_of: first.case.clone(), ..said(w, "u2", 2, TEXT, lane) };
    (first, second)
}

#[tokio::test]
async fn a_text_is_known_again_within_its_lane_and_only_where_it_is_what_a_case_is_about() {
    let w = world().await;
    let first = record(&w, &said(&w, "u1", 1, TEXT, manager())).await;
    let alike = |text: &'static str, lane: Lane| {
        let (store, judgement) = (w.store.clone(), said(&w, "u2", 2, text, lane).judgement);
        async move { store.texts_like(&judgement, text).await.unwrap() }
    };
    let known = alike(TEXT, manager()).await;
    assert_eq!(known.len(), 1);
    assert_eq!(
        (Some(&known[0].case.id), known[0].facts.post.as_ref().unwrap().text.as_str()),
        (first.case.as_ref(), TEXT)
    );
    assert!((known[0].resemblance - 1.0).abs() < 1e-9 && known[0].stretches > 20);
    assert_eq!(alike("另一件事：岚城的表演很好看，孩子还想再去一次，下周末又有一场。", manager()).await, []);
    assert_eq!(alike(TEXT, Lane::Leak).await, [], "what is not for the leak lane is not found from there");
}

#[tokio::test]
async fn a_repost_stands_in_the_case_with_its_page_and_is_told_to_nobody() {
    let w = world().await;
    let (first, second) = folded(&w, manager()).await;
    let case = first.case.unwrap();
    let before = w.store.case(&case).await.unwrap().unwrap();

    let recorded = record(&w, &second).await;

    assert_eq!(
        (recorded.change, recorded.case.as_ref(), recorded.alerts.len()),
        (CaseChange::Reposted, Some(&case), 0)
    );
    assert_eq!(record(&w, &JudgementBatch { scan: "S9".into(), ..second.clone() }).await.change, CaseChange::Unchanged);
    assert_eq!(
        w.store.cases(&CaseFilter::default()).await.unwrap(),
        std::slice::from_ref(&before),
        "nothing of the case changed"
    );
    let (reposts, total) = w.store.reposts_of_case(&case, 9).await.unwrap();
    assert_eq!((reposts[0].judgement.subject.handle.as_str(), reposts[0].first_seen, total), ("u2", NOW, 1));
    let key = subject_key(&second.judgement.subject);
    assert_eq!(w.store.own_subjects_of_case(&case).await.unwrap().len(), 1);
    assert!(w.store.subjects_of_case(&case).await.unwrap().contains(&key), "it is kept and erased with the case");
    assert!(w.store.places_of(&key).await.unwrap()[0].is_repost);
    let of_author = w.store.reposts_of_account(&second.judgement.subject).await.unwrap();
    assert_eq!(of_author, reposts, "whoever asks what is kept of the account is told of it");
    assert_eq!(w.store.reposts_of_account(&before.judgement.subject).await.unwrap(), []);
    assert_eq!(w.store.evidence_of_case(&case).await.unwrap().len(), 1);
    let passage = w.store.passage(wanglou::model::month::Month::of(NOW.date(chrono_tz::Asia::Shanghai))).await.unwrap();
    assert_eq!((passage.found, passage.passed_over), (2, 1), "counted as found, and as nobody asked about");
}

#[tokio::test]
async fn the_text_of_one_account_found_again_opens_what_was_rectified_and_nothing_that_was_dismissed() {
    for (disposition, reopens) in [(Disposition::Rectified, true), (Disposition::FalseAlarm, false)] {
        let w = world().await;
        let first = record(&w, &said(&w, "u1", 1, TEXT, manager())).await;
        let case = first.case.unwrap();
        let step = Step::Close(disposition);
        w.store.decide(&Decision { case: case.clone(), step, by: "M1".into(), at: NOW, alerts: vec![] }).await.unwrap();
        let again = JudgementBatch { repost_of: Some(case.clone()), ..said(&w, "u1", 2, TEXT, manager()) };
        let change = record(&w, &again).await.change;
        assert_eq!(change, if reopens { CaseChange::Reopened } else { CaseChange::Reposted }, "{disposition:?}");
        assert_eq!(w.store.case(&case).await.unwrap().unwrap().state == CaseState::Open, reopens);
    }
}

#[tokio::test]
async fn a_repost_that_is_taken_out_has_a_case_of_its_own_with_its_evidence() {
    let w = world().await;
    let (first, second) = folded(&w, manager()).await;
    record(&w, &second).await;
    let key = subject_key(&second.judgement.subject);
    let case = w.store.case(&first.case.unwrap()).await.unwrap().unwrap();

    let own = w.store.split_repost(&case, &key, "M1", NOW).await.unwrap();

    assert_eq!((own.judgement.subject.handle.as_str(), &own.state), ("u2", &CaseState::Open));
    assert_eq!(w.store.reposts_of_case(&case.id, 9).await.unwrap(), (vec![], 0));
    assert_eq!(w.store.evidence_of_case(&case.id).await.unwrap(), []);
    assert_eq!(w.store.evidence_of_case(&own.id).await.unwrap().len(), 1);
    let places = w.store.places_of(&key).await.unwrap();
    assert_eq!(places.iter().map(|place| place.is_repost).collect::<Vec<_>>(), [false]);
    for (object, other) in [(&case.id, &own.number), (&own.id, &case.number)] {
        let history = w.store.audit_of(object.as_str()).await.unwrap();
        assert!(history.iter().any(|line| line.action == "case.split" && line.detail == *other && line.actor == "M1"));
    }
    assert!(w.store.split_repost(&case, &key, "M1", NOW).await.is_err(), "once");
}

#[tokio::test]
async fn a_repost_of_the_account_itself_is_not_taken_out() {
    let w = world().await;
    let first = record(&w, &said(&w, "u1", 1, TEXT, manager())).await;
    let again = JudgementBatch { repost_of: first.case.clone(), ..said(&w, "u1", 2, TEXT, manager()) };
    record(&w, &again).await;
    let case = w.store.case(&first.case.unwrap()).await.unwrap().unwrap();
    let key = subject_key(&again.judgement.subject);
    assert!(w.store.split_repost(&case, &key, "M1", NOW).await.is_err());
    assert_eq!(w.store.reposts_of_case(&case.id, 9).await.unwrap().1, 1, "it stands where it stood");
}

#[tokio::test]
async fn a_post_whose_case_was_erased_or_decided_about_its_account_meanwhile_has_a_case_of_its_own() {
    let w = world().await;
    let (first, second) = folded(&w, manager()).await;
    let case = first.case.unwrap();
    decided(&w, &case, Disposition::Exempted).await;
    let alone = record(&w, &second).await;
    assert_eq!(alone.change, CaseChange::Opened);
    assert_ne!(alone.case, Some(case));

    let gone = JudgementBatch { repost_of: Some("gone".into()), ..said(&w, "u3", 3, TEXT, manager()) };
    assert_eq!(record(&w, &gone).await.change, CaseChange::Opened);
}

#[tokio::test]
async fn with_what_a_case_is_about_its_reposts_stand_in_no_case_any_more() {
    let w = world().await;
    let (first, second) = folded(&w, manager()).await;
    record(&w, &second).await;
    let own = w.store.own_subjects_of_case(first.case.as_ref().unwrap()).await.unwrap();

    let erased = w.store.erase_subject(&w.vault, &own[0], "M1", NOW).await.unwrap();

    assert_eq!(erased.cases, vec![first.case.unwrap()]);
    assert_eq!(w.store.places_of(&subject_key(&second.judgement.subject)).await.unwrap(), []);
    assert_eq!(
        w.store.texts_like(&second.judgement, TEXT).await.unwrap(),
        [],
        "the text is forgotten with its subject"
    );
}

#[tokio::test]
async fn texts_of_the_leak_lane_are_known_again_with_the_key_alone() {
    for (w, knows) in [(sealed_world().await, true), (world().await, false)] {
        let (_, second) = folded(&w, Lane::Leak).await;
        assert_eq!(!w.store.texts_like(&second.judgement, TEXT).await.unwrap().is_empty(), knows);
        assert!(!w.holds("折叠无人机").await);
    }
}

#[tokio::test]
async fn open_cases_and_exempted_ones_are_found_by_their_accounts_without_the_leak_lane() {
    let w = world().await;
    let case = record(&w, &said(&w, "u1", 1, TEXT, manager())).await.case.unwrap();
    record(&w, &said(&w, "u1", 2, "另一件事，也是这个人写的。", Lane::Leak)).await;
    let key = wanglou::store::account_key(&post(1, Outcome::Alert, manager()).subject);
    let of = |cases: Vec<wanglou::model::case::Case>| cases.into_iter().map(|case| case.id).collect::<Vec<_>>();
    assert_eq!(of(w.store.open_cases_of(&[&key, "none"]).await.unwrap()), vec![case.clone()]);
    assert_eq!(of(w.store.cases_exempted(&[&key]).await.unwrap()), []);
    let closed = w.store.close_exempted(&case, &"EX-2026-0001".into(), NOW).await.unwrap();
    assert!(matches!(closed.state, CaseState::Closed { disposition: Disposition::Exempted, .. }));
    assert_eq!(of(w.store.open_cases_of(&[&key]).await.unwrap()), []);
    assert_eq!(of(w.store.cases_exempted(&[&key]).await.unwrap()), vec![case.clone()]);
    assert_eq!(of(w.store.all_cases_exempted().await.unwrap()), vec![case.clone()]);
    let history = w.store.audit_of(case.as_str()).await.unwrap();
    assert_eq!(history.last().unwrap().detail, "exempted EX-2026-0001");
}

/// Closes a case with the decision, whatever becomes of what is stored.
async fn decided(w: &World, case: &wanglou::model::ids::CaseId, disposition: Disposition) {
    let step = Step::Close(disposition);
    let decision = Decision { case: case.clone(), step, by: "M1".into(), at: NOW, alerts: vec![] };
    wanglou::pipeline::retain::decide(&w.store, &w.vault, &decision).await.unwrap();
}

#[tokio::test]
async fn closed_as_protected_speech_neither_a_case_nor_its_reposts_are_stored_and_they_do_not_come_back() {
    let w = world().await;
    let (first, second) = folded(&w, manager()).await;
    record(&w, &second).await;
    let case = first.case.unwrap();
    let keys = w.store.subjects_of_case(&case).await.unwrap();

    decided(&w, &case, Disposition::ProtectedSpeech).await;

    assert_eq!(keys.len(), 2);
    for key in &keys {
        assert_eq!(w.store.subject(key).await.unwrap(), None);
    }
    assert_eq!(w.store.case(&case).await.unwrap(), None);
    let again = JudgementBatch { scan: "S9".into(), ..said(&w, "u2", 2, TEXT, manager()) };
    assert_eq!(record(&w, &again).await.change, CaseChange::NoCase, "the decision outlives what it was about");
}

#[tokio::test]
async fn a_dismissed_text_stays_dismissed_for_its_reposts_when_the_case_is_erased() {
    for (disposition, change) in
        [(Disposition::FalseAlarm, CaseChange::NoCase), (Disposition::SameName, CaseChange::Opened)]
    {
        let w = world().await;
        let (first, second) = folded(&w, manager()).await;
        record(&w, &second).await;
        let case = first.case.unwrap();
        let own = w.store.own_subjects_of_case(&case).await.unwrap();
        decided(&w, &case, disposition).await;
        w.store.erase_subject(&w.vault, &own[0], "M1", NOW).await.unwrap();
        let again = JudgementBatch { scan: "S9".into(), ..said(&w, "u2", 2, TEXT, manager()) };
        assert_eq!(record(&w, &again).await.change, change, "{disposition:?}");
    }
}

#[tokio::test]
async fn a_repost_that_leaves_a_case_on_legal_hold_stays_held_with_its_evidence_by_hand_and_by_an_edit() {
    for by_hand in [true, false] {
        let w = world().await;
        let (first, second) = folded(&w, manager()).await;
        record(&w, &second).await;
        let key = subject_key(&second.judgement.subject);
        let case = w.store.case(&first.case.unwrap()).await.unwrap().unwrap();
        w.store.hold_case(&case.id, "M1", NOW).await.unwrap();
        assert!(w.store.evidence_of_case(&case.id).await.unwrap()[0].is_repost);
        let own = if by_hand {
            w.store.split_repost(&case, &key, "M1", NOW).await.unwrap().id
        } else {
            let edited = JudgementBatch { scan: "S9".into(), ..said(&w, "u2", 2, TEXT, manager()) };
            record(&w, &edited).await.case.unwrap()
        };
        assert_ne!(own, case.id);
        assert_eq!(w.store.held_cases().await.unwrap().len(), 2);
        let evidence = w.store.evidence_of_case(&own).await.unwrap();
        assert_eq!(evidence.iter().map(|one| one.is_repost).collect::<Vec<_>>(), [false]);
    }
}
