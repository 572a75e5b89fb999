//! What findings are about: in whose account, by which rule and person, of which object, and whose they are.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::access::Caller;
use crate::http::Problem;
use crate::http::accounts::Accounts;
use crate::store::FindingSearch;

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::http) struct About {
    /// Connectors, by name or number. None: all that you may look into.
    account: Vec<String>,
    /// Rules, by id. Several are alternatives, here and below: with commas, or by repeating the parameter.
    rule: Vec<String>,
    /// By which HubSpot user.
    user_id: Vec<String>,
    /// About which HubSpot object: one of its events, which the log still has, is evidence.
    object_id: Vec<String>,
    /// Whose it is: a name, or `me`.
    owner: Option<String>,
}

impl About {
    /// What the caller may find of it.
    ///
    /// # Errors
    /// 404 when an account is named that the caller does not know.
    pub(in crate::http) fn search(
        self,
        caller: &Caller,
        accounts: &Accounts,
    ) -> Result<FindingSearch, Problem> {
        let named = |name: &String| accounts.find(name).map_err(|problem| problem.field("account"));
        let wanted: Vec<_> = self.account.iter().map(named).collect::<Result<_, _>>()?;
        let wanted = (!wanted.is_empty()).then_some(wanted);
        Ok(FindingSearch {
            connectors: caller.within(wanted.as_deref()),
            rules: self.rule,
            actors: self.user_id,
            objects: self.object_id,
            owner: self.owner.map(|owner| if owner == "me" { caller.who.name() } else { owner }),
            ..FindingSearch::default()
        })
    }
}
