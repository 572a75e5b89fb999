//! The alert budget in words: how often people were told of something, beside how often they want to be.

use crate::store::AlertRate;

impl AlertRate {
    /// `3 alerts in 30 days; under a budget of 5, 4.1 are expected`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let learned = &self.learned;
        let budget = learned.budget;
        if !learned.is_ready {
            return format!(
                "what is usual is still being learned ({} of history, {} settled): rules alone, and no budget of {budget} yet",
                counted(i64::from(learned.days), "day"),
                counted(i64::try_from(learned.acts).unwrap_or(i64::MAX), "event"),
            );
        }
        let raised = counted(self.raised, "alert");
        format!("{raised} in 30 days; under a budget of {budget}, {:.1} are expected", learned.expected)
    }
}

fn counted(count: i64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::ConnectorId;
    use hubtrail_core::detect::Standing;
    use hubtrail_core::time::UtcMs;

    #[test]
    fn what_was_raised_stands_beside_what_is_expected_and_learning_is_said() {
        let learned = Standing {
            since: Some(UtcMs(0)),
            days: 1,
            acts: 40,
            people: 3,
            is_ready: false,
            budget: 5.0,
            expected: 4.06,
        };
        let rate = AlertRate { connector: ConnectorId(1), learned, raised: 1 };
        assert_eq!(
            rate.sentence(),
            "what is usual is still being learned (1 day of history, 40 events settled): rules alone, and no budget of 5 yet"
        );
        let ready = AlertRate { learned: Standing { is_ready: true, ..learned }, ..rate };
        assert_eq!(ready.sentence(), "1 alert in 30 days; under a budget of 5, 4.1 are expected");
    }
}
