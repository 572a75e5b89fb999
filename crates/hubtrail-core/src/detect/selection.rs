//! A detection's selections: maps, lists and keywords with Sigma's modifiers, compiled into tests.
//!
//! A modifier or a combination that cannot be honoured is refused, never skipped.

use jiff::tz::TimeZone;
use regex::RegexBuilder;

use super::check::{Check, Network, Number, Order, Part};
use super::expression::{Expression, Words};
use super::field::{FIELDS, Field};
use super::glob::{Around, Glob};
use super::problem::{Fault, Place};
use super::yaml::{Key, Node, Value};

/// What a regular expression may take when compiled, in bytes.
const REGEX_BYTES: usize = 1 << 20;
const MODIFIERS: &str = "all, startswith, endswith, contains, exists, cased, neq, re, i, m, s, lt, lte, gt, gte, \
    minute, hour, day, week, month, year, cidr and fieldref";

pub(super) fn selection(node: &Node, zone: &TimeZone) -> Result<Expression, Fault> {
    match &node.value {
        Value::Map(members) if !members.is_empty() => {
            let parts = members.iter().map(|(key, value)| item(key, value, zone));
            Ok(Expression::All(parts.collect::<Result<_, _>>()?))
        }
        Value::List(items) if !items.is_empty() => {
            let parts = items.iter().map(|item| match item.value {
                Value::Map(_) => selection(item, zone),
                _ => keyword(item),
            });
            Ok(Expression::Any(parts.collect::<Result<_, _>>()?))
        }
        Value::Text(_) | Value::Number(_) | Value::Bool(_) => keyword(node),
        _ => Err(Fault::new(node.place, "an empty selection", "give it a field and a value, or remove it")),
    }
}

fn keyword(node: &Node) -> Result<Expression, Fault> {
    let text = node.scalar().ok_or_else(|| {
        Fault::new(node.place, format!("{} where a keyword must stand", node.kind()), "write a text")
    })?;
    let glob = Glob::parse(&text, Around { before: true, after: true }, false);
    Ok(Expression::Keyword(glob, text))
}

fn item(key: &Key, value: &Node, zone: &TimeZone) -> Result<Expression, Fault> {
    let mut words = key.name.split('|');
    let name = words.next().unwrap_or_default();
    let modifiers = Modifiers::parse(words, key.place)?;
    if name.is_empty() {
        if modifiers != (Modifiers { all: true, ..Modifiers::default() }) {
            let reason = format!("`{}` has no field", key.name);
            return Err(Fault::new(key.place, reason, "keywords take no modifier but `|all`"));
        }
        let parts = value.items().iter().map(keyword).collect::<Result<Vec<_>, _>>()?;
        return Ok(Expression::All(parts));
    }
    let field = field(name, key.place)?;
    let mut parts = Vec::new();
    for value in value.items() {
        let words = Words {
            asks: modifiers.asks(&field),
            value: value.scalar().unwrap_or_else(|| "missing".to_owned()),
        };
        parts.push(Expression::Test(field.clone(), modifiers.check(&field, value, zone)?, words));
    }
    let whole = match (parts.len(), modifiers.all) {
        (0, _) => return Err(Fault::new(value.place, "an empty list", "give it a value, or use null")),
        (1, true) => {
            let reason = format!("`all` in `{}` has one value only", key.name);
            return Err(Fault::new(key.place, reason, "give a list of values, or leave `all` out"));
        }
        (1, false) => parts.remove(0),
        (_, true) => Expression::All(parts),
        (_, false) => Expression::Any(parts),
    };
    Ok(if modifiers.neq { Expression::Not(Box::new(whole)) } else { whole })
}

pub(super) fn field(name: &str, place: Place) -> Result<Field, Fault> {
    Field::parse(name).ok_or_else(|| {
        let reason = format!("an event has no field `{name}`");
        Fault::new(place, reason, format!("the fields are {FIELDS}; upper and lower case count"))
    })
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Modifiers {
    all: bool,
    neq: bool,
    cased: bool,
    around: Option<Around>,
    exists: bool,
    regex: bool,
    flags: [bool; 3],
    order: Option<Order>,
    part: Option<Part>,
    cidr: bool,
    fieldref: bool,
}

impl Modifiers {
    fn parse<'a>(words: impl Iterator<Item = &'a str>, place: Place) -> Result<Self, Fault> {
        let mut modifiers = Self::default();
        for word in words {
            if !modifiers.add(word) {
                let (reason, fix) = match word {
                    "i" | "m" | "s" => (format!("`{word}` without `re`"), "write `|re|i`".to_owned()),
                    "ignorecase" | "multiline" | "dotall" => {
                        (format!("`{word}` is written short"), "write `|re|i`, `|re|m` or `|re|s`".to_owned())
                    }
                    _ => (
                        format!("the modifier `{word}` is not supported here"),
                        format!("the modifiers are {MODIFIERS}, each once"),
                    ),
                };
                return Err(Fault::new(place, reason, fix));
            }
        }
        modifiers.consistent(place)
    }

    /// Whether the word is a modifier that can stand where it stands.
    fn add(&mut self, word: &str) -> bool {
        let flag = |known: &mut bool| !std::mem::replace(known, true);
        let order = |known: &mut Option<Order>, order| known.replace(order).is_none();
        let part = |known: &mut Option<Part>, part| known.replace(part).is_none();
        match word {
            "all" => flag(&mut self.all),
            "neq" => flag(&mut self.neq),
            "cased" => flag(&mut self.cased),
            "exists" => flag(&mut self.exists),
            "re" => flag(&mut self.regex),
            "i" if self.regex => flag(&mut self.flags[0]),
            "m" if self.regex => flag(&mut self.flags[1]),
            "s" if self.regex => flag(&mut self.flags[2]),
            "cidr" => flag(&mut self.cidr),
            "fieldref" => flag(&mut self.fieldref),
            "startswith" => self.around.replace(Around { before: false, after: true }).is_none(),
            "endswith" => self.around.replace(Around { before: true, after: false }).is_none(),
            "contains" => self.around.replace(Around { before: true, after: true }).is_none(),
            "lt" => order(&mut self.order, Order::Less),
            "lte" => order(&mut self.order, Order::AtMost),
            "gt" => order(&mut self.order, Order::More),
            "gte" => order(&mut self.order, Order::AtLeast),
            "minute" => part(&mut self.part, Part::Minute),
            "hour" => part(&mut self.part, Part::Hour),
            "day" => part(&mut self.part, Part::Day),
            "week" => part(&mut self.part, Part::Week),
            "month" => part(&mut self.part, Part::Month),
            "year" => part(&mut self.part, Part::Year),
            _ => false,
        }
    }

    fn consistent(self, place: Place) -> Result<Self, Fault> {
        let texts = self.around.is_some() || self.cased || self.fieldref;
        let times = self.order.is_some() || self.part.is_some();
        let kinds = [texts, times, self.regex, self.cidr, self.exists];
        if kinds.iter().filter(|kind| **kind).count() > 1 {
            let fix = "use one of texts, `re`, `cidr`, `exists`, or a comparison";
            return Err(Fault::new(place, "these modifiers contradict each other", fix));
        }
        Ok(self)
    }

    /// What is asked of a field, up to the value.
    fn asks(&self, field: &Field) -> String {
        let part = self.part.map_or("", |part| match part {
            Part::Minute => "minute of ",
            Part::Hour => "hour of ",
            Part::Day => "day of ",
            Part::Week => "week of ",
            Part::Month => "month of ",
            Part::Year => "year of ",
        });
        let asks = match (self.order, self.around) {
            (Some(Order::Less), _) => "is less than",
            (Some(Order::AtMost), _) => "is at most",
            (Some(Order::AtLeast), _) => "is at least",
            (Some(Order::More), _) => "is more than",
            (_, Some(Around { before: false, .. })) => "starts with",
            (_, Some(Around { after: false, .. })) => "ends with",
            (_, Some(_)) => "contains",
            _ if self.exists => "is there:",
            _ if self.regex => "matches",
            _ if self.cidr => "is in the network",
            _ => "is",
        };
        let field_of = if self.fieldref { " what is in" } else { "" };
        format!("{part}{} {asks}{field_of}", field.name())
    }

    fn check(&self, field: &Field, value: &Node, zone: &TimeZone) -> Result<Check, Fault> {
        if self.exists {
            return match value.value {
                Value::Bool(wanted) => Ok(Check::Exists(wanted)),
                _ => Err(unfit(value, "`exists`", "true or false")),
            };
        }
        if value.value == Value::Null {
            return if (Self { all: false, neq: false, ..*self }) == Self::default() {
                Ok(Check::Missing)
            } else {
                Err(unfit(value, "this modifier", "a value"))
            };
        }
        let text =
            value.scalar().ok_or_else(|| unfit(value, "a field", "a text, a number or a list of them"))?;
        if self.regex {
            return self.regex(&text, value);
        }
        if self.cidr {
            return Network::parse(&text)
                .map(Check::Network)
                .ok_or_else(|| unfit(value, "`cidr`", "a network such as 10.0.0.0/8"));
        }
        if self.fieldref {
            let other = super::selection::field(&text, value.place)?;
            return Ok(Check::SameAs(other, self.around.unwrap_or_default(), self.cased));
        }
        if self.part.is_some() || self.order.is_some() {
            return self.comparison(field, &text, value, zone);
        }
        Ok(match (&value.value, self.around) {
            (Value::Number(_), None) if !self.cased => {
                Check::Number(Number::parse(&text).ok_or_else(|| unfit(value, "a number", "digits"))?)
            }
            (_, around) => Check::Text(Glob::parse(&text, around.unwrap_or_default(), self.cased)),
        })
    }

    fn regex(&self, text: &str, value: &Node) -> Result<Check, Fault> {
        let [i, m, s] = self.flags;
        let built = RegexBuilder::new(text)
            .case_insensitive(i)
            .multi_line(m)
            .dot_matches_new_line(s)
            .size_limit(REGEX_BYTES)
            .dfa_size_limit(REGEX_BYTES)
            .build();
        built.map(Check::Matches).map_err(|error| {
            let words = error.to_string();
            let reason = words.lines().last().unwrap_or_default().trim().to_owned();
            let fix = "use a smaller expression without look-around and back references";
            Fault::new(value.place, format!("the regular expression cannot be used: {reason}"), fix)
        })
    }

    fn comparison(&self, field: &Field, text: &str, value: &Node, zone: &TimeZone) -> Result<Check, Fault> {
        let order = self.order.unwrap_or(Order::Equal);
        if let Some(part) = self.part {
            let number = text.parse().map_err(|_| unfit(value, "a part of a time", "a whole number"))?;
            return Ok(Check::Part(part, order, number, zone.clone()));
        }
        if *field == Field::Timestamp {
            let at = text
                .parse()
                .map_err(|_| unfit(value, "`timestamp`", "a time such as 2026-03-01T09:30:00Z"))?;
            return Ok(Check::CompareTime(order, at));
        }
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        Ok(Check::Compare(order, number.ok_or_else(|| unfit(value, "a comparison", "a number"))?))
    }
}

fn unfit(value: &Node, what: &str, wanted: &str) -> Fault {
    Fault::new(
        value.place,
        format!("{what} cannot be compared with {}", value.kind()),
        format!("use {wanted}"),
    )
}
