//! All rules with how often each speaks, beside the budget that people can live with.

use askama::Template;
use axum::extract::{RawQuery, State};
use hubtrail_core::detect::{Layer, Rule};
use hubtrail_core::sentence::harmless;
use jiff::tz::TimeZone;
use url::form_urlencoded;

use crate::http::App;
use crate::rules::Book;
use crate::store::{DAY_MS, RuleProblem, RuleRate};
use crate::ui::filters;
use crate::ui::frame::{Frame, Place};
use crate::ui::page::{Page, page};
use crate::ui::severity::Risk;
use crate::ui::viewer::{Taste, Viewer};
use crate::ui::when::{When, grouped};

#[derive(Template)]
#[template(path = "rules.html")]
struct Rules {
    frame: Frame,
    lead: String,
    tabs: Vec<Tab>,
    search: String,
    lines: Vec<Line>,
    problems: Vec<RuleProblem>,
    may_write: bool,
    exceptions: Vec<super::act::ExceptionLine>,
}

struct Tab {
    word: &'static str,
    entries: usize,
    href: String,
    current: bool,
}

struct Line {
    id: String,
    title: String,
    risk: Risk,
    enabled: bool,
    watch: bool,
    own: bool,
    raised: String,
    last: Option<When>,
}

const RATE_DAYS: i64 = 30;

/// A part of the list: its word in the address, its name, and which rules are in it.
type Part = (&'static str, &'static str, fn(&Rule) -> bool);

const PARTS: [Part; 4] = [
    ("", "All", |_| true),
    ("on", "On", |rule| rule.enabled && !rule.watch),
    ("watches", "Watches", |rule| rule.watch),
    ("own", "Your own", |rule| rule.origin.layer == Layer::Own),
];

/// `GET /rules`
pub(super) async fn show(State(app): State<App>, viewer: Viewer, RawQuery(query): RawQuery) -> Page {
    let (mut part, mut search) = (String::new(), String::new());
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        match &*name {
            "part" => part = value.into_owned(),
            "search" => value.trim().clone_into(&mut search),
            _ => {}
        }
    }
    let taste = &viewer.taste;
    let (since, within) = (taste.now.minus(RATE_DAYS * DAY_MS), viewer.caller.within(None));
    let (book, rates, problems) = app
        .log(move |store| {
            Ok((Book::read(store)?, store.rule_rates(since, within.as_deref())?, store.rule_problems()?))
        })
        .await?;
    let set = book.rules(&TimeZone::UTC);
    let mut rules: Vec<&Rule> = set.rules().iter().filter(|rule| rule.raises || !rule.enabled).collect();
    rules.sort_by(|a, b| {
        let rank = |rule: &Rule| (rule.watch, std::cmp::Reverse(rule.severity));
        rank(a).cmp(&rank(b)).then(b.score.total_cmp(&a.score)).then(a.title.cmp(&b.title))
    });
    let lead = lead(&rules, &rates);
    let needle = search.to_lowercase();
    rules.retain(|rule| {
        let name = rule.name.as_deref().unwrap_or_default();
        rule.title.to_lowercase().contains(&needle) || name.to_lowercase().contains(&needle)
    });
    let tabs = PARTS.into_iter().map(|(key, word, has)| Tab {
        word,
        entries: rules.iter().filter(|rule| has(rule)).count(),
        href: href(key, &search),
        current: key == part,
    });
    let tabs = tabs.collect();
    if let Some((.., has)) = PARTS.into_iter().find(|(key, ..)| *key == part) {
        rules.retain(|rule| has(rule));
    }
    let frame = Frame::load(&app, &viewer, Place::Rules, "Rules").await?;
    let exceptions = super::act::exceptions(&app, &viewer, None).await?;
    page(&Rules {
        lead,
        tabs,
        lines: rules.into_iter().map(|rule| line(rule, &rates, taste)).collect(),
        may_write: viewer.caller.decides_for_all(),
        search,
        problems,
        exceptions,
        frame,
    })
}

fn href(part: &str, search: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("part", part), ("search", search)] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    let query = query.finish();
    if query.is_empty() { "/rules".to_owned() } else { format!("/rules?{query}") }
}

fn line(rule: &Rule, rates: &[RuleRate], taste: &Taste) -> Line {
    let rate = rates.iter().find(|rate| rate.rule == rule.id);
    Line {
        id: rule.id.clone(),
        title: harmless(&rule.title).into_owned(),
        risk: Risk(rule.severity),
        enabled: rule.enabled,
        watch: rule.watch,
        own: rule.origin.layer == Layer::Own,
        raised: rate.map_or_else(|| "none".to_owned(), |rate| grouped(rate.findings)),
        last: rate.map(|rate| When { at: rate.last, now: taste.now, zone: taste.zone.clone() }),
    }
}

/// What there is, and whether it is more than people can look at.
fn lead(rules: &[&Rule], rates: &[RuleRate]) -> String {
    let on = rules.iter().filter(|rule| rule.enabled && !rule.watch).count();
    let watches = rules.iter().filter(|rule| rule.enabled && rule.watch).count();
    let is_watch = |id: &str| rules.iter().any(|rule| rule.watch && rule.id == id);
    let raised: i64 = rates.iter().filter(|rate| !is_watch(&rate.rule)).map(|rate| rate.findings).sum();
    let watched = match watches {
        0 => String::new(),
        1 => ", and 1 watch".to_owned(),
        n => format!(", and {n} watches"),
    };
    format!(
        "{on} rules are on{watched}. They raised {} {} in 30 days, without the watches.",
        grouped(raised),
        if raised == 1 { "finding" } else { "findings" }
    )
}
