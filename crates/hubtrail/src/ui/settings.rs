//! Settings: oneself, people, tokens for programs, Hubtrail's own audit trail, and what this is.

mod api;
mod data;
mod people;
mod tokens;
mod trail;
mod you;

use std::collections::BTreeSet;

use axum::Router;
use axum::routing::{get, post};

use super::fields::Fields;
use super::frame::Frame;
use super::named::{self, Named};
use crate::access::{Accounts, Caller, Role};
use crate::connector::{Connector, ConnectorId};
use crate::http::{App, Problem};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/settings", get(you::show))
        .route("/settings/api", get(api::show))
        .route("/settings/backup", post(data::back_up))
        .route("/settings/data", get(data::show))
        .route("/settings/data/{connector}", post(data::keep))
        .route("/settings/password", post(you::change_password))
        .route("/settings/people", get(people::list).post(people::add))
        .route("/settings/people/{id}", get(people::one).post(people::change))
        .route("/settings/people/{id}/remove", post(people::remove))
        .route("/settings/tokens", get(tokens::list).post(tokens::create))
        .route("/settings/tokens/{id}/revoke", post(tokens::revoke))
        .route("/settings/audit", get(trail::show))
}

/// The pages of the settings.
struct Tab {
    word: &'static str,
    href: &'static str,
    current: bool,
}

fn tabs(frame: &Frame, here: &str) -> Vec<Tab> {
    let mut tabs = vec![("You", "/settings")];
    if frame.may_decide() {
        tabs.extend([
            ("People", "/settings/people"),
            ("API tokens", "/settings/tokens"),
            ("Data", "/settings/data"),
            ("Audit trail", "/settings/audit"),
        ]);
    }
    tabs.push(("API", "/settings/api"));
    tabs.into_iter().map(|(word, href)| Tab { word, href, current: href == here }).collect()
}

/// What a person or a token may see, in words.
fn scope(accounts: &Accounts, connectors: &[Connector]) -> String {
    let Accounts::Some(own) = accounts else { return "all accounts".to_owned() };
    let name = |id: &ConnectorId| {
        let known = connectors.iter().find(|connector| connector.id == *id);
        known.map_or_else(|| format!("number {id}"), |connector| connector.name().to_owned())
    };
    if own.is_empty() { "no account".to_owned() } else { own.iter().map(name).collect::<Vec<_>>().join(", ") }
}

/// The accounts to choose from for a person or a token.
struct Choice {
    some: bool,
    accounts: Vec<(Named, bool)>,
}

impl Choice {
    /// Of a new one; all is chosen.
    fn blank(caller: &Caller, connectors: &[Connector]) -> Self {
        Self::holding(&Accounts::All, caller, connectors)
    }

    fn holding(held: &Accounts, caller: &Caller, connectors: &[Connector]) -> Self {
        let own: Vec<_> = match held {
            Accounts::All => Vec::new(),
            Accounts::Some(ids) => ids.iter().map(ToString::to_string).collect(),
        };
        let seen: Vec<_> = connectors.iter().filter(|one| caller.sees(one.id)).cloned().collect();
        let accounts = named::accounts(&seen, &own).into_iter();
        Self {
            some: *held != Accounts::All,
            accounts: accounts
                .map(|account| {
                    let is_chosen = own.contains(&account.key);
                    (account, is_chosen)
                })
                .collect(),
        }
    }
}

/// The accounts that were ticked. None: all that whoever asks may give.
fn ticked(fields: &Fields) -> Result<Option<Accounts>, Problem> {
    if fields.text("scope") != "some" {
        return Ok(None);
    }
    let ids: BTreeSet<_> =
        fields.all("account").iter().filter_map(|id| id.parse().ok()).map(ConnectorId).collect();
    if ids.is_empty() {
        return Err(Problem::invalid("account", "none is ticked", "tick at least one, or choose all"));
    }
    Ok(Some(Accounts::Some(ids)))
}

fn role(fields: &Fields) -> Result<Role, Problem> {
    let text = fields.text("role");
    text.parse().map_err(|error: crate::access::NotARole| {
        Problem::invalid("role", error.to_string(), "choose one of the three")
    })
}

/// Who the viewer is, for pages that are about others.
fn own_id(caller: &Caller) -> Option<i64> {
    match caller.who {
        crate::access::Who::Person { id, .. } => Some(id),
        crate::access::Who::Token { .. } => None,
    }
}
