//! Hubtrail: the flight recorder for HubSpot.

pub mod cli;
pub mod config;
pub mod moment;
pub mod telemetry;
