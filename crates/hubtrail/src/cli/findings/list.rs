//! `hubtrail findings list`: the queue, or whatever else is asked for.

use std::io::Write as _;

use clap::{Args, ValueEnum};
use hubtrail_core::finding::Severity;
use hubtrail_core::sentence::harmless;
use hubtrail_core::time::{UtcMs, spoken};

use super::line::Line;
use super::short;
use crate::cli::{Session, output};
use crate::connector::{Connector, ConnectorId};
use crate::judgement::{Status, Verdict};
use crate::moment::Moment;
use crate::store::{FindingSearch, KeptFinding, Store};

const USUAL: usize = 50;

/// List findings, the newest first
#[derive(Clone, Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    pub(super) which: Which,
    /// So many at most
    #[arg(long, value_name = "N", default_value_t = USUAL)]
    limit: usize,
    /// table: for people; json: one a line, without evidence
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    #[default]
    Table,
    Json,
}

/// Which findings.
#[derive(Clone, Debug, Args)]
pub(super) struct Which {
    /// Only of these connectors
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    connector: Vec<String>,
    /// Only these: open, new, acknowledged, closed, malicious, expected, false, all [default: open]
    #[arg(long, value_name = "STATUS", value_delimiter = ',', hide_possible_values = true)]
    status: Vec<Standing>,
    /// Only of these severities: informational, low, medium, high, critical
    #[arg(long, value_name = "SEVERITY", value_delimiter = ',')]
    severity: Vec<Severity>,
    /// Only of these rules, by id
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    rule: Vec<String>,
    /// Only by these HubSpot users
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    user_id: Vec<String>,
    /// Only about these HubSpot objects, by what the log still has of them
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    object_id: Vec<String>,
    /// Only those of this owner
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Only raised at this time or later
    #[arg(long, value_name = "TIME")]
    after: Option<Moment>,
    /// Only raised earlier than this time
    #[arg(long, value_name = "TIME")]
    before: Option<Moment>,
    /// Also those that an exception or the alert budget hides
    #[arg(long)]
    hidden: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Standing {
    Open,
    New,
    Acknowledged,
    Closed,
    Malicious,
    Expected,
    False,
    All,
}

impl Standing {
    fn statuses(self) -> Vec<Status> {
        match self {
            Self::Open => Status::OPEN.to_vec(),
            Self::New => vec![Status::New],
            Self::Acknowledged => vec![Status::Acknowledged],
            Self::Closed => Verdict::ALL.map(Status::Closed).to_vec(),
            Self::Malicious => vec![Status::Closed(Verdict::Malicious)],
            Self::Expected => vec![Status::Closed(Verdict::Expected)],
            Self::False => vec![Status::Closed(Verdict::False)],
            Self::All => Status::ALL.to_vec(),
        }
    }
}

impl Which {
    pub(super) fn search(
        &self,
        store: &Store,
        now: UtcMs,
        usual: &[Status],
        limit: usize,
    ) -> anyhow::Result<FindingSearch> {
        let connectors = match self.connector.as_slice() {
            [] => None,
            names => {
                Some(names.iter().map(|name| Ok(store.connector(name)?.id)).collect::<anyhow::Result<_>>()?)
            }
        };
        let mut statuses: Vec<_> = self.status.iter().flat_map(|standing| standing.statuses()).collect();
        if statuses.is_empty() {
            statuses = usual.to_vec();
        }
        statuses.sort_by_key(|status| status.as_str());
        statuses.dedup();
        Ok(FindingSearch {
            connectors,
            statuses,
            severities: self.severity.clone(),
            rules: self.rule.clone(),
            actors: self.user_id.clone(),
            objects: self.object_id.clone(),
            owner: self.owner.clone(),
            hidden: if self.hidden { None } else { Some(false) },
            after: self.after.map(|moment| moment.from_now(now)),
            before: self.before.map(|moment| moment.from_now(now)),
            limit,
            ..FindingSearch::default()
        })
    }
}

impl List {
    pub(super) fn run(&self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let now = session.clock.now();
        let search = self.which.search(&store, now, &Status::OPEN, self.limit.saturating_add(1))?;
        let mut found = store.findings(&search)?;
        let more = found.len() > self.limit;
        found.truncate(self.limit);
        match self.format {
            Format::Table => {
                table(&found, now)?;
                say_rates(&store, search.connectors.as_deref())?;
            }
            Format::Json => {
                let connectors = store.connectors_ever()?;
                let mut to = output::exact();
                for kept in &found {
                    serde_json::to_writer(&mut to, &Line::of(kept, &connectors))?;
                    to.write_all(b"\n")?;
                }
                to.flush()?;
            }
        }
        if more {
            output::say(format_args!("these are the newest {}; --limit N shows more", self.limit));
        }
        Ok(())
    }
}

/// What was raised beside what was wanted, for each account.
fn say_rates(store: &Store, within: Option<&[ConnectorId]>) -> anyhow::Result<()> {
    let connectors = store.connectors_ever()?;
    let name = |id| connectors.iter().find(|connector| connector.id == id).map_or("", Connector::name);
    for rate in store.alert_rates()? {
        if within.is_none_or(|within| within.contains(&rate.connector)) {
            output::say(format_args!("{}: {}", name(rate.connector), rate.sentence()));
        }
    }
    Ok(())
}

fn table(found: &[KeptFinding], now: UtcMs) -> anyhow::Result<()> {
    if found.is_empty() {
        output::say("nothing of the kind was found");
        return Ok(());
    }
    let mut table = output::table(&["FINDING", "AGO", "SEVERITY", "STATUS", "OWNER", "WHY"]);
    for kept in found {
        let finding = &kept.finding;
        let status = match (kept.is_hidden(), kept.grown_since_judged) {
            (true, _) => "hidden".to_owned(),
            (false, true) => format!("{}, has grown", kept.status),
            (false, false) => kept.status.to_string(),
        };
        table.add_row(vec![
            short(finding.id),
            spoken(now.since(finding.time).max(0)),
            finding.severity.to_string(),
            status,
            harmless(kept.owner.as_deref().unwrap_or_default()).into_owned(),
            harmless(&finding.reason).into_owned(),
        ]);
    }
    Ok(output::print_table(&table)?)
}
