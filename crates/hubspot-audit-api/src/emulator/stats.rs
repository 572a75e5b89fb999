//! What the emulator has been asked and what it answered.

use std::collections::BTreeMap;

use http::StatusCode;
use serde::Serialize;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    pub requests: u64,
    /// A connection that was cut counts as 0.
    pub by_status: BTreeMap<u16, u64>,
    pub by_endpoint: BTreeMap<&'static str, u64>,
    pub pages: u64,
    pub records_served: u64,
    pub faults: BTreeMap<&'static str, u64>,
}

impl Stats {
    pub(super) fn answered(&mut self, endpoint: &'static str, status: Option<StatusCode>) {
        self.requests += 1;
        *self.by_status.entry(status.map_or(0, |status| status.as_u16())).or_default() += 1;
        *self.by_endpoint.entry(endpoint).or_default() += 1;
    }

    pub(super) fn page(&mut self, records: usize) {
        self.pages += 1;
        self.records_served += records as u64;
    }

    pub(super) fn fault(&mut self, name: &'static str) {
        *self.faults.entry(name).or_default() += 1;
    }
}
