//! What the head of a JPEG says of how its planes are stored (ITU-T T.81, B.2).

/// How the planes of a JPEG are stored.
struct Frame {
    is_progressive: bool,
    /// Samples of each plane in a unit, across in the upper and down in the lower four bits.
    samples: Vec<u8>,
}

/// Whether the luminance can be read alone. Planes of other shapes, and planes one after the other in a picture that is stored
/// at once, are rare, and the reader of luminance gives other values for them or none.
pub(super) fn has_plain_luminance(bytes: &[u8]) -> bool {
    plainness(bytes).unwrap_or(false)
}

fn plainness(bytes: &[u8]) -> Option<bool> {
    let mut frame = None;
    let mut rest = bytes.get(2..)?;
    loop {
        let (marker, segment, behind) = segment(rest)?;
        match marker {
            0xc0..=0xc2 => frame = Some(frame_of(marker, segment)?),
            0xda => return Some(is_plain(&frame?, usize::from(*segment.first()?))),
            _ => {}
        }
        rest = behind;
    }
}

/// The first segment: its marker, its content, and what stands behind it. Before a marker any number of 0xFF may stand.
fn segment(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let filling = bytes.iter().take_while(|byte| **byte == 0xff).count();
    let (marker, rest) = bytes.get(filling..)?.split_first().filter(|_| filling > 0)?;
    let length = usize::from(u16::from_be_bytes(*rest.first_chunk()?));
    Some((*marker, rest.get(2..length)?, &rest[length..]))
}

fn frame_of(marker: u8, segment: &[u8]) -> Option<Frame> {
    let planes = segment.get(6..)?.chunks_exact(3);
    Some(Frame { is_progressive: marker == 0xc2, samples: planes.map(|plane| plane[1]).collect() })
}

fn is_plain(frame: &Frame, planes_in_first_scan: usize) -> bool {
    match frame.samples.as_slice() {
        [0x11] => true,
        [0x11 | 0x21 | 0x22, 0x11, 0x11] => frame.is_progressive || planes_in_first_scan == 3,
        _ => false,
    }
}
