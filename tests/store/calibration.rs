//! The band of a case at the moment of its decision.

use wanglou::model::alert::AlertKind;
use wanglou::model::audit::AuditEntry;
use wanglou::model::case::{Disposition, Lane, Outcome};
use wanglou::model::finding::{Band, Candidate};
use wanglou::store::{AlertRequest, BandLowering, DigestRequest, Step};

use crate::world::{NOW, account, world};

pub(crate) fn with_candidate(band: Band) -> wanglou::model::case::Judgement {
    let candidate = Candidate { employee_id: "E1".into(), score: 0.9, band, reasons: vec![] };
    wanglou::model::case::Judgement {
        candidates: vec![candidate],
        ..account(Outcome::Alert, Lane::Manager("XH".into()))
    }
}

#[tokio::test]
async fn the_band_outlives_the_candidates_of_a_lead_found_wrong_and_goes_with_a_decision_taken_back() {
    let w = world().await;
    let case = w.record(with_candidate(Band::High)).await.case.unwrap();
    assert_eq!(w.store.band_decisions().await.unwrap(), []);

    let closed = w.step(&case, Step::Close(Disposition::SameName)).await;
    assert!(closed.judgement.candidates.is_empty());
    assert_eq!(w.store.band_decisions().await.unwrap(), [(Band::High, Disposition::SameName)]);

    w.step(&case, Step::Reopen).await;
    assert_eq!(w.store.band_decisions().await.unwrap(), []);
}

#[tokio::test]
async fn what_was_found_to_be_nothing_is_known_until_it_is_opened_again_and_never_of_leaks() {
    let w = world().await;
    let case = w.record(with_candidate(Band::High)).await.case.unwrap();
    assert!(w.store.subjects_found_wrong().await.unwrap().is_empty());
    w.step(&case, Step::Close(Disposition::FalseAlarm)).await;
    let wrong = w.store.subjects_found_wrong().await.unwrap();
    assert_eq!(wrong.into_iter().collect::<Vec<_>>(), w.store.subjects_of_case(&case).await.unwrap());
    w.step(&case, Step::Reopen).await;
    w.step(&case, Step::Close(Disposition::Rectified)).await;
    assert!(w.store.subjects_found_wrong().await.unwrap().is_empty(), "it was something");
    let leak = w.record(account(Outcome::Alert, Lane::Leak)).await.case.unwrap();
    w.step(&leak, Step::Close(Disposition::FalseAlarm)).await;
    assert!(w.store.subjects_found_wrong().await.unwrap().is_empty());
}

#[tokio::test]
async fn bands_are_forgotten_with_decisions_and_none_is_noted_of_protected_speech() {
    let w = world().await;
    let case = w.record(with_candidate(Band::Medium)).await.case.unwrap();
    w.step(&case, Step::Close(Disposition::Rectified)).await;
    assert_eq!(w.store.purge_decisions(NOW).await.unwrap(), 0);
    assert_eq!(w.store.purge_decisions(NOW.plus_ms(1)).await.unwrap(), 1);

    w.step(&case, Step::Reopen).await;
    w.step(&case, Step::Close(Disposition::ProtectedSpeech)).await;
    assert_eq!(w.store.band_decisions().await.unwrap(), []);
}

#[tokio::test]
async fn the_highest_band_is_lowered_once_with_its_letters_and_brought_back_once() {
    let w = world().await;
    let line = |action: &str| {
        let (actor, action, object) = ("wanglou".into(), action.into(), "high".into());
        AuditEntry { at: NOW, actor, action, object, detail: String::new() }
    };
    let lowering = BandLowering { id: "b1".into(), since: NOW, until: None, decided: 50, confirmed: 30 };
    let request = AlertRequest { kind: AlertKind::Notice, recipient: "M1".into(), lane: Lane::GroupHr, due_at: NOW };
    let told = [DigestRequest { request, cases: Vec::new(), occasion: "band-lowered:b1".into() }];
    assert!(w.store.lower_band(&lowering, &told, &line("band.lower")).await.unwrap());
    let again = BandLowering { id: "b2".into(), ..lowering.clone() };
    assert!(!w.store.lower_band(&again, &told, &line("band.lower")).await.unwrap(), "one at a time");
    assert_eq!(w.store.band_lowerings().await.unwrap(), std::slice::from_ref(&lowering));
    assert_eq!(w.store.latest_alerts(9).await.unwrap().len(), 1);
    assert!(w.store.restore_band(&line("band.restore")).await.unwrap());
    assert!(!w.store.restore_band(&line("band.restore")).await.unwrap());
    assert_eq!(w.store.band_lowerings().await.unwrap(), [BandLowering { until: Some(NOW), ..lowering }]);
    assert_eq!(w.store.audit_of("high").await.unwrap().len(), 2);
}
