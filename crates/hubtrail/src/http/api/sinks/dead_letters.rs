//! Entries that a receiver refuses for good: seen, delivered once more, given up.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{find, note};
use crate::access::{Actor, Caller, Role};
use crate::http::auth::Origin;
use crate::http::extract::{Body, Path, Query};
use crate::http::{App, Problem};
use crate::store::{DeadLetter, LogEntry};

/// An entry that the receiver refuses
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Letter {
    #[schema(minimum = 1)]
    id: i64,
    /// Its place in the log.
    position: i64,
    event_id: String,
    /// What the receiver said.
    reason: String,
    #[schema(format = DateTime)]
    refused_at: String,
    attempts: i64,
    /// It is delivered once more as soon as the sink works.
    retrying: bool,
    /// The record as HubSpot sent it; none when it is a finding, or past its retention.
    record: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct Letters {
    letters: Vec<Letter>,
    /// For `after` of the next page.
    next: Option<i64>,
}

#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(in crate::http::api) struct Page {
    /// The number of the letter before.
    after: Option<i64>,
    /// How many, 100 if left out.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

/// Which of them; left out: all
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::http::api) struct Which {
    id: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeadLetterCount)]
pub(in crate::http::api) struct Count {
    letters: usize,
}

/// List the dead letters of a sink
#[utoipa::path(
    get, path = "/sinks/{sink}/dead-letters", tag = "sinks",
    params(("sink" = String, Path, description = "Its name or number"), Page),
    responses((status = OK, body = Letters))
)]
pub(in crate::http::api) async fn list(
    caller: Caller,
    State(app): State<App>,
    Path(named): Path<String>,
    Query(page): Query<Page>,
) -> Result<Json<Letters>, Problem> {
    let sink = find(&app, &caller, Role::Viewer, &named).await?;
    let limit = page.limit.unwrap_or(100);
    if !(1..=1_000).contains(&limit) {
        return Err(Problem::invalid("limit", "it is out of range", "use 1 to 1000"));
    }
    let letters = app.log(move |store| {
        let letters = store.dead_letters(sink.id, page.after.unwrap_or(0), limit)?;
        let told = letters.into_iter().map(|letter| {
            let record = match store.log_entry(letter.position)? {
                Some(LogEntry::Event(entry)) => Some(entry.raw),
                _ => None,
            };
            Ok(told(letter, record))
        });
        told.collect::<Result<Vec<_>, _>>()
    });
    let letters = letters.await?;
    let is_full = u32::try_from(letters.len()).is_ok_and(|count| count == limit);
    let next = letters.last().map(|letter| letter.id).filter(|_| is_full);
    Ok(Json(Letters { letters, next }))
}

fn told(letter: DeadLetter, record: Option<String>) -> Letter {
    Letter {
        id: letter.id,
        position: letter.position.0,
        event_id: letter.event_id,
        reason: letter.reason,
        refused_at: letter.refused_at.to_string(),
        attempts: letter.attempts,
        retrying: letter.again,
        record,
    }
}

/// What becomes of them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    /// They are delivered once more.
    Retry,
    /// They are given up.
    Drop,
}

/// Decides about them: one, or all.
pub(crate) async fn decide(
    app: &App,
    caller: &Caller,
    origin: Origin,
    named: &str,
    id: Option<i64>,
    fate: Fate,
) -> Result<usize, Problem> {
    let (needed, action) = match fate {
        Fate::Retry => (Role::Analyst, "sink.dead_letters.retry"),
        Fate::Drop => (Role::Admin, "sink.dead_letters.drop"),
    };
    let sink = find(app, caller, needed, named).await?;
    let (actor, now) = (Actor::of(caller, origin), app.clock.now());
    app.log(move |store| {
        let count = match fate {
            Fate::Retry => store.retry_dead_letters(sink.id, id)?,
            Fate::Drop => store.drop_dead_letters(sink.id, id)?,
        };
        note(store, &actor, action, sink.name(), &count.to_string(), now)?;
        Ok(count)
    })
    .await
}

/// Deliver dead letters once more
#[utoipa::path(
    post, path = "/sinks/{sink}/dead-letters/retry", tag = "sinks", request_body = Which,
    params(("sink" = String, Path, description = "Its name or number")),
    responses((status = OK, body = Count))
)]
pub(in crate::http::api) async fn retry(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Path(named): Path<String>,
    Query(()): Query<()>,
    Body(which): Body<Which>,
) -> Result<Json<Count>, Problem> {
    let letters = decide(&app, &caller, origin, &named, which.id, Fate::Retry).await?;
    Ok(Json(Count { letters }))
}

/// Give dead letters up
///
/// The entries stay in the log.
#[utoipa::path(
    post, path = "/sinks/{sink}/dead-letters/drop", tag = "sinks", request_body = Which,
    params(("sink" = String, Path, description = "Its name or number")),
    responses((status = OK, body = Count))
)]
pub(in crate::http::api) async fn give_up(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Path(named): Path<String>,
    Query(()): Query<()>,
    Body(which): Body<Which>,
) -> Result<Json<Count>, Problem> {
    let letters = decide(&app, &caller, origin, &named, which.id, Fate::Drop).await?;
    Ok(Json(Count { letters }))
}
