//! Rules: which there are, what they look for, whether they are on, and what they would have raised.

mod told;
mod trial;
pub(crate) mod written;

use axum::Json;
use axum::extract::State;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) use trial::{__path_run, run};

use crate::access::{Accounts as Scope, Actor, Caller, Forbidden, Role};
use crate::http::auth::Origin;
use crate::http::extract::{Body, Path, Query};
use crate::http::{App, Problem};
use crate::rules::Book;
use crate::store::{Store, StoreError};
use told::{OneRule, RuleFault, RuleInfo};

/// Rules, and what is not understood of the operator's own
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RuleList {
    rules: Vec<RuleInfo>,
    /// What stands in the operator's files and is not in force; what was understood before stays.
    problems: Vec<RuleFault>,
}

/// Whether a rule is on
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleChange {
    enabled: bool,
}

/// List the rules
///
/// Those that raise findings, and those that could; the watches last. Building blocks are left out.
#[utoipa::path(get, path = "/rules", tag = "rules", responses((status = OK, body = RuleList)))]
pub(super) async fn list(
    _caller: Caller,
    State(app): State<App>,
    Query(()): Query<()>,
) -> Result<Json<RuleList>, Problem> {
    app.log(|store| {
        let set = Book::read(store)?.rules(&TimeZone::UTC);
        let settings = store.rule_settings()?;
        let mut rules: Vec<_> = set.rules().iter().filter(|rule| rule.raises || !rule.enabled).collect();
        rules.sort_by(|a, b| {
            let rank = |rule: &hubtrail_core::detect::Rule| (rule.watch, std::cmp::Reverse(rule.severity));
            rank(a).cmp(&rank(b)).then(b.score.total_cmp(&a.score)).then(a.title.cmp(&b.title))
        });
        let rules = rules.into_iter().map(|rule| RuleInfo::of(rule, &settings)).collect();
        Ok(Json(RuleList {
            rules,
            problems: store.rule_problems()?.into_iter().map(RuleFault::of).collect(),
        }))
    })
    .await
}

/// One rule
///
/// In words, with its source.
#[utoipa::path(
    get, path = "/rules/{rule}", tag = "rules",
    params(("rule" = String, Path, description = "Its id or name")), responses((status = OK, body = OneRule))
)]
pub(super) async fn one(
    _caller: Caller,
    State(app): State<App>,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<Json<OneRule>, Problem> {
    let wanted = named.clone();
    let told = app.log(move |store| {
        let book = Book::read(store)?;
        let set = book.rules(&TimeZone::UTC);
        let settings = store.rule_settings()?;
        Ok(set.find(&wanted).map(|rule| OneRule::of(rule, &set, &book, &settings)))
    });
    told.await?.map(Json).ok_or_else(|| missing(&named))
}

/// Switch a rule on or off
///
/// For all accounts, and over what the files say. Needs an administrator of all accounts.
#[utoipa::path(
    patch, path = "/rules/{rule}", tag = "rules", request_body = RuleChange,
    params(("rule" = String, Path, description = "Its id or name")), responses((status = OK, body = RuleInfo))
)]
pub(super) async fn change(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Path(named): Path<String>,
    Query(()): Query<()>,
    Body(RuleChange { enabled }): Body<RuleChange>,
) -> Result<Json<RuleInfo>, Problem> {
    must_decide(&caller)?;
    let (actor, now, wanted) = (Actor::of(&caller, origin), app.clock.now(), named.clone());
    let told = app.log(move |store| switch(store, &wanted, enabled, &actor, now));
    told.await?.map(Json).ok_or_else(|| missing(&named))
}

fn switch(
    store: &Store,
    named: &str,
    enabled: bool,
    actor: &Actor,
    now: hubtrail_core::time::UtcMs,
) -> Result<Option<RuleInfo>, StoreError> {
    let set = Book::read(store)?.rules(&TimeZone::UTC);
    let Some(rule) = set.find(named) else { return Ok(None) };
    store.set_rule(&rule.id, &rule.title, enabled, actor, now)?;
    let switched = set.switched([(rule.id.as_str(), enabled)]);
    let settings = store.rule_settings()?;
    Ok(switched.find(&rule.id).map(|rule| RuleInfo::of(rule, &settings)))
}

/// Rules are for all accounts.
///
/// # Errors
/// When the caller does not administer all of them.
pub(crate) fn must_decide(caller: &Caller) -> Result<(), Problem> {
    caller.must_be(Role::Admin)?;
    if caller.accounts == Scope::All {
        return Ok(());
    }
    let beyond = Problem::from(Forbidden { needed: Role::Admin, role: caller.role });
    let detail = "rules are for all accounts: only an administrator of all decides on them".to_owned();
    Err(Problem { detail, ..beyond })
}

fn missing(named: &str) -> Problem {
    let named: String = named.chars().take(64).collect();
    Problem::not_found(format!("there is no rule `{named}`")).fix("see /api/v1/rules for names and ids")
}
