//! One HTTP request by hand over a connection of its own, so that a test sees exactly what was answered.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The header's lines, names in small letters.
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Asks and reads to the end of the connection.
pub(crate) async fn ask(address: SocketAddr, method: &str, path: &str) -> Answer {
    raw(address, &format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\n\r\n")).await
}

/// Sends any bytes and reads to the end of the connection.
pub(crate) async fn raw(address: SocketAddr, request: impl AsRef<[u8]>) -> Answer {
    let bytes = raw_bytes(address, request).await;
    let answer = String::from_utf8_lossy(&bytes);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no header: {answer}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}

/// The whole answer as it came.
pub(crate) async fn raw_bytes(address: SocketAddr, request: impl AsRef<[u8]>) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_ref()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    bytes
}
