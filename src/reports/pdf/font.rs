//! A font that the operator has, of which a PDF embeds the glyphs that it shows.

use std::collections::BTreeMap;

use subsetter::GlyphRemapper;
use ttf_parser::{Face, GlyphId, Permissions, name_id};

/// A character by which a font is known to be one for Chinese.
const PROBE: char = '报';
/// Faces of a collection that are looked at.
const FACES_MAX: u32 = 64;

/// Why a font cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FontError {
    /// It is none, or damaged.
    #[error("is no font, or is damaged: name a TrueType or OpenType font (.ttf, .otf, .ttc)")]
    Damaged,
    /// It has no Chinese characters.
    #[error("has no Chinese characters: name a font for Chinese, such as that of fonts-noto-cjk")]
    NotChinese,
    /// Its maker does not let it be embedded in part.
    #[error("may not be embedded in documents by the word of its maker: name one under an open licence")]
    Forbidden,
}

/// A font, ready to be embedded.
#[derive(Debug)]
pub struct Font {
    bytes: Vec<u8>,
    index: u32,
}

impl Font {
    /// Reads a font or a collection, of which the face for simplified Chinese is taken.
    ///
    /// # Errors
    /// [`FontError`].
    pub fn read(bytes: Vec<u8>) -> Result<Self, FontError> {
        let faces = ttf_parser::fonts_in_collection(&bytes).unwrap_or(1).min(FACES_MAX);
        let chinese = (0..faces).filter(|at| face(&bytes, *at).is_some_and(|face| face.glyph_index(PROBE).is_some()));
        let mut chinese: Vec<u32> = chinese.collect();
        chinese.sort_by_key(|at| !face(&bytes, *at).is_some_and(|face| is_simplified(&face)));
        let index = *chinese.first().ok_or(if face(&bytes, 0).is_some() {
            FontError::NotChinese
        } else {
            FontError::Damaged
        })?;
        let face = face(&bytes, index).ok_or(FontError::Damaged)?;
        let is_forbidden = face.permissions() == Some(Permissions::Restricted) || !face.is_subsetting_allowed();
        if is_forbidden { Err(FontError::Forbidden) } else { Ok(Self { bytes, index }) }
    }

    /// The face, which was read before.
    pub(super) fn face(&self) -> Result<Face<'_>, FontError> {
        Face::parse(&self.bytes, self.index).map_err(|_| FontError::Damaged)
    }

    /// The font with these glyphs only.
    pub(super) fn subset(&self, glyphs: &GlyphRemapper) -> Result<Vec<u8>, FontError> {
        subsetter::subset(&self.bytes, self.index, glyphs).map_err(|_| FontError::Damaged)
    }
}

fn face(bytes: &[u8], index: u32) -> Option<Face<'_>> {
    Face::parse(bytes, index).ok()
}

fn is_simplified(face: &Face<'_>) -> bool {
    let names = face.names().into_iter().filter(|name| name.name_id == name_id::FULL_NAME);
    names.filter_map(|name| name.to_string()).any(|name| name.split_whitespace().any(|word| word == "SC"))
}

/// The glyphs that a document uses, with the characters they stand for.
pub(super) struct Glyphs<'f> {
    face: Face<'f>,
    pub(super) remapper: GlyphRemapper,
    pub(super) characters: BTreeMap<u16, char>,
    pub(super) widths: BTreeMap<u16, f32>,
}

impl<'f> Glyphs<'f> {
    pub(super) fn of(face: Face<'f>) -> Self {
        Self { face, remapper: GlyphRemapper::new(), characters: BTreeMap::new(), widths: BTreeMap::new() }
    }

    fn glyph(&self, character: char) -> GlyphId {
        self.face.glyph_index(character).unwrap_or_default()
    }

    /// Width of a character, in thousandths of the size.
    fn advance(&self, glyph: GlyphId) -> f32 {
        let units = f32::from(self.face.units_per_em()).max(1.0);
        f32::from(self.face.glyph_hor_advance(glyph).unwrap_or_default()) * 1_000.0 / units
    }

    /// Width of a text at a size, points.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|c| self.advance(self.glyph(c))).sum::<f32>() * size / 1_000.0
    }

    /// A text as the font's own numbers, two bytes a character.
    pub(super) fn encode(&mut self, text: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(text.len());
        for character in text.chars() {
            let glyph = self.glyph(character);
            let new = self.remapper.remap(glyph.0);
            self.characters.entry(new).or_insert(character);
            let advance = self.advance(glyph);
            self.widths.insert(new, advance);
            bytes.extend(new.to_be_bytes());
        }
        bytes
    }

    pub(super) const fn face(&self) -> &Face<'f> {
        &self.face
    }
}
