//! The connectors that a caller may know of, by name or number. One that is somebody else's is not there.

use std::collections::HashMap;

use super::{App, Problem};
use crate::access::Caller;
use crate::connector::{Connector, ConnectorId};

/// Also those that were removed while their events were kept.
#[derive(Clone, Debug)]
pub(in crate::http) struct Accounts {
    names: HashMap<ConnectorId, String>,
    /// Names of connectors that were not removed, in lower case.
    numbers: HashMap<String, ConnectorId>,
}

impl Accounts {
    /// # Errors
    /// When the log cannot be read.
    pub(in crate::http) async fn of(app: &App, caller: &Caller) -> Result<Self, Problem> {
        let connectors = app.log(crate::store::Store::connectors_ever).await?;
        Ok(Self::among(connectors.iter().filter(|connector| caller.sees(connector.id))))
    }

    fn among<'a>(connectors: impl Iterator<Item = &'a Connector>) -> Self {
        let mut accounts = Self { names: HashMap::new(), numbers: HashMap::new() };
        for connector in connectors {
            accounts.names.insert(connector.id, connector.name().to_owned());
            if !connector.removed {
                accounts.numbers.insert(connector.name().to_lowercase(), connector.id);
            }
        }
        accounts
    }

    pub(in crate::http) fn know(&self, id: ConnectorId) -> bool {
        self.names.contains_key(&id)
    }

    pub(in crate::http) fn name(&self, id: ConnectorId) -> &str {
        self.names.get(&id).map_or("", String::as_str)
    }

    /// # Errors
    /// 404 when the caller knows none of this name or number.
    pub(in crate::http) fn find(&self, named: &str) -> Result<ConnectorId, Problem> {
        let by_name = self.numbers.get(&named.trim().to_lowercase()).copied();
        let by_number = || named.parse().ok().map(ConnectorId).filter(|id| self.names.contains_key(id));
        by_name.or_else(by_number).ok_or_else(|| {
            Problem::not_found(format!("there is no connector `{named}`"))
                .fix("see /api/v1/connectors for those that you may look into")
        })
    }
}
