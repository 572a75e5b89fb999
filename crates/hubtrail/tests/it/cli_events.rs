//! `hubtrail events` in every format, with the real binary over a log on disk.

use std::io::{BufRead, BufReader, Read};

use hubtrail_core::page::Seen;

use crate::binary::{Hubtrail, Running};
use crate::store_support::{Log, at, raw};

/// As HubSpot sent it: its own spacing, escapes and key order, and a name that means harm.
const PRETTY: &str = "{\n  \"timestamp\" : \"1710000000001\",\n  \"event\": \"UNPUBLISHED\", \"objectType\": \"LANDING_PAGE\",\r\n\
                      \t\"objectId\": 9007199254740993, \"objectName\": \"=cmd|'\\u001b[2J\\n\", \"fullName\":\"K\\u00fcng\"\n}";
const PRETTY_LINE: &str = "{\"timestamp\" : \"1710000000001\",\"event\": \"UNPUBLISHED\", \"objectType\": \"LANDING_PAGE\",\
                           \"objectId\": 9007199254740993, \"objectName\": \"=cmd|'\\u001b[2J\\n\", \"fullName\":\"K\\u00fcng\"}";

struct Filled {
    log: Log,
    hubtrail: Hubtrail,
}

impl Filled {
    fn new() -> Self {
        let log = Log::new();
        let hubtrail = Hubtrail::over(log.dir.path());
        Self { log, hubtrail }
    }

    fn append(&self, records: &[Seen]) {
        self.log.append(records);
    }

    fn prints(&self, arguments: &[&str]) -> String {
        self.hubtrail.prints(&[&["events"], arguments].concat())
    }
}

#[test]
fn raw_is_every_record_as_sent_one_a_line_oldest_first() {
    let log = Filled::new();
    let (old, new) = (at(1_709_000_000_000).seen(), at(1_710_000_000_002).seen());
    log.append(&[new.clone(), raw("{\"note\":\n1}"), raw(PRETTY), old.clone()]);
    assert_eq!(
        log.prints(&["--format", "raw"]),
        format!("{}\n{PRETTY_LINE}\n{}\n{{\"note\":1}}\n", old.raw.get(), new.raw.get())
    );
    let unpublished = log.prints(&["--format", "raw", "--event-type", "UNPUBLISHED,DELETED"]);
    assert_eq!(unpublished, format!("{PRETTY_LINE}\n"), "what cannot be read has no event type");
    let newest =
        log.prints(&["--format", "raw", "--sort", "-timestamp", "--limit", "1", "--before", "1710000000002"]);
    assert_eq!(newest, format!("{PRETTY_LINE}\n"));
}

#[test]
fn filters_of_a_kind_are_alternatives_and_kinds_must_all_match() {
    let log = Filled::new();
    let globex = log.log.add("globex");
    let records = [at(1_000), at(2_000), at(3_000), at(4_000)];
    let [a, mut b, mut c, mut d] = records;
    (b.user, c.object, d.object_type) = (8, 41, "CTA");
    log.append(&[a, b, c].map(|record| record.seen()));
    log.log.append_to(&globex, &[d.seen()]);
    let found = |arguments: &[&str]| {
        let lines = log.prints(&[&["--format", "csv"], arguments].concat());
        lines
            .lines()
            .skip(1)
            .map(|line| line.split(',').nth(2).unwrap()[17..19].to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(found(&[]), ["01", "02", "03", "04"]);
    assert_eq!(found(&["--user-id", "7,8", "--object-id", "40", "--object-id", "99"]), ["01", "02", "04"]);
    assert_eq!(found(&["--connector", "globex"]), ["04"]);
    assert_eq!(found(&["--object-type", "CTA", "--user-id", "8"]), Vec::<String>::new());
    assert_eq!(found(&["--after", "2000", "--before", "4000", "--sort", "-timestamp"]), ["03", "02"]);
    assert_eq!(found(&["--text", "PRIC", "--limit", "2"]), ["01", "02"]);
    let unknown = log.hubtrail.fails(1, &["events", "--connector", "initech"]);
    assert!(unknown.contains("`acme`") && unknown.contains("`globex`"), "{unknown}");
}

#[test]
fn csv_is_safe_in_a_spreadsheet_and_has_a_line_for_what_cannot_be_read() {
    let log = Filled::new();
    log.append(&[raw(PRETTY), raw("7")]);
    let csv = log.prints(&["--format", "csv", "--no-original"]);
    let (header, rest) = csv.split_once("\r\n").unwrap();
    assert!(
        header.starts_with("position,connector,timestamp,event,objectType,") && header.ends_with(",original")
    );
    let event = "1,acme,2024-03-09T16:00:00.001Z,UNPUBLISHED,LANDING_PAGE,9007199254740993,\"'=cmd|'\u{1b}[2J\n\",,Küng,";
    assert!(rest.starts_with(event), "{csv}");
    assert!(csv.ends_with(",the record is not a JSON object,\r\n"), "{csv}");
    let whole = log.prints(&["--format", "csv"]);
    assert!(whole.ends_with(",the record is not a JSON object,7\r\n"), "{whole}");
}

#[test]
fn each_schema_has_a_line_for_each_entry_and_tells_of_the_account_and_the_person() {
    let log = Filled::new();
    log.append(&[at(1_000).seen(), raw("7")]);
    for format in ["raw", "ocsf", "ecs", "dnif", "cef", "leef"] {
        let lines = log.prints(&["--format", format]);
        assert_eq!(lines.lines().count(), 2, "{format}: {lines}");
        let id = log.log.all()[0].event_id.to_string();
        if format != "raw" {
            assert!(lines.contains(&id) && lines.contains("acme"), "{format}: {lines}");
        }
    }
    let refused = log.hubtrail.fails(2, &["events", "--format", "xml"]);
    assert!(refused.contains("ocsf") && refused.contains("leef"), "{refused}");
}

#[test]
fn a_table_is_sentences_and_obeys_no_name() {
    let log = Filled::new();
    log.append(&[raw(PRETTY), raw("7")]);
    let table = log.prints(&["--utc"]);
    let lines: Vec<_> = table.lines().collect();
    assert!(lines[0].starts_with("TIME (UTC)") && lines[0].ends_with("EVENT"), "{table}");
    assert!(lines[1].starts_with("2024-03-09 16:00:00.001 "), "{table}");
    assert!(lines[1].ends_with("Küng unpublished landing page “=cmd|'\\u{1b}[2J”"), "{table}");
    assert!(lines[2].ends_with("unreadable: the record is not a JSON object"), "{table}");
    assert!(!table.contains('\u{1b}'), "there are no colours in a pipe");
}

#[test]
fn following_goes_on_with_what_is_appended_later_even_if_it_is_older() {
    let log = Filled::new();
    log.append(&[at(2_000).seen(), at(3_000).seen()]);
    let arguments = ["events", "--follow", "--limit", "1", "--format", "raw", "--object-type", "BLOG_POST"];
    let mut running = Running::start(log.hubtrail.command(&arguments));
    let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
    let mut next = || lines.next().unwrap().unwrap();
    assert_eq!(next(), at(3_000).seen().raw.get());
    let mut other = at(4_000);
    other.object_type = "CTA";
    log.append(&[at(1_000).seen(), other.seen(), at(5_000).seen()]);
    assert_eq!(next(), at(1_000).seen().raw.get());
    assert_eq!(next(), at(5_000).seen().raw.get());
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    let log = Filled::new();
    let records: Vec<_> = (0..5_000).map(|ms| at(ms).seen()).collect();
    log.append(&records);
    let mut running = Running::start(log.hubtrail.command(&["events", "--format", "raw"]));
    let mut stdout = running.0.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 10]).unwrap();
    drop(stdout);
    let mut said = String::new();
    running.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((running.0.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}
