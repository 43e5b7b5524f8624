//! Any text read as a feed.

#![no_main]

use libfuzzer_sys::fuzz_target;

const FEED: &str = "id = \"feed\"\nname = \"f\"\nformat = \"feed\"\n[entry.listing]\nurl = \"{base}\"\n[entry.listing.post]\n\
    [entry.listing.account]\nhandle = \"feed.link\"\ndisplay_name = \"feed.title\"\nbio = \"feed.description\"\n";

fuzz_target!(|text: &str| {
    let read = wanglou_fuzz::read(FEED, text);
    assert!(read.posts.len() <= 2_000 && read.problems.len() <= 50);
});
