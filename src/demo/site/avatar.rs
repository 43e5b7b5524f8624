//! Pictures drawn by code: the four companies' marks, profile pictures that show them, and neutral ones.

use std::io::Cursor;

use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use sha2::{Digest, Sha256};

use crate::demo::site::answer::Answer;
use crate::model::account::Account;

/// Codes of the companies that have a mark.
pub const MARKED_COMPANIES: [&str; 4] = ["YD", "HC", "YJ", "QL"];

const SIDE: u32 = 128;
const WHITE: Rgb<u8> = Rgb([255, 255, 255]);

/// The mark of a company as a PNG file; none when the company has no mark.
pub fn mark_png(company: &str) -> Option<Vec<u8>> {
    let picture = mark(company)?;
    Some(encode(&DynamicImage::ImageRgb8(picture), ImageFormat::Png))
}

fn mark(company: &str) -> Option<RgbImage> {
    let (colour, inside): (Rgb<u8>, fn(f32, f32) -> bool) = match company {
        "YD" => (Rgb([20, 60, 120]), peaks),
        "HC" => (Rgb([10, 120, 90]), bolt),
        "YJ" => (Rgb([150, 40, 30]), gear),
        "QL" => (Rgb([30, 110, 160]), wave),
        _ => return None,
    };
    Some(draw(WHITE, colour, inside))
}

fn draw(ground: Rgb<u8>, colour: Rgb<u8>, inside: fn(f32, f32) -> bool) -> RgbImage {
    let at = |i: u32| (i as f32 + 0.5) / SIDE as f32;
    RgbImage::from_fn(SIDE, SIDE, |x, y| if inside(at(x), at(y)) { colour } else { ground })
}

// The shapes lie in the unit square, y downwards. None is symmetric: a mirrored half would leave half of a
// perceptual hash to chance.

fn peaks(x: f32, y: f32) -> bool {
    let high = y > 0.18 + (x - 0.36).abs() * 1.9;
    let low = y > 0.48 + (x - 0.74).abs() * 1.5;
    (high || low) && y < 0.84 && (0.06..0.95).contains(&x)
}

fn bolt(x: f32, y: f32) -> bool {
    let upper = (0.08..0.56).contains(&y) && x > 0.62 - y * 0.8 && x < 0.86 - y * 0.55;
    let lower = (0.44..0.94).contains(&y) && x > 0.30 + (y - 0.44) * 0.1 && x < 0.80 - (y - 0.44) * 0.95;
    upper || lower || ((0.80..0.92).contains(&x) && (0.62..0.92).contains(&y))
}

fn gear(x: f32, y: f32) -> bool {
    let (dx, dy) = (x - 0.42, y - 0.58);
    let (radius, angle) = (dx.hypot(dy), dy.atan2(dx));
    let rim = 0.32 + if (angle * 3.0).sin() > 0.0 { 0.06 } else { -0.02 };
    let hole = (x - 0.36).hypot(y - 0.63) < 0.15;
    (radius < rim && !hole) || ((0.68..0.96).contains(&x) && (0.04..0.26).contains(&y))
}

fn wave(x: f32, y: f32) -> bool {
    let crest =
        |top: f32| y > top + 0.09 * (x * 7.0 + top * 9.0).sin() && y < top + 0.13 + 0.09 * (x * 7.0 + top * 9.0).sin();
    let drop = (x - 0.70).hypot((y - 0.20) * 0.8) < 0.14;
    drop || crest(0.42) || (crest(0.66) && x > 0.22) || (crest(0.84) && x < 0.60)
}

/// Path of an account's picture on its site. Copied marks come as JPEG, as re-uploaded pictures do.
pub(crate) fn path(account: &Account) -> String {
    let ending = if shown_mark(account) == Some(Copy::Altered) { "jpg" } else { "png" };
    format!("/avatar/{}.{ending}", account.handle)
}

/// The picture of an account.
pub(crate) fn answer(account: &Account) -> Answer {
    match shown_mark(account) {
        Some(Copy::Exact) => Answer::image("image/png", mark_png("QL").unwrap_or_default()),
        Some(Copy::Altered) => Answer::image("image/jpeg", altered("QL", &account.handle)),
        None => Answer::image("image/png", encode(&neutral(&account.handle), ImageFormat::Png)),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Copy {
    Exact,
    Altered,
}

/// Accounts whose record gives a hash show the mark: a verified one as it is, others a copy of it.
fn shown_mark(account: &Account) -> Option<Copy> {
    account.avatar.phash64.as_ref()?;
    Some(if account.verification.is_present() { Copy::Exact } else { Copy::Altered })
}

/// The mark as somebody would upload it again: smaller, with a corner drawn over, and compressed.
fn altered(company: &str, handle: &str) -> Vec<u8> {
    let Some(mut picture) = mark(company) else { return Vec::new() };
    let shade = 60 + (Sha256::digest(handle)[0] % 120);
    for (x, y) in (0..14).flat_map(|x| (0..14).map(move |y| (x, y))) {
        picture.put_pixel(SIDE - 1 - x, SIDE - 1 - y, Rgb([shade, 90, 60]));
    }
    encode(&DynamicImage::ImageRgb8(picture).resize_exact(96, 96, FilterType::Triangle), ImageFormat::Jpeg)
}

/// A picture of nobody: blocks on a plain colour, both by the handle.
fn neutral(handle: &str) -> DynamicImage {
    let seed = Sha256::digest(handle);
    let (ground, colour) =
        (Rgb([seed[0] | 0x80, seed[1] | 0x80, seed[2] | 0x80]), Rgb([seed[3] / 2, seed[4] / 2, seed[5] / 2]));
    let picture = RgbImage::from_fn(SIDE, SIDE, |x, y| {
        let block = ((y * 5 / SIDE) * 5 + x * 5 / SIDE) as usize;
        let filled = seed[6 + block / 8] >> (block % 8) & 1 == 1;
        if filled { colour } else { ground }
    });
    DynamicImage::ImageRgb8(picture)
}

fn encode(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("encoding into memory does not fail for these formats");
    bytes.into_inner()
}
