//! The command line: its words, its exit codes and what its commands share.
//!
//! stdout carries what was asked for and nothing else; everything said about it goes to stderr.
//! Exit codes: 0 done, 1 failed, 2 misused.

pub mod alert;
pub mod backup;
mod check;
pub mod collect;
pub mod completions;
pub mod connector;
pub mod demo;
pub mod detect;
pub mod doctor;
pub mod emulate;
pub mod events;
mod failure;
pub mod findings;
mod format;
mod lines;
pub mod normalize;
pub mod output;
pub mod progress;
pub mod restore;
pub mod rules;
mod sealed;
pub mod serve;
mod session;
pub mod sink;
pub mod status;
pub mod token;
pub mod user;
pub mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgAction, Parser, Subcommand};
use tracing::level_filters::LevelFilter;

use crate::config::Layers;
pub use session::Session;

/// The flight recorder for HubSpot: every CMS audit event, exactly once
#[derive(Debug, Parser)]
#[command(name = "hubtrail", version, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done, 1 failed, 2 misused. Diagnostics go to stderr.")]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Directory that holds everything Hubtrail keeps [default: the platform's data folder]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    data_dir: Option<PathBuf>,
    /// Configuration file [default: hubtrail.toml in the platform's configuration folder, else in /etc/hubtrail]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    config: Option<PathBuf>,
    /// Say more on stderr; repeat for still more
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Global options")]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Command {
    Connector(connector::Connector),
    Collect(collect::Collect),
    Verify(verify::Verify),
    Events(events::Events),
    Findings(Box<findings::Findings>),
    Normalize(normalize::Normalize),
    Detect(detect::Detect),
    Rules(rules::Rules),
    Sink(sink::Sink),
    Alert(alert::Alert),
    Status(status::Status),
    Doctor(doctor::Doctor),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Serve(serve::Serve),
    User(user::User),
    Token(token::Token),
    Demo(demo::Demo),
    Emulate(Box<emulate::Emulate>),
    Completions(completions::Completions),
}

/// Parses the arguments, runs the command and says what went wrong, once.
#[must_use]
pub fn main() -> ExitCode {
    run(Cli::parse()).unwrap_or_else(|error| failure::report(&error))
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let Cli { command, data_dir, config, verbose } = cli;
    // Declared before the session, so that nothing is open in it any more when it is removed.
    let (data_dir, temporary) = match &command {
        Command::Demo(_) => demo::data_dir(data_dir)?,
        _ => (data_dir, None),
    };
    // A service tells what it does; a command speaks when something is wrong.
    let least = if matches!(command, Command::Serve(_)) { LevelFilter::INFO } else { LevelFilter::WARN };
    let session = || Session::start(&Layers::read(config.clone(), data_dir.clone())?, least, verbose);
    match command {
        Command::Completions(command) => command.run(),
        Command::Detect(command) => command.run(),
        Command::Normalize(command) => command.run(),
        Command::Connector(command) => command.run(&session()?),
        Command::Collect(command) => command.run(&session()?),
        Command::Verify(command) => command.run(&session()?),
        Command::Events(command) => command.run(&session()?),
        Command::Sink(command) => command.run(&session()?),
        Command::Alert(command) => command.run(&session()?),
        Command::Findings(command) => command.run(&session()?),
        Command::Rules(command) => command.run(session),
        Command::Status(command) => command.run(&session()?),
        Command::Doctor(command) => command.run(&session()?),
        Command::Backup(command) => command.run(&session()?),
        Command::Restore(command) => command.run(&session()?),
        Command::Serve(command) => command.run(&session()?),
        Command::User(command) => command.run(&session()?),
        Command::Token(command) => command.run(&session()?),
        Command::Demo(command) => command.run(&session()?, temporary.is_some()),
        Command::Emulate(command) => command.run(&session()?),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        super::Cli::command().debug_assert();
    }
}
