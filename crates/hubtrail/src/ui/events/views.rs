//! Saving a view of the events under a name, and removing one.

use axum::extract::{Path, State};

use crate::http::{App, views};
use crate::ui::fields::Fields;
use crate::ui::page::{Page, see};
use crate::ui::viewer::Viewer;

/// `POST /events/views`
pub(in crate::ui) async fn save(State(app): State<App>, viewer: Viewer, fields: Fields) -> Page {
    let query = fields.text("query");
    views::save(&app, &viewer.caller, &fields.text("name"), &query).await?;
    Ok(see(&back(&query, "view")))
}

/// `POST /events/views/{id}/remove`
pub(in crate::ui) async fn remove(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
    fields: Fields,
) -> Page {
    views::remove(&app, &viewer.caller, id).await?;
    Ok(see(&back(&fields.text("query"), "unsaved")))
}

/// Where one was, with a word about what was done.
fn back(query: &str, said: &str) -> String {
    let and = if query.is_empty() { "" } else { "&" };
    format!("/events?{query}{and}said={said}")
}
