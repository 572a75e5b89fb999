//! From the parameters of a request to a range of the history, and from a page back to its cursors,
//! as the behaviour has it.

use super::behaviour::{Behaviour, Bound, CursorForm, DescendingAfter, LastPage, OverLimit};
use super::cursor::Cursor;
use super::history::{Edge, Key, Scan};
use crate::error::ApiError;
use crate::query::{After, Dimension, EVENT_TYPES, Filter, OBJECT_TYPES, Order, Query, not_a_time};
use crate::time;

/// Who issues cursors, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Issuer {
    pub account: u64,
    pub now_ms: i64,
}

#[derive(Clone, Debug)]
pub(super) struct Selection {
    pub lower: Option<Edge>,
    pub upper: Vec<Edge>,
    pub order: Order,
    pub limit: usize,
    /// The time bound, as far as it is still known.
    after_ms: Option<i64>,
    issuer: Issuer,
}

impl Selection {
    pub(super) fn of(query: &Query, behaviour: &Behaviour, issuer: Issuer) -> Result<Self, ApiError> {
        if behaviour.refuse_unknown {
            refuse_unknown(&query.filter)?;
        }
        let sort = query.sort.filter(|_| behaviour.honour_sort);
        let mut selection = Self {
            lower: None,
            upper: Vec::new(),
            order: sort.unwrap_or(behaviour.default_order),
            limit: limit(query.limit, behaviour)?,
            after_ms: None,
            issuer,
        };
        match &query.after {
            None => {}
            Some(After::Time { ms, epoch }) => selection.after_time(*ms, *epoch, behaviour),
            Some(After::Token(text)) => selection.after_cursor(text, behaviour)?,
        }
        if let Some(ms) = query.before_ms {
            selection.upper.push(Edge::Time { ms, inclusive: behaviour.before_bound == Bound::Inclusive });
        }
        Ok(selection)
    }

    fn after_time(&mut self, ms: i64, epoch: bool, behaviour: &Behaviour) {
        let inclusive = behaviour.after_bound == Bound::Inclusive;
        let is_cursor = match behaviour.descending_after {
            DescendingAfter::ByForm => epoch && behaviour.cursor == CursorForm::EpochMs,
            DescendingAfter::Filter => false,
            DescendingAfter::Cursor => true,
        };
        if self.order == Order::Descending && is_cursor {
            self.upper.push(Edge::Time { ms, inclusive });
        } else {
            let ms = ms - ms.rem_euclid(i64::from(behaviour.after_grain_ms.max(1)));
            self.after_ms = Some(ms);
            self.lower = Some(Edge::Time { ms, inclusive });
        }
    }

    fn after_cursor(&mut self, text: &str, behaviour: &Behaviour) -> Result<(), ApiError> {
        if behaviour.cursor != CursorForm::Opaque {
            return Err(not_a_time("after", text));
        }
        let refused = |why: &str| ApiError::invalid("after", format!("the cursor {why}; start again"));
        let cursor = Cursor::read(text, self.issuer.account).ok_or_else(|| refused("is not one of ours"))?;
        let age_ms = self.issuer.now_ms.saturating_sub(cursor.issued_ms);
        if behaviour.cursor_lifetime_ms.is_some_and(|lifetime| age_ms > i64::from(lifetime)) {
            return Err(refused("has expired"));
        }
        if cursor.order != self.order {
            return Err(refused("belongs to the other sort order"));
        }
        self.after_ms = cursor.after_ms;
        match self.order {
            Order::Ascending => self.lower = Some(Edge::Place(cursor.place)),
            Order::Descending => {
                let inclusive = behaviour.after_bound == Bound::Inclusive;
                self.lower = cursor.after_ms.map(|ms| Edge::Time { ms, inclusive });
                self.upper.push(Edge::Place(cursor.place));
            }
        }
        Ok(())
    }

    /// `paging.next.after` behind what the scan found.
    pub(super) fn next(&self, scan: &Scan, query: &Query, behaviour: &Behaviour) -> Option<String> {
        match (scan.last, scan.more, behaviour.last_page) {
            (Some(last), true, _) | (Some(last), false, LastPage::Cursor | LastPage::AlwaysCursor) => {
                Some(self.cursor(last, last.at_ms, behaviour))
            }
            (None, _, LastPage::AlwaysCursor) => match query.after.as_ref()? {
                After::Time { ms, epoch: true } => Some(ms.to_string()),
                After::Time { ms, epoch: false } => Some(time::iso(*ms)),
                After::Token(text) => Some(text.clone()),
            },
            _ => None,
        }
    }

    /// A cursor that leads to the same page again: it stands before `first`.
    pub(super) fn again(&self, first: Key, behaviour: &Behaviour) -> String {
        let step = i64::from(behaviour.after_bound == Bound::Exclusive);
        let (sequence, at_ms) = match self.order {
            Order::Ascending => (first.sequence - 1, first.at_ms.saturating_sub(step)),
            Order::Descending => (first.sequence + 1, first.at_ms.saturating_add(step)),
        };
        self.cursor(Key { sequence, ..first }, at_ms, behaviour)
    }

    fn cursor(&self, place: Key, at_ms: i64, behaviour: &Behaviour) -> String {
        match behaviour.cursor {
            CursorForm::EpochMs => at_ms.to_string(),
            CursorForm::Iso => time::iso(at_ms),
            CursorForm::Opaque => {
                let issued_ms = self.issuer.now_ms;
                Cursor { place, order: self.order, after_ms: self.after_ms, issued_ms }
                    .write(self.issuer.account)
            }
        }
    }

    /// `paging.prev.before`: always a time, as `before` knows no other form.
    pub(super) fn prev(scan: &Scan, query: &Query, behaviour: &Behaviour) -> Option<String> {
        let first = scan.first.filter(|_| behaviour.prev && query.after.is_some())?;
        Some(match behaviour.cursor {
            CursorForm::Iso => time::iso(first.at_ms),
            CursorForm::EpochMs | CursorForm::Opaque => first.at_ms.to_string(),
        })
    }
}

fn limit(asked: Option<u32>, behaviour: &Behaviour) -> Result<usize, ApiError> {
    let limit = match asked {
        None => behaviour.default_limit.min(behaviour.max_limit),
        Some(limit) if limit <= behaviour.max_limit => limit,
        Some(limit) => match behaviour.over_limit {
            OverLimit::Clamp => behaviour.max_limit,
            OverLimit::Error => {
                let message = format!("`{limit}` is more than {}", behaviour.max_limit);
                return Err(ApiError::invalid("limit", message));
            }
        },
    };
    Ok(limit.max(1) as usize)
}

fn refuse_unknown(filter: &Filter) -> Result<(), ApiError> {
    for (dimension, known) in [(Dimension::EventType, EVENT_TYPES), (Dimension::ObjectType, OBJECT_TYPES)] {
        let unknown = filter.values(dimension).iter().find(|value| !known.contains(&value.as_str()));
        if let Some(value) = unknown {
            let message = format!("`{value}` is not one of {}", known.join(", "));
            return Err(ApiError::invalid(dimension.parameter(), message));
        }
    }
    Ok(())
}
