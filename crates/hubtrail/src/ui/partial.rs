//! What is not all there yet of the time that a page tells of: history that is still being collected, and known gaps.
//! Whoever reads a page must not take a part for the whole.

use hubtrail_core::sentence::harmless;
use hubtrail_core::time::UtcMs;

use super::viewer::{Taste, Viewer};
use crate::connector::ConnectorId;
use crate::status::{ConnectorStatus, OpenGap, State};

/// For a page: a note for each account, the first of them, and how many more there are.
#[derive(Clone, Debug, Default)]
pub(super) struct Partial {
    pub(super) notes: Vec<Note>,
    pub(super) more: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) connector: i64,
    /// Not everything could be read; otherwise it is only a matter of time.
    pub(super) is_gap: bool,
    pub(super) what: String,
    pub(super) told: String,
}

/// More of them would be the page.
const MOST: usize = 3;

/// From when until when a page tells of events; none: without an end.
pub(super) type Range = (Option<UtcMs>, Option<UtcMs>);

impl Partial {
    pub(super) fn of(viewer: &Viewer, account: Option<ConnectorId>, range: Range) -> Self {
        Self::new(&viewer.noticed, account, range, &viewer.taste)
    }

    fn new(all: &[ConnectorStatus], account: Option<ConnectorId>, range: Range, taste: &Taste) -> Self {
        let own = all.iter().filter(|status| account.is_none_or(|own| own.0 == status.connector_id));
        let mut notes: Vec<_> = own.flat_map(|status| notes(status, range, taste)).collect();
        let more = notes.len().saturating_sub(MOST);
        notes.truncate(MOST);
        Self { notes, more }
    }
}

fn notes(status: &ConnectorStatus, range: Range, taste: &Taste) -> Vec<Note> {
    let name = harmless(&status.connector);
    let note = |is_gap, what, told| Note { connector: status.connector_id, is_gap, what, told };
    let mut notes = Vec::new();
    let missing = status.progress.as_ref().map(|progress| (progress.at.or(progress.from), progress));
    if let Some((since, progress)) = missing.filter(|(since, progress)| touches(range, *since, progress.to)) {
        let part = progress.percent.map_or_else(String::new, |percent| format!(" ({percent} %)"));
        let what = match status.state {
            State::Paused | State::Inactive => {
                format!("The history of {name} is not all here{part}, and nothing collects it now")
            }
            _ => format!("The history of {name} is still being collected{part}"),
        };
        let to = short(progress.to, taste);
        let span = match since {
            Some(since) => format!("from {} to {to}", short(since, taste)),
            None => format!("up to {to}"),
        };
        notes.push(note(false, what, format!("This page rests on what is here: events {span} are to come.")));
    }
    let gaps: Vec<_> = status.gaps.iter().filter(|gap| touches(range, Some(gap.from), gap.to)).collect();
    if let Some(first) = gaps.first() {
        let what = match gaps.len() {
            1 => format!("A gap is known in the events of {name}"),
            n => format!("{n} gaps are known in the events of {name}"),
        };
        let first = span(first, taste);
        let first = if gaps.len() == 1 { first } else { format!("{first}, and later") };
        let told = format!("Not everything could be read {first}. The sweeps try it again by themselves.");
        notes.push(note(true, what, told));
    }
    notes
}

fn touches(range: Range, since: Option<UtcMs>, to: UtcMs) -> bool {
    range.0.is_none_or(|after| to >= after) && since.zip(range.1).is_none_or(|(since, before)| since < before)
}

fn span(gap: &OpenGap, taste: &Taste) -> String {
    let (from, to) = (short(gap.from, taste), short(gap.to, taste));
    if from == to { format!("at {from}") } else { format!("from {from} to {to}") }
}

fn short(at: UtcMs, taste: &Taste) -> String {
    at.to_timestamp().to_zoned(taste.zone.clone()).strftime("%-d %b %Y, %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_matters_where_the_page_looks() {
        let (a, b) = (Some(UtcMs(10)), UtcMs(20));
        for (range, wanted) in [
            ((None, None), true),
            ((Some(UtcMs(21)), None), false),
            ((Some(UtcMs(20)), None), true),
            ((None, Some(UtcMs(10))), false),
            ((None, Some(UtcMs(11))), true),
            ((Some(UtcMs(0)), Some(UtcMs(5))), false),
        ] {
            assert_eq!(touches(range, a, b), wanted, "{range:?}");
        }
        assert!(touches((None, Some(UtcMs(1))), None, b), "nobody knows yet where the history begins");
    }
}
