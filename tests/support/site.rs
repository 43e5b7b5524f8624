//! A scripted web site on loopback that remembers what it was asked.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) at: Instant,
    pub(crate) head: String,
}

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    drip: Option<Duration>,
    hangs_up: bool,
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: b"-".to_vec(), drip: None, hangs_up: false }
    }

    pub(crate) fn page(body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..Self::status(200) }.header("Content-Type", "text/html")
    }

    pub(crate) fn redirect(to: impl Into<String>) -> Self {
        Self::status(302).header("Location", to)
    }

    /// Closes the connection without an answer.
    pub(crate) fn hang_up() -> Self {
        Self { hangs_up: true, ..Self::status(200) }
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Sends one byte of the body at a time, so far apart.
    pub(crate) fn dripping(self, every: Duration) -> Self {
        Self { drip: Some(every), ..self }
    }

    fn head(&self) -> String {
        let mut head = format!("HTTP/1.1 {} Scripted\r\n", self.status);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if self.status != 304 {
            head += &format!("Content-Length: {}\r\n", self.body.len());
        }
        head + "\r\n"
    }
}

type Script = dyn Fn(&Asked, usize) -> Reply + Send + Sync;

#[derive(Default)]
struct Diary {
    asked: Mutex<Vec<Asked>>,
    times: Mutex<HashMap<String, usize>>,
    in_flight: AtomicUsize,
    in_flight_max: AtomicUsize,
}

/// The site; it ends with the runtime of the test.
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    diary: Arc<Diary>,
}

impl Site {
    /// Serves what `script` answers to a request; the number says how often its path was asked before.
    pub(crate) async fn start(script: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::serve(script, None).await
    }

    /// The same behind TLS.
    pub(crate) async fn start_tls(
        acceptor: TlsAcceptor,
        script: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::serve(script, Some(acceptor)).await
    }

    async fn serve(
        script: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static,
        acceptor: Option<TlsAcceptor>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let diary = Arc::new(Diary::default());
        let (script, kept): (Arc<Script>, _) = (Arc::new(script), Arc::clone(&diary));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, diary, acceptor) = (Arc::clone(&script), Arc::clone(&kept), acceptor.clone());
                tokio::spawn(async move {
                    match acceptor {
                        None => converse(stream, &*script, &diary).await,
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                converse(stream, &*script, &diary).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, diary }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.diary.asked.lock().unwrap().clone()
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }

    /// Most requests that were under way at the same time.
    pub(crate) fn in_flight_max(&self) -> usize {
        self.diary.in_flight_max.load(Ordering::SeqCst)
    }
}

async fn converse(mut stream: impl AsyncRead + AsyncWrite + Unpin, script: &Script, diary: &Diary) {
    while let Some(asked) = read(&mut stream).await {
        let now = diary.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        diary.in_flight_max.fetch_max(now, Ordering::SeqCst);
        let before = {
            let mut times = diary.times.lock().unwrap();
            let times = times.entry(asked.path.clone()).or_default();
            *times += 1;
            *times - 1
        };
        diary.asked.lock().unwrap().push(asked.clone());
        let reply = script(&asked, before);
        if write(&mut stream, &reply, diary).await.is_none() {
            return;
        }
    }
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Asked> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1)?.to_owned();
    Some(Asked { path, at: Instant::now(), head })
}

async fn write(stream: &mut (impl AsyncWrite + Unpin), reply: &Reply, diary: &Diary) -> Option<()> {
    let finish = || diary.in_flight.fetch_sub(1, Ordering::SeqCst);
    let body: &[u8] = if reply.status == 304 { &[] } else { &reply.body };
    if reply.hangs_up || body.is_empty() {
        finish();
        return if reply.hangs_up { None } else { stream.write_all(reply.head().as_bytes()).await.ok() };
    }
    let mut sent = stream.write_all(reply.head().as_bytes()).await.ok();
    let (start, last) = body.split_at(body.len() - 1);
    for piece in start.chunks(if reply.drip.is_some() { 1 } else { start.len().max(1) }) {
        if let Some(every) = reply.drip {
            tokio::time::interval_at(tokio::time::Instant::now() + every, every).tick().await;
        }
        sent = sent.and(stream.write_all(piece).await.ok());
        if sent.is_none() {
            break;
        }
    }
    // Before the last byte, because nobody can know of the end earlier than that.
    finish();
    sent.and(stream.write_all(last).await.ok())
}
