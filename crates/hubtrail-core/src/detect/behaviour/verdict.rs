//! What people say of findings, and what baselines learn from it. What an alert rests on is not learned until
//! somebody says that it was expected: otherwise who is patient could make anything look usual.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::account::Account;
use super::baseline::Who;
use super::lens::DAY_MS;
use super::session::Session;
use crate::finding::FindingId;
use crate::time::UtcMs;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// It was meant, and is usual from now on.
    Expected,
    /// It was an attack, and teaches nothing.
    Malicious,
}

/// Sessions for each open finding that are kept; a person who judges it teaches at least those.
const MOST_SESSIONS: usize = 64;
const MOST_FINDINGS: usize = 1_024;

#[derive(Debug, Default)]
pub(super) struct Held {
    sessions: BTreeMap<FindingId, Vec<(Who, Session)>>,
    verdicts: Vec<(UtcMs, FindingId, Option<Verdict>)>,
    judged: BTreeMap<FindingId, Verdict>,
}

/// Findings by their text form.
#[derive(Serialize, Deserialize)]
pub(super) struct SavedHeld {
    sessions: Vec<(String, Vec<(Who, Session)>)>,
    verdicts: Vec<(UtcMs, String, Option<Verdict>)>,
    judged: Vec<(String, Verdict)>,
}

impl SavedHeld {
    pub(super) fn held(self) -> Held {
        let id = |text: String| text.parse::<FindingId>().ok();
        Held {
            sessions: self.sessions.into_iter().filter_map(|(of, all)| Some((id(of)?, all))).collect(),
            verdicts: self
                .verdicts
                .into_iter()
                .filter_map(|(at, of, said)| Some((at, id(of)?, said)))
                .collect(),
            judged: self.judged.into_iter().filter_map(|(of, said)| Some((id(of)?, said))).collect(),
        }
    }
}

impl Held {
    pub(super) fn saved(&self) -> SavedHeld {
        SavedHeld {
            sessions: self.sessions.iter().map(|(of, all)| (of.to_string(), all.clone())).collect(),
            verdicts: self.verdicts.iter().map(|(at, of, said)| (*at, of.to_string(), *said)).collect(),
            judged: self.judged.iter().map(|(of, said)| (of.to_string(), *said)).collect(),
        }
    }

    pub(super) fn hold(&mut self, finding: FindingId, who: Who, session: Session) {
        if self.sessions.len() >= MOST_FINDINGS {
            self.sessions.pop_first();
        }
        let held = self.sessions.entry(finding).or_default();
        if held.len() < MOST_SESSIONS {
            held.push((who, session));
        }
    }

    pub(super) fn judge(&mut self, finding: FindingId, verdict: Option<Verdict>, at: UtcMs) {
        let said = (at, finding, verdict);
        if !self.verdicts.contains(&said) {
            // The last word of a moment is the one that was said last.
            let place = self.verdicts.partition_point(|known| known.0 <= at);
            self.verdicts.insert(place, said);
        }
    }

    /// Whether a verdict on it is in force.
    pub(super) fn is_judged(&self, finding: FindingId) -> bool {
        self.judged.contains_key(&finding)
    }

    /// Sessions that may be learned at the end of a day, because somebody said so before it.
    pub(super) fn released(&mut self, end: UtcMs, account: &mut Account) -> Vec<(Who, Session)> {
        let later = self.verdicts.split_off(self.verdicts.partition_point(|(at, ..)| *at < end));
        for (_, finding, verdict) in std::mem::replace(&mut self.verdicts, later) {
            match verdict {
                Some(verdict) => self.judged.insert(finding, verdict),
                None => self.judged.remove(&finding),
            };
        }
        let mut released = Vec::new();
        for (finding, verdict) in &self.judged {
            let Some(sessions) = self.sessions.remove(finding) else { continue };
            match verdict {
                Verdict::Expected => released.extend(sessions),
                Verdict::Malicious => sessions.iter().for_each(|(who, session)| {
                    let day = |at: UtcMs| i32::try_from(at.0.div_euclid(DAY_MS)).unwrap_or(i32::MAX);
                    account.leave_out(day(session.start)..=day(session.last), *who);
                }),
            }
        }
        released
    }
}
