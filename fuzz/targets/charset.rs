//! Any bytes decoded under any Content-Type and host; what is UTF-8 with a mark stays what it is.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wanglou_fuzz::charset::decode;

fuzz_target!(|input: (&str, &str, &[u8])| {
    let (content_type, host, bytes) = input;
    let text = decode(bytes, content_type, host);
    let marked = format!("\u{feff}{text}");
    assert_eq!(decode(marked.as_bytes(), content_type, host), text);
});
