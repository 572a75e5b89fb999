//! What each lens sees at each act of a trace, or what behaviour finds in it, as JSON lines: what the weights are
//! fitted on by `scripts/behaviour_fit.py`.
//!
//!     cargo run --release --example behaviour_rows -- rows|findings [BUDGET] < trace.ndjson

#![expect(clippy::unwrap_used, reason = "an experiment that cannot read its trace must fail")]

use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::sync::Arc;

use hubtrail_core::detect::{Behaviour, Change, LATENESS_MS, Settings};
use hubtrail_core::event::Event;
use hubtrail_core::finding::Finding;
use hubtrail_core::identity::EventId;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let wants_rows = arguments.next().is_some_and(|what| what == "rows");
    let budget = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(5.0);
    let mut behaviour = Behaviour::new(Settings { lateness_ms: LATENESS_MS, budget });
    if wants_rows {
        behaviour.keep_rows();
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut findings: HashMap<_, Finding> = HashMap::new();
    let mut last = None;
    for (number, line) in std::io::stdin().lock().lines().enumerate() {
        let event = Arc::new(Event::read(&line.unwrap()).unwrap());
        let mut id = [0; 16];
        id[..8].copy_from_slice(&(number as u64).to_be_bytes());
        behaviour.advance(event.timestamp);
        behaviour.observe(&event, EventId(id));
        last = Some(event.timestamp);
        for row in behaviour.rows() {
            let number = |id: &EventId| u64::from_be_bytes(id.0[..8].try_into().unwrap());
            let evidence: Vec<_> = row.evidence.iter().map(number).collect();
            let signals: Vec<_> = row.signals.iter().map(|signal| (signal * 1e4).round() / 1e4).collect();
            serde_json::to_writer(
                &mut out,
                &(row.lens as u8, row.at.0, &event.user_id, signals, evidence, row.level),
            )
            .unwrap();
            out.write_all(b"\n").unwrap();
        }
        if !wants_rows {
            note(&mut findings, behaviour.changes());
        }
    }
    behaviour.advance(last.unwrap().plus(3_600_000));
    note(&mut findings, behaviour.changes());
    if !wants_rows {
        let mut findings: Vec<_> = findings.into_values().collect();
        findings.sort_by_key(|finding| (finding.time, finding.id));
        for finding in &findings {
            let evidence: Vec<_> = finding.evidence.iter().map(|proof| {
                let event = &proof.event;
                serde_json::json!({"timestamp": event.timestamp.to_string(), "userId": event.user_id, "event": event.event, "objectType": event.object_type, "objectId": event.object_id})
            }).collect();
            let line = serde_json::json!({"severity": finding.severity, "score": finding.score, "time": finding.time.to_string(), "rule": finding.rule, "reason": finding.reason, "user": finding.actor.id, "evidence": evidence});
            writeln!(out, "{line}").unwrap();
        }
        eprintln!("{} findings, {:?}", findings.len(), behaviour.standing());
    }
}

fn note(findings: &mut HashMap<hubtrail_core::finding::FindingId, Finding>, changes: Vec<Change>) {
    for change in changes {
        match change {
            Change::Raised(finding) | Change::Grown(finding) => {
                findings.insert(finding.id, finding);
            }
            Change::Absorbed { id, .. } | Change::Withdrawn(id) => {
                findings.remove(&id);
            }
        }
    }
}
