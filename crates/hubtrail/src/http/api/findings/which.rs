//! Which findings are meant.

use hubtrail_core::finding::Severity;
use hubtrail_core::page::Order;
use hubtrail_core::time::UtcMs;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::exception::ExceptionId;
use crate::http::found::SeverityWord;
use crate::http::selection::Range;
use crate::http::{Problem, cursor};
use crate::judgement::{Status, Verdict};
use crate::store::FindingSearch;

const USUAL: usize = 100;
const MOST: u32 = 1_000;

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::http) struct Which {
    /// How far people are with it, or what it turned out to be. Several are alternatives, as above.
    #[param(inline)]
    status: Vec<Standing>,
    /// How bad it is.
    #[param(value_type = Vec<SeverityWord>)]
    severity: Vec<Severity>,
    /// Only watches, or all but those.
    watch: Option<bool>,
    /// Only what an exception or the alert budget hides, or all but that. Without it: either.
    hidden: Option<bool>,
    /// Only what this exception hides.
    exception: Option<i64>,
    /// Also those that turned out to be part of others.
    parts: bool,
}

/// A status, a verdict, or a word for several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Standing {
    /// New or acknowledged.
    Open,
    New,
    Acknowledged,
    /// With any verdict.
    Closed,
    Malicious,
    Expected,
    False,
}

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(in crate::http) struct Paging {
    /// So many at most; 100 when it is not said.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next` of the page before. It never expires.
    cursor: Option<String>,
}

impl Standing {
    fn statuses(self) -> &'static [Status] {
        match self {
            Self::Open => &Status::OPEN,
            Self::New => &[Status::New],
            Self::Acknowledged => &[Status::Acknowledged],
            Self::Closed => &[
                Status::Closed(Verdict::Malicious),
                Status::Closed(Verdict::Expected),
                Status::Closed(Verdict::False),
            ],
            Self::Malicious => &[Status::Closed(Verdict::Malicious)],
            Self::Expected => &[Status::Closed(Verdict::Expected)],
            Self::False => &[Status::Closed(Verdict::False)],
        }
    }
}

impl Which {
    /// The findings of a search that are so.
    pub(in crate::http) fn narrow(self, about: FindingSearch, range: Range, now: UtcMs) -> FindingSearch {
        let mut statuses: Vec<_> =
            self.status.iter().flat_map(|standing| standing.statuses()).copied().collect();
        statuses.sort_by_key(|status| status.as_str());
        statuses.dedup();
        let (after, before) = range.bounds(now);
        FindingSearch {
            statuses,
            severities: self.severity,
            watch: self.watch,
            hidden: self.hidden,
            exception: self.exception.map(ExceptionId),
            absorbed: self.parts,
            after,
            before,
            limit: USUAL,
            ..about
        }
    }
}

impl Paging {
    /// # Errors
    /// When the limit or the cursor cannot be accepted.
    pub(in crate::http) fn apply(&self, search: FindingSearch) -> Result<FindingSearch, Problem> {
        if self.limit.is_some_and(|limit| !(1..=MOST).contains(&limit)) {
            return Err(Problem::invalid("limit", "a page has 1 to 1000 findings", "follow `next` for more"));
        }
        let from = self.cursor.as_deref().map(|text| cursor::accept(text, Order::NewestFirst)).transpose()?;
        Ok(FindingSearch { from, limit: self.limit.map_or(USUAL, |limit| limit as usize), ..search })
    }
}
