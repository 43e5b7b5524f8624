//! Any text read as a page, by a platform file that uses every kind of field.

#![no_main]

use libfuzzer_sys::fuzz_target;

const FORUM: &str = r#"
id = "forum"
name = "论坛"
[entry.listing]
url = "{base}/hot"
each = "article"
next = "a.next@href"
follow = { account = ["a.user@href"] }
[entry.listing.post]
url = "a@href"
title = "h3"
text = "p@html"
published = "time"
author = { handle = "b@id", name = "b", url = "a.user@href" }
[verdict]
found = []
empty = ["nothing", "css:.none"]
blocked = ["wait", "css:.wall"]
"#;

fuzz_target!(|text: &str| {
    let read = wanglou_fuzz::read(FORUM, text);
    assert!(read.posts.len() <= 2_000 && read.follow.len() <= 2_000 && read.problems.len() <= 50);
});
