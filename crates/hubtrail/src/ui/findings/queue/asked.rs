//! What the address of the queue asks for: which part of it, what it is narrowed down to, and where in it one is.

use hubtrail_core::finding::Severity;
use url::form_urlencoded;

use crate::connector::ConnectorId;
use crate::http::Problem;
use crate::judgement::{Status, Verdict};
use crate::store::{Cursor, FindingSearch, Standing};
use crate::ui::events::query::{account, cursor};
use crate::ui::findings::line::NEWEST;
use crate::ui::viewer::Viewer;

/// The parts of the queue, each with its word in the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Open,
    Closed(Verdict),
    Watches,
    Hidden,
}

impl Part {
    pub(super) const ALL: [(&'static str, &'static str, Self); 6] = [
        ("", "Open", Self::Open),
        ("malicious", "Malicious", Self::Closed(Verdict::Malicious)),
        ("expected", "Expected", Self::Closed(Verdict::Expected)),
        ("false", "False alarms", Self::Closed(Verdict::False)),
        ("watches", "Watches", Self::Watches),
        ("hidden", "Hidden", Self::Hidden),
    ];

    fn key(self) -> &'static str {
        Self::ALL.into_iter().find(|(.., own)| *own == self).map_or("", |(key, ..)| key)
    }

    fn statuses(self) -> Vec<Status> {
        match self {
            Self::Closed(verdict) => vec![Status::Closed(verdict)],
            Self::Open | Self::Watches | Self::Hidden => Status::OPEN.to_vec(),
        }
    }

    pub(super) fn has(self, standing: &Standing) -> bool {
        let open = standing.status.is_open();
        match self {
            Self::Open => open && !standing.watch && !standing.hidden,
            Self::Closed(verdict) => standing.status == Status::Closed(verdict),
            Self::Watches => open && standing.watch && !standing.hidden,
            Self::Hidden => open && standing.hidden,
        }
    }
}

/// What the queue can be narrowed down to beside an account and a risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Rule,
    Actor,
    Object,
    Owner,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::Rule, Self::Actor, Self::Object, Self::Owner];

    const fn parameter(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Actor => "actor",
            Self::Object => "object",
            Self::Owner => "owner",
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Actor => "person",
            Self::Object => "object",
            Self::Owner => "owner",
        }
    }
}

/// Whoever looks, as an owner.
pub(super) const ME: &str = "me";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) part: Part,
    pub(super) severity: Option<Severity>,
    pub(super) account: Option<ConnectorId>,
    /// By [`Kind`], in its order.
    pub(super) values: [Option<String>; 4],
    /// Behind this one, towards the past.
    pub(super) from: Option<Cursor>,
    /// Which page of those that are ranked together, from 0 on.
    pub(super) page: usize,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            part: Part::Open,
            severity: None,
            account: None,
            values: [const { None }; 4],
            from: None,
            page: 0,
        }
    }
}

impl Query {
    pub(super) fn read(query: Option<&str>) -> Result<Self, Problem> {
        let mut read = Self::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            if let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.parameter() == name) {
                if !value.is_empty() {
                    read = read.with(kind, &value);
                }
                continue;
            }
            match &*name {
                "part" => {
                    let known = Part::ALL.into_iter().find(|(word, ..)| *word == value);
                    read.part = known.map_or(Part::Open, |(.., part)| part);
                }
                "severity" => read.severity = value.parse().ok(),
                "account" if !value.is_empty() => read.account = Some(account(&value)?),
                "from" if !value.is_empty() => read.from = Some(cursor(&value)?),
                "page" => {
                    let page: Option<usize> =
                        value.parse().ok().filter(|page| (2..=super::PAGES).contains(page));
                    read.page = page.map_or(0, |page| page - 1);
                }
                _ => {}
            }
        }
        Ok(read)
    }

    pub(super) fn href(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(account) = self.account {
            query.append_pair("account", &account.to_string());
        }
        if !self.part.key().is_empty() {
            query.append_pair("part", self.part.key());
        }
        if let Some(severity) = self.severity {
            query.append_pair("severity", &severity.to_string());
        }
        for kind in Kind::ALL {
            if let Some(value) = self.value(kind) {
                query.append_pair(kind.parameter(), value);
            }
        }
        if let Some(Cursor { timestamp, position }) = self.from {
            query.append_pair("from", &format!("{}.{}", timestamp.0, position.0));
        }
        if self.page > 0 {
            query.append_pair("page", &(self.page + 1).to_string());
        }
        let query = query.finish();
        if query.is_empty() { "/findings".to_owned() } else { format!("/findings?{query}") }
    }

    pub(super) fn value(&self, kind: Kind) -> Option<&str> {
        self.values[kind as usize].as_deref()
    }

    /// The same from its beginning on.
    pub(super) fn anew(&self) -> Self {
        Self { from: None, page: 0, ..self.clone() }
    }

    pub(super) fn with(&self, kind: Kind, value: &str) -> Self {
        let mut query = self.anew();
        query.values[kind as usize] = Some(value.to_owned());
        query
    }

    pub(super) fn without(&self, kind: Kind) -> Self {
        let mut query = self.anew();
        query.values[kind as usize] = None;
        query
    }

    pub(super) fn in_part(&self, part: Part) -> Self {
        Self { part, severity: None, ..self.anew() }
    }

    pub(super) fn of_risk(&self, severity: Option<Severity>) -> Self {
        Self { severity, ..self.anew() }
    }

    /// Nothing but the part and the account.
    pub(super) fn cleared(&self) -> Self {
        Self { part: self.part, account: self.account, ..Self::default() }
    }

    pub(super) fn is_narrow(&self) -> bool {
        self.values.iter().any(Option::is_some)
    }

    /// What it is about, in every part and of every risk.
    pub(super) fn about(&self, viewer: &Viewer) -> FindingSearch {
        let wanted = self.account.map(|account| vec![account]);
        let list = |kind| self.value(kind).map(str::to_owned).into_iter().collect();
        let owner = self.value(Kind::Owner);
        FindingSearch {
            connectors: viewer.caller.within(wanted.as_deref()),
            rules: list(Kind::Rule),
            actors: list(Kind::Actor),
            objects: list(Kind::Object),
            newest_events: Some(NEWEST),
            owner: owner.map(|owner| if owner == ME { viewer.caller.who.name() } else { owner.to_owned() }),
            ..FindingSearch::default()
        }
    }

    pub(super) fn search(&self, viewer: &Viewer) -> FindingSearch {
        FindingSearch {
            statuses: self.part.statuses(),
            severities: self.severity.into_iter().collect(),
            watch: match self.part {
                Part::Open => Some(false),
                Part::Watches => Some(true),
                Part::Closed(_) | Part::Hidden => None,
            },
            hidden: match self.part {
                Part::Open | Part::Watches => Some(false),
                Part::Hidden => Some(true),
                Part::Closed(_) => None,
            },
            from: self.from,
            limit: super::MOST + 1,
            ..self.about(viewer)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_narrowed_down_begins_at_its_beginning_and_is_cleared_at_once() {
        let address = "/findings?account=2&part=hidden&severity=high&rule=r&owner=me&from=5.7&page=3";
        let query = Query::read(address.strip_prefix("/findings?")).unwrap();
        assert_eq!(query.href(), address);
        assert_eq!(
            query.without(Kind::Rule).href(),
            "/findings?account=2&part=hidden&severity=high&owner=me"
        );
        let other = query.with(Kind::Object, "40").in_part(Part::Open);
        assert_eq!(other.href(), "/findings?account=2&rule=r&object=40&owner=me");
        assert_eq!(query.cleared().href(), "/findings?account=2&part=hidden");
        assert!(query.is_narrow() && !query.cleared().is_narrow());
        assert_eq!(Query::read(Some("page=1&page=99&severity=odd")).unwrap(), Query::default());
    }
}
