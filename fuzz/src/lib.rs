//! The rooms that parse what others wrote, built alone: floors 0 and 1 reach neither network nor store, so that a fuzz
//! target is built in a fraction of the time that the whole program takes.

#[path = "../../src/fetch/charset.rs"]
pub mod charset;
#[path = "../../src/detect/mod.rs"]
pub mod detect;
#[path = "../../src/documents/mod.rs"]
pub mod documents;
#[path = "../../src/ledger/mod.rs"]
pub mod ledger;
#[path = "../../src/model/mod.rs"]
pub mod model;
#[path = "../../src/pace/mod.rs"]
pub mod pace;
#[path = "../../src/platform/mod.rs"]
pub mod platform;
#[path = "../../src/mail/returned.rs"]
pub mod returned;
#[path = "../../src/text/mod.rs"]
pub mod text;

use model::source::EntryKind;
use model::time::Timestamp;
use platform::{Definition, Extraction, Page, extract};
use url::Url;

/// Reads a page by the entry `listing` of a platform file.
pub fn read(toml: &str, text: &str) -> Extraction {
    let definition = Definition::parse("fuzz.toml", toml).expect("the platform file of the target");
    let url = Url::parse("https://a.example/x").expect("an address");
    let page = Page {
        url: &url,
        entry: EntryKind::Listing,
        status: 200,
        content_type: "",
        text,
        fetched_at: noon(),
        zone: chrono_tz::Asia::Shanghai,
        base: "https://a.example",
    };
    extract(&definition, &page)
}

/// An instant from which relative dates count.
pub fn noon() -> Timestamp {
    Timestamp::from_ms(1_795_147_200_000)
}
