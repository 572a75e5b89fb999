//! One walk, from its first request to its end: the loop between the pure walk, HubSpot and the log.

use hubtrail_core::backoff::Backoff;
use hubtrail_core::checkpoint::{Change, Checkpoint, WalkKind, WalkPoint, Withdrawn};
use hubtrail_core::identity::{EventId, identify};
use hubtrail_core::lateness::Lateness;
use hubtrail_core::page::{Dimension, Filter, Page};
use hubtrail_core::time::UtcMs;
use hubtrail_core::walk::{Ask, Gap, Held, Observed, Options, Outcome, Refusal, Step, Walk};
use tokio::task::JoinHandle;

use super::lag::Lag;
use super::{CollectError, Collector, Progress, STREAM, Tell};
use crate::hubspot::ApiError;
use crate::store::{self, Append, Appended, Cleared, NewGap, Span, StoreError};

/// How long a walk waits for HubSpot before it gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// A person waits for the result.
    Minutes,
    /// A server has time.
    Endless,
}

impl Patience {
    pub(super) const fn longest_wait_ms(self) -> u64 {
        match self {
            Self::Minutes => 120_000,
            Self::Endless => u64::MAX,
        }
    }
}

/// What one walk did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalkReport {
    pub kind: WalkKind,
    pub point: WalkPoint,
    pub pages: u64,
    pub new: u64,
    pub duplicate: u64,
    pub gaps: Vec<Gap>,
    /// The oldest entry of ours that HubSpot no longer serves.
    pub withdrawn: Option<UtcMs>,
    /// The checkpoint after the last page.
    pub checkpoint: Checkpoint,
}

/// More values than this are not asked for one by one anyway.
const MOST_VALUES: usize = 20_001;
const DOUBTED: Backoff = match Backoff::new(500, 10_000) {
    Ok(backoff) => backoff,
    Err(_) => panic!("checked when compiling"),
};

impl Collector {
    /// Walks a window to its end, or from where it was interrupted.
    pub(super) async fn walk(
        &self,
        kind: WalkKind,
        point: WalkPoint,
        patience: Patience,
    ) -> Result<WalkReport, CollectError> {
        let checkpoint = self.store.checkpoint(self.connector.id, STREAM)?;
        let options = Options {
            kind,
            page_size: self.connector.settings.page_size,
            filter: Filter::default(),
            server: self.server(),
            disputed: checkpoint.disputed.clone(),
        };
        let mut walking = Walking {
            collector: self,
            started_at: point.newest.or(point.from),
            newest_read: None,
            lag: Lag::new(kind, &checkpoint),
            late: Lateness::default(),
            storing: None,
            doubts: 0,
            walk: Walk::new(point, options),
            report: WalkReport {
                kind,
                point,
                pages: 0,
                new: 0,
                duplicate: 0,
                gaps: Vec::new(),
                withdrawn: None,
                checkpoint,
            },
        };
        let result = walking.run(patience).await;
        let stored = walking.settled().await;
        self.learn(walking.walk.server());
        walking.report.point = walking.walk.point();
        self.conclude(walking.report, result.and(stored))
    }

    /// Keeps what a walk did, and what stands in its way, where status can find it.
    fn conclude(
        &self,
        report: WalkReport,
        result: Result<(), CollectError>,
    ) -> Result<WalkReport, CollectError> {
        let outcome = match (&result, report.withdrawn) {
            (Err(error), _) => error.to_string(),
            (Ok(()), None) => "ended".to_owned(),
            (Ok(()), Some(held)) => format!("ended; hubspot no longer serves entries of {held} that we hold"),
        };
        let (connector, walk) = (self.connector.name(), report.kind.as_str());
        let (pages, new) = (report.pages, report.new);
        // A tail that brings nothing is walked every few seconds; a failure is told by whoever handles it.
        if result.is_err() || report.kind == WalkKind::Tail && new == 0 {
            tracing::debug!(connector, walk, pages, new, "walk: {outcome}");
        } else {
            tracing::info!(connector, walk, pages, new, "walk: {outcome}");
        }
        if report.kind != WalkKind::Tail || new > 0 || result.is_err() {
            let WalkPoint { from, to, began, .. } = report.point;
            let walk = store::Walk {
                ended: self.clock.now(),
                pages: report.pages,
                new: report.new,
                duplicates: report.duplicate,
                outcome,
                ..store::Walk::new(report.kind, from, to, began)
            };
            self.store.record_walk(self.connector.id, STREAM, walk)?;
        }
        self.keep_spent(report.kind)?;
        match result {
            Ok(()) => {
                self.works(report.kind, Cleared::Walk)?;
                self.tell(Tell::Walked(Box::new(report.clone())));
                Ok(report)
            }
            Err(error) => {
                self.failed(report.kind, &error)?;
                Err(error)
            }
        }
    }
}

struct Walking<'a> {
    collector: &'a Collector,
    walk: Walk,
    /// Where this run began to read; gaps from here on are closed when it ends.
    started_at: Option<UtcMs>,
    /// The newest record of this run.
    newest_read: Option<UtcMs>,
    lag: Lag,
    late: Lateness,
    /// The page before, becoming durable while the next one is fetched.
    storing: Option<JoinHandle<Result<Appended, StoreError>>>,
    doubts: u32,
    report: WalkReport,
}

impl Walking<'_> {
    async fn run(&mut self, patience: Patience) -> Result<(), CollectError> {
        loop {
            match self.walk.step() {
                Step::Ask(ask) => self.ask(*ask, patience).await?,
                Step::Learn(dimension) => self.learn(dimension).await?,
                Step::Over(Outcome::Ended) => return Ok(()),
                Step::Over(Outcome::Failed(failure)) => return Err(failure.into()),
            }
        }
    }

    async fn ask(&mut self, Ask { request, held }: Ask, patience: Patience) -> Result<(), CollectError> {
        let held = match held {
            Some(held) => self.oldest_held(held).await?,
            None => None,
        };
        match self.collector.page(&request, self.report.kind, patience).await {
            Ok(page) => self.take(page, held).await,
            Err(error) => {
                let refusal = match &error {
                    ApiError::TooLong { .. } => Refusal::TooLong,
                    ApiError::Refused { parameter: Some("limit"), .. } => Refusal::Limit,
                    ApiError::Refused { .. } => Refusal::Parameter,
                    _ => return Err(error.into()),
                };
                self.walk.refused(refusal);
                match self.walk.step() {
                    // The walk has no other way to ask, so the person is told what HubSpot said.
                    Step::Over(Outcome::Failed(_)) => Err(error.into()),
                    _ => Ok(()),
                }
            }
        }
    }

    /// The oldest entry of ours that the page must not leave out.
    async fn oldest_held(&mut self, held: Held) -> Result<Option<UtcMs>, CollectError> {
        // The newest instant read is in the log, or will be before the next page. Where an earlier run came
        // to need not be an instant of any record: the resume point never lies in the future.
        if held.filter.is_empty() && held.from.is_some() && held.from == self.newest_read {
            return Ok(held.from);
        }
        self.stored().await?;
        let Collector { store, connector, .. } = self.collector;
        let held = store::Held {
            from: held.from.unwrap_or(UtcMs(i64::MIN)),
            exclusive: false,
            before: None,
            filter: held.filter,
        };
        Ok(store.oldest_held(connector.id, STREAM, &held)?)
    }

    async fn learn(&mut self, dimension: Dimension) -> Result<(), CollectError> {
        self.stored().await?;
        let Collector { store, connector, .. } = self.collector;
        self.walk.learn(dimension, store.values_seen(connector.id, STREAM, dimension, MOST_VALUES)?);
        Ok(())
    }

    async fn take(&mut self, page: Page, held: Option<UtcMs>) -> Result<(), CollectError> {
        let now = self.collector.clock.now();
        let ids = identify(&self.collector.connector.account, STREAM, &page.records);
        let observed = self.walk.observe(&page, &ids, held, now);
        self.newest_read = self.newest_read.max(page.newest());
        self.report.pages += 1;
        self.report.gaps.extend(&observed.gaps);
        self.report.withdrawn = self.report.withdrawn.or(observed.withdrawn);
        let doubted = observed.doubted.clone();
        self.store(page, ids, observed, now).await?;
        let Some(doubt) = doubted else {
            self.doubts = 0;
            return Ok(());
        };
        tracing::debug!(connector = self.collector.connector.name(), %doubt, "page not believed");
        self.collector.clock.pause(DOUBTED.delay_ms(self.doubts, rand::random())).await;
        self.doubts += 1;
        Ok(())
    }

    /// Hands the page to the log, after the one before has become durable.
    async fn store(
        &mut self,
        page: Page,
        ids: Vec<EventId>,
        observed: Observed,
        now: UtcMs,
    ) -> Result<(), CollectError> {
        self.stored().await?;
        let Collector { store, connector, .. } = self.collector;
        let mut append = Append::new(connector.id, STREAM, page.hub_now.unwrap_or(now));
        append.polled_at = now;
        append.ids = ids;
        append.records = page.records;
        append.gaps = observed.gaps.iter().map(new_gap).collect();
        if observed.changes.iter().any(|change| matches!(change, Change::Ended { .. })) {
            append.resolved = self.resolved();
        }
        append.changes = observed.changes;
        append.changes.extend(self.lateness());
        let withdrawn = observed.withdrawn.map(|held| Withdrawn { held, seen_at: now });
        append.changes.extend(withdrawn.map(Change::Withdrawn));
        let store = store.clone();
        self.storing = Some(tokio::spawn(async move { store.append(append).await }));
        Ok(())
    }

    /// Waits until the page before is durable, and takes note of what was new in it.
    async fn stored(&mut self) -> Result<(), CollectError> {
        let Some(storing) = self.storing.take() else { return Ok(()) };
        let appended = storing.await.map_err(|_| CollectError::TaskLost)??;
        self.lag.observe(&appended.new_times, &mut self.late);
        self.report.new += appended.new as u64;
        self.report.duplicate += appended.duplicate as u64;
        self.report.checkpoint = appended.checkpoint;
        let WalkPoint { from, to, newest, .. } = self.walk.point();
        self.collector.tell(Tell::Page(Progress {
            walk: self.report.kind,
            from,
            to,
            newest,
            pages: self.report.pages,
            new: self.report.new,
            duplicate: self.report.duplicate,
        }));
        Ok(())
    }

    /// As [`Self::stored`], at the end: no page follows that could take the last one's lateness along.
    async fn settled(&mut self) -> Result<(), CollectError> {
        self.stored().await?;
        let Some(lateness) = self.lateness() else { return Ok(()) };
        let Collector { store, connector, .. } = self.collector;
        let mut append = Append::new(connector.id, STREAM, self.collector.hub_now());
        append.polled_at = self.collector.clock.now();
        append.changes = vec![lateness];
        self.report.checkpoint = store.append(append).await?.checkpoint;
        Ok(())
    }

    fn lateness(&mut self) -> Option<Change> {
        (!self.late.is_empty()).then(|| Change::Late { observed: std::mem::take(&mut self.late) })
    }

    /// The spans between the gaps of this run: what was missing there before is there now. A walk that
    /// ended with the account's records, and not with its window, has read the newest instant as well.
    fn resolved(&self) -> Vec<Span> {
        let mut from = self.started_at.unwrap_or(UtcMs(i64::MIN));
        let mut spans = Vec::new();
        for gap in &self.report.gaps {
            spans.push(Span { from, to: gap.from.minus(1) });
            from = gap.to.plus(1);
        }
        let WalkPoint { to, newest: Some(newest), .. } = self.walk.point() else { return spans };
        let cut_off = to.is_some_and(|to| newest > to);
        spans.push(Span { from, to: if cut_off { newest.minus(1) } else { UtcMs(i64::MAX) } });
        spans.retain(|span| span.from <= span.to);
        spans
    }
}

fn new_gap(gap: &Gap) -> NewGap {
    let span = Span { from: gap.from, to: gap.to };
    let reason =
        "more records share this instant than HubSpot returns for any question we can ask".to_owned();
    NewGap { span, reason }
}
