//! What surrounds every page: where one is, what else there is, who is signed in, and how collection does.

use http::Uri;
use url::form_urlencoded;

use super::asset;
use super::viewer::{Taste, Viewer};
use crate::access::{Caller, Role};
use crate::connector::{Connector, ConnectorId};
use crate::http::{App, Problem};

/// The entries of the rail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Overview,
    Events,
    Findings,
    People,
    Objects,
    Connectors,
    Status,
    Sinks,
    Alerts,
    Rules,
    Settings,
}

impl Place {
    pub(super) const ALL: &'static [Self] = &[
        Self::Overview,
        Self::Events,
        Self::Findings,
        Self::People,
        Self::Objects,
        Self::Connectors,
        Self::Status,
        Self::Sinks,
        Self::Alerts,
        Self::Rules,
        Self::Settings,
    ];

    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/",
            Self::Events => "/events",
            Self::Findings => "/findings",
            Self::People => "/people",
            Self::Objects => "/objects",
            Self::Connectors => "/connectors",
            Self::Status => "/status",
            Self::Sinks => "/sinks",
            Self::Alerts => "/alerts",
            Self::Rules => "/rules",
            Self::Settings => "/settings",
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Events => "Events",
            Self::Findings => "Findings",
            Self::People => "People",
            Self::Objects => "Objects",
            Self::Connectors => "Connectors",
            Self::Status => "Status",
            Self::Sinks => "Sinks",
            Self::Alerts => "Alerts",
            Self::Rules => "Rules",
            Self::Settings => "Settings",
        }
    }

    pub(super) const fn icon(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Events => "events",
            Self::Findings => "findings",
            Self::People => "person",
            Self::Objects => "object",
            Self::Connectors => "connectors",
            Self::Status => "status",
            Self::Sinks => "sinks",
            Self::Alerts => "bell",
            Self::Rules => "rules",
            Self::Settings => "settings",
        }
    }

    /// Set apart from the entries above it.
    pub(super) fn apart(self) -> bool {
        self == Self::Connectors
    }

    /// Its page can be limited to one account.
    fn is_of_account(self) -> bool {
        match self {
            Self::Overview | Self::Events | Self::Findings | Self::People | Self::Objects | Self::Status => {
                true
            }
            Self::Connectors | Self::Sinks | Self::Alerts | Self::Rules | Self::Settings => false,
        }
    }

    /// On a small screen it waits behind a word.
    pub(super) fn minor(self) -> bool {
        !matches!(self, Self::Overview | Self::Events | Self::Findings | Self::People)
    }
}

/// More than these nobody reads through.
const MOST_SWITCHED: usize = 50;
/// What an address says of one account, or of a place in its list; ids of people and objects are an account's own.
const OF_ONE_ACCOUNT: [&str; 8] =
    ["account", "from", "page", "userId", "objectId", "actor", "object", "said"];

/// An account as the switch in the top bar lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) id: ConnectorId,
    pub(super) name: String,
}

#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) title: String,
    pub(super) here: Place,
    pub(super) assets: String,
    pub(super) theme: &'static str,
    pub(super) zone: String,
    pub(super) csrf: String,
    pub(super) who: String,
    pub(super) role: Role,
    pub(super) decides_for_all: bool,
    pub(super) accounts: Vec<Account>,
    /// The account that the page is limited to.
    pub(super) account: Option<Account>,
    asked: Uri,
    /// What the search field holds.
    pub(super) search: String,
    /// Other filters that a search keeps.
    pub(super) kept: Vec<(&'static str, String)>,
    pub(super) said: Option<&'static str>,
    /// How many streams need a person.
    pub(super) needy: usize,
    /// How many findings wait for one.
    pub(super) waiting: i64,
}

impl Frame {
    /// # Errors
    /// When the log cannot be read.
    pub(super) async fn load(app: &App, viewer: &Viewer, here: Place, title: &str) -> Result<Self, Problem> {
        let connectors = app.log(|store| store.connectors()).await?;
        Ok(Self::new(viewer, here, title, &connectors))
    }

    pub(super) fn new(viewer: &Viewer, here: Place, title: &str, connectors: &[Connector]) -> Self {
        let Viewer { caller, csrf, taste, .. } = viewer;
        Self {
            title: title.to_owned(),
            here,
            assets: asset::base(),
            theme: taste.theme,
            zone: zone_name(taste),
            csrf: csrf.clone(),
            who: caller.who.name(),
            role: caller.role,
            decides_for_all: caller.decides_for_all(),
            accounts: seen(caller, connectors),
            account: None,
            asked: viewer.asked.clone(),
            search: String::new(),
            kept: Vec::new(),
            said: viewer.said,
            needy: viewer.needy,
            waiting: viewer.waiting,
        }
    }

    /// Those that one may open.
    pub(super) fn places(&self) -> impl Iterator<Item = &'static Place> {
        Place::ALL.iter().filter(|place| self.decides_for_all || **place != Place::Alerts)
    }

    /// Where an entry of the rail leads: whoever looks at one account goes on looking at it.
    pub(super) fn href(&self, place: &Place) -> String {
        match &self.account {
            Some(account) if place.is_of_account() => format!("{}?account={}", place.path(), account.id),
            _ => place.path().to_owned(),
        }
    }

    /// Whether this page can be of one account or of all.
    pub(super) fn switches(&self) -> bool {
        self.accounts.len() > 1 && self.here.is_of_account()
    }

    /// The accounts in the switch. Where there are too many to choose from, those of a list that can be searched.
    pub(super) fn switched(&self) -> &[Account] {
        self.accounts.get(..MOST_SWITCHED).unwrap_or(&self.accounts)
    }

    /// This page, with what it is asked for, of another account; or, from a page below it, its list.
    pub(super) fn of_account(&self, account: Option<&Account>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(account) = account {
            query.append_pair("account", &account.id.to_string());
        }
        if self.asked.path() == self.here.path() {
            let asked = form_urlencoded::parse(self.asked.query().unwrap_or_default().as_bytes());
            query.extend_pairs(asked.filter(|(name, _)| !OF_ONE_ACCOUNT.contains(&&**name)));
        }
        let query = query.finish();
        let path = self.here.path();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    pub(super) fn is(&self, account: &Account) -> bool {
        self.account.as_ref().is_some_and(|own| own.id == account.id)
    }

    /// What waits for a person, for the title of the browser's tab.
    pub(super) fn calls(&self) -> i64 {
        i64::try_from(self.needy).unwrap_or(i64::MAX).saturating_add(self.waiting)
    }

    /// The icon of the browser's tab says from afar whether a person is needed.
    pub(super) fn tab_icon(&self) -> &'static str {
        if self.needy > 0 || self.waiting > 0 { "favicon-act" } else { "favicon" }
    }

    pub(super) fn may_decide(&self) -> bool {
        self.role >= Role::Admin
    }

    pub(super) fn may_work(&self) -> bool {
        self.role >= Role::Analyst
    }
}

fn seen(caller: &Caller, connectors: &[Connector]) -> Vec<Account> {
    let own = connectors.iter().filter(|connector| caller.sees(connector.id));
    own.map(|connector| Account { id: connector.id, name: connector.name().to_owned() }).collect()
}

fn zone_name(taste: &Taste) -> String {
    taste.zone.iana_name().unwrap_or("UTC").to_owned()
}
