//! One channel: how telling goes, what is told, and what a test message meets.

use askama::Template;
use axum::extract::{Path, State};
use hubtrail_core::sentence::harmless;
use hubtrail_core::time::UtcMs;
use jiff::tz::TimeZone;

use super::line::Line;
use super::told;
use crate::http::auth::Origin;
use crate::http::{App, alerts as api};
use crate::notify::{Channel, State as Going, Trial};
use crate::rules::Book;
use crate::ui::filters;
use crate::ui::frame::{Frame, Place};
use crate::ui::named;
use crate::ui::page::{Page, page};
use crate::ui::prose::Prose;
use crate::ui::viewer::Viewer;
use crate::ui::when::When;

#[derive(Template)]
#[template(path = "alert.html")]
struct Show {
    frame: Frame,
    line: Line,
    going: Vec<(&'static str, String)>,
    told: Vec<(&'static str, String)>,
    /// Pausing it is what one may want; else it is resumed.
    runs: bool,
    trial: Option<(bool, Prose, Prose)>,
}

/// `GET /alerts/{channel}`
pub(super) async fn show(State(app): State<App>, viewer: Viewer, Path(named): Path<String>) -> Page {
    let channel = api::find(&app, &viewer.caller, &named).await?;
    channel_page(&app, &viewer, &channel, None).await
}

/// `POST /alerts/{channel}/test`
pub(super) async fn test(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(named): Path<String>,
) -> Page {
    let channel = api::find(&app, &viewer.caller, &named).await?;
    let trial = api::work::try_out(&app, &viewer.caller, origin, &channel).await?;
    // As it stands now that it was tested.
    let channel = api::find(&app, &viewer.caller, &named).await?;
    channel_page(&app, &viewer, &channel, Some(trial)).await
}

async fn channel_page(app: &App, viewer: &Viewer, channel: &Channel, trial: Option<Trial>) -> Page {
    let (connectors, book) = app.log(|store| Ok((store.connectors()?, Book::read(store)?))).await?;
    let (route, pace) = (&channel.settings.route, &channel.settings.pace);
    let accounts: Vec<_> = route.accounts.iter().map(ToString::to_string).collect();
    let known = named::accounts(&connectors, &accounts);
    let rules = told::rules(&book.rules(&TimeZone::UTC), &route.rules);
    let exact = |at: Option<UtcMs>| {
        let when = |at| When { at, now: viewer.taste.now, zone: viewer.taste.zone.clone() }.exact();
        at.map_or_else(|| "never".to_owned(), when)
    };
    let error = channel.failure.as_deref().map(|failure| harmless(failure).into_owned());
    let going = vec![
        ("Last sent", exact(channel.succeeded_at)),
        ("Last error", error.unwrap_or_else(|| "none".to_owned())),
        ("Secret", if channel.has_secret() { "sealed on this machine" } else { "none" }.to_owned()),
        ("Added", exact(Some(channel.created_at))),
    ];
    let told = vec![
        ("Findings", told::findings(route.severity)),
        ("Of rules", named::names(&rules, &route.rules)),
        ("Accounts", named::names(&known, &accounts)),
        ("Trouble", if route.trouble { "when collection or forwarding fails" } else { "no" }.to_owned()),
        ("Digest", told::digest(route.digest).to_owned()),
        ("Quiet hours", told::quiet(pace)),
        ("Pace", told::pace(pace)),
    ];
    page(&Show {
        frame: Frame::load(app, viewer, Place::Alerts, channel.name()).await?,
        line: Line::new(channel, &viewer.taste),
        going,
        told,
        runs: matches!(channel.state(), Going::Active | Going::Retrying),
        trial: trial.map(|trial| {
            let fix = Prose::new(trial.fix.as_deref().unwrap_or_default());
            (trial.passed, Prose::new(&trial.said), fix)
        }),
    })
}
