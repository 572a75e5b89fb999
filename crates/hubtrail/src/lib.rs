//! Hubtrail: the flight recorder for HubSpot.

pub mod connector;
pub mod hubspot;
pub mod secret;
pub mod store;
