//! A registered mark whose picture somebody hands in: looked at, put beside the ledgers, and entered in theirs.

use image::ImageFormat;
use tokio::task::spawn_blocking;

use crate::detect::phash::phash_of;
use crate::detect::picture::grey;
use crate::ledger::brand_marks::BRAND_MARKS;
use crate::ledger::lines::Lines;
use crate::model::audit::AuditEntry;
use crate::model::ids::CompanyCode;
use crate::pipeline::edition::{EditionError, Proposal, as_it_lies, with_line};
use crate::pipeline::rewrite::{RewriteError, rewrite};
use crate::pipeline::shell::Shell;
use crate::watchlists::IMAGE_BYTES_MAX;

/// A mark as it is handed in, beside its picture.
#[derive(Debug, Clone)]
pub struct NewMark {
    /// Name of the mark.
    pub name: String,
    /// Company that owns it.
    pub company: CompanyCode,
    /// Largest Hamming distance that still counts as the mark, as written; empty for the usual one.
    pub distance_max: String,
    /// Remark, such as the number of its registration.
    pub note: String,
}

/// Why a mark is not taken.
#[derive(Debug, thiserror::Error)]
pub enum MarkRefused {
    /// No PNG or JPEG that can be decoded within the limits of bytes and pixels.
    #[error("it is no PNG or JPEG within the limits")]
    NoPicture,
    /// One colour only: every empty avatar would be the mark.
    #[error("the picture shows nothing")]
    Blank,
    /// The mark of this name has a picture with the same hash.
    #[error("the picture is known")]
    SamePicture(String),
    /// The company has a mark of the name.
    #[error("the name is taken")]
    SameName,
}

/// Why a mark was not added.
pub type MarkError = RewriteError<MarkRefused>;

/// Adds a mark with its picture, which gets a name that is made here. The audit's line says what changed in the ledger.
///
/// # Errors
/// When the picture or the mark is not taken, or the ledger cannot be written; the picture does not stay then.
pub async fn add_brand_mark(
    shell: &Shell,
    new: &NewMark,
    picture: Vec<u8>,
    audit: &AuditEntry,
) -> Result<(), MarkError> {
    let look = move || looked_at(&picture).map(|(format, hash)| (format, hash, picture));
    let (format, hash, picture) =
        spawn_blocking(look).await.unwrap_or(Err(MarkRefused::NoPicture)).map_err(RewriteError::Refused)?;
    let file = shell.folder.add_image(format.extensions_str()[0], &picture).map_err(EditionError::from)?;
    let world = shell.world();
    let known = world.ledgers.brand_marks.iter().find(|mark| mark.phash64 == Some(hash));
    let change = |lines: &mut Lines| match known {
        Some(mark) => Err(MarkRefused::SamePicture(mark.name.clone())),
        None => enter(lines, new, hash, &file),
    };
    let audit = |(): &(), proposal: &Proposal| AuditEntry { detail: proposal.diff.summary_en(), ..audit.clone() };
    let added = rewrite(shell, &BRAND_MARKS, change, audit).await;
    if added.is_err() && !is_entered(shell, &file) {
        shell.folder.remove_image(&file).map_err(EditionError::from)?;
    }
    added
}

/// The format and the perceptual hash of a picture.
fn looked_at(bytes: &[u8]) -> Result<(ImageFormat, u64), MarkRefused> {
    let format = image::guess_format(bytes).ok();
    let format = format.filter(|format| matches!(format, ImageFormat::Png | ImageFormat::Jpeg));
    let format = format.filter(|_| bytes.len() <= IMAGE_BYTES_MAX).ok_or(MarkRefused::NoPicture)?;
    let picture = grey(bytes).map_err(|_| MarkRefused::NoPicture)?;
    let first = picture.get_pixel(0, 0);
    if picture.pixels().all(|pixel| pixel == first) {
        return Err(MarkRefused::Blank);
    }
    Ok((format, phash_of(&picture)))
}

/// Adds the line of a mark.
fn enter(lines: &mut Lines, new: &NewMark, hash: u64, file: &str) -> Result<(), MarkRefused> {
    let hash = format!("{hash:016x}");
    let same = |column: &str, text: &str| {
        lines.rows.iter().find(|line| lines.cell(line, column).trim().eq_ignore_ascii_case(text))
    };
    // The marks in force may not have heard yet of a picture that somebody else handed in just now.
    if let Some(line) = same("phash", &hash) {
        return Err(MarkRefused::SamePicture(lines.cell(line, "name").to_owned()));
    }
    let cells = vec![
        new.name.clone(),
        new.company.to_string(),
        hash,
        file.to_owned(),
        new.distance_max.clone(),
        new.note.clone(),
    ];
    let after = with_line(lines.clone(), None, cells).unwrap_or_else(|| lines.clone());
    let key = after.rows.last().map(|line| after.key(line)).unwrap_or_default();
    if lines.rows.iter().any(|line| lines.key(line) == key) {
        return Err(MarkRefused::SameName);
    }
    *lines = after;
    Ok(())
}

/// Whether a line has the picture, perhaps although the edit failed further on. A ledger that cannot be read may have it.
fn is_entered(shell: &Shell, file: &str) -> bool {
    match as_it_lies(&shell.folder, &BRAND_MARKS) {
        Ok((lines, _, None)) => lines.rows.iter().any(|line| lines.cell(line, "image") == file),
        _ => true,
    }
}
