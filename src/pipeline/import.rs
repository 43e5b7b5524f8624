//! Records from elsewhere (partner feeds, manual reports) on the way of everything that is seen: judged, filed, told.
//! The evidence of such a record is the record itself, as JSON, and what its reporter laid beside it; nothing is fetched.

use std::collections::HashSet;

use serde_json::json;

use crate::casework::batch::{Authors, judge_records};
use crate::casework::world::World;
use crate::model::audit::AuditEntry;
use crate::model::capture::{Capture, CaptureState};
use crate::model::case::{Judgement, Outcome};
use crate::model::ids::{CaptureId, ScanId, SourceId};
use crate::model::record::Record;
use crate::model::silence::Silences;
use crate::model::source::EntryKind;
use crate::pipeline::filing::{Judged, compare, file_judgements, is_private, rectify};
use crate::pipeline::inspect::Inspected;
use crate::pipeline::shell::{Shell, ShellError};
use crate::store::{PageDone, StoreError, SubjectFacts, new_id, sha256_hex};

/// The source under which imported records stand.
pub const SOURCE: &str = "import";
/// The source under which the reports of colleagues stand.
pub const REPORTS: &str = "report";

/// A record with what shows it.
#[derive(Debug, Clone)]
pub struct Item {
    /// The record; it alone is judged.
    pub record: Record,
    /// What a colleague says about it; kept with the record.
    pub note: String,
    /// Screenshots.
    pub pictures: Vec<Picture>,
}

/// An image as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Media type, such as `image/png`.
    pub content_type: &'static str,
    /// Bytes of the file.
    pub bytes: Vec<u8>,
}

impl From<Record> for Item {
    fn from(record: Record) -> Self {
        Self { record, note: String::new(), pictures: Vec::new() }
    }
}

impl Picture {
    /// Recognises PNG, JPEG and WebP by their first bytes (RFC 2083 §3.1, ITU-T T.81 Annex B, RFC 9649 §2.4); none for anything
    /// else.
    pub fn of(bytes: Vec<u8>) -> Option<Self> {
        let content_type = match bytes.as_slice() {
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => "image/png",
            [0xff, 0xd8, 0xff, ..] => "image/jpeg",
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
            _ => return None,
        };
        Some(Self { content_type, bytes })
    }
}

/// What an import came to.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The run.
    pub scan: ScanId,
    /// What was judged.
    pub inspected: Inspected,
    /// Subjects of protected speech or children, of which nothing is kept.
    pub protected: usize,
    /// Pieces of evidence that were kept: records and pictures.
    pub kept: usize,
    /// Every judgement, in the order of the records.
    pub judgements: Vec<Judgement>,
    /// What was let go, and why.
    pub silences: Silences,
}

/// Whether a record can be told from another one: it has an address, a handle or an identifier.
pub fn is_identified(record: &Record) -> bool {
    match record {
        Record::Account(a) => !a.handle.is_empty() || !a.url.is_empty() || a.id.is_some(),
        Record::Post(p) => !p.url.is_empty() || p.id.is_some(),
    }
}

/// Judges records together and files what comes of them in a run of its own, under `source`. `actor` stands in the audit.
pub async fn import(
    shell: &Shell,
    world: &World,
    items: &[Item],
    source: &str,
    actor: &str,
) -> Result<Imported, ShellError> {
    crate::watchlists::versions::keep(&shell.store, &shell.loaded(), "folder", shell.clock.now()).await?;
    let scan = shell.store.start_scan(shell.clock.now(), &json!({source: items.len()})).await?;
    let records: Vec<Record> = items.iter().map(|item| item.record.clone()).collect();
    let authors = Authors::of(&records);
    let (judgements, silences) = (Vec::with_capacity(items.len()), Silences::default());
    let mut imported = Imported { scan, inspected: Inspected::default(), protected: 0, kept: 0, judgements, silences };
    for (item, judgement) in items.iter().zip(judge_records(world, &records)) {
        let facts = facts_of(&item.record, &authors);
        let is_handed_in = source == REPORTS;
        let (captures, shown_on, is_whole, is_edited) = (Vec::new(), Vec::new(), true, false);
        let one = Judged { judgement, facts, captures, shown_on, is_whole, is_edited, is_handed_in };
        imported.take(shell, world, (item, source), one).await?;
    }
    shell.store.count_silences(shell.clock.now(), &imported.silences).await?;
    let summary = json!({source: items.len(), "subjects": items.len(), "asking": imported.inspected.asking});
    shell.store.finish_scan(&imported.scan, shell.clock.now(), &summary).await?;
    shell.store.audit(&audit_line(shell, &imported, source, actor)).await?;
    Ok(imported)
}

fn facts_of(record: &Record, authors: &Authors<'_>) -> SubjectFacts {
    match record {
        Record::Account(account) => SubjectFacts { account: Some(account.clone()), post: None },
        Record::Post(post) => SubjectFacts { account: authors.of_post(post).cloned(), post: Some(post.clone()) },
    }
}

fn audit_line(shell: &Shell, imported: &Imported, source: &str, actor: &str) -> AuditEntry {
    AuditEntry {
        at: shell.clock.now(),
        actor: actor.to_owned(),
        action: format!("records.{source}"),
        object: imported.scan.to_string(),
        detail: format!("{} records", imported.inspected.subjects),
    }
}

impl Imported {
    async fn take(
        &mut self,
        shell: &Shell,
        world: &World,
        (item, source): (&Item, &str),
        mut one: Judged,
    ) -> Result<(), StoreError> {
        compare(shell, &mut one).await?;
        rectify(shell, &mut one).await?;
        self.inspected.subjects += 1;
        self.silences.note(&one.judgement);
        let outcome = one.judgement.outcome;
        if matches!(outcome, Outcome::Protected | Outcome::Minor) {
            self.protected += 1;
            let month = shell.clock.now().local(shell.zone()).format("%Y-%m").to_string();
            shell.store.count_topics(&month, &one.judgement.topics).await?;
        }
        // Of what may not be kept no text is evidence, and no picture either.
        if outcome.may_be_stored() && !is_private(&one.judgement) {
            one.captures = receive(shell, &self.scan, (item, source), &one).await?;
        }
        if outcome.may_be_stored() {
            let filed = file_judgements(shell, world, &self.scan, std::slice::from_ref(&one), &HashSet::new()).await?;
            self.inspected.asking += filed.asking;
            self.kept += finish(shell, &one.captures).await?;
        }
        self.judgements.push(one.judgement);
        Ok(())
    }
}

/// Stores the record and what lies beside it as evidence.
async fn receive(
    shell: &Shell,
    scan: &ScanId,
    (item, source): (&Item, &str),
    one: &Judged,
) -> Result<Vec<CaptureId>, StoreError> {
    let mut told = serde_json::to_value(&item.record).map_err(std::io::Error::other)?;
    if let (Some(fields), false) = (told.as_object_mut(), item.note.is_empty()) {
        fields.insert("note".to_owned(), item.note.clone().into());
    }
    let record = ("application/json", told.to_string().into_bytes());
    let pictures = item.pictures.iter().map(|picture| (picture.content_type, picture.bytes.clone()));
    let mut kept = Vec::new();
    for (content_type, bytes) in std::iter::once(record).chain(pictures) {
        let capture = capture(shell, (scan, source), one, (content_type, &bytes));
        shell.store.receive(&shell.vault, &capture, bytes).await?;
        kept.push(capture.id);
    }
    Ok(kept)
}

fn capture(
    shell: &Shell,
    (scan, source): (&ScanId, &str),
    one: &Judged,
    (content_type, bytes): (&str, &[u8]),
) -> Capture {
    let at = shell.clock.now();
    let url = one.judgement.subject.url.clone();
    Capture {
        id: CaptureId::new(new_id(at)),
        scan: scan.clone(),
        source: SourceId::new(source),
        entry: if one.facts.post.is_some() { EntryKind::Post } else { EntryKind::Account },
        final_url: url.clone(),
        url,
        // Not an answer of a server.
        status: 0,
        content_type: content_type.to_owned(),
        fetched_at: at,
        sha256: sha256_hex(bytes).as_str().into(),
        size: bytes.len() as u64,
        state: CaptureState::Pending,
    }
}

/// Ends the captures; returns how many are evidence and stay.
async fn finish(shell: &Shell, captures: &[CaptureId]) -> Result<usize, StoreError> {
    let at = shell.clock.now();
    let done = |capture: &CaptureId| PageDone { capture: capture.clone(), digest: None, topics: Vec::new(), at };
    let done: Vec<PageDone> = captures.iter().map(done).collect();
    let states = shell.store.finish_pages(&shell.vault, &done).await?;
    Ok(states.into_iter().filter(|state| *state == CaptureState::Kept).count())
}
