//! Where HubSpot shows an account to people. HubSpot documents no address by which the number of an object alone leads
//! to its editor, so the ways lead to lists.

use crate::connector::Connector;
use crate::hubspot::ConnectionReport;
use crate::store::{Store, StoreError};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HubSpot {
    host: String,
    portal: i64,
}

/// Where HubSpot is, as long as no test has heard of another place for the account.
const USUAL: &str = "app.hubspot.com";
/// A test that failed early has heard nothing; one before it has.
const MOST_TESTS: usize = 10;

impl HubSpot {
    /// None: it is not known yet which account it is.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(super) fn of(store: &Store, connector: &Connector) -> Result<Option<Self>, StoreError> {
        let Some(portal) = connector.portal_id else { return Ok(None) };
        let tests = store.connection_tests(connector.id, MOST_TESTS)?;
        let told = tests.iter().find_map(|test| {
            let report: ConnectionReport = serde_json::from_str(&test.report).ok()?;
            report.ui_domain.filter(|host| is_hubspots(host))
        });
        Ok(Some(Self { host: told.unwrap_or_else(|| USUAL.to_owned()), portal }))
    }

    pub(super) fn users(&self) -> String {
        format!("https://{}/settings/{}/users", self.host, self.portal)
    }

    pub(super) fn content(&self) -> String {
        format!("https://{}/content/{}", self.host, self.portal)
    }

    pub(super) const fn portal(&self) -> i64 {
        self.portal
    }
}

/// What answers as HubSpot does not lead people to a page of its own.
fn is_hubspots(host: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    host.ends_with(".hubspot.com") && host.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_hubspot_and_nowhere_else() {
        for (host, wanted) in [
            ("app.hubspot.com", true),
            ("app-eu1.hubspot.com", true),
            ("app.hubspot.com.example", false),
            ("evil.example/x.hubspot.com", false),
            ("user@evil.hubspot.com", false),
            ("", false),
        ] {
            assert_eq!(is_hubspots(host), wanted, "{host}");
        }
    }
}
