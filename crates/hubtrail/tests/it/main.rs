//! Hubtrail from outside: one binary for all integration tests, one module per topic.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod binary;
mod cli_connector;
mod cli_doctor;
mod cli_emulate;
mod cli_events;
mod cli_help;
mod cli_status;
mod cli_upkeep;
mod store_append;
mod store_search;
mod store_support;
mod store_upkeep;
