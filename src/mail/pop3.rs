//! As much POP3 (RFC 1939) as reading a mailbox takes: list, fetch, delete. One connection a visit; nothing is sent before the
//! connection is protected, unless the server is this machine itself.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls_platform_verifier::Verifier;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::mail::mailbox::{Entry, LISTED_MAX, MailboxError};
use crate::mail::returned::BYTES_MAX;
use crate::mail::settings::{Security, Settings};
use crate::mail::transport::OpenError;

/// Longest line that is read, bytes, and lines of a list at most: more is no mailbox of ours.
const LINE_MAX: u64 = 65_536;
const LINES_MAX: usize = 10 * LISTED_MAX;

/// A server, and how to get in.
pub struct Pop3 {
    host: String,
    port: u16,
    tls: Option<Arc<ClientConfig>>,
    username: String,
    password: String,
    timeout: Duration,
}

/// Shows neither login name nor password.
impl fmt::Debug for Pop3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pop3({}:{})", self.host, self.port)
    }
}

/// What a connection is read from and written to.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// A connection that is logged in.
pub struct Pop3Session {
    stream: BufReader<Box<dyn Stream>>,
    timeout: Duration,
}

impl fmt::Debug for Pop3Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pop3Session")
    }
}

impl Pop3 {
    pub(crate) fn open(settings: &Settings) -> Result<Self, OpenError> {
        let returned = &settings.returned;
        let protects = returned.security == Security::Tls;
        Ok(Self {
            host: returned.host.trim().to_owned(),
            port: returned.port(),
            tls: protects.then(|| protection(settings)).transpose()?.map(Arc::new),
            username: returned.username.clone(),
            password: password(settings)?,
            timeout: settings.timeout(),
        })
    }

    pub(crate) async fn visit(&self) -> Result<Pop3Session, MailboxError> {
        let connected = tokio::time::timeout(self.timeout, self.connect()).await;
        let stream = connected.map_err(|_| MailboxError::Slow)?.map_err(MailboxError::Away)?;
        let mut session = Pop3Session { stream: BufReader::new(stream), timeout: self.timeout };
        session.answer("the connection").await?;
        session.ask(&format!("USER {}", self.username), "the login").await?;
        session.ask(&format!("PASS {}", self.password), "the login").await?;
        Ok(session)
    }

    async fn connect(&self) -> std::io::Result<Box<dyn Stream>> {
        let plain = TcpStream::connect((self.host.as_str(), self.port)).await?;
        let Some(tls) = &self.tls else { return Ok(Box::new(plain)) };
        let name = ServerName::try_from(self.host.clone()).map_err(std::io::Error::other)?;
        Ok(Box::new(TlsConnector::from(Arc::clone(tls)).connect(name, plain).await?))
    }
}

impl Pop3Session {
    /// Numbers, lasting names and sizes, in the server's order: oldest first.
    pub(crate) async fn list(&mut self) -> Result<Vec<Entry>, MailboxError> {
        let names = self.pairs("UIDL").await?;
        let sizes = self.pairs("LIST").await?;
        let entry = |((place, name), (of, size)): ((String, String), (String, String))| {
            (place == of).then(|| Entry { name, place, size: size.parse().unwrap_or(usize::MAX) })
        };
        Ok(names.into_iter().zip(sizes).filter_map(entry).collect())
    }

    /// The mail's bytes; none when the server does not give it, or it is larger than was said.
    pub(crate) async fn read(&mut self, entry: &Entry) -> Result<Option<Vec<u8>>, MailboxError> {
        match self.ask(&format!("RETR {}", entry.place), "a mail").await {
            Ok(()) => {}
            Err(MailboxError::Refused(_)) => return Ok(None),
            Err(error) => return Err(error),
        }
        let mut bytes = Vec::new();
        while let Some(line) = self.text_line().await? {
            if bytes.len() + line.len() > BYTES_MAX {
                return Err(MailboxError::Refused("to keep to the size that it told"));
            }
            bytes.extend(line);
        }
        Ok(Some(bytes))
    }

    pub(crate) async fn remove(&mut self, entry: &Entry) -> Result<(), MailboxError> {
        self.ask(&format!("DELE {}", entry.place), "to delete a mail").await
    }

    pub(crate) async fn close(mut self) -> Result<(), MailboxError> {
        self.ask("QUIT", "the farewell").await
    }

    /// The lines of a list as number and value.
    async fn pairs(&mut self, command: &str) -> Result<Vec<(String, String)>, MailboxError> {
        self.ask(command, "a list").await?;
        let mut pairs = Vec::new();
        while let Some(line) = self.text_line().await? {
            let line = String::from_utf8_lossy(&line);
            let pair = line.trim().split_once(' ').filter(|(number, _)| number.parse::<u32>().is_ok());
            pairs.extend(pair.map(|(number, value)| (number.to_owned(), value.trim().to_owned())));
            if pairs.len() > LINES_MAX {
                return Err(MailboxError::Refused("a list of a sensible length"));
            }
        }
        Ok(pairs)
    }

    async fn ask(&mut self, command: &str, what: &'static str) -> Result<(), MailboxError> {
        let line = format!("{command}\r\n");
        let say = async {
            self.stream.get_mut().write_all(line.as_bytes()).await?;
            self.stream.get_mut().flush().await
        };
        let said = tokio::time::timeout(self.timeout, say).await.map_err(|_| MailboxError::Slow)?;
        said.map_err(MailboxError::Away)?;
        self.answer(what).await
    }

    async fn answer(&mut self, what: &'static str) -> Result<(), MailboxError> {
        let line = self.line().await?;
        if line.starts_with(b"+OK") { Ok(()) } else { Err(MailboxError::Refused(what)) }
    }

    /// A line of an answer of several, without the dot that was put before another one; none at its end.
    async fn text_line(&mut self) -> Result<Option<Vec<u8>>, MailboxError> {
        let mut line = self.line().await?;
        if line.trim_ascii_end() == b"." {
            return Ok(None);
        }
        if line.starts_with(b".") {
            line.remove(0);
        }
        Ok(Some(line))
    }

    async fn line(&mut self) -> Result<Vec<u8>, MailboxError> {
        let mut line = Vec::new();
        let mut limited = (&mut self.stream).take(LINE_MAX);
        let read = tokio::time::timeout(self.timeout, limited.read_until(b'\n', &mut line))
            .await
            .map_err(|_| MailboxError::Slow)?;
        read.map_err(MailboxError::Away)?;
        if line.ends_with(b"\n") { Ok(line) } else { Err(MailboxError::Away(std::io::ErrorKind::UnexpectedEof.into())) }
    }
}

/// TLS that trusts the system's authorities and those of `mail.ca_file`.
fn protection(settings: &Settings) -> Result<ClientConfig, OpenError> {
    let fault = |error: rustls::Error| OpenError::Tls(error.to_string());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier::new_with_extra_roots(own_authorities(settings)?, Arc::clone(&provider)).map_err(fault)?;
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(fault)?;
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}

fn own_authorities(settings: &Settings) -> Result<Vec<CertificateDer<'static>>, OpenError> {
    let Some(path) = &settings.ca_file else { return Ok(Vec::new()) };
    let shown = path.display().to_string();
    let pem = std::fs::read(path).map_err(|source| OpenError::unreadable("mail.ca_file", path, source))?;
    let certificates = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
    certificates.ok().filter(|found| !found.is_empty()).ok_or(OpenError::NoCertificate(shown))
}

fn password(settings: &Settings) -> Result<String, OpenError> {
    let path = settings.returned.password_file.clone().unwrap_or_default();
    let text = std::fs::read_to_string(&path);
    let text = text.map_err(|source| OpenError::unreadable("mail.returned.password_file", &path, source))?;
    Ok(text.lines().next().unwrap_or("").to_owned())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;

    use crate::mail::mailbox::{Mailbox, MailboxError, MailboxSession};
    use crate::mail::mailbox_settings::{MailboxKind, MailboxSettings};
    use crate::mail::settings::{Security, Settings};

    /// A server on loopback that answers commands as the script says, and hangs up at any other.
    async fn visit(script: &'static [(&str, &str)]) -> Result<MailboxSession, MailboxError> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let mut stream = BufReader::new(listener.accept().await.unwrap().0);
            stream.get_mut().write_all(b"+OK here\r\n").await.unwrap();
            let mut line = String::new();
            while stream.read_line(&mut line).await.unwrap_or(0) > 0 {
                let Some((_, answer)) = script.iter().find(|(command, _)| *command == line.trim_end()) else { return };
                stream.get_mut().write_all(answer.as_bytes()).await.unwrap();
                line.clear();
            }
        });
        let password = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(password.path(), "pass-1\n").unwrap();
        let returned = MailboxSettings {
            kind: MailboxKind::Pop3,
            host: "127.0.0.1".to_owned(),
            port: Some(port),
            security: Security::None,
            username: "alerts".to_owned(),
            password_file: Some(password.path().to_owned()),
            ..MailboxSettings::default()
        };
        let mailbox = Mailbox::open(&Settings { returned, timeout_s: 5, ..Settings::default() }).unwrap();
        assert!(!format!("{mailbox:?}").contains("pass-1"));
        Ok(mailbox.visit().await?.unwrap())
    }

    #[tokio::test]
    async fn mails_are_listed_read_without_their_extra_dots_and_deleted() {
        let mut session = visit(&[
            ("USER alerts", "+OK\r\n"),
            ("PASS pass-1", "+OK\r\n"),
            ("UIDL", "+OK\r\n1 a-1\r\n2 b-2\r\n.\r\n"),
            ("LIST", "+OK\r\n1 12\r\n2 99999999\r\n.\r\n"),
            ("RETR 1", "+OK\r\nA: b\r\n\r\n..x\r\n.\r\n"),
            ("DELE 1", "+OK\r\n"),
            ("QUIT", "+OK\r\n"),
        ])
        .await
        .unwrap();
        let entries = session.list().await.unwrap();
        assert_eq!(entries.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["a-1", "b-2"]);
        assert_eq!(session.read(&entries[0]).await.unwrap().as_deref(), Some(&b"A: b\r\n\r\n.x\r\n"[..]));
        assert_eq!(session.read(&entries[1]).await.unwrap(), None, "not even asked for: too large");
        session.remove(&entries[0]).await.unwrap();
        session.close().await.unwrap();
    }

    #[tokio::test]
    async fn a_refused_login_and_a_lost_connection_are_told_apart() {
        let refused = visit(&[("USER alerts", "+OK\r\n"), ("PASS pass-1", "-ERR no\r\n")]).await.unwrap_err();
        assert!(matches!(refused, MailboxError::Refused("the login")), "{refused}");
        let mut lost = visit(&[("USER alerts", "+OK\r\n"), ("PASS pass-1", "+OK\r\n")]).await.unwrap();
        assert!(matches!(lost.list().await, Err(MailboxError::Away(_))));
    }

    #[tokio::test]
    async fn a_mail_that_the_server_does_not_give_stops_no_other() {
        let mut session = visit(&[
            ("USER alerts", "+OK\r\n"),
            ("PASS pass-1", "+OK\r\n"),
            ("UIDL", "+OK\r\n1 a\r\n2 b\r\n.\r\n"),
            ("LIST", "+OK\r\n1 5\r\n2 5\r\n.\r\n"),
            ("RETR 1", "-ERR damaged\r\n"),
            ("RETR 2", "+OK\r\nok\r\n.\r\n"),
        ])
        .await
        .unwrap();
        let entries = session.list().await.unwrap();
        assert_eq!(session.read(&entries[0]).await.unwrap(), None);
        assert_eq!(session.read(&entries[1]).await.unwrap().as_deref(), Some(&b"ok\r\n"[..]));
    }
}
