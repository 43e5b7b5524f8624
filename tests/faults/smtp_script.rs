//! A mail server of the tests that fails in ways in which a real one cannot be made to fail: it greets nobody, closes the door in the
//! middle, or takes a letter and never says so. It counts what it was given. Everything else is tried on a real server.

use std::sync::{Arc, Mutex};

use mail_parser::MessageParser;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;
use wanglou::mail::{Security, Settings, TransportKind};

/// What the server does to whoever connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Takes every letter.
    Takes,
    /// Takes the connection and says nothing, as behind a line that is half open.
    Mute,
    /// `421` where the recipient is named.
    Leaves,
    /// Takes the whole letter and closes before the answer.
    LostAfterBody,
    /// Takes the whole letter and keeps the answer until [`Server::answer`].
    Thinks,
}

/// A letter as the server has it.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) id: String,
    pub(crate) to: String,
    pub(crate) subject: String,
}

/// The server. Until it is opened nobody listens on its port.
pub(crate) struct Server {
    pub(crate) port: u16,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

struct Shared {
    mood: Mutex<Mood>,
    connections: Mutex<usize>,
    received: Mutex<Vec<Received>>,
    body_came: Notify,
    answers: Semaphore,
}

impl Server {
    pub(crate) async fn closed() -> Self {
        let port = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            mood: Mutex::new(Mood::Takes),
            connections: Mutex::default(),
            received: Mutex::default(),
            body_came: Notify::new(),
            answers: Semaphore::new(0),
        });
        Self { port, shared, listening: None }
    }

    pub(crate) async fn open(mood: Mood) -> Self {
        let mut server = Self::closed().await;
        server.set(mood);
        server.begin().await;
        server
    }

    pub(crate) async fn begin(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.unwrap();
        let shared = Arc::clone(&self.shared);
        self.listening = Some(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *shared.connections.lock().unwrap() += 1;
                let shared = Arc::clone(&shared);
                tokio::spawn(async move { shared.serve(stream).await });
            }
        }));
    }

    /// Nobody listens any more.
    pub(crate) async fn end(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.abort();
            // Once the task is gone, so is its port.
            let _aborted = listening.await;
        }
    }

    pub(crate) fn set(&self, mood: Mood) {
        *self.shared.mood.lock().unwrap() = mood;
    }

    pub(crate) fn connections(&self) -> usize {
        *self.shared.connections.lock().unwrap()
    }

    /// Every letter whose whole body came, in order.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// Waits until a body has come.
    pub(crate) async fn body(&self) {
        self.shared.body_came.notified().await;
    }

    /// Gives one answer that was kept.
    pub(crate) fn answer(&self) {
        self.shared.answers.add_permits(1);
    }

    /// How a sender of letters comes to this server, with little patience.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            transport: TransportKind::Smtp,
            from: "品牌账号提醒 <alerts@xinghe.example>".to_owned(),
            host: "127.0.0.1".to_owned(),
            port: Some(self.port),
            security: Security::None,
            timeout_s: 1,
            ..Settings::default()
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(listening) = &self.listening {
            listening.abort();
        }
    }
}

impl Shared {
    async fn serve(&self, stream: TcpStream) -> Option<()> {
        let mood = *self.mood.lock().unwrap();
        let mut stream = BufReader::new(stream);
        if mood == Mood::Mute {
            line(&mut stream).await;
            return None;
        }
        say(&mut stream, "220 here").await?;
        loop {
            let command = line(&mut stream).await?;
            match command.split([' ', ':']).next().unwrap_or_default() {
                "DATA" => {
                    say(&mut stream, "354 go on").await?;
                    self.take(&mut stream, mood).await?;
                }
                "RCPT" if mood == Mood::Leaves => {
                    say(&mut stream, "421 4.3.2 closing").await?;
                    return None;
                }
                "QUIT" => return say(&mut stream, "221 bye").await,
                _ => say(&mut stream, "250 ok").await?,
            }
        }
    }

    async fn take(&self, stream: &mut BufReader<TcpStream>, mood: Mood) -> Option<()> {
        let mut body = String::new();
        loop {
            let line = line(stream).await?;
            if line == "." {
                break;
            }
            body += &format!("{line}\r\n");
        }
        self.received.lock().unwrap().push(Received::of(&body));
        self.body_came.notify_one();
        match mood {
            Mood::LostAfterBody => return None,
            Mood::Thinks => self.answers.acquire().await.unwrap().forget(),
            _ => {}
        }
        say(stream, "250 queued").await
    }
}

impl Received {
    fn of(body: &str) -> Self {
        let letter = MessageParser::default().parse(body.as_bytes()).unwrap();
        let to = letter.to().and_then(|to| to.first()).and_then(|to| to.address()).unwrap_or_default().to_owned();
        let id = letter.message_id().unwrap_or_default().to_owned();
        Self { id, to, subject: letter.subject().unwrap_or_default().to_owned() }
    }
}

async fn say(stream: &mut BufReader<TcpStream>, text: &str) -> Option<()> {
    stream.get_mut().write_all(format!("{text}\r\n").as_bytes()).await.ok()
}

/// The next line; none when the other side has gone.
async fn line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await.ok()?;
    (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}
