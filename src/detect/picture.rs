//! Pictures as grey values, decoded within limits.

mod jpeg_head;

use std::io::Cursor;
use std::panic::catch_unwind;

use image::{GrayImage, ImageReader, Limits};
use logo_search::within;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::detect::picture::jpeg_head::has_plain_luminance;

/// Largest width and height that is decoded, in pixels.
const SIDE_MAX: u32 = 4096;
/// Most memory that decoding may take, in bytes.
const MEMORY_MAX: u64 = 64 << 20;
/// How a JPEG begins.
const JPEG: [u8; 3] = [0xff, 0xd8, 0xff];
/// Side to which larger pictures are brought before anything is compared.
const SIDE_KEPT: u32 = 256;

/// The bytes are no image that can be read within the limits.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// Unknown or broken format, or larger than the limits.
    #[error("the image cannot be read: {0}")]
    Unreadable(#[from] image::ImageError),
    /// A JPEG that is broken or larger than the limits.
    #[error("the image cannot be read: {0}")]
    Jpeg(#[from] DecodeErrors),
    /// The reader of the format gave up on them without an error.
    #[error("the image cannot be read: its reader failed")]
    Failed,
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
    // The readers are not ours and panic on some damaged images, which must cost this image only.
    let grey = catch_unwind(|| decoded(bytes)).map_err(|_| PictureError::Failed)??;
    Ok(if grey.width().max(grey.height()) <= SIDE_KEPT { grey } else { within(&grey, SIDE_KEPT) })
}

fn decoded(bytes: &[u8]) -> Result<GrayImage, PictureError> {
    let is_plain = bytes.starts_with(&JPEG) && has_plain_luminance(bytes);
    if is_plain { jpeg(bytes) } else { any(bytes) }
}

/// The luminance that a JPEG holds; its colours are not read at all. What holds none is read as any other image.
fn jpeg(bytes: &[u8]) -> Result<GrayImage, PictureError> {
    let side = SIDE_MAX as usize;
    let options = DecoderOptions::default().set_strict_mode(false).set_max_width(side).set_max_height(side);
    let options = options.jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers()?;
    if !matches!(decoder.input_colorspace(), Some(ColorSpace::YCbCr | ColorSpace::Luma)) {
        return any(bytes);
    }
    let (width, height) = decoder.dimensions().unwrap_or_default();
    let mut values = vec![0; width * height];
    decoder.decode_into(&mut values)?;
    Ok(GrayImage::from_raw(width as u32, height as u32, values).unwrap_or_default())
}

fn any(bytes: &[u8]) -> Result<GrayImage, PictureError> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(MEMORY_MAX);
    reader.limits(limits);
    let picture = reader.decode()?.to_rgba8();
    let grey = picture.pixels().map(|pixel| luminance(pixel.0)).collect();
    Ok(GrayImage::from_raw(picture.width(), picture.height(), grey).unwrap_or_default())
}

/// Luminance over white (ITU-R BT.601).
fn luminance([r, g, b, a]: [u8; 4]) -> u8 {
    let white = 255 * (255 - u32::from(a));
    let over_white = |c: u8| u32::from(c) * u32::from(a) + white;
    let thousands = 299 * over_white(r) + 587 * over_white(g) + 114 * over_white(b);
    ((thousands + 127_500) / 255_000) as u8
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

    use super::{SIDE_MAX, any, grey, has_plain_luminance};

    fn png(width: u32, height: u32, pixel: [u8; 4]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let picture = RgbaImage::from_pixel(width, height, Rgba(pixel));
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        bytes
    }

    fn jpeg(picture: &RgbImage) -> Vec<u8> {
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Jpeg).unwrap();
        bytes
    }

    #[test]
    fn the_luminance_of_a_jpeg_is_that_of_its_colours() {
        let bytes = jpeg(&RgbImage::from_fn(61, 40, |x, y| Rgb([(x * 4) as u8, (y * 6) as u8, (x + y) as u8])));
        let (grey, of_colours) = (grey(&bytes).unwrap(), any(&bytes).unwrap());
        assert_eq!(grey.dimensions(), (61, 40));
        assert!(grey.iter().zip(of_colours.iter()).all(|(a, b)| a.abs_diff(*b) <= 2));
    }

    #[test]
    fn a_jpeg_on_which_its_reader_panics_is_refused() {
        assert!(grey(include_bytes!("../../tests/data/pictures/chroma_wider_than_luma.jpg")).is_err());
    }

    #[test]
    fn a_jpeg_of_planes_one_after_the_other_is_read_with_its_colours() {
        let bytes = include_bytes!("../../tests/data/pictures/planes_apart.jpg");
        assert_eq!(grey(bytes).unwrap(), any(bytes).unwrap());
    }

    #[test]
    fn the_head_of_a_jpeg_says_whether_its_luminance_is_plain() {
        let bytes = jpeg(&RgbImage::new(9, 9));
        assert!(has_plain_luminance(&bytes));
        assert!((0..bytes.len()).all(|end| !has_plain_luminance(&bytes[..end.min(100)])));
        assert!(!has_plain_luminance(include_bytes!("../../tests/data/pictures/planes_apart.jpg")));
    }

    #[test]
    fn a_jpeg_too_large_or_cut_off_in_its_head_is_refused() {
        let bytes = jpeg(&RgbImage::new(SIDE_MAX + 1, 1));
        assert!(grey(&bytes).is_err());
        assert!(grey(&bytes[..90]).is_err());
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
