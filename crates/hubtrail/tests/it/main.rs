//! Hubtrail from outside: one binary for all integration tests, one module per topic.

mod binary;
mod cli_connector;
mod cli_doctor;
mod cli_emulate;
mod cli_events;
mod cli_help;
mod store_append;
mod store_search;
mod store_support;
mod store_upkeep;
