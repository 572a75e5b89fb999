//! Records from a file, in the order of their timestamps. A line that is no record is told of and left out.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use anyhow::Context;
use flate2::read::MultiGzDecoder;
use hubtrail_core::event::Event;

use crate::cli::failure::Failure;
use crate::cli::output;

/// A record is a few hundred bytes; a line beyond this is no record.
const MAX_LINE_BYTES: u64 = 4 * 1024 * 1024;
/// Bad lines that are named one by one.
const NAMED: usize = 5;

pub(super) struct Records(Vec<Event>);

impl Records {
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let mut lines = open(path).with_context(|| format!("open {}", path.display()))?;
        let mut events = Vec::new();
        let (mut number, mut bad) = (0_u64, 0_usize);
        let mut line = Vec::new();
        loop {
            line.clear();
            number += 1;
            let read = lines.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line);
            let read = read
                .with_context(|| format!("read {}, line {number} (is the file complete?)", path.display()))?;
            if read == 0 {
                break;
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            match std::str::from_utf8(&line)
                .map_err(|_| "it is not UTF-8".to_owned())
                .and_then(|text| Event::read(text).map_err(|why| why.to_string()))
            {
                Ok(event) => events.push(event),
                Err(why) => {
                    bad += 1;
                    if bad <= NAMED {
                        output::say(format_args!("line {number} is left out: {why}"));
                    }
                }
            }
        }
        if bad > NAMED {
            output::say(format_args!("left out: {bad} lines that are no records"));
        }
        if events.is_empty() && bad > 0 {
            let what = format!("no line of {} is a record", path.display());
            return Err(Failure::new(what, "give a file with one JSON object of HubSpot's a line").into());
        }
        events.sort_by_key(|event| event.timestamp);
        Ok(Self(events))
    }

    /// The records of one millisecond after the other.
    pub(super) fn instants(&self) -> impl Iterator<Item = &[Event]> {
        self.0.chunk_by(|a, b| a.timestamp == b.timestamp)
    }
}

/// Gzip is known by its first bytes, whatever the file is called.
fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let file: Box<dyn Read> =
        if path == Path::new("-") { Box::new(io::stdin()) } else { Box::new(File::open(path)?) };
    let mut input = BufReader::with_capacity(1 << 16, file);
    if input.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        return Ok(Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(input))));
    }
    Ok(Box::new(input))
}
