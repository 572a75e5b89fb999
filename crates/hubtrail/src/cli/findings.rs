//! `hubtrail findings`: what is abnormal, what proves it, and what people make of it.

mod exception;
mod export;
mod judge;
mod line;
mod list;
mod show;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use hubtrail_core::finding::{FindingId, NotAFindingId};

use super::Session;
use super::failure::Failure;
use crate::store::Store;

/// See, judge and export what was found
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "\
Without a command, the open findings are listed. An id may be cut short, as the list does.

Examples:
  hubtrail findings
  hubtrail findings --severity high,critical --after 7d
  hubtrail findings show f1-3f9a
  hubtrail findings close f1-3f9a --as expected --note 'the spring release'")]
pub struct Findings {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    list: list::List,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(list::List),
    Show(show::Show),
    Ack(judge::Ack),
    Close(judge::Close),
    Reopen(judge::Reopen),
    Note(judge::Note),
    Assign(judge::Assign),
    Export(export::Export),
    Exception(exception::ExceptionCommand),
}

impl Findings {
    /// # Errors
    /// When the log cannot be used, or there is no such finding.
    pub fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        match self.action {
            None => self.list.run(session),
            Some(Action::List(action)) => action.run(session),
            Some(Action::Show(action)) => action.run(session),
            Some(Action::Ack(action)) => action.run(session),
            Some(Action::Close(action)) => action.run(session),
            Some(Action::Reopen(action)) => action.run(session),
            Some(Action::Note(action)) => action.run(session),
            Some(Action::Assign(action)) => action.run(session),
            Some(Action::Export(action)) => action.run(session),
            Some(Action::Exception(action)) => action.run(session),
        }?;
        Ok(ExitCode::SUCCESS)
    }
}

/// How many characters of an id people are shown: `f1-` and eight digits.
const SHORT: usize = 11;

fn short(id: FindingId) -> String {
    id.to_string().chars().take(SHORT).collect()
}

/// The finding of an id, or of the beginning of one.
fn find(store: &Store, named: &str) -> anyhow::Result<FindingId> {
    let parsed: Result<FindingId, NotAFindingId> = named.trim().parse();
    let found = match parsed {
        Ok(id) => store.finding(id)?.map(|_| id),
        Err(_) => match ends(named.trim()) {
            Some((first, last)) => store.finding_like(first, last)?,
            None => None,
        },
    };
    found.ok_or_else(|| {
        let what = format!("there is no finding `{named}`, or more than one begins like this");
        Failure::new(what, "see `hubtrail findings`; more of the id tells them apart").into()
    })
}

/// The first and the last id that begin like this.
fn ends(beginning: &str) -> Option<([u8; 16], [u8; 16])> {
    let digits = beginning.strip_prefix("f1-").unwrap_or(beginning);
    let filled = |with: &str| {
        let full: String = digits.chars().chain(with.chars().cycle()).take(32).collect();
        let mut id = [0; 16];
        hex::decode_to_slice(full, &mut id).ok().map(|()| id)
    };
    if digits.is_empty() || digits.len() > 32 || !digits.is_ascii() {
        return None;
    }
    Some((filled("0")?, filled("f")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_an_id_stands_for_those_between_two() {
        let (first, last) = ends("f1-a5").unwrap();
        assert_eq!((first[0], first[1], last[0], last[15]), (0xa5, 0, 0xa5, 0xff));
        let (first, last) = ends("a").unwrap();
        assert_eq!((first[0], last[0]), (0xa0, 0xaf));
        assert!(ends("f1-").is_none() && ends("f1-xyz").is_none() && ends(&"a".repeat(33)).is_none());
    }
}
