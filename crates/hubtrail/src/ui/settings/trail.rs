//! Hubtrail's own audit trail: who changed what here, from where.

use askama::Template;
use axum::extract::{RawQuery, State};
use hubtrail_core::sentence::harmless;
use url::form_urlencoded;

use super::{Tab, tabs};
use crate::access::Role;
use crate::http::App;
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
    older: Option<i64>,
    inside: bool,
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
    let before = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find_map(|(name, value)| (name == "before").then(|| value.parse().ok()).flatten());
    let within = viewer.caller.accounts.clone();
    let search = AuditSearch { within, connector: None, actor: None, action: None, before, limit: PAGE };
    let entries = app.log(move |store| store.audit_trail(&search)).await?;
    let older = (entries.len() == PAGE as usize).then(|| entries.last().map(|entry| entry.id)).flatten();
    let lines = entries.into_iter().map(|entry| line(entry, &viewer.taste)).collect();
    let frame = Frame::load(&app, &viewer, Place::Settings, "Audit trail").await?;
    page(&Trail { tabs: tabs(&frame, "/settings/audit"), frame, lines, older, inside: before.is_some() })
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

/// `token.create` as a person says it; what is not known here stays readable.
fn did(action: &str) -> String {
    let told = match action {
        "alert.create" => "added the alert channel",
        "alert.delete" => "removed the alert channel",
        "alert.pause" => "paused the alert channel",
        "alert.resume" => "resumed the alert channel",
        "alert.test" => "tested the alert channel",
        "alert.update" => "changed the alert channel",
        "backup.create" => "took a backup of",
        "connector.backfill" => "asked for a backfill of",
        "connector.create" => "added the connector",
        "connector.delete" => "deleted the connector",
        "connector.pause" => "paused",
        "connector.resume" => "resumed",
        "connector.start" => "started",
        "connector.test" => "tested",
        "connector.token" => "replaced the token of",
        "connector.update" => "changed",
        "evidence.export" => "took along the evidence of",
        "exception.create" => "excepted under number",
        "exception.end" => "ended the exception",
        "rule.disable" => "switched off the rule",
        "rule.enable" => "switched on the rule",
        "rule.remove" => "removed the rule",
        "rule.write" => "wrote the rule",
        "session.create" => "signed in",
        "session.delete" => "signed out",
        "sink.create" => "added the sink",
        "sink.dead_letters.drop" => "gave up the dead letters of",
        "sink.dead_letters.retry" => "delivered once more the dead letters of",
        "sink.delete" => "removed the sink",
        "sink.pause" => "paused the sink",
        "sink.replay" => "replayed the sink",
        "sink.resume" => "resumed the sink",
        "sink.test" => "tested the sink",
        "sink.update" => "changed the sink",
        "token.create" => "made the token",
        "token.revoke" => "revoked the token",
        "user.create" => "added",
        "user.delete" => "removed",
        "user.update" => "changed",
        unknown => return harmless(&unknown.replace('.', " ")).into_owned(),
    };
    told.to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_action_reads_as_a_verb_even_when_it_is_new() {
        assert_eq!(super::did("connector.pause"), "paused");
        assert_eq!(super::did("thing.create"), "thing create");
    }
}
