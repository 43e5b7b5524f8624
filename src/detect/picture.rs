//! Pictures as grey values, decoded within limits.

use std::io::Cursor;

use image::{GrayImage, ImageReader, Limits, Luma};
use logo_search::within;

/// Largest width and height that is decoded, in pixels.
const SIDE_MAX: u32 = 4096;
/// Most memory that decoding may take, in bytes.
const MEMORY_MAX: u64 = 64 << 20;
/// Side to which larger pictures are brought before anything is compared.
const SIDE_KEPT: u32 = 256;

/// The bytes are no image that can be read within the limits.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// Unknown or broken format, or larger than the limits.
    #[error("the image cannot be read: {0}")]
    Unreadable(#[from] image::ImageError),
    /// The bytes could not be looked at.
    #[error("the image cannot be read: {0}")]
    Io(#[from] std::io::Error),
}

/// The grey values of an encoded image (PNG, JPEG, WebP or GIF), at most 256 pixels wide and high.
/// Transparent parts count as white.
///
/// # Errors
/// [`PictureError`] when it cannot be read within the limits.
pub fn grey(bytes: &[u8]) -> Result<GrayImage, PictureError> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(MEMORY_MAX);
    reader.limits(limits);
    let picture = reader.decode()?.to_rgba8();
    let (width, height) = picture.dimensions();
    let grey = GrayImage::from_fn(width, height, |x, y| Luma([luminance(picture.get_pixel(x, y).0)]));
    Ok(if width.max(height) <= SIDE_KEPT { grey } else { within(&grey, SIDE_KEPT) })
}

/// Luminance over white (ITU-R BT.601).
fn luminance([r, g, b, a]: [u8; 4]) -> u8 {
    let over_white = |c: u8| (f64::from(c) * f64::from(a) + 255.0 * (255.0 - f64::from(a))) / 255.0;
    (0.299 * over_white(r) + 0.587 * over_white(g) + 0.114 * over_white(b)).round() as u8
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{Rgba, RgbaImage};

    use super::grey;

    fn png(width: u32, height: u32, pixel: [u8; 4]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let picture = RgbaImage::from_pixel(width, height, Rgba(pixel));
        picture.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
        bytes
    }

    #[test]
    fn what_is_transparent_is_white_and_large_pictures_are_made_smaller() {
        let picture = grey(&png(600, 300, [10, 10, 10, 0])).unwrap();
        assert_eq!((picture.dimensions(), picture.get_pixel(5, 5).0), ((256, 128), [255]));
    }

    #[test]
    fn what_is_no_image_or_too_large_is_refused() {
        assert!(grey(b"<html>not an image</html>").is_err());
        assert!(grey(&[]).is_err());
        assert!(grey(&png(4_097, 1, [0; 4])).is_err());
    }
}
