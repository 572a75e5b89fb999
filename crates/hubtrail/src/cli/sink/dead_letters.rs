//! `hubtrail sink dead-letters`: entries that a receiver refuses for good.

use clap::{Args, Subcommand};
use hubtrail_core::sentence::harmless;

use super::note;
use crate::cli::{Session, output};
use crate::store::{DeadLetter, LogEntry};

/// See, retry or give up what a receiver refuses
#[derive(Debug, Args)]
pub(super) struct DeadLetters {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List them
    List(Which),
    /// Show one, with the record as HubSpot sent it
    Show(One),
    /// Deliver one, or all, once more
    Retry(Which),
    /// Give one, or all, up; the entries stay in the log
    Drop(Which),
}

#[derive(Debug, Args)]
struct Which {
    /// The sink
    #[arg(value_name = "NAME")]
    sink: String,
    /// Only this one
    #[arg(long, value_name = "NUMBER")]
    id: Option<i64>,
}

#[derive(Debug, Args)]
struct One {
    /// The sink
    #[arg(value_name = "NAME")]
    sink: String,
    /// Its number
    #[arg(value_name = "NUMBER")]
    id: i64,
}

const AT_MOST: u32 = 1_000;

impl DeadLetters {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        match self.action {
            Action::List(which) => {
                let sink = store.sink(&which.sink)?;
                let letters = store.dead_letters(sink.id, which.id.map_or(0, |id| id - 1), AT_MOST)?;
                print(letters.into_iter().filter(|letter| which.id.is_none_or(|id| letter.id == id)))
            }
            Action::Show(one) => {
                let sink = store.sink(&one.sink)?;
                let found =
                    store.dead_letters(sink.id, one.id - 1, 1)?.into_iter().find(|it| it.id == one.id);
                let Some(letter) = found else {
                    anyhow::bail!("sink `{}` has no dead letter number {}", sink.name(), one.id);
                };
                output::print_line(format_args!("{}: {}", letter.event_id, harmless(&letter.reason)))?;
                match store.log_entry(letter.position)? {
                    Some(LogEntry::Event(entry)) => output::print_line(entry.raw)?,
                    Some(_) => output::print_line("it is a finding; see `hubtrail findings`")?,
                    None => output::print_line("the entry is past its retention")?,
                }
                Ok(())
            }
            Action::Retry(which) => {
                let sink = store.sink(&which.sink)?;
                let count = store.retry_dead_letters(sink.id, which.id)?;
                note(session, &store, "sink.dead_letters.retry", &sink, &count.to_string())?;
                Ok(output::print_line(format_args!("{count} are delivered once more"))?)
            }
            Action::Drop(which) => {
                let sink = store.sink(&which.sink)?;
                let count = store.drop_dead_letters(sink.id, which.id)?;
                note(session, &store, "sink.dead_letters.drop", &sink, &count.to_string())?;
                Ok(output::print_line(format_args!("{count} are given up"))?)
            }
        }
    }
}

fn print(letters: impl Iterator<Item = DeadLetter>) -> anyhow::Result<()> {
    let mut letters = letters.peekable();
    if letters.peek().is_none() {
        output::say("there are no dead letters");
        return Ok(());
    }
    let mut table = output::table(&["NUMBER", "EVENT", "REFUSED", "ATTEMPTS", "REASON"]);
    for letter in letters {
        let again = if letter.again { " (retrying)" } else { "" };
        table.add_row([
            letter.id.to_string(),
            letter.event_id,
            letter.refused_at.to_string(),
            letter.attempts.to_string(),
            format!("{}{again}", harmless(&letter.reason)),
        ]);
    }
    Ok(output::print_table(&table)?)
}
