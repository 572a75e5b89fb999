//! `hubtrail alert`: the ways to people, and what is told over them.

mod add;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use hubtrail_core::sentence::harmless;
use serde::Serialize;

use super::session::wait_for;
use super::{Session, output};
use crate::access::Actor;
use crate::notify::{Channel, trial};
use crate::store::{NewAudit, Store, StoreError};

/// Tell people what was found, and when collection fails
#[derive(Debug, Args)]
pub struct Alert {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Add(Box<add::Add>),
    List(List),
    Test(Named),
    Pause(Paused),
    Resume(Resumed),
    Remove(Removed),
}

/// Show the channels, and how telling over them goes
#[derive(Debug, Args)]
struct List {
    /// Print them as JSON
    #[arg(long)]
    json: bool,
}

/// Send a test message, and say what came back
#[derive(Debug, Args)]
struct Named {
    /// The channel
    #[arg(value_name = "NAME")]
    channel: String,
}

/// Pause a channel; what there is to tell meanwhile is told when it is resumed
#[derive(Debug, Args)]
struct Paused {
    /// The channel
    #[arg(value_name = "NAME")]
    channel: String,
}

/// Resume a channel, also one that waits for a person
#[derive(Debug, Args)]
struct Resumed {
    /// The channel
    #[arg(value_name = "NAME")]
    channel: String,
}

/// Remove a channel, with what it had to tell
#[derive(Debug, Args)]
struct Removed {
    /// The channel
    #[arg(value_name = "NAME")]
    channel: String,
}

impl Alert {
    /// # Errors
    /// When the action fails.
    pub fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::Add(action) => action.run(session)?,
            Action::List(action) => action.run(session)?,
            Action::Test(action) => return action.run(session),
            Action::Pause(action) => set_paused(session, &action.channel, true)?,
            Action::Resume(action) => set_paused(session, &action.channel, false)?,
            Action::Remove(action) => remove(session, &action.channel)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What was done goes into Hubtrail's own audit trail, as when it is done over REST.
fn note(session: &Session, store: &Store, action: &'static str, channel: &str) -> Result<(), StoreError> {
    store.audit(NewAudit::by(&Actor::command_line(), action, channel), session.clock.now())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    name: &'a str,
    service: &'static str,
    place: String,
    paused: bool,
    last_success: Option<String>,
    failure: Option<&'a str>,
    fix: Option<&'a str>,
}

impl<'a> From<&'a Channel> for Shown<'a> {
    fn from(channel: &'a Channel) -> Self {
        Self {
            name: channel.name(),
            service: channel.settings.service.kind(),
            place: channel.settings.service.place(),
            paused: channel.paused,
            last_success: channel.succeeded_at.map(|at| at.to_string()),
            failure: channel.failure.as_deref(),
            fix: channel.fix.as_deref(),
        }
    }
}

impl List {
    fn run(self, session: &Session) -> anyhow::Result<()> {
        let channels = session.existing_store()?.channels()?;
        if self.json {
            return output::print_json(&channels.iter().map(Shown::from).collect::<Vec<_>>());
        }
        if channels.is_empty() {
            output::say("there is no channel: add one with `hubtrail alert add`");
            return Ok(());
        }
        let mut table = output::table(&["NAME", "SERVICE", "TO", "STATE"]);
        for channel in &channels {
            let state = match &channel.failure {
                _ if channel.paused => "paused".to_owned(),
                Some(failure) => format!("fails: {}", harmless(failure)),
                None => "active".to_owned(),
            };
            let service = &channel.settings.service;
            let place = service.place();
            let cells = [channel.name(), service.kind(), &place, &state];
            table.add_row(cells.map(|cell| harmless(cell).into_owned()));
        }
        Ok(output::print_table(&table)?)
    }
}

impl Named {
    fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let store = session.existing_store()?;
        let channel = store.channel(&self.channel)?;
        let secret = channel.secret(&session.existing_keyring()?)?;
        note(session, &store, "alert.test", channel.name())?;
        let console = session.config.server.console();
        let network = &session.config.network;
        let tried = wait_for(trial(&channel.settings, secret.as_ref(), console, network, session.clock))?;
        if tried.passed {
            store.channel_tested(&channel, session.clock.now())?;
        }
        output::print_line(format_args!("{}: {}", channel.name(), harmless(&tried.said)))?;
        if let Some(fix) = &tried.fix {
            output::print_line(format_args!("fix: {}", harmless(fix)))?;
        }
        Ok(if tried.passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn set_paused(session: &Session, name: &str, paused: bool) -> anyhow::Result<()> {
    let store = session.existing_store()?;
    let channel = store.set_channel_paused(store.channel(name)?.id, paused)?;
    let (action, state) = if paused { ("alert.pause", "paused") } else { ("alert.resume", "active") };
    note(session, &store, action, channel.name())?;
    Ok(output::print_line(format_args!("channel `{}` is {state}", channel.name()))?)
}

fn remove(session: &Session, name: &str) -> anyhow::Result<()> {
    let store = session.existing_store()?;
    let channel = store.channel(name)?;
    store.remove_channel(channel.id)?;
    note(session, &store, "alert.delete", channel.name())?;
    Ok(output::print_line(format_args!("channel `{}` is removed", channel.name()))?)
}
