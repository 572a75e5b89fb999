//! Rules that people write here: checked, saved in the place of an older text, and removed. The console asks the
//! same functions.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use hubtrail_core::detect::Problem as Fault;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::must_decide;
use super::told::RuleInfo;
use crate::access::{Actor, Caller};
use crate::http::auth::Origin;
use crate::http::extract::{Body, Path, Query};
use crate::http::{App, Problem};
use crate::rules::{Book, written};

const LONGEST: usize = 60_000;

/// The text of one or several rules, as a rule file has it
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct RuleText {
    text: String,
}

/// What was understood of a text
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http::api) struct RuleDraft {
    /// The ids of its rules.
    rules: Vec<String>,
    /// What they look for, in sentences.
    looks_for: Vec<String>,
    /// None: it can be saved.
    faults: Vec<DraftFault>,
}

/// Something in a text that cannot be honoured
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct DraftFault {
    line: usize,
    column: usize,
    reason: String,
    fix: String,
}

/// The rules of a text that was saved
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct RulesWritten {
    rules: Vec<RuleInfo>,
}

impl From<&Fault> for DraftFault {
    fn from(fault: &Fault) -> Self {
        let place = fault.place;
        Self { line: place.line, column: place.column, reason: fault.reason.clone(), fix: fault.fix.clone() }
    }
}

/// The rules with a text among them, and what was understood of it. Nothing is written.
pub(crate) async fn understood(
    app: &App,
    caller: &Caller,
    text: &str,
) -> Result<(Book, written::Draft), Problem> {
    must_decide(caller)?;
    if text.len() > LONGEST {
        return Err(Problem::invalid("text", "it is too long for a rule", "split it into several"));
    }
    Ok(app.log(Book::read).await?.with_draft(text, &TimeZone::UTC))
}

/// Gives back the ids of its rules, which are in force from now on.
pub(crate) async fn save(
    app: &App,
    caller: &Caller,
    origin: Origin,
    text: String,
) -> Result<Vec<String>, Problem> {
    let (_, draft) = understood(app, caller, &text).await?;
    if let Some(fault) = draft.faults.first() {
        let what = format!("line {}: {}", fault.place.line, fault.reason);
        return Err(Problem::invalid("text", what, fault.fix.clone()));
    }
    let nothing = || Problem::invalid("text", "there is no rule in it", "write one, with a title");
    let name = draft.name.ok_or_else(nothing)?;
    let ids = draft.rules.iter().map(|(id, _)| id.clone()).collect();
    let (by, now) = (Actor::of(caller, origin), app.clock.now());
    app.log(move |store| store.put_own_rule(&name, &text, draft.rules, &by, now)).await?;
    Ok(ids)
}

/// With all the rules of its text.
pub(crate) async fn remove(app: &App, caller: &Caller, origin: Origin, named: &str) -> Result<(), Problem> {
    must_decide(caller)?;
    let (by, now, wanted) = (Actor::of(caller, origin), app.clock.now(), named.to_owned());
    let was = app.log(move |store| {
        let set = Book::read(store)?.rules(&TimeZone::UTC);
        let file = set.find(&wanted).map(|rule| rule.origin.file.clone()).unwrap_or_default();
        let Some(name) = written::name(&file) else { return Ok(false) };
        let rules = set.rules().iter().filter(|rule| rule.origin.file == file);
        store.delete_own_rule(name, rules.map(|rule| rule.id.clone()).collect(), &by, now)
    });
    if was.await? {
        return Ok(());
    }
    let named: String = named.chars().take(64).collect();
    Err(Problem::not_found(format!("there is no rule `{named}` that was written here"))
        .fix("a rule of a file is switched off, or changed in its file"))
}

/// Check a rule
///
/// What is understood of a text, and what is not. Nothing is written.
#[utoipa::path(
    post, path = "/rules/check", tag = "rules", request_body = RuleText,
    responses((status = OK, body = RuleDraft))
)]
pub(in crate::http::api) async fn check(
    caller: Caller,
    State(app): State<App>,
    Query(()): Query<()>,
    Body(RuleText { text }): Body<RuleText>,
) -> Result<Json<RuleDraft>, Problem> {
    let (_, draft) = understood(&app, &caller, &text).await?;
    Ok(Json(RuleDraft {
        rules: draft.rules.into_iter().map(|(id, _)| id).collect(),
        looks_for: draft.explained,
        faults: draft.faults.iter().map(DraftFault::from).collect(),
    }))
}

/// Write a rule
///
/// In force at once, in all accounts; it takes the place of a text that was written here before and has a rule of the same
/// id. Needs an administrator of all accounts.
#[utoipa::path(
    post, path = "/rules", tag = "rules", request_body = RuleText,
    responses((status = CREATED, body = RulesWritten))
)]
pub(in crate::http::api) async fn write(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Query(()): Query<()>,
    Body(RuleText { text }): Body<RuleText>,
) -> Result<Response, Problem> {
    let ids = save(&app, &caller, origin, text).await?;
    let location = format!("/api/v1/rules/{}", ids.first().map_or("", String::as_str));
    let told = app.log(move |store| {
        let set = Book::read(store)?.rules(&TimeZone::UTC);
        let settings = store.rule_settings()?;
        let rules = ids.iter().filter_map(|id| set.find(id));
        Ok(RulesWritten { rules: rules.map(|rule| RuleInfo::of(rule, &settings)).collect() })
    });
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(told.await?)).into_response())
}

/// Remove a rule that was written here
///
/// With the other rules of its text; what they have found stays. Those of files are switched off instead.
#[utoipa::path(
    delete, path = "/rules/{rule}", tag = "rules",
    params(("rule" = String, Path, description = "Its id or name")), responses((status = NO_CONTENT))
)]
pub(in crate::http::api) async fn delete(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<StatusCode, Problem> {
    remove(&app, &caller, origin, &named).await?;
    Ok(StatusCode::NO_CONTENT)
}
