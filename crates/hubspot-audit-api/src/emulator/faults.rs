//! Faults, one at most for each audit-log request: those that a test has queued, in their order, and
//! then those of a seeded schedule. Nothing queued and no rate means well behaved.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::portal::held;
use crate::word::words;

mod disturb;
pub(super) use disturb::disturb;

words! {
    pub enum Fault {
        BadRequest = "400",
        Unauthenticated = "401",
        MissingScope = "403-scope",
        WrongPlan = "403-plan",
        NotFound = "404",
        Gone = "410",
        UriTooLong = "414",
        Locked = "423",
        SecondlyLimit = "429-secondly",
        DailyLimit = "429-daily",
        /// With `Retry-After: 1`.
        Migrating = "477",
        Internal = "500",
        /// In HTML, as are the other answers of a gateway.
        BadGateway = "502",
        Unavailable = "503",
        GatewayTimeout = "504",
        Origin521 = "521",
        Origin522 = "522",
        Origin523 = "523",
        Origin524 = "524",
        Origin525 = "525",
        Origin526 = "526",
        /// The connection is reset before the status line.
        Reset = "reset",
        /// Status and headers arrive, of the body nothing.
        ResetBeforeBody = "reset-before-body",
        ResetInBody = "reset-in-body",
        /// A body that ends in its middle and whose length says so: valid HTTP, broken JSON.
        Truncated = "truncated",
        /// The whole page, a few bytes at a time.
        Drip = "drip",
        /// No answer until the client gives up, then a reset.
        Hang = "hang",
        InvalidJson = "invalid-json",
        /// `results` is an object.
        ResultsObject = "results-object",
        BodyArray = "body-array",
        BodyNull = "body-null",
        EmptyBody = "empty-body",
        /// 302 to another host.
        Redirect = "redirect",
        /// A number among the records.
        RecordNumber = "record-number",
        RecordNull = "record-null",
        RecordWithoutTime = "record-without-time",
        /// 200 with no results and no cursor, whatever there is.
        LyingEmpty = "lying-empty",
        /// A record of the page is left out, its cursor stays.
        Hole = "hole",
        /// The newest record of the page comes first, or the oldest, against the order asked for.
        Unordered = "unordered",
    }
}

impl Fault {
    /// Those that a client can heal by asking again, without being told what it has not seen.
    pub const HEALING: &[Self] = &[
        Self::Locked,
        Self::SecondlyLimit,
        Self::Migrating,
        Self::Internal,
        Self::BadGateway,
        Self::Unavailable,
        Self::GatewayTimeout,
        Self::Origin521,
        Self::Origin523,
        Self::Origin524,
        Self::Reset,
        Self::ResetBeforeBody,
        Self::ResetInBody,
        Self::Truncated,
        Self::Drip,
        Self::InvalidJson,
        Self::ResultsObject,
        Self::BodyArray,
        Self::BodyNull,
        Self::EmptyBody,
        Self::Redirect,
        Self::Unordered,
    ];
}

/// The schedule, and how the slow faults are paced.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultPlan {
    /// Which part of the audit-log requests is disturbed, from 0 to 1.
    pub rate: f64,
    /// What a disturbed request gets, all equally likely.
    pub kinds: Vec<Fault>,
    pub hang: Duration,
    /// The pause between two pieces of a dripping body.
    pub drip: Duration,
    /// Where a redirect leads.
    pub redirect_to: String,
}

impl Default for FaultPlan {
    fn default() -> Self {
        Self {
            rate: 0.0,
            kinds: Fault::HEALING.to_vec(),
            hang: Duration::from_secs(120),
            drip: Duration::from_millis(5),
            redirect_to: "http://elsewhere.invalid".to_owned(),
        }
    }
}

/// The faults to come.
pub struct Faults {
    queue: Mutex<VecDeque<Fault>>,
    schedule: Mutex<StdRng>,
    rate: f64,
    kinds: Vec<Fault>,
}

impl Faults {
    pub(super) fn new(plan: &FaultPlan, seed: u64) -> Self {
        Self {
            queue: Mutex::default(),
            schedule: Mutex::new(StdRng::seed_from_u64(seed ^ 0xFA17)),
            rate: plan.rate.clamp(0.0, 1.0),
            kinds: plan.kinds.clone(),
        }
    }

    pub fn push(&self, fault: Fault) {
        held(&self.queue).push_back(fault);
    }

    pub fn extend(&self, faults: impl IntoIterator<Item = Fault>) {
        held(&self.queue).extend(faults);
    }

    pub fn clear(&self) {
        held(&self.queue).clear();
    }

    /// How many queued faults have not happened yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        held(&self.queue).len()
    }

    pub(super) fn next(&self) -> Option<Fault> {
        if let Some(fault) = held(&self.queue).pop_front() {
            return Some(fault);
        }
        if self.rate <= 0.0 || self.kinds.is_empty() {
            return None;
        }
        let mut schedule = held(&self.schedule);
        schedule.random_bool(self.rate).then(|| self.kinds[schedule.random_range(0..self.kinds.len())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queued_faults_come_in_their_order_and_then_the_schedule() {
        let plan = FaultPlan { rate: 1.0, kinds: vec![Fault::Hole], ..FaultPlan::default() };
        let faults = Faults::new(&plan, 1);
        faults.extend([Fault::Locked, Fault::Gone]);
        assert_eq!(
            [(); 3].map(|()| faults.next()),
            [Some(Fault::Locked), Some(Fault::Gone), Some(Fault::Hole)]
        );
        assert_eq!(Faults::new(&FaultPlan::default(), 1).next(), None);
    }

    #[test]
    fn a_schedule_is_the_same_for_the_same_seed_and_keeps_its_rate() {
        let plan = FaultPlan { rate: 0.25, ..FaultPlan::default() };
        let run = |seed| {
            let faults = Faults::new(&plan, seed);
            (0..1_000).map(|_| faults.next()).collect::<Vec<_>>()
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
        let disturbed = run(7).iter().flatten().count();
        assert!((200..300).contains(&disturbed), "{disturbed}");
    }
}
