//! Fetching one page, patiently: HubSpot's limits and failures are waited out as long as the caller likes.

use std::sync::atomic::Ordering;

use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::page::{Page, PageRequest};

use super::{CollectError, Collector, STREAM, Tell, walking::Patience};
use crate::hubspot::{ApiError, Directive, Reason, directive};
use crate::store::StoreError;

/// A crash forgets the calls of this long at most.
const SPENT_EVERY_MS: i64 = 60_000;
/// Below this a wait is not worth a status line.
const WORTH_TELLING_MS: u64 = 2_000;

impl Collector {
    pub(super) async fn page(
        &self,
        request: &PageRequest,
        kind: WalkKind,
        patience: Patience,
    ) -> Result<Page, ApiError> {
        let mut attempt = 0;
        loop {
            let error = match self.hubspot.page(STREAM, request, kind, self.clock.now()).await {
                Ok(page) => {
                    self.notices();
                    if let Some(hub_now) = page.hub_now {
                        self.ahead_ms.store(hub_now.since(self.clock.now()), Ordering::Relaxed);
                    }
                    self.answered(kind);
                    return Ok(page);
                }
                Err(error) => error,
            };
            let zone = self.hubspot.zone();
            let Directive::Retry { after_ms } =
                directive(&error, attempt, self.clock.now(), &zone, rand::random())
            else {
                return Err(error);
            };
            let after_ms = match kind {
                WalkKind::Tail if backs_off(&error) => after_ms.min(self.next_poll_ms()),
                _ => after_ms,
            };
            self.waits(kind, &error, attempt, after_ms);
            if after_ms > patience.longest_wait_ms() {
                return Err(error);
            }
            tracing::debug!(connector = self.connector.name(), walk = kind.as_str(), %error, after_ms, "ask again");
            if after_ms >= WORTH_TELLING_MS {
                self.tell(Tell::Waiting { error: error.clone(), ms: after_ms });
            }
            self.pause(kind, &error, attempt, after_ms).await;
            attempt += 1;
        }
    }

    /// Another account's events must not be stored as this one's. Where HubSpot does not say whose the token
    /// is, nothing is known.
    pub(super) async fn refuse_another_account(&self) -> Result<(), CollectError> {
        let Some(known) = self.connector.portal_id else { return Ok(()) };
        let info = self.hubspot.token_info(self.clock.now()).await.unwrap_or(None);
        match info.and_then(|info| info.hub_id) {
            Some(found) if i64::try_from(found) != Ok(known) => {
                Err(CollectError::OtherAccount { found, known })
            }
            _ => Ok(()),
        }
    }

    /// What the client changed by itself is said once.
    fn notices(&self) {
        for notice in self.hubspot.take_notices() {
            tracing::warn!(connector = self.connector.name(), "{notice}");
            self.tell(Tell::Note(notice.to_string()));
        }
    }

    /// Keeps what was used of today's calls; a tail, which is short and often, not every time.
    pub(super) fn keep_spent(&self, kind: WalkKind) -> Result<(), StoreError> {
        let now = self.clock.now().0;
        let last = self.spent_kept_at.load(Ordering::Relaxed);
        if kind == WalkKind::Tail && now - last < SPENT_EVERY_MS {
            return Ok(());
        }
        self.spent_kept_at.store(now, Ordering::Relaxed);
        let usage = self.hubspot.usage(self.clock.now());
        self.store.set_spent(self.connector.id, &self.hubspot.spent(), &usage)
    }
}

/// Whether it is ours to say when to ask again, and not HubSpot's.
const fn backs_off(error: &ApiError) -> bool {
    matches!(
        error,
        ApiError::Wait { reason: Reason::ServerBusy | Reason::Unreachable { .. }, not_before: None, .. }
            | ApiError::Malformed { .. }
    )
}
