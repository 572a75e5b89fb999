//! The queue: what waits for somebody, the worst first, and what became of the rest.

mod asked;
mod place;

use askama::Template;
use axum::extract::{RawQuery, State};
use hubtrail_core::finding::Severity;
use hubtrail_core::sentence::harmless;
use jiff::tz::TimeZone;

use super::line::{self, Line};
use crate::connector::ConnectorId;
use crate::http::{App, Problem};
use crate::rules::Book;
use crate::store::{KeptFinding, Side, Standing, Store, StoreError, Subject};
use crate::ui::events::names;
use crate::ui::fields::sentence;
use crate::ui::frame::{Frame, Place};
use crate::ui::page::{Page, page};
use crate::ui::severity::Risk;
use crate::ui::viewer::Viewer;
use crate::ui::when::grouped;
use crate::ui::{filters, leader};
use asked::{Kind, ME, Part, Query};
use place::Place as Ranked;

#[derive(Template)]
#[template(path = "findings.html")]
struct Queue {
    frame: Frame,
    lead: String,
    /// What was raised beside what was wanted, in each account.
    rates: Vec<(String, String)>,
    tabs: Vec<Tab>,
    risks: Vec<RiskTab>,
    chips: Vec<Chip>,
    /// The address of those that are whose looks, or of everybody's where they are what is shown.
    mine: (String, bool),
    lines: Vec<Line>,
    place: Ranked,
    /// Whether there are findings in any part, of what is looked for.
    any: bool,
    /// Something narrows the queue down beside its part and the account.
    is_filtered: bool,
    cleared: String,
    /// The first page of the same.
    first: String,
    here: String,
}

/// A filter that is on, and the address without it.
struct Chip {
    word: &'static str,
    value: String,
    without: String,
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

/// So many are ranked together; the page says so.
pub(super) const MOST: usize = 500;
const SHOWN: usize = 100;
const PAGES: usize = MOST / SHOWN;
/// Accounts whose alert budget is shown; one alone shows its own.
const MOST_RATES: usize = 5;

/// `GET /findings`
pub(super) async fn show(State(app): State<App>, viewer: Viewer, RawQuery(query): RawQuery) -> Page {
    let query = Query::read(query.as_deref())?;
    let connectors = app.log(|store| store.connectors_ever()).await?;
    let names = names(&connectors);
    let (search, about, asked) = (query.search(&viewer), query.about(&viewer), query.clone());
    let (mut found, standings, rates, told) = app
        .log(move |store| {
            let found = store.findings(&search)?;
            let told = told(store, &asked, &found)?;
            Ok((found, store.findings_standing_of(&about)?, store.alert_rates()?, told))
        })
        .await?;
    let own = rates.iter().filter(|rate| {
        viewer.caller.sees(rate.connector) && query.account.is_none_or(|own| own == rate.connector)
    });
    let rates =
        own.map(|rate| (names.get(&rate.connector).cloned().unwrap_or_default(), sentence(&rate.sentence())));
    let of_part = |part: Part| standings.iter().filter(move |one| part.has(one));
    let count = |part: Part| of_part(part).map(|one| one.findings).sum();
    let of_risk = of_part(query.part).filter(|one| query.severity.is_none_or(|own| own == one.severity));
    let place = Ranked::take(&query, &mut found, of_risk.map(|one| one.findings).sum(), &viewer.taste);
    let present: Vec<_> = connectors.iter().filter(|connector| !connector.removed).cloned().collect();
    let mut frame = Frame::new(&viewer, Place::Findings, "Findings", &present);
    frame.account = frame.accounts.iter().find(|account| Some(account.id) == query.account).cloned();
    let tabs = Part::ALL.into_iter().map(|(_, word, part)| Tab {
        word,
        entries: count(part),
        href: query.in_part(part).href(),
        current: part == query.part,
    });
    let is_mine = query.value(Kind::Owner) == Some(ME);
    let mine = if is_mine { query.without(Kind::Owner) } else { query.with(Kind::Owner, ME) };
    page(&Queue {
        lead: lead(&standings, query.is_narrow()),
        rates: rates.take(MOST_RATES).collect(),
        tabs: tabs.collect(),
        risks: risks(&query, &standings),
        chips: chips(&query, told),
        mine: (mine.href(), is_mine),
        any: !standings.is_empty(),
        is_filtered: query.is_narrow() || query.severity.is_some(),
        cleared: query.cleared().href(),
        first: query.anew().href(),
        here: query.href(),
        lines: found.iter().map(|kept| Line::new(kept, &names, &viewer.taste)).collect(),
        place,
        frame,
    })
}

/// Where the queue shows what was found about a person or an object.
pub(in crate::ui) fn about(account: ConnectorId, subject: &Subject) -> String {
    let query = Query { account: Some(account), ..Query::default() };
    let query = match subject {
        Subject::Person(id) => query.with(Kind::Actor, id),
        Subject::Object(id) => query.with(Kind::Object, id),
    };
    query.href()
}

/// What the queue is narrowed down to in words: as its findings name it, and otherwise as the rules or the log do.
fn told(store: &Store, query: &Query, found: &[KeptFinding]) -> Result<Vec<(Kind, String)>, StoreError> {
    let mut told = Vec::new();
    for kind in Kind::ALL {
        let Some(value) = query.value(kind) else { continue };
        let first = found.first().map(|kept| &kept.finding);
        let named = |subject: Subject| -> Result<String, StoreError> {
            let Some(account) = query.account.or(found.first().map(|kept| kept.connector)) else {
                return Ok(String::new());
            };
            Ok(store.aliases(account, &subject)?.into_iter().next().unwrap_or_default())
        };
        let word = match (kind, first) {
            (Kind::Rule, Some(finding)) => finding.title.clone(),
            (Kind::Rule, None) => {
                let rules = Book::read(store)?.rules(&TimeZone::UTC);
                rules.find(value).map_or(value, |rule| rule.title.as_str()).to_owned()
            }
            (Kind::Actor, Some(finding)) => line::who(&finding.actor.name, value),
            (Kind::Actor, None) => line::who(&named(Subject::Person(value.to_owned()))?, value),
            (Kind::Object, _) => {
                leader::named(Side::Objects, &named(Subject::Object(value.to_owned()))?, value)
            }
            (Kind::Owner, _) if value == ME => "me".to_owned(),
            (Kind::Owner, _) => value.to_owned(),
        };
        told.push((kind, harmless(&word).into_owned()));
    }
    Ok(told)
}

fn chips(query: &Query, told: Vec<(Kind, String)>) -> Vec<Chip> {
    let chip = |(kind, value): (Kind, String)| Chip {
        word: kind.word(),
        value,
        without: query.without(kind).href(),
    };
    told.into_iter().map(chip).collect()
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

fn risks(query: &Query, standings: &[Standing]) -> Vec<RiskTab> {
    let part = query.part;
    let tab = |severity: Severity| {
        let of = standings.iter().filter(|one| part.has(one) && one.severity == severity);
        let entries = of.map(|one| one.findings).sum();
        let current = query.severity == Some(severity);
        let href = query.of_risk((!current).then_some(severity)).href();
        RiskTab { risk: Risk(severity), entries, href, current }
    };
    Severity::ALL.into_iter().rev().map(tab).filter(|tab| tab.entries > 0 || tab.current).collect()
}

/// The answer to the page's question.
fn lead(standings: &[Standing], is_narrow: bool) -> String {
    let open = || standings.iter().filter(|one| Part::Open.has(one));
    let count =
        |from: Severity| -> i64 { open().filter(|one| one.severity >= from).map(|one| one.findings).sum() };
    let of = if is_narrow { " that matches" } else { "" };
    match (count(Severity::Informational), count(Severity::High)) {
        (0, _) => format!("Nothing{of} waits for you."),
        (1, 0) => format!("1 finding{of} waits for somebody; it is not of high risk."),
        (1, _) => format!("1 finding{of} waits for somebody, and it is of high risk."),
        (all, high) => {
            let of = if is_narrow { " that match" } else { "" };
            let high = if high == 0 { "none".to_owned() } else { grouped(high) };
            format!("{} findings{of} wait for somebody, {high} of them of high risk.", grouped(all))
        }
    }
}

#[cfg(test)]
mod hostile;
