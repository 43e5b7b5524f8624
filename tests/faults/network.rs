//! Sites that cannot be had: the visit ends as blocked and says why, and the others are visited all the same.

use std::sync::Arc;

use tokio::net::TcpListener;
use wanglou::clock::Clock;
use wanglou::demo::data::as_of;
use wanglou::mail::Settings;
use wanglou::model::capture::Verdict;
use wanglou::pipeline::progress::nobody;
use wanglou::pipeline::scan::scan;

use crate::installation::{Engine, Installation, mail_lines};

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_not_found_and_a_peer_that_never_speaks_are_blocked_and_the_others_found() {
    // The system takes the connection, and nobody ever says a word on it.
    let mute = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().into_std().unwrap();
    let installation = Installation::new(Engine::Sqlite, &mail_lines(&Settings::default())).await;
    let address = installation.web().addresses()["caoben.example"];
    // No name server need be asked: a part of a name is no longer than 63 letters.
    let unknown = format!("https://{}.example", "a".repeat(64));
    installation.edit("sources.toml", &[("https://haowai.example", &unknown)]);
    installation.edit(
        "wanglou.toml",
        &[
            (&format!("\"{address}\""), &format!("\"{}\"", mute.local_addr().unwrap())),
            ("[fetch]\n", "[fetch]\nretries_max = 0\ntotal_timeout_s = 2.0\n"),
        ],
    );
    let shell = Arc::new(installation.shell(Clock::starting_at(as_of())).await);

    let pass = scan(&shell, shell.sources().iter(), &nobody()).await.unwrap();

    let reason = |source: &str| match pass.visits.get(&source.into()).unwrap().verdict {
        Verdict::Blocked { reason } => reason,
        other => format!("{other:?}"),
    };
    assert!(reason("caoben").contains("caoben.example did not answer in time"), "{}", reason("caoben"));
    assert!(reason("haowai").contains("cannot be reached"), "{}", reason("haowai"));
    let (found, _) = pass.visits.found_and_empty();
    assert!(found >= 7 && pass.inspected.asking > 0, "{found} sources found");
}
