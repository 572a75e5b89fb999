//! What a person types into the query bar, and chooses in the time picker, as the filters that it stands for:
//! `type:landing_page event:deleted,updated person:maria after:7d spring sale`.

use std::borrow::Cow;

use hubtrail_core::page::Dimension;
use hubtrail_core::sentence::{noun, verb};
use hubtrail_core::time::{UtcMs, whole_seconds};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::query::{Query, listed};
use crate::http::Problem;
use crate::store::{Busy, DAY_MS, Side, Store, StoreError};

/// A name stands for those who had it in so many days, at most so many.
const NAMED_DAYS: i64 = 400;
const MOST_NAMED: usize = 20;

/// One word of the query bar.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    Values(Dimension, Vec<String>),
    Named(Side, String),
    After(String),
    Before(String),
    Text(String),
}

/// The words of the query bar on top of what is filtered by already.
///
/// # Errors
/// When a word stands for nothing.
pub(super) fn apply(
    query: Query,
    typed: &str,
    named: impl Fn(Side, &str) -> Result<Vec<String>, Problem>,
) -> Result<Query, Problem> {
    let mut query = query.newest();
    let mut text = Vec::new();
    for word in words(typed) {
        match word {
            Word::Values(dimension, values) => {
                query = values.iter().fold(query, |query, value| query.with(dimension, value));
            }
            Word::Named(side, name) => {
                let ids = named(side, &name)?;
                let (dimension, what) = match side {
                    Side::People => (Dimension::UserId, "nobody has"),
                    Side::Objects => (Dimension::ObjectId, "nothing has"),
                };
                if ids.is_empty() {
                    let detail = format!("{what} `{name}` in the name");
                    return Err(Problem::invalid(
                        "q",
                        detail,
                        "look for another piece of the name, or for the id",
                    ));
                }
                query = ids.iter().fold(query, |query, id| query.with(dimension, id));
            }
            Word::After(at) => query.after = at,
            Word::Before(at) => query.before = at,
            Word::Text(word) => text.push(word),
        }
    }
    if !text.is_empty() {
        query.text = text.join(" ");
    }
    Ok(query)
}

/// The ids under whose names this piece is.
///
/// # Errors
/// When the log cannot be read.
pub(super) fn ids_named(store: &Store, busy: Busy, now: UtcMs) -> Result<Vec<String>, StoreError> {
    let busy =
        Busy { after: now.minus(NAMED_DAYS * DAY_MS), before: now.plus(DAY_MS), top: MOST_NAMED, ..busy };
    let (found, _) = store.busiest(&busy)?;
    Ok(found.into_iter().map(|one| one.id).collect())
}

fn words(typed: &str) -> Vec<Word> {
    split(typed).iter().map(|piece| piece.trim()).filter(|piece| !piece.is_empty()).map(word).collect()
}

/// Blanks part words; quotes keep them together.
fn split(typed: &str) -> Vec<String> {
    let (mut pieces, mut piece, mut quoted) = (Vec::new(), String::new(), false);
    for letter in typed.chars() {
        match letter {
            '"' => quoted = !quoted,
            blank if blank.is_whitespace() && !quoted => pieces.push(std::mem::take(&mut piece)),
            letter => piece.push(letter),
        }
    }
    pieces.push(piece);
    pieces
}

fn word(piece: &str) -> Word {
    let text = || Word::Text(piece.to_owned());
    let Some((key, value)) = piece.split_once(':').filter(|(_, value)| listed(value).next().is_some()) else {
        return text();
    };
    let value = value.trim();
    match key.to_lowercase().as_str() {
        "event" => known(Dimension::EventType, value, verb),
        "type" => known(Dimension::ObjectType, value, noun),
        "person" | "user" | "who" => subject(Side::People, Dimension::UserId, value),
        "object" | "what" => subject(Side::Objects, Dimension::ObjectId, value),
        "after" | "since" => Word::After(value.to_owned()),
        "before" | "until" => Word::Before(value.to_owned()),
        // An address or a time with a colon in it is looked for as it is.
        _ => text(),
    }
}

/// Numbers are ids, anything else is a piece of a name.
fn subject(side: Side, dimension: Dimension, value: &str) -> Word {
    if listed(value).all(|id| id.bytes().all(|byte| byte.is_ascii_digit())) {
        Word::Values(dimension, listed(value).map(str::to_owned).collect())
    } else {
        Word::Named(side, value.to_owned())
    }
}

/// HubSpot's words for what is typed in HubSpot's or in our words: `landing page` is `LANDING_PAGE`.
fn known(dimension: Dimension, values: &str, told: fn(&str) -> Cow<'_, str>) -> Word {
    let documented = dimension.documented();
    let known = |value: &str| {
        let upper = value.to_uppercase().replace([' ', '-'], "_");
        let by_name = || documented.iter().find(|own| told(own).eq_ignore_ascii_case(value));
        documented.iter().find(|own| **own == upper).or_else(by_name).map_or(upper, |own| (*own).to_owned())
    };
    Word::Values(dimension, listed(values).map(known).collect())
}

/// A time as the browser's picker writes it, `2026-03-01T09:30`, on the clocks of a zone.
///
/// # Errors
/// When it is no time, or not one on these clocks.
pub(super) fn on_clocks(field: &'static str, text: &str, zone: &TimeZone) -> Result<String, Problem> {
    let refused = || {
        Problem::invalid(
            field,
            format!("`{text}` is not a time"),
            "choose a day and a time, or leave it empty",
        )
    };
    let civil: DateTime = text.parse().map_err(|_| refused())?;
    let zoned = civil.to_zoned(zone.clone()).map_err(|_| refused())?;
    Ok(whole_seconds(UtcMs::from(zoned.timestamp())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> String {
        let named = |side, name: &str| {
            Ok(match (side, name) {
                (Side::People, "ann") => vec!["7".to_owned(), "9".to_owned()],
                _ => Vec::new(),
            })
        };
        match apply(Query::default(), text, named) {
            Ok(query) => query.encoded(),
            Err(problem) => format!("{}: {}", problem.detail, problem.fix.unwrap_or_default()),
        }
    }

    #[test]
    fn words_become_filters_and_the_rest_is_looked_for() {
        for (text, encoded) in [
            ("spring sale", "text=spring+sale"),
            ("event:deleted type:landing_page", "eventType=DELETED&objectType=LANDING_PAGE"),
            (r#"type:"landing page" spring"#, "objectType=LANDING_PAGE&text=spring"),
            ("type:brand-new", "objectType=BRAND_NEW"),
            ("person:42 object:7", "objectId=7&userId=42"),
            ("person:ann", "userId=7&userId=9"),
            ("person:7,9 event:deleted,updated", "eventType=DELETED&eventType=UPDATED&userId=7&userId=9"),
            (
                r#"type:"landing page, domain" " spring ""#,
                "objectType=LANDING_PAGE&objectType=DOMAIN&text=spring",
            ),
            (r#"after:" " event:, "  ""#, "text=after%3A+event%3A%2C"),
            ("after:7d before:2026-03-01", "after=7d&before=2026-03-01"),
            ("https://a.example/b", "text=https%3A%2F%2Fa.example%2Fb"),
            ("event:", "text=event%3A"),
            (
                "person:nobody",
                "nobody has `nobody` in the name: look for another piece of the name, or for the id",
            ),
        ] {
            let mut got: Vec<_> = typed(text).split('&').map(str::to_owned).collect();
            let mut wanted: Vec<_> = encoded.split('&').map(str::to_owned).collect();
            got.sort();
            wanted.sort();
            assert_eq!(got, wanted, "{text}");
        }
    }

    #[test]
    fn a_chosen_time_is_on_the_clocks_of_its_zone() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        assert_eq!(on_clocks("since", "2026-03-01T09:30", &berlin).unwrap(), "2026-03-01T08:30:00Z");
        assert_eq!(on_clocks("since", "yesterday", &berlin).unwrap_err().field.as_deref(), Some("since"));
    }
}
