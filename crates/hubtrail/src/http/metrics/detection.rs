//! Findings and detection as numbers.

use std::collections::BTreeMap;

use prometheus_client::registry::Registry;

use super::figures::{Gauges, number};
use crate::access::Accounts;
use crate::connector::ConnectorId;
use crate::store::{Detection, Standing, Store, StoreError};

/// What was found, and what was not looked at.
pub(super) struct Detecting {
    names: BTreeMap<ConnectorId, String>,
    standings: Vec<Standing>,
    detections: Vec<(ConnectorId, Detection)>,
}

impl Detecting {
    pub(super) fn read(store: &Store, accounts: &Accounts) -> Result<Self, StoreError> {
        let connectors = store.connectors()?.into_iter().filter(|one| accounts.contain(one.id));
        Ok(Self {
            names: connectors.map(|one| (one.id, one.name().to_owned())).collect(),
            standings: store.findings_standing()?,
            detections: store.detections()?,
        })
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        let found = Gauges::default();
        for standing in &self.standings {
            let Some(connector) = self.names.get(&standing.connector) else { continue };
            let word = |yes: bool| if yes { "true" } else { "false" }.to_owned();
            let labels = vec![
                ("connector", connector.clone()),
                ("severity", standing.severity.to_string()),
                ("status", standing.status.to_string()),
                ("watch", word(standing.watch)),
                ("hidden", word(standing.hidden)),
            ];
            found.get_or_create(&labels).set(number(standing.findings));
        }
        registry.register("hubtrail_findings", "Findings that are kept, by what people made of them", found);
        let overlooked = Gauges::default();
        let unjoined = Gauges::default();
        for (connector, detection) in &self.detections {
            let Some(connector) = self.names.get(connector) else { continue };
            for (why, count) in [("late", detection.late), ("crowded", detection.crowded)] {
                let labels = vec![("connector", connector.clone()), ("why", why.to_owned())];
                overlooked.get_or_create(&labels).set(number(count));
            }
            let labels = vec![("connector", connector.clone())];
            unjoined.get_or_create(&labels).set(f64::from(u8::from(detection.unjoined.is_some())));
        }
        registry.register(
            "hubtrail_detection_overlooked",
            "late: events that came too late to be looked at; crowded: times that old ones were forgotten early",
            overlooked,
        );
        registry.register(
            "hubtrail_detection_reads_history",
            "1 while history that came in late is being looked at",
            unjoined,
        );
    }
}
