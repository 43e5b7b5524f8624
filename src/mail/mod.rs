//! Letters: what they say, how they look, and how they leave the house.
//!
//! A letter is rendered as a pure function of a [`crate::model::alert::Letter`]; [`compose`] puts the headers on;
//! a [`Transport`] hands it over and says what became of it. Which letters are due, and what to do about a failed
//! one, is not decided here.

mod choices;
mod compose;
mod digest;
mod file;
mod groups;
mod lead;
mod marked;
mod page;
mod render;
#[cfg(test)]
mod samples;
mod settings;
mod smtp;
mod subject;
#[cfg(test)]
mod tests;
mod transport;
mod trial;
mod wording;

pub use compose::{ComposeError, Message, Recipient, compose};
pub use marked::mask_name;
pub use render::{HTML_LIMIT, Rendered, render};
pub use settings::{Security, Settings, SettingsError, TransportKind};
pub use transport::{OpenError, SendError, Transport};
pub use trial::test_letter;
