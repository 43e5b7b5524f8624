//! The pulse of the engine: it beats with every turn of the loop that looks for work, and stops when that loop hangs.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// Shared between the engine, which beats, and whoever watches. Clones are the same pulse.
#[derive(Debug, Clone)]
pub struct Pulse(watch::Sender<Option<Instant>>);

impl Default for Pulse {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

impl Pulse {
    /// One turn of the loop.
    pub fn beat(&self) {
        self.0.send_replace(Some(Instant::now()));
    }

    /// How long ago it beat last; none before the first time.
    pub fn age(&self) -> Option<Duration> {
        self.0.borrow().map(|at| at.elapsed())
    }

    /// Waits for the next beat from now on.
    pub async fn next(&self) {
        // This very value is a sender, so that the channel cannot close while somebody waits.
        let _ = self.0.subscribe().changed().await;
    }
}

#[cfg(test)]
mod tests {
    use super::Pulse;

    #[tokio::test]
    async fn whoever_waits_sees_the_next_beat() {
        let pulse = Pulse::default();
        assert_eq!(pulse.age(), None);
        let other = pulse.clone();
        tokio::join!(pulse.next(), async { other.beat() });
        assert!(pulse.age().is_some());
    }
}
