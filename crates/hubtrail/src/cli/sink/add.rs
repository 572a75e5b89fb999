//! `hubtrail sink add`: one address says what kind of sink it is and where.

use std::path::PathBuf;

use clap::Args;
use hubtrail_core::encode::Format;
use hubtrail_core::finding::Severity;

use super::note;
use super::secrets::{Secrets, text};
use crate::cli::failure::Failure;
use crate::cli::{Session, output};
use crate::moment::{NotALength, length_ms};
use crate::sink::spelling::as_api;
use crate::sink::{By, Limits, Selection, Settings, Start, Target};
use crate::store::{NewSink, Store};

/// Add a sink
#[derive(Debug, Args)]
#[command(after_help = "\
What the target may be set to, with `--set NAME=VALUE`, is on its page: docs/sinks/KIND.md. Names of objects have dots.

Examples:
  hubtrail sink add archive --kind file --set path=hubspot.ndjson --format raw --start beginning
  hubtrail sink add siem --kind syslog --set address=siem.example.org:6514 --format cef
  hubtrail sink add dnif --kind dnif --format dnif --set url=https://dnif.example:2882/c/default/ID/events \\
    --set auth.method=bearer --token-file token.txt
  hubtrail sink add splunk --kind splunk_hec --set url=https://splunk.example:8088 --set acknowledge=true \\
    --format ocsf --token-file hec.txt
  hubtrail sink add elastic --kind elasticsearch --set url=https://elastic.example:9200 --format ecs \\
    --set auth.method=api_key --token-file key.txt")]
pub(super) struct Add {
    /// Name of the sink, such as siem
    #[arg(value_name = "NAME")]
    name: String,
    /// file, stdout, syslog, http, dnif, splunk_hec or elasticsearch
    #[arg(long, value_name = "KIND", value_parser = Target::KINDS)]
    kind: String,
    /// A setting of the target; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// What entries are turned into: raw, ocsf, ecs, dnif, cef or leef
    #[arg(long, value_name = "FORMAT", default_value_t = Format::Ocsf)]
    format: Format,
    /// Leave HubSpot's record out of each entry
    #[arg(long)]
    without_original: bool,
    /// With what to begin: beginning, now, 30d, a date or a time
    #[arg(long, value_name = "TIME", default_value = "now")]
    start: Start,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    limits: GivenLimits,
    #[command(flatten)]
    connection: GivenConnection,
    #[command(flatten)]
    secrets: Secrets,
    /// Save it without forwarding; `hubtrail sink resume NAME` starts it
    #[arg(long)]
    paused: bool,
}

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Which entries")]
pub(super) struct Choice {
    /// Only of these connectors
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    accounts: Option<Vec<String>>,
    /// Only of these types of object, such as DOMAIN
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    object_types: Option<Vec<String>>,
    /// Only of these types of event, such as DELETED
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    event_types: Option<Vec<String>>,
    /// Only findings
    #[arg(long, conflicts_with = "only_events")]
    only_findings: bool,
    /// Only events
    #[arg(long)]
    only_events: bool,
    /// Only findings of these severities
    #[arg(long, value_name = "SEVERITIES", value_delimiter = ',')]
    severities: Option<Vec<Severity>>,
}

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Batches")]
pub(super) struct GivenLimits {
    /// Entries of a batch at most
    #[arg(long, value_name = "N")]
    batch_entries: Option<usize>,
    /// Bytes of a batch at most
    #[arg(long, value_name = "N")]
    batch_bytes: Option<usize>,
    /// How long the first entry waits for more
    #[arg(long, value_name = "LENGTH", value_parser = length)]
    batch_wait: Option<u64>,
    /// How long a delivery may take
    #[arg(long, value_name = "LENGTH", value_parser = length)]
    timeout: Option<u64>,
}

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Connection")]
pub(super) struct GivenConnection {
    /// PEM file with an authority that is trusted besides the system's
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// PEM file with the certificate that we show
    #[arg(long, value_name = "FILE")]
    client_certificate_file: Option<PathBuf>,
    /// Send unencrypted also to other machines
    #[arg(long)]
    allow_plaintext: bool,
    /// Send also to link-local and metadata addresses
    #[arg(long)]
    allow_link_local: bool,
}

fn length(text: &str) -> Result<u64, NotALength> {
    length_ms(text).map(i64::unsigned_abs)
}

impl Choice {
    pub(super) fn apply(self, store: &Store, select: &mut Selection) -> anyhow::Result<()> {
        if let Some(names) = self.accounts {
            let wanted = names.iter().filter(|name| !name.is_empty());
            let ids = wanted.map(|name| store.connector(name).map(|connector| connector.id));
            select.accounts = ids.collect::<Result<_, _>>()?;
        }
        let words = |words: Vec<String>| words.into_iter().filter(|word| !word.is_empty()).collect();
        select.object_types = self.object_types.map_or(std::mem::take(&mut select.object_types), words);
        select.event_types = self.event_types.map_or(std::mem::take(&mut select.event_types), words);
        if let Some(severities) = self.severities {
            select.severities = severities;
        }
        if self.only_events || self.only_findings {
            (select.events, select.findings) = (self.only_events, self.only_findings);
        }
        Ok(())
    }
}

impl GivenLimits {
    pub(super) fn apply(self, limits: &mut Limits) {
        limits.entries = self.batch_entries.unwrap_or(limits.entries);
        limits.bytes = self.batch_bytes.unwrap_or(limits.bytes);
        limits.wait_ms = self.batch_wait.unwrap_or(limits.wait_ms);
        limits.timeout_ms = self.timeout.unwrap_or(limits.timeout_ms);
    }
}

impl GivenConnection {
    /// As settings of the target.
    pub(super) fn settings(&self) -> anyhow::Result<Vec<(String, serde_json::Value)>> {
        let mut settings = Vec::new();
        for (name, path) in [("ca", &self.ca_file), ("clientCertificate", &self.client_certificate_file)] {
            if let Some(path) = path {
                settings.push((format!("connection.{name}"), text(path)?.into()));
            }
        }
        for (name, given) in
            [("allowPlaintext", self.allow_plaintext), ("allowLinkLocal", self.allow_link_local)]
        {
            if given {
                settings.push((format!("connection.{name}"), true.into()));
            }
        }
        Ok(settings)
    }
}

/// `--set a.b=c` as `{"a":{"b":"c"}}`, over what is there.
pub(super) fn put(target: &mut serde_json::Value, name: &str, value: serde_json::Value) {
    let mut at = target;
    let words: Vec<String> = name.split('.').map(as_api).collect();
    // The names of headers are HTTP's.
    let words = match name.strip_prefix("headers.") {
        Some(header) => vec!["headers".to_owned(), header.to_owned()],
        None => words,
    };
    for word in &words[..words.len() - 1] {
        if !at[word.as_str()].is_object() {
            at[word.as_str()] = serde_json::json!({});
        }
        at = &mut at[word.as_str()];
    }
    if let Some(last) = words.last() {
        at[last.as_str()] = value;
    }
}

/// Whole numbers, true and false are what they look like; `rotate=1h` becomes milliseconds.
fn value(name: &str, text: &str) -> (String, serde_json::Value) {
    if let Some(ms) = (name == "rotate").then(|| length_ms(text).ok()).flatten() {
        return ("rotate_ms".to_owned(), ms.into());
    }
    let value = match text {
        "true" => true.into(),
        "false" => false.into(),
        text => text.parse::<u64>().map_or_else(|_| text.into(), Into::into),
    };
    (name.to_owned(), value)
}

pub(super) fn target(
    mut draft: serde_json::Value,
    set: &[String],
    connection: &GivenConnection,
) -> anyhow::Result<Target> {
    for given in set {
        let Some((name, text)) = given.split_once('=') else {
            let fix = "write it as --set NAME=VALUE, such as --set url=https://siem.example.org";
            return Err(Failure::misuse(format!("`{given}` sets nothing"), fix).into());
        };
        let (name, value) = value(name.trim(), text.trim());
        put(&mut draft, &name, value);
    }
    for (name, value) in connection.settings()? {
        put(&mut draft, &name, value);
    }
    let kind = draft["kind"].as_str().unwrap_or_default().to_owned();
    serde_json::from_value(draft).map_err(|error| {
        let fix = format!("see docs/sinks/{kind}.md for its settings");
        Failure::misuse(format!("the target cannot be: {error}"), fix).into()
    })
}

impl Add {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let now = session.clock.now();
        let store = session.store()?;
        let draft = serde_json::json!({ "kind": self.kind });
        let mut settings = Settings {
            name: self.name.trim().to_owned(),
            format: self.format,
            original: !self.without_original,
            target: target(draft, &self.set, &self.connection)?,
            select: Selection::default(),
            batch: Limits::default(),
        };
        self.choice.apply(&store, &mut settings.select)?;
        self.limits.apply(&mut settings.batch);
        settings.check(By::Operator)?;
        let new = NewSink {
            settings,
            credentials: self.secrets.read()?,
            by: By::Operator,
            paused: self.paused,
            since: self.start.from_now(now),
            declared_in: None,
            created_at: now,
        };
        let sink = store.add_sink(new, &session.keyring_for(&store)?)?;
        note(session, &store, "sink.create", &sink, &sink.settings.target.place())?;
        output::print_line(format_args!("sink `{}` is saved", sink.name()))?;
        output::print_line(format_args!("`hubtrail sink test {}` sends a marked event", sink.name()))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_dots_are_objects_and_values_are_what_they_look_like() {
        let mut target = serde_json::json!({ "kind": "http" });
        for given in ["url=https://a/?b=c", "auth.method=shared_secret", "auth.header=X-Key", "gzip=true"] {
            let (name, text) = given.split_once('=').unwrap();
            let (name, value) = value(name, text);
            put(&mut target, &name, value);
        }
        put(&mut target, "headers.X-Scope_Id", "acme".into());
        assert_eq!(
            target,
            serde_json::json!({
                "kind": "http", "url": "https://a/?b=c", "gzip": true,
                "auth": { "method": "shared_secret", "header": "X-Key" }, "headers": { "X-Scope_Id": "acme" },
            })
        );
        assert_eq!(value("rotate", "1h"), ("rotate_ms".to_owned(), 3_600_000.into()));
    }
}
