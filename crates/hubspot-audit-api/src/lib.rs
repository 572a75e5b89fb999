//! HubSpot's CMS content audit API as a server: the protocol over a small backend trait, and an
//! emulator of a HubSpot account built on it.
//!
//! # Layout
//! `endpoint`, `query`, `page` and `error` are what goes over the wire; `router` joins them to a
//! [`backend::Backend`]. `emulator` is a backend that misbehaves on request.
//!
//! This crate shares no type with a client on purpose: a misread field must not cancel out.

pub mod backend;
#[cfg(test)]
#[path = "../../hubtrail-core/src/damage.rs"]
mod damage;
pub mod directory;
pub mod emulator;
pub mod endpoint;
pub mod error;
pub mod export;
pub mod oauth;
pub mod page;
pub mod query;
pub mod record;
pub mod router;
pub mod time;
pub mod word;
