//! How many events there were, hour by hour or day by day.

use axum::Json;
use axum::extract::State;
use hubtrail_core::time::UtcMs;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::Caller;
use crate::http::accounts::Accounts;
use crate::http::extract::Query;
use crate::http::selection::{Range, Selection};
use crate::http::{App, Problem};
use crate::store::Search;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const MOST_STEPS: i64 = 2_000;
/// Entries that are counted one by one when the rollup does not know.
const MOST_COUNTED: u64 = 100_000;

#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Steps {
    /// How long a step is, in UTC; hours when it is not said.
    #[param(inline)]
    step: Option<Step>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = HistogramStep)]
enum Step {
    #[default]
    Hour,
    Day,
}

/// Events by the hour or by the day
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Histogram {
    #[schema(inline)]
    step: Step,
    /// The start of the first step.
    #[schema(format = DateTime)]
    from: String,
    /// The end of the last step.
    #[schema(format = DateTime)]
    to: String,
    /// Only from here on was everything counted: before it there is too much for these filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    since: Option<String>,
    /// One for each step, the oldest first.
    steps: Vec<Count>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistogramCount)]
struct Count {
    /// The start of the step.
    #[schema(format = DateTime)]
    at: String,
    entries: u64,
}

/// Events by the hour or by the day
///
/// The last 24 hours, or the last 30 days, when no time is said. The range is widened to whole steps.
#[utoipa::path(
    get, path = "/histogram", tag = "events", params(Selection, Range, Steps),
    responses((status = OK, body = Histogram))
)]
pub(super) async fn histogram(
    caller: Caller,
    State(app): State<App>,
    Query((selection, range, steps)): Query<(Selection, Range, Steps)>,
) -> Result<Json<Histogram>, Problem> {
    let accounts = Accounts::of(&app, &caller).await?;
    let step = steps.step.unwrap_or_default();
    let (from, to) = widened(range, step, app.clock.now())?;
    let search = Search { after: Some(from), before: Some(to), ..selection.search(&caller, &accounts)? };
    let spread = app.log(move |store| store.spread(&search, step.ms(), MOST_COUNTED)).await?;
    let starts = (from.0..to.0).step_by(usize::try_from(step.ms()).unwrap_or(usize::MAX)).map(UtcMs);
    let steps = starts
        .map(|at| Count { at: at.to_string(), entries: spread.steps.get(&at).copied().unwrap_or_default() });
    Ok(Json(Histogram {
        step,
        from: from.to_string(),
        to: to.to_string(),
        since: spread.since.map(|since| since.to_string()),
        steps: steps.collect(),
    }))
}

impl Step {
    const fn ms(self) -> i64 {
        match self {
            Self::Hour => HOUR_MS,
            Self::Day => DAY_MS,
        }
    }

    const fn usual_ms(self) -> i64 {
        match self {
            Self::Hour => DAY_MS,
            Self::Day => 30 * DAY_MS,
        }
    }
}

fn widened(range: Range, step: Step, now: UtcMs) -> Result<(UtcMs, UtcMs), Problem> {
    let down = |at: UtcMs| at.minus(at.0.rem_euclid(step.ms()));
    let (after, before) = range.bounds(now);
    let to = down(before.unwrap_or(now.plus(1)).plus(step.ms() - 1));
    let from = down(after.unwrap_or(to.minus(step.usual_ms())));
    if to.since(from) > MOST_STEPS * step.ms() {
        let fix = format!("ask for {MOST_STEPS} steps at most, or use `step=day`");
        return Err(Problem::invalid("after", "that is too long for a histogram", fix));
    }
    Ok((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::selection::When;

    fn range(after: Option<i64>, before: Option<i64>) -> Range {
        let when = |ms: Option<i64>| ms.map(|ms| When(crate::moment::Moment::At(UtcMs(ms))));
        Range { after: when(after), before: when(before) }
    }

    #[test]
    fn a_range_is_widened_to_whole_steps_and_bounded() {
        let now = UtcMs(10 * DAY_MS + 1);
        let of = |after, before, step| widened(range(after, before), step, now).map(|(a, b)| (a.0, b.0)).ok();
        assert_eq!(of(None, None, Step::Hour), Some((9 * DAY_MS + HOUR_MS, 10 * DAY_MS + HOUR_MS)));
        assert_eq!(of(Some(1), Some(HOUR_MS), Step::Hour), Some((0, HOUR_MS)));
        assert_eq!(of(Some(-1), Some(1), Step::Day), Some((-DAY_MS, DAY_MS)));
        assert_eq!(of(Some(0), Some(MOST_STEPS * HOUR_MS), Step::Hour), Some((0, MOST_STEPS * HOUR_MS)));
        assert_eq!(of(Some(0), Some(MOST_STEPS * HOUR_MS + 1), Step::Hour), None);
        assert_eq!(of(Some(i64::MIN), Some(i64::MAX), Step::Hour), None);
    }
}
