//! The first page: how things are in a sentence, what happened lately, who and what is busy, and one step to the evidence.

use askama::Template;
use axum::extract::{RawQuery, State};
use hubtrail_core::page::{Dimension, Order};
use hubtrail_core::time::{UtcMs, spoken};

use super::activity::{Activity, HOUR_MS};
use super::badge::Tone;
use super::events::query::Query;
use super::events::row::{self, Day, Row};
use super::filters;
use super::findings::{self, RiskCount};
use super::frame::{Frame, Place};
use super::heat::Heat;
use super::leader::{self, Leader};
use super::page::{Page, page};
use super::standing::Standing;
use super::strip::{self, Strip};
use super::viewer::{Taste, Viewer};
use crate::connector::ConnectorId;
use crate::http::App;
use crate::status::ConnectorStatus;
use crate::store::{Entry, Search, Store, StoreError};

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    frame: Frame,
    lead: String,
    notes: Notes,
    ranges: Vec<Range>,
    zoom: String,
    /// The range is none of the usual ones: somebody has zoomed in.
    zoomed: bool,
    events: String,
    activity: Activity,
    /// How collection went in the last days, the worst first, and how many more there are.
    strips: Vec<Strip>,
    more_strips: usize,
    risks: Vec<RiskCount>,
    findings: Vec<findings::Line>,
    heat: Heat,
    people: Vec<Leader>,
    objects: Vec<Leader>,
    days: Vec<Day>,
    sensitive: Vec<Row>,
    sensitive_href: String,
    any: bool,
}

struct Range {
    word: &'static str,
    href: String,
    current: bool,
}

const LATEST: usize = 10;
const BUSIEST: usize = 6;
const MOST_STRIPS: usize = 6;
const NEEDS_A_LOOK: usize = 5;
/// Notes of one kind; those beyond are on the status page.
const MOST_NOTES: usize = 5;
const MOST_COUNTED: u64 = 50_000;
const RANGES: [(&str, &str); 4] = [("24 h", "24h"), ("7 d", "7d"), ("30 d", "30d"), ("90 d", "90d")];
/// What a web team wants to hear of at once.
const SENSITIVE: [&str; 3] = ["DOMAIN", "URL_MAPPING", "CONTENT_SETTINGS"];

/// `GET /`
pub(super) async fn show(State(app): State<App>, viewer: Viewer, RawQuery(query): RawQuery) -> Page {
    let mut query = Query::read(query.as_deref())?.only_range();
    if query.after.is_empty() {
        "7d".clone_into(&mut query.after);
    }
    let statuses = super::status::load(&app, &viewer, query.account).await?;
    let connectors = app.log(|store| store.connectors_ever()).await?;
    let names = super::events::names(&connectors);
    let taste = viewer.taste.clone();
    let search = query.search(&viewer.caller, taste.now)?;
    let sensitive = sensitive_changes(&query);
    let sensitive_search = Search { limit: Some(6), ..sensitive.search(&viewer.caller, taste.now)? };
    let known = names.clone();
    let range = (search.after, search.before);
    let rows: Vec<_> = statuses.iter().map(|status| Standing::new(status, &viewer.taste)).collect();
    let worst = worst_first(&rows);
    let ids = worst.iter().take(MOST_STRIPS).map(|row| ConnectorId(row.id)).collect();
    let busy_search = search.clone();
    // Side by side: none of these needs what another finds, and together they are most of the page's time.
    let (mut looked, [people, objects], marks, open, risks, strips) = tokio::try_join!(
        app.log({
            let taste = taste.clone();
            move |store| Looked::at(store, &search, &sensitive_search, &taste)
        }),
        app.log(move |store| leader::busiest(store, &busy_search, BUSIEST, &known, &taste)),
        findings::marks(&app, &viewer, query.account, range),
        findings::open_lines(&app, &viewer, query.account, None, &names, NEEDS_A_LOOK),
        findings::risks(&app, &viewer, query.account),
        strip::of(&app, &viewer.taste, ids),
    )?;
    for (at, severity) in marks {
        looked.activity.mark(at, severity);
    }
    let present: Vec<_> = connectors.iter().filter(|connector| !connector.removed).cloned().collect();
    let mut frame = Frame::new(&viewer, Place::Overview, "Overview", &present);
    frame.account = frame.accounts.iter().find(|account| Some(account.id) == query.account).cloned();
    page(&Overview {
        lead: lead(&statuses, viewer.taste.now),
        notes: Notes::of(&rows),
        ranges: ranges(&query),
        zoom: here(&query.within("FROM", "TO")),
        zoomed: !RANGES.iter().any(|(_, after)| query.after == *after) || !query.before.is_empty(),
        events: query.href(),
        activity: looked.activity,
        more_strips: worst.len().saturating_sub(MOST_STRIPS),
        strips,
        risks,
        findings: open,
        heat: looked.heat,
        people,
        objects,
        days: row::by_day(&looked.latest, &names, &viewer.taste),
        sensitive: looked.changes.iter().map(|entry| Row::new(entry, &names, &viewer.taste)).collect(),
        sensitive_href: sensitive.href(),
        any: !rows.is_empty(),
        frame,
    })
}

/// What is said of accounts before anything else.
struct Notes {
    /// What a person has to look at.
    needy: Vec<Standing>,
    more_needy: usize,
    unfinished: Vec<Standing>,
    filling: Vec<Standing>,
}

impl Notes {
    fn of(rows: &[Standing]) -> Self {
        let all = |keep: fn(&&Standing) -> bool| rows.iter().filter(keep);
        let few = |keep| all(keep).take(MOST_NOTES).cloned().collect();
        let needs = |row: &&Standing| row.tone() == Tone::Act;
        Self {
            more_needy: all(needs).count().saturating_sub(MOST_NOTES),
            needy: few(needs),
            unfinished: few(|row| row.unfinished),
            filling: few(|row| row.progress.is_some()),
        }
    }
}

/// What the log says of the range.
struct Looked {
    activity: Activity,
    heat: Heat,
    latest: Vec<Entry>,
    changes: Vec<Entry>,
}

impl Looked {
    fn at(store: &Store, search: &Search, sensitive: &Search, taste: &Taste) -> Result<Self, StoreError> {
        let all = Search { limit: None, ..search.clone() };
        let hours = Search {
            after: all.after.map(UtcMs::hour),
            before: Some(all.before.unwrap_or(taste.now).plus(HOUR_MS - 1).hour()),
            ..all.clone()
        };
        let latest = Search { limit: Some(LATEST), order: Order::NewestFirst, ..all.clone() };
        Ok(Self {
            activity: super::events::found::activity(store, &all, taste)?,
            heat: Heat {
                hours: store.week(&hours, &taste.zone, MOST_COUNTED)?.hours,
                now: None,
                of: "Events",
            },
            latest: store.search(&latest)?,
            changes: store.search(sensitive)?,
        })
    }
}

fn sensitive_changes(query: &Query) -> Query {
    let of_account = query.only_account();
    SENSITIVE.into_iter().fold(of_account, |query, kind| query.with(Dimension::ObjectType, kind))
}

fn worst_first(rows: &[Standing]) -> Vec<&Standing> {
    let mut worst: Vec<_> = rows.iter().filter(|row| !row.unfinished).collect();
    worst.sort_by_key(|row| (row.tone(), row.name.to_lowercase()));
    worst
}

/// The same question, asked of this page.
fn here(query: &Query) -> String {
    format!("/?{}", query.encoded())
}

fn ranges(query: &Query) -> Vec<Range> {
    let range = |(word, after)| Range {
        word,
        href: here(&query.within(after, "")),
        current: query.after == after && query.before.is_empty(),
    };
    RANGES.into_iter().map(range).collect()
}

/// How things are, and up to when everything is here.
fn lead(statuses: &[ConnectorStatus], now: UtcMs) -> String {
    let well: Vec<_> = statuses.iter().filter(|status| status.state.is_well()).collect();
    let accounts = |n: usize| if n == 1 { "1 account".to_owned() } else { format!("{n} accounts") };
    match (well.len(), statuses.len()) {
        (_, 0) => "No account is connected yet.".to_owned(),
        (0, all) => format!("Nothing is being collected from {}.", accounts(all)),
        (n, all) => {
            let from = if n == all { accounts(n) } else { format!("{n} of {}", accounts(all)) };
            let since = well.iter().map(|status| status.collected_up_to).min().flatten();
            match since {
                Some(since) => {
                    format!(
                        "Collecting from {from}. Everything up to {} ago is here.",
                        spoken(now.since(since))
                    )
                }
                None => format!("Collecting from {from}."),
            }
        }
    }
}
