//! The only place where the time of day is read.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::model::time::Timestamp;

/// A clock that can be moved: production runs on the system's, the demo and tests start elsewhere and jump.
/// Clones share the same hands.
#[derive(Debug, Clone)]
pub struct Clock {
    source: Source,
    moved_ms: Arc<AtomicI64>,
}

#[derive(Debug, Clone, Copy)]
enum Source {
    System,
    Fixed(Timestamp),
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self { source: Source::System, moved_ms: Arc::default() }
    }

    /// A clock that shows `start` now and runs on with the system's.
    pub fn starting_at(start: Timestamp) -> Self {
        let clock = Self::system();
        clock.advance_ms(start.ms_since(clock.now()));
        clock
    }

    /// A clock that stands still until it is moved.
    pub fn standing_at(instant: Timestamp) -> Self {
        Self { source: Source::Fixed(instant), moved_ms: Arc::default() }
    }

    /// The current instant.
    pub fn now(&self) -> Timestamp {
        let base = match self.source {
            #[expect(clippy::disallowed_methods, reason = "the one place that reads the system clock")]
            Source::System => Timestamp::from(chrono::Utc::now()),
            Source::Fixed(instant) => instant,
        };
        base.plus_ms(self.moved_ms.load(Ordering::Relaxed))
    }

    /// Moves the hands of this clock and of all its clones.
    pub fn advance_ms(&self, ms: i64) {
        self.moved_ms.fetch_add(ms, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;
    use crate::model::time::Timestamp;

    #[test]
    fn clones_share_the_hands() {
        let clock = Clock::standing_at(Timestamp::from_ms(1_000));
        let other = clock.clone();
        clock.advance_ms(500);
        assert_eq!(other.now(), Timestamp::from_ms(1_500));
    }
}
