//! Hubtrail: the flight recorder for HubSpot.

pub mod access;
mod address;
mod budget;
pub mod cli;
pub mod clock;
pub mod collect;
pub mod config;
pub mod connection;
pub mod connector;
#[cfg(test)]
#[path = "../../hubtrail-core/src/damage.rs"]
mod damage;
pub mod declared;
pub mod detect;
pub mod directory;
pub mod exception;
pub mod forward;
pub mod http;
pub mod hubspot;
pub mod judgement;
pub mod known;
pub mod moment;
pub mod notify;
mod ownership;
pub mod package;
pub mod profile;
pub mod reach;
pub mod retention;
pub mod rules;
pub mod secret;
pub mod serve;
pub mod sink;
pub mod status;
pub mod store;
pub mod telemetry;
mod ui;
