//! A sink as its form holds it: in words of the form, without its secrets.

use super::chosen::Chosen;
use super::place::Place;
use crate::http::Problem;
use crate::moment::{length, length_ms};
use crate::sink::{Configured, Limits, Selection, Settings, Target};
use crate::ui::fields::Fields;

pub(super) struct Typed {
    pub(super) name: String,
    pub(super) format: String,
    pub(super) place: Place,
    pub(super) select: Chosen,
    pub(super) batch: Batch,
    pub(super) original: bool,
    /// Only of a new one: with what it begins, and whether it waits to be resumed.
    pub(super) start: String,
    pub(super) paused: bool,
    /// Of the sink that the form was filled from.
    pub(super) revision: Option<i64>,
}

#[derive(PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) entries: String,
    pub(super) bytes: String,
    pub(super) wait: String,
    pub(super) timeout: String,
}

impl Typed {
    /// A sink of this kind as it usually is.
    pub(super) fn blank(kind: &str) -> Self {
        Self {
            name: String::new(),
            format: "ocsf".to_owned(),
            place: Place::blank(kind),
            select: Chosen::holding(&Selection::default()),
            batch: Batch::holding(Limits::default()),
            original: true,
            start: "now".to_owned(),
            paused: false,
            revision: None,
        }
    }

    pub(super) fn holding(sink: &Configured) -> Self {
        let settings = &sink.settings;
        Self {
            name: settings.name.clone(),
            format: settings.format.as_str().to_owned(),
            place: Place::holding(&settings.target),
            select: Chosen::holding(&settings.select),
            batch: Batch::holding(settings.batch),
            original: settings.original,
            revision: Some(sink.revision),
            ..Self::blank("")
        }
    }

    pub(super) fn of(fields: &Fields) -> Self {
        Self {
            name: fields.text("name"),
            format: fields.text("format"),
            place: Place::of(fields),
            select: Chosen::of(fields),
            batch: Batch::of(fields),
            original: fields.has("original"),
            start: Some(fields.text("start"))
                .filter(|start| !start.is_empty())
                .unwrap_or_else(|| "now".to_owned()),
            paused: fields.has("paused"),
            revision: fields.text("revision").parse().ok(),
        }
    }

    /// In the form of the API, so that both are checked by the same rules.
    pub(super) fn settings(&self, held: Option<&Target>) -> Result<Settings, Problem> {
        let format = self.format.parse();
        Ok(Settings {
            name: self.name.clone(),
            format: format.map_err(|error| Problem::invalid("format", format!("{error}"), "choose one"))?,
            original: self.original,
            target: self.place.read(held)?,
            select: self.select.read()?,
            batch: self.batch.read()?,
        })
    }
}

impl Batch {
    fn holding(limits: Limits) -> Self {
        let time = |ms: u64| length(i64::try_from(ms).unwrap_or(i64::MAX));
        Self {
            entries: limits.entries.to_string(),
            bytes: limits.bytes.to_string(),
            wait: time(limits.wait_ms),
            timeout: time(limits.timeout_ms),
        }
    }

    fn of(fields: &Fields) -> Self {
        Self {
            entries: fields.text("batch.entries"),
            bytes: fields.text("batch.bytes"),
            wait: fields.text("batch.wait"),
            timeout: fields.text("batch.timeout"),
        }
    }

    pub(super) fn is_usual(&self) -> bool {
        *self == Self::holding(Limits::default())
    }

    /// What is left blank is as usual.
    fn read(&self) -> Result<Limits, Problem> {
        let usual = Limits::default();
        let number = |field, text: &str, usual: usize| match text {
            "" => Ok(usual),
            text => text
                .parse()
                .map_err(|_| Problem::invalid(field, format!("`{text}` is no number"), "write digits only")),
        };
        let time = |field, text: &str, usual: u64| match text {
            "" => Ok(usual),
            text => length_ms(text).map(i64::unsigned_abs).map_err(|error| {
                Problem::invalid(field, format!("it is {error}"), "write it as 500ms or 30s")
            }),
        };
        Ok(Limits {
            entries: number("batch.entries", &self.entries, usual.entries)?,
            bytes: number("batch.bytes", &self.bytes, usual.bytes)?,
            wait_ms: time("batch.wait", &self.wait, usual.wait_ms)?,
            timeout_ms: time("batch.timeout", &self.timeout, usual.timeout_ms)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sizes_of_a_batch_read_back_and_blank_is_as_usual() {
        let own = Limits { entries: 7, bytes: 2_048, wait_ms: 0, timeout_ms: 90_000 };
        let batch = Batch::holding(own);
        assert_eq!((batch.wait.as_str(), batch.timeout.as_str()), ("0ms", "90s"));
        assert_eq!(batch.read().unwrap(), own);
        assert!(!batch.is_usual() && Batch::holding(Limits::default()).is_usual());
        let blank = || String::new();
        let blank = Batch { entries: blank(), bytes: blank(), wait: blank(), timeout: blank() };
        assert_eq!(blank.read().unwrap(), Limits::default());
        let often = Batch { wait: "often".to_owned(), ..Batch::holding(own) };
        assert_eq!(often.read().unwrap_err().field.as_deref(), Some("batch.wait"));
    }
}
