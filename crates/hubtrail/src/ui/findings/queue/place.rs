//! Which of the findings are on the page, said so that nobody takes a ranking for more than it is: the worst come
//! first among those that were looked at together, the newest ones.

use super::asked::{Part, Query};
use super::{MOST, SHOWN};
use crate::store::{Cursor, KeptFinding};
use crate::ui::findings::line;
use crate::ui::viewer::Taste;
use crate::ui::when::{When, grouped};

pub(super) struct Place {
    /// Empty where all are on the page.
    pub(super) told: String,
    pub(super) next: Option<Step>,
    pub(super) is_first: bool,
}

/// A way on, in words.
pub(super) struct Step {
    pub(super) word: String,
    pub(super) href: String,
}

impl Place {
    /// What was found, cut down to what is on the page. `total` is how many there are, wherever one begins.
    pub(super) fn take(query: &Query, found: &mut Vec<KeptFinding>, total: i64, taste: &Taste) -> Self {
        let is_more = found.len() > MOST;
        found.truncate(MOST);
        let oldest = found.last().map(KeptFinding::cursor);
        if query.part == Part::Open {
            line::by_risk(found);
        }
        let all = found.len();
        let begin = (query.page * SHOWN).min(all);
        let end = (begin + SHOWN).min(all);
        found.drain(end..);
        found.drain(..begin);
        let is_first = query.page == 0 && query.from.is_none();
        if is_first && all <= SHOWN {
            return Self { told: String::new(), next: None, is_first };
        }
        let from = query.from.map(|from| exact(from, taste));
        let next = (end < all).then(|| Step {
            word: format!("Next {}", (all - end).min(SHOWN)),
            href: Query { page: query.page + 1, ..query.clone() }.href(),
        });
        let older = oldest.filter(|_| is_more).map(|oldest| Step {
            word: "Older findings".to_owned(),
            href: Query { from: Some(oldest), ..query.anew() }.href(),
        });
        let span = if begin < end { format!("{} to {}", begin + 1, end) } else { "None".to_owned() };
        Self { told: told(query.part, &span, all, is_more, from, total), next: next.or(older), is_first }
    }
}

fn exact(from: Cursor, taste: &Taste) -> String {
    When { at: from.timestamp, now: taste.now, zone: taste.zone.clone() }.exact()
}

fn told(part: Part, span: &str, all: usize, is_more: bool, from: Option<String>, total: i64) -> String {
    let (among, all) = if is_more { ("the newest ", grouped(all)) } else { ("", grouped(all)) };
    let before = from.as_ref().map_or_else(String::new, |from| format!(" from before {from}"));
    let order = if part == Part::Open { "the worst of these first" } else { "the newest first" };
    let rest = match (is_more, &from) {
        (true, None) => {
            let left = total.saturating_sub(i64::try_from(MOST).unwrap_or(i64::MAX));
            format!(" {} older ones follow, ranked by themselves.", grouped(left.max(1)))
        }
        (true, Some(_)) => " Older ones follow, ranked by themselves.".to_owned(),
        (false, _) => String::new(),
    };
    let rest = if part == Part::Open { rest } else { rest.replace(", ranked by themselves", "") };
    format!("{span} of {among}{all}{before}, {order}.{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ranking_says_among_which_it_is() {
        let day = || Some("Sunday".to_owned());
        for (said, wanted) in [
            (
                told(Part::Open, "1 to 100", 230, false, None, 230),
                "1 to 100 of 230, the worst of these first.",
            ),
            (
                told(Part::Open, "1 to 100", 500, true, None, 820),
                "1 to 100 of the newest 500, the worst of these first. 320 older ones follow, ranked by themselves.",
            ),
            (
                told(Part::Open, "101 to 120", 120, false, day(), 620),
                "101 to 120 of 120 from before Sunday, the worst of these first.",
            ),
            (
                told(Part::Hidden, "1 to 100", 500, true, day(), 9_000),
                "1 to 100 of the newest 500 from before Sunday, the newest first. Older ones follow.",
            ),
        ] {
            assert_eq!(said, wanted);
        }
    }
}
