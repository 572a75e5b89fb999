//! `hubtrail.toml` as a list of settings, each with its line and column, and the connectors and sinks it
//! declares.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::connector::{self, Declared};
use super::error::{ConfigError, Place};
use super::setting::Setting;
use super::sink::{self, DeclaredSink};

/// What a file says.
#[derive(Default)]
pub(super) struct Document {
    pub(super) settings: Vec<Setting>,
    pub(super) connectors: Vec<Declared>,
    pub(super) sinks: Vec<DeclaredSink>,
}

/// # Errors
/// When the text is not TOML, something stands where a section or a plain value belongs, or a connector cannot be.
pub(super) fn read(path: &Path, text: &str) -> Result<Document, ConfigError> {
    let place = |span: Range<usize>| {
        let (line, column) = line_and_column(text, span.start);
        Place::File { path: path.to_owned(), line, column }
    };
    let document = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
        place: place(error.span().unwrap_or(0..0)),
        reason: error.message().to_owned(),
    })?;
    let mut read = Document::default();
    for (section, keys) in document.into_inner() {
        if section.get_ref() == "connector" {
            read.connectors = connector::read(path, text, &keys)?;
            continue;
        }
        if section.get_ref() == "sink" {
            read.sinks = sink::read(path, text, &keys)?;
            continue;
        }
        let Some(keys) = keys.get_ref().as_table() else {
            return Err(Setting::outside_sections(section.get_ref(), place(section.span())));
        };
        Setting::known_section(section.get_ref(), &place(section.span()))?;
        for (key, value) in keys {
            let at = place(key.span());
            let setting = |text: &str| Setting::new(section.get_ref(), key.get_ref(), text, at.clone());
            match scalar(value) {
                Some(text) => read.settings.push(setting(&text)),
                None => return Err(setting("").not_a_value()),
            }
        }
    }
    Ok(read)
}

pub(super) fn scalar(value: &Spanned<DeValue<'_>>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// Both count from one; columns count characters.
pub(super) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}
