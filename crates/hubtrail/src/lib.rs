//! Hubtrail: the flight recorder for HubSpot.

pub mod config;
pub mod moment;
pub mod telemetry;
