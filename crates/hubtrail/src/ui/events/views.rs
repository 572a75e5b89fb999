//! Saving a view of the events under a name, and removing one.

use askama::Template;
use axum::extract::{Path, State};

use crate::http::{App, Problem, views};
use crate::ui::fields::Fields;
use crate::ui::filters;
use crate::ui::frame::{Frame, Place};
use crate::ui::page::{Page, page, see};
use crate::ui::viewer::Viewer;

#[derive(Template)]
#[template(path = "view_remove.html")]
struct Remove {
    frame: Frame,
    id: i64,
    name: String,
    query: String,
}

/// `POST /events/views`
pub(in crate::ui) async fn save(State(app): State<App>, viewer: Viewer, fields: Fields) -> Page {
    let query = fields.text("query");
    views::save(&app, &viewer.caller, &fields.text("name"), &query).await?;
    Ok(see(&back(&query, "view")))
}

/// `POST /events/views/{id}/remove`: asks first.
pub(in crate::ui) async fn remove(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
    fields: Fields,
) -> Page {
    let query = fields.text("query");
    if fields.text("confirm") == "yes" {
        views::remove(&app, &viewer.caller, id).await?;
        return Ok(see(&back(&query, "unsaved")));
    }
    let known = views::of(&app, &viewer.caller).await?.into_iter().find(|view| view.id == id);
    let name = known.ok_or_else(|| Problem::not_found("there is no such view"))?.name;
    let frame = Frame::load(&app, &viewer, Place::Events, "Remove a view").await?;
    page(&Remove { frame, id, name, query })
}

/// Where one was, with a word about what was done.
fn back(query: &str, said: &str) -> String {
    let and = if query.is_empty() { "" } else { "&" };
    format!("/events?{query}{and}said={said}")
}
