//! As much of an HTTP/1.1 server as a receiver needs, with its hands on the connection.

use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::{Fault, Faults};

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// With its query.
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    /// Unpacked.
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or("")
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Answer(pub(crate) u16, pub(crate) String);

/// Serves until it is dropped. `judge` keeps what it takes, and answers.
pub(crate) struct Web {
    pub(crate) address: SocketAddr,
    pub(crate) faults: Faults,
    task: JoinHandle<()>,
}

impl Drop for Web {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Web {
    pub(crate) async fn start(judge: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let faults = Faults::default();
        let (judge, known) = (Arc::new(judge), faults.clone());
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&judge), known.clone()));
            }
        });
        Self { address, faults, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

async fn serve(
    mut stream: TcpStream,
    judge: Arc<impl Fn(&Request) -> Answer + Send + Sync + 'static>,
    faults: Faults,
) {
    let mut buffer = Vec::new();
    while let Some(request) = read(&mut stream, &mut buffer).await {
        let fault = faults.next();
        match fault {
            Some(Fault::ResetBefore) => return reset(stream),
            Some(Fault::Slow(time)) => tokio::time::sleep(time).await,
            Some(Fault::Status(status, retry_after)) => {
                let more = retry_after.map_or_else(String::new, |after| format!("Retry-After: {after}\r\n"));
                // What was sent is repeated, secrets and all, as careless receivers do.
                let echo = format!("{:?}", request.headers);
                if answer(&mut stream, status, &more, &echo).await.is_err() {
                    return;
                }
                continue;
            }
            Some(Fault::ResetAfter) | None => {}
        }
        let Answer(status, body) = judge(&request);
        if fault == Some(Fault::ResetAfter) {
            return reset(stream);
        }
        if answer(&mut stream, status, "Content-Type: application/json\r\n", &body).await.is_err() {
            return;
        }
    }
}

fn reset(stream: TcpStream) {
    stream.set_zero_linger().unwrap();
}

async fn answer(stream: &mut TcpStream, status: u16, more: &str, body: &str) -> std::io::Result<()> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} Said\r\n{more}Content-Length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await
}

/// None: the client is gone.
async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Request> {
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(buffer[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ');
    let (method, path) = (first.next().unwrap().to_owned(), first.next().unwrap().to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let mut request = Request { method, path, headers, body: Vec::new() };
    let length: usize = request.header("content-length").map_or(0, |text| text.parse().unwrap());
    while buffer.len() < end + length {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    request.body = buffer[end..end + length].to_vec();
    buffer.drain(..end + length);
    if request.header("content-encoding") == Some("gzip") {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(request.body.as_slice()).read_to_end(&mut plain).unwrap();
        request.body = plain;
    }
    Some(request)
}
