//! A place in the order of events, as a client carries it. It stays valid while the log grows and shrinks,
//! for ever, and says nothing that the client may not know.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hubtrail_core::page::Order;
use hubtrail_core::time::UtcMs;

use super::Problem;
use crate::store::{Cursor, Position};

/// The form of cursors; a later form gets another number.
const FORM: u8 = 1;

pub(in crate::http) fn write(cursor: Cursor, order: Order) -> String {
    let mut bytes = vec![FORM, u8::from(order == Order::NewestFirst)];
    bytes.extend(cursor.timestamp.0.to_be_bytes());
    bytes.extend(cursor.position.0.to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// None: it is not one of ours, or leads in the other direction.
pub(in crate::http) fn read(text: &str, order: Order) -> Option<Cursor> {
    let bytes: [u8; 18] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    let (head, numbers) = bytes.split_at(2);
    if *head != [FORM, u8::from(order == Order::NewestFirst)] {
        return None;
    }
    let (timestamp, position) = numbers.split_at(8);
    Some(Cursor {
        timestamp: UtcMs(i64::from_be_bytes(timestamp.try_into().ok()?)),
        position: Position(i64::from_be_bytes(position.try_into().ok()?)),
    })
}

/// # Errors
/// As [`read`], in words for the caller.
pub(in crate::http) fn accept(text: &str, order: Order) -> Result<Cursor, Problem> {
    read(text, order).ok_or_else(|| {
        Problem::invalid(
            "cursor",
            "it is not a cursor of this service, or it belongs to the other order",
            "take `next` of a page, with the same `sort`, or leave it out to start again",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_in_its_own_direction_only() {
        let cursor = Cursor { timestamp: UtcMs(-5), position: Position(i64::MAX) };
        let text = write(cursor, Order::NewestFirst);
        assert_eq!(read(&text, Order::NewestFirst), Some(cursor));
        assert_eq!(read(&text, Order::OldestFirst), None);
        for text in ["", "1710081138123", "AQA", "!", &text[1..]] {
            assert_eq!(read(text, Order::NewestFirst), None, "{text}");
        }
        assert!(text.parse::<UtcMs>().is_err(), "it must not be mistaken for a time");
    }
}
