//! Hubtrail: the flight recorder for HubSpot.

pub mod connector;
pub mod secret;
pub mod store;
