//! One of the paths that every event takes, over so many events, the same ones every time: what
//! `scripts/instructions` counts the instructions of.
//!
//!     cargo run --example hot_paths -- read|identify|normalize|rules|behaviour EVENTS

#![expect(clippy::unwrap_used, reason = "an experiment that cannot set up its scene must fail")]

#[path = "hot_paths/line.rs"]
mod line;

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hubtrail_core::detect::{BUDGET, Behaviour, Detector, LATENESS_MS, Layer, RuleSet, Settings, Source};
use hubtrail_core::encode::{Account, Encoding, Format, Recorded};
use hubtrail_core::event::Event;
use hubtrail_core::identity::{AccountKey, EventId, identify_events};
use hubtrail_core::stream::Stream;
use jiff::tz::TimeZone;

use crate::line::line;

const PAGE: usize = 100;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (path, count) = (arguments.next().unwrap(), arguments.next().unwrap().parse().unwrap());
    let lines: Vec<String> = (0..count).map(line).collect();
    match path.as_str() {
        "read" => lines.iter().for_each(|line| _ = black_box(Event::read(line))),
        "identify" => _ = black_box(identified(&lines)),
        "normalize" => normalize(&lines),
        "rules" => detect(&lines, Detector::new(shipped(), LATENESS_MS)),
        "behaviour" => {
            let behaviour = Behaviour::new(Settings { lateness_ms: LATENESS_MS, budget: BUDGET });
            detect(&lines, Detector::new(shipped(), LATENESS_MS).with_behaviour(behaviour));
        }
        _ => panic!("there is no path {path}"),
    }
}

fn identified(lines: &[String]) -> Vec<(Event, EventId)> {
    let account = AccountKey("1".to_owned());
    let pages = lines.chunks(PAGE).flat_map(|lines| {
        let events: Vec<Event> = lines.iter().map(|line| Event::read(line).unwrap()).collect();
        let ids = identify_events(&account, Stream::Content, &events);
        events.into_iter().zip(ids).collect::<Vec<_>>()
    });
    pages.collect()
}

fn normalize(lines: &[String]) {
    let encoding = Encoding::with_original(Format::Ocsf);
    let mut bytes = Vec::new();
    for ((event, id), raw) in identified(lines).iter().zip(lines) {
        let recorded = Recorded {
            id: *id,
            position: None,
            stream: Stream::Content,
            account: Account { connector: "acme", portal_id: Some(62_515) },
            time: event.timestamp,
            seen_at: None,
            raw,
            event: Ok(event),
            person: None,
        };
        bytes.clear();
        encoding.encode_line(&recorded.into(), &mut bytes);
        black_box(&bytes);
    }
}

fn detect(lines: &[String], mut detector: Detector) {
    for page in identified(lines).chunks(PAGE) {
        for (event, id) in page {
            detector.advance(event.timestamp);
            detector.observe(event, *id);
        }
        black_box(detector.changes());
    }
}

fn shipped() -> Arc<RuleSet> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let mut files: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let source = |path: PathBuf| Source {
        text: fs::read_to_string(&path).unwrap(),
        file: path.display().to_string(),
        layer: Layer::Shipped,
    };
    let sources: Vec<_> = files.into_iter().map(source).collect();
    Arc::new(RuleSet::load(&sources, &TimeZone::UTC).0)
}
