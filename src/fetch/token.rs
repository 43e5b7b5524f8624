//! The operator's own token for an official interface. It goes with requests to one origin and nowhere else, and is
//! never shown.

use std::fmt;
use std::path::{Path, PathBuf};

use reqwest::header::{HeaderName, HeaderValue};
use url::{Origin, Url};

use crate::seal::{SecretError, keeps_secrets, read_secret};

/// Stands for the token in what is sent.
const PLACE: &str = "{token}";

/// A header with a secret, and the origin that may see it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    origin: Origin,
    name: HeaderName,
    value: HeaderValue,
}

/// A token that cannot be used. Messages never hold the token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The file cannot be used.
    #[error("the token file: {0}")]
    File(#[from] SecretError),
    /// The file holds no token.
    #[error("the token file {} holds no token: one line of visible ASCII characters", .file.display())]
    NoToken {
        /// The file.
        file: PathBuf,
    },
    /// The header is none, or has no place for the token.
    #[error("`token_header` is no header with a place for the token, such as `Authorization: Bearer {PLACE}`")]
    Header,
    /// The way to the origin is open to everybody's eyes.
    #[error("a token goes over https only, so `base` must begin with https://")]
    OpenWay,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token for {}", self.origin.ascii_serialization())
    }
}

impl Token {
    /// Reads the token that `file` holds, for the origin of `base`, to be sent as `header`, such as
    /// `Authorization: Bearer {token}`.
    pub fn read(file: &Path, header: &str, base: &str) -> Result<Self, TokenError> {
        let base = Url::parse(base).ok().filter(keeps_secrets).ok_or(TokenError::OpenWay)?;
        let secret = read_secret(file)?;
        if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::NoToken { file: file.to_owned() });
        }
        let (name, template) = header.split_once(':').ok_or(TokenError::Header)?;
        let name = HeaderName::try_from(name.trim()).map_err(|_| TokenError::Header)?;
        let sent = Some(template.trim()).filter(|template| template.contains(PLACE)).ok_or(TokenError::Header)?;
        let mut value = HeaderValue::try_from(sent.replace(PLACE, &secret)).map_err(|_| TokenError::Header)?;
        value.set_sensitive(true);
        Ok(Self { origin: base.origin(), name, value })
    }

    /// The header, for a page of the token's own origin.
    pub(crate) fn header_for(&self, url: &Url) -> Option<(HeaderName, HeaderValue)> {
        (url.origin() == self.origin).then(|| (self.name.clone(), self.value.clone()))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use url::Url;

    use super::Token;

    const BEARER: &str = "Authorization: Bearer {token}";
    const BASE: &str = "https://api.site.example/v2";

    fn read(secret: &str, header: &str, base: &str) -> Result<Token, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("site");
        fs::write(&file, secret).unwrap();
        make_private(&file, 0o600);
        Token::read(&file, header, base).map_err(|error| error.to_string())
    }

    fn make_private(file: &std::path::Path, mode: u32) {
        #[cfg(unix)]
        fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_token_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("site");
        fs::write(&file, "s3cret").unwrap();
        make_private(&file, 0o640);
        let refused = Token::read(&file, BEARER, BASE).unwrap_err();
        assert!(refused.to_string().contains("chmod 600"), "{refused}");
    }

    #[test]
    fn a_token_goes_to_its_own_origin_only() {
        let token = read("s3cret\n", BEARER, BASE).unwrap();
        let sent = |url: &str| token.header_for(&Url::parse(url).unwrap()).map(|(_, value)| value);
        assert_eq!(sent("https://api.site.example/v2/users").unwrap(), "Bearer s3cret");
        for elsewhere in ["https://site.example/", "http://api.site.example/", "https://api.site.example:8443/"] {
            assert!(sent(elsewhere).is_none(), "{elsewhere}");
        }
    }

    #[test]
    fn a_token_is_never_shown() {
        let token = read("s3cret", BEARER, BASE).unwrap();
        let (_, value) = token.header_for(&Url::parse(BASE).unwrap()).unwrap();
        assert!(!format!("{token:?} {value:?}").contains("s3cret"));
    }

    #[test]
    fn what_cannot_be_used_is_named_without_the_token() {
        for (secret, header, base, said) in [
            ("", BEARER, BASE, "holds no line of text"),
            ("s3cret two", BEARER, BASE, "holds no token"),
            ("密s3cret", BEARER, BASE, "holds no token"),
            ("s3cret", "Authorization", BASE, "`token_header`"),
            ("s3cret", "X Y: {token}", BASE, "`token_header`"),
            ("s3cret", "X-Key: fixed", BASE, "`token_header`"),
            ("s3cret", BEARER, "http://api.site.example", "https only"),
        ] {
            let error = read(secret, header, base).unwrap_err();
            assert!(error.contains(said) && !error.contains("s3cret"), "{error}");
        }
        let missing = Token::read(std::path::Path::new("/nowhere/site"), BEARER, BASE).unwrap_err();
        assert!(missing.to_string().contains("/nowhere/site cannot be read"), "{missing}");
    }
}
