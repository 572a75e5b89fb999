//! A server for tests that answers each connection with canned bytes and keeps what it was asked.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What is done with one connection.
#[derive(Clone)]
pub(super) enum Answer {
    /// These bytes, whatever is asked.
    AtOnce(Vec<u8>),
    /// These bytes, then the end.
    Bytes(Vec<u8>),
    /// These bytes, then a reset.
    Reset(Vec<u8>),
    /// These bytes, then nothing for ever.
    Hang(Vec<u8>),
    /// These bytes, then one more again and again.
    Drip(Vec<u8>),
}

pub(super) struct Responder {
    pub(super) base_url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Responder {
    /// Serves the answers in order, the last one again and again.
    pub(super) async fn serve(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut answers = answers.into_iter().peekable();
            let mut last = None;
            while let Ok((stream, _)) = listener.accept().await {
                // Whoever only looks whether somebody listens asks nothing.
                if !matches!(stream.peek(&mut [0]).await, Ok(1)) {
                    continue;
                }
                last = answers.next().or(last);
                if let Some(answer) = last.clone() {
                    tokio::spawn(answer_one(stream, answer, Arc::clone(&seen)));
                }
            }
        });
        Self { base_url, asked }
    }

    /// The heads and bodies of the requests so far.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// The request lines so far, without the protocol.
    pub(super) fn lines(&self) -> Vec<String> {
        let line = |asked: &String| asked.lines().next().unwrap().trim_end_matches(" HTTP/1.1").to_owned();
        self.asked().iter().map(line).collect()
    }
}

/// A response with a body, as HubSpot sends it.
pub(super) fn reply(status: u16, headers: &str, body: &str) -> Answer {
    reply_bytes(status, headers, body.as_bytes())
}

pub(super) fn reply_bytes(status: u16, headers: &str, body: &[u8]) -> Answer {
    let length = body.len();
    let mut bytes =
        format!("HTTP/1.1 {status} Status\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n")
            .into_bytes();
    bytes.extend_from_slice(body);
    Answer::Bytes(bytes)
}

async fn answer_one(mut stream: TcpStream, answer: Answer, seen: Arc<Mutex<Vec<String>>>) {
    if let Answer::AtOnce(bytes) = &answer {
        stream.write_all(bytes).await.ok();
    }
    let request = read_request(&mut stream).await;
    seen.lock().unwrap().push(request);
    match answer {
        Answer::AtOnce(_) => {}
        Answer::Bytes(bytes) => {
            stream.write_all(&bytes).await.ok();
            stream.shutdown().await.ok();
        }
        Answer::Reset(bytes) => {
            stream.write_all(&bytes).await.ok();
            stream.set_zero_linger().ok();
        }
        Answer::Hang(bytes) => {
            stream.write_all(&bytes).await.ok();
            std::future::pending::<()>().await;
        }
        Answer::Drip(bytes) => {
            stream.write_all(&bytes).await.ok();
            while stream.write_all(b" ").await.is_ok() {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        }
    }
}

/// The head, and as much of a body as the head promises.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut buffer = [0_u8; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lower = head.to_lowercase();
            let promised = lower.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= promised.map_or(0, |length| length.trim().parse().unwrap()) {
                return text;
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return text,
            Ok(read) => request.extend_from_slice(&buffer[..read]),
        }
    }
}
