//! Records from a file, in the order of their timestamps. A line that is no record is told of and left out.

use std::path::Path;

use hubtrail_core::event::Event;

use crate::cli::failure::Failure;
use crate::cli::lines::Lines;
use crate::cli::output;

/// Bad lines that are named one by one.
const NAMED: usize = 5;

pub(super) struct Records(Vec<Event>);

impl Records {
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let mut lines = Lines::open(path)?;
        let (mut events, mut bad) = (Vec::new(), 0_usize);
        while let Some((number, line)) = lines.next()? {
            let read = line.map_err(str::to_owned);
            match read.and_then(|text| Event::read(text).map_err(|why| why.to_string())) {
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
