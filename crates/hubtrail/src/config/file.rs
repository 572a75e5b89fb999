//! `hubtrail.toml` as a list of settings, each with its line and column.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, Place};
use super::setting::Setting;

/// # Errors
/// When the text is not TOML, or something stands where a section or a plain value belongs.
pub(super) fn settings(path: &Path, text: &str) -> Result<Vec<Setting>, ConfigError> {
    let place = |span: Range<usize>| {
        let (line, column) = line_and_column(text, span.start);
        Place::File { path: path.to_owned(), line, column }
    };
    let document = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
        place: place(error.span().unwrap_or(0..0)),
        reason: error.message().to_owned(),
    })?;
    let mut settings = Vec::new();
    for (section, keys) in document.into_inner() {
        let Some(keys) = keys.get_ref().as_table() else {
            return Err(Setting::outside_sections(section.get_ref(), place(section.span())));
        };
        Setting::known_section(section.get_ref(), &place(section.span()))?;
        for (key, value) in keys {
            let at = place(key.span());
            let setting = |text: &str| Setting::new(section.get_ref(), key.get_ref(), text, at.clone());
            match scalar(value) {
                Some(text) => settings.push(setting(&text)),
                None => return Err(setting("").not_a_value()),
            }
        }
    }
    Ok(settings)
}

fn scalar(value: &Spanned<DeValue<'_>>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// Both count from one; columns count characters.
fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}
