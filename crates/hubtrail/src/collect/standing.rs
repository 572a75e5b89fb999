//! Keeping in the log what stands in the way of a walk, from the moment a person might notice it until
//! it is over. Each kind of walk has its own: a good tail says nothing of a sweep that fails.

use std::collections::BTreeMap;
use std::sync::{MutexGuard, PoisonError};

use hubtrail_core::checkpoint::WalkKind;

use super::{CollectError, Collector, STREAM};
use crate::hubspot::ApiError;
use crate::store::{Cleared, Failure, OF_ACCOUNT, StoreError};

/// A wait for a limit that is shorter than this is how limits are kept.
const WORTH_SHOWING_MS: u64 = 10_000;
/// What is asked for the third time in vain is no hiccup.
const WORTH_SHOWING_ATTEMPT: u32 = 2;
/// While it waits, the collection says so again, so that the words of one that was killed are told from
/// those of one that waits.
const SAID_AGAIN_MS: u64 = 60_000;

impl Collector {
    /// Keeps what stands in the way, until it is over.
    pub(super) fn failed(&self, walk: WalkKind, error: &CollectError) -> Result<(), StoreError> {
        let of_account = OF_ACCOUNT.contains(&error.kind());
        match error {
            // The log is what it would be kept in, and a wait is kept while it lasts.
            CollectError::Log(_) | CollectError::Stopped(_) => return Ok(()),
            CollectError::HubSpot(error) if error.kind() == "limit" => return Ok(()),
            // Nobody walks a range again by itself, so nothing would ever clear it; whoever asked is told.
            _ if walk == WalkKind::Range && !of_account => return Ok(()),
            _ => {}
        }
        let cleared = if matches!(error, CollectError::HubSpot(_)) { Cleared::Call } else { Cleared::Walk };
        let failure = Failure {
            kind: error.kind().to_owned(),
            code: error.code().to_owned(),
            message: error.to_string(),
            fix: error.fix(),
            ..self.nameless(walk)
        };
        self.keep(cleared, failure)
    }

    /// A page has to be asked for again, in so long.
    pub(super) fn waits(&self, walk: WalkKind, error: &ApiError, attempt: u32, after_ms: u64) {
        let is_limit = error.kind() == "limit";
        let worth_showing =
            if is_limit { after_ms >= WORTH_SHOWING_MS } else { attempt >= WORTH_SHOWING_ATTEMPT };
        if !worth_showing || walk == WalkKind::Range {
            return;
        }
        let wait_ms = i64::try_from(after_ms).unwrap_or(i64::MAX);
        let until = is_limit.then(|| self.clock.now().plus(wait_ms));
        let failure = Failure {
            kind: error.kind().to_owned(),
            code: error.code().to_owned(),
            message: error.to_string(),
            fix: error.fix(),
            until,
            ..self.nameless(walk)
        };
        let kept = self.keep(Cleared::Call, failure);
        if let Err(error) = kept {
            tracing::debug!(connector = self.connector.name(), %error, "what is waited for is not kept");
        }
    }

    pub(super) async fn pause(&self, walk: WalkKind, error: &ApiError, attempt: u32, after_ms: u64) {
        let mut left_ms = after_ms;
        while left_ms > SAID_AGAIN_MS {
            self.clock.pause(SAID_AGAIN_MS).await;
            left_ms -= SAID_AGAIN_MS;
            self.waits(walk, error, attempt, left_ms);
        }
        self.clock.pause(left_ms).await;
    }

    /// HubSpot answered a call of this walk.
    pub(super) fn answered(&self, walk: WalkKind) {
        if self.standing().get(&walk) != Some(&Cleared::Call) {
            return;
        }
        match self.store.clear_failure(self.connector.id, STREAM, walk, Cleared::Call) {
            // What the walk itself must show to be over may still stand.
            Ok(()) => drop(self.standing().insert(walk, Cleared::Walk)),
            Err(error) => tracing::debug!(connector = self.connector.name(), %error, "not cleared yet"),
        }
    }

    pub(super) fn works(&self, walk: WalkKind, cleared: Cleared) -> Result<(), StoreError> {
        if self.standing().remove(&walk).is_none() {
            return Ok(());
        }
        self.store.clear_failure(self.connector.id, STREAM, walk, cleared)
    }

    fn nameless(&self, walk: WalkKind) -> Failure {
        let (now, none) = (self.clock.now(), String::new);
        let (kind, code, message, fix) = (none(), none(), none(), none());
        Failure { walk, kind, code, message, fix, began: now, at: now, until: None }
    }

    fn keep(&self, cleared: Cleared, failure: Failure) -> Result<(), StoreError> {
        self.standing().insert(failure.walk, cleared);
        self.store.set_failure(self.connector.id, STREAM, failure)
    }

    fn standing(&self) -> MutexGuard<'_, BTreeMap<WalkKind, Cleared>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
