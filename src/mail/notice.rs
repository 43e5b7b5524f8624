//! The letter about one matter of the house: what it is, and what to do.

use crate::casework::voice::Voice;
use crate::mail::groups::{footer, sections};
use crate::mail::lead::greeting;
use crate::mail::page::Page;
use crate::model::alert::Letter;

/// The letter of all its parts.
pub(crate) fn page(letter: &Letter, title: String, voice: &Voice) -> Page {
    Page {
        language: voice.code(),
        title,
        headline: None,
        greeting: greeting(letter, voice),
        opening: vec![voice.say("请您看一看下面这件事。", "Please look at the matter below.").to_owned()],
        severity: None,
        sections: sections(letter, voice),
        closing: vec![voice.say("请勿转发本邮件。", "Do not forward this mail.").to_owned()],
        footer: footer(letter, voice),
    }
}
