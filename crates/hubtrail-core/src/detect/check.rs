//! One question about one field, and when the answer is yes.

use std::net::IpAddr;

use jiff::tz::TimeZone;
use regex::Regex;

use super::field::{Field, View};
use super::glob::{Around, Glob};
use crate::time::UtcMs;

#[derive(Clone, Debug)]
pub(super) enum Check {
    Text(Glob),
    Matches(Regex),
    Number(Number),
    Compare(Order, f64),
    CompareTime(Order, UtcMs),
    /// A part of a time, in the zone of the rules.
    Part(Part, Order, i64, TimeZone),
    Network(Network),
    SameAs(Field, Around, bool),
    Missing,
    Exists(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

impl Order {
    fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::Equal => left == right,
            Self::AtLeast => left >= right,
            Self::More => left > right,
        }
    }
}

/// The parts of a time that Sigma names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl Part {
    fn of(self, at: UtcMs, zone: &TimeZone) -> i64 {
        let at = at.to_timestamp().to_zoned(zone.clone());
        match self {
            Self::Minute => at.minute().into(),
            Self::Hour => at.hour().into(),
            Self::Day => at.day().into(),
            Self::Week => at.date().iso_week_date().week().into(),
            Self::Month => at.month().into(),
            Self::Year => at.year().into(),
        }
    }
}

impl Check {
    pub(super) fn holds(&self, field: &Field, view: &View<'_>) -> bool {
        match self {
            Self::Missing => !view.has(field),
            Self::Exists(wanted) => view.has(field) == *wanted,
            Self::Part(part, order, value, zone) => {
                let holds = |at: UtcMs| order.holds(&part.of(at, zone), value);
                match field {
                    Field::Timestamp => holds(view.event.timestamp),
                    _ => view.any(field, &mut |text| text.parse().is_ok_and(holds)),
                }
            }
            Self::CompareTime(order, value) => match field {
                Field::Timestamp => order.holds(&view.event.timestamp, value),
                _ => view.any(field, &mut |text| text.parse().is_ok_and(|at| order.holds(&at, value))),
            },
            // Nothing that is written equals nothing that is there; a `*` wants something to stand for.
            Self::Text(glob) => {
                view.any(field, &mut |text| glob.is_match(text)) || (glob.is_empty() && !view.has(field))
            }
            Self::Matches(regex) => view.any(field, &mut |text| regex.is_match(text)),
            Self::Number(number) => view.any(field, &mut |text| number.equals(text)),
            Self::Compare(order, value) => view
                .any(field, &mut |text| text.parse().is_ok_and(|number| order.holds::<f64>(&number, value))),
            Self::Network(network) => {
                view.any(field, &mut |text| text.parse().is_ok_and(|address| network.holds(address)))
            }
            Self::SameAs(other, around, cased) => view.any(other, &mut |wanted| {
                let glob = Glob::literal(wanted, *around, *cased);
                view.any(field, &mut |text| glob.is_match(text))
            }),
        }
    }
}

/// A number that ids can be compared with: exact as long as both are whole.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Number {
    whole: Option<i128>,
    value: f64,
}

impl Number {
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(Self { whole: text.parse().ok(), value: text.parse().ok()? })
    }

    fn equals(&self, text: &str) -> bool {
        match (self.whole, text.parse::<i128>()) {
            (Some(number), Ok(other)) => number == other,
            _ => text.parse() == Ok(self.value),
        }
    }
}

/// Addresses with the same first bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address.parse().ok()?, Some(bits.parse::<u8>().ok()?)),
            None => (text.parse().ok()?, None),
        };
        let most = if matches!(address, IpAddr::V4(_)) { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Self { address, bits })
    }

    fn holds(self, other: IpAddr) -> bool {
        let (own, theirs, width) = match (self.address, other) {
            (IpAddr::V4(own), IpAddr::V4(theirs)) => {
                (u128::from(own.to_bits()), u128::from(theirs.to_bits()), 32)
            }
            (IpAddr::V6(own), IpAddr::V6(theirs)) => (own.to_bits(), theirs.to_bits(), 128),
            _ => return false,
        };
        self.bits == 0 || (own ^ theirs) >> (width - u32::from(self.bits)) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_compared_exactly_and_numbers_by_value() {
        let number = |text| Number::parse(text).unwrap();
        assert!(number("9007199254740993").equals("9007199254740993"));
        assert!(!number("9007199254740993").equals("9007199254740992"));
        assert!(number("5").equals("5.0") && number("2.50").equals("2.5") && !number("5").equals("five"));
    }

    #[test]
    fn networks_hold_their_addresses_only() {
        let network = Network::parse("10.1.0.0/16").unwrap();
        assert!(network.holds("10.1.255.3".parse().unwrap()));
        assert!(!network.holds("10.2.0.0".parse().unwrap()) && !network.holds("::1".parse().unwrap()));
        assert!(Network::parse("2001:db8::/32").unwrap().holds("2001:db8:1::".parse().unwrap()));
        assert!(Network::parse("0.0.0.0/0").unwrap().holds("1.2.3.4".parse().unwrap()));
        assert!(Network::parse("10.0.0.0/33").is_none() && Network::parse("here").is_none());
    }
}
