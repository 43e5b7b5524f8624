//! The drawing of a mark in the sizes and turns in which it is looked for.

use image::imageops::{crop_imm, flip_horizontal};
use image::{GrayImage, Luma};

use crate::field::Pattern;
use crate::within;

/// Larger sides of a drawing on a picture of 48 pixels, in steps of about a fifth.
const SIDES: [u32; SIZES] = [14, 17, 20, 23, 27, 32, 38, 45];
/// How many sizes there are.
pub(super) const SIZES: usize = 8;
/// Degrees by which a drawing is tilted.
const TILTS: [f64; 3] = [0.0, -10.0, 10.0];
/// Ways of turning: every tilt, and mirrored.
pub(super) const TURNS: usize = TILTS.len() + 1;
/// Grey values by which a drawing differs from its ground.
const DRAWN: u8 = 40;
/// Pixels kept around the drawing, as a share of the picture's side.
const MARGIN: f64 = 0.023;

/// One size and turn of a mark.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) coarse: Pattern,
    pub(super) fine: Pattern,
    /// The best correlation that chance makes of it somewhere in a picture.
    chance: f64,
}

impl Template {
    fn of(drawing: &GrayImage, side: u32) -> Self {
        let fine = Pattern::of(&within(drawing, side));
        Self { coarse: Pattern::of(&within(drawing, side / 2)), chance: chance(&fine), fine }
    }

    /// A correlation against what chance makes: small and simple drawings must correlate better.
    pub(super) fn likeness(&self, correlation: f64) -> f64 {
        1.0 - (1.0 - correlation) / (1.0 - self.chance).powi(2)
    }

    /// The correlation that is so alike.
    pub(super) fn correlation(&self, likeness: f64) -> f64 {
        1.0 - (1.0 - likeness) * (1.0 - self.chance).powi(2)
    }
}

/// The best correlation to be expected of a pattern in an unrelated picture: it falls with the pattern's size and with the
/// detail of its drawing. Fitted to 180 photographs and textures (`docs/benchmarks.md`).
fn chance(pattern: &Pattern) -> f64 {
    let (width, height) = (pattern.width as f64, pattern.height as f64);
    let detail = (1.0 - pattern.smoothness()).max(0.0) + 1e-3;
    let chance = 1.1133
        - 0.1018 * (width * height).ln()
        - 0.0756 * width.max(height).ln()
        - 0.0262 * width.min(height).ln()
        - 0.1174 * detail.ln();
    chance.clamp(0.2, 0.95)
}

/// All templates of a mark, size by size within each turn; none when nothing is drawn.
pub(super) fn templates(picture: &GrayImage) -> Option<Vec<Template>> {
    let ground = ground(picture)?;
    let drawing = drawing(picture, ground)?;
    let tilted = TILTS.iter().map(|tilt| turned(&drawing, *tilt, ground));
    let turns: Vec<GrayImage> = tilted.chain([flip_horizontal(&drawing)]).collect();
    Some(turns.iter().flat_map(|turn| SIDES.map(|side| Template::of(turn, side))).collect())
}

/// The median of the picture's edge; none of a picture without pixels.
fn ground(picture: &GrayImage) -> Option<u8> {
    let (right, bottom) = (picture.width().checked_sub(1)?, picture.height().checked_sub(1)?);
    let edge = picture.enumerate_pixels().filter(|(x, y, _)| *x == 0 || *y == 0 || *x == right || *y == bottom);
    let mut edge: Vec<u8> = edge.map(|(_, _, pixel)| pixel.0[0]).collect();
    edge.sort_unstable();
    edge.get(edge.len() / 2).copied()
}

/// The drawing cut out of its ground with a narrow margin.
fn drawing(picture: &GrayImage, ground: u8) -> Option<GrayImage> {
    let drawn = || picture.enumerate_pixels().filter(|(_, _, pixel)| pixel.0[0].abs_diff(ground) > DRAWN);
    let (left, right) = (drawn().map(|at| at.0).min()?, drawn().map(|at| at.0).max()?);
    let (top, bottom) = (drawn().map(|at| at.1).min()?, drawn().map(|at| at.1).max()?);
    let margin = (f64::from(picture.width().max(picture.height())) * MARGIN).round() as u32;
    let (x, y) = (left.saturating_sub(margin), top.saturating_sub(margin));
    let width = (right + 1 + margin).min(picture.width()) - x;
    let height = (bottom + 1 + margin).min(picture.height()) - y;
    Some(crop_imm(picture, x, y, width, height).to_image())
}

/// The picture turned about its middle, on a larger piece of the same ground.
fn turned(picture: &GrayImage, degrees: f64, ground: u8) -> GrayImage {
    if degrees == 0.0 {
        return picture.clone();
    }
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
    let to = |a: f64, b: f64| (a * cos.abs() + b * sin.abs()).ceil();
    let (wide, high) = (to(width, height), to(height, width));
    GrayImage::from_fn(wide as u32, high as u32, |x, y| {
        let (dx, dy) = (f64::from(x) + 0.5 - wide / 2.0, f64::from(y) + 0.5 - high / 2.0);
        let (from_x, from_y) = (dx * cos + dy * sin + width / 2.0, dy * cos - dx * sin + height / 2.0);
        Luma([sampled(picture, from_x - 0.5, from_y - 0.5, ground)])
    })
}

/// The value between four pixels.
fn sampled(picture: &GrayImage, x: f64, y: f64, ground: u8) -> u8 {
    let at = |x: f64, y: f64| {
        let is_inside = x >= 0.0 && y >= 0.0 && x < f64::from(picture.width()) && y < f64::from(picture.height());
        f64::from(if is_inside { picture.get_pixel(x as u32, y as u32).0[0] } else { ground })
    };
    let (left, top) = (x.floor(), y.floor());
    let (right, down) = (x - left, y - top);
    let upper = at(left, top) * (1.0 - right) + at(left + 1.0, top) * right;
    let lower = at(left, top + 1.0) * (1.0 - right) + at(left + 1.0, top + 1.0) * right;
    (upper * (1.0 - down) + lower * down).round() as u8
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::{SIZES, TILTS, drawing, templates, turned};

    fn bar() -> GrayImage {
        GrayImage::from_fn(100, 100, |x, y| {
            Luma([if (20..80).contains(&x) && (45..55).contains(&y) { 0 } else { 255 }])
        })
    }

    #[test]
    fn a_drawing_is_cut_out_of_its_ground() {
        assert_eq!(drawing(&bar(), 255).unwrap().dimensions(), (64, 14));
        assert!(drawing(&GrayImage::from_pixel(9, 9, Luma([7])), 7).is_none());
    }

    #[test]
    fn a_turned_drawing_keeps_its_ground_and_its_middle() {
        let turned = turned(&bar(), 14.0, 255);
        assert!(turned.width() > 100 && turned.get_pixel(0, 0).0 == [255]);
        assert_eq!(turned.get_pixel(turned.width() / 2, turned.height() / 2).0, [0]);
    }

    #[test]
    fn every_turn_has_every_size() {
        assert_eq!(templates(&bar()).unwrap().len(), SIZES * (TILTS.len() + 1));
    }
}
