//! The jobs that this process does at the moment, so that none is done twice at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// What a job came to; nothing while it is under way.
type Outcome<T> = tokio::sync::Mutex<Option<T>>;

/// Jobs under way by their identifiers.
#[derive(Debug)]
pub(super) struct UnderWay<T>(Mutex<HashMap<String, Weak<Outcome<T>>>>);

impl<T> Default for UnderWay<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// A try of a job. What the job came to is kept as long as one of its tries is.
#[derive(Debug)]
pub(super) struct Try<T>(Arc<Outcome<T>>);

impl<T> UnderWay<T> {
    /// Begins a try of a job, or joins those that are under way.
    pub(super) fn begin(&self, id: &str) -> Try<T> {
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.retain(|_, outcome| outcome.strong_count() > 0);
        let outcome = jobs.get(id).and_then(Weak::upgrade).unwrap_or_default();
        jobs.insert(id.to_owned(), Arc::downgrade(&outcome));
        Try(outcome)
    }
}

impl<T: Clone> Try<T> {
    /// Does the job, or waits for the try that does it already. When that one is dropped, the next one does it.
    pub(super) async fn outcome(&self, work: impl Future<Output = T>) -> T {
        let mut outcome = self.0.lock().await;
        match &*outcome {
            Some(outcome) => outcome.clone(),
            None => outcome.insert(work.await).clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::UnderWay;

    #[tokio::test]
    async fn a_job_that_is_handed_out_again_while_it_is_under_way_is_done_once() {
        let jobs = UnderWay::default();
        let (first, second) = (jobs.begin("a"), jobs.begin("a"));
        assert_eq!(first.outcome(ready(1)).await, 1);
        assert_eq!(second.outcome(pending()).await, 1);
    }

    #[tokio::test]
    async fn a_job_whose_try_was_dropped_is_done_by_the_next() {
        let jobs = UnderWay::default();
        let (first, second) = (jobs.begin("a"), jobs.begin("a"));
        let mut dropped = Box::pin(first.outcome(pending()));
        assert_eq!(at_once(dropped.as_mut()).await, None);
        drop(dropped);
        assert_eq!(second.outcome(ready(2)).await, 2);
    }

    #[tokio::test]
    async fn other_jobs_and_later_tries_are_done() {
        let jobs = UnderWay::default();
        let first = jobs.begin("a");
        assert_eq!(first.outcome(ready(1)).await, 1);
        assert_eq!(jobs.begin("b").outcome(ready(2)).await, 2);
        drop(first);
        assert_eq!(jobs.begin("a").outcome(ready(3)).await, 3);
    }

    /// What a future has at once.
    async fn at_once<T>(mut future: std::pin::Pin<&mut impl Future<Output = T>>) -> Option<T> {
        std::future::poll_fn(|context| {
            std::task::Poll::Ready(match future.as_mut().poll(context) {
                std::task::Poll::Ready(value) => Some(value),
                std::task::Poll::Pending => None,
            })
        })
        .await
    }
}
