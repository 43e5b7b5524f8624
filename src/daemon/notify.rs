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
        telling.spawn(tell(pulse.clone(), sources, watchdog_enabled(), say));
        Self { _telling: telling }
    }

    /// The end has begun: what runs may finish.
    pub(super) fn stopping(&self) {
        say(&[NotifyState::Stopping, NotifyState::Status("finishing what runs")]);
    }
}

/// A watchdog is fed on a beat and never by the clock alone: an engine that hangs goes hungry, and the manager restarts it.
async fn tell(pulse: Pulse, sources: usize, watchdog: Option<Duration>, say: impl Fn(&[NotifyState<'_>])) {
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::mpsc::unbounded_channel;
    use tokio::time::timeout;

    use super::tell;
    use crate::jobs::Pulse;

    #[tokio::test]
    async fn an_engine_that_hangs_feeds_no_watchdog() {
        let (pulse, (say, mut said)) = (Pulse::default(), unbounded_channel());
        let say = move |states: &[super::NotifyState<'_>]| say.send(states[0].to_string()).unwrap();
        let telling = tokio::spawn(tell(pulse.clone(), 3, Some(Duration::from_millis(1)), say));
        let long = Duration::from_millis(100);
        for expected in [&["READY=1", "WATCHDOG=1"][..], &["WATCHDOG=1"], &["WATCHDOG=1"]] {
            assert!(
                timeout(long, said.recv()).await.is_err(),
                "without a beat nothing is said, however long one waits"
            );
            pulse.beat();
            for word in expected {
                assert_eq!(said.recv().await.as_deref(), Some(*word));
            }
        }
        telling.abort();
    }
}
