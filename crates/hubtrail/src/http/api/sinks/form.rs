//! A sink as it is written: what may be said of it, and what is taken for granted.

use hubtrail_core::encode::Format;
use hubtrail_core::time::UtcMs;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::Problem;
use crate::sink::{By, Configured, Credentials, Limits, NewCredentials, Selection, Settings, Start, Target};
use crate::store::{NewSink, SinkChange};

/// A new sink
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = CreateSink)]
pub(in crate::http::api) struct Create {
    /// Its name, unique whatever its case.
    #[schema(example = "siem", min_length = 1, max_length = 100)]
    name: String,
    /// `raw`, `ocsf`, `ecs`, `dnif`, `cef` or `leef`.
    #[schema(example = "ocsf")]
    format: String,
    target: Target,
    #[serde(default)]
    select: Selection,
    #[serde(default)]
    batch: Limits,
    /// Whether each entry carries HubSpot's record with it; it does when this is left out.
    original: Option<bool>,
    /// With what it begins: `beginning`, `now`, `30d`, a date or a time.
    #[schema(example = "now")]
    start: Option<String>,
    /// Without forwarding, until it is resumed.
    #[serde(default)]
    paused: bool,
    credentials: Option<NewCredentials>,
}

/// What changes; the rest stays as it is
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = ChangeSink)]
pub(in crate::http::api) struct Change {
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// `raw`, `ocsf`, `ecs`, `dnif`, `cef` or `leef`.
    #[serde(default, deserialize_with = "some_format")]
    #[schema(value_type = Option<String>)]
    format: Option<Format>,
    target: Option<Target>,
    select: Option<Selection>,
    batch: Option<Limits>,
    original: Option<bool>,
    /// What is blank stays as it is.
    credentials: Option<NewCredentials>,
}

fn some_format<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Format>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
}

impl Create {
    pub(super) fn read(self, now: UtcMs) -> Result<NewSink, Problem> {
        let format: Format = self
            .format
            .parse()
            .map_err(|error| Problem::invalid("format", format!("{error}"), "use one of them"))?;
        let start = self.start.as_deref().unwrap_or("now");
        let start: Start = start.parse().map_err(|error| {
            Problem::invalid("start", format!("{error}"), "write beginning, now, 30d, a date or a time")
        })?;
        let settings = Settings {
            name: self.name.trim().to_owned(),
            format,
            original: self.original.unwrap_or(true),
            target: self.target,
            select: self.select,
            batch: self.batch,
        };
        Ok(NewSink {
            settings,
            credentials: self.credentials.unwrap_or_default().into(),
            by: By::Request,
            paused: self.paused,
            since: start.from_now(now),
            declared_in: None,
            created_at: now,
        })
    }
}

impl Change {
    pub(super) fn of(self, sink: &Configured) -> SinkChange {
        let held = sink.settings.clone();
        let settings = Settings {
            name: self.name.map_or(held.name, |name| name.trim().to_owned()),
            format: self.format.unwrap_or(held.format),
            original: self.original.unwrap_or(held.original),
            target: self.target.unwrap_or(held.target),
            select: self.select.unwrap_or(held.select),
            batch: self.batch.unwrap_or(held.batch),
        };
        let credentials = self.credentials.map(Into::into).filter(|new: &Credentials| !new.is_empty());
        change_of(sink, settings, credentials)
    }
}

/// What somebody asks for over HTTP.
pub(crate) fn change_of(
    sink: &Configured,
    settings: Settings,
    credentials: Option<Credentials>,
) -> SinkChange {
    // What an operator allowed stays allowed as long as the receiver is the same.
    let by = if settings.target == sink.settings.target { By::Operator } else { By::Request };
    SinkChange { settings, paused: sink.paused, credentials, by, declared_in: None }
}
