//! The queue: what waits for somebody, the worst first, and what became of the rest.

use askama::Template;
use axum::extract::{RawQuery, State};
use hubtrail_core::finding::Severity;
use url::form_urlencoded;

use super::line::{self, Line};
use crate::connector::ConnectorId;
use crate::http::{App, Problem};
use crate::judgement::{Status, Verdict};
use crate::store::{FindingSearch, Standing};
use crate::ui::events::{names, query::account};
use crate::ui::fields::sentence;
use crate::ui::filters;
use crate::ui::frame::{Frame, Place};
use crate::ui::page::{Page, page};
use crate::ui::severity::Risk;
use crate::ui::viewer::Viewer;

#[derive(Template)]
#[template(path = "findings.html")]
struct Queue {
    frame: Frame,
    lead: String,
    /// What was raised beside what was wanted, in each account.
    rates: Vec<(String, String)>,
    tabs: Vec<Tab>,
    risks: Vec<RiskTab>,
    lines: Vec<Line>,
    more: bool,
    any: bool,
    here: String,
}

struct Tab {
    word: &'static str,
    entries: i64,
    href: String,
    current: bool,
}

/// A risk of the open ones, and how many there are.
struct RiskTab {
    risk: Risk,
    entries: i64,
    href: String,
    current: bool,
}

/// More are found by narrowing down; the page says so.
pub(super) const MOST: usize = 500;
const SHOWN: usize = 100;
/// Accounts whose alert budget is shown; one alone shows its own.
const MOST_RATES: usize = 5;

/// The parts of the queue, each with its word in the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Open,
    Closed(Verdict),
    Watches,
    Hidden,
}

impl Part {
    const ALL: [(&'static str, &'static str, Self); 6] = [
        ("", "Open", Self::Open),
        ("malicious", "Malicious", Self::Closed(Verdict::Malicious)),
        ("expected", "Expected", Self::Closed(Verdict::Expected)),
        ("false", "False alarms", Self::Closed(Verdict::False)),
        ("watches", "Watches", Self::Watches),
        ("hidden", "Hidden", Self::Hidden),
    ];

    fn statuses(self) -> Vec<Status> {
        match self {
            Self::Closed(verdict) => vec![Status::Closed(verdict)],
            Self::Open | Self::Watches | Self::Hidden => Status::OPEN.to_vec(),
        }
    }

    fn has(self, standing: &Standing) -> bool {
        let open = standing.status.is_open();
        match self {
            Self::Open => open && !standing.watch && !standing.hidden,
            Self::Closed(verdict) => standing.status == Status::Closed(verdict),
            Self::Watches => open && standing.watch && !standing.hidden,
            Self::Hidden => open && standing.hidden,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Query {
    part: Part,
    severity: Option<Severity>,
    account: Option<ConnectorId>,
    rule: Option<String>,
    actor: Option<String>,
}

impl Query {
    fn read(query: Option<&str>) -> Result<Self, Problem> {
        let mut read = Self { part: Part::Open, severity: None, account: None, rule: None, actor: None };
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match &*name {
                "part" => {
                    let known = Part::ALL.into_iter().find(|(word, ..)| *word == value);
                    read.part = known.map_or(Part::Open, |(.., part)| part);
                }
                "severity" => read.severity = value.parse().ok(),
                "account" if !value.is_empty() => read.account = Some(account(&value)?),
                "rule" if !value.is_empty() => read.rule = Some(value.into_owned()),
                "actor" if !value.is_empty() => read.actor = Some(value.into_owned()),
                _ => {}
            }
        }
        Ok(read)
    }

    fn href(&self, part: &str, severity: Option<Severity>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(account) = self.account {
            query.append_pair("account", &account.to_string());
        }
        let severity = severity.map(|severity| severity.to_string());
        for (name, value) in [
            ("part", Some(part)),
            ("severity", severity.as_deref()),
            ("rule", self.rule.as_deref()),
            ("actor", self.actor.as_deref()),
        ] {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        if query.is_empty() { "/findings".to_owned() } else { format!("/findings?{query}") }
    }

    fn search(&self, viewer: &Viewer) -> FindingSearch {
        let wanted = self.account.map(|account| vec![account]);
        FindingSearch {
            connectors: viewer.caller.within(wanted.as_deref()),
            statuses: self.part.statuses(),
            severities: self.severity.into_iter().collect(),
            rules: self.rule.iter().cloned().collect(),
            actors: self.actor.iter().cloned().collect(),
            watch: match self.part {
                Part::Open => Some(false),
                Part::Watches => Some(true),
                Part::Closed(_) | Part::Hidden => None,
            },
            hidden: match self.part {
                Part::Open | Part::Watches => Some(false),
                Part::Hidden => Some(true),
                Part::Closed(_) => None,
            },
            limit: MOST,
            ..FindingSearch::default()
        }
    }
}

/// `GET /findings`
pub(super) async fn show(State(app): State<App>, viewer: Viewer, RawQuery(query): RawQuery) -> Page {
    let query = Query::read(query.as_deref())?;
    let connectors = app.log(|store| store.connectors_ever()).await?;
    let names = names(&connectors);
    let search = query.search(&viewer);
    let (mut found, mut standings, rates) = app
        .log(move |store| Ok((store.findings(&search)?, store.findings_standing()?, store.alert_rates()?)))
        .await?;
    let own = rates.iter().filter(|rate| {
        viewer.caller.sees(rate.connector) && query.account.is_none_or(|own| own == rate.connector)
    });
    let rates =
        own.map(|rate| (names.get(&rate.connector).cloned().unwrap_or_default(), sentence(&rate.sentence())));
    let rates = rates.take(MOST_RATES).collect();
    standings.retain(|standing| {
        viewer.caller.sees(standing.connector) && query.account.is_none_or(|own| own == standing.connector)
    });
    if query.part == Part::Open {
        line::by_risk(&mut found);
    }
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let lines: Vec<_> = found.iter().map(|kept| Line::new(kept, &names, &viewer.taste)).collect();
    let present: Vec<_> = connectors.iter().filter(|connector| !connector.removed).cloned().collect();
    let mut frame = Frame::new(&viewer, Place::Findings, "Findings", &present);
    frame.account = frame.accounts.iter().find(|account| Some(account.id) == query.account).cloned();
    let count = |part: Part| standings.iter().filter(|one| part.has(one)).map(|one| one.findings).sum();
    let tabs = Part::ALL.into_iter().map(|(key, word, part)| Tab {
        word,
        entries: count(part),
        href: query.href(key, None),
        current: part == query.part,
    });
    page(&Queue {
        lead: lead(&standings),
        rates,
        tabs: tabs.collect(),
        risks: risks(&query, &standings),
        any: !standings.is_empty(),
        here: query.href(key(query.part), query.severity),
        lines,
        more,
        frame,
    })
}

/// How many of a risk wait.
pub(in crate::ui) struct RiskCount {
    pub(in crate::ui) risk: Risk,
    pub(in crate::ui) entries: i64,
}

/// How many of each risk wait, the worst first.
///
/// # Errors
/// When the log cannot be read.
pub(in crate::ui) async fn risks_of(
    app: &App,
    viewer: &Viewer,
    account: Option<ConnectorId>,
) -> Result<Vec<RiskCount>, Problem> {
    let open = app.log(|store| store.findings_open()).await?;
    let is_own = |of: ConnectorId| viewer.caller.sees(of) && account.is_none_or(|own| own == of);
    let count = |severity: Severity| {
        let of = open.iter().filter(|(connector, of, _)| is_own(*connector) && *of == severity);
        RiskCount { risk: Risk(severity), entries: of.map(|(.., findings)| findings).sum() }
    };
    Ok(Severity::ALL.into_iter().rev().map(count).collect())
}

fn key(part: Part) -> &'static str {
    Part::ALL.into_iter().find(|(.., own)| *own == part).map_or("", |(key, ..)| key)
}

fn risks(query: &Query, standings: &[Standing]) -> Vec<RiskTab> {
    let part = query.part;
    let tab = |severity: Severity| {
        let of = standings.iter().filter(|one| part.has(one) && one.severity == severity);
        let entries = of.map(|one| one.findings).sum();
        let current = query.severity == Some(severity);
        let href = query.href(key(part), (!current).then_some(severity));
        RiskTab { risk: Risk(severity), entries, href, current }
    };
    Severity::ALL.into_iter().rev().map(tab).filter(|tab| tab.entries > 0).collect()
}

/// The answer to the page's question.
fn lead(standings: &[Standing]) -> String {
    let open = || standings.iter().filter(|one| Part::Open.has(one));
    let count =
        |from: Severity| -> i64 { open().filter(|one| one.severity >= from).map(|one| one.findings).sum() };
    match (count(Severity::Informational), count(Severity::High)) {
        (0, _) => "Nothing waits for you.".to_owned(),
        (1, 0) => "1 finding waits for somebody; it is not of high risk.".to_owned(),
        (1, _) => "1 finding waits for somebody, and it is of high risk.".to_owned(),
        (all, 0) => format!("{all} findings wait for somebody, none of them of high risk."),
        (all, high) => format!("{all} findings wait for somebody, {high} of them of high risk."),
    }
}

#[cfg(test)]
mod hostile;
