//! HubSpot's CMS content audit API as a server: the protocol over a small backend trait, and an
//! emulator of a HubSpot account built on it.

pub mod emulator;
pub mod record;
