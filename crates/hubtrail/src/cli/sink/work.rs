//! `hubtrail sink pause`, `resume`, `replay` and `remove`.

use clap::Args;

use super::note;
use crate::cli::{Session, output};
use crate::sink::Start;

/// Pause a sink; resumed, it goes on where it was
#[derive(Debug, Args)]
pub(super) struct Pause {
    /// The sink
    #[arg(value_name = "NAME")]
    sink: String,
}

/// Resume a sink, also one that has stopped for a person
#[derive(Debug, Args)]
pub(super) struct Resume {
    /// The sink
    #[arg(value_name = "NAME")]
    sink: String,
}

/// Deliver once more what is not older than a time, then go on as before
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// The sink
    #[arg(value_name = "NAME")]
    sink: String,
    /// From when on: beginning, 30d, a date or a time
    #[arg(long, value_name = "TIME")]
    since: Start,
}

/// Remove a sink, with its position and its dead letters
#[derive(Debug, Args)]
pub(super) struct Remove {
    /// The sink
    #[arg(value_name = "NAME")]
    sink: String,
}

impl Pause {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        set_paused(session, &self.sink, true)
    }
}

impl Resume {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        set_paused(session, &self.sink, false)
    }
}

fn set_paused(session: &Session, name: &str, paused: bool) -> anyhow::Result<()> {
    let store = session.existing_store()?;
    let sink = store.set_sink_paused(store.sink(name)?.id, paused)?;
    let (action, state) = if paused { ("sink.pause", "paused") } else { ("sink.resume", "active") };
    note(session, &store, action, &sink, "")?;
    output::print_line(format_args!("sink `{}` is {state}", sink.name()))?;
    Ok(())
}

impl Replay {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let since = self.since.from_now(session.clock.now());
        let sink = store.replay_sink(store.sink(&self.sink)?.id, since)?;
        note(session, &store, "sink.replay", &sink, &format!("since {}", self.since))?;
        output::print_line(format_args!("sink `{}` begins again, since {}", sink.name(), self.since))?;
        Ok(())
    }
}

impl Remove {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let sink = store.sink(&self.sink)?;
        store.remove_sink(sink.id)?;
        note(session, &store, "sink.delete", &sink, "")?;
        output::print_line(format_args!(
            "sink `{}` is removed; what its receiver has stays there",
            sink.name()
        ))?;
        Ok(())
    }
}
