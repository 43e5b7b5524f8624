//! Any text read as a platform file; what is accepted reads pages.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wanglou_fuzz::platform::Definition;

fuzz_target!(|toml: &str| {
    if let Ok(definition) = Definition::parse("x.toml", toml) {
        assert!(!definition.name().is_empty());
        let _ = wanglou_fuzz::read(toml, "<p>a</p>");
    }
});
