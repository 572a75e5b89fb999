//! Switching rules on and off, removing one's own, and ending exceptions.

use axum::extract::{Path, State};
use jiff::tz::TimeZone;

use crate::access::{Actor, Role};
use crate::exception::ExceptionId;
use crate::http::auth::Origin;
use crate::http::{App, Problem, rules};
use crate::rules::Book;
use crate::store::ExceptionSearch;
use crate::ui::fields::Fields;
use crate::ui::page::{Page, see};
use crate::ui::viewer::Viewer;
use crate::ui::when::When;

/// An exception as a line.
pub(super) struct ExceptionLine {
    pub(super) id: i64,
    pub(super) what: String,
    pub(super) reason: String,
    pub(super) by: String,
    pub(super) until: When,
    pub(super) hidden: i64,
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
    let found = app.log(move |store| store.exceptions(&search)).await?;
    let own = found.into_iter().filter(|one| rule.is_none_or(|rule| one.what.rule.as_deref() == Some(rule)));
    let told = own.map(|one| {
        let mut what = Vec::new();
        if let Some(rule) = &one.what.rule {
            what.push(format!("rule {rule}"));
        }
        if let Some(person) = &one.what.person {
            what.push(format!("user {person}"));
        }
        if let Some(object) = &one.what.object {
            what.push(format!("object {object}"));
        }
        if what.is_empty() {
            what.push("everything, as maintenance".to_owned());
        }
        ExceptionLine {
            id: one.id.0,
            what: what.join(", "),
            reason: one.what.reason,
            by: one.created_by,
            until: When { at: one.what.to, now: taste.now, zone: taste.zone.clone() },
            hidden: one.hidden,
        }
    });
    Ok(told.collect())
}
