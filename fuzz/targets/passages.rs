//! Any text as a protected document, and any text as a post that may repeat it.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use wanglou_fuzz::detect::fingerprint::index::PassageIndex;
use wanglou_fuzz::detect::fingerprint::{Document, fingerprint};
use wanglou_fuzz::detect::scan::FieldText;
use wanglou_fuzz::model::fingerprint::Fingerprints;
use wanglou_fuzz::model::term::Field;
use wanglou_fuzz::noon;

fuzz_target!(|input: (u8, &str, &str)| {
    let (key, text, post) = input;
    let key = [key; 16];
    let print = fingerprint(&key, Document { id: "X1", title: "", text, is_public: false, added: noon() });
    let index = PassageIndex::of(Arc::new(Fingerprints { key, documents: vec![print] }), &[]);
    for passage in index.find(&[FieldText::new(Field::Text, post)]) {
        assert!(post.get(passage.span.clone()).is_some_and(|span| !span.is_empty()));
        assert!((0.0..=1.0).contains(&passage.likelihood) && (0.0..=1.0).contains(&passage.share));
    }
});
