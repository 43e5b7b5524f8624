//! As much POP3 (RFC 1939) as reading a mailbox takes: list, fetch, delete. One connection a visit; nothing is sent before the
//! connection is protected, unless the server is this machine itself.

use std::collections::{BTreeMap, VecDeque};
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

use crate::mail::mailbox::{Entry, Fetched, LISTED_MAX, MailboxError};
use crate::mail::returned::BYTES_MAX;
use crate::mail::settings::{Security, Settings};
use crate::mail::transport::OpenError;

/// A longer line comes in pieces of so many bytes.
const PIECE_MAX: u64 = 65_536;
/// So many bytes of a mail are let go by at most, until its end; a list has as many lines at most that one more is no mailbox.
const PASSED_MAX: usize = 64 * BYTES_MAX;
const LINES_MAX: usize = 1_000_000;

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
        if !is_taken(&session.piece().await?) {
            return Err(MailboxError::Refused("the connection"));
        }
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
    /// Numbers, lasting names and sizes of the newest, in the server's order: oldest first.
    pub(crate) async fn list(&mut self) -> Result<Vec<Entry>, MailboxError> {
        let names = self.pairs("UIDL").await?;
        let sizes: BTreeMap<String, String> = self.pairs("LIST").await?.into_iter().collect();
        let entry = |(place, name): (String, String)| {
            let size = sizes.get(&place)?.parse().unwrap_or(usize::MAX);
            Some(Entry { name, place, size })
        };
        Ok(names.into_iter().filter_map(entry).collect())
    }

    /// Asks for a mail. What passes, such as a mailbox in other use, is an error; what is refused otherwise stays so.
    pub(crate) async fn read(&mut self, entry: &Entry) -> Result<Fetched, MailboxError> {
        let answer = self.asked(&format!("RETR {}", entry.place)).await?;
        if is_taken(&answer) {
            return self.text().await;
        }
        if passes(&answer) { Err(MailboxError::Refused("a mail for now")) } else { Ok(Fetched::Unreadable) }
    }

    /// A text up to its end; one that is larger than is read goes by.
    async fn text(&mut self) -> Result<Fetched, MailboxError> {
        let (mut bytes, mut passed, mut begins) = (Vec::new(), 0, true);
        while let Some(piece) = self.text_piece(begins).await? {
            begins = piece.ends_with(b"\n");
            passed += piece.len();
            if passed > PASSED_MAX {
                return Err(MailboxError::Endless);
            }
            if passed <= BYTES_MAX {
                bytes.extend(piece);
            }
        }
        Ok(if passed <= BYTES_MAX { Fetched::Bytes(bytes) } else { Fetched::Unreadable })
    }

    pub(crate) async fn remove(&mut self, entry: &Entry) -> Result<(), MailboxError> {
        self.ask(&format!("DELE {}", entry.place), "to delete a mail").await
    }

    pub(crate) async fn close(mut self) -> Result<(), MailboxError> {
        self.ask("QUIT", "the farewell").await
    }

    /// The last lines of a list as number and value.
    async fn pairs(&mut self, command: &str) -> Result<Vec<(String, String)>, MailboxError> {
        self.ask(command, "a list").await?;
        let mut pairs = VecDeque::new();
        for _ in 0..LINES_MAX {
            let Some(line) = self.text_piece(true).await? else { return Ok(pairs.into()) };
            if pairs.len() == LISTED_MAX {
                pairs.pop_front();
            }
            pairs.extend(pair(&String::from_utf8_lossy(&line)));
        }
        Err(MailboxError::Refused("a list of a sensible length"))
    }

    async fn ask(&mut self, command: &str, what: &'static str) -> Result<(), MailboxError> {
        let answer = self.asked(command).await?;
        if is_taken(&answer) { Ok(()) } else { Err(MailboxError::Refused(what)) }
    }

    /// The line that answers a command.
    async fn asked(&mut self, command: &str) -> Result<Vec<u8>, MailboxError> {
        let line = format!("{command}\r\n");
        let say = async {
            self.stream.get_mut().write_all(line.as_bytes()).await?;
            self.stream.get_mut().flush().await
        };
        let said = tokio::time::timeout(self.timeout, say).await.map_err(|_| MailboxError::Slow)?;
        said.map_err(MailboxError::Away)?;
        self.piece().await
    }

    /// A piece of a text; none at its end. Where a line begins, the dot goes that was put before another one.
    async fn text_piece(&mut self, begins_a_line: bool) -> Result<Option<Vec<u8>>, MailboxError> {
        let mut piece = self.piece().await?;
        if begins_a_line && piece.trim_ascii_end() == b"." {
            return Ok(None);
        }
        if begins_a_line && piece.starts_with(b".") {
            piece.remove(0);
        }
        Ok(Some(piece))
    }

    /// A line with its end, or as much of it as a piece may hold.
    async fn piece(&mut self) -> Result<Vec<u8>, MailboxError> {
        let mut piece = Vec::new();
        let mut limited = (&mut self.stream).take(PIECE_MAX);
        let read = tokio::time::timeout(self.timeout, limited.read_until(b'\n', &mut piece))
            .await
            .map_err(|_| MailboxError::Slow)?;
        read.map_err(MailboxError::Away)?;
        let is_whole = piece.ends_with(b"\n") || piece.len() as u64 == PIECE_MAX;
        if is_whole { Ok(piece) } else { Err(MailboxError::Away(std::io::ErrorKind::UnexpectedEof.into())) }
    }
}

fn is_taken(answer: &[u8]) -> bool {
    answer.starts_with(b"+OK")
}

/// Whether a refusal says of itself that it passes (RFC 2449 and 3206).
fn passes(answer: &[u8]) -> bool {
    let words = String::from_utf8_lossy(answer).to_ascii_uppercase();
    ["[SYS/TEMP]", "[IN-USE]", "[LOGIN-DELAY]"].iter().any(|code| words.contains(code))
}

/// Number and value of a line.
fn pair(line: &str) -> Option<(String, String)> {
    let (number, value) = line.trim().split_once(' ').filter(|(number, _)| number.parse::<u32>().is_ok())?;
    Some((number.to_owned(), value.trim().to_owned()))
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

    use crate::mail::mailbox::{Fetched, Mailbox, MailboxError, MailboxSession};
    use crate::mail::mailbox_settings::{MailboxKind, MailboxSettings};
    use crate::mail::settings::{Security, Settings};

    /// A server on loopback that answers commands as the script says, and hangs up at any other.
    async fn visit(script: &[(&str, &str)]) -> Result<MailboxSession, MailboxError> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let script: Vec<_> = script.iter().map(|(asked, answer)| (asked.to_string(), answer.to_string())).collect();
        tokio::spawn(async move {
            let mut stream = BufReader::new(listener.accept().await.unwrap().0);
            stream.get_mut().write_all(b"+OK here\r\n").await.unwrap();
            let mut line = String::new();
            while stream.read_line(&mut line).await.unwrap_or(0) > 0 {
                let Some((_, answer)) = script.iter().find(|(command, _)| *command == line.trim_end()) else { return };
                if stream.get_mut().write_all(answer.as_bytes()).await.is_err() {
                    return;
                }
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
            ("LIST", "+OK\r\n2 99999999\r\n1 12\r\n.\r\n"),
            ("RETR 1", "+OK\r\nA: b\r\n\r\n..x\r\n.\r\n"),
            ("DELE 1", "+OK\r\n"),
            ("QUIT", "+OK\r\n"),
        ])
        .await
        .unwrap();
        let entries = session.list().await.unwrap();
        assert_eq!(entries.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["a-1", "b-2"]);
        assert_eq!(session.read(&entries[0]).await.unwrap(), Fetched::Bytes(b"A: b\r\n\r\n.x\r\n".to_vec()));
        assert_eq!(session.read(&entries[1]).await.unwrap(), Fetched::Unreadable, "not even asked for: too large");
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
        let long = format!("+OK\r\nX: {}\r\n.\r\n", "x".repeat(70_000));
        let larger = format!("+OK\r\n{}.\r\n", "larger than was said\r\n".repeat(100_000));
        let mut session = visit(&[
            ("USER alerts", "+OK\r\n"),
            ("PASS pass-1", "+OK\r\n"),
            ("UIDL", "+OK\r\n1 a\r\n2 b\r\n3 c\r\n4 d\r\n5 e\r\n.\r\n"),
            ("LIST", "+OK\r\n1 5\r\n2 5\r\n3 5\r\n4 5\r\n5 5\r\n.\r\n"),
            ("RETR 1", "-ERR damaged\r\n"),
            ("RETR 2", "-ERR [SYS/TEMP] later\r\n"),
            ("RETR 3", &long),
            ("RETR 4", &larger),
            ("RETR 5", "+OK\r\nok\r\n.\r\n"),
        ])
        .await
        .unwrap();
        let entries = session.list().await.unwrap();
        assert_eq!(session.read(&entries[0]).await.unwrap(), Fetched::Unreadable);
        assert!(session.read(&entries[1]).await.unwrap_err().concerns_one());
        let whole = long.replace("+OK\r\n", "").replace(".\r\n", "").into_bytes();
        assert_eq!(session.read(&entries[2]).await.unwrap(), Fetched::Bytes(whole), "a line in pieces");
        assert_eq!(session.read(&entries[3]).await.unwrap(), Fetched::Unreadable);
        assert_eq!(session.read(&entries[4]).await.unwrap(), Fetched::Bytes(b"ok\r\n".to_vec()));
    }

    #[tokio::test]
    async fn of_a_list_without_measure_the_newest_are_kept() {
        let lines = |value: &str| (1..=10_001).map(|n| format!("{n} {value}{n}\r\n")).collect::<String>();
        let mut session = visit(&[
            ("USER alerts", "+OK\r\n"),
            ("PASS pass-1", "+OK\r\n"),
            ("UIDL", &format!("+OK\r\n{}.\r\n", lines("u"))),
            ("LIST", &format!("+OK\r\n{}.\r\n", lines("1"))),
        ])
        .await
        .unwrap();
        let entries = session.list().await.unwrap();
        assert_eq!((entries.len(), entries[0].name.as_str(), entries[9_999].name.as_str()), (10_000, "u2", "u10001"));
    }
}
