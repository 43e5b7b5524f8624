//! Passwords: Argon2id with the parameters that OWASP recommends (19 MiB, 2 passes, 1 lane), a few at a time.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::seal::{random_bytes, random_token};

/// Fewest characters of a password (NIST SP 800-63B asks for 15 where it is the only factor, 8 beside another).
pub(super) const LENGTH_MIN: usize = 12;
/// Most bytes; more would only cost time.
const LENGTH_MAX: usize = 256;
/// Hashes that are computed at a time: each takes 19 MiB and a core. And how many requests wait for one.
const AT_ONCE: usize = 2;
const WAITING_MAX: usize = 16;

/// Why a password cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weakness {
    /// Fewer characters than [`LENGTH_MIN`], or far too many.
    Length,
    /// The login, or a single character again and again.
    Guessable,
}

/// What is wrong with a password, if anything is.
pub(super) fn weakness(password: &str, login: &str) -> Option<Weakness> {
    let folded = password.to_lowercase();
    let first = folded.chars().next();
    if password.chars().count() < LENGTH_MIN || password.len() > LENGTH_MAX {
        Some(Weakness::Length)
    } else if folded.contains(login) || folded.chars().all(|c| Some(c) == first) {
        Some(Weakness::Guessable)
    } else {
        None
    }
}

/// Computes and compares hashes, off the threads that answer.
#[derive(Debug)]
pub(super) struct Passwords {
    room: Arc<Semaphore>,
    /// Who waits for room; more are turned away.
    queue: Arc<Semaphore>,
    /// A hash that no password has: it is compared where there is no user, so that the answer takes as long.
    nobody: String,
}

impl Passwords {
    pub(super) fn new() -> Self {
        let (room, queue) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(Semaphore::new(WAITING_MAX)));
        Self { room, queue, nobody: hash(&random_token()).unwrap_or_default() }
    }

    /// The hash to be stored, a PHC string with a salt of its own; none when it could not be computed.
    pub(super) async fn hash(&self, password: &str) -> Option<String> {
        let password = password.to_owned();
        self.in_turn(move || hash(&password)).await.flatten()
    }

    /// Whether a password is that of a hash.
    pub(super) async fn is_right(&self, password: &str, stored: Option<&str>) -> bool {
        let (password, hash) = (password.to_owned(), stored.unwrap_or(&self.nobody).to_owned());
        let is_right = self.in_turn(move || is_right(&password, &hash)).await.unwrap_or(false);
        is_right && stored.is_some()
    }

    /// Runs something when there is room; none when too many wait. Room is held until it is done, though nobody wait for
    /// the answer any more.
    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let _place = Arc::clone(&self.queue).try_acquire_owned().ok()?;
        let room = Arc::clone(&self.room).acquire_owned().await.ok()?;
        let done = spawn_blocking(move || {
            let _room = room;
            work()
        });
        done.await.ok()
    }
}

fn hash(password: &str) -> Option<String> {
    let hash: PasswordHash =
        Argon2::default().hash_password_with_salt(password.as_bytes(), &random_bytes::<16>()).ok()?;
    Some(hash.to_string())
}

fn is_right(password: &str, hash: &str) -> bool {
    password.len() <= LENGTH_MAX
        && PasswordHash::new(hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::{Passwords, Weakness, weakness};

    #[tokio::test]
    async fn only_the_password_itself_is_right_and_nobody_s_never_is() {
        let passwords = Passwords::new();
        let hash = passwords.hash("星河-长夜-望楼-灯火-一二三").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.is_right("星河-长夜-望楼-灯火-一二三", Some(&hash)).await);
        assert!(!passwords.is_right("星河-长夜-望楼-灯火-一二四", Some(&hash)).await);
        assert!(!passwords.is_right("anything", None).await);
        assert!(!passwords.is_right("anything", Some("no hash")).await);
    }

    #[test]
    fn short_and_guessable_passwords_are_refused() {
        assert_eq!(weakness("elf characte", "lin"), None);
        assert_eq!(weakness("elf charact", "lin"), Some(Weakness::Length));
        assert_eq!(weakness("lin-2026-lin-2026", "lin"), Some(Weakness::Guessable));
        assert_eq!(weakness("aaaaaaaaaaaaaa", "lin"), Some(Weakness::Guessable));
        assert_eq!(weakness(&"ab".repeat(200), "lin"), Some(Weakness::Length));
    }
}
