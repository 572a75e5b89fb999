//! The client of HubSpot's API: one request, one page, and errors named by what to do next.
//!
//! The token goes to the configured host and nowhere else: no redirect and no link is followed,
//! and it is in no error, log line or `Debug` text. Waiting and asking again is the caller's.

mod bearer;
mod client;
mod connection;
mod credentials;
mod directory;
mod error;
mod introspect;
mod limits;
mod network;
mod oauth;
mod options;
mod page;
mod query;
mod refusal;
mod retry;
mod transport;
mod version;
mod wire;

#[cfg(test)]
mod responder;

pub use self::client::{HubSpot, Notice};
pub use self::connection::{
    AllowanceLeft, ConnectionReport, Outcome, Stage, StageReport, Step, Trouble, Warning, test_connection,
};
pub(crate) use self::connection::{other_account_fix, untestable};
pub use self::credentials::{Credentials, Keep, OAuth};
pub use self::directory::{Directory, Person};
pub use self::error::{ApiError, CredentialFault, NetworkFault, Nonsense, Reason, Said, TlsFault, Waited};
pub use self::introspect::{Account, DailyUsage, TokenInfo};
pub(crate) use self::network::causes;
pub use self::options::{Options, ProxyServer, SetupError, Timeouts};
pub use self::query::TimeForm;
pub use self::retry::{Directive, directive};
pub use self::transport::install_crypto;
pub use self::version::{ApiVersion, NotAVersion};
