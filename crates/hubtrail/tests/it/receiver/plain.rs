//! Anything that takes a JSON array or lines by `POST`, and refuses what names an object that it does not like.

use serde_json::Value;

use super::Kept;
use super::web::{Answer, Request, Web};

/// An entry of this object is refused, together with whatever comes with it.
pub(crate) const UNWANTED: &str = "666";

pub(crate) struct Plain {
    pub(crate) web: Web,
    pub(crate) kept: Kept,
}

impl Plain {
    /// `proof` says whether a request shows who sends it.
    pub(crate) async fn start(proof: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Self {
        let kept = Kept::default();
        let into = kept.clone();
        let web = Web::start(move |request| {
            if request.method != "POST" || request.path != "/ingest" {
                return Answer(404, format!("nothing at {}", request.path));
            }
            if !proof(request) {
                return Answer(401, format!("not you: {:?}", request.headers));
            }
            let Some(entries) = entries(request) else { return Answer(400, "not JSON".to_owned()) };
            if entries.iter().any(|entry| entry["objectId"] == UNWANTED) {
                return Answer(422, format!("object {UNWANTED} is not wanted"));
            }
            into.extend(entries.iter().map(ToString::to_string));
            Answer(202, r#"{"taken":true}"#.to_owned())
        });
        Self { web: web.await, kept }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/ingest", self.web.url())
    }
}

pub(crate) fn entries(request: &Request) -> Option<Vec<Value>> {
    match request.header("content-type")? {
        "application/json" => serde_json::from_slice(&request.body).ok(),
        "application/x-ndjson" => {
            request.text().lines().map(|line| serde_json::from_str(line).ok()).collect()
        }
        _ => None,
    }
}
