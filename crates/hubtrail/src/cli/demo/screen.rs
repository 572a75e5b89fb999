//! What a person sees of the demo: where things are, the history coming in, and then each event and what is
//! abnormal about it.

mod finding;

use std::collections::HashSet;
use std::io::{self, StdoutLock, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::page::Order;
use hubtrail_core::sentence::harmless;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::{UtcMs, spoken};
use jiff::tz::TimeZone;

use super::Scene;
use super::account::Account;
use super::proof::Proof;
use crate::cli::events::table::Table;
use crate::cli::output::{self, Output};
use crate::clock::Clock;
use crate::store::{Entry, FindingChange, FindingEntry, LogEntry, Position, Search, Store, StoreError};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();

const STATUS_EVERY: Duration = Duration::from_secs(30);
/// People whose newest event is shown before the first new one, so that nobody waits for it.
const RECENT: usize = 6;
const BATCH: usize = 512;

pub(super) struct Screen {
    to: Output<AutoStream<StdoutLock<'static>>>,
    clock: Clock,
    table: Table,
    /// How far the log was read; none until the history is in it.
    position: Option<Position>,
    watched: usize,
    /// Findings of what happened as the person watched, and of the history.
    found: usize,
    found_before: usize,
    /// When collecting began.
    began: UtcMs,
}

impl Screen {
    pub(super) fn new(clock: Clock) -> Self {
        let table = Table { zone: TimeZone::system(), columns: None, connector: None };
        let began = clock.now();
        Self {
            to: output::styled(),
            clock,
            table,
            position: None,
            watched: 0,
            found: 0,
            found_before: 0,
            began,
        }
    }

    /// The first line is the address that a newcomer opens.
    pub(super) fn title(&mut self, address: &str) -> io::Result<()> {
        writeln!(self.to, "{BOLD}{address}{BOLD:#}\n")?;
        writeln!(
            self.to,
            "Open it: the console of Hubtrail over an emulated HubSpot account, recorded as you watch.\n"
        )?;
        self.to.flush()
    }

    pub(super) fn setting(&mut self, account: &Account, dir: &Path, temporary: bool) -> io::Result<()> {
        self.began = self.clock.now();
        let gone = if temporary { "  removed at the end" } else { "" };
        let (dir, url, program) = (dir.display(), account.url(), program());
        let (people, rate) = (account.people, account.per_minute);
        writeln!(self.to, "  account  {url}  {DIM}{people} people, about {rate} events a minute{DIM:#}")?;
        writeln!(self.to, "  data     {dir}{DIM}{gone}{DIM:#}\n")?;
        writeln!(self.to, "Or look into it from another terminal:")?;
        writeln!(self.to, "  {BOLD}{program} events --data-dir {dir} --follow{BOLD:#}\n")?;
        writeln!(
            self.to,
            "Ctrl-C ends it. Stay a few minutes, though: an intruder is about to redirect the login page, take pages offline\nand change a template. Lines with ▲ say so.\n"
        )?;
        self.to.flush()
    }

    /// Shows what happens for as long as it is polled.
    ///
    /// # Errors
    /// When the log cannot be read, or nobody looks at stdout any more.
    pub(super) async fn watch(&mut self, scene: &Scene<'_>) -> anyhow::Result<()> {
        let mut head = scene.store.subscribe();
        let mut status = tokio::time::interval(STATUS_EVERY);
        status.tick().await;
        loop {
            tokio::select! {
                Ok(()) = head.changed() => self.look(scene)?,
                _ = status.tick() => self.status(scene)?,
                else => return Ok(()),
            }
        }
    }

    fn look(&mut self, scene: &Scene<'_>) -> anyhow::Result<()> {
        if self.position.is_some() {
            return self.new_events(scene);
        }
        let checkpoint = scene.store.checkpoint(scene.connector, Stream::Content)?;
        let is_in = checkpoint.since.is_some() && !checkpoint.walks.contains_key(&WalkKind::Backfill);
        if is_in { self.history(scene) } else { Ok(()) }
    }

    fn note(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.to, "{DIM}{}{DIM:#}", harmless(text))?;
        self.to.flush()
    }

    /// The history is in the log: says so, with what came last, and goes on with what happens from now on.
    fn history(&mut self, scene: &Scene<'_>) -> anyhow::Result<()> {
        let Scene { store, account, connector } = *scene;
        let began = account.began;
        let proof = Proof::of(scene, Some(began))?;
        let took = self.clock.now().since(self.began) as f64 / 1_000.0;
        let search = Search { connectors: Some(vec![connector]), before: Some(began), ..Search::default() };
        let newest = Search { order: Order::NewestFirst, ..search.clone() };
        let oldest = store.search(&Search { limit: Some(1), ..search })?;
        let days = oldest.first().map_or(0, |oldest| began.since(oldest.timestamp) / 86_400_000);
        write!(self.to, "{} events of {days} days collected in {took:.1} s; ", grouped(proof.collected))?;
        verdict(&mut self.to, &proof)?;
        writeln!(self.to, "\n")?;
        self.table.columns = output::columns();
        for entry in of_different_people(store, &newest)?.iter().rev() {
            self.table.brief(&mut self.to, entry)?;
        }
        writeln!(self.to, "{DIM}─── from here on as it happens{DIM:#}")?;
        self.position = Some(Position::default());
        self.new_events(scene)
    }

    pub(super) fn new_events(&mut self, scene: &Scene<'_>) -> anyhow::Result<()> {
        let Some(mut position) = self.position else { return Ok(()) };
        self.table.columns = output::columns();
        loop {
            let read = scene.store.log_after(position, BATCH)?;
            let entries = read.entries.iter().filter(|entry| entry.connector() == scene.connector);
            for entry in entries {
                match entry {
                    LogEntry::Event(event) => self.event(scene, event)?,
                    LogEntry::Finding(finding) => self.finding(scene, finding)?,
                }
            }
            position = read.up_to;
            if read.entries.len() < BATCH {
                break;
            }
        }
        self.position = Some(position);
        Ok(self.to.flush()?)
    }

    fn event(&mut self, scene: &Scene<'_>, entry: &Entry) -> io::Result<()> {
        if entry.timestamp < scene.account.began {
            return Ok(());
        }
        self.watched += 1;
        self.table.brief(&mut self.to, entry)
    }

    fn finding(&mut self, scene: &Scene<'_>, entry: &FindingEntry) -> io::Result<()> {
        if entry.change != FindingChange::Raised {
            return Ok(());
        }
        if entry.finding.time < scene.account.began {
            self.found_before += 1;
            return Ok(());
        }
        self.found += 1;
        finding::line(&mut self.to, entry)
    }

    /// A quiet line now and then: how much, how fresh, how late.
    fn status(&mut self, scene: &Scene<'_>) -> anyhow::Result<()> {
        let facts = scene.store.facts()?.into_iter().find(|facts| facts.connector == scene.connector);
        let Some(facts) = facts else { return Ok(()) };
        for failure in &facts.failures {
            self.note(&format!("{}; {}", failure.message, failure.fix))?;
        }
        if self.position.is_none() {
            return Ok(());
        }
        let fresh = facts.newest.map_or(String::new(), |newest| {
            format!(" · newest {} old", spoken(self.clock.now().since(newest)))
        });
        let lateness = &facts.checkpoint.lateness;
        let late = match lateness.p999_ms() {
            _ if lateness.is_empty() => String::new(),
            0 => " · none late".to_owned(),
            i64::MAX => " · some late".to_owned(),
            ms => format!(" · visible within {ms} ms"),
        };
        let entries = grouped(usize::try_from(facts.entries)?);
        let found = grouped(self.found + self.found_before);
        writeln!(self.to, "{DIM}─── {entries} events collected, {found} findings{fresh}{late}{DIM:#}")?;
        Ok(self.to.flush()?)
    }

    /// The person has had enough.
    pub(super) fn rest(&mut self) -> io::Result<()> {
        if self.position.is_none() {
            self.note("collecting the rest of the history first; Ctrl-C again ends at once")?;
        } else if output::is_terminal() {
            // Behind the ^C that the terminal has just echoed.
            writeln!(self.to)?;
        }
        self.to.flush()
    }

    pub(super) fn summary(&mut self, proof: &Proof) -> io::Result<()> {
        let (collected, truth) = (grouped(proof.collected), grouped(proof.truth));
        let style = if proof.holds() { GREEN } else { RED };
        let (missing, doubled) = (grouped(proof.missing), grouped(proof.doubled));
        let watched = grouped(self.watched);
        writeln!(self.to, "\n{BOLD}collected {collected} events{BOLD:#}, {watched} of them as you watched")?;
        write!(self.to, "HubSpot (emulated) has {truth}: ")?;
        write!(self.to, "{style}missing {missing}, doubled {doubled}{style:#}")?;
        writeln!(self.to, "{DIM}, compared byte for byte{DIM:#}")?;
        let (found, before) = (grouped(self.found), grouped(self.found_before));
        writeln!(self.to, "{found} findings as you watched, {before} in the history before\n")?;
        let program = program();
        writeln!(self.to, "Your own account is collected with")?;
        writeln!(self.to, "  {BOLD}{program} connector add NAME{BOLD:#}  {DIM}asks for its token{DIM:#}")?;
        writeln!(self.to, "  {BOLD}{program} collect NAME{BOLD:#}")?;
        self.to.flush()
    }
}

/// How the person has just called us, so that what is shown can be pasted.
fn program() -> String {
    let called = std::env::args().next();
    called.filter(|called| !called.contains(char::is_whitespace)).unwrap_or_else(|| "hubtrail".to_owned())
}

/// The first entry found of each of a few people.
fn of_different_people(store: &Store, search: &Search) -> Result<Vec<Entry>, StoreError> {
    let (mut people, mut entries) = (HashSet::new(), Vec::new());
    store.search_each(search, |entry| {
        if entry.event.as_ref().is_ok_and(|event| people.insert(event.user_id.clone())) {
            entries.push(entry.clone());
        }
        if entries.len() < RECENT { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(entries)
}

fn verdict(to: &mut impl Write, proof: &Proof) -> io::Result<()> {
    if proof.holds() {
        return write!(to, "{GREEN}nothing missing{GREEN:#}");
    }
    write!(to, "{RED}{} missing, {} doubled{RED:#}", grouped(proof.missing), grouped(proof.doubled))
}

/// `12,345`
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
