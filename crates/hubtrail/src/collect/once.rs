//! Collecting until everything that is visible now is in the log.

use hubtrail_core::cadence::{DEEP_OVERLAP_MS, due_in_ms, window_start};
use hubtrail_core::checkpoint::{Checkpoint, WalkKind, WalkPoint};
use hubtrail_core::time::UtcMs;
use hubtrail_core::walk::Gap;

use super::follow::AGAIN_MS;
use super::{CollectError, Collector, Patience, STREAM, WalkReport};
use crate::connector::Start;
use crate::store::{self, Search};

/// A deep sweep of so few entries costs no more than a person notices, so it is always done.
const CHEAP_ENTRIES: u64 = 2_000;
/// A walk begins by HubSpot's clock.
const CLOCKS_DIFFER_MS: i64 = 60_000;

impl Collector {
    /// From the checkpoint, or from the connector's start, to the end of what is visible.
    ///
    /// # Errors
    /// When something visible is not in the log afterwards.
    pub async fn once(&self) -> Result<Vec<WalkReport>, CollectError> {
        self.refuse_another_account().await?;
        let mut reports = Vec::new();
        let checkpoint = self.store.checkpoint(self.connector.id, STREAM)?;
        let mut sees_all = false;
        if let Some(point) = self.backfill(&checkpoint) {
            sees_all = begins(&point);
            reports.push(self.walk(WalkKind::Backfill, point, Patience::Minutes).await?);
        }
        while !sees_all {
            let checkpoint = self.store.checkpoint(self.connector.id, STREAM)?;
            let kind = self.again(&checkpoint)?;
            let from = window_start(&checkpoint, kind).or_else(|| self.start());
            let point = self.resumed(&checkpoint, kind, from, None);
            sees_all = begins(&point);
            reports.push(self.walk(kind, point, Patience::Minutes).await?);
        }
        self.without_gaps(reports)
    }

    /// Walks a range again.
    ///
    /// # Errors
    /// When something visible of it is not in the log afterwards.
    pub async fn range(&self, from: UtcMs, to: Option<UtcMs>) -> Result<Vec<WalkReport>, CollectError> {
        self.range_with(Some(from), to, Patience::Minutes).await
    }

    /// As [`Collector::range`], for a server: whatever stands in the way is waited out.
    ///
    /// # Errors
    /// When the log cannot be used, or something visible of the range cannot be read.
    pub async fn requested(&self, from: Option<UtcMs>, to: UtcMs) -> Result<Vec<WalkReport>, CollectError> {
        loop {
            match self.range_with(from, Some(to), Patience::Endless).await {
                Err(error) if !matches!(error, CollectError::Gaps(_)) => {
                    self.tell_and_wait(&error, AGAIN_MS).await?
                }
                done => return done,
            }
        }
    }

    async fn range_with(
        &self,
        from: Option<UtcMs>,
        to: Option<UtcMs>,
        patience: Patience,
    ) -> Result<Vec<WalkReport>, CollectError> {
        let checkpoint = self.store.checkpoint(self.connector.id, STREAM)?;
        let interrupted = checkpoint.interrupted(WalkKind::Range, from, to);
        let point = interrupted
            .filter(|point| self.is_same_range(point, from, to))
            .unwrap_or_else(|| WalkPoint::new(from, to, self.clock.now()));
        self.without_gaps(vec![self.walk(WalkKind::Range, point, patience).await?])
    }

    /// Whether a walk is of the range asked for again, perhaps told from a now that has moved on. To go on
    /// with another one would leave out what it passed long ago.
    fn is_same_range(&self, point: &WalkPoint, from: Option<UtcMs>, to: Option<UtcMs>) -> bool {
        let passed_ms = self.clock.now().since(point.began).max(0) + CLOCKS_DIFFER_MS;
        let same_start = match (point.from, from) {
            (Some(begun), Some(from)) => from.since(begun) <= passed_ms,
            (begun, from) => begun == from,
        };
        point.to == to && same_start
    }

    /// The history that is not in the log yet, if there is any.
    pub(super) fn backfill(&self, checkpoint: &Checkpoint) -> Option<WalkPoint> {
        match (checkpoint.walks.get(&WalkKind::Backfill), checkpoint.since) {
            (Some(interrupted), _) => Some(*interrupted),
            (None, Some(_)) => None,
            (None, None) => Some(WalkPoint::new(self.start(), None, self.clock.now())),
        }
    }

    /// Where the connector's history begins; none is everything HubSpot has.
    pub(super) fn start(&self) -> Option<UtcMs> {
        match self.connector.settings.start {
            Start::All => None,
            Start::Now => Some(self.connector.created_at),
            Start::Since(at) => Some(at),
        }
    }

    /// An interrupted walk that covers the window goes on; otherwise it begins.
    pub(super) fn resumed(
        &self,
        checkpoint: &Checkpoint,
        kind: WalkKind,
        from: Option<UtcMs>,
        to: Option<UtcMs>,
    ) -> WalkPoint {
        checkpoint.interrupted(kind, from, to).unwrap_or_else(|| WalkPoint::new(from, to, self.clock.now()))
    }

    /// How far to re-read: a person who asks once wants what came late as well.
    fn again(&self, checkpoint: &Checkpoint) -> Result<WalkKind, CollectError> {
        if due_in_ms(checkpoint, WalkKind::Deep, self.clock.now()) == 0 {
            return Ok(WalkKind::Deep);
        }
        let search = Search {
            connectors: Some(vec![self.connector.id]),
            stream: Some(STREAM),
            after: checkpoint.since.map(|since| since.minus(DEEP_OVERLAP_MS)),
            limit: Some(CHEAP_ENTRIES as usize),
            ..Search::default()
        };
        let held = self.store.count(&search)?;
        Ok(if held < CHEAP_ENTRIES { WalkKind::Deep } else { WalkKind::Sweep })
    }

    /// A gap is a gap whichever run found it: a walk that was interrupted behind one does not pass it again.
    fn without_gaps(&self, reports: Vec<WalkReport>) -> Result<Vec<WalkReport>, CollectError> {
        let within = |gap: &store::Gap| {
            gap.stream == STREAM
                && reports.iter().any(|WalkReport { point, .. }| {
                    point.from.is_none_or(|from| gap.span.to >= from)
                        && point.to.is_none_or(|to| gap.span.from <= to)
                })
        };
        let open = self.store.gaps(Some(self.connector.id), false)?;
        let gaps: Vec<_> = open
            .iter()
            .filter(|gap| within(gap))
            .map(|gap| Gap { from: gap.span.from, to: gap.span.to })
            .collect();
        if gaps.is_empty() { Ok(reports) } else { Err(CollectError::Gaps(gaps)) }
    }
}

/// A walk that goes on does not see what became visible behind it since it was interrupted.
fn begins(point: &WalkPoint) -> bool {
    point.newest.is_none() && point.to.is_none()
}
