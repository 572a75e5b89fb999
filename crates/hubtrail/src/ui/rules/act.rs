//! Switching rules on and off, removing one's own, and ending exceptions.

use std::collections::HashMap;

use axum::extract::{Path, State};
use hubtrail_core::detect::Lens;
use hubtrail_core::sentence::harmless;
use jiff::tz::TimeZone;

use crate::access::{Actor, Role};
use crate::connector::Connector;
use crate::exception::{Excepted, ExceptionId};
use crate::http::auth::Origin;
use crate::http::{App, Problem, rules};
use crate::rules::Book;
use crate::store::{ExceptionSearch, Side, Store, StoreError, Subject};
use crate::ui::fields::Fields;
use crate::ui::leader;
use crate::ui::page::{Page, see};
use crate::ui::viewer::Viewer;
use crate::ui::when::When;

/// An exception as a line.
pub(super) struct ExceptionLine {
    pub(super) id: i64,
    pub(super) what: Vec<Part>,
    /// None: all accounts.
    pub(super) account: Option<String>,
    pub(super) reason: String,
    pub(super) by: String,
    pub(super) until: When,
    pub(super) hidden: i64,
}

/// What it is an exception of, by name, and where its page is.
pub(super) struct Part {
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) href: Option<String>,
}

impl ExceptionLine {
    /// In one line, for whoever hears it.
    pub(super) fn told(&self) -> String {
        let parts = self.what.iter().map(|part| format!("{} {}", part.kind, part.name));
        parts.collect::<Vec<_>>().join(", ")
    }
}

const MOST: usize = 200;

/// `POST /rules/{rule}/switch`
pub(super) async fn switch(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(rule): Path<String>,
    fields: Fields,
) -> Page {
    rules::must_decide(&viewer.caller)?;
    let (enabled, now) = (fields.text("enabled") == "yes", app.clock.now());
    let by = Actor::of(&viewer.caller, origin);
    let switched = app.log(move |store| {
        let set = Book::read(store)?.rules(&TimeZone::UTC);
        let Some(rule) = set.find(&rule) else { return Ok(None) };
        store.set_rule(&rule.id, &rule.title, enabled, &by, now)?;
        Ok(Some(rule.id.clone()))
    });
    let id = switched.await?.ok_or_else(|| Problem::not_found("there is no such rule"))?;
    Ok(see(&format!("/rules/{id}?said={}", if enabled { "on" } else { "off" })))
}

/// `POST /rules/{rule}/remove`: one that was written here.
pub(super) async fn remove(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(rule): Path<String>,
) -> Page {
    rules::written::remove(&app, &viewer.caller, origin, &rule).await?;
    Ok(see("/rules?said=gone"))
}

/// `POST /rules/exceptions/{id}/end`
pub(super) async fn end_exception(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(id): Path<i64>,
) -> Page {
    viewer.caller.must_be(Role::Analyst)?;
    let (by, now) = (Actor::of(&viewer.caller, origin), app.clock.now());
    app.log(move |store| store.end_exception(ExceptionId(id), &by, now).map(drop)).await?;
    Ok(see("/rules?said=ended"))
}

/// Those that hold, of one rule or of all.
///
/// # Errors
/// When the log cannot be read.
pub(super) async fn exceptions(
    app: &App,
    viewer: &Viewer,
    rule: Option<&str>,
) -> Result<Vec<ExceptionLine>, Problem> {
    let taste = &viewer.taste;
    let search =
        ExceptionSearch { within: viewer.caller.accounts.clone(), in_force: Some(taste.now), limit: MOST };
    let rule = rule.map(str::to_owned);
    let told = app.log(move |store| {
        let mut found = store.exceptions(&search)?;
        found.retain(|one| rule.is_none() || one.what.rule == rule);
        let (connectors, titles) = (store.connectors_ever()?, Titles::read(store)?);
        let told = found.into_iter().map(|one| {
            let what = parts(store, &one.what, &titles)?;
            Ok((account(&one.what, &connectors), what, one))
        });
        told.collect::<Result<Vec<_>, StoreError>>()
    });
    let lines = told.await?.into_iter().map(|(account, what, one)| ExceptionLine {
        id: one.id.0,
        what,
        account,
        reason: one.what.reason,
        by: one.created_by,
        until: When { at: one.what.to, now: taste.now, zone: taste.zone.clone() },
        hidden: one.hidden,
    });
    Ok(lines.collect())
}

/// The rules by id, with the title of each; behaviour has no page of its own.
struct Titles(HashMap<String, (String, bool)>);

impl Titles {
    fn read(store: &Store) -> Result<Self, StoreError> {
        let set = Book::read(store)?.rules(&TimeZone::UTC);
        let rules = set.rules().iter().map(|rule| (rule.id.clone(), (rule.title.clone(), true)));
        let lenses = Lens::ALL.into_iter();
        let lenses =
            lenses.map(|lens| (lens.name().to_owned(), (format!("Behaviour: {}", lens.title()), false)));
        Ok(Self(rules.chain(lenses).collect()))
    }
}

fn account(what: &Excepted, connectors: &[Connector]) -> Option<String> {
    let id = what.connector?;
    let known = connectors.iter().find(|connector| connector.id == id);
    Some(known.map_or_else(|| format!("Number {id}, which is gone"), |connector| connector.name().to_owned()))
}

/// Names are those of the account; of an exception for all of them, the ids are what holds.
fn parts(store: &Store, what: &Excepted, titles: &Titles) -> Result<Vec<Part>, StoreError> {
    let mut parts = Vec::new();
    if let Some(id) = &what.rule {
        let (title, has_page) = titles.0.get(id).cloned().unwrap_or_else(|| (id.clone(), false));
        let href = has_page.then(|| format!("/rules/{id}"));
        parts.push(Part { kind: "rule", name: harmless(&title).into_owned(), href });
    }
    let sides = [
        (what.person.clone().map(Subject::Person), Side::People, "person"),
        (what.object.clone().map(Subject::Object), Side::Objects, "object"),
    ];
    for (subject, side, kind) in sides {
        let Some(subject) = subject else { continue };
        let names = match what.connector {
            Some(connector) => store.aliases(connector, &subject)?,
            None => Vec::new(),
        };
        let name = names.iter().find(|name| !name.trim().is_empty()).map_or("", String::as_str);
        let name = leader::named(side, name, subject.id());
        let href = what.connector.map(|connector| leader::href(side, connector, subject.id()));
        parts.push(Part { kind, name, href });
    }
    if parts.is_empty() {
        parts.push(Part { kind: "maintenance:", name: "everything".to_owned(), href: None });
    }
    Ok(parts)
}
