//! Answers that a browser saves as a file.

use axum::http::header;
use axum::response::{IntoResponse, Response};

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
