//! The accounts of a person or a token as requests and replies write them: the word `all`, or the names of
//! connectors. Inside they are numbers, so that renaming a connector takes nothing away.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{App, Problem};
use crate::access::{Accounts, Caller};
use crate::connector::{Connector, ConnectorId};

/// The word `all`, or the names of connectors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Scope {
    Every(All),
    Only(Vec<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum All {
    All,
}

impl Scope {
    /// For people.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Every(All::All) => "all".to_owned(),
            Self::Only(names) if names.is_empty() => "none".to_owned(),
            Self::Only(names) => names.join(", "),
        }
    }
}

/// The names of all connectors, to read and write scopes with.
pub(crate) struct Names(Vec<Connector>);

impl Names {
    pub(crate) async fn load(app: &App) -> Result<Self, Problem> {
        app.log(|store| store.connectors_ever()).await.map(Self)
    }

    /// Of all connectors there ever were.
    pub(crate) fn new(connectors: Vec<Connector>) -> Self {
        Self(connectors)
    }

    /// Connectors that the caller does not see are not there for them.
    pub(crate) fn read(&self, scope: &Scope, caller: &Caller) -> Result<Accounts, Problem> {
        let names = match scope {
            Scope::Every(All::All) => return Ok(Accounts::All),
            Scope::Only(names) => names,
        };
        let one = |name: &String| {
            let mut those_seen = self.0.iter().filter(|one| !one.removed && caller.sees(one.id));
            those_seen.find(|one| one.name().eq_ignore_ascii_case(name.trim())).map(|one| one.id).ok_or_else(
                || {
                    Problem::invalid(
                        "accounts",
                        format!("there is no connector `{name}`"),
                        "write `\"all\"`, or the names of connectors",
                    )
                },
            )
        };
        names.iter().map(one).collect::<Result<_, _>>().map(Accounts::Some)
    }

    pub(crate) fn write(&self, accounts: &Accounts) -> Scope {
        match accounts {
            Accounts::All => Scope::Every(All::All),
            Accounts::Some(ids) => {
                let mut names: Vec<String> = ids.iter().map(|id| self.name(*id)).collect();
                names.sort();
                Scope::Only(names)
            }
        }
    }

    pub(crate) fn name(&self, id: ConnectorId) -> String {
        match self.0.iter().find(|one| one.id == id) {
            Some(one) if one.removed => format!("{} (removed)", one.name()),
            Some(one) => one.name().to_owned(),
            None => format!("number {id} (erased)"),
        }
    }
}
