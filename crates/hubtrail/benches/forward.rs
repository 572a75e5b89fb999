//! How many events a second one sink takes from the log: to a file, to syslog over TCP, over HTTP; with the
//! processor time and the memory of it: `just bench forward`. Figures, not a test: a table for people on stderr, and a line
//! of JSON for each row of it on stdout. Linux only.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot set up its scene must fail")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use hubtrail::clock::Clock;
use hubtrail::config::Network;
use hubtrail::connector::{Connector, Settings};
use hubtrail::forward::Forwarder;
use hubtrail::secret::Keyring;
use hubtrail::sink::{By, Credentials, Limits, Selection, Settings as SinkSettings};
use hubtrail::store::{Append, NewConnector, NewSink, Store};
use hubtrail_core::identity::identify;
use hubtrail_core::page::Seen;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use secrecy::SecretString;
use serde_json::json;
use serde_json::value::RawValue;

const EVENTS: u64 = 300_000;
const START: UtcMs = UtcMs(1_772_445_600_000);

fn main() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let keyring = Keyring::open(dir.path(), None).unwrap();
    fill(&store, &keyring);
    eprintln!("{EVENTS} events; receivers are threads of the same process and count as processor time");
    eprintln!("{:<34} {:>10} {:>9} {:>8} {:>9} {:>8}", "", "events/s", "MB/s", "seconds", "CPU s", "RSS MiB");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (http, tcp) = (http_receiver(), tcp_receiver());
    // A file is compressed when it is turned over, which these are many times.
    let file = |format: &str, compression: &str| {
        let path = format!("{format}-{compression}.ndjson");
        json!({ "kind": "file", "path": path, "compression": compression, "rotateBytes": 16 * 1_024 * 1_024 })
    };
    let http = json!({ "kind": "http", "url": format!("http://{http}/"), "body": "ndjson" });
    let syslog = json!({ "kind": "syslog", "address": tcp.to_string(), "transport": "tcp" });
    let elsewhere = |kind: &str, place: &serde_json::Value| (kind.to_owned(), place.clone());
    for (format, (name, target)) in [
        ("raw", elsewhere("file", &file("raw", "none"))),
        ("raw", elsewhere("file, zstd", &file("raw", "zstd"))),
        ("ocsf", elsewhere("file", &file("ocsf", "none"))),
        ("ocsf", elsewhere("file, zstd", &file("ocsf", "zstd"))),
        ("raw", elsewhere("syslog, TCP", &syslog)),
        ("cef", elsewhere("syslog, TCP", &syslog)),
        ("raw", elsewhere("HTTP", &http)),
        ("ocsf", elsewhere("HTTP", &http)),
    ] {
        let settings = SinkSettings {
            name: format!("{format} {name}").replace([' ', ','], "-"),
            format: format.parse().unwrap(),
            original: true,
            target: serde_json::from_value(target).unwrap(),
            select: Selection::default(),
            batch: Limits { entries: 5_000, bytes: 8 * 1_024 * 1_024, ..Limits::default() },
        };
        measure(&runtime, &store, &keyring, settings, &format!("{name}, {format}"));
    }
}

fn measure(
    runtime: &tokio::runtime::Runtime,
    store: &Store,
    keyring: &Keyring,
    settings: SinkSettings,
    what: &str,
) {
    let new = NewSink {
        settings,
        credentials: Credentials::default(),
        by: By::Operator,
        paused: true,
        since: None,
        declared_in: None,
        created_at: START,
    };
    let sink = store.add_sink(new, keyring).unwrap();
    let network =
        Network { connect_timeout: Duration::from_secs(5), proxy: None, no_proxy: None, extra_ca: None };
    let forwarder = Forwarder::new(store, sink.clone(), keyring, &network, Clock::system()).unwrap();
    let (began, cpu) = (Instant::now(), cpu_seconds());
    runtime.block_on(forwarder.drain()).unwrap();
    let (took, cpu) = (began.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let delivery = store.delivery(&sink, START).unwrap();
    assert_eq!((delivery.entries, delivery.lag), (i64::try_from(EVENTS).unwrap(), 0));
    let (events, megabytes) = (EVENTS as f64 / took, delivery.bytes as f64 / took / 1e6);
    let mib = resident_mib();
    eprintln!("{what:<34} {events:>10.0} {megabytes:>9.1} {took:>8.2} {cpu:>9.2} {mib:>8}");
    let row = json!({
        "what": what, "events": EVENTS, "bytes": delivery.bytes, "seconds": took, "cpu": cpu, "mib": mib,
    });
    println!("{row}");
}

fn fill(store: &Store, keyring: &Keyring) {
    let settings = Settings { paused: true, ..Settings::new("acme", "http://127.0.0.1:1").unwrap() };
    let new = NewConnector { settings, created_at: START };
    let acme = store.add_connector(new, SecretString::from("pat-na1-1"), keyring).unwrap();
    for page in 0..EVENTS / 1_000 {
        store.append_blocking(records(&acme, page * 1_000..(page + 1) * 1_000)).unwrap();
    }
}

fn records(acme: &Connector, numbers: std::ops::Range<u64>) -> Append {
    const EVENTS: [&str; 4] = ["UPDATED", "PUBLISHED", "CREATED", "DELETED"];
    const TYPES: [&str; 4] = ["LANDING_PAGE", "BLOG_POST", "HUBDB_TABLE", "WEBSITE_PAGE"];
    let record = |n: u64| {
        let pick = |words: [&'static str; 4], n: u64| words[usize::try_from(n % 4).unwrap()];
        let json = json!({
            "objectId": (40_000 + n % 5_000).to_string(), "objectName": format!("Pricing and plans, page {}", n % 5_000),
            "fullName": format!("Person Number {}", n % 300), "userId": (1_000_000 + n % 300).to_string(),
            "event": pick(EVENTS, n), "objectType": pick(TYPES, n / 7),
            "timestamp": START.plus(i64::try_from(n).unwrap() * 250).to_string(),
            "meta": { "changedFields": ["htmlTitle", "metaDescription"], "revision": n },
        });
        Seen::read(RawValue::from_string(json.to_string()).unwrap())
    };
    let records: Vec<_> = numbers.map(record).collect();
    let ids = identify(&acme.account, Stream::Content, &records);
    Append { ids, records, ..Append::new(acme.id, Stream::Content, START.plus(1_000_000_000)) }
}

/// Reads each request to its end, and says 204.
fn http_receiver() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || while answer(&mut stream).is_some() {});
        }
    });
    address
}

fn answer(stream: &mut TcpStream) -> Option<()> {
    let mut buffer = Vec::new();
    let mut piece = vec![0; 256 * 1_024];
    let head = loop {
        let read = stream.read(&mut piece).ok().filter(|read| *read > 0)?;
        buffer.extend_from_slice(&piece[..read]);
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
    };
    let text = String::from_utf8_lossy(&buffer[..head]).to_lowercase();
    let length: usize = text.split("content-length: ").nth(1)?.split("\r\n").next()?.parse().ok()?;
    let mut left = (head + length).saturating_sub(buffer.len());
    while left > 0 {
        left -= stream.read(&mut piece).ok().filter(|read| *read > 0)?;
    }
    stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").ok()
}

/// Reads each connection to its end, and closes it.
fn tcp_receiver() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut piece = vec![0; 256 * 1_024];
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            while stream.read(&mut piece).is_ok_and(|read| read > 0) {}
        }
    });
    address
}

fn resident_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1_024
}

/// Of all threads; a hundredth of a second is the kernel's unit.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<f64> =
        stat.rsplit(')').next().unwrap().split_whitespace().filter_map(|it| it.parse().ok()).collect();
    // After the state come the fields from the fourth on, all of them numbers: user and system time are 14 and 15.
    (fields[10] + fields[11]) / 100.0
}
