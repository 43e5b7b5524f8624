//! A letter to whoever asks for it, by the way that alerts go: the same sender, server and protection. Nothing of it is kept.

use std::convert::Infallible;

use crate::mail::{ComposeError, Recipient, SendError, compose, test_letter};
use crate::model::ids::AlertId;
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
    let now = shell.clock.now();
    let (letter, rendered) = test_letter(AlertId::new(new_id(now)), to.name, language, now, shell.zone());
    let message = compose(&letter, &rendered, to, &shell.config.mail)?;
    let hand_over = std::future::ready(Ok::<(), Infallible>(()));
    let Ok(sent) = shell.transport.send(&message, hand_over).await;
    Ok(sent?)
}
