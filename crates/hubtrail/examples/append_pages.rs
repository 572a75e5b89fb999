//! Pages into a new log, each a transaction, as a walk appends them: what `scripts/instructions` counts the instructions of
//! beside the other hot paths, over the same records. Reading and identifying them is in it.
//!
//!     cargo run --example append_pages -- EVENTS

#![expect(clippy::unwrap_used, reason = "an experiment that cannot set up its scene must fail")]

use hubtrail::connector::Settings;
use hubtrail::secret::Keyring;
use hubtrail::store::{Append, NewConnector, Store};
use hubtrail_core::identity::identify;
use hubtrail_core::page::Seen;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use secrecy::SecretString;
use serde_json::value::RawValue;

#[path = "../../hubtrail-core/examples/hot_paths/line.rs"]
mod line;

const PAGE: usize = 100;

fn main() {
    let events: i64 = std::env::args().nth(1).unwrap().parse().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let keyring = Keyring::open(dir.path(), None).unwrap();
    let settings = Settings { paused: true, ..Settings::new("acme", "http://127.0.0.1:1").unwrap() };
    let new = NewConnector { settings, created_at: UtcMs(0) };
    let acme = store.add_connector(new, SecretString::from("pat-na1-1"), &keyring).unwrap();
    let lines: Vec<String> = (0..events).map(line::line).collect();
    for lines in lines.chunks(PAGE) {
        let seen = |line: &String| Seen::read(RawValue::from_string(line.clone()).unwrap());
        let records: Vec<Seen> = lines.iter().map(seen).collect();
        let newest = records.last().unwrap().event.as_ref().unwrap().timestamp;
        let ids = identify(&acme.account, Stream::Content, &records);
        let append = Append { ids, records, ..Append::new(acme.id, Stream::Content, newest) };
        assert_eq!(store.append_blocking(append).unwrap().new, lines.len());
    }
}
