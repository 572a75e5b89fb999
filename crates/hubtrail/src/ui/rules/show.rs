//! One rule: in words, with its source, what it has found, and what it would have found.

use askama::Template;
use axum::extract::{Path, State};
use http::StatusCode;
use hubtrail_core::detect::Layer;
use hubtrail_core::sentence::harmless;
use jiff::tz::TimeZone;

use super::act::{self, ExceptionLine};
use super::editor::Trial;
use crate::access::Role;
use crate::http::{App, Problem};
use crate::rules::{Book, written};
use crate::store::{DAY_MS, FindingSearch};
use crate::ui::events::names;
use crate::ui::filters;
use crate::ui::findings::{Line, Technique, technique};
use crate::ui::frame::{Frame, Place};
use crate::ui::page::{Page, page_as};
use crate::ui::prose::Prose;
use crate::ui::severity::Risk;
use crate::ui::viewer::Viewer;
use crate::ui::when::grouped;

#[derive(Template)]
#[template(path = "rule.html")]
struct Show {
    frame: Frame,
    id: String,
    title: String,
    risk: Risk,
    score: String,
    enabled: bool,
    watch: bool,
    from: String,
    /// It was written here, and can be changed here.
    own: bool,
    description: Prose,
    looks_for: Vec<Prose>,
    innocent: Vec<Prose>,
    response: Vec<Prose>,
    attack: Vec<Technique>,
    examples: Vec<(String, &'static str)>,
    source: String,
    version: String,
    rate: String,
    found: Vec<Line>,
    exceptions: Vec<ExceptionLine>,
    trial: Option<Trial>,
    may_write: bool,
    may_try: bool,
}

const RATE_DAYS: i64 = 30;
const LATEST: usize = 10;

/// `GET /rules/{rule}`
pub(super) async fn show(State(app): State<App>, viewer: Viewer, Path(rule): Path<String>) -> Page {
    rule_page(&app, &viewer, rule, None).await
}

/// `POST /rules/{rule}/try`: what it would have raised in 90 days. Nothing is written.
pub(super) async fn try_out(State(app): State<App>, viewer: Viewer, Path(rule): Path<String>) -> Page {
    viewer.caller.must_be(Role::Analyst)?;
    let book = app.log(Book::read).await?;
    let trial = Trial::run(&app, &viewer, book, &rule).await?;
    rule_page(&app, &viewer, rule, Some(trial)).await
}

fn rate(raised: i64) -> String {
    match raised {
        0 => format!("no finding in {RATE_DAYS} days"),
        1 => format!("1 finding in {RATE_DAYS} days"),
        _ => format!("{} findings in {RATE_DAYS} days", grouped(raised)),
    }
}

async fn rule_page(app: &App, viewer: &Viewer, named: String, trial: Option<Trial>) -> Page {
    let book = app.log(Book::read).await?;
    let set = book.rules(&TimeZone::UTC);
    let rule = set.find(&named).ok_or_else(|| Problem::not_found("there is no such rule"))?;
    let search = FindingSearch {
        connectors: viewer.caller.within(None),
        rules: vec![rule.id.clone()],
        limit: LATEST,
        ..FindingSearch::default()
    };
    let (since, within, id) =
        (viewer.taste.now.minus(RATE_DAYS * DAY_MS), viewer.caller.within(None), rule.id.clone());
    let (found, rates, connectors) = app
        .log(move |store| {
            Ok((
                store.findings(&search)?,
                store.rule_rates(since, within.as_deref())?,
                store.connectors_ever()?,
            ))
        })
        .await?;
    let raised = rates.iter().find(|rate| rate.rule == id).map_or(0, |rate| rate.findings);
    let known = names(&connectors);
    let prose = |texts: &[String]| texts.iter().map(|text| Prose::new(text)).collect::<Vec<_>>();
    let examples = rule.examples.iter().map(|example| {
        let raises = if example.raises == 0 { "not raised" } else { "raised" };
        (harmless(&example.name).into_owned(), raises)
    });
    let show = Show {
        frame: Frame::load(app, viewer, Place::Rules, &rule.title).await?,
        title: harmless(&rule.title).into_owned(),
        risk: Risk(rule.severity),
        score: format!("{:.0}", rule.score),
        enabled: rule.enabled,
        watch: rule.watch,
        from: match rule.origin.layer {
            Layer::Shipped => "shipped with Hubtrail".to_owned(),
            Layer::Own => format!("{}, line {}", rule.origin.file, rule.origin.place.line),
        },
        own: written::name(&rule.origin.file).is_some(),
        description: Prose::new(&rule.description.replace('\n', " ")),
        looks_for: prose(&set.explain(rule)),
        innocent: prose(&rule.falsepositives),
        response: rule.response.lines().filter(|line| !line.trim().is_empty()).map(Prose::new).collect(),
        attack: rule.attack.iter().map(|id| technique(id)).collect(),
        examples: examples.collect(),
        source: book.text(&rule.origin.file).unwrap_or_default().to_owned(),
        version: rule.version.chars().take(12).collect(),
        rate: rate(raised),
        found: found.iter().map(|kept| Line::new(kept, &known, &viewer.taste)).collect(),
        exceptions: act::exceptions(app, viewer, Some(&rule.id)).await?,
        may_write: viewer.caller.decides_for_all(),
        may_try: viewer.caller.role >= Role::Analyst,
        id: rule.id.clone(),
        trial,
    };
    page_as(StatusCode::OK, &show)
}
