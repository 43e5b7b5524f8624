//! Any bytes as a profile picture, hashed and searched for a mark, and as the picture of a mark.

#![no_main]

use libfuzzer_sys::fuzz_target;
use logo_search::LogoIndex;
use wanglou_fuzz::detect::phash::phash_of;
use wanglou_fuzz::detect::picture::grey;

fuzz_target!(|bytes: &[u8]| {
    let Ok(picture) = grey(bytes) else { return };
    assert!(picture.width() <= 256 && picture.height() <= 256);
    phash_of(&picture);
    let index = LogoIndex::of(std::iter::once((0, &picture)));
    assert!(index.find(&picture).is_none_or(|hit| hit.mark == 0 && hit.likeness <= 1.0 + 1e-6));
});
