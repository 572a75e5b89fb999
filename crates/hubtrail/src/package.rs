//! The evidence of a finding as a package that stands by itself: records, what was found, who judged and who looked,
//! and a manifest of hashes that `sha256sum -c` checks without Hubtrail.

use std::io::{self, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;
use hubtrail_core::identity::leaf_hash;
use hubtrail_core::record_line::record_line;
use hubtrail_core::time::UtcMs;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::store::{FindingChange, FindingEntry, Look, Proof, WholeFinding};

const README: &str = "\
This is the evidence of one finding, as Hubtrail kept it.

finding.json     what was found, why, and how it stands
records.ndjson   the records that prove it, one a line, each as HubSpot sent it
proofs.ndjson    of each of these records: its event id, its position in the log and its RFC 6962 leaf hash
history.ndjson   what became of the finding: raised, grown, judged, assigned, noted, with who and when
looks.ndjson     who looked at it, first and last
SHA256SUMS       the hash of each of these files

To check that nothing was changed since it was packed:

    sha256sum -c SHA256SUMS
";

/// A name for the file and for the folder in it.
#[must_use]
pub fn name(found: &WholeFinding) -> String {
    format!("hubtrail-{}", found.now.finding.id)
}

/// The package as a gzipped tar archive.
///
/// # Errors
/// When it could not be written to memory.
pub fn pack(found: &WholeFinding, looks: &[Look], account: &str, at: UtcMs) -> io::Result<Vec<u8>> {
    let files = [
        ("README.txt", README.as_bytes().to_vec()),
        ("finding.json", pretty(&finding(found, account, at))?),
        ("records.ndjson", lines(found.evidence.iter().map(|proof| record_line(&proof.raw).into_owned()))),
        ("proofs.ndjson", lines(found.evidence.iter().map(|proof| proved(proof).to_string()))),
        ("history.ndjson", lines(found.history.iter().map(|entry| told(entry).to_string()))),
        ("looks.ndjson", lines(looks.iter().map(|look| looked(look).to_string()))),
    ];
    let sums: String = files
        .iter()
        .map(|(name, bytes)| format!("{}  {name}\n", hex::encode(Sha256::digest(bytes))))
        .collect();
    let folder = name(found);
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    let all =
        files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).chain([("SHA256SUMS", sums.as_bytes())]);
    for (name, bytes) in all {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(u64::try_from(at.0 / 1_000).unwrap_or_default());
        archive.append_data(&mut header, format!("{folder}/{name}"), bytes)?;
    }
    let mut packed = archive.into_inner()?;
    packed.flush()?;
    packed.finish()
}

fn pretty(value: &serde_json::Value) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    Ok(text)
}

fn lines(lines: impl Iterator<Item = String>) -> Vec<u8> {
    let mut text = String::new();
    lines.for_each(|line| {
        text.push_str(&line);
        text.push('\n');
    });
    text.into_bytes()
}

fn finding(found: &WholeFinding, account: &str, at: UtcMs) -> serde_json::Value {
    let (now, finding) = (&found.now, &found.now.finding);
    json!({
        "id": finding.id.to_string(),
        "account": account,
        "packedAt": at.to_string(),
        "rule": finding.rule,
        "ruleVersion": finding.rule_version,
        "title": finding.title,
        "severity": finding.severity,
        "score": finding.score,
        "actor": finding.actor,
        "time": finding.time.to_string(),
        "firstSeen": finding.first_seen.to_string(),
        "lastSeen": finding.last_seen.to_string(),
        "reason": finding.reason,
        "response": finding.response,
        "attack": finding.attack,
        "events": finding.events,
        "version": now.version,
        "status": now.status.as_str(),
        "owner": now.owner,
    })
}

fn proved(proof: &Proof) -> serde_json::Value {
    json!({
        "eventId": proof.id.to_string(),
        "position": proof.position.0,
        "timestamp": proof.event.timestamp.to_string(),
        "leafHash": hex::encode(leaf_hash(proof.raw.as_bytes())),
    })
}

fn told(entry: &FindingEntry) -> serde_json::Value {
    let change = match &entry.change {
        FindingChange::Raised => "raised",
        FindingChange::Grown => "grown",
        FindingChange::Absorbed(_) => "absorbed",
        FindingChange::Withdrawn => "withdrawn",
        FindingChange::Judged => "judged",
        FindingChange::Assigned => "assigned",
        FindingChange::Noted => "noted",
    };
    json!({
        "position": entry.position.0,
        "at": entry.at.to_string(),
        "change": change,
        "by": entry.by,
        "status": entry.status.as_str(),
        "owner": entry.owner,
        "note": entry.note,
        "version": entry.version,
        "events": entry.finding.events,
        "leafHash": hex::encode(entry.leaf),
    })
}

fn looked(look: &Look) -> serde_json::Value {
    json!({ "who": look.who, "first": look.first.to_string(), "last": look.last.to_string(), "times": look.times })
}
