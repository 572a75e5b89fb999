//! Which pages are believed. Of any other page the records are kept, and it is asked for again.

use crate::event::Event;
use crate::page::{Filter, Order, Page};
use crate::time::UtcMs;

/// HubSpot may cut the bound that we send to whole seconds.
const GRAIN_MS: i64 = 1_000;

/// What is wrong with a page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    #[error("records are not in the order asked for (at {at})")]
    Unordered { at: UtcMs },
    #[error("a record of {at} is older than the bound {sent} that was sent")]
    TooOld { at: UtcMs, sent: UtcMs },
    #[error("a record of {at} does not match the filter that was sent")]
    NotAskedFor { at: UtcMs },
    #[error("records that we hold from {held} on are left out")]
    LeftOut { held: UtcMs },
}

pub(crate) struct Expected<'a> {
    pub(crate) order: Order,
    pub(crate) filter: &'a Filter,
    /// The bound that was sent.
    pub(crate) sent: Option<UtcMs>,
    /// The oldest entry that the log had where the page must begin.
    pub(crate) held: Option<UtcMs>,
}

pub(crate) fn doubt(page: &Page, expected: &Expected<'_>) -> Result<(), Doubt> {
    in_order(page, expected.order)?;
    if let Some(event) = page.events().find(|event| !expected.filter.allows(event)) {
        return Err(Doubt::NotAskedFor { at: event.timestamp });
    }
    let oldest = page.events().map(|event| event.timestamp).min();
    if let (Some(at), Some(sent)) = (oldest, expected.sent)
        && at.plus(GRAIN_MS) <= sent
    {
        return Err(Doubt::TooOld { at, sent });
    }
    match expected.held {
        Some(held) if oldest.is_none_or(|oldest| oldest > held) => Err(Doubt::LeftOut { held }),
        _ => Ok(()),
    }
}

fn in_order(page: &Page, order: Order) -> Result<(), Doubt> {
    let out_of_order = |pair: &[&Event]| match order {
        Order::OldestFirst => pair[0].timestamp > pair[1].timestamp,
        Order::NewestFirst => pair[0].timestamp < pair[1].timestamp,
    };
    let events: Vec<&Event> = page.events().collect();
    match events.windows(2).find(|pair| out_of_order(pair)) {
        Some(pair) => Err(Doubt::Unordered { at: pair[1].timestamp }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{Dimension, Seen};
    use serde_json::value::RawValue;

    fn page(times: &[i64]) -> Page {
        let record = |at: &i64| {
            let json = format!(r#"{{"timestamp":{at},"event":"UPDATED"}}"#);
            Seen::read(RawValue::from_string(json).unwrap())
        };
        Page { records: times.iter().map(record).collect(), ..Page::default() }
    }

    #[test]
    fn each_contradiction_is_seen_and_nothing_else() {
        let all = Filter::default();
        let updated = all.with(Dimension::EventType, vec!["UPDATED".to_owned()]);
        let deleted = all.with(Dimension::EventType, vec!["DELETED".to_owned()]);
        let at = UtcMs;
        let order = Order::OldestFirst;
        for (times, order, filter, sent, held, wrong) in [
            (vec![5_000, 5_000, 5_001], order, &updated, Some(at(5_999)), Some(at(5_000)), None),
            (vec![5_001, 5_000], order, &all, None, None, Some(Doubt::Unordered { at: at(5_000) })),
            (vec![5_001, 5_000], Order::NewestFirst, &all, None, None, None),
            (
                vec![5_000, 5_001],
                Order::NewestFirst,
                &all,
                None,
                None,
                Some(Doubt::Unordered { at: at(5_001) }),
            ),
            (vec![5_000], order, &deleted, None, None, Some(Doubt::NotAskedFor { at: at(5_000) })),
            (
                vec![5_000],
                order,
                &all,
                Some(at(6_000)),
                None,
                Some(Doubt::TooOld { at: at(5_000), sent: at(6_000) }),
            ),
            (vec![5_001], order, &all, None, Some(at(5_000)), Some(Doubt::LeftOut { held: at(5_000) })),
            (vec![], order, &all, None, Some(at(5_000)), Some(Doubt::LeftOut { held: at(5_000) })),
            (vec![], order, &all, Some(at(6_000)), None, None),
        ] {
            let judged = doubt(&page(&times), &Expected { order, filter, sent, held });
            assert_eq!(judged.err(), wrong, "{times:?}");
        }
    }
}
