//! What was let go is counted by day, lane and cause, and nothing else is kept of it.

use wanglou::model::case::{Judgement, Lane, Outcome};
use wanglou::model::silence::{Silence, Silences, SilentCause};
use wanglou::store::{JudgementBatch, Step, StoreError};

use crate::world::{NOW, World, account, manager, world};

fn let_go(outcome: Outcome, cause: SilentCause) -> Judgement {
    let silence = Some(Silence { lane: manager(), cause });
    Judgement { silence, findings: Vec::new(), ..account(outcome, Lane::None) }
}

/// Lane, cause, count of the month and of the day of all that was let go.
async fn counted(w: &World) -> Vec<(Lane, SilentCause, u64, u64)> {
    let day = NOW.date(chrono_tz::Asia::Shanghai);
    let counts = w.store.silent_counts(day).await.unwrap();
    counts.into_iter().map(|one| (one.silence.lane, one.silence.cause, one.count, one.on_the_day)).collect()
}

#[tokio::test]
async fn what_is_kept_without_asking_anybody_counts_once_a_day() {
    let w = world().await;
    let batch = w.batch(let_go(Outcome::Exempt, SilentCause::Exempt), &[]);
    for (scan, at) in [("S1", NOW.plus_days(-1)), ("S2", NOW), ("S3", NOW)] {
        let batch = JudgementBatch { scan: scan.into(), at, ..batch.clone() };
        w.store.record_judgement(&w.vault, &batch).await.unwrap();
    }
    assert_eq!(counted(&w).await, [(manager(), SilentCause::Exempt, 2, 1)]);
}

#[tokio::test]
async fn what_is_not_kept_is_counted_by_the_visit_and_never_stored() {
    let w = world().await;
    let mut silences = Silences::default();
    for (outcome, cause) in [(Outcome::Ignore, SilentCause::Context), (Outcome::Exempt, SilentCause::Exempt)] {
        silences.note(&let_go(outcome, cause));
        silences.note(&let_go(outcome, cause));
    }
    w.store.count_silences(NOW, &silences).await.unwrap();
    w.store.count_silences(NOW, &Silences::default()).await.unwrap();
    assert_eq!(counted(&w).await, [(manager(), SilentCause::Context, 2, 2)], "what is stored counts with its storing");
    let refused = w.batch(let_go(Outcome::Ignore, SilentCause::Context), &[]);
    assert!(matches!(w.store.record_judgement(&w.vault, &refused).await, Err(StoreError::NotStorable(_))));
}

#[tokio::test]
async fn a_low_case_closed_unread_counts_in_its_lane_and_goes_with_the_figures() {
    let w = world().await;
    let case = w.record(account(Outcome::Alert, manager())).await.case.unwrap();
    w.step(&case, Step::Close(wanglou::model::case::Disposition::Unreviewed)).await;
    assert_eq!(counted(&w).await, [(manager(), SilentCause::Unreviewed, 1, 1)]);
    w.store.purge_figures(NOW.plus_days(1)).await.unwrap();
    assert_eq!(counted(&w).await, []);
}
