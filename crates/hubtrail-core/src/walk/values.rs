//! The values a dimension is known to have: documented, ever seen, and found on the way.

use std::collections::BTreeSet;

use crate::page::{Dimension, Page};

#[derive(Default)]
pub(crate) struct Values {
    dimensions: [Known; 4],
}

#[derive(Default)]
struct Known {
    values: BTreeSet<String>,
    learnt: bool,
}

impl Values {
    pub(crate) fn find(&mut self, page: &Page) {
        for event in page.events() {
            for dimension in Dimension::ALL {
                let value = dimension.of(event);
                let known = &mut self.dimensions[dimension.index()].values;
                if !value.is_empty() && !known.contains(value) {
                    known.insert(value.to_owned());
                }
            }
        }
    }

    pub(crate) fn learn(&mut self, dimension: Dimension, seen: impl IntoIterator<Item = String>) {
        let known = &mut self.dimensions[dimension.index()];
        known.values.extend(seen.into_iter().filter(|value| !value.is_empty()));
        known.values.extend(dimension.documented().iter().map(|&value| value.to_owned()));
        known.learnt = true;
    }

    /// None until the log was asked which values it has seen.
    pub(crate) fn of(&self, dimension: Dimension) -> Option<&BTreeSet<String>> {
        let known = &self.dimensions[dimension.index()];
        known.learnt.then_some(&known.values)
    }
}
