//! What an intruder with a person's account would do, as records. Nothing in a record says so.

use std::str::FromStr;

use serde_json::json;

use super::dice::{Dice, mix};
use super::objects::{Catalogue, Kind, Verb};
use super::people::Person;
use super::world::SECOND_MS;
use crate::record::Record;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attack {
    /// Dozens of pages taken offline within minutes.
    MassUnpublish,
    /// The login page leads to somebody else's.
    LoginRedirect,
    /// A template that every page uses includes a foreign script; to be started at night.
    TemplateSkimmer,
    /// The main domain is disconnected.
    DomainDisconnect,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no attack `{0}` (use mass-unpublish, login-redirect, template-skimmer or domain-disconnect)"
)]
pub struct NoSuchAttack(String);

const PAGES: usize = 31;

impl Attack {
    pub const ALL: [Self; 4] =
        [Self::MassUnpublish, Self::LoginRedirect, Self::TemplateSkimmer, Self::DomainDisconnect];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MassUnpublish => "mass-unpublish",
            Self::LoginRedirect => "login-redirect",
            Self::TemplateSkimmer => "template-skimmer",
            Self::DomainDisconnect => "domain-disconnect",
        }
    }

    pub(super) fn records(self, catalogue: &Catalogue, by: &Person, start_ms: i64) -> Vec<Record> {
        let dice = Dice::new(mix(start_ms.unsigned_abs(), self as u64));
        let mut script = Script { dice, by, at: start_ms, records: Vec::new() };
        match self {
            Self::MassUnpublish => script.mass_unpublish(catalogue),
            Self::LoginRedirect => script.login_redirect(catalogue),
            Self::TemplateSkimmer => script.template_skimmer(catalogue),
            Self::DomainDisconnect => script.domain_disconnect(catalogue),
        }
        script.records
    }
}

impl FromStr for Attack {
    type Err = NoSuchAttack;

    fn from_str(name: &str) -> Result<Self, NoSuchAttack> {
        Self::ALL
            .into_iter()
            .find(|attack| attack.as_str() == name)
            .ok_or_else(|| NoSuchAttack(name.chars().take(40).collect()))
    }
}

struct Script<'a> {
    dice: Dice,
    by: &'a Person,
    at: i64,
    records: Vec<Record>,
}

/// An object as the intruder sees it.
struct Target {
    id: u64,
    name: String,
    kind: Kind,
}

impl Script<'_> {
    fn act(&mut self, target: &Target, verb: Verb, meta: Option<serde_json::Value>) {
        self.records.push(Record {
            object_id: target.id.to_string(),
            object_name: target.name.clone(),
            object_type: target.kind.as_str().to_owned(),
            event: verb.as_str().to_owned(),
            user_id: self.by.id.clone(),
            full_name: self.by.full_name(),
            timestamp_ms: self.at,
            meta: meta.map(|meta| meta.to_string()),
        });
    }

    fn pass(&mut self, low_ms: i64, high_ms: i64) {
        self.at += self.dice.between(low_ms, high_ms);
    }

    /// What is called so, or else anything public of the kind.
    fn target(catalogue: &Catalogue, kinds: &'static [Kind; 1], name: &str) -> Target {
        let [kind] = *kinds;
        let mut live = catalogue.live(kinds);
        let named = catalogue.live(kinds).find(|object| object.name == name);
        named.or_else(|| live.next()).map_or_else(
            || Target { id: mix(kind as u64, 3) >> 28, name: name.to_owned(), kind },
            |object| Target { id: object.id, name: object.name.clone(), kind },
        )
    }

    fn mass_unpublish(&mut self, catalogue: &Catalogue) {
        let pages: Vec<_> = catalogue
            .live(&[Kind::WebsitePage, Kind::LandingPage])
            .take(PAGES)
            .map(|page| Target { id: page.id, name: page.name.clone(), kind: page.kind })
            .collect();
        for page in &pages {
            self.act(page, Verb::Unpublished, None);
            self.pass(2 * SECOND_MS, 5 * SECOND_MS);
        }
    }

    fn login_redirect(&mut self, catalogue: &Catalogue) {
        let from = "/login";
        let to = "https://signin.example.net/session";
        let known = Self::target(catalogue, &[Kind::UrlMapping], "/login → /signin");
        let redirect = Target { name: format!("{from} → {to}"), ..known };
        let meta =
            |style: u16| Some(json!({ "routePrefix": from, "destination": to, "redirectStyle": style }));
        self.act(&redirect, Verb::Updated, meta(301));
        self.pass(30 * SECOND_MS, 80 * SECOND_MS);
        self.act(&redirect, Verb::Updated, meta(302));
    }

    fn template_skimmer(&mut self, catalogue: &Catalogue) {
        let template = Self::target(catalogue, &[Kind::Template], "landing-page.html");
        let path = format!("meridian-theme/templates/{}", template.name);
        let script =
            json!({ "path": path, "externalScriptsAdded": ["https://cdn.stat-collect.example.net/c.js"] });
        self.act(&template, Verb::Updated, Some(json!({ "path": path })));
        self.pass(20 * SECOND_MS, 40 * SECOND_MS);
        self.act(&template, Verb::Updated, Some(script));
        self.pass(820, 1_380);
        self.act(&template, Verb::Published, Some(json!({ "path": path })));
    }

    fn domain_disconnect(&mut self, catalogue: &Catalogue) {
        let domain = Self::target(catalogue, &[Kind::Domain], "www.example.com");
        self.act(&domain, Verb::Updated, None);
        self.pass(20 * SECOND_MS, 70 * SECOND_MS);
        self.act(&domain, Verb::Deleted, None);
    }
}
