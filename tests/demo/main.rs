//! The main job end to end: real HTTPS on loopback, a real database, real letters as files.

#[path = "../support/postgres.rs"]
mod postgres;
mod promises;
#[path = "../support/score.rs"]
mod score;

use promises::Ran;
use tokio::sync::OnceCell;

/// One demo for all tests of this file; they only look.
static RAN: OnceCell<Ran> = OnceCell::const_new();

/// Tests share one runtime, because the demo's servers live on it.
fn look<T>(test: impl AsyncFnOnce(&'static Ran) -> T) -> T {
    static RUNTIME: std::sync::LazyLock<tokio::runtime::Runtime> =
        std::sync::LazyLock::new(|| tokio::runtime::Runtime::new().unwrap());
    RUNTIME.block_on(async { test(RAN.get_or_init(|| Ran::new(None)).await).await })
}

/// Each promise is a test of its own on a database file, and all are kept in one run on a server.
macro_rules! promises {
    ($($promise:ident)*) => {
        $(
            #[test]
            fn $promise() {
                look(promises::$promise);
            }
        )*

        #[tokio::test(flavor = "multi_thread")]
        async fn every_promise_is_kept_on_a_database_server() {
            let database = postgres::Database::new().await;
            let ran = Ran::new(Some(database.url())).await;
            $(promises::$promise(&ran).await;)*
        }
    };
}

promises! {
    every_expected_outcome_holds_and_nothing_else_alerts
    there_is_one_object_a_subject_and_pass
    no_forbidden_path_was_asked_for
    the_login_wall_is_blocked_and_not_empty
    no_request_carries_a_confidential_term
    no_letter_shows_a_confidential_term
    leak_letters_go_to_the_leak_lane_alone_and_name_nobody
    protected_text_stands_in_no_file_letter_or_log
    protected_text_stands_in_no_stored_page_of_any_lane
    protected_speech_is_counted_by_topic
    names_and_handles_stand_in_no_log
    the_evidence_chain_holds
    the_suspected_manager_is_not_written_to_about_himself
}
