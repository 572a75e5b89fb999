//! The listener over real connections: TLS, headers, limits, and an end that keeps nobody waiting.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use http::{Method, StatusCode};
use hubtrail::access::{Accounts, Role};
use hubtrail::clock::Clock;
use hubtrail::http::App;
use hubtrail::http::listen::{ListenError, Listener};
use hubtrail::secret::Keyring;
use secrecy::ExposeSecret as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::access_support::{Client, Service, config, token_over};
use crate::store_support::Log;

struct Served {
    url: String,
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
    log: Log,
}

async fn serve(file: &str) -> Served {
    let log = Log::new();
    let config = config(&format!("[server]\nlisten = \"127.0.0.1:0\"\n{file}"));
    let keyring = Keyring::open(log.dir.path(), None).unwrap();
    let listener = Listener::bind(&config.server).await.unwrap();
    let app = App::new(log.store.clone(), Clock::system(), Arc::new(config), keyring);
    let (stop, stopped) = oneshot::channel::<()>();
    let (url, address) = (listener.url(), listener.address());
    let task = tokio::spawn(listener.serve(app, async move { drop(stopped.await) }));
    Served { url, address, stop, task, log }
}

/// A certificate for 127.0.0.1, and what a client must trust.
fn certificate(dir: &Path) -> (String, reqwest::Certificate) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let (certificate, key) = (dir.join("tls.crt"), dir.join("tls.key"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let file = format!("tls_certificate = {certificate:?}\ntls_key = {key:?}");
    (file, reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap())
}

fn client() -> reqwest::ClientBuilder {
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder().no_proxy()
}

#[tokio::test]
async fn over_tls_it_speaks_http_2_and_asks_browsers_to_stay_with_https() {
    let dir = tempfile::tempdir().unwrap();
    let (file, trusted) = certificate(dir.path());
    let served = serve(&file).await;
    assert!(served.url.starts_with("https://127.0.0.1:"));
    let client = client().tls_certs_only([trusted]).build().unwrap();
    let reply = client.get(format!("{}/api/v1/version", served.url)).send().await.unwrap();
    assert_eq!((reply.status(), reply.version()), (StatusCode::OK, http::Version::HTTP_2));
    assert_eq!(reply.headers()["strict-transport-security"], "max-age=31536000");
    served.stop.send(()).unwrap();
    served.task.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_and_an_address_that_cannot_be_had_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let (file, _) = certificate(dir.path());
    std::fs::write(dir.path().join("tls.key"), "no key").unwrap();
    let broken = Listener::bind(&config(&format!("[server]\n{file}")).server).await.err().unwrap();
    assert!(matches!(broken, ListenError::Tls { .. }) && broken.to_string().contains("tls.key"), "{broken}");

    let served = serve("").await;
    let same = config(&format!("[server]\nlisten = \"{}\"", served.address));
    let taken = Listener::bind(&same.server).await.err().unwrap();
    assert!(matches!(taken, ListenError::InUse(_)) && taken.to_string().contains("--listen"), "{taken}");
    let elsewhere = config("[server]\nlisten = \"192.0.2.1:8787\"");
    let elsewhere = Listener::bind(&elsewhere.server).await.err().unwrap();
    assert!(matches!(elsewhere, ListenError::NotOurs(_)), "{elsewhere}");
}

#[tokio::test]
async fn it_stops_although_somebody_neither_asks_nor_leaves() {
    let served = serve("").await;
    let mut idle = TcpStream::connect(served.address).await.unwrap();
    let mut slow = TcpStream::connect(served.address).await.unwrap();
    slow.write_all(b"POST /api/v1/session HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n{")
        .await
        .unwrap();
    let began = Instant::now();
    served.stop.send(()).unwrap();
    served.task.await.unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"");
    assert!(TcpStream::connect(served.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_stream_of_events_ends_when_the_service_does() {
    let served = serve("").await;
    let token = token_over(&served.log.store, "console", Role::Viewer, Accounts::All);
    let ask = client().build().unwrap().get(format!("{}/api/v1/events/stream", served.url));
    let stream = ask.bearer_auth(token.expose_secret()).send().await.unwrap();
    assert_eq!(stream.status(), StatusCode::OK);
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert!(!stream.headers().contains_key("content-encoding"));
    served.stop.send(()).unwrap();
    stream.bytes().await.expect("the stream ends in order, and is not cut off");
    served.task.await.unwrap().unwrap();
}

#[tokio::test]
async fn every_reply_tells_the_browser_what_it_may_not() {
    let service = Service::new();
    for path in ["/sign-in", "/setup", "/", "/api/v1/version", "/api/v1/users", "/nowhere", "/api/v1/nowhere"]
    {
        let reply = service.get(&Client::default(), path).await;
        let header = |name: &str| reply.headers[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"));
        assert!(policy.split(';').any(|part| part.trim() == "frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert!(!reply.headers.contains_key("strict-transport-security"), "{path}: plain HTTP");
    }
    let nowhere = service.get(&Client::default(), "/api/v1/nowhere").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    assert_eq!(nowhere.headers["content-type"], "application/problem+json");
}

#[tokio::test]
async fn on_loopback_a_name_that_somebody_made_lead_here_is_refused() {
    let local = Service::new();
    let public = Service::configured("[server]\npublic_url = \"https://hubtrail.example.org\"");
    let open = Service::configured("[server]\nlisten = \"0.0.0.0:8787\"");
    let ask = async |service: &Service, host: &str| {
        let request = http::Request::get("/api/v1/version").header("host", host).body(Body::empty()).unwrap();
        tower::ServiceExt::oneshot(service.router.clone(), request).await.unwrap().status()
    };
    for host in ["localhost:8787", "127.0.0.1", "127.0.0.1:8787", "[::1]:8787", "LOCALHOST"] {
        assert_eq!(ask(&local, host).await, StatusCode::OK, "{host}");
    }
    for host in ["evil.example", "localhost.evil.example:8787", "192.0.2.1", "hubtrail.example.org", "?"] {
        assert_eq!(ask(&local, host).await, StatusCode::MISDIRECTED_REQUEST, "{host}");
        assert_eq!(ask(&open, host).await, StatusCode::OK, "{host}");
    }
    assert_eq!(ask(&public, "hubtrail.example.org").await, StatusCode::OK);
    assert_eq!(ask(&public, "evil.example").await, StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_announced_or_not() {
    let service = Service::new();
    let large = "x".repeat(1024 * 1024 + 1);
    let client = Client::default().with("content-type", "application/json");
    let announced = client.clone().with("content-length", &large.len().to_string());
    for client in [client, announced] {
        let reply = service.send(&client, Method::POST, "/api/v1/session", Body::from(large.clone())).await;
        assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(reply.headers["content-type"], "application/problem+json");
    }
}

#[tokio::test]
async fn replies_are_compressed_for_whoever_reads_that() {
    let service = Service::new();
    let program = Client::token(&service.token("automation", Role::Admin, Accounts::All));
    assert!(!service.get(&program, "/api/v1/tokens").await.headers.contains_key("content-encoding"));
    let gzip = service.get(&program.with("accept-encoding", "gzip"), "/api/v1/tokens").await;
    assert_eq!(gzip.headers["content-encoding"], "gzip");
}
