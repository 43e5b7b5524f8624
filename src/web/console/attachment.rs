//! Answers that a browser saves as a file.

use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::ledger::export::csv_of;
use crate::ledger::sheet::xlsx_of;
use crate::web::console::refusal::Refusal;

/// What a browser takes a workbook for.
pub(super) const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// In which form a list is saved.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// For programs, and for whoever asks for it.
    Csv,
    /// For Excel and WPS.
    Xlsx,
}

/// A list under a name without its ending: `name` for the file, `title` for the sheet. It is written where nobody waits for it.
pub(super) async fn listed<const N: usize>(
    form: Form,
    name: &str,
    title: &'static str,
    header: [&'static str; N],
    rows: impl Iterator<Item = [String; N]> + Send + 'static,
) -> Result<Response, Refusal> {
    let write = move || {
        let rows = [header.map(str::to_owned)].into_iter().chain(rows);
        match form {
            Form::Csv => Ok(csv_of(rows)),
            Form::Xlsx => xlsx_of(title, rows).map_err(|error| error.to_string()),
        }
    };
    let written = tokio::task::spawn_blocking(write).await.map_err(|error| error.to_string()).flatten();
    let bytes = written.map_err(|error| {
        tracing::error!(%error, name, "a list was not written");
        Refusal::Failed
    })?;
    Ok(match form {
        Form::Csv => attachment("text/csv; charset=utf-8", &format!("{name}.csv"), bytes),
        Form::Xlsx => attachment(WORKBOOK, &format!("{name}.xlsx"), bytes),
    })
}

/// Bytes of a kind under a name, which holds nothing but letters, digits, `.`, `-` and `_`.
pub(super) fn attachment(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, bytes).into_response()
}

/// A text under a name; Windows shows it as UTF-8 when it begins so, and knows lines by both characters.
pub(super) fn text_attachment(name: &str, text: &str) -> Response {
    let text = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    attachment("text/plain; charset=utf-8", name, text.into_bytes())
}
