//! The listener: HTTP or HTTPS on one address, until it is told to stop; then whoever is being answered gets
//! a few seconds, and streams end at once, because their readers know how to come back.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use futures_util::StreamExt as _;
use http::header;
use tokio::sync::watch;

use super::{App, router};
use crate::config::Server;

/// Of the five seconds in which the service stops, what is left to those who are being answered.
const GRACE: Duration = Duration::from_secs(3);
/// How often a certificate is looked at for a change.
const LOOK_EVERY: Duration = Duration::from_secs(60);

#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    #[error(
        "listen on {0}: something listens there already; end it, or choose another address with --listen"
    )]
    InUse(SocketAddr),
    #[error(
        "listen on {0}: this user may not; choose a port from 1024 on with --listen, or give the service that right"
    )]
    NotAllowed(SocketAddr),
    #[error(
        "listen on {0}: this machine has no such address; choose one that it has with --listen, such as 127.0.0.1"
    )]
    NotOurs(SocketAddr),
    #[error("listen on {address}: {source}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error(
        "TLS with {} and {}: {source}; both must be PEM files that this user may read, and the key must be the \
         certificate's", certificate.display(), key.display()
    )]
    Tls { certificate: PathBuf, key: PathBuf, source: io::Error },
}

/// Whether what is typed into the console could be read on the network: neither this listener nor a proxy, as
/// far as is known, speaks TLS.
#[must_use]
pub fn is_exposed(server: &Server) -> bool {
    let behind_tls = server.public_url.as_ref().is_some_and(|url| url.scheme() == "https");
    !server.listen.ip().is_loopback() && server.tls_certificate.is_none() && !behind_tls
}

/// An address that is taken and not served yet, so that it can be told before anything else happens.
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    tls: Option<Tls>,
}

struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    config: RustlsConfig,
}

impl Listener {
    /// # Errors
    /// When the address cannot be had, or the certificate cannot be used.
    pub async fn bind(server: &Server) -> Result<Self, ListenError> {
        let tls = match (&server.tls_certificate, &server.tls_key) {
            (Some(certificate), Some(key)) => Some(Tls::read(certificate, key).await?),
            _ => None,
        };
        let wanted = server.listen;
        let bound = TcpListener::bind(wanted).and_then(|socket| {
            socket.set_nonblocking(true)?;
            let address = socket.local_addr()?;
            Ok(Self { socket, address, tls })
        });
        bound.map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => ListenError::InUse(wanted),
            io::ErrorKind::PermissionDenied => ListenError::NotAllowed(wanted),
            io::ErrorKind::AddrNotAvailable => ListenError::NotOurs(wanted),
            _ => ListenError::Listen { address: wanted, source },
        })
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where a browser on this machine finds it.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(if address.is_ipv4() {
                [127, 0, 0, 1].into()
            } else {
                [0, 0, 0, 0, 0, 0, 0, 1].into()
            });
        }
        format!("{scheme}://{address}")
    }

    /// Answers until `stop`, and some seconds longer those who were being answered then.
    ///
    /// # Errors
    /// When the listener fails as a whole.
    pub async fn serve(self, app: App, stop: impl Future<Output = ()> + Send) -> io::Result<()> {
        let (stopping, stopped) = watch::channel(false);
        let service = ending(router(app), stopped).into_make_service_with_connect_info::<SocketAddr>();
        let handle = Handle::new();
        let server = axum_server::from_tcp(self.socket)?.handle(handle.clone());
        let stop = async {
            stop.await;
            stopping.send_replace(true);
            handle.graceful_shutdown(Some(GRACE));
            std::future::pending::<()>().await;
        };
        let serve = async {
            match self.tls {
                None => server.serve(service).await,
                Some(tls) => {
                    let server =
                        server.acceptor(axum_server::tls_rustls::RustlsAcceptor::new(tls.config.clone()));
                    tokio::select! {
                        served = server.serve(service) => served,
                        never = tls.renew() => match never {},
                    }
                }
            }
        };
        tokio::select! {
            served = serve => served,
            () = stop => Ok(()),
        }
    }
}

impl Tls {
    async fn read(certificate: &Path, key: &Path) -> Result<Self, ListenError> {
        drop(rustls::crypto::ring::default_provider().install_default());
        match RustlsConfig::from_pem_file(certificate, key).await {
            Ok(config) => Ok(Self { certificate: certificate.to_owned(), key: key.to_owned(), config }),
            Err(source) => {
                Err(ListenError::Tls { certificate: certificate.to_owned(), key: key.to_owned(), source })
            }
        }
    }

    /// Takes a renewed certificate into use. One that cannot be used is told, and the old one stays.
    async fn renew(self) -> std::convert::Infallible {
        let changed = async || {
            let [certificate, key] = [&self.certificate, &self.key].map(tokio::fs::metadata);
            let (certificate, key) = (certificate.await.ok()?, key.await.ok()?);
            Some((certificate.modified().ok()?, key.modified().ok()?))
        };
        let mut known = changed().await;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let now = changed().await;
            if now.is_none() || now == known {
                continue;
            }
            match self.config.reload_from_pem_file(&self.certificate, &self.key).await {
                Ok(()) => tracing::info!("the renewed certificate is in use"),
                Err(error) => tracing::error!(
                    "the renewed certificate cannot be used, and the old one stays: {error}; both files must be PEM, \
                     and the key must be the certificate's"
                ),
            }
            known = now;
        }
    }
}

/// Ends streams of events when the service stops; all other replies end by themselves.
fn ending(router: Router, stopped: watch::Receiver<bool>) -> Router {
    router.layer(from_fn(move |request: Request, next: Next| {
        let mut stopped = stopped.clone();
        async move {
            let response = next.run(request).await;
            if !is_event_stream(&response) {
                return response;
            }
            response.map(|body| {
                let stop = async move { drop(stopped.wait_for(|stopped| *stopped).await) };
                Body::from_stream(body.into_data_stream().take_until(Box::pin(stop)))
            })
        }
    }))
}

fn is_event_stream(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use axum::routing::get;
    use futures_util::stream;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_stream_of_events_ends_with_the_service_and_another_reply_does_not() {
        let endless = || stream::iter([Ok::<_, io::Error>("data: 1\n\n")]).chain(stream::pending());
        let events =
            move || async move { ([("content-type", "text/event-stream")], Body::from_stream(endless())) };
        let (stopping, stopped) = watch::channel(false);
        let router = Router::new().route("/events", get(events)).route("/export", get(async || "whole"));
        let router = ending(router, stopped);
        let ask = async |path: &str| {
            let request = Request::get(path).body(Body::empty()).unwrap();
            router.clone().oneshot(request).await.unwrap().into_body()
        };
        let (events, export) = (ask("/events").await, ask("/export").await);
        let mut events = events.into_data_stream();
        assert_eq!(events.next().await.unwrap().unwrap(), "data: 1\n\n");
        stopping.send_replace(true);
        assert!(events.next().await.is_none());
        assert_eq!(to_bytes(export, 100).await.unwrap(), "whole");
    }
}
