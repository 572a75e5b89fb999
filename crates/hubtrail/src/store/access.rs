//! Who may use the service: people, their sessions, and tokens for programs. Only digests of secrets are
//! here. Every change is made by an actor within their reach, and leaves its entry in the audit trail in
//! the same transaction.

mod accounts;
mod callers;
mod sessions;
mod tokens;
mod users;

pub use callers::Credential;
pub use sessions::NewSession;
pub use tokens::{NewToken, Token};
pub use users::{NewUser, User, UserChange};
