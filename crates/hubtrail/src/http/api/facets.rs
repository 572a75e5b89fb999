//! What is among the events, and how often: for narrowing a search down.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::Caller;
use crate::http::accounts::Accounts;
use crate::http::extract::Query;
use crate::http::selection::{Range, Selection};
use crate::http::told::AccountName;
use crate::http::{App, Problem};
use crate::store::{Frequent, Search};

const USUAL: u32 = 10;
const MOST: u32 = 100;
const MOST_COUNTED: u64 = 20_000;

#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Top {
    /// How many of each; 10 when it is not said.
    #[param(minimum = 1, maximum = 100)]
    top: Option<u32>,
}

/// The most frequent of each
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Facets {
    /// How many events were counted.
    entries: u64,
    /// Only from here on was everything counted: before it there is too much.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    since: Option<String>,
    /// Of those, records that could not be read, which are none of the following.
    unreadable: u64,
    event_types: Vec<TypeCount>,
    object_types: Vec<TypeCount>,
    people: Vec<NamedCount>,
    objects: Vec<NamedCount>,
}

#[derive(Debug, Serialize, ToSchema)]
struct TypeCount {
    value: String,
    entries: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct NamedCount {
    account: AccountName,
    id: String,
    /// The name it had most often.
    name: String,
    entries: u64,
}

/// What is among the events, and how often
///
/// The newest 20,000 events of the selection are counted; `since` says from when on, where there are more.
#[utoipa::path(
    get, path = "/facets", tag = "events", params(Selection, Range, Top), responses((status = OK, body = Facets))
)]
pub(super) async fn facets(
    caller: Caller,
    State(app): State<App>,
    Query((selection, range, top)): Query<(Selection, Range, Top)>,
) -> Result<Json<Facets>, Problem> {
    let top = top.top.unwrap_or(USUAL);
    if !(1..=MOST).contains(&top) {
        return Err(Problem::invalid(
            "top",
            format!("{top} is outside of 1 to {MOST}"),
            "leave it out for 10",
        ));
    }
    let accounts = Accounts::of(&app, &caller).await?;
    let (after, before) = range.bounds(app.clock.now());
    let search = Search { after, before, ..selection.search(&caller, &accounts)? };
    let facets = app.log(move |store| store.facets(&search, top as usize, MOST_COUNTED)).await?;
    let types = |counts: Vec<(String, u64)>| {
        counts.into_iter().map(|(value, entries)| TypeCount { value, entries }).collect()
    };
    let named = |frequent: Vec<Frequent>| {
        let told = frequent.into_iter().map(|one| NamedCount {
            account: AccountName { id: one.connector.0, name: accounts.name(one.connector).to_owned() },
            id: one.id,
            name: one.name,
            entries: one.entries,
        });
        told.collect()
    };
    Ok(Json(Facets {
        entries: facets.entries,
        since: facets.since.map(|since| since.to_string()),
        unreadable: facets.unparsed,
        event_types: types(facets.event_types),
        object_types: types(facets.object_types),
        people: named(facets.people),
        objects: named(facets.objects),
    }))
}
