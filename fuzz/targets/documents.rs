//! Any bytes as an office document. PDF is read by another library, whose panics are caught where it is called.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wanglou_fuzz::documents::text_of;

fuzz_target!(|input: (u8, &[u8])| {
    let (kind, bytes) = input;
    let name = ["a.docx", "a.pptx", "a.xlsx", "a.txt"][usize::from(kind) % 4];
    assert!(text_of(name, bytes).is_ok_and(|text| text.chars().any(char::is_alphanumeric)) || text_of(name, bytes).is_err());
});
