//! `hubtrail findings export`: findings with their evidence, for programs.

use std::io::Write as _;

use clap::Args;

use super::line::{Line, Proof};
use super::list::Which;
use crate::cli::{Session, output};
use crate::connector::Connector;
use crate::judgement::Status;
use crate::store::{FindingSearch, KeptFinding, Store};

/// Findings that are in memory at a time.
const BATCH: usize = 200;

/// Export findings with their evidence, one JSON object a line, the newest first
#[derive(Debug, Args)]
#[command(after_help = "\
Without --status, all of them. Each line has the fields of `hubtrail detect --format json`, and how the finding is.

Example: hubtrail findings export --after 90d > findings.ndjson")]
pub(super) struct Export {
    #[command(flatten)]
    which: Which,
}

impl Export {
    pub(super) fn run(&self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let mut search = self.which.search(&store, session.clock.now(), &Status::ALL, BATCH)?;
        let connectors = store.connectors_ever()?;
        let mut to = output::exact();
        loop {
            let found = store.findings(&search)?;
            for kept in &found {
                write(&mut to, &store, kept, &connectors)?;
            }
            match found.last().filter(|_| found.len() == BATCH) {
                Some(last) => search = FindingSearch { from: Some(last.cursor()), ..search },
                None => break,
            }
        }
        Ok(to.flush()?)
    }
}

fn write(
    to: &mut impl std::io::Write,
    store: &Store,
    kept: &KeptFinding,
    connectors: &[Connector],
) -> anyhow::Result<()> {
    let proofs = store.evidence(kept.finding.id)?;
    let evidence = proofs.iter().map(|proof| Proof::of(&proof.event)).collect();
    serde_json::to_writer(&mut *to, &Line::of(kept, connectors).with_evidence(evidence))?;
    Ok(to.write_all(b"\n")?)
}
