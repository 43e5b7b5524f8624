//! The band of a case at the moment of its decision.

use wanglou::model::case::{Disposition, Lane, Outcome};
use wanglou::model::finding::{Band, Candidate};
use wanglou::store::Step;

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
