//! DNIF's HTTP connector by its documentation: `POST /<cluster>/default/<id>/events` takes a JSON array or one
//! object a line as `application/json`, with Basic, Bearer, a shared secret in a header, or an HMAC of the
//! payload in a header.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Kept;
use super::plain::UNWANTED;
use super::web::{Answer, Request, Web};

pub(crate) const PATH: &str = "/cluster/default/0b7e6f0a-6a5f-4d1c-9c51-b5a1f2c3d4e5/events";

/// How the block of the connector authenticates.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    Basic { user: &'static str, password: &'static str },
    Bearer(&'static str),
    SharedSecret { header: &'static str, secret: &'static str },
    Hmac { header: &'static str, key: &'static str },
}

pub(crate) struct Dnif {
    pub(crate) web: Web,
    pub(crate) kept: Kept,
}

impl Dnif {
    pub(crate) async fn start(block: Block) -> Self {
        let kept = Kept::default();
        let into = kept.clone();
        let web = Web::start(move |request| {
            let error =
                |status, what: &str| Answer(status, format!(r#"{{"status":"failed","message":"{what}"}}"#));
            if request.path != PATH {
                return error(404, "no such connector");
            }
            if request.method != "POST" || request.header("content-type") != Some("application/json") {
                return error(415, "send application/json");
            }
            if !is_proved(&block, request) {
                return error(401, "unauthorized");
            }
            let Some(events) = events(&request.body) else { return error(400, "invalid JSON") };
            if events.is_empty() || events.iter().any(|event| !event.is_object()) {
                return error(400, "events are objects");
            }
            if events.iter().any(|event| event.to_string().contains(&format!("\"{UNWANTED}\""))) {
                return error(422, "an event is refused");
            }
            into.extend(events.iter().map(ToString::to_string));
            Answer(200, r#"{"status":"success"}"#.to_owned())
        });
        Self { web: web.await, kept }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}{PATH}", self.web.url())
    }
}

fn events(body: &[u8]) -> Option<Vec<Value>> {
    let whole: Result<Value, _> = serde_json::from_slice(body);
    match whole {
        Ok(Value::Array(events)) => Some(events),
        Ok(event) => Some(vec![event]),
        Err(_) => {
            std::str::from_utf8(body).ok()?.lines().map(|line| serde_json::from_str(line).ok()).collect()
        }
    }
}

fn is_proved(block: &Block, request: &Request) -> bool {
    match block {
        Block::Basic { user, password } => {
            let pair = STANDARD.encode(format!("{user}:{password}"));
            request.header("authorization") == Some(&format!("Basic {pair}"))
        }
        Block::Bearer(token) => request.header("authorization") == Some(&format!("Bearer {token}")),
        Block::SharedSecret { header, secret } => request.header(header) == Some(secret),
        Block::Hmac { header, key } => {
            let expected = hex::encode(hmac_sha256(key.as_bytes(), &request.body));
            request.header(header) == Some(&expected)
        }
    }
}

/// RFC 2104, written out: the receiver must not share the sender's library.
pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    use sha2::{Digest as _, Sha256};
    let mut block = [0_u8; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let pad = |byte: u8| block.map(|key| key ^ byte);
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}
