//! How often each rule has spoken.

use hubtrail_core::time::UtcMs;
use rusqlite::params;

use crate::connector::ConnectorId;
use crate::store::{Store, StoreError};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRate {
    pub rule: String,
    pub findings: i64,
    pub last: UtcMs,
}

pub(in crate::store) const RATES: &str = "SELECT rule, connector, count(*), max(time) FROM finding f INDEXED BY finding_by_time \
     WHERE time >= ?1 AND absorbed_by IS NULL GROUP BY rule, connector";

impl Store {
    /// Of findings raised at this time or later, in these accounts; none: all.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn rule_rates(
        &self,
        after: UtcMs,
        connectors: Option<&[ConnectorId]>,
    ) -> Result<Vec<RuleRate>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(RATES)?;
            let mut rows = statement.query(params![after.0])?;
            let mut rates: Vec<RuleRate> = Vec::new();
            while let Some(row) = rows.next()? {
                let connector = ConnectorId(row.get(1)?);
                if connectors.is_some_and(|connectors| !connectors.contains(&connector)) {
                    continue;
                }
                let rate = RuleRate { rule: row.get(0)?, findings: row.get(2)?, last: UtcMs(row.get(3)?) };
                match rates.iter_mut().find(|known| known.rule == rate.rule) {
                    Some(known) => {
                        known.findings += rate.findings;
                        known.last = known.last.max(rate.last);
                    }
                    None => rates.push(rate),
                }
            }
            Ok(rates)
        })
    }
}
