//! The query of a page request, in HubSpot's words.

use std::fmt;

use hubtrail_core::page::{Bound, Dimension, PageRequest};
use hubtrail_core::time::{UtcMs, whole_seconds};
use url::form_urlencoded::byte_serialize;

/// How a time is written. HubSpot documents more than one form and says nowhere which are read,
/// so the client finds out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeForm {
    /// `2024-01-01T00:00:00.000Z`
    #[default]
    IsoMillis,
    /// `1704067200000`
    EpochMillis,
    /// `2024-01-01T00:00:00Z`: the window grows to whole seconds and never shrinks.
    IsoSeconds,
}

impl TimeForm {
    pub(super) const ALL: [Self; 3] = [Self::IsoMillis, Self::EpochMillis, Self::IsoSeconds];

    fn after(self, at: UtcMs) -> String {
        match self {
            Self::IsoMillis => at.to_string(),
            Self::EpochMillis => at.0.to_string(),
            Self::IsoSeconds => whole_seconds(at),
        }
    }

    fn before(self, at: UtcMs) -> String {
        match self {
            Self::IsoSeconds => whole_seconds(at.plus(999)),
            _ => self.after(at),
        }
    }
}

impl fmt::Display for TimeForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IsoMillis => "ISO 8601 with milliseconds",
            Self::EpochMillis => "milliseconds since 1970",
            Self::IsoSeconds => "ISO 8601 in whole seconds",
        })
    }
}

/// The values of `after` and `before`, where they are times.
pub(super) fn times(request: &PageRequest, form: TimeForm) -> (Option<String>, Option<String>) {
    let after = match request.bound {
        Bound::After(at) => Some(form.after(at)),
        Bound::Oldest | Bound::Cursor(_) => None,
    };
    (after, request.before.map(|at| form.before(at)))
}

pub(super) fn encode(request: &PageRequest, form: TimeForm) -> String {
    let mut pairs = vec![format!("sort={}", request.order.sort()), format!("limit={}", request.limit)];
    let (after, before) = times(request, form);
    let after = match &request.bound {
        Bound::Cursor(cursor) => Some(cursor.clone()),
        Bound::Oldest | Bound::After(_) => after,
    };
    pairs.extend(after.map(|value| pair("after", &value)));
    pairs.extend(before.map(|value| pair("before", &value)));
    for dimension in Dimension::ALL {
        let (alone, listed): (Vec<_>, Vec<_>) =
            request.filter.values(dimension).iter().partition(|value| value.contains(','));
        if !listed.is_empty() {
            // The comma between values stays as it is documented; one inside a value is encoded.
            let list: Vec<String> = listed.iter().map(|value| escaped(value)).collect();
            pairs.push(format!("{}={}", dimension.parameter(), list.join(",")));
        }
        pairs.extend(alone.iter().map(|value| pair(dimension.parameter(), value)));
    }
    pairs.join("&")
}

fn pair(name: &str, value: &str) -> String {
    format!("{name}={}", escaped(value))
}

fn escaped(value: &str) -> String {
    byte_serialize(value.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use hubtrail_core::page::{Filter, Order};

    use super::*;

    fn request(bound: Bound) -> PageRequest {
        PageRequest { bound, before: None, limit: 100, order: Order::OldestFirst, filter: Filter::default() }
    }

    const AT: UtcMs = UtcMs(1_710_081_138_123);

    #[test]
    fn sort_and_limit_are_always_sent_and_a_cursor_is_sent_verbatim() {
        assert_eq!(encode(&request(Bound::Oldest), TimeForm::IsoMillis), "sort=timestamp&limit=100");
        let cursor = request(Bound::Cursor("a b+c/=&d".to_owned()));
        assert_eq!(
            encode(&cursor, TimeForm::EpochMillis),
            "sort=timestamp&limit=100&after=a+b%2Bc%2F%3D%26d"
        );
    }

    #[test]
    fn a_time_has_the_form_that_is_asked_for_and_whole_seconds_only_widen_the_window() {
        let window = PageRequest { before: Some(AT), order: Order::NewestFirst, ..request(Bound::After(AT)) };
        for (form, after, before) in [
            (TimeForm::IsoMillis, "2024-03-10T14%3A32%3A18.123Z", "2024-03-10T14%3A32%3A18.123Z"),
            (TimeForm::EpochMillis, "1710081138123", "1710081138123"),
            (TimeForm::IsoSeconds, "2024-03-10T14%3A32%3A18Z", "2024-03-10T14%3A32%3A19Z"),
        ] {
            assert_eq!(
                encode(&window, form),
                format!("sort=-timestamp&limit=100&after={after}&before={before}")
            );
        }
    }

    #[test]
    fn filters_are_comma_lists_and_a_value_with_a_comma_stands_alone() {
        let values = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect::<Vec<_>>();
        let filter = Filter::default()
            .with(Dimension::ObjectId, values(&["1", "a,b", "2"]))
            .with(Dimension::EventType, values(&["CREATED", "DELETED"]));
        assert_eq!(
            encode(&PageRequest { filter, ..request(Bound::Oldest) }, TimeForm::IsoMillis),
            "sort=timestamp&limit=100&eventType=CREATED,DELETED&objectId=1,2&objectId=a%2Cb"
        );
    }
}
