//! The fictional web: every platform a real HTTPS site on loopback, with its own host name, port and certificate.
//! It knows nothing of Wanglou; it only shows what the records say, each platform in its own markup.

mod answer;
mod avatar;
mod dates;
mod faces;
mod html;
mod routes;
mod serve;
mod tls;
mod view;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::demo::site::faces::Face;
use crate::demo::site::routes::Site;
use crate::demo::site::view::World;
use crate::model::time::Timestamp;

pub use crate::demo::site::avatar::{mark_png, marked_companies};

/// One request that reached a site, refused or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Host name of the site that was asked.
    pub host: String,
    /// Path and query as sent.
    pub path: String,
    /// Instant of the web's clock.
    pub at: Timestamp,
    /// User agent as sent; empty when there was none.
    pub user_agent: String,
    /// Status of the answer.
    pub status: u16,
}

/// Every request in order of arrival. Clones write into the same log.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestLog(Arc<Mutex<Vec<Request>>>);

impl RequestLog {
    fn add(&self, request: Request) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    }

    fn all(&self) -> Vec<Request> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Why the fictional web did not come up.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// No certificate could be made.
    #[error("cannot make a certificate for the demo's site {host}: {source}")]
    Certificate {
        /// Site or authority.
        host: String,
        /// What the certificate library said.
        source: rcgen::Error,
    },
    /// The certificate was refused by the TLS library.
    #[error("cannot serve the demo's site {host} over TLS: {source}")]
    Tls {
        /// Site.
        host: String,
        /// What the TLS library said.
        source: rustls::Error,
    },
    /// No port on loopback was free.
    #[error("cannot listen on a loopback port for the demo's site {host}: {source}")]
    Listen {
        /// Site.
        host: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// The running sites of the fictional group. Dropping it closes them at once; [`Web::stop`] lets answers finish.
#[derive(Debug)]
pub struct Web {
    addresses: BTreeMap<String, SocketAddr>,
    ca_pem: String,
    log: RequestLog,
    stop: watch::Sender<bool>,
    servers: JoinSet<()>,
}

impl Web {
    /// Brings all sites up on free loopback ports. What they show depends on `clock`: from three days after `as_of`
    /// on, a later snapshot of an account replaces the first one.
    pub async fn start(clock: Clock, as_of: Timestamp) -> Result<Self, WebError> {
        let authority = tls::Authority::new()?;
        let world = Arc::new(World::new(as_of));
        let (stop, stopped) = watch::channel(false);
        let ca_pem = authority.pem();
        let mut web =
            Self { addresses: BTreeMap::new(), ca_pem, log: RequestLog::default(), stop, servers: JoinSet::new() };
        for face in faces::ALL {
            let site = Site { face: *face, world: Arc::clone(&world), clock: clock.clone(), log: web.log.clone() };
            web.open(&authority, site, stopped.clone()).await?;
        }
        Ok(web)
    }

    async fn open(
        &mut self,
        authority: &tls::Authority,
        site: Site,
        stopped: watch::Receiver<bool>,
    ) -> Result<(), WebError> {
        let host = site.face.host();
        let acceptor = authority.acceptor(&host)?;
        let listen = |source| WebError::Listen { host: host.clone(), source };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        self.servers.spawn(serve::serve(listener, acceptor, routes::router(site), stopped));
        self.addresses.insert(host, address);
        Ok(())
    }

    /// Host names of the sites, each with the loopback address at which it answers.
    pub fn addresses(&self) -> &BTreeMap<String, SocketAddr> {
        &self.addresses
    }

    /// Certificate of the demo's authority in PEM, by which every site's certificate is signed.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// Every request that reached a site so far, oldest first.
    pub fn requests(&self) -> Vec<Request> {
        self.log.all()
    }

    /// Lets answers under way finish, then closes all sites.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.servers.join_next().await.is_some() {}
    }
}

/// Text of the robots file of a site; none for a host that the demo does not have.
pub fn robots(host: &str) -> Option<&'static str> {
    faces::ALL.iter().find(|face| face.host() == host).map(|face: &&dyn Face| face.robots())
}
