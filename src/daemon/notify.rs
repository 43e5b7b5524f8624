//! What the service manager (systemd) is told: that the work goes on, that it ends, and nothing when it hangs. Without a
//! manager all of this does nothing.

use std::time::Duration;

use sd_notify::{NotifyState, notify, watchdog_enabled};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::jobs::Pulse;

/// Tells the manager how the process is, until it is dropped.
#[derive(Debug)]
pub(super) struct Manager {
    _telling: JoinSet<()>,
}

impl Manager {
    /// Tells of the first beat of the engine that the work goes on, and of further ones that it still does.
    pub(super) fn start(pulse: &Pulse, sources: usize) -> Self {
        let mut telling = JoinSet::new();
        telling.spawn(tell(pulse.clone(), sources, watchdog_enabled()));
        Self { _telling: telling }
    }

    /// The end has begun: what runs may finish.
    pub(super) fn stopping(&self) {
        say(&[NotifyState::Stopping, NotifyState::Status("finishing what runs")]);
    }
}

/// A watchdog is fed on a beat and never by the clock alone: an engine that hangs goes hungry, and the manager restarts it.
async fn tell(pulse: Pulse, sources: usize, watchdog: Option<Duration>) {
    pulse.next().await;
    say(&[NotifyState::Ready, NotifyState::Status(&format!("watching {sources} sources"))]);
    let Some(period) = watchdog else { return };
    loop {
        say(&[NotifyState::Watchdog]);
        sleep(period / 4).await;
        pulse.next().await;
    }
}

/// A manager that does not listen is its own trouble.
fn say(states: &[NotifyState<'_>]) {
    if let Err(error) = notify(states) {
        tracing::warn!("the service manager was not told: {error}");
    }
}
