//! An emulator on a free port, a client for it, and records that are told apart by their object.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Once};
use std::time::Duration;

use hubspot_audit_api::emulator::limits::RateLimit;
use hubspot_audit_api::emulator::{Config, Emulator};
use hubspot_audit_api::record::Record;
use reqwest::header::HeaderMap;
use reqwest::{Client, RequestBuilder, Response, redirect};
use serde_json::Value;

pub(crate) const AUDIT: &str = "/cms/v3/audit-logs/";
/// 2024-03-10T14:30:00Z
pub(crate) const START_MS: i64 = 1_710_081_000_000;
pub(crate) const NOW_MS: i64 = START_MS + 3_600_000;

/// The record with object `n`, so many milliseconds after the start.
pub(crate) fn record(n: usize, offset_ms: i64) -> Record {
    Record {
        object_id: n.to_string(),
        object_name: format!("Page {n}"),
        object_type: "LANDING_PAGE".to_owned(),
        event: "UPDATED".to_owned(),
        user_id: "7".to_owned(),
        full_name: "Ada Byron".to_owned(),
        timestamp_ms: START_MS + offset_ms,
        meta: None,
    }
}

/// Objects 0, 1, 2, … a second apart.
pub(crate) fn seconds(count: usize) -> Vec<Record> {
    (0..count).zip((0..).step_by(1000)).map(|(n, offset_ms)| record(n, offset_ms)).collect()
}

pub(crate) struct Server {
    pub(crate) emulator: Emulator,
    clock: Arc<AtomicI64>,
    client: Client,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// The objects of the page, which tell the records apart.
    pub(crate) fn objects(&self) -> Vec<usize> {
        assert_eq!(self.status, 200, "{}", self.text);
        let json = self.json();
        let results = json["results"].as_array().expect("results");
        results.iter().map(|record| record["objectId"].as_str().unwrap().parse().unwrap()).collect()
    }

    pub(crate) fn next(&self) -> Option<String> {
        self.json()["paging"]["next"]["after"].as_str().map(str::to_owned)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

impl Server {
    /// Without limits, unless the changes set them.
    pub(crate) async fn start(records: Vec<Record>, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config { rate_limit: RateLimit::OFF, daily_limit: None, ..Config::default() };
        change(&mut config);
        let clock = Arc::new(AtomicI64::new(NOW_MS));
        let shown = clock.clone();
        let now = Arc::new(move || shown.load(Ordering::SeqCst));
        let emulator = Emulator::start(config, now, records).await.unwrap();
        Self { emulator, clock, client: client() }
    }

    pub(crate) fn pass_ms(&self, ms: i64) {
        self.clock.fetch_add(ms, Ordering::SeqCst);
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().unwrap();
        let url = format!("{}{path}", self.emulator.url());
        self.client.request(method, url).bearer_auth("pat-na1-emulator")
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request("GET", path).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> Answer {
        Answer::of(self.request("POST", path).body(body.to_owned()).send().await.unwrap()).await
    }

    pub(crate) async fn page(&self, query: &str) -> Answer {
        self.get(&format!("{AUDIT}?{query}")).await
    }

    pub(crate) async fn objects(&self, query: &str) -> Vec<usize> {
        self.page(query).await.objects()
    }

    /// Follows the cursor as HubSpot's guide says, for at most so many pages.
    pub(crate) async fn follow(&self, query: &str, most: usize) -> Vec<usize> {
        let mut objects = Vec::new();
        let mut cursor = String::new();
        for _ in 0..most {
            let page = self.page(&format!("{query}{cursor}")).await;
            objects.extend(page.objects());
            match page.next() {
                Some(next) => cursor = format!("&after={next}"),
                None => break,
            }
        }
        objects
    }
}

pub(crate) fn client() -> Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Another test of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    Client::builder()
        .redirect(redirect::Policy::none())
        .timeout(Duration::from_secs(20))
        .no_proxy()
        .build()
        .unwrap()
}
