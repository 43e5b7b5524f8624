//! Packs of a case to be saved: its evidence for whoever sees the case, the complaint for legal. Each is noted in the audit.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use crate::casework::rights::Right;
use crate::model::case::Case;
use crate::pipeline::pack::{PackError, PackKind, pack};
use crate::web::console::Console;
use crate::web::console::attachment::attachment;
use crate::web::console::case::visible;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

pub(super) async fn evidence(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    reader: Reader,
) -> Result<Response, Refusal> {
    let case = visible(&console, &reader, &number).await?;
    packed(&console, &reader, &case, PackKind::Evidence).await
}

pub(super) async fn complaint(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    reader: Reader,
) -> Result<Response, Refusal> {
    let case = visible(&console, &reader, &number).await?;
    if !reader.rights.may_with(Right::MakeComplaints, &case) {
        return Err(Refusal::NotFound);
    }
    packed(&console, &reader, &case, PackKind::Complaint).await
}

async fn packed(console: &Console, reader: &Reader, case: &Case, kind: PackKind) -> Result<Response, Refusal> {
    let word = match kind {
        PackKind::Evidence => "evidence",
        PackKind::Complaint => "complaint",
    };
    console.shell.store.audit(&reader.did("case.pack", case.id.as_str(), word)).await?;
    let bytes = pack(&console.shell, &reader.world, case, kind).await?;
    Ok(attachment("application/zip", &format!("{}-{word}.zip", case.number), bytes))
}

impl From<PackError> for Refusal {
    fn from(error: PackError) -> Self {
        match error {
            PackError::Store(error) => error.into(),
            error => {
                tracing::error!(%error, "a pack was not written");
                Self::Failed
            }
        }
    }
}
