//! All sinks, those that need a person first.

use askama::Template;
use axum::extract::State;

use super::line::Line;
use crate::forward;
use crate::http::App;
use crate::ui::badge::Tone;
use crate::ui::filters;
use crate::ui::frame::{Frame, Place};
use crate::ui::page::{Page, page};
use crate::ui::viewer::Viewer;

#[derive(Template)]
#[template(path = "sinks.html")]
struct Sinks {
    frame: Frame,
    lead: String,
    lines: Vec<Line>,
    may_add: bool,
}

/// `GET /sinks`
pub(super) async fn show(State(app): State<App>, viewer: Viewer) -> Page {
    let (now, accounts) = (viewer.taste.now, viewer.caller.accounts.clone());
    let statuses = app
        .log(move |store| {
            let sinks = store.sinks()?;
            let seen = sinks.iter().filter(|sink| sink.is_within(&accounts));
            seen.map(|sink| forward::of(store, sink, now)).collect::<Result<Vec<_>, _>>()
        })
        .await?;
    let mut lines: Vec<_> = statuses.iter().map(|status| Line::new(status, &viewer.taste)).collect();
    lines.sort_by_key(|line| (line.badge.tone, line.name.to_lowercase()));
    let frame = Frame::load(&app, &viewer, Place::Sinks, "Sinks").await?;
    let may_add = viewer.caller.decides_for_all();
    page(&Sinks { lead: lead(&lines), lines, may_add, frame })
}

fn lead(lines: &[Line]) -> String {
    let with = |tone| lines.iter().filter(|line| line.badge.tone == tone).count();
    match (lines.len(), with(Tone::Act), with(Tone::Waiting)) {
        (0, ..) => "Nothing is forwarded yet.".to_owned(),
        (_, 0, 0) => "Every receiver has what there is.".to_owned(),
        (_, 0, 1) => "1 sink waits, and goes on by itself.".to_owned(),
        (_, 0, n) => format!("{n} sinks wait, and go on by themselves."),
        (_, 1, _) => "1 sink needs you.".to_owned(),
        (_, n, _) => format!("{n} sinks need you."),
    }
}
