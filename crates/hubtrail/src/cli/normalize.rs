//! `hubtrail normalize`: HubSpot's records in the schema of somebody else, without a log. Every line that is not
//! blank comes out again: what cannot be read as well, as such.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use hubtrail_core::encode::{Account, Encoding, Format, Recorded};
use hubtrail_core::event::{Event, Unreadable};
use hubtrail_core::identity::{AccountKey, Occurrences};
use hubtrail_core::page::Dimension;
use hubtrail_core::sentence::harmless;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;

use super::lines::Lines;
use super::{format, output};
use crate::clock::Clock;

/// Bad lines that are named one by one.
const NAMED: u64 = 100;

/// Write HubSpot's records in another schema
#[derive(Debug, Args)]
#[command(after_help = "\
The records are one JSON object a line, as `hubtrail events --format raw` prints them, perhaps gzipped. No data \
directory is used. A line that cannot be read is told of on stderr and written as an unreadable record of the format, \
at the time of the one before it; the exit code is 1 then.

The last line on stderr counts in DNIF's words: PAD read as desired, OTHER with an event or an object type that is not \
documented, PER JSON that cannot be read as a record, NLF no JSON object at all.

An event id is made of what the record says and of the account, which is not known here: ids differ from those \
in a log, and are the same for the same file.

Examples:
  hubtrail normalize --format ocsf < records.ndjson
  hubtrail normalize --format cef --input records.ndjson.gz --connector acme
  hubtrail events --format raw | hubtrail normalize --format leef --no-original")]
pub struct Normalize {
    /// ocsf, ecs, dnif: JSON; cef, leef; csv: with a header; raw: each record on one line
    #[arg(long, value_name = "FORMAT", value_parser = format::encoded(), hide_possible_values = true)]
    format: Format,
    /// The records; - reads stdin
    #[arg(long, value_name = "FILE", default_value = "-")]
    input: PathBuf,
    /// Name of the account, for schemas that have a place for it
    #[arg(long, value_name = "NAME", default_value = "")]
    connector: String,
    /// HubSpot's number of the account
    #[arg(long, value_name = "N")]
    portal_id: Option<i64>,
    /// Leave the record as HubSpot sent it out of the line
    #[arg(long)]
    no_original: bool,
}

impl Normalize {
    /// # Errors
    /// When the records cannot be read, or stdout not be written to.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let encoding = Encoding { format: self.format, original: !self.no_original };
        let account = Account { connector: &self.connector, portal_id: self.portal_id };
        let mut lines = Lines::open(&self.input)?;
        let mut to = output::exact();
        to.write_all(&encoding.header())?;
        let mut run =
            Run { account, encoding, ids: Occurrences::default(), tally: Tally::default(), before: None };
        let mut written = Vec::new();
        while let Some((number, line)) = lines.next()? {
            match line {
                Ok(text) => run.line(number, text, &mut written),
                Err(why) => {
                    let text = String::from_utf8_lossy(lines.bytes()).into_owned();
                    run.unreadable(number, &text, why, &mut written);
                }
            }
            to.write_all(&written)?;
            written.clear();
        }
        to.flush()?;
        run.tally.report();
        Ok(if run.tally.unreadable() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

struct Run<'a> {
    account: Account<'a>,
    encoding: Encoding,
    ids: Occurrences,
    tally: Tally,
    /// The time of the newest record that had one.
    before: Option<UtcMs>,
}

impl Run<'_> {
    fn line(&mut self, number: u64, raw: &str, to: &mut Vec<u8>) {
        match Event::read(raw) {
            Ok(event) => {
                let known = [Dimension::EventType, Dimension::ObjectType]
                    .into_iter()
                    .all(|dimension| dimension.documented().contains(&dimension.of(&event)));
                *if known { &mut self.tally.as_desired } else { &mut self.tally.other } += 1;
                self.before = Some(event.timestamp);
                self.write(raw, Ok(&event), event.timestamp, to);
            }
            Err(Unreadable::NotAnObject) => {
                self.unreadable(number, raw, &Unreadable::NotAnObject.to_string(), to)
            }
            Err(why) => {
                self.tally.bad_record += 1;
                self.bad(number, raw, &why.to_string(), to);
            }
        }
    }

    fn unreadable(&mut self, number: u64, raw: &str, why: &str, to: &mut Vec<u8>) {
        self.tally.no_record += 1;
        self.bad(number, raw, why, to);
    }

    fn bad(&mut self, number: u64, raw: &str, why: &str, to: &mut Vec<u8>) {
        if self.tally.unreadable() <= NAMED {
            output::say(format_args!("line {number} is unreadable: {}", harmless(why)));
        }
        let time = self.before.unwrap_or_else(|| Clock::system().now());
        self.write(raw, Err(why), time, to);
    }

    fn write(&mut self, raw: &str, event: Result<&Event, &str>, time: UtcMs, to: &mut Vec<u8>) {
        let id = self.ids.identify(&AccountKey(String::new()), Stream::Content, event.map_err(|_| raw));
        let recorded = Recorded {
            id,
            position: None,
            stream: Stream::Content,
            account: self.account,
            time,
            seen_at: None,
            raw,
            event,
            person: None,
        };
        self.encoding.encode_line(&recorded.into(), to);
    }
}

/// How the lines were read. Each counts once.
#[derive(Default)]
struct Tally {
    as_desired: u64,
    other: u64,
    bad_record: u64,
    no_record: u64,
}

impl Tally {
    const fn unreadable(&self) -> u64 {
        self.bad_record + self.no_record
    }

    fn report(&self) {
        if self.unreadable() > NAMED {
            output::say(format_args!("and {} more that are unreadable", self.unreadable() - NAMED));
        }
        let Self { as_desired, other, bad_record, no_record } = self;
        let lines = as_desired + other + bad_record + no_record;
        output::say(format_args!(
            "{lines} lines: {as_desired} PAD, {other} OTHER, {bad_record} PER, {no_record} NLF"
        ));
    }
}
