//! Records from elsewhere (partner feeds, manual reports) on the way of everything that is seen: judged, filed, told.
//! The evidence of such a record is the record itself, as JSON; nothing is fetched.

use std::collections::HashSet;

use serde_json::json;

use crate::casework::batch::{Authors, judge_records};
use crate::casework::world::World;
use crate::model::audit::AuditEntry;
use crate::model::capture::{Capture, CaptureState};
use crate::model::case::{Judgement, Outcome};
use crate::model::ids::{CaptureId, ScanId, SourceId};
use crate::model::record::Record;
use crate::model::source::EntryKind;
use crate::pipeline::filing::{Judged, compare, file_judgements, is_private, rectify};
use crate::pipeline::inspect::Inspected;
use crate::pipeline::shell::{Shell, ShellError};
use crate::store::{PageDone, StoreError, SubjectFacts, new_id, sha256_hex};

/// The source under which imported records stand.
pub const SOURCE: &str = "import";

/// What an import came to.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The run.
    pub scan: ScanId,
    /// What was judged.
    pub inspected: Inspected,
    /// Subjects of protected speech or children, of which nothing is kept.
    pub protected: usize,
    /// Every judgement, in the order of the records.
    pub judgements: Vec<Judgement>,
}

/// Whether a record can be told from another one: it has an address, a handle or an identifier.
pub fn is_identified(record: &Record) -> bool {
    match record {
        Record::Account(a) => !a.handle.is_empty() || !a.url.is_empty() || a.id.is_some(),
        Record::Post(p) => !p.url.is_empty() || p.id.is_some(),
    }
}

/// Judges records together and files what comes of them in a run of its own. `actor` stands in the audit.
pub async fn import(shell: &Shell, world: &World, records: &[Record], actor: &str) -> Result<Imported, ShellError> {
    crate::watchlists::versions::keep(&shell.store, &shell.loaded(), "folder", shell.clock.now()).await?;
    let scan = shell.store.start_scan(shell.clock.now(), &json!({"import": records.len()})).await?;
    let authors = Authors::of(records);
    let mut imported =
        Imported { scan, inspected: Inspected::default(), protected: 0, judgements: Vec::with_capacity(records.len()) };
    for (record, judgement) in records.iter().zip(judge_records(world, records)) {
        let facts = facts_of(record, &authors);
        let one =
            Judged { judgement, facts, captures: Vec::new(), shown_on: Vec::new(), is_whole: true, is_edited: false };
        imported.take(shell, world, record, one).await?;
    }
    let summary = json!({"import": records.len(), "subjects": records.len(), "asking": imported.inspected.asking});
    shell.store.finish_scan(&imported.scan, shell.clock.now(), &summary).await?;
    shell.store.audit(&audit_line(shell, &imported, actor)).await?;
    Ok(imported)
}

fn facts_of(record: &Record, authors: &Authors<'_>) -> SubjectFacts {
    match record {
        Record::Account(account) => SubjectFacts { account: Some(account.clone()), post: None },
        Record::Post(post) => SubjectFacts { account: authors.of_post(post).cloned(), post: Some(post.clone()) },
    }
}

fn audit_line(shell: &Shell, imported: &Imported, actor: &str) -> AuditEntry {
    AuditEntry {
        at: shell.clock.now(),
        actor: actor.to_owned(),
        action: "records.import".to_owned(),
        object: imported.scan.to_string(),
        detail: format!("{} records", imported.inspected.subjects),
    }
}

impl Imported {
    async fn take(&mut self, shell: &Shell, world: &World, record: &Record, mut one: Judged) -> Result<(), StoreError> {
        compare(shell, &mut one).await?;
        rectify(shell, &mut one).await?;
        self.inspected.subjects += 1;
        let outcome = one.judgement.outcome;
        if matches!(outcome, Outcome::Protected | Outcome::Minor) {
            self.protected += 1;
            let month = shell.clock.now().local(shell.zone()).format("%Y-%m").to_string();
            shell.store.count_topics(&month, &one.judgement.topics).await?;
        }
        if outcome.may_be_stored() {
            let capture = receive(shell, &self.scan, record, &one).await?;
            one.captures.extend(capture.clone());
            let filed = file_judgements(shell, world, &self.scan, std::slice::from_ref(&one), &HashSet::new()).await?;
            self.inspected.asking += filed.asking;
            finish(shell, capture).await?;
        }
        self.judgements.push(one.judgement);
        Ok(())
    }
}

/// Stores the record as evidence; not when its text may not be kept.
async fn receive(shell: &Shell, scan: &ScanId, record: &Record, one: &Judged) -> Result<Option<CaptureId>, StoreError> {
    if is_private(&one.judgement) {
        return Ok(None);
    }
    let bytes = serde_json::to_vec(record).map_err(std::io::Error::other)?;
    let at = shell.clock.now();
    let url = one.judgement.subject.url.clone();
    let capture = Capture {
        id: CaptureId::new(new_id(at)),
        scan: scan.clone(),
        source: SourceId::new(SOURCE),
        entry: if one.facts.post.is_some() { EntryKind::Post } else { EntryKind::Account },
        final_url: url.clone(),
        url,
        // Not an answer of a server.
        status: 0,
        content_type: "application/json".to_owned(),
        fetched_at: at,
        sha256: sha256_hex(&bytes).as_str().into(),
        size: bytes.len() as u64,
        state: CaptureState::Pending,
    };
    shell.store.receive(&shell.vault, &capture, bytes).await?;
    Ok(Some(capture.id))
}

async fn finish(shell: &Shell, capture: Option<CaptureId>) -> Result<(), StoreError> {
    if let Some(capture) = capture {
        let done = PageDone { capture, memo: None, topics: Vec::new(), at: shell.clock.now() };
        shell.store.finish_page(&shell.vault, &done).await?;
    }
    Ok(())
}
