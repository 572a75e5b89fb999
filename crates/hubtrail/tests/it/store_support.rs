//! A log in a directory of its own, and records to put into it.

use hubtrail::connector::{Connector, Settings};
use hubtrail::secret::Keyring;
use hubtrail::store::{Append, Appended, Entry, NewConnector, Search, Store};
use hubtrail_core::checkpoint::{Change, WalkKind, WalkPoint};
use hubtrail_core::event::Event;
use hubtrail_core::identity::identify;
use hubtrail_core::page::Seen;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use secrecy::SecretString;
use serde_json::json;
use serde_json::value::RawValue;
use tempfile::TempDir;

/// When every test happens, unless it says otherwise: 2024-03-10T14:32:18.123Z.
pub(crate) const NOW: UtcMs = UtcMs(1_710_081_138_123);

pub(crate) struct Log {
    pub(crate) dir: TempDir,
    pub(crate) store: Store,
    pub(crate) acme: Connector,
}

impl Log {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let acme = add(&store, &dir, "acme");
        Self { dir, store, acme }
    }

    pub(crate) fn add(&self, name: &str) -> Connector {
        add(&self.store, &self.dir, name)
    }

    pub(crate) fn append(&self, records: &[Seen]) -> Appended {
        self.append_to(&self.acme, records)
    }

    pub(crate) fn append_to(&self, connector: &Connector, records: &[Seen]) -> Appended {
        self.store.append_blocking(page(connector, records)).unwrap()
    }

    pub(crate) fn all(&self) -> Vec<Entry> {
        self.store.search(&Search::default()).unwrap()
    }
}

fn add(store: &Store, dir: &TempDir, name: &str) -> Connector {
    let keyring = Keyring::open(dir.path(), None).unwrap();
    let settings = Settings::new(name, "http://127.0.0.1:1").unwrap();
    store
        .add_connector(NewConnector { settings, created_at: NOW }, SecretString::from("pat-na1-1"), &keyring)
        .unwrap()
}

pub(crate) fn page(connector: &Connector, records: &[Seen]) -> Append {
    Append {
        ids: identify(&connector.account, Stream::Content, records),
        records: records.to_vec(),
        ..Append::new(connector.id, Stream::Content, NOW)
    }
}

/// What the tests vary; the rest is the same for all.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) ms: i64,
    pub(crate) event: &'static str,
    pub(crate) object_type: &'static str,
    pub(crate) user: u32,
    pub(crate) object: u32,
    pub(crate) full_name: String,
    pub(crate) object_name: String,
}

pub(crate) fn at(ms: i64) -> Record {
    Record {
        ms,
        event: "UPDATED",
        object_type: "BLOG_POST",
        user: 7,
        object: 40,
        full_name: "Ann Ünal".to_owned(),
        object_name: "Prices".to_owned(),
    }
}

impl Record {
    pub(crate) fn seen(&self) -> Seen {
        raw(&json!({
            "objectId": self.object.to_string(), "objectName": self.object_name, "fullName": self.full_name,
            "event": self.event, "userId": self.user.to_string(), "timestamp": UtcMs(self.ms).to_string(),
            "objectType": self.object_type, "meta": {},
        })
        .to_string())
    }
}

pub(crate) fn raw(json: &str) -> Seen {
    Seen::read(RawValue::from_string(json.to_owned()).unwrap())
}

pub(crate) fn event(entry: &Entry) -> &Event {
    entry.event.as_ref().unwrap()
}

pub(crate) fn times(entries: &[Entry]) -> Vec<i64> {
    entries.iter().map(|entry| entry.timestamp.0).collect()
}

/// The tail brings the last of the records first; a walk over the history follows, page by page.
pub(crate) async fn backfill_behind_the_tail(log: &Log, records: &[Seen], recent: usize) {
    let (history, recent) = records.split_at(records.len() - recent);
    let walk = |newest| WalkPoint { newest, ..WalkPoint::new(None, None, NOW) };
    let append = |change, records: &[Seen]| {
        log.store.append_blocking(Append { changes: vec![change], ..page(&log.acme, records) }).unwrap();
    };
    append(Change::Progress { kind: WalkKind::Backfill, point: walk(None) }, recent);
    for records in history.chunks(90) {
        let newest = records.last().and_then(|seen| Some(seen.event.as_ref().ok()?.timestamp));
        append(Change::Progress { kind: WalkKind::Backfill, point: walk(newest) }, records);
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    append(Change::Ended { kind: WalkKind::Backfill, point: walk(Some(NOW)) }, &[]);
}
