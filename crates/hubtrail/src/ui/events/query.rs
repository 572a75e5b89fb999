//! What the address of the events page asks for. Every filter, cursor and zoom is in the address: a page
//! can be bookmarked, sent to somebody and gone back to.

use std::time::Duration;

use hubtrail_core::page::{Dimension, Filter, Order};
use hubtrail_core::time::UtcMs;
use url::form_urlencoded;

use crate::access::Caller;
use crate::connector::ConnectorId;
use crate::http::Problem;
use crate::moment::Moment;
use crate::store::{Cursor, Position, Search};

pub(in crate::ui) const PAGE: usize = 50;
/// Somebody waits for the page.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::ui) struct Query {
    pub(in crate::ui) account: Option<ConnectorId>,
    /// By [`Dimension`], in its order.
    pub(in crate::ui) values: [Vec<String>; 4],
    pub(in crate::ui) text: String,
    /// As written: `24h` stays twenty-four hours before whenever the page is looked at.
    pub(in crate::ui) after: String,
    pub(in crate::ui) before: String,
    pub(in crate::ui) oldest_first: bool,
    pub(in crate::ui) from: Option<Cursor>,
}

impl Query {
    /// # Errors
    /// When a parameter cannot be read; an unknown one is ignored, as a browser's history may hold old ones.
    pub(in crate::ui) fn read(query: Option<&str>) -> Result<Self, Problem> {
        let mut read = Self::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            if let Some(at) = index(&name) {
                read.values[at].extend(listed(value).map(str::to_owned));
                continue;
            }
            match &*name {
                "account" => read.account = Some(account(value)?),
                "text" => value.clone_into(&mut read.text),
                "after" => value.clone_into(&mut read.after),
                "before" => value.clone_into(&mut read.before),
                "sort" => read.oldest_first = value == "timestamp",
                "from" => read.from = Some(cursor(value)?),
                _ => {}
            }
        }
        Ok(read)
    }

    pub(in crate::ui) fn values(&self, dimension: Dimension) -> &[String] {
        dimension_index(dimension).map_or(&[], |at| self.values[at].as_slice())
    }

    pub(in crate::ui) fn is_filtered(&self) -> bool {
        self.values.iter().any(|values| !values.is_empty())
            || !self.text.is_empty()
            || !self.after.is_empty()
            || !self.before.is_empty()
    }

    /// # Errors
    /// When a time cannot be read.
    pub(in crate::ui) fn search(&self, caller: &Caller, now: UtcMs) -> Result<Search, Problem> {
        let mut filter = Filter::default();
        for dimension in Dimension::ALL {
            filter = filter.with(dimension, self.values(dimension).to_vec());
        }
        let wanted = self.account.map(|account| vec![account]);
        Ok(Search {
            connectors: caller.within(wanted.as_deref()),
            filter,
            text: Some(self.text.clone()).filter(|text| !text.is_empty()),
            after: moment("after", &self.after, now)?,
            before: moment("before", &self.before, now)?,
            order: if self.oldest_first { Order::OldestFirst } else { Order::NewestFirst },
            limit: Some(PAGE + 1),
            from: self.from,
            patience: Some(PATIENCE),
            ..Search::default()
        })
    }

    /// The same without a place in it: a changed filter begins at its beginning.
    fn anew(&self) -> Self {
        Self { from: None, ..self.clone() }
    }

    pub(in crate::ui) fn with(&self, dimension: Dimension, value: &str) -> Self {
        let mut query = self.anew();
        if let Some(at) = dimension_index(dimension)
            && !query.values[at].iter().any(|own| own == value)
        {
            query.values[at].push(value.to_owned());
        }
        query
    }

    pub(in crate::ui) fn without(&self, dimension: Dimension, value: &str) -> Self {
        let mut query = self.anew();
        if let Some(at) = dimension_index(dimension) {
            query.values[at].retain(|own| own != value);
        }
        query
    }

    pub(in crate::ui) fn within(&self, after: &str, before: &str) -> Self {
        Self { after: after.to_owned(), before: before.to_owned(), ..self.anew() }
    }

    pub(in crate::ui) fn without_text(&self) -> Self {
        Self { text: String::new(), ..self.anew() }
    }

    pub(in crate::ui) fn sorted(&self, oldest_first: bool) -> Self {
        Self { oldest_first, ..self.anew() }
    }

    pub(in crate::ui) fn only_account(&self) -> Self {
        Self { account: self.account, ..Self::default() }
    }

    pub(in crate::ui) fn only_range(&self) -> Self {
        Self { after: self.after.clone(), before: self.before.clone(), ..self.only_account() }
    }

    pub(in crate::ui) fn at(&self, from: Cursor) -> Self {
        Self { from: Some(from), ..self.clone() }
    }

    pub(in crate::ui) fn newest(&self) -> Self {
        self.anew()
    }

    /// The parameters as pairs, for forms that keep them.
    pub(in crate::ui) fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        if let Some(account) = self.account {
            pairs.push(("account", account.to_string()));
        }
        for (dimension, values) in Dimension::ALL.into_iter().zip(&self.values) {
            pairs.extend(values.iter().map(|value| (dimension.parameter(), value.clone())));
        }
        for (name, value) in [("text", &self.text), ("after", &self.after), ("before", &self.before)] {
            if !value.is_empty() {
                pairs.push((name, value.clone()));
            }
        }
        if self.oldest_first {
            pairs.push(("sort", "timestamp".to_owned()));
        }
        if let Some(Cursor { timestamp, position }) = self.from {
            pairs.push(("from", format!("{}.{}", timestamp.0, position.0)));
        }
        pairs
    }

    /// The query string, without its question mark.
    pub(in crate::ui) fn encoded(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(self.pairs()).finish()
    }

    /// The same question to the live tail, which knows no time and no order.
    pub(in crate::ui) fn encoded_for_tail(&self) -> String {
        Self { after: String::new(), before: String::new(), oldest_first: false, from: None, ..self.clone() }
            .encoded()
    }

    pub(in crate::ui) fn href(&self) -> String {
        let query = self.encoded();
        if query.is_empty() { "/events".to_owned() } else { format!("/events?{query}") }
    }
}

/// The values between commas. Blanks around one are nobody's, and none is empty.
pub(super) fn listed(values: &str) -> impl Iterator<Item = &str> {
    values.split(',').map(str::trim).filter(|value| !value.is_empty())
}

fn index(parameter: &str) -> Option<usize> {
    Dimension::ALL.into_iter().position(|dimension| dimension.parameter() == parameter)
}

fn dimension_index(dimension: Dimension) -> Option<usize> {
    Dimension::ALL.into_iter().position(|other| other == dimension)
}

pub(in crate::ui) fn account(value: &str) -> Result<ConnectorId, Problem> {
    let refused =
        |_| Problem::invalid("account", format!("`{value}` is no account"), "choose one in the top bar");
    value.parse().map(ConnectorId).map_err(refused)
}

pub(in crate::ui) fn cursor(value: &str) -> Result<Cursor, Problem> {
    let parts = value.split_once('.').and_then(|(at, position)| {
        Some(Cursor { timestamp: UtcMs(at.parse().ok()?), position: Position(position.parse().ok()?) })
    });
    parts.ok_or_else(|| Problem::invalid("from", "this link does not lead anywhere", "go back to the newest"))
}

fn moment(field: &'static str, text: &str, now: UtcMs) -> Result<Option<UtcMs>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let refused = |_| {
        Problem::invalid(
            field,
            format!("`{text}` is not a time"),
            "write 24h, 7d, 2026-03-01 or 2026-03-01T09:30:00Z",
        )
    };
    text.parse::<Moment>().map(|moment| Some(moment.from_now(now))).map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Query {
        Query::read(Some(query)).unwrap()
    }

    #[test]
    fn the_address_reads_back_as_it_was_written() {
        let query = "account=2&eventType=DELETED&eventType=UPDATED&userId=7&text=a+%26+b&after=24h&sort=timestamp\
                     &from=1700000000000.42";
        assert_eq!(read(query).encoded(), query);
        assert_eq!(read("eventType=A,B&unknown=1&text=").encoded(), "eventType=A&eventType=B");
        assert_eq!(read("eventType=A,+,+B+,").encoded(), "eventType=A&eventType=B");
        assert_eq!(read("").href(), "/events");
    }

    #[test]
    fn a_changed_filter_begins_at_its_beginning() {
        let query = read("eventType=A&from=1.2");
        assert_eq!(query.with(Dimension::UserId, "7").encoded(), "eventType=A&userId=7");
        assert_eq!(query.with(Dimension::EventType, "A").encoded(), "eventType=A");
        assert_eq!(query.without(Dimension::EventType, "A").encoded(), "");
        assert_eq!(query.within("1", "2").encoded(), "eventType=A&after=1&before=2");
        assert_eq!(query.sorted(true).encoded(), "eventType=A&sort=timestamp");
        assert_eq!(query.sorted(true).sorted(false).encoded(), "eventType=A");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let caller = Caller {
            who: crate::access::Who::Token { id: 1, name: String::new() },
            role: crate::access::Role::Viewer,
            accounts: crate::access::Accounts::All,
        };
        let refused = read("after=tomorrow").search(&caller, UtcMs(0)).unwrap_err();
        assert_eq!(refused.field.as_deref(), Some("after"));
        assert_eq!(Query::read(Some("account=x")).unwrap_err().field.as_deref(), Some("account"));
        assert_eq!(Query::read(Some("from=x")).unwrap_err().field.as_deref(), Some("from"));
    }
}
