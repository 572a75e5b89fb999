//! `--format`: the names of the encodings, as the command line takes them.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use hubtrail_core::encode::Format;

/// For programs, by one of the encoders.
pub(super) fn encoded() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::as_str)).map(named)
}

/// Also for people.
pub(super) fn shown() -> impl TypedValueParser<Value = Shown> {
    let names = std::iter::once("table").chain(Format::ALL.map(Format::as_str));
    PossibleValuesParser::new(names).map(|name| match name.as_str() {
        "table" => Shown::Table,
        _ => Shown::As(named(name)),
    })
}

/// Findings, whose raw form is Hubtrail's own JSON.
pub(super) fn findings() -> impl TypedValueParser<Value = Shown> {
    let others = Format::ALL.into_iter().filter(|format| *format != Format::Raw).map(Format::as_str);
    PossibleValuesParser::new(["table", "json"].into_iter().chain(others)).map(|name| match name.as_str() {
        "table" => Shown::Table,
        "json" => Shown::As(Format::Raw),
        _ => Shown::As(named(name)),
    })
}

fn named(name: String) -> Format {
    name.parse().expect("only the names of formats get past the parser")
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Table,
    As(Format),
}
