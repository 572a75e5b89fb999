//! Writing a rule: checked while it is written, tried on what the log has, and saved when it is understood.

use std::sync::Arc;
use std::time::{Duration, Instant};

use askama::Template;
use axum::extract::{Path, State};
use http::StatusCode;
use hubtrail_core::detect::Problem as Fault;
use hubtrail_core::finding::Finding;
use hubtrail_core::sentence::harmless;
use hubtrail_core::time::UtcMs;
use jiff::tz::TimeZone;

use crate::connector::Connector;
use crate::detect::{self, Tried};
use crate::http::auth::Origin;
use crate::http::rules::{must_decide, written};
use crate::http::{App, Problem};
use crate::rules::Book;
use crate::store::{DAY_MS, Store, StoreError};
use crate::ui::fields::Fields;
use crate::ui::filters;
use crate::ui::findings::who;
use crate::ui::frame::{Frame, Place};
use crate::ui::page::{Page, page_as, see};
use crate::ui::severity::Risk;
use crate::ui::viewer::{Taste, Viewer};
use crate::ui::when::{When, grouped};

#[derive(Template)]
#[template(path = "rule_edit.html")]
struct Editor {
    frame: Frame,
    text: String,
    faults: Vec<Fault>,
    /// It was looked at, and nothing is wrong with it.
    understood: Option<String>,
    explained: Vec<String>,
    trial: Option<Trial>,
}

const START: &str = "\
title: A redirect leads to another host
id: 3f0c2a54-0d3c-4d0e-9a49-0a3d5c6f7b81
status: experimental
description: Somebody created or changed a redirect.
logsource:
  product: hubspot
  service: cms_audit
detection:
  selection:
    objectType: URL_MAPPING
    event:
      - CREATED
      - UPDATED
  condition: selection
level: medium
";
const USUAL_DAYS: i64 = 90;
const PATIENCE: Duration = Duration::from_secs(8);
const MOST_SHOWN: usize = 20;

/// What a rule would have raised.
pub(super) struct Trial {
    pub(super) told: String,
    pub(super) entries: String,
    pub(super) complete: bool,
    pub(super) lines: Vec<TrialLine>,
}

pub(super) struct TrialLine {
    pub(super) risk: Risk,
    pub(super) title: String,
    pub(super) reason: String,
    pub(super) who: String,
    pub(super) when: When,
}

impl Trial {
    /// # Errors
    /// When there is no such rule, or the log cannot be read.
    pub(super) async fn run(app: &App, viewer: &Viewer, book: Book, rule: &str) -> Result<Self, Problem> {
        let (within, rule, to) = (viewer.caller.within(None), rule.to_owned(), viewer.taste.now);
        let from = to.minus(USUAL_DAYS * DAY_MS);
        let others = app.config.detection.alert_budget;
        let tried = app.log(move |store| {
            let mut connectors = store.connectors()?;
            connectors.retain(|one| within.as_ref().is_none_or(|ids| ids.contains(&one.id)));
            try_out(store, &book, &connectors, &rule, (from, to), others)
        });
        let tried = tried.await?.ok_or_else(|| Problem::not_found("there is no such rule"))?;
        Ok(Self::told(&tried, &viewer.taste))
    }

    fn told(tried: &Tried, taste: &Taste) -> Self {
        let raised = tried.findings.len();
        let word = if raised == 1 { "finding" } else { "findings" };
        let rate = raised as f64 * 30.0 / USUAL_DAYS as f64;
        Self {
            told: match raised {
                0 => format!("It would have raised nothing in the last {USUAL_DAYS} days."),
                _ => format!(
                    "It would have raised {} {word} in the last {USUAL_DAYS} days: {rate:.1} in 30 days.",
                    grouped(raised as u64)
                ),
            },
            entries: grouped(tried.entries),
            complete: tried.stopped_at.is_none(),
            lines: tried.findings.iter().rev().take(MOST_SHOWN).map(|finding| line(finding, taste)).collect(),
        }
    }
}

fn line(finding: &Finding, taste: &Taste) -> TrialLine {
    TrialLine {
        risk: Risk(finding.severity),
        title: harmless(&finding.title).into_owned(),
        reason: harmless(&finding.reason).into_owned(),
        who: who(&finding.actor.name, &finding.actor.id),
        when: When { at: finding.time, now: taste.now, zone: taste.zone.clone() },
    }
}

fn try_out(
    store: &Store,
    book: &Book,
    connectors: &[Connector],
    rule: &str,
    (from, to): (UtcMs, UtcMs),
    others: f64,
) -> Result<Option<Tried>, StoreError> {
    let began = Instant::now();
    let mut all = Tried::default();
    for connector in connectors {
        let zone = connector.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
        let set = book.rules(&zone.unwrap_or(TimeZone::UTC));
        let Some(rule) = set.find(rule) else { return Ok(None) };
        let only = Arc::new(set.only(&rule.id));
        let budget = connector.settings.alert_budget.alerts(others);
        let trial = detect::Trial { connector: connector.id, from, to, budget };
        let tried = trial.run(store, only, || began.elapsed() > PATIENCE)?;
        all.findings.extend(tried.findings);
        all.entries += tried.entries;
        all.stopped_at = all.stopped_at.or(tried.stopped_at);
    }
    all.findings.sort_by_key(|finding| finding.time);
    Ok(Some(all))
}

/// `GET /rules/new`
pub(super) async fn blank(State(app): State<App>, viewer: Viewer) -> Page {
    must_decide(&viewer.caller)?;
    show(&app, &viewer, START.to_owned(), None).await
}

/// `GET /rules/{rule}/edit`
pub(super) async fn edit(State(app): State<App>, viewer: Viewer, Path(rule): Path<String>) -> Page {
    must_decide(&viewer.caller)?;
    let book = app.log(Book::read).await?;
    let set = book.rules(&TimeZone::UTC);
    let rule = set.find(&rule).ok_or_else(|| Problem::not_found("there is no such rule"))?;
    let text = book.text(&rule.origin.file).unwrap_or_default().to_owned();
    show(&app, &viewer, text, None).await
}

/// `POST /rules/draft`: checked, tried, or saved, by the button that was pressed.
pub(super) async fn draft(State(app): State<App>, viewer: Viewer, origin: Origin, fields: Fields) -> Page {
    let text = fields.text("text");
    let (with_draft, draft) = written::understood(&app, &viewer.caller, &text).await?;
    let (Some(name), true) = (draft.name, draft.faults.is_empty()) else {
        return show(&app, &viewer, text, Some((draft.faults, None, Vec::new(), None))).await;
    };
    match fields.text("do").as_str() {
        "save" => {
            let ids = written::save(&app, &viewer.caller, origin, text).await?;
            Ok(see(&format!("/rules/{}?said=written", ids.first().map_or("", String::as_str))))
        }
        "try" => {
            let first = draft.rules.first().map(|(id, _)| id.clone()).unwrap_or_default();
            let trial = Trial::run(&app, &viewer, with_draft, &first).await?;
            show(&app, &viewer, text, Some((Vec::new(), Some(name), draft.explained, Some(trial)))).await
        }
        _ => show(&app, &viewer, text, Some((Vec::new(), Some(name), draft.explained, None))).await,
    }
}

type Looked = (Vec<Fault>, Option<String>, Vec<String>, Option<Trial>);

async fn show(app: &App, viewer: &Viewer, text: String, looked: Option<Looked>) -> Page {
    let frame = Frame::load(app, viewer, Place::Rules, "Write a rule").await?;
    let (faults, understood, explained, trial) = looked.unwrap_or_default();
    page_as(StatusCode::OK, &Editor { frame, text, faults, understood, explained, trial })
}
