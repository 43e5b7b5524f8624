//! Which keys do what.

use askama::Template;
use axum::response::Html;

use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

#[derive(Debug, Template)]
#[template(path = "console/help.html")]
struct Page {
    frame: Frame,
}

pub(super) async fn page(reader: Reader) -> Result<Html<String>, Refusal> {
    Ok(Html(Page { frame: Frame::of(&reader) }.render()?))
}
