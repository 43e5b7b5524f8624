//! Where a database is: a file of this machine, or a server.

use std::fmt;
use std::path::{Path, PathBuf};

use sqlx::postgres::PgConnectOptions;

/// Where a database is. Shown without its password.
#[derive(Clone)]
pub enum Address {
    /// An SQLite file.
    File(PathBuf),
    /// A PostgreSQL server, 14 or newer.
    Server(Box<PgConnectOptions>),
}

/// An address that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Neither of the two forms.
    #[error("write `postgres://user@host/database`, or `sqlite:` and the path of a file")]
    Form,
    /// The part behind `postgres://` cannot be read. What was written is not repeated, since it may hold a password.
    #[error("the address of the PostgreSQL server cannot be read: {0}")]
    Server(String),
}

impl Address {
    /// Reads an address: `postgres://user@host:port/database?sslmode=verify-full&sslrootcert=ca.pem`, or the path of a
    /// file, counted from `folder`, with or without `sqlite:` in front.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, AddressError> {
        let text = text.trim();
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            let path = text.strip_prefix("sqlite://").or(text.strip_prefix("sqlite:")).unwrap_or(text);
            let is_path = !path.is_empty() && !path.contains("://");
            return if is_path { Ok(Self::File(folder.join(path))) } else { Err(AddressError::Form) };
        }
        let url = url::Url::parse(text).map_err(|error| AddressError::Server(error.to_string()))?;
        let options = text.parse::<PgConnectOptions>();
        let options = options.map_err(|_| AddressError::Server("look at host, port and what follows the ?".to_owned()));
        if url.path().trim_matches('/').is_empty() {
            return Err(AddressError::Server("it names no database".to_owned()));
        }
        options.map(|options| Self::Server(Box::new(options)))
    }

    /// The same address with the password of a server.
    #[must_use]
    pub fn with_password(self, password: &str) -> Self {
        match self {
            Self::Server(options) => Self::Server(Box::new(options.password(password))),
            file @ Self::File(_) => file,
        }
    }

    /// The file, where it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Server(_) => None,
        }
    }
}

impl From<&Path> for Address {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Server(options) => {
                let database = options.get_database().unwrap_or_default();
                let (user, host, port) = (options.get_username(), options.get_host(), options.get_port());
                write!(f, "postgres://{user}@{host}:{port}/{database}")
            }
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Address, AddressError};

    fn parse(text: &str) -> Result<Address, AddressError> {
        Address::parse(text, Path::new("/srv"))
    }

    #[test]
    fn a_file_counts_from_the_folder() {
        assert_eq!(parse("sqlite:store/wanglou.db").unwrap().file(), Some(Path::new("/srv/store/wanglou.db")));
        assert_eq!(parse("wanglou.db").unwrap().file(), Some(Path::new("/srv/wanglou.db")));
        assert_eq!(parse("sqlite:///var/a.db").unwrap().file(), Some(Path::new("/var/a.db")));
    }

    #[test]
    fn a_password_is_shown_nowhere() {
        let address = parse("postgres://wl:geheim@db.example:6432/wanglou?sslmode=require").unwrap();
        let address = address.with_password("anderes");
        assert_eq!(address.to_string(), "postgres://wl@db.example:6432/wanglou");
        assert_eq!(format!("{address:?}"), "Address(postgres://wl@db.example:6432/wanglou)");
        let error = parse("postgres://wl:geheim@db.example:x/wanglou").unwrap_err();
        assert!(!error.to_string().contains("geheim"), "{error}");
    }

    #[test]
    fn what_is_no_address_is_said_with_the_forms() {
        for text in ["", "sqlite:", "mysql://a/b"] {
            assert_eq!(parse(text).unwrap_err(), AddressError::Form, "{text}");
        }
        assert!(matches!(parse("postgres://db.example"), Err(AddressError::Server(_))));
    }
}
