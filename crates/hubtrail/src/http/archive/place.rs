//! The cursor of the archive. It takes the place of `after`, and so it carries the bound in time that stood
//! there before.

use hubtrail_core::page::Order;
use hubtrail_core::time::UtcMs;

use crate::http::cursor;
use crate::store::Cursor;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) cursor: Cursor,
    pub(super) order: Order,
    pub(super) after: Option<UtcMs>,
}

impl Place {
    pub(super) fn write(self) -> String {
        let place = cursor::write(self.cursor, self.order);
        match self.after {
            Some(after) => format!("{place}.{}", after.0),
            None => place,
        }
    }

    pub(super) fn read(text: &str, order: Order) -> Option<Self> {
        let (place, after) = match text.split_once('.') {
            Some((place, after)) => (place, Some(UtcMs(after.parse().ok()?))),
            None => (text, None),
        };
        Some(Self { cursor: cursor::read(place, order)?, order, after })
    }
}

#[cfg(test)]
mod tests {
    use hubspot_audit_api::query::{After, ArrayForm, Query};

    use super::*;
    use crate::store::Position;

    #[test]
    fn a_place_reads_back_and_is_never_taken_for_a_time() {
        for after in [None, Some(UtcMs(0)), Some(UtcMs(-5)), Some(UtcMs(1_710_081_138_123))] {
            for order in [Order::OldestFirst, Order::NewestFirst] {
                let cursor = Cursor { timestamp: UtcMs(1_710_081_138_123), position: Position(7) };
                let place = Place { cursor, order, after };
                let text = place.write();
                assert_eq!(Place::read(&text, order), Some(place));
                let query = Query::parse(&format!("after={text}"), ArrayForm::Both).unwrap();
                assert_eq!(query.after, Some(After::Token(text)));
            }
        }
        assert_eq!(Place::read("AQ.1", Order::OldestFirst), None);
    }
}
