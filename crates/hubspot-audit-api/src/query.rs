//! The parameters of an audit-log request, read from the query string.
//!
//! It knows no cursor: whether a text in `after` that is not a time means anything is the backend's
//! to say. Unknown parameters and unknown filter values are let through, as HubSpot adds to both.

use percent_encoding::percent_decode_str;

use crate::error::ApiError;
use crate::time::{self, Written};
use crate::word::words;

/// The `eventType` values known today.
pub const EVENT_TYPES: &[&str] = &["CREATED", "DELETED", "PUBLISHED", "RESTORE", "UNPUBLISHED", "UPDATED"];

/// The `objectType` values known today.
pub const OBJECT_TYPES: &[&str] = &[
    "BLOG",
    "BLOG_POST",
    "CASE_STUDY",
    "CONTENT_SETTINGS",
    "CSS",
    "CTA",
    "DOMAIN",
    "EMAIL",
    "FILE",
    "GLOBAL_MODULE",
    "HUBDB_TABLE",
    "JS",
    "KNOWLEDGE_BASE",
    "KNOWLEDGE_BASE_ARTICLE",
    "LANDING_PAGE",
    "MODULE",
    "PODCAST",
    "QUOTE",
    "SERVERLESS_FUNCTION",
    "TEMPLATE",
    "THEME",
    "URL_MAPPING",
    "WEB_INTERACTIVE",
    "WEBSITE_PAGE",
];

words! {
    pub enum Order {
        Ascending = "asc",
        Descending = "desc",
    }
}

words! {
    /// How several values of one filter may be written. HubSpot's guide and specification disagree.
    pub enum ArrayForm {
        /// `objectType=BLOG,CTA`; of repeated keys the last one counts.
        Comma = "comma",
        /// `objectType=BLOG&objectType=CTA`; a comma is part of the value.
        Repeated = "repeated",
        Both = "both",
    }
}

/// The properties that can be filtered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    EventType,
    ObjectType,
    UserId,
    ObjectId,
}

impl Dimension {
    pub const ALL: [Self; 4] = [Self::EventType, Self::ObjectType, Self::UserId, Self::ObjectId];

    #[must_use]
    pub const fn parameter(self) -> &'static str {
        match self {
            Self::EventType => "eventType",
            Self::ObjectType => "objectType",
            Self::UserId => "userId",
            Self::ObjectId => "objectId",
        }
    }
}

/// Sets of allowed values; an empty set allows everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter(pub [Vec<String>; 4]);

impl Filter {
    #[must_use]
    pub fn values(&self, dimension: Dimension) -> &[String] {
        &self.0[dimension as usize]
    }
}

/// `after` is both a time filter and a cursor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum After {
    /// A time, and whether it was written as epoch milliseconds, as HubSpot's documented cursor is.
    Time { ms: i64, epoch: bool },
    /// Anything else.
    Token(String),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub after: Option<After>,
    pub before_ms: Option<i64>,
    pub limit: Option<u32>,
    pub sort: Option<Order>,
    pub filter: Filter,
}

impl Query {
    /// # Errors
    /// 400 naming the parameter when `before`, `limit` or `sort` cannot be read.
    pub fn parse(query: &str, arrays: ArrayForm) -> Result<Self, ApiError> {
        let pairs = Pairs::decode(query);
        let after = pairs.last("after").map(|text| match time::read(text) {
            Some((ms, written)) => After::Time { ms, epoch: written == Written::EpochMs },
            None => After::Token(text.to_owned()),
        });
        let before_ms = match pairs.last("before") {
            None => None,
            Some(text) => Some(time::read(text).ok_or_else(|| not_a_time("before", text))?.0),
        };
        let limit = match pairs.last("limit") {
            None => None,
            Some(text) => Some(positive(text)?),
        };
        let sort = match pairs.last("sort") {
            None => None,
            Some("timestamp") => Some(Order::Ascending),
            Some("-timestamp") => Some(Order::Descending),
            Some(other) => {
                let message =
                    format!("cannot sort by `{}`; use `timestamp` or `-timestamp`", start_of(other));
                return Err(ApiError::invalid("sort", message));
            }
        };
        let filter = Filter(Dimension::ALL.map(|dimension| pairs.values(dimension.parameter(), arrays)));
        Ok(Self { after, before_ms, limit, sort, filter })
    }
}

pub(crate) fn not_a_time(parameter: &'static str, text: &str) -> ApiError {
    let message = format!("`{}` is neither an ISO 8601 time nor epoch milliseconds", start_of(text));
    ApiError::invalid(parameter, message)
}

/// As much of what was sent as an error repeats.
fn start_of(text: &str) -> String {
    text.chars().take(64).collect()
}

fn positive(text: &str) -> Result<u32, ApiError> {
    match text.trim().parse::<i64>() {
        Ok(limit) if limit > 0 => Ok(u32::try_from(limit).unwrap_or(u32::MAX)),
        _ => Err(ApiError::invalid("limit", format!("`{}` is not a whole number above 0", start_of(text)))),
    }
}

/// The decoded key-value pairs of a query string, in the order in which they were sent.
#[derive(Clone, Debug, Default)]
pub struct Pairs(pub Vec<(String, String)>);

impl Pairs {
    #[must_use]
    pub fn decode(query: &str) -> Self {
        let text = |raw: &str| percent_decode_str(&raw.replace('+', " ")).decode_utf8_lossy().into_owned();
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (text(key), text(value))
        });
        Self(pairs.collect())
    }

    /// The last value sent for a key; an empty one counts as none.
    #[must_use]
    pub fn last(&self, key: &str) -> Option<&str> {
        let value = self.0.iter().rev().find(|(name, _)| name == key)?.1.trim();
        Some(value).filter(|value| !value.is_empty())
    }

    fn values(&self, key: &str, form: ArrayForm) -> Vec<String> {
        let all: Vec<&str> =
            self.0.iter().filter(|(name, _)| name == key).map(|(_, value)| value.as_str()).collect();
        let sent = if form == ArrayForm::Comma { &all[all.len().saturating_sub(1)..] } else { &all };
        let mut values: Vec<String> = sent
            .iter()
            .flat_map(|value| match form {
                ArrayForm::Repeated => vec![*value],
                ArrayForm::Comma | ArrayForm::Both => value.split(',').collect(),
            })
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
            .collect();
        values.sort_unstable();
        values.dedup();
        values
    }
}

#[cfg(test)]
mod hostile;

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Query {
        Query::parse(query, ArrayForm::Both).unwrap()
    }

    #[test]
    fn the_documented_example_is_read() {
        let query =
            parse("objectType=LANDING_PAGE,BLOG_POST&eventType=UPDATED%2CCREATED&userId=1011561&limit=10");
        assert_eq!(query.filter.values(Dimension::ObjectType), ["BLOG_POST", "LANDING_PAGE"]);
        assert_eq!(query.filter.values(Dimension::EventType), ["CREATED", "UPDATED"]);
        assert_eq!(query.filter.values(Dimension::UserId), ["1011561"]);
        assert_eq!((query.limit, query.sort, query.after), (Some(10), None, None));
    }

    #[test]
    fn arrays_are_read_in_the_forms_that_are_accepted() {
        let text = "objectId=1,2&objectId=3";
        let values = |form| Query::parse(text, form).unwrap().filter.values(Dimension::ObjectId).to_vec();
        assert_eq!(values(ArrayForm::Both), ["1", "2", "3"]);
        assert_eq!(values(ArrayForm::Comma), ["3"]);
        assert_eq!(values(ArrayForm::Repeated), ["1,2", "3"]);
    }

    #[test]
    fn after_is_a_time_or_a_token_and_empty_is_none() {
        assert_eq!(
            parse("after=1710081138123").after,
            Some(After::Time { ms: 1_710_081_138_123, epoch: true })
        );
        let iso = Some(After::Time { ms: 1_710_081_138_000, epoch: false });
        assert_eq!(parse("after=2024-03-10T14%3A32%3A18Z").after, iso);
        assert_eq!(parse("after=2024-03-10T15:32:18+01:00").after, iso);
        assert_eq!(parse("after=00ff-token").after, Some(After::Token("00ff-token".into())));
        assert_eq!(parse("after=&before=&limit=&sort=&eventType=,&x=1"), Query::default());
        assert_eq!(parse("after=1&after=2").after, Some(After::Time { ms: 2, epoch: true }));
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_name() {
        for (text, parameter) in [
            ("limit=ten", "limit"),
            ("limit=0", "limit"),
            ("limit=-5", "limit"),
            ("sort=objectId", "sort"),
            ("before=soon", "before"),
        ] {
            let error = Query::parse(text, ArrayForm::Both).unwrap_err();
            assert!(matches!(&error, ApiError::Invalid { parameter: p, .. } if *p == parameter), "{text}");
        }
        assert_eq!(parse("limit=99999999999").limit, Some(u32::MAX));
        assert_eq!(parse("sort=-timestamp").sort, Some(Order::Descending));
    }
}
