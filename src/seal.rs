//! Encryption at rest: XChaCha20-Poly1305 under one 32-byte key from a file or the environment. Whoever holds the disk
//! without the key reads nothing; whoever changes a byte is noticed.

use std::io::Write;
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::rand_core::RngCore;
use chacha20poly1305::aead::{Aead, KeyInit, OsRng, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};

/// Environment variable that holds the key, in hexadecimal or Base64.
pub const KEY_VARIABLE: &str = "WANGLOU_KEY";

const MAGIC: &[u8; 8] = b"WLSEAL1\n";
const NONCE_BYTES: usize = 24;
const KEY_FILE_BYTES_MAX: u64 = 4_096;
/// Longest file of any other secret, bytes: some services give long tokens.
const SECRET_BYTES_MAX: u64 = 16 << 10;

/// The installation's key. It never appears in `Debug` output or errors, and is wiped from memory when dropped.
#[derive(Clone)]
pub struct Key {
    cipher: XChaCha20Poly1305,
    fingerprint: [u8; 4],
    sketch_key: [u8; 16],
}

/// Why there is no usable key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The text is no key.
    #[error("the key in {0} is not 32 bytes in hexadecimal or Base64; restore it from your backup")]
    Malformed(String),
    /// Others on this machine could read it.
    #[error("key file {0} can be read by other users; run: chmod 600 {0}")]
    TooOpen(PathBuf),
    /// A key file is never overwritten: what it sealed would be lost.
    #[error("key file {0} exists already; keep it, or move it away first")]
    Exists(PathBuf),
    /// The file cannot be read or written.
    #[error("key file {path} cannot be used: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Why sealed bytes do not open.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Not written by [`Key::seal`].
    #[error("the bytes are not sealed by wanglou")]
    NotSealed,
    /// Another key sealed them.
    #[error("it was sealed with another key ({sealed_with}, not {this_key}); set the right key file or WANGLOU_KEY")]
    OtherKey {
        /// Fingerprint of the key that sealed.
        sealed_with: String,
        /// Fingerprint of this key.
        this_key: String,
    },
    /// The bytes were changed, cut, or sealed for another purpose.
    #[error("the sealed bytes were changed or belong elsewhere; restore them from your backup")]
    Damaged,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.fingerprint())
    }
}

impl Key {
    /// A new random key, and its text in hexadecimal for safe keeping.
    pub fn generate() -> (Self, String) {
        let bytes: [u8; 32] = random_bytes();
        (Self::from_bytes(&bytes), hex(&bytes))
    }

    /// The key of 32 bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        let digest = Sha256::new().chain_update(b"wanglou key fingerprint").chain_update(bytes).finalize();
        let fingerprint = [digest[0], digest[1], digest[2], digest[3]];
        let digest = Sha256::new().chain_update(b"wanglou sketches of texts").chain_update(bytes).finalize();
        let mut sketch_key = [0; 16];
        sketch_key.copy_from_slice(&digest[..16]);
        Self { cipher: XChaCha20Poly1305::new(bytes.into()), fingerprint, sketch_key }
    }

    /// The key under which texts are hashed by which they are known again; nothing of the key itself follows from it.
    pub const fn sketch_key(&self) -> [u8; 16] {
        self.sketch_key
    }

    /// Reads a key written as 64 hexadecimal digits or as Base64 of 32 bytes. `origin` names its place in the error.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] for any other text.
    pub fn from_text(text: &str, origin: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let bytes = if text.len() == 64 { from_hex(text) } else { from_base64(text) };
        let bytes: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(|bytes| Self::from_bytes(&bytes)).ok_or_else(|| KeyError::Malformed(origin.to_owned()))
    }

    /// The key of the environment, else of the file; none when neither is there.
    ///
    /// # Errors
    /// A key that is there but unusable is an error, never passed over.
    pub fn from_env_or_file(path: Option<&Path>) -> Result<Option<Self>, KeyError> {
        match std::env::var(KEY_VARIABLE) {
            Ok(text) if !text.trim().is_empty() => Self::from_text(&text, KEY_VARIABLE).map(Some),
            _ => path.map_or(Ok(None), Self::from_file),
        }
    }

    /// The key of a file that only its owner may read; none when there is no such file.
    ///
    /// # Errors
    /// When the file is readable by others, unreadable, or holds no key.
    pub fn from_file(path: &Path) -> Result<Option<Self>, KeyError> {
        let fault = |source| KeyError::File { path: path.to_owned(), source };
        let metadata = match std::fs::metadata(path) {
            Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(fault)?,
        };
        if is_too_open(path, &metadata) {
            return Err(KeyError::TooOpen(path.to_owned()));
        }
        if metadata.len() > KEY_FILE_BYTES_MAX {
            return Err(KeyError::Malformed(path.display().to_string()));
        }
        let text = std::fs::read_to_string(path).map_err(fault)?;
        Self::from_text(&text, &path.display().to_string()).map(Some)
    }

    /// Writes a new random key to a new file that only its owner may read.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn create_file(path: &Path) -> Result<Self, KeyError> {
        let fault = |source| KeyError::File { path: path.to_owned(), source };
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = match options.open(path) {
            Err(exists) if exists.kind() == std::io::ErrorKind::AlreadyExists => {
                return Err(KeyError::Exists(path.to_owned()));
            }
            other => other.map_err(fault)?,
        };
        let (key, text) = Self::generate();
        writeln!(file, "{text}").and_then(|()| file.sync_all()).map_err(fault)?;
        Ok(key)
    }

    /// Eight hexadecimal digits that tell keys apart and say nothing about them.
    pub fn fingerprint(&self) -> String {
        hex(&self.fingerprint)
    }

    /// Seals bytes. `context` says what they are; only the same context opens them.
    pub fn seal(&self, plain: &[u8], context: &str) -> Vec<u8> {
        let nonce: [u8; NONCE_BYTES] = random_bytes();
        let header = [MAGIC.as_slice(), &self.fingerprint].concat();
        let aad = [&header, context.as_bytes()].concat();
        let payload = Payload { msg: plain, aad: &aad };
        let sealed = self.cipher.encrypt(XNonce::from_slice(&nonce), payload).expect("memory holds less than 256 GB");
        [header.as_slice(), &nonce, &sealed].concat()
    }

    /// Opens what [`Key::seal`] wrote under the same context.
    ///
    /// # Errors
    /// When the bytes are not sealed, sealed with another key, changed, or of another context.
    pub fn open(&self, sealed: &[u8], context: &str) -> Result<Vec<u8>, OpenError> {
        let header_bytes = MAGIC.len() + self.fingerprint.len();
        if !is_sealed(sealed) || sealed.len() < header_bytes + NONCE_BYTES {
            return Err(OpenError::NotSealed);
        }
        let (header, rest) = sealed.split_at(header_bytes);
        if header[MAGIC.len()..] != self.fingerprint {
            return Err(OpenError::OtherKey { sealed_with: hex(&header[MAGIC.len()..]), this_key: self.fingerprint() });
        }
        let (nonce, body) = rest.split_at(NONCE_BYTES);
        let aad = [header, context.as_bytes()].concat();
        let payload = Payload { msg: body, aad: &aad };
        self.cipher.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| OpenError::Damaged)
    }
}

/// A token that nobody guesses: 256 random bits as 64 lower-case hexadecimal digits.
pub fn random_token() -> String {
    random_bytes::<32>().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Random bytes from the system.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsRng.fill_bytes(&mut bytes);
    bytes
}

/// Whether bytes begin as sealed ones do.
pub fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// A file of a secret that cannot be used. Messages never hold the secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("{} cannot be read", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Others may read the file.
    #[error("{0} can be read by other users; run: chmod 600 {0}")]
    TooOpen(PathBuf),
    /// The file holds nothing that fits.
    #[error("{} holds no line of text", .0.display())]
    Empty(PathBuf),
}

/// The one line of a file that only its owner may read.
///
/// # Errors
/// When the file cannot be read, others may read it, or it holds no such line.
pub(crate) fn read_secret(path: &Path) -> Result<String, SecretError> {
    let unreadable = |source| SecretError::Unreadable { path: path.to_owned(), source };
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if is_too_open(path, &metadata) {
        return Err(SecretError::TooOpen(path.to_owned()));
    }
    if metadata.len() > SECRET_BYTES_MAX {
        return Err(SecretError::Empty(path.to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let line = text.trim();
    if line.is_empty() || line.contains(char::is_control) {
        return Err(SecretError::Empty(path.to_owned()));
    }
    Ok(line.to_owned())
}

/// Whether nobody listens on the way to an address: https, or this machine itself.
pub(crate) fn keeps_secrets(url: &url::Url) -> bool {
    let is_here = match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        _ => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_here)
}

/// Whether others than the owner of a secret's file may read it.
#[cfg(unix)]
pub(crate) fn is_too_open(path: &Path, metadata: &std::fs::Metadata) -> bool {
    // What systemd hands over belongs to root; this user reads it by an access list, which shows as rights of the group.
    let handed_over = std::env::var_os("CREDENTIALS_DIRECTORY").is_some_and(|folder| path.starts_with(folder));
    let others = if handed_over { 0o007 } else { 0o077 };
    std::os::unix::fs::MetadataExt::mode(metadata) & others != 0
}

#[cfg(not(unix))]
pub(crate) fn is_too_open(_: &Path, _: &std::fs::Metadata) -> bool {
    false
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.is_ascii().then(|| text.as_bytes().chunks(2))?;
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// Base64 in either alphabet, with or without padding. Ours is the only use, so no crate for it.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes() {
        bits = (bits << 6 | sextet(byte)?) & 0x00ff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Some(bytes)
}

fn sextet(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use super::{Key, KeyError, OpenError};

    #[test]
    fn what_was_sealed_opens_again() {
        let (key, _) = Key::generate();
        let sealed = key.seal("云舟计划".as_bytes(), "confidential_terms");
        assert_eq!(key.open(&sealed, "confidential_terms").unwrap(), "云舟计划".as_bytes());
        assert!(!sealed.windows(6).any(|window| window == "云舟".as_bytes()));
    }

    #[test]
    fn sealing_twice_gives_different_bytes() {
        let (key, _) = Key::generate();
        assert_ne!(key.seal(b"x", "a"), key.seal(b"x", "a"));
    }

    #[test]
    fn another_key_is_named_instead_of_opening() {
        let ((ours, _), (theirs, _)) = (Key::generate(), Key::generate());
        let error = ours.open(&theirs.seal(b"x", "a"), "a").unwrap_err();
        assert_eq!(error, OpenError::OtherKey { sealed_with: theirs.fingerprint(), this_key: ours.fingerprint() });
    }

    #[test]
    fn a_changed_byte_or_another_context_is_noticed() {
        let (key, _) = Key::generate();
        let mut sealed = key.seal(b"secret", "a");
        assert_eq!(key.open(&sealed, "b"), Err(OpenError::Damaged));
        *sealed.last_mut().unwrap() ^= 1;
        assert_eq!(key.open(&sealed, "a"), Err(OpenError::Damaged));
        assert_eq!(key.open(b"plain text", "a"), Err(OpenError::NotSealed));
        assert_eq!(key.open(b"WLSEAL1\n", "a"), Err(OpenError::NotSealed));
    }

    #[test]
    fn hexadecimal_and_base64_give_the_same_key() {
        let hex = Key::from_text(&"00".repeat(31).chars().chain("ff".chars()).collect::<String>(), "test").unwrap();
        let base64 = Key::from_text("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP8=\n", "test").unwrap();
        assert_eq!(hex.fingerprint(), base64.fingerprint());
    }

    #[test]
    fn a_malformed_key_is_an_error_that_does_not_quote_it() {
        for text in ["hunter2", "", "zz", &"é".repeat(32)] {
            let error = Key::from_text(text, "WANGLOU_KEY").unwrap_err().to_string();
            assert!(error.contains("WANGLOU_KEY") && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn debug_output_does_not_show_the_key() {
        let (key, text) = Key::generate();
        assert!(!format!("{key:?}").contains(&text[..16]));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_is_created_once_and_must_be_private() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        assert!(Key::from_file(&path).unwrap().is_none());
        let key = Key::create_file(&path).unwrap();
        assert_eq!(Key::from_file(&path).unwrap().unwrap().fingerprint(), key.fingerprint());
        assert!(matches!(Key::create_file(&path), Err(KeyError::Exists(_))));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(Key::from_file(&path), Err(KeyError::TooOpen(_))));
    }
}
