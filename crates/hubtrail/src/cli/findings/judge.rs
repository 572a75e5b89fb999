//! What a person makes of findings: acknowledged, closed, opened again, noted, given to somebody.

use clap::{Args, ValueEnum};

use super::{find, short};
use crate::access::Actor;
use crate::cli::{Session, output};
use crate::judgement::{Status, Verdict};
use crate::store::{Judged, Owner};

#[derive(Debug, Args)]
struct Those {
    /// Their ids, or the beginnings of them
    #[arg(value_name = "FINDING", required = true)]
    findings: Vec<String>,
    /// What to remember about it
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

/// Say that somebody looks at findings
#[derive(Debug, Args)]
pub(super) struct Ack {
    #[command(flatten)]
    those: Those,
}

/// Close findings as what they turned out to be
#[derive(Debug, Args)]
#[command(
    after_help = "Example: hubtrail findings close f1-3f9a52c1 --as expected --note 'the spring release'"
)]
pub(super) struct Close {
    #[command(flatten)]
    those: Those,
    /// malicious: somebody meant harm; expected: it happened and was meant to; false: the rule was wrong
    #[arg(long = "as", value_enum, value_name = "VERDICT", hide_possible_values = true)]
    verdict: Word,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Word {
    Malicious,
    Expected,
    False,
}

/// Open findings again
#[derive(Debug, Args)]
pub(super) struct Reopen {
    #[command(flatten)]
    those: Those,
}

/// Write a note to a finding
#[derive(Debug, Args)]
pub(super) struct Note {
    /// Its id, or the beginning of it
    #[arg(value_name = "FINDING")]
    finding: String,
    /// What to remember about it
    #[arg(value_name = "TEXT")]
    text: String,
}

/// Give findings to somebody
#[derive(Debug, Args)]
pub(super) struct Assign {
    #[command(flatten)]
    those: Those,
    /// Whose they are from now on
    #[arg(long, value_name = "NAME", required_unless_present = "nobody")]
    to: Option<String>,
    /// They are nobody's
    #[arg(long, conflicts_with = "to")]
    nobody: bool,
}

impl Ack {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        self.those.become_so(session, Some(Status::Acknowledged), None)
    }
}

impl Close {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let verdict = match self.verdict {
            Word::Malicious => Verdict::Malicious,
            Word::Expected => Verdict::Expected,
            Word::False => Verdict::False,
        };
        self.those.become_so(session, Some(Status::Closed(verdict)), None)
    }
}

impl Reopen {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        self.those.become_so(session, Some(Status::New), None)
    }
}

impl Note {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let those = Those { findings: vec![self.finding], note: Some(self.text) };
        those.become_so(session, None, None)
    }
}

impl Assign {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let owner = self.to.map_or(Owner::Nobody, Owner::Somebody);
        self.those.become_so(session, None, Some(owner))
    }
}

impl Those {
    fn become_so(
        self,
        session: &Session,
        status: Option<Status>,
        owner: Option<Owner>,
    ) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let ids =
            self.findings.iter().map(|named| find(&store, named)).collect::<anyhow::Result<Vec<_>>>()?;
        let judged = Judged { status, owner, note: self.note, ..Judged::new(ids, session.clock.now()) };
        for kept in store.judge(judged, &Actor::command_line())? {
            let owner = kept.owner.map_or(String::new(), |owner| format!(", {owner}'s"));
            output::print_line(format_args!("{}: {}{owner}", short(kept.finding.id), kept.status))?;
        }
        Ok(())
    }
}
