//! The opaque form of HubSpot's cursor: a place in the history, signed so that another account's
//! cursor, or a made-up one, is not taken for ours.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::history::Key;
use crate::query::Order;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    pub place: Key,
    pub order: Order,
    /// The time bound of the walk, which the cursor takes the place of.
    pub after_ms: Option<i64>,
    pub issued_ms: i64,
}

impl Cursor {
    pub(super) fn write(&self, account: u64) -> String {
        let numbers = [
            self.place.at_ms.cast_unsigned(),
            self.place.sequence,
            u64::from(self.order == Order::Descending),
            self.after_ms.unwrap_or(i64::MIN).cast_unsigned(),
            self.issued_ms.cast_unsigned(),
        ];
        let mut text: String = numbers.iter().map(|number| format!("{number:016x}")).collect();
        text.push_str(&format!("{:016x}", signature(&numbers, account)));
        text
    }

    pub(super) fn read(text: &str, account: u64) -> Option<Self> {
        if text.len() != 96 || !text.is_ascii() {
            return None;
        }
        let mut numbers = [0; 6];
        for (index, number) in numbers.iter_mut().enumerate() {
            *number = u64::from_str_radix(text.get(index * 16..index * 16 + 16)?, 16).ok()?;
        }
        let [at_ms, sequence, descending, after_ms, issued_ms, signed] = numbers;
        if signature(&numbers[..5], account) != signed {
            return None;
        }
        let after_ms = after_ms.cast_signed();
        Some(Self {
            place: Key { at_ms: at_ms.cast_signed(), sequence },
            order: if descending == 1 { Order::Descending } else { Order::Ascending },
            after_ms: (after_ms != i64::MIN).then_some(after_ms),
            issued_ms: issued_ms.cast_signed(),
        })
    }
}

fn signature(numbers: &[u64], account: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (numbers, account).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_cursor_is_read() {
        let cursor = Cursor {
            place: Key { at_ms: -5, sequence: 7 },
            order: Order::Descending,
            after_ms: Some(-9),
            issued_ms: 11,
        };
        let text = cursor.write(1);
        assert_eq!(Cursor::read(&text, 1), Some(cursor));
        assert_eq!(Cursor::read(&text, 2), None);
        assert_eq!(Cursor::read(&text.replacen('7', "8", 1), 1), None);
        assert_eq!(Cursor::read("1710081138123", 1), None);
        assert!(crate::time::read(&text).is_none(), "it must not be mistaken for a time");
    }
}
