//! Any text read as JSON by a platform file.

#![no_main]

use libfuzzer_sys::fuzz_target;

const API: &str = "id = \"api\"\nname = \"a\"\nformat = \"json\"\n[entry.listing]\nurl = \"{base}/x\"\n[entry.listing.post]\n\
    each = \"$.list[*]\"\nurl = \"$.url\"\ntext = \"$.text\"\npublished = \"$.at\"\n";

fuzz_target!(|text: &str| {
    let read = wanglou_fuzz::read(API, text);
    assert!(read.posts.len() <= 2_000 && read.problems.len() <= 50);
});
