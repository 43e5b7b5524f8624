//! A letter to whoever asks for it, by the way that alerts go: the same sender, server and protection. Nothing of it is kept.

use std::convert::Infallible;

use crate::config::Config;
use crate::mail::{ComposeError, Message, Recipient, SendError, Transport, compose, test_letter};
use crate::model::ids::AlertId;
use crate::model::time::Timestamp;
use crate::pipeline::shell::Shell;
use crate::store::new_id;

/// Why a test letter did not go out. Names no address.
#[derive(Debug, thiserror::Error)]
pub enum TestLetterError {
    /// It cannot be written to that address, or by that sender.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// It was not accepted.
    #[error(transparent)]
    Send(#[from] SendError),
}

/// Sends a test letter and waits for what becomes of it, as long as the settings of mail allow.
///
/// # Errors
/// When it cannot be written or was not accepted.
pub async fn send_test_letter(shell: &Shell, to: Recipient<'_>, language: &str) -> Result<(), TestLetterError> {
    let message = written(&shell.config, to, language, shell.clock.now())?;
    Ok(hand_over(&shell.transport, &message).await?)
}

/// The letter by settings that are perhaps not in force.
///
/// # Errors
/// When it cannot be written to that address, or by that sender.
pub fn written(config: &Config, to: Recipient<'_>, language: &str, at: Timestamp) -> Result<Message, ComposeError> {
    let alert = AlertId::new(new_id(at));
    let (letter, rendered) = test_letter(alert, to.name, language, at, config.group.time_zone);
    compose(&letter, &rendered, to, &config.mail)
}

/// Hands a test letter over. Nothing of it is kept.
///
/// # Errors
/// When it was not accepted.
pub async fn hand_over(transport: &Transport, message: &Message) -> Result<(), SendError> {
    let nothing_kept = std::future::ready(Ok::<(), Infallible>(()));
    let Ok(sent) = transport.send(message, nothing_kept).await;
    sent
}
