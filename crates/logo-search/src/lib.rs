//! Registered marks inside pictures: small, tilted, mirrored, inverted, recoloured, on any background.
//!
//! The drawing of each mark is looked for at every place and in many sizes by the normalised cross-correlation of grey
//! values (Lewis, "Fast Normalized Cross-Correlation", 1995), first on a picture of 24 pixels, then, where that looks
//! promising, on one of 48. The sign does not count, so that a white mark on a dark ground is the same as a dark one on
//! white. Faces are nowhere looked for.

mod blurred;
mod cells;
mod field;
mod outline;
mod places;
mod products;
mod resize;
mod sieve;
mod template;

use image::GrayImage;

use crate::field::Field;
pub use crate::resize::{resized, within};
use crate::sieve::{Candidate, Sieve};
use crate::template::{SIZES, TURNS, Template, templates};

/// Side of the picture on which marks are looked for, pixels.
const SIDE: u32 = 48;
/// Promising places of a mark that are looked at closely, and how alike they must be on the small picture: elsewhere a closer
/// look never made a mark of it.
const PROMISING: usize = 8;
const PROMISING_FROM: f64 = 0.2;
/// Pixels around a place that are looked at closely, and around the best of them in another size.
const NEAR: usize = 2;
const NEAR_BESIDE: usize = 1;
/// From this likeness on a mark counts as seen.
pub const LIKE: f64 = 0.625;

/// Marks ready to be looked for.
#[derive(Debug, Default)]
pub struct LogoIndex {
    marks: Vec<Mark>,
    sieve: Sieve,
}

#[derive(Debug)]
struct Mark {
    number: usize,
    /// In the order of their sizes within each way of turning.
    templates: Vec<Template>,
}

/// A mark that a picture shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogoHit {
    /// Number of the mark, as given.
    pub mark: usize,
    /// How alike, beyond what chance makes of a drawing so simple and so small, up to 1.
    pub likeness: f64,
}

/// A template at a place of the small picture.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// The mark among those of the index.
    mark: usize,
    template: usize,
    x: usize,
    y: usize,
    likeness: f64,
}

impl LogoIndex {
    /// Prepares numbered marks. A drawing on an even ground is cut out of it; a picture without any drawing is passed over.
    pub fn of<'p>(pictures: impl Iterator<Item = (usize, &'p GrayImage)>) -> Self {
        let mark = |(number, picture)| Some(Mark { number, templates: templates(picture)? });
        let marks: Vec<Mark> = pictures.filter_map(mark).collect();
        let mut sieve = Sieve::default();
        for (number, template) in marks.iter().flat_map(|mark| &mark.templates).enumerate() {
            sieve.add(number, &template.coarse, template.correlation(PROMISING_FROM));
        }
        Self { marks, sieve }
    }

    /// The mark that the picture shows best, if it shows one.
    pub fn find(&self, picture: &GrayImage) -> Option<LogoHit> {
        let field = |side: u32| Field::of(&resized(picture, side, side));
        let (coarse, fine) = (field(SIDE / 2), field(SIDE));
        let promising = self.promising(&coarse);
        let hits =
            promising.chunk_by(|a, b| a.mark == b.mark).map(|places| self.marks[places[0].mark].hit(places, &fine));
        hits.max_by(|a, b| a.likeness.total_cmp(&b.likeness)).filter(|hit| hit.likeness >= LIKE)
    }

    /// The best places of the small picture, one of each template, in the order of marks and templates.
    fn promising(&self, coarse: &Field) -> Vec<Place> {
        let mut candidates = self.sieve.candidates(coarse);
        let of_each = candidates.chunk_by_mut(|a, b| a.number == b.number);
        let mut places: Vec<Place> = of_each.filter_map(|candidates| self.best(candidates, coarse)).collect();
        places.sort_unstable_by_key(|place| (place.mark, place.template));
        places
    }

    /// The best of a template's places; where it may correlate most is looked at first, the others where it may be better.
    fn best(&self, candidates: &mut [Candidate], coarse: &Field) -> Option<Place> {
        let most = (0..candidates.len()).max_by(|a, b| candidates[*a].bound.total_cmp(&candidates[*b].bound))?;
        candidates.swap(0, most);
        let number = candidates[0].number;
        let (mark, template) = (number / (SIZES * TURNS), number % (SIZES * TURNS));
        let found = &self.marks[mark].templates[template];
        let (mut best, mut at) = (found.correlation(PROMISING_FROM), None);
        for candidate in candidates.iter() {
            if f64::from(candidate.bound) >= best {
                let correlation = coarse.correlation_of(&found.coarse, candidate);
                if correlation >= best {
                    (best, at) = (correlation, Some((candidate.x, candidate.y)));
                }
            }
        }
        at.map(|(x, y)| Place { mark, template, x, y, likeness: found.likeness(best) })
    }
}

impl Mark {
    fn hit(&self, places: &[Place], fine: &Field) -> LogoHit {
        let mut places = places.to_vec();
        places.sort_by(|a, b| b.likeness.total_cmp(&a.likeness));
        let close = places.iter().take(PROMISING).map(|place| self.closer(*place, fine));
        LogoHit { mark: self.number, likeness: close.fold(0.0, f64::max) }
    }

    /// The best likeness around a place, also of the next smaller and larger template about the same middle.
    fn closer(&self, place: Place, fine: &Field) -> f64 {
        let own = &self.templates[place.template];
        let (correlation, x, y) = fine.best_near(&own.fine, 2 * place.x, 2 * place.y, NEAR);
        let turned = place.template / SIZES;
        let beside = [place.template.wrapping_sub(1), place.template + 1];
        let beside = beside.into_iter().filter(|template| template / SIZES == turned);
        let likeness = |template: &Template| {
            let middle = |from: usize, own: usize, length: usize| (from + own / 2).saturating_sub(length / 2);
            let (x, y) =
                (middle(x, own.fine.width, template.fine.width), middle(y, own.fine.height, template.fine.height));
            template.likeness(fine.best_near(&template.fine, x, y, NEAR_BESIDE).0)
        };
        beside
            .filter_map(|template| self.templates.get(template))
            .map(likeness)
            .fold(own.likeness(correlation), f64::max)
    }
}

#[cfg(test)]
mod tests {
    use image::imageops::{FilterType, flip_horizontal, overlay, resize};
    use image::{GrayImage, Luma};

    use super::LogoIndex;

    /// A drawing of a ring with a bar and a dot.
    fn mark() -> GrayImage {
        GrayImage::from_fn(128, 128, |x, y| {
            let (dx, dy) = (f64::from(x) - 64.0, f64::from(y) - 64.0);
            let radius = dx.hypot(dy);
            let is_drawn = (34.0..46.0).contains(&radius)
                || (dx.abs() < 6.0 && (-30.0..8.0).contains(&dy))
                || (dx - 12.0).hypot(dy - 18.0) < 8.0;
            Luma([if is_drawn { 30 } else { 250 }])
        })
    }

    fn other() -> GrayImage {
        GrayImage::from_fn(128, 128, |x, y| {
            let is_drawn = (20..108).contains(&x) && (20..108).contains(&y) && (x / 8 + y / 16) % 3 == 0;
            Luma([if is_drawn { 30 } else { 250 }])
        })
    }

    fn texture(side: u32) -> GrayImage {
        GrayImage::from_fn(side, side, |x, y| Luma([((x * 7 + y * 13 + (x * y) % 29 * 5) % 200) as u8 + 20]))
    }

    fn likeness(picture: &GrayImage) -> Option<f64> {
        let (mark, other) = (mark(), other());
        let index = LogoIndex::of([(4, &mark), (9, &other)].into_iter());
        index.find(picture).filter(|hit| hit.mark == 4).map(|hit| hit.likeness)
    }

    #[test]
    fn a_mark_is_found_as_it_is_inverted_and_mirrored() {
        assert!(likeness(&mark()).is_some());
        let mut inverted = mark();
        image::imageops::invert(&mut inverted);
        assert!(likeness(&inverted).is_some());
        assert!(likeness(&flip_horizontal(&mark())).is_some());
    }

    #[test]
    fn a_mark_is_found_as_a_part_of_a_picture() {
        let mut picture = texture(128);
        overlay(&mut picture, &resize(&mark(), 60, 60, FilterType::Triangle), 50, 40);
        assert!(likeness(&picture).is_some(), "a mark of half the width");
    }

    #[test]
    fn other_pictures_show_no_mark() {
        assert_eq!(likeness(&texture(96)), None);
        assert_eq!(likeness(&GrayImage::from_pixel(64, 64, Luma([200]))), None);
        assert_eq!(LogoIndex::default().find(&mark()), None);
    }

    #[test]
    fn a_picture_without_a_drawing_is_no_mark() {
        let blank = GrayImage::from_pixel(64, 64, Luma([255]));
        assert!(LogoIndex::of(std::iter::once((0, &blank))).find(&mark()).is_none());
    }
}
