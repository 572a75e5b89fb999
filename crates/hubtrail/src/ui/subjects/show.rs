//! One person or one object: what is usual and what is so now, who and what goes with it, and its latest events.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use hubtrail_core::page::{Dimension, Order};
use hubtrail_core::sentence::harmless;

use super::compare::{self, Line};
use crate::connector::{Connector, ConnectorId};
use crate::http::{App, Problem};
use crate::profile::{self, Companion, Profile};
use crate::store::{DAY_MS, Search, Side, Store, StoreError, Subject};
use crate::ui::activity::Activity;
use crate::ui::bars::Bars;
use crate::ui::events::query::Query;
use crate::ui::events::row::{self, Day, Names};
use crate::ui::frame::{Frame, Place};
use crate::ui::heat::Heat;
use crate::ui::hubspot::HubSpot;
use crate::ui::page::{Page, page};
use crate::ui::partial::Partial;
use crate::ui::viewer::{Taste, Viewer};
use crate::ui::when::When;
use crate::ui::{events, filters, findings, leader};

#[derive(Template)]
#[template(path = "subject.html")]
struct Show {
    frame: Frame,
    is_person: bool,
    title: String,
    id: String,
    account: String,
    other_names: Vec<String>,
    /// What HubSpot told of the person last.
    known: Vec<String>,
    told: String,
    first: Option<When>,
    last: Option<When>,
    hubspot: Option<(String, &'static str)>,
    all: String,
    zoom: String,
    ranges: Vec<Range>,
    activity: Activity,
    heat: Heat,
    sides: Vec<(&'static str, Vec<Line>)>,
    bars: Bars,
    rate: String,
    people: Vec<Known>,
    objects: Vec<Known>,
    days: Vec<Day>,
    findings: Vec<findings::Line>,
    /// All of them, in the queue.
    findings_href: String,
    truncated: bool,
    partial: Partial,
}

/// Somebody or something that goes with the one that is shown.
struct Known {
    name: String,
    href: String,
    told: String,
}

struct Range {
    word: &'static str,
    href: String,
    current: bool,
}

const LATEST: usize = 20;
const RANGES: [(&str, &str); 4] = [("24 h", "24h"), ("7 d", "7d"), ("30 d", "30d"), ("90 d", "90d")];

/// `GET /people/{account}/{id}`
pub(super) async fn person(
    State(app): State<App>,
    viewer: Viewer,
    Path((account, id)): Path<(i64, String)>,
    RawQuery(query): RawQuery,
) -> Page {
    show(&app, &viewer, ConnectorId(account), Subject::Person(id), query.as_deref()).await
}

/// `GET /objects/{account}/{id}`
pub(super) async fn object(
    State(app): State<App>,
    viewer: Viewer,
    Path((account, id)): Path<(i64, String)>,
    RawQuery(query): RawQuery,
) -> Page {
    show(&app, &viewer, ConnectorId(account), Subject::Object(id), query.as_deref()).await
}

async fn show(
    app: &App,
    viewer: &Viewer,
    account: ConnectorId,
    subject: Subject,
    query: Option<&str>,
) -> Page {
    let nobody = || Problem::not_found("there is no event of this in the log");
    if !viewer.caller.sees(account) {
        return Err(nobody());
    }
    let asked = Query::read(query)?.only_range();
    let after = if asked.after.is_empty() { "30d" } else { asked.after.as_str() };
    let dimension = dimension(&subject);
    let own = Query { account: Some(account), ..Query::default() }.with(dimension, subject.id());
    let search = own.within(after, &asked.before).search(&viewer.caller, viewer.taste.now)?;
    let (taste, of) = (viewer.taste.clone(), subject.clone());
    let found = app.log(move |store| Found::look(store, account, &of, search, &taste)).await?;
    let found = found.ok_or_else(nobody)?;
    let connectors = app.log(|store| store.connectors_ever()).await?;
    let connector = connectors.iter().find(|connector| connector.id == account).cloned();
    let hubspot = app.log(move |store| connector.map(|of| HubSpot::of(store, &of)).transpose()).await?;
    let side = if dimension == Dimension::UserId { Side::People } else { Side::Objects };
    let path = leader::href(side, account, subject.id());
    let ranges = RANGES.into_iter().map(|(word, range)| Range {
        word,
        href: format!("{path}?after={range}"),
        current: after == range && asked.before.is_empty(),
    });
    let connector = connectors.iter().find(|connector| connector.id == account);
    let ranges = ranges.collect();
    let mut shown = found.told(viewer, &connectors, connector, &own, ranges);
    let since = viewer.taste.now.minus(profile::USUAL_DAYS * DAY_MS);
    shown.hubspot = hubspot.flatten().map(|hubspot| match side {
        Side::People => (hubspot.users(), "Users in HubSpot"),
        Side::Objects => (hubspot.content(), "Content in HubSpot"),
    });
    shown.partial = Partial::of(viewer, Some(account), (Some(since), None));
    shown.findings_href = findings::queue_about(account, &subject);
    shown.findings = findings::about(app, viewer, account, subject).await?;
    page(&shown)
}

fn dimension(subject: &Subject) -> Dimension {
    match subject {
        Subject::Person(_) => Dimension::UserId,
        Subject::Object(_) => Dimension::ObjectId,
    }
}

struct Found {
    account: ConnectorId,
    side: Side,
    profile: Profile,
    activity: Activity,
    known: Vec<String>,
    days: Vec<Day>,
}

impl Found {
    fn look(
        store: &Store,
        account: ConnectorId,
        subject: &Subject,
        search: Search,
        taste: &Taste,
    ) -> Result<Option<Self>, StoreError> {
        let Some(profile) = profile::of(store, account, subject, taste.now, &taste.zone)? else {
            return Ok(None);
        };
        let all = Search { limit: None, ..search.clone() };
        let activity = events::found::activity(store, &all, taste)?;
        let latest =
            Search { order: Order::NewestFirst, limit: Some(LATEST), after: None, before: None, ..search };
        let days = row::by_day(&store.search(&latest)?, &Names::new(), taste);
        let (side, known) = match subject {
            Subject::Person(id) => {
                let person = store.person(account, id)?;
                (Side::People, person.map(events::told_of).unwrap_or_default())
            }
            Subject::Object(_) => (Side::Objects, Vec::new()),
        };
        Ok(Some(Self { account, side, profile, activity, known, days }))
    }

    fn told(
        self,
        viewer: &Viewer,
        connectors: &[Connector],
        connector: Option<&Connector>,
        own: &Query,
        ranges: Vec<Range>,
    ) -> Show {
        let Profile { id, names, usual, now, .. } = &self.profile;
        let is_person = self.side == Side::People;
        let name = names.first().map_or("", String::as_str);
        let title = leader::named(self.side, name, id);
        let when = |at| When { at, now: viewer.taste.now, zone: viewer.taste.zone.clone() };
        let present: Vec<_> = connectors.iter().filter(|connector| !connector.removed).cloned().collect();
        let place = if is_person { Place::People } else { Place::Objects };
        let mut frame = Frame::new(viewer, place, &title, &present);
        frame.account = frame.accounts.iter().find(|own| own.id == self.account).cloned();
        let heat = Heat { hours: usual.week, now: Some(now.week), of: "Usual events" };
        let known = |side, told: fn(&Companion) -> String, ones: &[Companion]| -> Vec<Known> {
            let known = ones.iter().map(|one| Known {
                name: leader::named(side, &one.name, &one.id),
                href: leader::href(side, self.account, &one.id),
                told: told(one),
            });
            known.collect()
        };
        let (peer, thing) = (compare::peer(is_person), compare::thing(is_person));
        Show {
            told: compare::sentence(usual, now, &heat, is_person),
            sides: compare::sides(usual, now),
            rate: compare::rate(usual, now),
            people: known(Side::People, peer, &self.profile.people),
            objects: known(Side::Objects, thing, &self.profile.objects),
            bars: Bars(self.profile.days.iter().map(|day| day.entries).collect()),
            other_names: names.iter().skip(1).take(5).map(|name| harmless(name).into_owned()).collect(),
            first: self.profile.first_seen.map(when),
            last: self.profile.last_seen.map(when),
            truncated: usual.since.is_some() || now.since.is_some(),
            hubspot: None,
            account: connector.map_or_else(String::new, |connector| connector.name().to_owned()),
            all: own.href(),
            zoom: own.within("FROM", "TO").href(),
            id: harmless(id).into_owned(),
            is_person,
            title,
            known: self.known,
            findings: Vec::new(),
            findings_href: String::new(),
            partial: Partial::default(),
            activity: self.activity,
            days: self.days,
            heat,
            ranges,
            frame,
        }
    }
}
