//! The first page: how things are in a sentence, what happened lately, and one step to the evidence.

use askama::Template;
use axum::extract::{RawQuery, State};
use hubtrail_core::page::{Dimension, Order};
use hubtrail_core::time::{UtcMs, spoken};

use super::activity::Activity;
use super::badge::Tone;
use super::events::query::Query;
use super::events::row::{self, Day, Row};
use super::filters;
use super::frame::{Frame, Place};
use super::page::{Page, page};
use super::standing::Standing;
use super::viewer::Viewer;
use crate::http::App;
use crate::status::ConnectorStatus;
use crate::store::Search;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    frame: Frame,
    lead: String,
    /// What a person has to look at.
    needy: Vec<Standing>,
    unfinished: Vec<Standing>,
    filling: Vec<Standing>,
    ranges: Vec<Range>,
    zoom: String,
    activity: Activity,
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
    let sensitive = SENSITIVE
        .into_iter()
        .fold(query.only_account(), |query, kind| query.with(Dimension::ObjectType, kind));
    let sensitive_search = Search { limit: Some(6), ..sensitive.search(&viewer.caller, taste.now)? };
    let (activity, latest, changes) = app
        .log(move |store| {
            let all = Search { limit: None, ..search.clone() };
            let activity = super::events::found::activity(store, &all, &taste)?;
            let latest = Search { limit: Some(LATEST), order: Order::NewestFirst, after: None, ..search };
            Ok((activity, store.search(&latest)?, store.search(&sensitive_search)?))
        })
        .await?;
    let rows: Vec<_> = statuses.iter().map(|status| Standing::new(status, &viewer.taste)).collect();
    let present: Vec<_> = connectors.iter().filter(|connector| !connector.removed).cloned().collect();
    let mut frame = Frame::new(&viewer, Place::Overview, "Overview", &present);
    frame.account = frame.accounts.iter().find(|account| Some(account.id) == query.account).cloned();
    let of = |keep: fn(&Standing) -> bool| rows.iter().filter(|row| keep(row)).cloned().collect::<Vec<_>>();
    page(&Overview {
        lead: lead(&statuses, viewer.taste.now),
        needy: of(|row| row.tone() == Tone::Act),
        unfinished: of(|row| row.unfinished),
        filling: of(|row| row.progress.is_some()),
        ranges: ranges(&query),
        zoom: query.within("FROM", "TO").href(),
        activity,
        days: row::by_day(&latest, &names, &viewer.taste),
        sensitive: changes.iter().map(|entry| Row::new(entry, &names, &viewer.taste)).collect(),
        sensitive_href: sensitive.href(),
        any: !rows.is_empty(),
        frame,
    })
}

fn ranges(query: &Query) -> Vec<Range> {
    let account = query.account.map(|account| format!("&account={account}")).unwrap_or_default();
    RANGES
        .into_iter()
        .map(|(word, after)| Range {
            word,
            href: format!("/?after={after}{account}"),
            current: query.after == after,
        })
        .collect()
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
