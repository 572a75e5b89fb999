//! `hubtrail sink edit`: every setting of a sink. Its position stays where it is.

use clap::Args;
use hubtrail_core::encode::Format;

use super::add::{Choice, GivenConnection, GivenLimits, target};
use super::note;
use super::secrets::Secrets;
use crate::cli::{Session, output};
use crate::sink::By;
use crate::store::SinkChange;

/// Change the settings of a sink
#[derive(Debug, Args)]
#[command(after_help = "\
What is left out stays as it is; an empty list ('') takes all. Another receiver needs the credentials again. A running \
`hubtrail serve` follows at once.

Example: hubtrail sink edit siem --set url=https://other.example/ingest --token-file token.txt")]
pub(super) struct Edit {
    /// The sink
    #[arg(value_name = "NAME")]
    sink: String,
    /// Another name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// A setting of the target; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// What entries are turned into: raw, ocsf, ecs, dnif, cef or leef
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    limits: GivenLimits,
    #[command(flatten)]
    connection: GivenConnection,
    #[command(flatten)]
    secrets: Secrets,
}

impl Edit {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let sink = store.sink(&self.sink)?;
        let mut settings = sink.settings.clone();
        if let Some(name) = self.name {
            name.trim().clone_into(&mut settings.name);
        }
        settings.format = self.format.unwrap_or(settings.format);
        settings.target = target(serde_json::to_value(&settings.target)?, &self.set, &self.connection)?;
        self.choice.apply(&store, &mut settings.select)?;
        self.limits.apply(&mut settings.batch);
        let credentials = Some(self.secrets.read()?).filter(|credentials| !credentials.is_empty());
        if settings == sink.settings && credentials.is_none() {
            output::print_line(format_args!("sink `{}` is so already", sink.name()))?;
            return Ok(());
        }
        let change =
            SinkChange { settings, paused: sink.paused, credentials, by: By::Operator, declared_in: None };
        let sink = store.update_sink(&sink, change, &session.existing_keyring()?)?;
        note(session, &store, "sink.update", &sink, "")?;
        output::print_line(format_args!("sink `{}` is changed", sink.name()))?;
        Ok(())
    }
}
