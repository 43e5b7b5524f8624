//! From a letter to its subject, text and HTML. A pure function: the same letter gives the same bytes.

use chrono_tz::Tz;

use crate::casework::voice::Voice;
use crate::mail::page::Page;
use crate::mail::settings::Settings;
use crate::mail::subject::subject;
use crate::mail::{digest, groups, lead, notice};
use crate::model::alert::{AlertKind, Letter};

/// Largest HTML part in bytes; mail programs cut longer ones.
pub const HTML_LIMIT: usize = 100_000;

/// Cases that a digest tries to list before its size is even looked at.
const CASES_LIMIT: usize = 200;

/// What a letter says, ready to be put into a message.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Subject on one line, with personal names masked.
    pub subject: String,
    /// Plain text; marked passages stand in 〔〕.
    pub text: String,
    /// HTML of at most [`HTML_LIMIT`] bytes with inline styles and nothing remote.
    pub html: String,
}

/// A rendered letter is full of personal data: its debug form shows sizes only.
impl std::fmt::Debug for Rendered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { subject, text, html } = self;
        write!(f, "Rendered({} + {} + {} bytes)", subject.len(), text.len(), html.len())
    }
}

/// Renders a letter for its reader, with times on the wall clock of `zone`. A digest that would grow too large
/// lists as many cases as fit and counts the others. A letter about one case uses the first of its cases.
pub fn render(letter: &Letter, settings: &Settings, zone: Tz) -> Rendered {
    let voice = Voice::new(&letter.language, zone, letter.at);
    let subject = subject(letter, &voice);
    let page = match (letter.kind, letter.cases.first()) {
        (AlertKind::Immediate, Some(case)) => lead::page(letter, case, subject.clone(), settings, &voice),
        (AlertKind::Groups, _) => groups::page(letter, subject.clone(), &voice),
        (AlertKind::Notice, _) => notice::page(letter, subject.clone(), &voice),
        _ => return fitting_digest(letter, subject, settings, &voice),
    };
    finished(&page, page.to_html(), subject)
}

fn fitting_digest(letter: &Letter, subject: String, settings: &Settings, voice: &Voice) -> Rendered {
    let mut shown = (letter.cases.len() + letter.pending.len()).min(CASES_LIMIT);
    loop {
        let page = digest::page(letter, subject.clone(), settings, voice, shown);
        let html = page.to_html();
        if html.len() <= HTML_LIMIT || shown == 0 {
            return finished(&page, html, subject);
        }
        shown = (shown * HTML_LIMIT / html.len()).min(shown - 1);
    }
}

fn finished(page: &Page, html: String, subject: String) -> Rendered {
    Rendered { subject, text: page.to_text(), html }
}
