//! Several `wanglou work` processes on one database: every host has one visitor at a time and its pace, also while workers are
//! killed, hang and join. The proof is what the hosts themselves have written down.

#[path = "support/fleet.rs"]
mod fleet;
#[path = "support/postgres.rs"]
mod postgres;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use fleet::{Fleet, Settings, impolite, visits};
use postgres::Database;

const SETTINGS: Settings =
    Settings { hosts: 50, interval: Duration::from_millis(300), at_once: 8, schedule: "*/3 * * * * *" };

/// A migration of a program that does not exist yet, as an upgrade adds it first.
const EXPAND: &str = "ALTER TABLE scans ADD COLUMN note TEXT; \
    INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
    VALUES (9001, 'newer', TRUE, '', 0)";

async fn connection(database: &Database) -> sqlx::PgConnection {
    <sqlx::PgConnection as sqlx::Connection>::connect(&database.url()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_workers_share_fifty_hosts_politely_while_some_are_killed_and_some_join() {
    let database = Database::new().await;
    let fleet = Fleet::new(database.url(), SETTINGS).await;
    let keeper = fleet.serve();
    fleet.wait_until_shared().await;
    let (first, second, mut third) = (fleet.work("a"), fleet.work("b"), fleet.work("c"));
    let all_asked =
        |least: usize| move |log: &fleet::Log| log.len() == 50 && log.values().all(|asked| asked.len() >= least);
    fleet.wait_for("half of the hosts are asked", Duration::from_secs(40), |log| log.len() >= 25).await;

    first.kill();
    third.signal("STOP");
    // A newer program has begun its upgrade: older workers go on, and join.
    sqlx::raw_sql(EXPAND).execute(&mut connection(&database).await).await.unwrap();
    let fourth = fleet.work("d");
    fleet.wait_for("all hosts are asked", Duration::from_secs(60), all_asked(3)).await;
    // Long enough for the one that hangs to be given up.
    let lost = r#""ended_why":"lost""#;
    for _ in 0..1_500 {
        if fleet.ask(&["workers", "--json"]).matches(lost).count() >= 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let woken = Instant::now();
    third.signal("CONT");
    let ended = third.ended(Duration::from_secs(20)).await;
    fleet
        .wait_for("all hosts are visited to the end", Duration::from_secs(90), |log| {
            log.len() == 50 && log.values().all(|asked| visits(asked) >= 1)
        })
        .await;

    let shown = fleet.ask(&["workers"]);
    assert!(shown.contains("lives") && shown.contains("lost") && shown.contains('d'), "{shown}");
    assert!(ended.is_some_and(|status| !status.success()), "who was given up must not go on: {}", third.said());
    for worker in [second, fourth, keeper] {
        let said = worker.said();
        let (took, is_well) = worker.stop();
        assert!(is_well && took < Duration::from_secs(30), "{took:?}\n{said}");
    }
    let mut log = fleet.log();
    let late = taken_out(&mut log, "worker-c", woken);
    assert!(late <= 1, "who wakes sends what was on its way when it was stopped, and nothing else: {late}");
    assert_eq!(impolite(&log, SETTINGS.interval), Vec::<String>::new());
    let agents: BTreeSet<&str> = log.values().flatten().map(|asked| &asked.agent[..8]).collect();
    assert_eq!(agents.into_iter().collect::<Vec<_>>(), ["worker-a", "worker-b", "worker-c", "worker-d"]);
    judged_once(&fleet).await;
}

/// Takes out what a worker asked since an instant; how much that was.
fn taken_out(log: &mut fleet::Log, agent: &str, since: Instant) -> usize {
    let count = |log: &fleet::Log| log.values().map(Vec::len).sum::<usize>();
    let before = count(log);
    log.values_mut().for_each(|asked| asked.retain(|one| !one.agent.starts_with(agent) || one.came < since));
    before - count(log)
}

/// What killed workers left is judged at the next visit; each host's impostor is one case.
async fn judged_once(fleet: &Fleet) {
    let cases = fleet.ask(&["cases", "list", "--json"]);
    let urls: Vec<serde_json::Value> = serde_json::from_str(&cases)
        .unwrap_or_else(|_| cases.lines().map(|line| serde_json::from_str(line).unwrap()).collect());
    let urls: BTreeSet<String> = urls.iter().map(|case| case["url"].to_string()).collect();
    assert_eq!(urls.len(), 50, "{urls:?}");
    assert!(fleet.ask(&["verify"]).contains("sound"));
}
