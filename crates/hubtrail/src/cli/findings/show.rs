//! `hubtrail findings show`: one finding with its evidence and what became of it.

use std::io::Write;

use anstyle::Style;
use clap::Args;
use hubtrail_core::sentence::{Sentence, harmless};
use hubtrail_core::time::UtcMs;
use jiff::tz::TimeZone;

use super::find;
use super::line::{Line, Proof};
use super::list::Format;
use crate::cli::{Session, output};
use crate::store::{FindingChange, FindingEntry, WholeFinding};

/// Of very many events, a person reads the first ones.
const MOST_EVENTS: usize = 50;
const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

/// Show a finding: why, what proves it, what to do, and what became of it
#[derive(Debug, Args)]
#[command(after_help = "Example: hubtrail findings show f1-3f9a52c1")]
pub(super) struct Show {
    /// Its id, or the beginning of it
    #[arg(value_name = "FINDING")]
    finding: String,
    /// table: for people; json: with all of its evidence
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    format: Format,
    /// Show times in UTC instead of local time
    #[arg(long)]
    utc: bool,
}

impl Show {
    pub(super) fn run(&self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let id = find(&store, &self.finding)?;
        let Some(whole) = store.whole_finding(id)? else { return Ok(()) };
        let connectors = store.connectors_ever()?;
        if self.format == Format::Json {
            let evidence = whole.evidence.iter().map(|proof| Proof::of(&proof.event)).collect();
            return output::print_json(&Line::of(&whole.now, &connectors).with_evidence(evidence));
        }
        let zone = if self.utc { TimeZone::UTC } else { TimeZone::system() };
        let connector = connectors.iter().find(|one| one.id == whole.now.connector);
        let mut to = output::styled();
        print(&mut to, &whole, connector.map_or("", |one| one.name()), &zone)?;
        Ok(to.flush()?)
    }
}

fn print(to: &mut impl Write, whole: &WholeFinding, connector: &str, zone: &TimeZone) -> std::io::Result<()> {
    let WholeFinding { now, evidence, history } = whole;
    let finding = &now.finding;
    writeln!(to, "{BOLD}{}{BOLD:#}", harmless(&finding.title))?;
    writeln!(to, "{}\n", harmless(&finding.reason))?;
    let owner = now.owner.as_deref().map_or(String::new(), |owner| format!(", {owner}'s"));
    let facts = [
        ("Finding", finding.id.to_string()),
        ("Severity", format!("{} (score {})", finding.severity, finding.score)),
        ("Status", format!("{}{owner}", now.status)),
        ("Account", connector.to_owned()),
        ("Who", format!("{} ({})", finding.actor.name, finding.actor.id)),
        ("When", format!("{} to {}", time(finding.first_seen, zone), time(finding.last_seen, zone))),
        ("What to do", finding.response.clone()),
        ("ATT&CK", finding.attack.join(", ")),
        ("Rule", format!("{} (version {})", finding.rule, finding.rule_version)),
        ("Hidden by", now.exception.map_or(String::new(), |exception| format!("exception {}", exception.0))),
        ("Part of", now.absorbed_by.map_or(String::new(), |id| id.to_string())),
    ];
    for (what, says) in facts.iter().filter(|(_, says)| !says.is_empty()) {
        writeln!(to, "{BOLD}{what:<12}{BOLD:#} {}", harmless(says))?;
    }
    writeln!(to, "\n{BOLD}Evidence{BOLD:#}: {} events", finding.events)?;
    for proof in evidence.iter().take(MOST_EVENTS) {
        let at = time(proof.event.timestamp, zone);
        writeln!(to, "{DIM}{at}{DIM:#}  {}", harmless(&Sentence::of(&proof.event).to_string()))?;
    }
    if evidence.len() > MOST_EVENTS {
        writeln!(to, "{DIM}and {} more: --format json has them{DIM:#}", evidence.len() - MOST_EVENTS)?;
    }
    writeln!(to, "\n{BOLD}History{BOLD:#}")?;
    for entry in history {
        writeln!(to, "{DIM}{}{DIM:#}  {}", time(entry.at, zone), harmless(&became(entry)))?;
    }
    Ok(())
}

fn became(entry: &FindingEntry) -> String {
    let by = entry.by.as_deref().unwrap_or("detection");
    let what = match entry.change {
        FindingChange::Raised => format!("raised with {} events", entry.finding.events),
        FindingChange::Grown => format!("has grown to {} events", entry.finding.events),
        FindingChange::Absorbed(id) => format!("turned out to be part of {id}"),
        FindingChange::Withdrawn => "turned out to be nothing unusual, by what came late".to_owned(),
        FindingChange::Judged => format!("{} by {by}", entry.status),
        FindingChange::Assigned => match &entry.owner {
            Some(owner) => format!("given to {owner} by {by}"),
            None => format!("let go by {by}"),
        },
        FindingChange::Noted => format!("noted by {by}"),
    };
    match &entry.note {
        Some(note) => format!("{what}: {note}"),
        None => what,
    }
}

fn time(at: UtcMs, zone: &TimeZone) -> String {
    at.to_timestamp().to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
