//! Hubtrail's own audit trail: who changed what here, from where.

use askama::Template;
use axum::extract::{RawQuery, State};
use hubtrail_core::sentence::harmless;
use url::form_urlencoded;

use super::{Tab, tabs};
use crate::access::Role;
use crate::http::{App, auth};
use crate::store::{AuditEntry, AuditSearch};
use crate::ui::filters;
use crate::ui::frame::{Frame, Place};
use crate::ui::page::{Page, page};
use crate::ui::viewer::{Taste, Viewer};
use crate::ui::when::When;

#[derive(Template)]
#[template(path = "settings_audit.html")]
struct Trail {
    frame: Frame,
    tabs: Vec<Tab>,
    lines: Vec<Line>,
    older: Option<String>,
    inside: bool,
    asked: Asked,
    actions: &'static [Actions],
    /// For the filter: those who may sign in, and whoever else is asked for.
    actors: Vec<String>,
}

/// Which entries are asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    actor: String,
    action: String,
    before: Option<i64>,
}

impl Trail {
    /// An action that the list does not know is asked for all the same.
    fn is_odd(&self) -> bool {
        let asked = self.asked.action.as_str();
        let is = |kind: &str, actions: &[(&str, &str)]| {
            kind == asked || actions.iter().any(|(own, _)| *own == asked)
        };
        !asked.is_empty() && !ACTIONS.iter().any(|(kind, _, actions)| is(kind, actions))
    }
}

impl Asked {
    fn of(query: &str) -> Self {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "actor" => value.trim().clone_into(&mut asked.actor),
                "action" => value.trim().clone_into(&mut asked.action),
                "before" => asked.before = value.parse().ok(),
                _ => {}
            }
        }
        asked
    }

    fn narrows(&self) -> bool {
        !self.actor.is_empty() || !self.action.is_empty()
    }

    /// Where the entries that are older than this one are; none: the newest.
    fn href(&self, before: Option<i64>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("actor", &self.actor), ("action", &self.action)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if let Some(before) = before {
            query.append_pair("before", &before.to_string());
        }
        let query = query.finish();
        if query.is_empty() { "/settings/audit".to_owned() } else { format!("/settings/audit?{query}") }
    }
}

struct Line {
    when: When,
    actor: String,
    origin: String,
    did: String,
    object: String,
    detail: String,
}

const PAGE: u32 = 100;

/// `GET /settings/audit`
pub(super) async fn show(State(app): State<App>, viewer: Viewer, RawQuery(query): RawQuery) -> Page {
    viewer.caller.must_be(Role::Admin)?;
    let asked = Asked::of(&query.unwrap_or_default());
    let some = |text: &String| (!text.is_empty()).then(|| text.clone());
    let search = AuditSearch {
        within: viewer.caller.accounts.clone(),
        connector: None,
        actor: some(&asked.actor),
        action: some(&asked.action),
        before: asked.before,
        limit: PAGE,
    };
    let frame = Frame::load(&app, &viewer, Place::Settings, "Audit trail").await?;
    let tabs = tabs(&frame, "/settings/audit");
    let entries = app.log(move |store| store.audit_trail(&search)).await?;
    let is_full = entries.len() == PAGE as usize;
    let older = entries.last().filter(|_| is_full).map(|entry| asked.href(Some(entry.id)));
    let known = auth::people(&app, &viewer.caller).await?;
    let mut actors: Vec<_> = known.into_iter().map(|user| user.name).collect();
    actors.extend(some(&asked.actor).filter(|asked| !actors.contains(asked)));
    page(&Trail {
        lines: entries.into_iter().map(|entry| line(entry, &viewer.taste)).collect(),
        inside: asked.before.is_some(),
        frame,
        tabs,
        older,
        asked,
        actions: ACTIONS,
        actors,
    })
}

fn line(entry: AuditEntry, taste: &Taste) -> Line {
    let text = |text: &str| harmless(text).into_owned();
    Line {
        when: When { at: entry.at, now: taste.now, zone: taste.zone.clone() },
        actor: text(&entry.actor),
        origin: text(&entry.origin),
        did: did(&entry.action),
        // Whoever signs in does it to nobody else.
        object: if entry.object == entry.actor { String::new() } else { text(&entry.object) },
        detail: match entry.action.as_str() {
            // Where to; without the word it reads as one of the name.
            "alert.create" | "sink.create" => format!("to {}", text(&entry.detail)),
            _ => text(&entry.detail),
        },
    }
}

/// What is done to Hubtrail, by kind of thing: as the API calls it, and as a person says it.
type Actions = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const ACTIONS: &[Actions] = &[
    (
        "alert",
        "Alert channels",
        &[
            ("alert.create", "added the alert channel"),
            ("alert.delete", "removed the alert channel"),
            ("alert.pause", "paused the alert channel"),
            ("alert.resume", "resumed the alert channel"),
            ("alert.test", "tested the alert channel"),
            ("alert.update", "changed the alert channel"),
        ],
    ),
    ("backup", "Backups", &[("backup.create", "took a backup of")]),
    (
        "connector",
        "Connectors",
        &[
            ("connector.backfill", "asked for a backfill of"),
            ("connector.create", "added the connector"),
            ("connector.delete", "deleted the connector"),
            ("connector.pause", "paused"),
            ("connector.resume", "resumed"),
            ("connector.start", "started"),
            ("connector.test", "tested"),
            ("connector.token", "replaced the token of"),
            ("connector.update", "changed"),
        ],
    ),
    ("evidence", "Evidence", &[("evidence.export", "took along the evidence of")]),
    (
        "exception",
        "Exceptions",
        &[("exception.create", "excepted under number"), ("exception.end", "ended the exception")],
    ),
    (
        "rule",
        "Rules",
        &[
            ("rule.disable", "switched off the rule"),
            ("rule.enable", "switched on the rule"),
            ("rule.remove", "removed the rule"),
            ("rule.write", "wrote the rule"),
        ],
    ),
    ("session", "Signing in", &[("session.create", "signed in"), ("session.delete", "signed out")]),
    (
        "sink",
        "Sinks",
        &[
            ("sink.create", "added the sink"),
            ("sink.dead_letters.drop", "gave up the dead letters of"),
            ("sink.dead_letters.retry", "delivered once more the dead letters of"),
            ("sink.delete", "removed the sink"),
            ("sink.pause", "paused the sink"),
            ("sink.replay", "replayed the sink"),
            ("sink.resume", "resumed the sink"),
            ("sink.test", "tested the sink"),
            ("sink.update", "changed the sink"),
        ],
    ),
    ("token", "API tokens", &[("token.create", "made the token"), ("token.revoke", "revoked the token")]),
    ("user", "People", &[("user.create", "added"), ("user.delete", "removed"), ("user.update", "changed")]),
];

/// `token.create` as a person says it; what is not known here stays readable.
fn did(action: &str) -> String {
    let known = ACTIONS.iter().flat_map(|(_, _, actions)| actions.iter()).find(|(own, _)| *own == action);
    known.map_or_else(|| harmless(&action.replace('.', " ")).into_owned(), |(_, told)| (*told).to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_action_reads_as_a_verb_even_when_it_is_new() {
        assert_eq!(super::did("connector.pause"), "paused");
        assert_eq!(super::did("thing.create"), "thing create");
        for (kind, _, actions) in super::ACTIONS {
            let is_of = |action: &str| action.split_once('.').is_some_and(|(of, _)| of == *kind);
            assert!(!actions.is_empty() && actions.iter().all(|(action, _)| is_of(action)), "{kind}");
        }
    }

    #[test]
    fn what_is_asked_for_is_kept_from_page_to_page() {
        let asked = super::Asked::of("actor=Dana+%26+Co&action=sink&before=90&said=x");
        assert_eq!(asked.href(Some(7)), "/settings/audit?actor=Dana+%26+Co&action=sink&before=7");
        assert_eq!(asked.href(None), "/settings/audit?actor=Dana+%26+Co&action=sink");
        assert!(asked.narrows() && !super::Asked::of("before=9").narrows());
        assert_eq!(super::Asked::default().href(None), "/settings/audit");
    }
}
