//! Pages that could not be fetched, or may not be.

use crate::fetch::FetchError;
use crate::model::audit::AuditEntry;
use crate::model::case::{Judgement, Outcome, Subject, SubjectKind};
use crate::model::finding::Reason;
use crate::model::ids::PlatformId;
use crate::pipeline::crawl::{Visitor, host_at, host_of, subject_kind};
use crate::store::{AlertOccasion, Asked, JudgementBatch, StoreError, SubjectFacts, Task};
use crate::workers::HoldError;

impl Visitor<'_> {
    /// Notes why a page was not fetched; returns whether the visit goes on.
    pub(super) async fn give_up(&mut self, task: &Task, error: &FetchError) -> Result<bool, StoreError> {
        match error {
            FetchError::Disallowed { rule, .. } => {
                self.disallowed += 1;
                self.not_fetched(task, rule).await?;
                self.skip(task).await;
                Ok(true)
            }
            error if self.is_of_a_host_elsewhere(task, error) => {
                self.is_whole = false;
                self.troubles.push(error.to_string());
                self.left_alone.insert(host_at(&task.url));
                Ok(true)
            }
            FetchError::TimedOut { .. } | FetchError::Unreachable { .. } => {
                self.is_whole = false;
                self.troubles.push(error.to_string());
                self.skip(task).await;
                Ok(true)
            }
            FetchError::TooLarge { .. } | FetchError::Refused { .. } | FetchError::BadAddress { .. } => {
                self.troubles.push(error.to_string());
                self.skip(task).await;
                Ok(true)
            }
            FetchError::RobotsUnavailable { .. }
            | FetchError::SlowDown { .. }
            | FetchError::OutsideWindow { .. }
            | FetchError::CapReached { .. }
            | FetchError::NotHeld { .. }
            | FetchError::CircuitOpen { .. } => {
                self.is_whole = false;
                self.troubles.push(error.to_string());
                self.blocked.get_or_insert_with(|| error.to_string());
                Ok(false)
            }
        }
    }

    /// Whether a picture may wait for the next visit because the host elsewhere on which it lies cannot be asked for some
    /// time. The source's own host is held by the visit itself.
    fn is_of_a_host_elsewhere(&self, task: &Task, error: &FetchError) -> bool {
        let is_elsewhere = || host_at(&task.url) != host_of(self.source);
        match error {
            FetchError::NotHeld { source, .. } => matches!(**source, HoldError::Busy),
            FetchError::RobotsUnavailable { .. } | FetchError::SlowDown { .. } | FetchError::CircuitOpen { .. } => {
                is_elsewhere()
            }
            _ => false,
        }
    }

    /// The visit goes on without this address; the next one may be led to it again.
    async fn skip(&mut self, task: &Task) {
        self.step(Some((task, Asked::Skipped))).await;
    }

    /// A profile or post that the site asks not to read: no request, one line in the audit, one outcome.
    async fn not_fetched(&mut self, task: &Task, rule: &str) -> Result<(), StoreError> {
        let at = self.shell.clock.now();
        let audit = AuditEntry {
            at,
            actor: "wanglou".into(),
            action: "fetch.disallowed".into(),
            object: self.source.id.to_string(),
            detail: rule.to_owned(),
        };
        let Some(kind) = subject_kind(task.entry) else { return self.shell.store.audit(&audit).await };
        let batch = JudgementBatch {
            scan: self.run.scan.clone(),
            at,
            judgement: not_fetched(kind, self.definition.accounts_of(), &task.url, rule),
            facts: SubjectFacts::default(),
            captures: Vec::new(),
            alerts: Vec::new(),
            occasion: AlertOccasion::default(),
            adds_evidence: false,
            audit: vec![audit],
            repost_of: None,
        };
        self.shell.store.record_judgement(&self.shell.vault, &batch).await.map(|_| ())
    }
}

fn not_fetched(kind: SubjectKind, platform: &PlatformId, url: &str, rule: &str) -> Judgement {
    let subject = Subject { kind, id: None, platform: platform.clone(), handle: String::new(), url: url.to_owned() };
    let reason = Reason::new(
        format!("robots.txt 禁止访问（{rule}），未请求"),
        format!("robots.txt forbids it ({rule}); not asked for"),
    );
    Judgement { reasons: vec![reason], ..Judgement::silent(subject, Outcome::NotFetched) }
}
