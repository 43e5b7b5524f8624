//! Letters and a database that fails at the worst moment.

use wanglou::demo::{Demo, Options};
use wanglou::model::alert::{AlertKind, AlertState};
use wanglou::pipeline::letters::deliver;
use wanglou::pipeline::progress::nobody;
use wanglou::store::{AlertRequest, CaseFilter};

const REFUSE: &str = "CREATE TRIGGER refuse BEFORE UPDATE OF state ON alerts WHEN NEW.state = 'sent' \
    BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";

#[tokio::test]
async fn a_letter_that_left_is_not_sent_again_when_its_end_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { folder: folder.path().join("demo"), smtp: None, database: None };
    let demo = Demo::run(&options, &nobody()).await.unwrap();
    let (shell, before) = (&demo.shell, demo.letter_files().len());
    let case = shell.store.cases(&CaseFilter::default()).await.unwrap().remove(0);
    let lane = case.judgement.lane.clone();
    let now = shell.clock.now();
    let request = AlertRequest { kind: AlertKind::Immediate, recipient: "HC0001".into(), lane, due_at: now };
    let alert = shell.store.queue_alert(&case.id, &request, "reminder", now).await.unwrap().unwrap();
    let database = sqlx::sqlite::SqlitePool::connect_with(
        sqlx::sqlite::SqliteConnectOptions::new().filename(shell.config.database().unwrap().file().unwrap()),
    )
    .await
    .unwrap();

    sqlx::query(REFUSE).execute(&database).await.unwrap();
    deliver(shell, &shell.world()).await.unwrap_err();
    sqlx::query("DROP TRIGGER refuse").execute(&database).await.unwrap();
    for _ in 0..3 {
        shell.clock.advance_ms(3_600_000);
        deliver(shell, &shell.world()).await.unwrap();
    }

    assert_eq!(demo.letter_files().len(), before + 1);
    let told = shell.store.alerts_of_case(&case.id).await.unwrap();
    let state = told.iter().find(|a| a.id == alert).map(|a| a.state);
    assert_eq!(state, Some(AlertState::Uncertain));
}
