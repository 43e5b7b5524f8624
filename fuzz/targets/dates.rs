//! Any text read as a date, in every format, at any instant and in zones with odd changes of clocks.

#![no_main]

use chrono_tz::{America, Asia, Australia, Tz};
use libfuzzer_sys::fuzz_target;
use wanglou_fuzz::model::time::Timestamp;
use wanglou_fuzz::platform::date::{DateFormat, parse};

const ZONES: [Tz; 4] = [Asia::Shanghai, America::New_York, Australia::Lord_Howe, Asia::Kathmandu];
const FORMATS: [DateFormat; 6] = [
    DateFormat::Auto,
    DateFormat::Rfc3339,
    DateFormat::Rfc2822,
    DateFormat::Relative,
    DateFormat::UnixSeconds,
    DateFormat::UnixMilliseconds,
];

fuzz_target!(|input: (u32, &str)| {
    let (seconds, text) = input;
    let now = Timestamp::from_ms(i64::from(seconds) * 1_000);
    for format in FORMATS {
        if let Some(read) = parse(text, &format, now, ZONES[seconds as usize % ZONES.len()]) {
            let again = parse(&read.to_string(), &DateFormat::Rfc3339, now, Asia::Shanghai);
            assert!(again.is_none_or(|again| again == read), "{text}");
        }
    }
});
