//! Pictures drawn by code: the four companies' marks, profile pictures that show them, and neutral ones.
//!
//! The ledger and the records of the fictional group give invented perceptual hashes. The pictures are drawn from
//! these hashes, so that what is computed from a served picture agrees with what the papers say.

use std::f64::consts::PI;
use std::io::Cursor;

use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use sha2::{Digest, Sha256};

use crate::demo::site::answer::Answer;
use crate::model::account::Account;

/// The companies that have a mark, with the hash of the mark and its colour.
const MARKS: [(&str, u64, Rgb<u8>); 4] = [
    ("YD", 0xf0e1_c387_870f_1e3c, Rgb([20, 50, 110])),
    ("HC", 0x8181_bd3c_3cbd_8181, Rgb([10, 90, 60])),
    ("YJ", 0x0018_7e3c_3c7e_1800, Rgb([130, 30, 20])),
    ("QL", 0xc3e1_f078_3c1e_0f87, Rgb([10, 80, 140])),
];

const SIDE: u32 = 128;
const FREQUENCIES: usize = 8;
/// How steeply dark and light part; more would look crisper and blur the hash.
const STEEPNESS: f64 = 2.6;

/// Codes of the companies that have a mark.
pub fn marked_companies() -> impl Iterator<Item = &'static str> {
    MARKS.iter().map(|(company, _, _)| *company)
}

/// The mark of a company as a PNG file; none when the company has no mark.
pub fn mark_png(company: &str) -> Option<Vec<u8>> {
    let (_, hash, colour) = MARKS.iter().find(|(code, _, _)| *code == company)?;
    Some(encode(&drawn(*hash, *colour), ImageFormat::Png))
}

/// A picture whose 64-bit DCT hash is `hash`, or a few bits from it where the hash is not balanced: every frequency
/// that the hash calls high is there, every other one is there inverted.
fn drawn(hash: u64, colour: Rgb<u8>) -> DynamicImage {
    let level = waves(hash);
    let spread = (level.iter().map(|light| light * light).sum::<f64>() / level.len() as f64).sqrt();
    let depth = |light: f64| 0.5 - 0.5 * (STEEPNESS * light / spread / 2.0).tanh();
    let shade = |dark: u8, light: f64| (255.0 - (255.0 - f64::from(dark)) * depth(light)).round() as u8;
    let picture = RgbImage::from_fn(SIDE, SIDE, |x, y| {
        let light = level[(y * SIDE + x) as usize];
        Rgb(colour.0.map(|dark| shade(dark, light)))
    });
    DynamicImage::ImageRgb8(picture)
}

/// The sum of all waves of the hash at each point, row by row.
fn waves(hash: u64) -> Vec<f64> {
    let wave = |k: usize, at: u32| (PI / f64::from(SIDE) * (f64::from(at) + 0.5) * k as f64).cos();
    let basis: [Vec<f64>; FREQUENCIES] = std::array::from_fn(|k| (0..SIDE).map(|at| wave(k, at)).collect());
    let sign = |bit: usize| if hash >> (63 - bit) & 1 == 1 { 1.0 } else { -1.0 };
    let part = |bit: usize, x: usize, y: usize| sign(bit) * basis[bit / FREQUENCIES][y] * basis[bit % FREQUENCIES][x];
    let points = (0..SIDE as usize).flat_map(|y| (0..SIDE as usize).map(move |x| (x, y)));
    points.map(|(x, y)| (1..FREQUENCIES * FREQUENCIES).map(|bit| part(bit, x, y)).sum()).collect()
}

/// Path of an account's picture on its site. Copied marks come as JPEG, as re-uploaded pictures do.
pub(crate) fn path(account: &Account) -> String {
    let ending = if shows_copied_mark(account) { "jpg" } else { "png" };
    format!("/avatar/{}.{ending}", account.handle)
}

/// The picture of an account.
pub(crate) fn answer(account: &Account) -> Answer {
    let Some(hash) = shown_hash(account) else {
        return Answer::image("image/png", encode(&neutral(&account.handle), ImageFormat::Png));
    };
    if shows_copied_mark(account) {
        // Uploaded again by somebody: smaller, in a slightly other colour, and compressed.
        let copied = drawn(hash, Rgb([30, 90, 130])).resize_exact(96, 96, FilterType::Triangle);
        return Answer::image("image/jpeg", encode(&copied, ImageFormat::Jpeg));
    }
    Answer::image("image/png", encode(&drawn(hash, MARKS[3].2), ImageFormat::Png))
}

fn shown_hash(account: &Account) -> Option<u64> {
    u64::from_str_radix(account.avatar.phash64.as_deref()?, 16).ok()
}

fn shows_copied_mark(account: &Account) -> bool {
    shown_hash(account).is_some_and(|hash| MARKS.iter().all(|(_, mark, _)| *mark != hash))
}

/// A picture of nobody: blocks on a plain colour, both by the handle.
fn neutral(handle: &str) -> DynamicImage {
    let seed = Sha256::digest(handle);
    let ground = Rgb([seed[0] | 0x80, seed[1] | 0x80, seed[2] | 0x80]);
    let colour = Rgb([seed[3] / 2, seed[4] / 2, seed[5] / 2]);
    let picture = RgbImage::from_fn(SIDE, SIDE, |x, y| {
        let block = ((y * 5 / SIDE) * 5 + x * 5 / SIDE) as usize;
        if seed[6 + block / 8] >> (block % 8) & 1 == 1 { colour } else { ground }
    });
    DynamicImage::ImageRgb8(picture)
}

fn encode(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("encoding into memory does not fail for these formats");
    bytes.into_inner()
}
