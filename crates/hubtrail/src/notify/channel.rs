//! A way to people, and what goes over it. What opens the service is one secret, kept apart and sealed.

use hubtrail_core::finding::{Finding, Severity};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

use super::pace::Pace;
use crate::connector::{ConnectorId, Invalid};
use crate::sink::{By, Connection, url_text};

/// Where to
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Service {
    /// By SMTP. The secret is the password of `username`.
    Email {
        #[schema(example = "smtp.example.org")]
        host: String,
        #[serde(default)]
        #[schema(minimum = 1, maximum = 65535)]
        port: Option<u16>,
        #[serde(default)]
        encryption: Encryption,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        username: Option<String>,
        #[schema(example = "Hubtrail <hubtrail@example.org>")]
        from: String,
        to: Vec<String>,
    },
    /// The secret is a bot token (`xoxb-…`), whose messages are updated, or the address of an incoming webhook.
    Slack {
        /// For a bot: the channel's id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channel: Option<String>,
        #[serde(default = "slack", with = "url_text")]
        #[schema(value_type = String)]
        api: Url,
    },
    /// The secret is the address that a workflow of Teams shows for "when a webhook request is received".
    Teams {},
    /// Events API v2. The secret is the integration's routing key.
    PagerDuty {
        #[serde(default = "pager_duty", with = "url_text")]
        #[schema(value_type = String)]
        api: Url,
    },
    /// JSON by POST. The secret signs it, as Standard Webhooks has it.
    Webhook {
        #[serde(with = "url_text")]
        #[schema(value_type = String, example = "https://hooks.example.org/hubtrail")]
        url: Url,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// From the first byte; port 465.
    Tls,
    /// After a greeting in clear, and never without; port 587.
    #[default]
    Starttls,
    /// Not at all, to this machine only; port 25.
    None,
}

impl Encryption {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::Starttls => "starttls",
            Self::None => "none",
        }
    }
}

fn slack() -> Url {
    Url::parse("https://slack.com/api/").expect("it is an address")
}

fn pager_duty() -> Url {
    Url::parse("https://events.pagerduty.com/v2/enqueue").expect("it is an address")
}

/// What is told. Everything must match
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Route {
    /// Numbers of connectors; none: all.
    #[schema(value_type = Vec<i64>)]
    pub accounts: Vec<ConnectorId>,
    /// Findings of this severity or worse.
    #[schema(value_type = String, example = "high")]
    pub severity: Severity,
    /// Only findings of these rules, by id; none: all.
    pub rules: Vec<String>,
    /// Also when collection or forwarding fails, goes silent or leaves a gap.
    pub trouble: bool,
    pub digest: Digest,
}

impl Default for Route {
    fn default() -> Self {
        Self {
            accounts: Vec::new(),
            severity: Severity::High,
            rules: Vec::new(),
            trouble: true,
            digest: Digest::None,
        }
    }
}

/// A summary at eight in the morning, in the zone of the quiet hours, or else UTC; weekly on Mondays
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Digest {
    #[default]
    None,
    Daily,
    Weekly,
}

impl Digest {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
        }
    }
}

/// A channel as people set it up
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = AlertChannelSettings)]
pub struct Settings {
    #[schema(example = "on-call")]
    pub name: String,
    pub service: Service,
    #[serde(default)]
    pub route: Route,
    #[serde(default)]
    pub pace: Pace,
}

impl Route {
    #[must_use]
    pub fn concerns(&self, connector: ConnectorId) -> bool {
        self.accounts.is_empty() || self.accounts.contains(&connector)
    }

    #[must_use]
    pub fn wants(&self, connector: ConnectorId, finding: &Finding) -> bool {
        let rule = self.rules.is_empty() || self.rules.contains(&finding.rule);
        self.concerns(connector) && rule && finding.severity >= self.severity
    }
}

impl Service {
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Email { .. } => "email",
            Self::Slack { .. } => "slack",
            Self::Teams {} => "teams",
            Self::PagerDuty { .. } => "pager_duty",
            Self::Webhook { .. } => "webhook",
        }
    }

    /// Where it leads, for people, without the secret.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::Email { to, host, .. } => format!("{} by {host}", to.join(", ")),
            Self::Slack { channel: Some(channel), .. } => format!("channel {channel}"),
            Self::Slack { channel: None, .. } => "an incoming webhook".to_owned(),
            Self::Teams {} => "a workflow".to_owned(),
            Self::PagerDuty { api } => api.host_str().unwrap_or_default().to_owned(),
            Self::Webhook { url } => url.host_str().unwrap_or_default().to_owned(),
        }
    }

    /// What a secret was given for: it is sent nowhere else.
    #[must_use]
    pub fn receiver(&self) -> String {
        match self {
            Self::Email { host, port, username, .. } => {
                format!("email {host} {port:?} {}", username.as_deref().unwrap_or_default())
            }
            Self::Slack { api, .. } => format!("slack {api}"),
            Self::Teams {} => "teams".to_owned(),
            Self::PagerDuty { api } => format!("pager_duty {api}"),
            Self::Webhook { url } => format!("webhook {url}"),
        }
    }

    /// Whether a secret is of any use to it.
    pub(crate) const fn takes_a_secret(&self) -> bool {
        !matches!(self, Self::Email { username: None, .. })
    }

    const fn needs_a_secret(&self) -> bool {
        match self {
            Self::Email { username, .. } => username.is_some(),
            Self::Slack { .. } | Self::Teams {} | Self::PagerDuty { .. } => true,
            Self::Webhook { .. } => false,
        }
    }
}

impl Settings {
    /// # Errors
    /// The first field that cannot be.
    pub fn check(&self) -> Result<(), Invalid> {
        let refuse = |field, reason: &str, fix| Err(Invalid { field, reason: reason.to_owned(), fix });
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > 60 || name.chars().any(char::is_control) {
            return refuse(
                "name",
                "it is empty, too long or has control characters",
                "use up to 60 characters",
            );
        }
        match &self.service {
            Service::Email { host, port, from, to, encryption, .. } => {
                if host.trim().is_empty() {
                    return refuse("service.host", "it is empty", "name the mail server");
                }
                if *port == Some(0) {
                    return refuse("service.port", "no server has it", "use 1 to 65535, or leave it out");
                }
                if *encryption == Encryption::None && !is_this_machine(host) {
                    let fix = "use starttls or tls";
                    return refuse("service.encryption", "alerts would travel unencrypted", fix);
                }
                if to.is_empty() {
                    return refuse("service.to", "it is empty", "name at least one address");
                }
                super::email::check_addresses(from, to)?;
            }
            Service::Slack { api: url, .. } | Service::PagerDuty { api: url } | Service::Webhook { url } => {
                check_url(url)?;
            }
            Service::Teams {} => {}
        }
        self.pace.check()
    }

    /// # Errors
    /// When a secret is missing, or is not what this service takes.
    pub fn check_secret(&self, secret: Option<&str>) -> Result<(), Invalid> {
        let refuse = |reason: &str, fix| Err(Invalid { field: "secret", reason: reason.to_owned(), fix });
        match (&self.service, secret) {
            (service, None) if service.needs_a_secret() => {
                refuse("it is missing", "give the token, key, password or address that the service gave you")
            }
            (Service::Slack { channel, .. }, Some(secret)) if is_bot(secret) => match channel {
                Some(_) => Ok(()),
                None => refuse("a bot token needs a channel", "name the channel's id"),
            },
            (Service::Slack { .. } | Service::Teams {}, Some(secret)) => match Url::parse(secret) {
                Ok(url) => check_url(&url).map_err(|invalid| Invalid { field: "secret", ..invalid }),
                Err(_) => {
                    refuse("it is neither a bot token nor an address", "copy it from the service once more")
                }
            },
            _ => Ok(()),
        }
    }
}

pub(super) fn is_bot(secret: &str) -> bool {
    secret.starts_with("xox")
}

fn is_this_machine(host: &str) -> bool {
    matches!(host.trim(), "localhost" | "127.0.0.1" | "::1")
}

/// By the rules that hold for sinks: https, or this machine, and no address of the machine's own link.
fn check_url(url: &Url) -> Result<(), Invalid> {
    Connection::default()
        .check_url(url, By::Request)
        .map_err(|invalid| Invalid { field: "service", ..invalid })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::link::tests::NOWHERE;

    #[test]
    fn an_alert_goes_to_nobody_on_the_machines_own_link_in_any_spelling() {
        for host in NOWHERE {
            let url = format!("https://{host}/").parse().unwrap();
            assert_eq!(check_url(&url).unwrap_err().field, "service", "{host}");
        }
        assert_eq!(check_url(&"https://hooks.example.org/".parse().unwrap()), Ok(()));
    }
}
