//! Channels beside mail: robots of chat groups, who hear that there is something to look at and where, and webhooks, by which
//! programs hear what happens to cases. Neither names a person, an account or a text. What is sent is a pure function of a
//! [`Note`]; a [`Channel`] holds address and secret.

mod call;
mod settings;

pub use call::{Happened, Note};
pub use settings::{Channel, ChannelError, ChannelKind, Settings};
