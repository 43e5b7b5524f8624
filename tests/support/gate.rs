//! A way to a server on loopback that can be shut, as when a network or a server fails, and opened again.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How the way is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Bytes pass.
    Open,
    /// Connections are taken and nothing passes: nobody knows whether anybody is there.
    Silent,
    /// Connections break at once.
    Broken,
}

/// The way. It ends with the test's runtime.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) address: SocketAddr,
    way: watch::Sender<Way>,
}

impl Gate {
    /// An open way to a server.
    pub(crate) async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (way, ways) = watch::channel(Way::Open);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(pass(stream, server, ways.clone()));
            }
        });
        Self { address, way }
    }

    /// Changes the way; connections that are under way break.
    pub(crate) fn turn(&self, way: Way) {
        self.way.send_replace(way);
    }
}

async fn pass(mut stream: TcpStream, server: SocketAddr, mut ways: watch::Receiver<Way>) {
    let way = *ways.borrow_and_update();
    let passing = async {
        match way {
            Way::Open => {
                let mut there = TcpStream::connect(server).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut there).await;
            }
            Way::Silent => std::future::pending().await,
            Way::Broken => {}
        }
    };
    tokio::select! {
        () = passing => {}
        _ = ways.changed() => {}
    }
}
