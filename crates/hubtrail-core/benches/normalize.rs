//! How fast records become lines of each schema, on one core, from JSON to bytes; beside Tenzir mapping the same file to
//! OCSF where it is installed: `just bench normalize`. Figures, not a test: a table for people on stderr, and a line of JSON
//! for each row of it on stdout. Linux only.
//!
//! `pip install tenzir` into any environment whose `bin` is in the path is enough.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot set up its scene must fail")]

use std::fs;
use std::hint::black_box;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use hubtrail_core::encode::{Account, Encoding, Format, Recorded};
use hubtrail_core::event::Event;
use hubtrail_core::identity::{AccountKey, Occurrences};
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use serde_json::json;

const EVENTS: usize = 400_000;
const START: UtcMs = UtcMs(1_772_445_600_000);
/// A batch as a sink takes it: bytes are counted and dropped.
const BATCH_BYTES: usize = 1 << 20;

fn main() {
    let lines = lines();
    let input: usize = lines.iter().map(|line| line.len() + 1).sum();
    eprintln!("{EVENTS} records, {:.1} MB, one core", input as f64 / 1e6);
    eprintln!(
        "{:<26} {:>9} {:>12} {:>10} {:>10} {:>9}",
        "", "CPU s", "records/s", "MB/s in", "MB/s out", "seconds"
    );
    let took = timed(|| lines.iter().for_each(|line| _ = black_box(Event::read(line))));
    row("memory", "reading only", took, input, 0);
    let with_original = Format::ALL.map(|format| (format.to_string(), Encoding::with_original(format)));
    let without =
        ("ocsf without the original".to_owned(), Encoding { format: Format::Ocsf, original: false });
    for (what, encoding) in with_original.into_iter().chain([without]) {
        let mut written = 0;
        let took = timed(|| written = encode(each(&lines), encoding, &mut io::sink()));
        row("memory", &what, took, input, written);
    }
    side_by_side(&lines, input);
}

fn each(lines: &[String]) -> impl Iterator<Item = &str> {
    lines.iter().map(|line| black_box(line.as_str()))
}

fn row(within: &str, what: &str, Took { cpu, wall }: Took, input: usize, written: usize) {
    let (cpu, wall) = (cpu.as_secs_f64(), wall.as_secs_f64());
    let (rate, megabytes) = (EVENTS as f64 / cpu, input as f64 / 1e6 / cpu);
    let out = if written == 0 { String::new() } else { format!("{:.0}", written as f64 / 1e6 / cpu) };
    eprintln!("{what:<26} {cpu:>9.2} {rate:>12.0} {megabytes:>10.0} {out:>10} {wall:>9.2}");
    let row = json!({
        "within": within, "what": what, "records": EVENTS, "cpu": cpu, "seconds": wall, "bytes_in": input, "bytes_out": written,
    });
    println!("{row}");
}

/// All that `hubtrail normalize` does between a line that was read and a line that is written, the id included.
fn encode<'a>(lines: impl Iterator<Item = &'a str>, encoding: Encoding, to: &mut impl Write) -> usize {
    let account = AccountKey("1".to_owned());
    let mut ids = Occurrences::default();
    let (mut batch, mut written) = (Vec::with_capacity(2 * BATCH_BYTES), 0);
    for raw in lines {
        let event = Event::read(raw).unwrap();
        let recorded = Recorded {
            id: ids.identify(&account, Stream::Content, Ok(&event)),
            position: None,
            stream: Stream::Content,
            account: Account { connector: "acme", portal_id: Some(62_515) },
            time: event.timestamp,
            seen_at: None,
            raw,
            event: Ok(&event),
            person: None,
        };
        encoding.encode_line(&recorded.into(), &mut batch);
        if batch.len() > BATCH_BYTES {
            to.write_all(&batch).unwrap();
            written += batch.len();
            batch.clear();
        }
    }
    to.write_all(&batch).unwrap();
    written + batch.len()
}

/// From file to file, ours and theirs: reading, mapping to OCSF 3004 with the raw record, writing.
fn side_by_side(lines: &[String], input: usize) {
    let dir = std::env::temp_dir().join(format!("hubtrail-bench-{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    let (from, to) = (dir.join("records.ndjson"), dir.join("ocsf.ndjson"));
    fs::write(&from, lines.join("\n") + "\n").unwrap();
    eprintln!("\nfrom file to file, OCSF:");
    let mut written = 0;
    let took = timed(|| {
        let read = fs::read_to_string(&from).unwrap();
        let mut file = fs::File::create(&to).unwrap();
        written = encode(read.lines(), Encoding::with_original(Format::Ocsf), &mut file);
    });
    row("files", "hubtrail", took, input, written);
    tenzir(&dir, &from, &to, input);
    fs::remove_dir_all(&dir).unwrap();
}

fn tenzir(dir: &Path, from: &Path, to: &Path, input: usize) {
    let pipeline = dir.join("ocsf.tql");
    let text = PIPELINE.replace("FROM", from.to_str().unwrap()).replace("TO", to.to_str().unwrap());
    fs::write(&pipeline, text).unwrap();
    let (start, wall) = (cpu_of_children(), Instant::now());
    let mut command = Command::new("tenzir");
    command.arg("-f").arg(&pipeline).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let Ok(output) = command.output() else {
        eprintln!("tenzir                     is not installed: pip install tenzir");
        return;
    };
    let took = Took { cpu: cpu_of_children() - start, wall: wall.elapsed() };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mapped = fs::read_to_string(to).unwrap().lines().count();
    assert_eq!(mapped, EVENTS, "tenzir lost records");
    row("files", "tenzir", took, input, fs::metadata(to).unwrap().len() as usize);
}

/// The same fields as ours, but for our words of the event; its hash stands for our id.
const PIPELINE: &str = r#"
from_file "FROM" { read_lines }
r = line.parse_json()
activity_id = 99
if r.event == "CREATED" { activity_id = 1 } else if r.event == "UPDATED" { activity_id = 3 }
if r.event == "DELETED" { activity_id = 4 } else if r.event == "PUBLISHED" { activity_id = 8 }
if r.event == "UNPUBLISHED" { activity_id = 9 }
this = {
  activity_id: activity_id, category_uid: 3, class_uid: 3004, type_uid: 300400 + activity_id, severity_id: 1,
  status_id: 1, time: (r.timestamp.time() - 1970-01-01).count_milliseconds().round(),
  message: f"{r.fullName} {r.event} {r.objectType} {r.objectName}",
  actor: {user: {uid: r.userId, name: r.fullName, full_name: r.fullName}},
  entity: {uid: r.objectId, name: r.objectName, type: r.objectType, type_id: 99},
  metadata: {version: "1.8.0", product: {name: "HubSpot", vendor_name: "HubSpot"}, event_code: r.event,
    log_name: "CMS audit log", log_provider: "HubSpot", uid: line.hash_sha256()},
  unmapped: {meta: r.meta.print_ndjson()}, raw_data: line,
}
ocsf_derive
to_file "TO" { write_ndjson }
"#;

fn lines() -> Vec<String> {
    let types = [
        "WEBSITE_PAGE",
        "WEBSITE_PAGE",
        "BLOG_POST",
        "LANDING_PAGE",
        "FILE",
        "MODULE",
        "URL_MAPPING",
        "EMAIL",
    ];
    let events = ["UPDATED", "UPDATED", "PUBLISHED", "CREATED", "UPDATED", "DELETED"];
    let line = |n: usize| {
        let meta = if n.is_multiple_of(4) { r#","meta":{"fields":["slug","publishDate"]}"# } else { "" };
        format!(
            r#"{{"objectId":"{}","objectName":"Spring campaign, page {} \"beta\"","fullName":"Maria Keller {}","event":"{}","userId":"{}","timestamp":"{}","objectType":"{}"{meta}}}"#,
            40_653_643_190_u64 + (n % 5_000) as u64,
            n % 5_000,
            n % 50,
            events[n % events.len()],
            1_000_000 + n % 50,
            START.plus(n as i64 * 250),
            types[n % types.len()],
        )
    };
    (0..EVENTS).map(line).collect()
}

/// Time on a core, which other processes do not lengthen, and time by the clock.
struct Took {
    cpu: Duration,
    wall: Duration,
}

fn timed(work: impl FnOnce()) -> Took {
    let (start, wall) = (cpu(), Instant::now());
    work();
    Took { cpu: cpu() - start, wall: wall.elapsed() }
}

/// Of this process, and of those that it waited for: fields 14 to 17 of `/proc/self/stat`, in hundredths of a second.
fn ticks() -> [u64; 4] {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    [11, 12, 13, 14].map(|at| fields[at].parse().unwrap())
}

fn cpu() -> Duration {
    let [user, system, ..] = ticks();
    Duration::from_millis((user + system) * 10)
}

fn cpu_of_children() -> Duration {
    let [.., user, system] = ticks();
    Duration::from_millis((user + system) * 10)
}
