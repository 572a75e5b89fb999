//! Which events are meant: HubSpot's own filters, and time, account and text. The same parameters for the
//! REST API, the live tail and the console.

use std::time::Duration;

use hubtrail_core::page::{Dimension, Filter};
use hubtrail_core::time::UtcMs;
use serde::{Deserialize, Deserializer};
use utoipa::IntoParams;

use super::Problem;
use super::accounts::Accounts;
use crate::access::Caller;
use crate::moment::Moment;
use crate::store::Search;

/// Somebody waits for the answer.
pub(in crate::http) const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::http) struct Selection {
    /// Connectors, by name or number. None: all that you may look into.
    pub(in crate::http) account: Vec<String>,
    /// What happened, in HubSpot's words: `CREATED`, `DELETED`, … Several are alternatives, here and below: with
    /// commas, or by repeating the parameter.
    pub(in crate::http) event_type: Vec<String>,
    /// To what kind of object: `LANDING_PAGE`, `URL_MAPPING`, …
    pub(in crate::http) object_type: Vec<String>,
    /// To which object.
    pub(in crate::http) object_id: Vec<String>,
    /// By which HubSpot user.
    pub(in crate::http) user_id: Vec<String>,
    /// A piece of the name of a person or an object, in upper or lower case.
    pub(in crate::http) text: Option<String>,
}

/// Between which times.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(in crate::http) struct Range {
    /// At this time or later: RFC 3339, milliseconds since 1970, or told from now as `30d` or `2h`.
    #[param(value_type = Option<String>)]
    pub(in crate::http) after: Option<When>,
    /// Earlier than this time, in the same forms.
    #[param(value_type = Option<String>)]
    pub(in crate::http) before: Option<When>,
}

/// A time in a request.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct When(pub(in crate::http) Moment);

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let shown: String = text.chars().take(64).collect();
        text.parse().map(Self).map_err(|error| serde::de::Error::custom(format!("`{shown}` is {error}")))
    }
}

impl Range {
    pub(in crate::http) fn bounds(self, now: UtcMs) -> (Option<UtcMs>, Option<UtcMs>) {
        let at = |when: Option<When>| when.map(|When(moment)| moment.from_now(now));
        (at(self.after), at(self.before))
    }
}

impl Selection {
    /// What the caller may find of it, at any time.
    ///
    /// # Errors
    /// 404 when an account is named that the caller does not know.
    pub(in crate::http) fn search(self, caller: &Caller, accounts: &Accounts) -> Result<Search, Problem> {
        let wanted: Vec<_> = self
            .account
            .iter()
            .map(|named| accounts.find(named).map_err(|problem| problem.field("account")))
            .collect::<Result<_, _>>()?;
        let wanted = (!wanted.is_empty()).then_some(wanted);
        let filter = Filter::default()
            .with(Dimension::EventType, self.event_type)
            .with(Dimension::ObjectType, self.object_type)
            .with(Dimension::ObjectId, self.object_id)
            .with(Dimension::UserId, self.user_id);
        Ok(Search {
            connectors: caller.within(wanted.as_deref()),
            filter,
            text: self.text,
            patience: Some(PATIENCE),
            ..Search::default()
        })
    }
}
