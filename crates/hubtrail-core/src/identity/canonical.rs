//! One text for all ways of writing the same JSON value: keys sorted, numbers by their exact
//! decimal value. (RFC 8785 rounds to doubles, which would make 9007199254740993 and …992 the same.)

use std::fmt::{self, Write as _};

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Deeper than any record means to be; below it the text counts as written.
const MAX_DEPTH: usize = 64;

/// Total: what is not JSON counts as written.
#[must_use]
pub fn canonical_json(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    write_value(raw, 0, &mut out);
    out
}

fn write_value(raw: &str, depth: usize, out: &mut String) {
    let raw = raw.trim();
    let written = match raw.as_bytes().first() {
        _ if depth > MAX_DEPTH => None,
        Some(b'{') => write_object(raw, depth, out),
        Some(b'[') => write_array(raw, depth, out),
        Some(b'"') => write_string(raw, out),
        Some(b'-' | b'0'..=b'9') => write_number(raw, out),
        _ => None,
    };
    if written.is_none() {
        out.push_str(raw);
    }
}

fn write_object(raw: &str, depth: usize, out: &mut String) -> Option<()> {
    let Entries(mut entries) = serde_json::from_str(raw).ok()?;
    // Stable: of a repeated key both values count, in the order they were sent.
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    out.push('{');
    for (n, (key, value)) in entries.iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        out.push_str(&serde_json::to_string(key).ok()?);
        out.push(':');
        write_value(value.get(), depth + 1, out);
    }
    out.push('}');
    Some(())
}

fn write_array(raw: &str, depth: usize, out: &mut String) -> Option<()> {
    let items: Vec<&RawValue> = serde_json::from_str(raw).ok()?;
    out.push('[');
    for (n, item) in items.iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        write_value(item.get(), depth + 1, out);
    }
    out.push(']');
    Some(())
}

fn write_string(raw: &str, out: &mut String) -> Option<()> {
    let text: String = serde_json::from_str(raw).ok()?;
    out.push_str(&serde_json::to_string(&text).ok()?);
    Some(())
}

/// `-12.50e3` becomes `-125e2`: significant digits without zeros at either end, and a power of ten.
fn write_number(raw: &str, out: &mut String) -> Option<()> {
    let (sign, unsigned) = raw.strip_prefix('-').map_or(("", raw), |rest| ("-", rest));
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        out.push('0');
        return Some(());
    }
    let trimmed = significant.trim_end_matches('0');
    let dropped = i64::try_from(significant.len() - trimmed.len()).ok()?;
    let power = exponent
        .parse::<i64>()
        .ok()?
        .checked_sub(i64::try_from(fraction.len()).ok()?)?
        .checked_add(dropped)?;
    write!(out, "{sign}{trimmed}e{power}").ok()
}

/// The members of an object as sent, repeated keys included.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Members)
    }
}
