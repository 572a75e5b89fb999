//! Exceptions and maintenance windows: what is known to be innocent, until when, and why.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use hubtrail_core::time::UtcMs;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Accounts as Scope, Actor, Caller, Forbidden, Role};
use crate::exception::{Excepted, Exception, ExceptionId};
use crate::http::accounts::Accounts;
use crate::http::auth::Origin;
use crate::http::extract::{Body, Path, Query};
use crate::http::told::AccountName;
use crate::http::{App, Problem};
use crate::moment::Moment;
use crate::rules::Book;
use crate::store::ExceptionSearch;

const MOST: usize = 1_000;

#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Which {
    /// Also those that are over or were ended.
    all: bool,
}

/// An exception to be made; of rule, person and object at least one, but for maintenance
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewException {
    /// A connector, by name or number. Without it: all accounts.
    account: Option<String>,
    /// A rule, by name or id.
    rule: Option<String>,
    /// A HubSpot user, by id, who did all of what was found.
    person: Option<String>,
    /// An object, by id, which all of it was done to.
    object: Option<String>,
    /// For what happens from here on: RFC 3339, or a length of time before now. Without it: from now.
    from: Option<String>,
    /// And before this time: RFC 3339, or from now on as `+7d` or `+2h`; a year at most.
    until: String,
    /// A window of maintenance: anything that happens in it may be part of it.
    #[serde(default)]
    maintenance: bool,
    /// Why.
    reason: String,
}

/// An exception
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExceptionInfo {
    id: i64,
    /// None: all accounts.
    account: Option<AccountName>,
    rule: Option<String>,
    person: Option<String>,
    object: Option<String>,
    #[schema(format = DateTime)]
    from: String,
    #[schema(format = DateTime)]
    until: String,
    maintenance: bool,
    reason: String,
    #[schema(format = DateTime)]
    created_at: String,
    created_by: String,
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    ended_by: Option<String>,
    /// How many findings it has hidden; `GET /findings?exception=ID` lists them.
    hidden: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExceptionList {
    exceptions: Vec<ExceptionInfo>,
}

impl ExceptionInfo {
    fn of(exception: &Exception, accounts: &Accounts) -> Self {
        let what = &exception.what;
        let name =
            |id: crate::connector::ConnectorId| AccountName { id: id.0, name: accounts.name(id).to_owned() };
        Self {
            id: exception.id.0,
            account: what.connector.map(name),
            rule: what.rule.clone(),
            person: what.person.clone(),
            object: what.object.clone(),
            from: what.from.to_string(),
            until: what.to.to_string(),
            maintenance: what.maintenance,
            reason: what.reason.clone(),
            created_at: exception.created_at.to_string(),
            created_by: exception.created_by.clone(),
            ended_at: exception.ended.as_ref().map(|(at, _)| at.to_string()),
            ended_by: exception.ended.as_ref().map(|(_, by)| by.clone()),
            hidden: exception.hidden,
        }
    }
}

/// List the exceptions
///
/// Those in force, of your accounts and of all; the newest first.
#[utoipa::path(
    get, path = "/exceptions", tag = "findings", params(Which), responses((status = OK, body = ExceptionList))
)]
pub(super) async fn list(
    caller: Caller,
    State(app): State<App>,
    Query(which): Query<Which>,
) -> Result<Json<ExceptionList>, Problem> {
    let in_force = (!which.all).then(|| app.clock.now());
    let search = ExceptionSearch { within: caller.accounts.clone(), in_force, limit: MOST };
    let exceptions = app.log(move |store| store.exceptions(&search)).await?;
    let accounts = Accounts::of(&app, &caller).await?;
    let exceptions = exceptions.iter().map(|exception| ExceptionInfo::of(exception, &accounts)).collect();
    Ok(Json(ExceptionList { exceptions }))
}

/// Make an exception
///
/// What it covers is still found, kept and counted, and waits for nobody. Needs the role analyst; one for all
/// accounts is made by those who see all.
#[utoipa::path(
    post, path = "/exceptions", tag = "findings", request_body = NewException,
    responses((status = CREATED, body = ExceptionInfo))
)]
pub(super) async fn create(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Query(()): Query<()>,
    Body(new): Body<NewException>,
) -> Result<Response, Problem> {
    caller.must_be(Role::Analyst)?;
    let accounts = Accounts::of(&app, &caller).await?;
    let what = new.read(&app, &caller, &accounts).await?;
    let (actor, now) = (Actor::of(&caller, origin), app.clock.now());
    let made = app.log(move |store| store.add_exception(what, &actor, now)).await?;
    let location = (header::LOCATION, format!("/api/v1/exceptions/{}", made.id.0));
    let told = Json(ExceptionInfo::of(&made, &accounts));
    Ok((StatusCode::CREATED, [location], told).into_response())
}

/// One exception
#[utoipa::path(
    get, path = "/exceptions/{exception}", tag = "findings",
    params(("exception" = i64, Path, description = "Its number")), responses((status = OK, body = ExceptionInfo))
)]
pub(super) async fn one(
    caller: Caller,
    State(app): State<App>,
    Path(id): Path<i64>,
    Query(()): Query<()>,
) -> Result<Json<ExceptionInfo>, Problem> {
    let found = app.log(move |store| store.exception(ExceptionId(id))).await?;
    let is_seen =
        |exception: &Exception| exception.what.connector.is_none_or(|connector| caller.sees(connector));
    let missing = || Problem::not_found(format!("there is no exception number {id}"));
    let found = found.filter(is_seen).ok_or_else(missing)?;
    Ok(Json(ExceptionInfo::of(&found, &Accounts::of(&app, &caller).await?)))
}

/// End an exception
///
/// Before its time. What it has hidden stays hidden, unless it goes on.
#[utoipa::path(
    delete, path = "/exceptions/{exception}", tag = "findings",
    params(("exception" = i64, Path, description = "Its number")),
    responses((status = NO_CONTENT, description = "It holds no more"))
)]
pub(super) async fn end(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Path(id): Path<i64>,
    Query(()): Query<()>,
) -> Result<StatusCode, Problem> {
    caller.must_be(Role::Analyst)?;
    let (actor, now) = (Actor::of(&caller, origin), app.clock.now());
    app.log(move |store| store.end_exception(ExceptionId(id), &actor, now)).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl NewException {
    async fn read(self, app: &App, caller: &Caller, accounts: &Accounts) -> Result<Excepted, Problem> {
        let text =
            |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let now = app.clock.now();
        let connector = text(self.account).map(|named| accounts.find(&named)).transpose();
        let connector = connector.map_err(|problem| problem.field("account"))?;
        if connector.is_none() && caller.accounts != Scope::All {
            let beyond = Problem::from(Forbidden { needed: Role::Analyst, role: caller.role });
            let detail = "one for all accounts is made by those who see all".to_owned();
            return Err(Problem { detail, ..beyond }.field("account").fix("name one of your accounts"));
        }
        let rule = match text(self.rule) {
            Some(named) => Some(rule_id(app, named).await?),
            None => None,
        };
        let from = text(self.from).map(|text| moment("from", &text, now)).transpose()?.unwrap_or(now);
        let to = match self.until.trim().strip_prefix('+') {
            Some(length) => crate::moment::length_ms(length).map(|ms| now.plus(ms)).map_err(|error| {
                Problem::invalid("until", format!("it is {error}"), "write it as +7d or +2h")
            })?,
            None => moment("until", &self.until, now)?,
        };
        let reason = self.reason.trim().to_owned();
        let (person, object) = (text(self.person), text(self.object));
        Ok(Excepted { connector, rule, person, object, from, to, maintenance: self.maintenance, reason })
    }
}

fn moment(field: &'static str, text: &str, now: UtcMs) -> Result<UtcMs, Problem> {
    let moment: Result<Moment, _> = text.parse();
    let moment =
        moment.map_err(|error| Problem::invalid(field, format!("it is {error}"), "write it as RFC 3339"))?;
    Ok(moment.from_now(now))
}

/// A misspelt rule would be an exception from nothing.
async fn rule_id(app: &App, named: String) -> Result<String, Problem> {
    app.log(move |store| {
        let rules = Book::read(store)?.rules(&jiff::tz::TimeZone::UTC);
        Ok(rules.find(&named).map(|rule| rule.id.clone()).ok_or(named))
    })
    .await?
    .map_err(|named| {
        Problem::invalid("rule", format!("there is no rule `{named}`"), "see /api/v1/rules for names and ids")
    })
}
