//! Pictures of registered marks: handed in with a line of their ledger, and shown beside it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use image::ImageFormat;

use crate::ledger::brand_marks::BRAND_MARKS;
use crate::model::ids::CompanyCode;
use crate::pipeline::brand_marks::{MarkError, MarkRefused, NewMark, add_brand_mark};
use crate::web::console::Console;
use crate::web::console::form::{Fields, Uploaded};
use crate::web::console::ledgers::{edited, seen};
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// Most characters of a name, and of a remark.
const NAME_CHARS_MAX: usize = 60;
const NOTE_CHARS_MAX: usize = 200;

pub(in crate::web::console) async fn add_mark(
    State(console): State<Arc<Console>>,
    Uploaded { reader, fields, bytes, .. }: Uploaded,
) -> Result<Redirect, Refusal> {
    let ledger = edited(&reader, BRAND_MARKS.name)?;
    let audit = reader.did("ledger.save", &ledger.file_name(), "");
    add_brand_mark(&console.shell, &new_mark(&fields)?, bytes, &audit).await?;
    Ok(Redirect::to("/ledgers/brand_marks?saved=1"))
}

fn new_mark(fields: &Fields) -> Result<NewMark, Refusal> {
    let (name, note) = (fields.text("name"), fields.text("note"));
    let is_fit = |text: &str, most: usize| text.chars().count() <= most && !text.contains(char::is_control);
    if name.is_empty() || !is_fit(name, NAME_CHARS_MAX) || !is_fit(note, NOTE_CHARS_MAX) {
        return Err(Refusal::unfit(
            "请填写标识名称（最多60字），备注最多200字，都写在一行内。",
            "Give the mark a name of at most 60 characters, and a remark of at most 200, each on one line.",
        ));
    }
    Ok(NewMark {
        name: name.to_owned(),
        company: CompanyCode::new(fields.text("company")),
        distance_max: fields.text("distance_max").to_owned(),
        note: note.to_owned(),
    })
}

/// The picture of a mark in force, for whoever sees the ledger.
pub(in crate::web::console) async fn picture(
    State(console): State<Arc<Console>>,
    Path(file): Path<String>,
    reader: Reader,
) -> Result<Response, Refusal> {
    seen(&reader, BRAND_MARKS.name)?;
    let is_named = reader.world.ledgers.brand_marks.iter().any(|mark| mark.image.as_ref() == Some(&file));
    let bytes = is_named.then(|| console.shell.folder.image(&file).ok()).flatten().ok_or(Refusal::NotFound)?;
    let kind = image::guess_format(&bytes).ok().and_then(content_type).ok_or(Refusal::NotFound)?;
    Ok(([(header::CONTENT_TYPE, kind)], bytes).into_response())
}

/// What a picture is sent as; nothing else of what lies in the folder is sent.
fn content_type(format: ImageFormat) -> Option<&'static str> {
    let is_sent = matches!(format, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP | ImageFormat::Gif);
    is_sent.then(|| format.to_mime_type())
}

impl From<MarkError> for Refusal {
    fn from(error: MarkError) -> Self {
        match error {
            MarkError::Refused(refused) => refused.into(),
            MarkError::Broken(problem) => Self::unfit(
                format!("没有写入任何内容，请先改正：{}", problem.zh),
                format!("Nothing was written; mend this first: {}", problem.en),
            ),
            MarkError::Edition(error) => error.into(),
        }
    }
}

impl From<MarkRefused> for Refusal {
    fn from(refused: MarkRefused) -> Self {
        match refused {
            MarkRefused::NoPicture => Self::unfit(
                "这个文件不是可以读取的 PNG 或 JPEG 图片，或者太大（最大8 MB，边长最多4096像素）。没有写入任何内容。",
                "The file is no PNG or JPEG that can be read, or is too large (8 MB, 4096 pixels a side at most). Nothing was written.",
            ),
            MarkRefused::Blank => Self::unfit(
                "图片只有一种颜色，空白头像都会被当作商标。没有写入任何内容。",
                "The picture has one colour only: every empty avatar would be the mark. Nothing was written.",
            ),
            MarkRefused::SamePicture(name) => Self::unfit(
                format!("图样与已有的「{name}」相同。没有写入任何内容。"),
                format!("The picture is that of “{name}”, which is there already. Nothing was written."),
            ),
            MarkRefused::SameName => Self::unfit(
                "该公司已有同名标识。没有写入任何内容。",
                "The company has a mark of this name already. Nothing was written.",
            ),
        }
    }
}
