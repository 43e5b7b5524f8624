//! A stored page: shown as text, never run; its hash computed again; its bytes as they came. A screenshot is shown as a picture,
//! drawn anew.

use std::io::Cursor;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use image::{DynamicImage, ImageFormat, ImageReader, Limits, Pixel, Rgba};
use tokio::sync::Semaphore;

use crate::fetch::decode;
use crate::model::case::Case;
use crate::pipeline::evidence::{Stored, bytes_for};
use crate::store::{Evidence, sha256_hex};
use crate::web::console::Console;
use crate::web::console::attachment::attachment;
use crate::web::console::case::visible;
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// Most characters of a stored page that are shown.
const SHOWN_MAX: usize = 60_000;
/// Largest width and height of a picture that is shown, in pixels: a screenshot of a whole page is long.
const SIDE_MAX: u32 = 16_384;
/// Most memory that the decoding of a picture may take, in bytes.
const MEMORY_MAX: u64 = 96 << 20;
/// One picture is drawn at a time.
static DRAWING: Semaphore = Semaphore::const_new(1);

#[derive(Debug, Template)]
#[template(path = "console/evidence.html")]
struct Page {
    frame: Frame,
    number: String,
    evidence: Evidence,
    fetched_at: String,
    size: usize,
    is_intact: bool,
    /// None where it holds a confidential expression and the lane is not the leak lane.
    text: Option<String>,
    is_cut: bool,
    /// It is shown as a picture instead of as text.
    is_screenshot: bool,
}

pub(super) async fn page(
    State(console): State<Arc<Console>>,
    Path((number, hash)): Path<(String, String)>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    let (case, evidence, stored) = stored(&console, &reader, &number, &hash).await?;
    let Stored { bytes, is_readable, is_screenshot } = stored;
    let frame = Frame::of(&reader);
    let text = if is_screenshot { String::new() } else { decode(&bytes, "", "") };
    let page = Page {
        number: case.number,
        fetched_at: frame.voice.instant(evidence.fetched_at),
        size: bytes.len(),
        is_intact: sha256_hex(&bytes) == evidence.sha256.as_str(),
        is_cut: text.chars().count() > SHOWN_MAX,
        is_screenshot,
        text: is_readable.then(|| text.chars().take(SHOWN_MAX).collect()),
        evidence,
        frame,
    };
    Ok(Html(page.render()?))
}

/// The bytes, to be saved: no browser shows them.
pub(super) async fn bytes(
    State(console): State<Arc<Console>>,
    Path((number, hash)): Path<(String, String)>,
    reader: Reader,
) -> Result<Response, Refusal> {
    let (_, evidence, stored) = stored(&console, &reader, &number, &hash).await?;
    if !stored.is_readable {
        return Err(Refusal::NotFound);
    }
    Ok(attachment("application/octet-stream", &format!("{}.bin", evidence.sha256), stored.bytes))
}

/// A screenshot as a PNG that is drawn anew from its pixels: nothing else of the bytes reaches a browser.
pub(super) async fn picture(
    State(console): State<Arc<Console>>,
    Path((number, hash)): Path<(String, String)>,
    reader: Reader,
) -> Result<Response, Refusal> {
    let (.., stored) = stored(&console, &reader, &number, &hash).await?;
    if !stored.is_screenshot {
        return Err(Refusal::NotFound);
    }
    let _turn = DRAWING.acquire().await.map_err(|_| Refusal::Failed)?;
    let drawing = tokio::task::spawn_blocking(move || drawn_anew(&stored.bytes));
    let drawn = drawing.await.ok().flatten().ok_or(Refusal::NotFound)?;
    Ok(([(header::CONTENT_TYPE, "image/png")], drawn).into_response())
}

/// The pixels over white as a PNG; none where the bytes are no picture within the limits.
fn drawn_anew(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    reader.format().filter(|format| is_shown(*format))?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(SIDE_MAX), Some(SIDE_MAX));
    limits.max_alloc = Some(MEMORY_MAX);
    reader.limits(limits);
    let picture = reader.decode().ok()?;
    let picture = if picture.color().has_alpha() { over_white(picture) } else { picture };
    let mut drawn = Cursor::new(Vec::new());
    picture.write_to(&mut drawn, ImageFormat::Png).ok()?;
    Some(drawn.into_inner())
}

/// What is transparent hides nothing.
fn over_white(picture: DynamicImage) -> DynamicImage {
    let mut pixels = picture.into_rgba8();
    for pixel in pixels.pixels_mut() {
        let mut white = Rgba([u8::MAX; 4]);
        white.blend(pixel);
        *pixel = white;
    }
    pixels.into()
}

/// The formats in which a colleague may hand in a screenshot.
fn is_shown(format: ImageFormat) -> bool {
    matches!(format, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)
}

async fn stored(
    console: &Console,
    reader: &Reader,
    number: &str,
    hash: &str,
) -> Result<(Case, Evidence, Stored), Refusal> {
    let case = visible(console, reader, number).await?;
    let all = console.shell.store.evidence_of_case(&case.id).await?;
    let evidence = all.into_iter().find(|one| one.sha256.as_str() == hash && one.kept).ok_or(Refusal::NotFound)?;
    let found = bytes_for(&console.shell, &reader.world, &case, &evidence).await.map_err(|error| {
        tracing::error!(%error, "evidence could not be read");
        Refusal::Failed
    })?;
    let stored = found.ok_or(Refusal::NotFound)?;
    console.shell.store.audit(&reader.did("evidence.read", case.id.as_str(), "")).await?;
    Ok((case, evidence, stored))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, RgbImage, RgbaImage};

    use super::{SIDE_MAX, drawn_anew};

    fn jpeg_of(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        RgbImage::new(width, height).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn nothing_but_pixels_of_a_screenshot_reaches_a_browser() {
        let mut bytes = jpeg_of(3, 2);
        bytes.extend(b"<script>alert(1)</script>");
        let drawn = drawn_anew(&bytes).unwrap();
        assert!(drawn.starts_with(b"\x89PNG") && !drawn.windows(7).any(|window| window == b"<script"));
    }

    #[test]
    fn what_is_transparent_stands_on_white() {
        let mut bytes = Cursor::new(Vec::new());
        let pixels = RgbaImage::from_raw(2, 1, vec![9, 9, 9, 0, 1, 2, 3, 255]).unwrap();
        pixels.write_to(&mut bytes, ImageFormat::Png).unwrap();
        let drawn = image::load_from_memory(&drawn_anew(&bytes.into_inner()).unwrap()).unwrap().into_rgb8();
        assert_eq!(drawn.into_raw(), [255, 255, 255, 1, 2, 3]);
    }

    #[test]
    fn what_is_no_picture_or_too_large_is_not_drawn() {
        assert_eq!(drawn_anew(b"<html>"), None);
        assert_eq!(drawn_anew(&jpeg_of(SIDE_MAX + 1, 1)), None);
        assert_eq!(drawn_anew(&jpeg_of(3, 2)[..40]), None);
    }
}
