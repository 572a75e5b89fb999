//! Hubtrail: the flight recorder for HubSpot.

pub mod access;
pub mod cli;
pub mod clock;
pub mod collect;
pub mod config;
pub mod connection;
pub mod connector;
pub mod declared;
pub mod directory;
pub mod http;
pub mod hubspot;
pub mod known;
pub mod moment;
pub mod profile;
pub mod reach;
pub mod retention;
pub mod rules;
pub mod secret;
pub mod serve;
pub mod status;
pub mod store;
pub mod telemetry;
mod ui;
