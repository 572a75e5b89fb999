//! Who looks at a page, and how they like it. Whoever is nobody is refused, which the console answers
//! with its sign-in page.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{Uri, header};
use hubtrail_core::time::UtcMs;
use jiff::tz::TimeZone;

use super::said;
use crate::access::Caller;
use crate::http::auth::Session;
use crate::http::{App, Problem};
use crate::status::{ConnectorStatus, State};

/// The cookies of a browser's own wishes. None is a secret.
const THEME: &str = "hubtrail_theme";
const ZONE: &str = "hubtrail_zone";
/// On whose clocks times are told, where that is not the browser's own.
pub(super) const CLOCK: &str = "hubtrail_clock";

/// How a page is to look, whoever looks at it.
#[derive(Clone, Debug)]
pub(super) struct Taste {
    /// `light` or `dark`; empty: as the system has it.
    pub(super) theme: &'static str,
    /// On whose clocks times are told.
    pub(super) zone: TimeZone,
    /// The browser's own.
    pub(super) own: TimeZone,
    pub(super) now: UtcMs,
}

impl Taste {
    pub(super) fn of(parts: &Parts, now: UtcMs) -> Self {
        let theme = match cookie(parts, THEME) {
            Some("light") => "light",
            Some("dark") => "dark",
            _ => "",
        };
        let zone = |name| {
            let name = cookie(parts, name)?.replace("%2F", "/");
            TimeZone::get(&name).ok()
        };
        let own = zone(ZONE).unwrap_or(TimeZone::UTC);
        Self { theme, zone: zone(CLOCK).unwrap_or_else(|| own.clone()), own, now }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Viewer {
    pub(super) caller: Caller,
    pub(super) csrf: String,
    pub(super) taste: Taste,
    /// What was done a moment ago, as [`said`](super::said) words it.
    pub(super) said: Option<&'static str>,
    /// How many connectors need a person.
    pub(super) needy: usize,
    /// How many findings wait for one.
    pub(super) waiting: i64,
    /// The connectors that need a person, and those of which something is still to come or could not be read.
    pub(super) noticed: Arc<[ConnectorStatus]>,
    /// The page that is asked for.
    pub(super) asked: Uri,
}

impl FromRequestParts<App> for Taste {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self::of(parts, app.clock.now()))
    }
}

impl FromRequestParts<App> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Session { caller, csrf } =
            <Session as FromRequestParts<App>>::from_request_parts(parts, app).await?;
        let taste = Taste::of(parts, app.clock.now());
        let safe = parts.method.is_safe();
        let noticed = if safe { noticed(app, &caller, taste.now).await? } else { Arc::default() };
        let needy = noticed.iter().filter(|status| status.state == State::ActionNeeded).count();
        let waiting = if safe { waiting(app, &caller).await? } else { 0 };
        let (said, asked) = (said::of(&parts.uri), parts.uri.clone());
        Ok(Self { caller, csrf, taste, said, needy, waiting, noticed, asked })
    }
}

async fn noticed(app: &App, caller: &Caller, now: UtcMs) -> Result<Arc<[ConnectorStatus]>, Problem> {
    let within = caller.within(None);
    let noticed = app.noticed.clone();
    app.log(move |store| noticed.among(store, within.as_deref(), now)).await
}

/// New findings in the accounts that the caller sees, without the watches, which ask nothing of anybody.
async fn waiting(app: &App, caller: &Caller) -> Result<i64, Problem> {
    let waiting = app.log(|store| store.findings_waiting()).await?;
    Ok(waiting.iter().filter(|(connector, _)| caller.sees(*connector)).map(|(_, findings)| findings).sum())
}

fn cookie<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find_map(|(key, value)| (key == name).then_some(value))
}
