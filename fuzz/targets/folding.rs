//! Any text folded.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wanglou_fuzz::text::fold::{Folded, plain};

fuzz_target!(|text: &str| {
    let folded = Folded::of(text);
    assert_eq!(plain(folded.plain_text()), folded.plain_text(), "folding twice is folding once");
    for place in 0..folded.plain().len() {
        let origin = folded.origin(place..place + 1);
        assert!(!origin.is_empty() && text.get(origin).is_some(), "a place stands for characters of the original");
    }
    assert_eq!(folded.dense().len(), folded.dense_text().chars().count());
});
