//! All channels, those that need a person first.

use askama::Template;
use axum::extract::State;

use super::line::Line;
use crate::http::{App, alerts as api};
use crate::ui::badge::Tone;
use crate::ui::filters;
use crate::ui::frame::{Frame, Place};
use crate::ui::page::{Page, page};
use crate::ui::viewer::Viewer;

#[derive(Template)]
#[template(path = "alerts.html")]
struct Alerts {
    frame: Frame,
    lead: String,
    lines: Vec<Line>,
}

/// `GET /alerts`
pub(super) async fn show(State(app): State<App>, viewer: Viewer) -> Page {
    let channels = api::all(&app, &viewer.caller).await?;
    let mut lines: Vec<_> = channels.iter().map(|channel| Line::new(channel, &viewer.taste)).collect();
    lines.sort_by_key(|line| (line.badge.tone, line.name.to_lowercase()));
    let frame = Frame::load(&app, &viewer, Place::Alerts, "Alerts").await?;
    page(&Alerts { lead: lead(&lines), lines, frame })
}

fn lead(lines: &[Line]) -> String {
    let with = |tone| lines.iter().filter(|line| line.badge.tone == tone).count();
    match (lines.len(), with(Tone::Act), with(Tone::Waiting), with(Tone::Good)) {
        (0, ..) => "Nobody is told of anything yet.".to_owned(),
        (_, 0, 0, 0) => "Nobody is told of anything: every channel is paused.".to_owned(),
        (_, 0, 0, _) => "People are told of what is found, and of what goes wrong.".to_owned(),
        (_, 0, 1, _) => "1 channel waits for its service, and goes on by itself.".to_owned(),
        (_, 0, n, _) => format!("{n} channels wait for their services, and go on by themselves."),
        (_, 1, ..) => "1 channel needs you: nobody is told over it.".to_owned(),
        (_, n, ..) => format!("{n} channels need you: nobody is told over them."),
    }
}
