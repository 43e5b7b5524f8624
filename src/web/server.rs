//! Few visitors at a time, one answer a connection, and nobody may take long.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Connections at a time; more wait at the system's door.
const CONNECTIONS_MAX: usize = 32;
/// Until a request has arrived.
const REQUEST_MAX: Duration = Duration::from_secs(5);
/// From the beginning of a connection to its end.
const CONNECTION_MAX: Duration = Duration::from_secs(15);
/// Most bytes of a request, and most headers.
const REQUEST_BYTES_MAX: usize = 16 << 10;
const REQUEST_HEADERS_MAX: usize = 64;
/// After a failed accept, such as for want of file handles.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers until it is dropped.
pub(super) async fn accept(listener: TcpListener, router: Router) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let router = router.clone();
        connections.spawn(async move {
            // Failures here are the visitor's.
            let _ = tokio::time::timeout(CONNECTION_MAX, answer(stream, router)).await;
            drop(permit);
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn answer(stream: TcpStream, router: Router) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(REQUEST_MAX);
    http.keep_alive(false).max_buf_size(REQUEST_BYTES_MAX).max_headers(REQUEST_HEADERS_MAX);
    let _ = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)).await;
}
