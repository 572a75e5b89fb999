//! One sink: how it goes, what it refuses, and what a marked event meets.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use hubtrail_core::sentence::harmless;
use url::form_urlencoded;

use super::line::Line;
use crate::access::Role;
use crate::connector::Connector;
use crate::forward::{self, SinkStatus, Trial};
use crate::http::auth::Origin;
use crate::http::{App, sinks as api};
use crate::sink::{Configured, Selection};
use crate::store::DeadLetter;
use crate::ui::filters;
use crate::ui::frame::{Frame, Place};
use crate::ui::named;
use crate::ui::page::{Page, page};
use crate::ui::prose::Prose;
use crate::ui::viewer::{Taste, Viewer};
use crate::ui::when::{When, grouped};

#[derive(Template)]
#[template(path = "sink.html")]
struct Show {
    frame: Frame,
    line: Line,
    facts: Vec<(&'static str, String)>,
    paused: bool,
    declared: bool,
    stopped: bool,
    letters: Vec<Letter>,
    /// How many there are on all pages.
    letters_told: String,
    /// The letter before this page, and before the next one.
    after: Option<i64>,
    next: Option<i64>,
    trial: Option<(Trial, Prose, Prose)>,
    may_decide: bool,
}

/// An entry that the receiver refuses.
struct Letter {
    id: i64,
    position: i64,
    reason: String,
    when: When,
    attempts: i64,
    again: bool,
}

const MOST_LETTERS: u32 = 50;

/// `GET /sinks/{sink}`; `?after=` goes on behind a dead letter.
pub(super) async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path(named): Path<String>,
    RawQuery(query): RawQuery,
) -> Page {
    let sink = api::find(&app, &viewer.caller, Role::Viewer, &named).await?;
    let query = query.unwrap_or_default();
    let after = form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == "after").then(|| value.parse().ok()).flatten());
    sink_page(&app, &viewer, sink, after, None).await
}

/// `POST /sinks/{sink}/test`
pub(super) async fn test(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(named): Path<String>,
) -> Page {
    let sink = api::find(&app, &viewer.caller, Role::Analyst, &named).await?;
    let trial = api::work::try_out(&app, &viewer.caller, origin, &sink).await?;
    sink_page(&app, &viewer, sink, None, Some(trial)).await
}

async fn sink_page(
    app: &App,
    viewer: &Viewer,
    sink: Configured,
    after: Option<i64>,
    trial: Option<Trial>,
) -> Page {
    let (taste, of) = (&viewer.taste, sink.clone());
    let now = taste.now;
    let (status, mut letters, connectors) = app
        .log(move |store| {
            let letters = store.dead_letters(of.id, after.unwrap_or(0), MOST_LETTERS + 1)?;
            Ok((forward::of(store, &of, now)?, letters, store.connectors_ever()?))
        })
        .await?;
    let is_cut = letters.len() > MOST_LETTERS as usize;
    letters.truncate(MOST_LETTERS as usize);
    let line = Line::new(&status, taste);
    page(&Show {
        frame: Frame::load(app, viewer, Place::Sinks, sink.name()).await?,
        facts: facts(&sink, &status, &line, &connectors, taste),
        paused: sink.paused,
        declared: sink.declared,
        stopped: status.state == forward::SinkState::ActionNeeded,
        next: letters.last().filter(|_| is_cut).map(|letter| letter.id),
        letters: letters.into_iter().map(|letter| Letter::new(letter, taste)).collect(),
        letters_told: letters_told(status.dead_letters, after.is_some() || is_cut),
        after,
        trial: trial.map(|trial| {
            let (said, fix) = (Prose::new(&trial.said), Prose::new(trial.fix.as_deref().unwrap_or_default()));
            (trial, said, fix)
        }),
        may_decide: viewer.caller.decides_for_all(),
        line,
    })
}

impl Letter {
    fn new(letter: DeadLetter, taste: &Taste) -> Self {
        Self {
            id: letter.id,
            position: letter.position.0,
            reason: harmless(&letter.reason).into_owned(),
            when: When { at: letter.refused_at, now: taste.now, zone: taste.zone.clone() },
            attempts: letter.attempts,
            again: letter.again,
        }
    }
}

fn letters_told(total: i64, has_pages: bool) -> String {
    let entries = match total {
        1 => "1 entry".to_owned(),
        n => format!("{} entries", grouped(n)),
    };
    let pages =
        if has_pages { format!(", {MOST_LETTERS} on a page, those refused first") } else { String::new() };
    format!("The receiver has refused {entries} for good{pages}.")
}

fn facts(
    sink: &Configured,
    status: &SinkStatus,
    line: &Line,
    connectors: &[Connector],
    taste: &Taste,
) -> Vec<(&'static str, String)> {
    let when = |at| When { at, now: taste.now, zone: taste.zone.clone() };
    let error = status.last_error.as_deref();
    vec![
        ("Format", sink.settings.format.as_str().to_owned()),
        ("Gets", gets(&sink.settings.select, connectors)),
        ("Lag", line.lag_told()),
        ("Rate in the last minute", line.rate.clone()),
        ("Delivered", format!("{} entries", grouped(status.delivered))),
        ("Last success", status.last_success.map_or_else(|| "never".to_owned(), |at| when(at).exact())),
        ("Last error", error.map_or_else(|| "none".to_owned(), |error| harmless(error).into_owned())),
        ("With the record", if sink.settings.original { "yes" } else { "no" }.to_owned()),
    ]
}

/// Which entries it gets, in a sentence without its end.
fn gets(select: &Selection, connectors: &[Connector]) -> String {
    let mut parts = Vec::new();
    if select.events {
        let of = |what: &str, words: &[String]| match words {
            [] => String::new(),
            words => format!(" {what} {}", harmless(&words.join(", "))),
        };
        parts.push(format!("events{}{}", of("of type", &select.event_types), of("on", &select.object_types)));
    }
    if select.findings {
        let severities: Vec<_> = select.severities.iter().map(ToString::to_string).collect();
        let of = if severities.is_empty() {
            String::new()
        } else {
            format!(" of {} severity", severities.join(", "))
        };
        parts.push(format!("findings{of}"));
    }
    let accounts: Vec<_> = select.accounts.iter().map(ToString::to_string).collect();
    let of = match accounts.as_slice() {
        [] => String::new(),
        own => format!(", of {}", named::names(&named::accounts(connectors, own), own)),
    };
    format!("{}{of}", parts.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hubtrail_core::finding::Severity;

    #[test]
    fn what_a_sink_gets_is_told_in_words() {
        let all = Selection::default();
        assert_eq!(gets(&all, &[]), "events and findings");
        let narrow = Selection {
            accounts: vec![crate::connector::ConnectorId(7)],
            event_types: vec!["DELETED".to_owned()],
            object_types: vec!["DOMAIN".to_owned(), "URL_MAPPING".to_owned()],
            severities: vec![Severity::High],
            ..all
        };
        let told = "events of type DELETED on DOMAIN, URL_MAPPING and findings of high severity, of Number 7, which is gone";
        assert_eq!(gets(&narrow, &[]), told);
        assert_eq!(gets(&Selection { events: false, ..Selection::default() }, &[]), "findings");
    }

    #[test]
    fn how_many_letters_there_are_is_said_with_the_pages_they_take() {
        assert_eq!(letters_told(1, false), "The receiver has refused 1 entry for good.");
        let many = "The receiver has refused 1,234 entries for good, 50 on a page, those refused first.";
        assert_eq!(letters_told(1_234, true), many);
    }
}
