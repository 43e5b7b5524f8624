//! Any bytes as a mail in the mailbox of returned mail.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wanglou_fuzz::returned::{Read, read};

fuzz_target!(|bytes: &[u8]| {
    if let Read::Notification(told) = read(bytes) {
        assert!(told.status.is_empty() || told.status.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    }
});
