//! What is kept no longer than needed: subjects whose time is over, and the traces of work. Each run leaves a receipt for
//! each rule that erased something.

use std::collections::BTreeMap;

use crate::model::case::{Case, Disposition};
use crate::model::ids::SourceId;
use crate::model::time::Timestamp;
use crate::pipeline::import::{REPORTS, SOURCE};
use crate::retention::{Keeping, RetentionRule, Stage};
use crate::store::{Amount, Decision, Over, RetentionRun, Step, Store, StoreError};
use crate::vault::Vault;

/// Subjects that are read at a time.
const BATCH: u32 = 200;

/// What one rule keeps, and what goes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Planned {
    /// Subjects that are kept by it.
    pub kept: u64,
    /// Subjects whose time is over: they go with the next run.
    pub over: u64,
    /// When the time of the next one after these is over.
    pub next: Option<Timestamp>,
}

/// What retention would do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// By rule; rules that concern nothing are left out.
    pub rules: BTreeMap<RetentionRule, Planned>,
    /// Subjects that a legal hold keeps.
    pub held: u64,
}

/// Runs every rule once. What fails is logged by its identifier, counted, and left to the next run. Returns what was
/// erased by rule, as the receipts say.
///
/// # Errors
/// When the database cannot be read, or a receipt cannot be written.
pub async fn retain(
    store: &Store,
    vault: &Vault,
    at: Timestamp,
    actor: &str,
) -> Result<BTreeMap<RetentionRule, Amount>, StoreError> {
    let work = Work { store, vault, run: RetentionRun::new(at, actor) };
    for stage in Stage::ALL {
        work.erase_in_cases(stage).await?;
    }
    work.erase_in_no_case().await?;
    for rule in RetentionRule::ALL.into_iter().filter(|rule| !RetentionRule::OF_SUBJECTS.contains(rule)) {
        work.purge(rule).await?;
    }
    work.store.scrub().await?;
    let done = work.done().await?;
    tracing::info!(run = %work.run.id, ?done, "retention");
    Ok(done)
}

/// Counts what every rule keeps and what would go next. Nothing is erased.
///
/// # Errors
/// When the database cannot be read.
pub async fn plan(store: &Store, now: Timestamp) -> Result<Plan, StoreError> {
    let mut plan = Plan::default();
    let mut after = String::new();
    loop {
        let batch = store.standings(&after, BATCH).await?;
        let Some((last, _)) = batch.last() else { return Ok(plan) };
        after.clone_from(last);
        batch.iter().for_each(|(_, standing)| plan.count(standing.keeping(), now));
    }
}

/// Does one step of a case. Closed as protected speech, everything stored about its subjects is erased at once, with a
/// receipt.
///
/// # Errors
/// When the step is refused, or the database fails. What could not be erased then goes with the next run of retention.
pub async fn decide(store: &Store, vault: &Vault, decision: &Decision) -> Result<Case, StoreError> {
    let subjects = store.subjects_of_case(&decision.case).await?;
    let case = store.decide(decision).await?;
    if decision.step == Step::Close(Disposition::ProtectedSpeech) {
        let work = Work { store, vault, run: RetentionRun::new(decision.at, &decision.by) };
        for key in &subjects {
            work.erase(key, RetentionRule::Protected).await?;
        }
        work.store.scrub().await?;
    }
    Ok(case)
}

/// Erases what somebody asked to have erased, with a receipt. What a legal hold keeps stays, and is counted.
///
/// # Errors
/// When the receipt cannot be written.
pub async fn erase_on_request(
    store: &Store,
    vault: &Vault,
    subjects: &[String],
    at: Timestamp,
    by: &str,
) -> Result<(), StoreError> {
    let run = RetentionRun::new(at, by);
    let mut amount = Amount::default();
    for key in subjects {
        match store.erase_subject(vault, key, by, at).await {
            Ok(erased) => {
                amount.erased += 1;
                amount.cases += erased.cases.len() as u64;
                amount.objects += erased.objects.len() as u64;
            }
            Err(StoreError::Held(_)) => amount.failed += 1,
            Err(error) => {
                tracing::warn!(subject = key, %error, "a subject could not be erased whole");
                amount.failed += 1;
            }
        }
    }
    store.add_receipt(&run, RetentionRule::OnRequest, amount).await
}

struct Work<'a> {
    store: &'a Store,
    vault: &'a Vault,
    run: RetentionRun,
}

impl Work<'_> {
    async fn erase_in_cases(&self, stage: Stage) -> Result<(), StoreError> {
        let mut after = Over::default();
        loop {
            let batch = self.store.over_in_cases(stage, &self.run, &after, BATCH).await?;
            let Some(last) = batch.last() else { return Ok(()) };
            after = last.clone();
            self.erase_all(&batch, stage.rule()).await?;
        }
    }

    async fn erase_in_no_case(&self) -> Result<(), StoreError> {
        let mut after = Over::default();
        loop {
            let batch = self.store.over_in_no_case(&self.run, &after, BATCH).await?;
            let Some(last) = batch.last() else { return Ok(()) };
            after = last.clone();
            self.erase_all(&batch, RetentionRule::NoCase).await?;
        }
    }

    async fn erase_all(&self, batch: &[Over], rule: RetentionRule) -> Result<(), StoreError> {
        for over in batch {
            self.erase(&over.subject_key, rule).await?;
        }
        Ok(())
    }

    async fn erase(&self, key: &str, rule: RetentionRule) -> Result<(), StoreError> {
        let Err(error) = self.store.erase_when_over(self.vault, key, &self.run).await else { return Ok(()) };
        tracing::warn!(subject = key, %error, "a subject could not be erased whole");
        self.store.add_receipt(&self.run, rule, Amount { failed: 1, ..Amount::default() }).await
    }

    async fn purge(&self, rule: RetentionRule) -> Result<(), StoreError> {
        let amount = match self.purged(rule).await {
            Ok(erased) => Amount { erased, ..Amount::default() },
            Err(error) => {
                tracing::warn!(rule = rule.name(), %error, "a rule of retention could not be applied");
                Amount { failed: 1, ..Amount::default() }
            }
        };
        if amount == Amount::default() {
            return Ok(());
        }
        self.store.add_receipt(&self.run, rule, amount).await
    }

    async fn purged(&self, rule: RetentionRule) -> Result<u64, StoreError> {
        let (store, before) = (self.store, self.run.limit(rule));
        match rule {
            RetentionRule::Request => store.purge_requests(before).await,
            RetentionRule::Decision => store.purge_decisions(before).await,
            RetentionRule::Page => store.purge_pages(before).await,
            RetentionRule::Capture => store.purge_captures(before).await,
            RetentionRule::Job => store.purge_jobs(before).await,
            RetentionRule::Worker => store.purge_workers(before).await,
            RetentionRule::Host => store.purge_hosts(before).await,
            RetentionRule::Audit => store.purge_audit(before, self.run.at).await,
            RetentionRule::Figure => store.purge_figures(before).await,
            RetentionRule::Orphan => {
                store.drop_stranded(&[SOURCE, REPORTS].map(SourceId::new), before).await?;
                let swept = store.sweep(self.vault, before).await?;
                Ok(swept.removed + swept.leftovers)
            }
            RetentionRule::Protected
            | RetentionRule::FoundWrong
            | RetentionRule::Unreviewed
            | RetentionRule::PutRight
            | RetentionRule::Filed
            | RetentionRule::Outsider
            | RetentionRule::NoCase
            | RetentionRule::OnRequest => Ok(0),
        }
    }

    async fn done(&self) -> Result<BTreeMap<RetentionRule, Amount>, StoreError> {
        let receipts = self.store.receipts_of_run(&self.run.id).await?;
        Ok(receipts.into_iter().map(|receipt| (receipt.rule, receipt.amount)).collect())
    }
}

impl Plan {
    fn count(&mut self, keeping: Keeping, now: Timestamp) {
        let Keeping::Until(until, rule) = keeping else {
            self.held += 1;
            return;
        };
        let planned = self.rules.entry(rule).or_default();
        if until <= now {
            planned.over += 1;
        } else {
            planned.kept += 1;
            planned.next = Some(planned.next.map_or(until, |next| next.min(until)));
        }
    }
}
