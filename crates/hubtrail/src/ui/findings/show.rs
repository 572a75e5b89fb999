//! One finding: what, why in numbers, the evidence to scale, what to do, and what people made of it.

use askama::Template;
use axum::extract::{Path, State};
use http::HeaderMap;
use hubtrail_core::detect::Rule;
use hubtrail_core::page::Dimension;
use hubtrail_core::sentence::harmless;
use hubtrail_core::time::whole_seconds;

use super::act::id;
use super::evidence::{Fact, Picture};
use super::line::{self, Line};
use crate::access::Role;
use crate::connector::{Connector, ConnectorId};
use crate::http::auth;
use crate::http::{App, Problem};
use crate::profile::{self, Profile};
use crate::rules::Book;
use crate::store::{DAY_MS, FindingChange, FindingEntry, KeptFinding, Side, Subject, WholeFinding};
use crate::ui::activity::HOUR_MS;
use crate::ui::bars::Bars;
use crate::ui::events::{names, query::Query};
use crate::ui::frame::{Frame, Place};
use crate::ui::heat::Heat;
use crate::ui::hubspot::HubSpot;
use crate::ui::page::{Page, page};
use crate::ui::partial::Partial;
use crate::ui::prose::Prose;
use crate::ui::viewer::{Taste, Viewer};
use crate::ui::when::When;
use crate::ui::{filters, leader};

#[derive(Template)]
#[template(path = "finding.html")]
struct Show {
    frame: Frame,
    line: Line,
    account: String,
    open: bool,
    seen: i64,
    first: When,
    last: When,
    picture: Option<Picture>,
    facts: Vec<Fact>,
    facts_more: usize,
    response: Vec<Prose>,
    rule: Option<Told>,
    rule_version: String,
    attack: Vec<Technique>,
    person: Option<Person>,
    objects: usize,
    one_object: Option<String>,
    hubspot: Option<String>,
    history: Vec<Step>,
    absorbed: Option<String>,
    /// Whom it can be given to, each with their role.
    others: Vec<(String, Role)>,
    /// What is missing of the time that it was judged by.
    partial: Partial,
    /// The console's address, for paper.
    console: String,
    now: When,
    /// What else this person did then.
    touched: Option<String>,
    verdicts: [(&'static str, &'static str, &'static str); 3],
}

/// The rule as far as a reader of its finding wants to know it.
struct Told {
    id: String,
    title: String,
    description: Prose,
    looks_for: Vec<Prose>,
    innocent: Vec<Prose>,
}

/// A technique of ATT&CK, and where MITRE explains it.
pub(in crate::ui) struct Technique {
    pub(in crate::ui) id: String,
    pub(in crate::ui) href: String,
}

struct Person {
    href: String,
    bars: Bars,
    told: String,
}

/// What became of the finding.
struct Step {
    when: When,
    who: String,
    did: String,
    note: Option<String>,
}

/// A page that stays open asks for itself again to follow what happens: that is no other look.
const PART: &str = "x-hubtrail-part";
const MOST_FACTS: usize = 100;
const VERDICTS: [(&str, &str, &str); 3] = [
    ("malicious", "Malicious", "Somebody meant harm"),
    ("expected", "Expected", "It happened, and was meant to"),
    ("false", "False alarm", "The rule was wrong"),
];

/// `GET /findings/{id}`
pub(super) async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path(finding): Path<String>,
    headers: HeaderMap,
) -> Page {
    let finding = id(&finding)?;
    let found = app.log(move |store| store.whole_finding(finding)).await?;
    let found = found.filter(|found| viewer.caller.sees(found.now.connector));
    let found = found.ok_or_else(|| Problem::not_found("there is no such finding"))?;
    let (who, now) = (viewer.caller.who.name(), viewer.taste.now);
    let goes_on = headers.contains_key(PART);
    app.log(move |store| match goes_on && store.has_looked(finding, &who)? {
        true => Ok(()),
        false => store.note_look(finding, &who, now),
    })
    .await?;
    let (taste, account) = (viewer.taste.clone(), found.now.connector);
    let actor = found.now.finding.actor.id.clone();
    let (connectors, profile, book, hubspot) = app
        .log(move |store| {
            let subject = Subject::Person(actor);
            let profile = match subject.id() {
                "" => None,
                _ => profile::of(store, account, &subject, taste.now, &taste.zone)?,
            };
            let connectors = store.connectors_ever()?;
            let connector = connectors.iter().find(|connector| connector.id == account);
            let hubspot = connector.map(|connector| HubSpot::of(store, connector)).transpose()?;
            Ok((connectors, profile, Book::read(store)?, hubspot.flatten()))
        })
        .await?;
    let connector = connectors.iter().find(|connector| connector.id == account);
    let rules = book.rules(&viewer.taste.zone);
    let rule = rules.find(&found.now.finding.rule).map(|rule| told(rule, rules.explain(rule)));
    let present: Vec<_> = connectors.iter().filter(|connector| !connector.removed).cloned().collect();
    let frame = Frame::new(&viewer, Place::Findings, &found.now.finding.title, &present);
    let line = Line::new(&found.now, &names(&connectors), &viewer.taste);
    let others = if frame.may_work() { others(&app, &viewer, account).await? } else { Vec::new() };
    let shown = shown(found, frame, line, &viewer.taste, connector, profile, rule);
    let since = shown.first.at.minus(profile::USUAL_DAYS * DAY_MS);
    let partial = Partial::of(&viewer, Some(account), (Some(since), Some(shown.last.at.plus(1))));
    let console = app.config.server.console().to_string();
    page(&Show { others, partial, console, hubspot: hubspot.map(|hubspot| hubspot.users()), ..shown })
}

async fn others(app: &App, viewer: &Viewer, account: ConnectorId) -> Result<Vec<(String, Role)>, Problem> {
    let people = auth::people_of(app, &viewer.caller, account).await?;
    let own = viewer.caller.who.name();
    Ok(people.into_iter().filter(|one| one.name != own).map(|one| (one.name, one.role)).collect())
}

fn told(rule: &Rule, looks_for: Vec<String>) -> Told {
    Told {
        id: rule.id.clone(),
        title: harmless(&rule.title).into_owned(),
        description: Prose::new(&rule.description.replace('\n', " ")),
        looks_for: looks_for.iter().map(|text| Prose::new(text)).collect(),
        innocent: rule.falsepositives.iter().map(|text| Prose::new(text)).collect(),
    }
}

fn shown(
    found: WholeFinding,
    frame: Frame,
    line: Line,
    taste: &Taste,
    connector: Option<&Connector>,
    profile: Option<Profile>,
    rule: Option<Told>,
) -> Show {
    let WholeFinding { now, evidence, history } = found;
    let when = |at| When { at, now: taste.now, zone: taste.zone.clone() };
    let finding = &now.finding;
    let mut objects: Vec<&str> = evidence.iter().map(|proof| proof.event.object_id.as_str()).collect();
    objects.sort_unstable();
    objects.dedup();
    let one_object = (objects.len() == 1).then(|| evidence.first()).flatten();
    let one_object = one_object
        .map(|proof| leader::named(Side::Objects, &proof.event.object_name, &proof.event.object_id));
    let week = profile.as_ref().map(|profile| &profile.usual.week);
    let person = profile.as_ref().map(|profile| person(profile, &now));
    Show {
        account: connector.map_or_else(String::new, |connector| connector.name().to_owned()),
        open: now.status.is_open(),
        seen: now.changed.0,
        first: when(finding.first_seen),
        last: when(finding.last_seen),
        picture: Picture::of(&evidence, now.connector, week, taste),
        facts: evidence.iter().take(MOST_FACTS).map(|proof| Fact::of(proof, taste)).collect(),
        facts_more: finding.events.saturating_sub(MOST_FACTS.min(evidence.len())),
        response: finding.response.lines().filter(|line| !line.trim().is_empty()).map(Prose::new).collect(),
        rule,
        rule_version: finding.rule_version.chars().take(12).collect(),
        attack: finding.attack.iter().map(|id| technique(id)).collect(),
        person,
        objects: objects.len(),
        one_object,
        hubspot: None,
        history: history.iter().map(|entry| step(entry, taste)).collect(),
        absorbed: now.absorbed_by.map(|id| id.to_string()),
        others: Vec::new(),
        console: String::new(),
        now: when(taste.now),
        touched: touched(&now),
        partial: Partial::default(),
        verdicts: VERDICTS,
        line,
        frame,
    }
}

/// Everything that the person touched from an hour before until an hour after.
fn touched(now: &KeptFinding) -> Option<String> {
    let finding = &now.finding;
    let own = Query { account: Some(now.connector), ..Query::default() };
    let from = whole_seconds(finding.first_seen.minus(HOUR_MS));
    let until = whole_seconds(finding.last_seen.plus(HOUR_MS + 1_000));
    let query = own.with(Dimension::UserId, &finding.actor.id).within(&from, &until);
    (!finding.actor.id.is_empty()).then(|| query.href())
}

fn person(profile: &Profile, now: &KeptFinding) -> Person {
    let usual = Heat { hours: profile.usual.week, now: None, of: "" };
    let busiest = usual.busiest().map_or_else(String::new, |hour| format!(" Busiest on {hour}."));
    Person {
        href: leader::href(Side::People, now.connector, &profile.id),
        bars: Bars(profile.days.iter().map(|day| day.entries).collect()),
        told: format!("Usually {:.1} events a day.{busiest}", profile.usual.per_day()),
    }
}

/// `attack.t1491.002`, `T1491.002` and the like, with MITRE's page of it.
pub(in crate::ui) fn technique(id: &str) -> Technique {
    let word = id.trim().trim_start_matches("attack.").to_uppercase();
    let path = word.replace('.', "/");
    Technique { href: format!("https://attack.mitre.org/techniques/{path}/"), id: word }
}

fn step(entry: &FindingEntry, taste: &Taste) -> Step {
    let did = match &entry.change {
        FindingChange::Raised => format!("raised it with {}", events(entry.finding.events)),
        FindingChange::Grown => format!("found more: {}", events(entry.finding.events)),
        FindingChange::Absorbed(by) => format!("found it to be part of {by}"),
        FindingChange::Withdrawn => "found it to be nothing unusual, by what came late".to_owned(),
        FindingChange::Judged => format!("made it {}", line::status(entry.status).to_lowercase()),
        FindingChange::Assigned => match &entry.owner {
            Some(owner) => format!("gave it to {}", harmless(owner)),
            None => "let it go".to_owned(),
        },
        FindingChange::Noted => "noted".to_owned(),
    };
    Step {
        when: When { at: entry.at, now: taste.now, zone: taste.zone.clone() },
        who: entry.by.as_deref().map_or_else(|| "Detection".to_owned(), |by| harmless(by).into_owned()),
        did,
        note: entry.note.as_deref().map(|note| harmless(note).into_owned()),
    }
}

fn events(n: usize) -> String {
    if n == 1 { "1 event".to_owned() } else { format!("{n} events") }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_technique_leads_to_its_page() {
        for (id, word, path) in [("attack.t1491.002", "T1491.002", "T1491/002"), ("T1489", "T1489", "T1489")]
        {
            let technique = super::technique(id);
            assert_eq!(technique.id, word);
            assert_eq!(technique.href, format!("https://attack.mitre.org/techniques/{path}/"));
        }
    }
}
