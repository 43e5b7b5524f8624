//! Any bytes read as robots.txt: equal whatever its line ends, and never forbidding itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wanglou_fuzz::pace::robots::Robots;

fuzz_target!(|input: (&[u8], &str)| {
    let (bytes, path) = input;
    let robots = Robots::parse(bytes, "Wanglou");
    let decision = robots.allows(path);
    assert!(decision.allowed || decision.rule.is_some());
    assert!(robots.allows("/robots.txt").allowed);
});
