//! Proof that the log holds what HubSpot has: a range is walked again, with another page size and
//! once more in slices, and compared entry by entry. Nothing is repaired here.

use std::collections::HashSet;
use std::ops::ControlFlow;

use hubtrail_core::checkpoint::{WalkKind, WalkPoint};
use hubtrail_core::identity::{EventId, identify};
use hubtrail_core::page::{Dimension, Filter};
use hubtrail_core::time::UtcMs;
use hubtrail_core::walk::{Gap, Options, Outcome, Refusal, Step, Walk};

use super::{CollectError, Collector, Patience, STREAM};
use crate::hubspot::ApiError;
use crate::store::{Position, Search, Verification};

/// What a comparison found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub verification: Verification,
    pub gaps: Vec<Gap>,
    /// Of the entries that only the log has: those that HubSpot cannot have let go with their age, because it
    /// shows older ones.
    pub unexplained: u64,
}

impl Verdict {
    /// The log holds everything that HubSpot showed, nothing more but for what HubSpot let go with its age, and all
    /// of the range was read.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.verification.complete && self.verification.missing == 0 && self.unexplained == 0
    }
}

#[derive(Default)]
struct Shown {
    ids: HashSet<EventId>,
    oldest: Option<UtcMs>,
    gaps: Vec<Gap>,
}

/// What the log has of a range.
#[derive(Default)]
struct Compared {
    /// Of what was shown.
    held: u64,
    /// Besides that.
    surplus: u64,
    unexplained: u64,
}

const MOST_VALUES: usize = 1_000;

impl Collector {
    /// Compares `from` to `to` (at most: what has been collected completely) and keeps the result.
    ///
    /// # Errors
    /// When the comparison could not be made.
    pub async fn verify(&self, from: Option<UtcMs>, to: UtcMs) -> Result<Verdict, CollectError> {
        let (began, head) = (self.clock.now(), self.store.head()?);
        let mut shown = Shown::default();
        self.show(from, to, Filter::default(), self.other_page_size(), &mut shown).await?;
        for values in self.slices()? {
            let filter = Filter::default().with(Dimension::EventType, values);
            match self.show(from, to, filter, self.connector.settings.page_size, &mut shown).await {
                // HubSpot may not filter by a value that it shows; its records were read with all the others.
                Ok(()) | Err(CollectError::HubSpot(ApiError::Refused { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        let found = self.compare(from, to, &shown, head)?;
        let verification = Verification {
            from,
            to: Some(to),
            began,
            ended: self.clock.now(),
            compared: shown.ids.len() as u64,
            missing: shown.ids.len() as u64 - found.held,
            surplus: found.surplus,
            complete: shown.gaps.is_empty(),
            note: if shown.gaps.is_empty() { String::new() } else { super::spans(&shown.gaps) },
        };
        self.store.record_verification(self.connector.id, STREAM, verification.clone())?;
        Ok(Verdict { verification, gaps: shown.gaps, unexplained: found.unexplained })
    }

    /// Pages that do not break where the first reading's did.
    const fn other_page_size(&self) -> u32 {
        let usual = self.connector.settings.page_size;
        if usual > 3 { usual * 2 / 3 } else { usual + 1 }
    }

    /// Every event type by itself.
    fn slices(&self) -> Result<Vec<Vec<String>>, CollectError> {
        let seen = self.store.values_seen(self.connector.id, STREAM, Dimension::EventType, MOST_VALUES)?;
        let documented = Dimension::EventType.documented().iter().map(|&value| value.to_owned());
        let values: HashSet<String> =
            seen.into_iter().chain(documented).filter(|value| !value.is_empty()).collect();
        Ok(values.into_iter().map(|value| vec![value]).collect())
    }

    /// Reads what HubSpot shows of the range, without a look at the log.
    async fn show(
        &self,
        from: Option<UtcMs>,
        to: UtcMs,
        filter: Filter,
        page_size: u32,
        shown: &mut Shown,
    ) -> Result<(), CollectError> {
        let point = WalkPoint::new(from, Some(to), self.clock.now());
        let disputed = std::collections::BTreeSet::new();
        let options = Options { kind: WalkKind::Range, page_size, filter, server: self.server(), disputed };
        let mut walk = Walk::new(point, options);
        loop {
            let ask = match walk.step() {
                Step::Over(Outcome::Ended) => return Ok(()),
                Step::Over(Outcome::Failed(failure)) => return Err(failure.into()),
                Step::Learn(dimension) => {
                    walk.learn(
                        dimension,
                        self.store.values_seen(self.connector.id, STREAM, dimension, MOST_VALUES)?,
                    );
                    continue;
                }
                Step::Ask(ask) => ask,
            };
            let page = match self.page(&ask.request, WalkKind::Range, Patience::Minutes).await {
                Ok(page) => page,
                Err(error) => {
                    walk.refused(match &error {
                        ApiError::TooLong { .. } => Refusal::TooLong,
                        ApiError::Refused { parameter: Some("limit"), .. } => Refusal::Limit,
                        ApiError::Refused { .. } => Refusal::Parameter,
                        _ => return Err(error.into()),
                    });
                    if let Step::Over(Outcome::Failed(_)) = walk.step() {
                        return Err(error.into());
                    }
                    continue;
                }
            };
            let ids = identify(&self.connector.account, STREAM, &page.records);
            let observed = walk.observe(&page, &ids, None, self.clock.now());
            shown.gaps.extend(observed.gaps);
            let within = |at: UtcMs| from.is_none_or(|from| at >= from) && at <= to;
            let events =
                page.records.iter().zip(ids).filter_map(|(seen, id)| Some((seen.event.as_ref().ok()?, id)));
            for (event, id) in events.filter(|(event, _)| within(event.timestamp)) {
                shown.oldest = Some(shown.oldest.unwrap_or(event.timestamp).min(event.timestamp));
                shown.ids.insert(id);
            }
        }
    }

    /// What was appended behind `head`, while HubSpot was read, HubSpot need not have shown.
    fn compare(
        &self,
        from: Option<UtcMs>,
        to: UtcMs,
        shown: &Shown,
        head: Position,
    ) -> Result<Compared, CollectError> {
        let search = Search {
            connectors: Some(vec![self.connector.id]),
            stream: Some(STREAM),
            after: from,
            before: Some(to.plus(1)),
            ..Search::default()
        };
        let mut found = Compared::default();
        self.store.search_each(&search, |entry| {
            if entry.event.is_ok() && shown.ids.contains(&entry.event_id) {
                found.held += 1;
            } else if entry.event.is_ok() && entry.position <= head {
                found.surplus += 1;
                found.unexplained += u64::from(shown.oldest.is_some_and(|oldest| entry.timestamp >= oldest));
            }
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }
}
