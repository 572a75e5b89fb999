//! What a detector that knows what is usual is told beside events: verdicts, time, and what people know already.

use super::Detector;
use crate::detect::behaviour::{Behaviour, Verdict};
use crate::finding::{Finding, FindingId};
use crate::time::UtcMs;

impl Detector {
    /// What a person says of a finding, or that it is open again; `at` is the time of the entry in the log.
    pub fn judge(&mut self, finding: FindingId, verdict: Option<Verdict>, at: UtcMs) {
        if let Some(behaviour) = &mut self.behaviour {
            behaviour.judge(finding, verdict, at);
        }
    }

    /// A finding was told of before the state was rebuilt: should it turn out to be none, that is told too.
    pub fn was_told(&mut self, finding: &Finding) {
        if let Some(behaviour) = self.behaviour.as_mut().filter(|_| finding.is_behaviour()) {
            behaviour.was_told(finding.id, finding.time, &finding.actor.id);
        }
    }

    /// Time that passes without events: what was watched long enough is told of, and nothing else changes.
    pub fn pass(&mut self, now: UtcMs) {
        if let Some(behaviour) = &mut self.behaviour {
            behaviour.pass(now);
        }
    }

    /// Whether something is watched that time alone may make worth telling.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.behaviour.as_ref().is_some_and(Behaviour::is_waiting)
    }
}

#[cfg(test)]
mod asked {
    use super::Detector;
    use crate::detect::RuleSet;
    use crate::detect::field::View;
    use crate::detect::rule::Body;
    use crate::event::Event;
    use crate::identity::EventId;

    impl Detector {
        /// Whether an event would match the first rule of a set now.
        pub(in crate::detect) fn would_match(&self, set: &RuleSet, event: &Event) -> bool {
            let usual = self.behaviour.as_ref().map(|behaviour| behaviour.usual(event, EventId([0; 16])));
            let fields = usual.and_then(|usual| usual.fields);
            let Some(Body::Single { expression, .. }) = set.rules.first().map(|rule| &rule.body) else {
                return false;
            };
            expression.is_match(&View::with(event, fields))
        }
    }
}
