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
mod mailbox;
mod mailbox_settings;
mod marked;
mod notice;
mod page;
mod pop3;
mod render;
mod returned;
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
pub use mailbox::{Entry, Fetched, Mailbox, MailboxError, MailboxSession};
pub use mailbox_settings::{MailboxKind, MailboxSettings};
pub use marked::mask_name;
pub use render::{HTML_LIMIT, Rendered, render};
pub use returned::{Action, Notification, Read, read as read_returned};
pub use settings::{Security, Settings, SettingsError, TransportKind};
pub use transport::{OpenError, SendError, Transport};
pub use trial::test_letter;
