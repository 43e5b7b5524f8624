//! Messages to a mail server (RFC 5321), one connection a message. The steps are taken one by one, because only so
//! is it known whether the body had been handed over when a connection was lost.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};

use crate::mail::compose::Message;
use crate::mail::settings::{Security, Settings};
use crate::mail::transport::{OpenError, SendError};

/// Servers may take far longer over the end of the body than over a command (RFC 5321 §4.5.3.2.6).
pub(crate) const BODY_PATIENCE: u32 = 10;
const BODY_CHUNK: usize = 16 * 1024;
const REASON_LIMIT: usize = 160;
const PASSWORD_VARIABLE: &str = "WANGLOU_SMTP_PASSWORD";

/// A mail server, and how to talk to it.
pub struct SmtpTransport {
    host: String,
    port: u16,
    security: Security,
    tls: Option<TlsParameters>,
    login: Option<Credentials>,
    timeout: Duration,
}

/// Shows neither login name nor password.
impl std::fmt::Debug for SmtpTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SmtpTransport({}:{} {:?})", self.host, self.port, self.security)
    }
}

/// The step of the conversation in which something went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Connect,
    Login,
    Sender,
    Recipient,
    Body,
}

impl Step {
    const fn name(self) -> &'static str {
        match self {
            Self::Connect => "connection",
            Self::Login => "login",
            Self::Sender => "sender",
            Self::Recipient => "recipient",
            Self::Body => "body",
        }
    }
}

impl SmtpTransport {
    pub(crate) fn open(settings: &Settings) -> Result<Self, OpenError> {
        let tls = match settings.security {
            Security::None => None,
            Security::Starttls | Security::Tls => Some(tls_parameters(settings)?),
        };
        Ok(Self {
            host: settings.host.trim().to_owned(),
            port: settings.port(),
            security: settings.security,
            tls,
            login: login(settings)?,
            timeout: settings.timeout(),
        })
    }

    /// Awaits `hand_over` when the server is ready for the body; where that fails the server gets no body and forgets it all.
    pub(crate) async fn send<E>(
        &self,
        message: &Message,
        hand_over: impl Future<Output = Result<(), E>>,
    ) -> Result<Result<(), SendError>, E> {
        match self.offer(message).await {
            Ok(connection) => {
                hand_over.await?;
                Ok(self.give(connection, message).await)
            }
            Err(error) => Ok(Err(error)),
        }
    }

    /// Greets the server and logs in, and leaves without a letter.
    pub(crate) async fn try_login(&self, message: &Message) -> Result<(), SendError> {
        let greeted = tokio::time::timeout(self.timeout, self.greet(message)).await;
        let mut connection = greeted.unwrap_or_else(|_| Err(away(message, "no answer in time")))?;
        let _farewell = tokio::time::timeout(self.timeout, connection.quit()).await;
        Ok(())
    }

    /// Everything up to the server's leave to send the body.
    async fn offer(&self, message: &Message) -> Result<AsyncSmtpConnection, SendError> {
        let until = tokio::time::Instant::now() + self.timeout;
        let greeted = tokio::time::timeout_at(until, self.greet(message)).await;
        let mut connection = greeted.unwrap_or_else(|_| Err(away(message, "no answer in time")))?;
        let announced = tokio::time::timeout_at(until, announce(&mut connection, message)).await;
        announced.unwrap_or_else(|_| Err(no_answer(message, "no answer in time")))?;
        Ok(connection)
    }

    async fn give(&self, mut connection: AsyncSmtpConnection, message: &Message) -> Result<(), SendError> {
        let handed_over = AtomicBool::new(false);
        let body = hand_over(&mut connection, message, &handed_over);
        let result = tokio::time::timeout(self.timeout * BODY_PATIENCE, body).await;
        let is_lost = handed_over.load(Ordering::SeqCst);
        match result {
            Ok(Ok(())) => {
                // The message is accepted: what becomes of the farewell no longer matters.
                let _farewell = tokio::time::timeout(self.timeout, connection.quit()).await;
                Ok(())
            }
            Ok(Err(error)) if error.status().is_none() && is_lost => Err(uncertain(message, &cause(&error))),
            Ok(Err(error)) => Err(judge(message, Step::Body, &error)),
            Err(_) if is_lost => Err(uncertain(message, "no answer in time")),
            Err(_) => Err(no_answer(message, "the body was not taken in time")),
        }
    }

    /// Everything before the server hears of a message.
    async fn greet(&self, message: &Message) -> Result<AsyncSmtpConnection, SendError> {
        let mut connection = self.connect().await.map_err(|error| judge(message, Step::Connect, &error))?;
        if let Some(login) = &self.login {
            let greeted = connection.auth(DEFAULT_MECHANISMS, login).await;
            greeted.map_err(|error| judge(message, Step::Login, &error))?;
        }
        Ok(connection)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let server = (self.host.as_str(), self.port);
        let name = ClientId::default();
        let wrapped = if self.security == Security::Tls { self.tls.clone() } else { None };
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(self.timeout), &name, wrapped, None).await?;
        if let (Security::Starttls, Some(tls)) = (self.security, &self.tls) {
            connection.starttls(tls.clone(), &name).await?;
        }
        Ok(connection)
    }
}

/// Everything up to the server's leave to send the body.
async fn announce(connection: &mut AsyncSmtpConnection, message: &Message) -> Result<(), SendError> {
    let envelope = message.envelope();
    let options = mail_options(connection, envelope.from(), envelope.to(), message)?;
    let from = Mail::new(envelope.from().cloned(), options);
    connection.command(from).await.map_err(|error| judge(message, Step::Sender, &error))?;
    for to in envelope.to() {
        let to = Rcpt::new(to.clone(), Vec::new());
        connection.command(to).await.map_err(|error| judge(message, Step::Recipient, &error))?;
    }
    connection.command(Data).await.map_err(|error| judge(message, Step::Body, &error))?;
    Ok(())
}

/// Sends the body. The flag is raised when the last byte before the end mark has been written: from then on only the
/// server knows whether the message was accepted.
async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    message: &Message,
    handed_over: &AtomicBool,
) -> Result<(), Error> {
    let bytes = message.bytes();
    let end = std::iter::from_fn(|| {
        handed_over.store(true, Ordering::SeqCst);
        None
    });
    connection.message_iter(bytes.chunks(BODY_CHUNK).chain(end)).await.map(|_| ())
}

fn mail_options(
    connection: &AsyncSmtpConnection,
    from: Option<&Address>,
    to: &[Address],
    message: &Message,
) -> Result<Vec<MailParameter>, SendError> {
    let mut options = Vec::new();
    if from.into_iter().chain(to).any(|address| !AsRef::<str>::as_ref(address).is_ascii()) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            let reason = "the server takes no addresses with other than ASCII letters".to_owned();
            return Err(SendError::Permanent { alert: message.alert().clone(), reason });
        }
        options.push(MailParameter::SmtpUtfEight);
        options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Ok(options)
}

/// Sorts a failure by what helps: waiting, another address, or another configuration.
fn judge(message: &Message, step: Step, error: &Error) -> SendError {
    let alert = message.alert().clone();
    let reason = format!("{}: {}", step.name(), describe(step, error));
    let is_about_server = matches!(step, Step::Connect | Step::Login);
    if error.is_transient() {
        return if is_about_server {
            SendError::Away { alert, reason }
        } else {
            SendError::Transient { alert, reason }
        };
    }
    let is_refused = error.is_permanent();
    match step {
        Step::Connect | Step::Login if is_refused || error.is_client() || is_about_tls(error) => {
            SendError::Configuration { alert, reason }
        }
        // A message that is too large (552) is this message's trouble; any other refusal of the sender is everybody's.
        Step::Sender if is_refused && error.status().is_none_or(|code| code.to_string() != "552") => {
            SendError::Configuration { alert, reason }
        }
        _ if is_refused => SendError::Permanent { alert, reason },
        _ if is_about_server => SendError::Away { alert, reason },
        _ => SendError::Transient { alert, reason },
    }
}

/// Whether a certificate or the protocol was refused, rather than the connection lost.
fn is_about_tls(error: &Error) -> bool {
    let is_refused = |error: &(dyn std::error::Error + 'static)| {
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        error.is::<rustls::Error>() || inner.is_some_and(|inner| inner.is::<rustls::Error>())
    };
    error.is_tls() || chain(error).any(is_refused)
}

fn uncertain(message: &Message, reason: &str) -> SendError {
    SendError::Uncertain { alert: message.alert().clone(), reason: reason.to_owned() }
}

fn away(message: &Message, reason: &str) -> SendError {
    SendError::Away { alert: message.alert().clone(), reason: reason.to_owned() }
}

fn no_answer(message: &Message, reason: &str) -> SendError {
    SendError::Transient { alert: message.alert().clone(), reason: reason.to_owned() }
}

/// The server's code and its words. Words about a recipient are left out but for their status code (RFC 3463),
/// and in all others addresses are left out: errors are logged, and logs hold no personal data.
fn describe(step: Step, error: &Error) -> String {
    let words = cause(error);
    let Some(code) = error.status() else { return words };
    let words = match step {
        Step::Recipient => words.split_whitespace().next().filter(|word| is_status(word)).unwrap_or("").to_owned(),
        _ => words,
    };
    format!("{code} {words}").trim_end().to_owned()
}

/// The innermost message, without addresses.
fn cause(error: &Error) -> String {
    let innermost = chain(error).last().map_or_else(|| error.to_string(), ToString::to_string);
    let words = innermost.split_whitespace().map(|word| if word.contains('@') { "<address>" } else { word });
    words.collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()).take(REASON_LIMIT).collect()
}

/// What an error came from, nearest first.
fn chain(error: &Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(std::error::Error::source(error), |error| error.source())
}

/// `5.1.1`
fn is_status(word: &str) -> bool {
    let parts: Vec<&str> = word.split('.').collect();
    parts.len() == 3
        && parts.iter().all(|part| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
}

fn tls_parameters(settings: &Settings) -> Result<TlsParameters, OpenError> {
    let mut builder = TlsParameters::builder(settings.host.trim().to_owned());
    if let Some(path) = &settings.ca_file {
        let shown = path.display().to_string();
        let pem = std::fs::read(path).map_err(|source| OpenError::unreadable("mail.ca_file", path, source))?;
        if !pem.windows(27).any(|window| window == b"-----BEGIN CERTIFICATE-----") {
            return Err(OpenError::NoCertificate(shown));
        }
        let certificate = Certificate::from_pem(&pem).map_err(|_| OpenError::NoCertificate(shown))?;
        builder = builder.add_root_certificate(certificate);
    }
    builder.build_rustls().map_err(|error| OpenError::Tls(error.to_string()))
}

fn login(settings: &Settings) -> Result<Option<Credentials>, OpenError> {
    if settings.username.is_empty() {
        return Ok(None);
    }
    let password = match (std::env::var(PASSWORD_VARIABLE), &settings.password_file) {
        (Ok(password), _) if !password.is_empty() => password,
        (_, Some(path)) => {
            let text = std::fs::read_to_string(path)
                .map_err(|source| OpenError::unreadable("mail.password_file", path, source))?;
            text.lines().next().unwrap_or("").to_owned()
        }
        _ => String::new(),
    };
    if password.is_empty() {
        return Err(OpenError::PasswordMissing);
    }
    Ok(Some(Credentials::new(settings.username.clone(), password)))
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;
    use tokio::task::JoinHandle;

    use super::is_status;
    use crate::mail::samples::{immediate, named_account};
    use crate::mail::{Message, Recipient, Security, SendError, Settings, Transport, TransportKind, compose, render};

    /// What a scripted server does at one command.
    #[derive(Clone, Copy)]
    enum Answer {
        Say(&'static str),
        Nothing,
        HangUp,
    }

    const ACCEPTS: [(&str, Answer); 5] = [
        ("EHLO", Answer::Say("250 here")),
        ("MAIL", Answer::Say("250 ok")),
        ("RCPT", Answer::Say("250 ok")),
        ("DATA", Answer::Say("354 go on")),
        (".", Answer::Say("250 queued")),
    ];

    /// A server on loopback that accepts everything except as told; returns what it heard.
    async fn server(except: &[(&'static str, Answer)]) -> (u16, JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let script: Vec<(&str, Answer)> = except.iter().chain(&ACCEPTS).copied().collect();
        let heard = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = BufReader::new(stream);
            let (mut heard, mut is_body) = (Vec::new(), false);
            stream.get_mut().write_all(b"220 here\r\n").await.unwrap();
            loop {
                let mut line = String::new();
                if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                    return heard;
                }
                let line = line.trim_end().to_owned();
                let word = line.split(' ').next().unwrap_or("");
                let answer = script.iter().find(|(command, _)| *command == word && (!is_body || word == "."));
                heard.push(line.clone());
                match answer {
                    None | Some((_, Answer::Nothing)) => continue,
                    Some((_, Answer::HangUp)) => return heard,
                    Some((command, Answer::Say(text))) => {
                        is_body = *command == "DATA";
                        stream.get_mut().write_all(format!("{text}\r\n").as_bytes()).await.unwrap();
                    }
                }
            }
        });
        (port, heard)
    }

    async fn send_to_port(port: u16) -> Result<(), SendError> {
        send_within(port, 5).await
    }

    async fn send_within(port: u16, timeout_s: u64) -> Result<(), SendError> {
        let (message, transport) = to_port(port, timeout_s);
        transport.send(&message, ready(Ok::<_, ()>(()))).await.unwrap()
    }

    fn to_port(port: u16, timeout_s: u64) -> (Message, Transport) {
        let settings = Settings {
            transport: TransportKind::Smtp,
            host: "127.0.0.1".to_owned(),
            port: Some(port),
            security: Security::None,
            from: "alerts@xinghe.example".to_owned(),
            timeout_s,
            ..Settings::default()
        };
        let letter = immediate(named_account(), "zh-CN");
        let rendered = render(&letter, &settings, chrono_tz::Asia::Shanghai);
        let to = Recipient { name: "周宁", address: "zhouning@xinghe.example" };
        let message = compose(&letter, &rendered, to, &settings).unwrap();
        (message, Transport::open(&settings).unwrap())
    }

    async fn send_to(except: &[(&'static str, Answer)]) -> Result<(), SendError> {
        let (port, _heard) = server(except).await;
        send_to_port(port).await
    }

    #[tokio::test]
    async fn a_body_whose_hand_over_cannot_be_written_down_does_not_leave() {
        let (port, heard) = server(&[]).await;
        let (message, transport) = to_port(port, 5);
        let refused = transport.send(&message, ready(Err("the disk is full"))).await;
        assert_eq!(refused, Err("the disk is full"));
        assert_eq!(heard.await.unwrap().last().map(String::as_str), Some("DATA"));
    }

    #[tokio::test]
    async fn an_accepted_message_is_sent() {
        let (port, heard) = server(&[("QUIT", Answer::HangUp)]).await;
        send_to_port(port).await.unwrap();
        let heard = heard.await.unwrap();
        assert!(heard.contains(&"RCPT TO:<zhouning@xinghe.example>".to_owned()));
        assert_eq!(heard[heard.len() - 2..], [".", "QUIT"]);
    }

    #[tokio::test]
    async fn a_server_lost_after_the_body_leaves_it_uncertain() {
        let error = send_to(&[(".", Answer::HangUp)]).await.unwrap_err();
        assert!(matches!(error, SendError::Uncertain { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_server_lost_before_the_body_is_tried_again() {
        for command in ["MAIL", "RCPT", "DATA"] {
            let error = send_to(&[(command, Answer::HangUp)]).await.unwrap_err();
            assert!(matches!(error, SendError::Transient { .. }), "{command}: {error}");
        }
    }

    #[tokio::test]
    async fn a_server_that_greets_nobody_is_away_for_every_message() {
        for answer in [Answer::HangUp, Answer::Say("421 4.3.2 closing")] {
            let error = send_to(&[("EHLO", answer)]).await.unwrap_err();
            assert!(matches!(error, SendError::Away { .. }), "{error}");
        }
    }

    #[tokio::test]
    async fn a_server_that_closes_in_the_middle_is_tried_again_with_this_message() {
        for command in ["MAIL", "RCPT", "DATA", "."] {
            let error = send_to(&[(command, Answer::Say("421 4.3.2 closing"))]).await.unwrap_err();
            assert!(matches!(error, SendError::Transient { .. }), "{command}: {error}");
        }
    }

    #[tokio::test]
    async fn a_half_open_connection_ends_with_the_time_out() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        // The system takes the connection, and nobody ever says a word on it.
        let error = send_within(port, 1).await.unwrap_err();
        assert!(matches!(&error, SendError::Away { reason, .. } if reason.contains("in time")), "{error}");
    }

    #[tokio::test]
    async fn a_server_that_falls_silent_after_the_body_leaves_it_uncertain() {
        let (port, _heard) = server(&[(".", Answer::Nothing)]).await;
        let error = send_within(port, 1).await.unwrap_err();
        assert!(matches!(error, SendError::Uncertain { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_body_refused_is_judged_by_its_code() {
        let later = send_to(&[(".", Answer::Say("451 4.3.0 later"))]).await.unwrap_err();
        assert!(matches!(later, SendError::Transient { .. }), "{later}");
        let never = send_to(&[(".", Answer::Say("554 5.7.1 refused"))]).await.unwrap_err();
        assert!(matches!(never, SendError::Permanent { .. }), "{never}");
    }

    #[tokio::test]
    async fn a_refused_sender_is_a_matter_of_configuration_but_a_large_message_is_not() {
        let sender = send_to(&[("MAIL", Answer::Say("550 5.7.1 not you"))]).await.unwrap_err();
        assert!(matches!(sender, SendError::Configuration { .. }), "{sender}");
        let large = send_to(&[("MAIL", Answer::Say("552 5.3.4 too big"))]).await.unwrap_err();
        assert!(matches!(large, SendError::Permanent { .. }), "{large}");
    }

    #[tokio::test]
    async fn words_of_the_server_about_people_are_not_repeated() {
        let gone = Answer::Say("550 5.1.1 zhouning <zhouning@xinghe.example> has left");
        let error = send_to(&[("RCPT", gone)]).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("zhouning"), "{error}");
        let body = Answer::Say("554 5.7.1 <zhouning@xinghe.example>: refused");
        let error = send_to(&[(".", body)]).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("zhouning"), "{error}");
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_tried_again() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let error = send_to_port(port).await.unwrap_err();
        assert!(matches!(error, SendError::Away { .. }), "{error}");
    }

    #[test]
    fn the_password_is_in_no_debug_form() {
        let password = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&password, "geheim-77\n").unwrap();
        let settings = Settings {
            transport: TransportKind::Smtp,
            host: "localhost".to_owned(),
            username: "alerts".to_owned(),
            password_file: Some(password.path().to_owned()),
            ..Settings::default()
        };
        let transport = Transport::open(&settings).unwrap();
        assert!(!format!("{transport:?} {settings:?}").contains("geheim-77"));
    }

    #[test]
    fn a_certificate_file_without_a_certificate_is_named() {
        let empty = tempfile::NamedTempFile::new().unwrap();
        let settings = Settings {
            transport: TransportKind::Smtp,
            host: "localhost".to_owned(),
            ca_file: Some(empty.path().to_owned()),
            ..Settings::default()
        };
        let error = Transport::open(&settings).unwrap_err().to_string();
        assert!(error.contains("mail.ca_file") && error.contains(&*empty.path().to_string_lossy()), "{error}");
    }

    #[test]
    fn status_codes_are_told_from_words() {
        assert!(is_status("5.1.1"));
        assert!(!is_status("zhouning") && !is_status("5.1") && !is_status("10.0.0.1"));
    }
}
