//! Where a sink may send to. A receiver's name may lead anywhere: addresses of the machine's own link, which
//! is where clouds keep their credentials, are refused unless an operator allows them, and text travels
//! unencrypted to this machine only.

use std::net::{IpAddr, SocketAddr};

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use url::{Host, Url};
use utoipa::ToSchema;

use super::{By, Credentials, SinkError};
use crate::address::link::{self, Refused};
use crate::connector::Invalid;

/// Reads a struct or a kind by names only: within a target, serde would also take a list of a struct's values, and
/// the number of a kind in the order that we happen to declare.
pub(super) fn by_name<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<T, D::Error> {
    let fields = serde_json::Map::deserialize(from)?;
    serde_json::from_value(serde_json::Value::Object(fields)).map_err(D::Error::custom)
}

/// How the receiver is reached
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Connection {
    /// PEM of authorities that are trusted besides the system's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// PEM of the certificate that we show; its key is a credential.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<String>,
    /// Unencrypted also to other machines.
    pub allow_plaintext: bool,
    /// Also to link-local and metadata addresses; only an operator of the machine may say so.
    pub allow_link_local: bool,
}

impl Connection {
    pub(super) fn check(&self, by: By) -> Result<(), Invalid> {
        if self.allow_link_local && by == By::Request {
            return Err(Invalid {
                field: "target.connection.allowLinkLocal",
                reason: "it opens the machine's own link to whoever may add sinks".to_owned(),
                fix: "say so on the machine: `hubtrail sink` or hubtrail.toml",
            });
        }
        Ok(())
    }

    pub(crate) fn check_url(&self, url: &Url, by: By) -> Result<(), Invalid> {
        let refuse = |reason: &str, fix| Err(Invalid { field: "target.url", reason: reason.to_owned(), fix });
        match url.scheme() {
            "https" => {}
            "http" if self.allow_plaintext || is_loopback(url) => {}
            "http" => return refuse("entries would travel unencrypted", "use https://, or allow plaintext"),
            _ => return refuse("it is not an http address", "write it as https://siem.example.org/path"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("it holds a user name or password", "leave them out; credentials are kept apart");
        }
        if url.fragment().is_some() {
            return refuse("it has a fragment", "leave out what follows the #");
        }
        if let Some(address) = link::literal(url)
            && let Some(why) = self.refuses(address)
        {
            return refuse(why, "name the receiver's own address");
        }
        self.check(by)
    }

    /// A certificate and its key come together.
    pub(super) fn check_key(&self, credentials: &Credentials) -> Result<(), Invalid> {
        if self.client_certificate.is_some() == credentials.client_key.is_some() {
            return Ok(());
        }
        Err(Invalid {
            field: "credentials.clientKey",
            reason: "the client certificate and its key are not both there".to_owned(),
            fix: "give both, or neither",
        })
    }

    /// Why nothing is sent there.
    pub(super) fn refuses(&self, address: IpAddr) -> Option<&'static str> {
        link::no_machine(address).or_else(|| link::own_link(address).filter(|_| !self.allow_link_local))
    }

    /// The addresses of a host that may be sent to.
    pub(crate) async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, SinkError> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let found = tokio::net::lookup_host((bare, port)).await;
        let found =
            found.map_err(|error| SinkError::retry(format!("find the address of {host}: {error}")))?;
        Ok(link::allowed(host, found, |address| self.refuses(address))?)
    }
}

/// A URL as text, for settings.
pub(crate) mod url_text {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};
    use url::Url;

    use crate::address;

    pub(crate) fn serialize<S: Serializer>(url: &Url, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(url.as_str())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Url, D::Error> {
        let text = String::deserialize(from)?;
        address::read(&text).map_err(D::Error::custom)
    }
}

impl From<Refused> for SinkError {
    fn from(refused: Refused) -> Self {
        Self::misconfigured(
            refused.to_string(),
            "name the receiver's own address; an operator may allow link-local ones",
        )
    }
}

pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::link::tests::NOWHERE;

    fn check(url: &str, connection: &Connection) -> Result<(), String> {
        connection.check_url(&url.parse().unwrap(), By::Operator).map_err(|error| error.reason)
    }

    #[test]
    fn the_machines_own_link_and_metadata_are_refused_in_every_spelling() {
        let usual = Connection::default();
        for host in NOWHERE {
            assert!(check(&format!("https://{host}/"), &usual).is_err(), "{host}");
        }
        let allowed = Connection { allow_link_local: true, ..Connection::default() };
        assert_eq!(check("https://169.254.169.254/", &allowed), Ok(()));
        assert!(check("https://0.0.0.0/", &allowed).is_err());
        let by_request = allowed.check(By::Request).unwrap_err();
        assert_eq!(by_request.field, "target.connection.allowLinkLocal");
        for url in ["https://10.0.0.7/", "https://siem.example/", "https://127.0.0.1/", "https://[::1]/"] {
            assert_eq!(check(url, &usual), Ok(()), "{url}");
        }
    }

    #[test]
    fn plain_text_stays_on_this_machine_unless_it_is_allowed() {
        let usual = Connection::default();
        assert_eq!(check("http://127.0.0.1:9/", &usual), Ok(()));
        assert_eq!(check("http://localhost/", &usual), Ok(()));
        for url in ["http://10.0.0.7/", "http://localhost.example/", "ftp://a/", "https://u:hunter2@a/"] {
            let error = check(url, &usual).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
        }
        let allowed = Connection { allow_plaintext: true, ..Connection::default() };
        assert_eq!(check("http://10.0.0.7/", &allowed), Ok(()));
    }

    #[tokio::test]
    async fn a_name_is_judged_by_where_it_leads() {
        let found = Connection::default().resolve("localhost", 514).await.unwrap();
        assert!(!found.is_empty() && found.iter().all(|address| address.ip().is_loopback()));
        let error = Connection::default().resolve("169.254.169.254", 80).await.unwrap_err();
        assert!(matches!(error, SinkError::Misconfigured { .. }), "{error}");
    }
}
