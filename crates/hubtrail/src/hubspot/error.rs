//! What can go wrong with a call, named by what to do next. Nothing here ever holds the token:
//! whatever HubSpot sent was cleared of it before it came here.

use std::fmt;

use hubtrail_core::time::UtcMs;

mod fix;

/// What HubSpot said of the call it did not serve.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub status: u16,
    /// Empty when there was none.
    pub message: String,
    /// What HubSpot's support asks for.
    pub correlation_id: Option<String>,
}

/// A call that brought nothing usable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// Ask again, not before the time given.
    #[error("{reason}{}", after(said.as_ref()))]
    Wait { reason: Reason, not_before: Option<UtcMs>, said: Option<Said> },
    /// A person must replace the token.
    #[error("hubspot does not accept {}: {said}", refused(*fault))]
    Credentials { fault: CredentialFault, said: Said },
    /// A person must grant a scope. Empty when HubSpot did not say which.
    #[error("the token lacks {}: {said}", scopes(missing))]
    Scope { missing: Vec<String>, said: Said },
    /// The account must be on a plan that includes this API.
    #[error("the account's plan does not include the audit log: {said}")]
    Plan { said: Said },
    /// No known version of the API is served under this address.
    #[error("hubspot does not serve this endpoint: {said}")]
    VersionGone { said: Said },
    /// Ask for fewer values at once.
    #[error("the request is too long for hubspot: {said}")]
    TooLong { said: Said },
    /// Ask differently: repeating the request would bring the same answer.
    #[error("hubspot refused the request{}: {said}", of_parameter(*parameter))]
    Refused { parameter: Option<&'static str>, said: Said },
    /// Ask again, and report it when it persists.
    #[error("the reply makes no sense: {what}{}", after(Some(said)))]
    Malformed { form: Nonsense, what: String, said: Said },
}

/// What a reply was that is none of HubSpot's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nonsense {
    WebPage,
    Redirect,
    /// JSON that ends too early.
    CutOff,
    Other,
}

/// Why a call must wait.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    #[error("too many calls within seconds")]
    Burst,
    #[error("the account's daily limit is used up")]
    Daily,
    #[error("our own share of the account's limits is used up")]
    OwnShare,
    #[error("the account is locked for a moment")]
    Locked,
    #[error("the account is being moved to another data centre")]
    Migrating,
    #[error("hubspot is not available")]
    ServerBusy,
    #[error("hubspot cannot be reached: {fault}{}", in_brackets(detail))]
    Unreachable { fault: NetworkFault, detail: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkFault {
    #[error("its name cannot be resolved")]
    Dns,
    #[error("no connection")]
    Connect,
    #[error("the proxy does not let us through")]
    Proxy,
    #[error("no trusted TLS connection, {0}")]
    Tls(TlsFault),
    #[error("timed out waiting for {0}")]
    Timeout(Waited),
    #[error("the connection was reset")]
    Reset,
    #[error("the reply was cut off")]
    BodyCut,
    #[error("the exchange failed")]
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    #[error("the certificate is of an authority that this machine does not trust")]
    UnknownAuthority,
    #[error("the certificate is for another name")]
    OtherName,
    #[error("the certificate has expired, or is not valid yet, by this machine's clock")]
    OutOfDate,
    #[error("the handshake failed")]
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Waited {
    #[error("a connection")]
    Connection,
    #[error("the headers")]
    Headers,
    #[error("the body")]
    Body,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialFault {
    #[error("has expired")]
    Expired,
    #[error("was revoked")]
    Revoked,
    #[error("it does not know")]
    Unknown,
    /// Not the token, but what a public app gets one for.
    #[error("is invalid, has expired or was revoked")]
    RefreshToken,
    /// Its id or its secret.
    #[error("it does not know")]
    App,
}

impl NetworkFault {
    const fn code(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connection-refused",
            Self::Proxy => "proxy",
            Self::Tls(TlsFault::UnknownAuthority) => "tls-untrusted",
            Self::Tls(TlsFault::OtherName) => "tls-name",
            Self::Tls(TlsFault::OutOfDate) => "tls-date",
            Self::Tls(TlsFault::Other) => "tls",
            Self::Timeout(_) => "timeout",
            Self::Reset => "connection-reset",
            Self::BodyCut => "reply-cut-off",
            Self::Other => "exchange-failed",
        }
    }
}

impl ApiError {
    /// A short word for programs, by what is to be done.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Wait { reason: Reason::Unreachable { .. }, .. } => "unreachable",
            Self::Wait { reason: Reason::ServerBusy, .. } => "unavailable",
            Self::Wait { .. } => "limit",
            Self::Credentials { .. } => "credentials",
            Self::Scope { .. } => "scope",
            Self::Plan { .. } => "plan",
            Self::VersionGone { .. } => "version_gone",
            Self::Refused { said: Said { status: 403, .. }, .. } => "forbidden",
            Self::TooLong { .. } | Self::Refused { .. } => "refused",
            Self::Malformed { .. } => "malformed",
        }
    }

    /// Where `docs/troubleshooting.md` speaks of it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Wait { reason, .. } => match reason {
                Reason::Burst => "burst-limit",
                Reason::Daily => "daily-limit",
                Reason::OwnShare => "own-share",
                Reason::Locked => "account-locked",
                Reason::Migrating => "account-migrating",
                Reason::ServerBusy => "hubspot-unavailable",
                Reason::Unreachable { fault, .. } => fault.code(),
            },
            Self::Credentials { fault: CredentialFault::Expired, .. } => "token-expired",
            Self::Credentials { fault: CredentialFault::Revoked, .. } => "token-revoked",
            Self::Credentials { fault: CredentialFault::Unknown, .. } => "token-unknown",
            Self::Credentials { fault: CredentialFault::RefreshToken, .. } => "refresh-token-refused",
            Self::Credentials { fault: CredentialFault::App, .. } => "app-refused",
            Self::Scope { .. } => "scope-missing",
            Self::Plan { .. } => "plan",
            Self::VersionGone { .. } => "version-gone",
            Self::Refused { said: Said { status: 403, .. }, .. } => "forbidden",
            Self::TooLong { .. } | Self::Refused { .. } => "request-refused",
            Self::Malformed { form, .. } => match form {
                Nonsense::WebPage => "html",
                Nonsense::Redirect => "redirect",
                Nonsense::CutOff => "json-cut-off",
                Nonsense::Other => "malformed",
            },
        }
    }

    /// HubSpot's own words, where there are any.
    #[must_use]
    pub const fn said(&self) -> Option<&Said> {
        match self {
            Self::Wait { said, .. } => said.as_ref(),
            Self::Credentials { said, .. }
            | Self::Scope { said, .. }
            | Self::Plan { said }
            | Self::VersionGone { said }
            | Self::TooLong { said }
            | Self::Refused { said, .. }
            | Self::Malformed { said, .. } => Some(said),
        }
    }

    /// A reply that is none, before there is anything of HubSpot's to repeat.
    pub(super) fn malformed(what: &str) -> Self {
        let said = Said { status: 200, ..Said::default() };
        Self::Malformed { form: Nonsense::Other, what: what.to_owned(), said }
    }

    pub(super) const fn unreachable(fault: NetworkFault, detail: String) -> Self {
        let reason = Reason::Unreachable { fault, detail };
        Self::Wait { reason, not_before: None, said: None }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}", self.status)?;
        if !self.message.is_empty() {
            write!(f, ", \"{}\"", self.message)?;
        }
        self.correlation_id.as_ref().map_or(Ok(()), |id| write!(f, ", correlation id {id}"))
    }
}

fn after(said: Option<&Said>) -> String {
    said.map(|said| format!(": {said}")).unwrap_or_default()
}

fn refused(fault: CredentialFault) -> String {
    let what = match fault {
        CredentialFault::RefreshToken => "the app's refresh token",
        CredentialFault::App => "the app's client id and secret",
        CredentialFault::Expired | CredentialFault::Revoked | CredentialFault::Unknown => "the token",
    };
    format!("{what}, which {fault}")
}

fn in_brackets(detail: &str) -> String {
    if detail.is_empty() { String::new() } else { format!(" ({detail})") }
}

fn of_parameter(parameter: Option<&str>) -> String {
    parameter.map(|parameter| format!(" because of `{parameter}`")).unwrap_or_default()
}

fn scopes(missing: &[String]) -> String {
    if missing.is_empty() {
        return "a scope".to_owned();
    }
    format!("the scope {}", quoted(missing))
}

fn quoted(scopes: &[String]) -> String {
    let quoted: Vec<String> = scopes.iter().map(|scope| format!("`{scope}`")).collect();
    quoted.join(", ")
}
