//! Who may use the service: people, their sessions, and tokens for programs. Only digests of secrets are here.

mod accounts;
mod callers;
