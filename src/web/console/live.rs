//! What goes on at the sources, told to a page that stays open: server-sent events, of which a small script writes what has changed
//! into the page. Without it, a reload shows the same.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::body::{Bytes, Frame as Piece};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;

use crate::casework::rights::Right;
use crate::web::console::Console;
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;
use crate::web::console::sources::{Row, rows};

/// Where it is told.
pub(super) const PLACE: &str = "/sources/live";
/// Between two looks, and looks of one answer. It ends by itself before the server would end it, and the browser asks again.
const LOOK_EVERY: Duration = Duration::from_secs(2);
const LOOKS: u32 = 6;
/// Pages that are told at once: each of them keeps a connection, and there are not many.
const TOLD_MAX: usize = 8;

/// A stream of events, which a proxy is to hand on as it comes.
const EVENTS: [(HeaderName, &str); 2] =
    [(header::CONTENT_TYPE, "text/event-stream"), (HeaderName::from_static("x-accel-buffering"), "no")];

/// Room for the pages that are told.
#[derive(Debug)]
pub(super) struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(TOLD_MAX)))
    }
}

/// Events as they come.
struct Events(mpsc::Receiver<String>);

impl hyper::body::Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Piece<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|event| event.map(|event| Ok(Piece::data(Bytes::from(event)))))
    }
}

pub(super) async fn sources(State(console): State<Arc<Console>>, reader: Reader) -> Result<Response, Refusal> {
    reader.must(Right::SeeSources)?;
    // Browsers ask no more after this answer.
    let Ok(permit) = Arc::clone(&console.live.0).try_acquire_owned() else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(tell(console, Frame::of(&reader), sender, permit));
    Ok((EVENTS, Body::new(Events(receiver))).into_response())
}

/// Looks again and again, and sends what is otherwise than before, until nobody listens.
async fn tell(console: Arc<Console>, frame: Frame, sender: mpsc::Sender<String>, _room: OwnedSemaphorePermit) {
    let mut told = String::new();
    for _ in 0..LOOKS {
        // While the database does not answer nothing is known, and what was told last stands.
        let event = rows(&console, &frame).await.map_or_else(|| told.clone(), |rows| event(&rows));
        if event != told && sender.send(event.clone()).await.is_err() {
            return;
        }
        told = event;
        if timeout(LOOK_EVERY, sender.closed()).await.is_ok() {
            return;
        }
    }
}

fn event(rows: &[Row]) -> String {
    format!("retry: 2000\ndata: {}\n\n", serde_json::to_string(rows).unwrap_or_default())
}
