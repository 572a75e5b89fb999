//! One sentence for each error that tells a person what to do about it.

use super::{ApiError, CredentialFault, NetworkFault, Nonsense, Reason, TlsFault, quoted};

/// Where tokens come from. The menu is HubSpot's of 2026; private apps can no longer be created.
const NEW_KEY: &str = "in HubSpot under Development > Keys > Service keys, as a super admin, \
    and give it to this connector with `hubtrail connector token NAME`";

impl ApiError {
    /// What to do, for people. Nothing is to be done about most waits, and the sentence says so.
    #[must_use]
    pub fn fix(&self) -> String {
        match self {
            Self::Wait { reason, .. } => fix_wait(reason).to_owned(),
            Self::Credentials { fault: CredentialFault::Expired, .. } => {
                format!("The token has expired. Create a new service key with the scope `content` {NEW_KEY}.")
            }
            Self::Credentials { fault: CredentialFault::RefreshToken, .. } => "Install the app in the account again, \
                and give its new refresh token to this connector with `hubtrail connector token NAME --oauth-file FILE`."
                .to_owned(),
            Self::Credentials { fault: CredentialFault::App, .. } => "Copy the client id and the client secret from the \
                app's page in HubSpot again, and give them to this connector with \
                `hubtrail connector token NAME --oauth-file FILE`."
                .to_owned(),
            Self::Credentials { .. } => format!(
                "Check that the whole token was copied and that it has not been revoked or rotated; \
                 otherwise create a new service key with the scope `content` {NEW_KEY}."
            ),
            Self::Scope { missing, .. } => {
                let content = ["content".to_owned()];
                let wanted = if missing.is_empty() { &content } else { missing.as_slice() };
                format!("Create a new service key with the scope {} {NEW_KEY}.", quoted(wanted))
            }
            Self::Plan { .. } => "The audit log needs Content Hub Enterprise (formerly CMS Hub Enterprise). \
                Use a token of an account that has it, or ask HubSpot to upgrade this one."
                .to_owned(),
            Self::VersionGone { .. } => "Check the base URL (HubSpot's is https://api.hubapi.com); \
                if it is right, this version of Hubtrail is too old for HubSpot's API: update it."
                .to_owned(),
            Self::TooLong { .. } => "Ask for fewer values at once.".to_owned(),
            Self::Refused { said, .. } if said.status == 403 => "Ask a super admin whether the person who \
                created the token may still see content activity; a new service key of their own also works."
                .to_owned(),
            Self::Refused { .. } => "Hubtrail asks again in another form where it can. If this persists, \
                report it with the correlation id."
                .to_owned(),
            Self::Malformed { form, .. } => fix_nonsense(*form).to_owned(),
        }
    }
}

const fn fix_nonsense(form: Nonsense) -> &'static str {
    match form {
        Nonsense::WebPage => {
            "Open the base URL in a browser on this machine: a proxy, a firewall or a sign-in page answers in \
             HubSpot's place. Let https://api.hubapi.com through, or correct the base URL."
        }
        Nonsense::Redirect => {
            "Correct the base URL (HubSpot's is https://api.hubapi.com): a redirect is never followed, because \
             the token would go with it. If it is right, something in between redirects: let HubSpot through."
        }
        Nonsense::CutOff | Nonsense::Other => {
            "Nothing: Hubtrail asks again. If this persists, check the base URL and whether a proxy or firewall \
             answers in HubSpot's place."
        }
    }
}

const fn fix_wait(reason: &Reason) -> &'static str {
    match reason {
        Reason::Burst | Reason::Locked | Reason::ServerBusy => "Nothing: Hubtrail waits and asks again.",
        Reason::Daily => {
            "Nothing: the limit resets at midnight in the account's time zone and Hubtrail goes on. \
             If it happens daily, find the integration that uses the account's calls up, or raise the limit."
        }
        Reason::OwnShare => {
            "Nothing: Hubtrail goes on when its share is free again. \
             To go faster, raise the connector's share of the account's limits."
        }
        Reason::Migrating => {
            "Nothing: HubSpot is moving the account, which can take a day; Hubtrail goes on afterwards."
        }
        Reason::Unreachable { fault, .. } => match fault {
            NetworkFault::Dns => "Check the host in the base URL, and this machine's DNS.",
            NetworkFault::Connect | NetworkFault::Timeout(_) => {
                "Check that this machine may open connections to HubSpot (https://api.hubapi.com, port 443), \
                 or configure the proxy it must use."
            }
            NetworkFault::Proxy => {
                "Check the address and the credentials of the configured proxy (`proxy` in [network], or \
                 HTTPS_PROXY), and that it lets HubSpot through."
            }
            NetworkFault::Tls(fault) => match fault {
                TlsFault::UnknownAuthority => {
                    "If a firewall inspects TLS here, configure its CA certificate as `extra_ca` in [network], or \
                     exempt https://api.hubapi.com from inspection. Otherwise bring the system's CA certificates \
                     up to date."
                }
                TlsFault::OtherName => {
                    "Check the host in the base URL, and what this machine's DNS says of it: another server answers."
                }
                TlsFault::OutOfDate => {
                    "Check this machine's clock. If it is right, whoever runs the server must renew its certificate."
                }
                TlsFault::Other => {
                    "Check that the base URL's port speaks TLS, and that no firewall in between breaks it off."
                }
            },
            NetworkFault::Reset | NetworkFault::BodyCut | NetworkFault::Other => {
                "Nothing: Hubtrail asks again. If this persists, look for a proxy or firewall in between."
            }
        },
    }
}
