//! What was typed into the query bar or chosen in the time picker, answered by the address that it stands for:
//! afterwards everything is in the address, and the page can be sent to somebody.

use axum::response::Response;
use http::{HeaderValue, header};
use jiff::tz::TimeZone;
use url::form_urlencoded;

use super::query::Query;
use super::typed;
use crate::http::{App, Problem};
use crate::store::Busy;
use crate::ui::page::see;
use crate::ui::viewer::{CLOCK, Viewer};

#[derive(Debug, Default)]
pub(super) struct Asked {
    typed: Option<String>,
    since: Option<String>,
    until: Option<String>,
    clock: Option<String>,
}

impl Asked {
    /// None: the address says it all already.
    pub(super) fn read(query: Option<&str>) -> Option<Self> {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let field = match &*name {
                "q" => &mut asked.typed,
                "since" => &mut asked.since,
                "until" => &mut asked.until,
                "clock" => &mut asked.clock,
                _ => continue,
            };
            *field = Some(value.trim().to_owned());
        }
        let asks =
            [&asked.typed, &asked.since, &asked.until, &asked.clock].iter().any(|field| field.is_some());
        asks.then_some(asked)
    }

    /// # Errors
    /// When something that was typed stands for nothing.
    pub(super) async fn answer(self, app: &App, viewer: &Viewer, query: Query) -> Result<Response, Problem> {
        let mut query = query;
        if let Some(typed) = self.typed.filter(|typed| !typed.is_empty()) {
            query = resolved(app, viewer, query, typed).await?;
        }
        let clock = self.clock.map(|name| zone(viewer, &name).map(|zone| (name, zone))).transpose()?;
        let zone = clock.as_ref().map_or(&viewer.taste.zone, |(_, zone)| zone);
        let at = |field, text: Option<String>| match text.filter(|text| !text.is_empty()) {
            Some(text) => typed::on_clocks(field, &text, zone).map(Some),
            None => Ok(None),
        };
        if let Some(since) = at("since", self.since)? {
            query.after = since;
        }
        if let Some(until) = at("until", self.until)? {
            query.before = until;
        }
        let mut response = see(&query.newest().href());
        if let Some((name, _)) = clock {
            let age = if name.is_empty() { 0 } else { 31_536_000 };
            let name: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
            let cookie = format!("{CLOCK}={name}; Path=/; Max-Age={age}; SameSite=Strict");
            let cookie = HeaderValue::try_from(cookie).map_err(Problem::internal)?;
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        Ok(response)
    }
}

/// Empty: on the viewer's own clocks.
fn zone(viewer: &Viewer, name: &str) -> Result<TimeZone, Problem> {
    if name.is_empty() {
        return Ok(viewer.taste.own.clone());
    }
    let refused = |_| Problem::invalid("clock", "there is no such time zone", "choose one of the list");
    TimeZone::get(name).map_err(refused)
}

async fn resolved(app: &App, viewer: &Viewer, query: Query, typed: String) -> Result<Query, Problem> {
    let wanted = query.account.map(|account| vec![account]);
    let (connectors, now) = (viewer.caller.within(wanted.as_deref()), viewer.taste.now);
    app.log(move |store| {
        let named = |side, name: &str| {
            let text = Some(name.to_owned());
            let busy = Busy { connectors: connectors.clone(), side, after: now, before: now, text, top: 0 };
            typed::ids_named(store, busy, now).map_err(Problem::from)
        };
        Ok(typed::apply(query, &typed, named))
    })
    .await?
}
