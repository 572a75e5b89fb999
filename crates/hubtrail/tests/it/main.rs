//! Hubtrail from outside: one binary for all integration tests, one module per topic.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its scene must fail")]

mod binary;
mod cli_connector;
mod cli_demo;
mod cli_doctor;
mod cli_emulate;
mod cli_events;
mod cli_help;
mod cli_status;
mod cli_upkeep;
mod collect_cases;
mod collect_exact;
mod crash;
mod detect_cli;
mod detect_pack;
mod lab;
mod store_append;
mod store_retention;
mod store_search;
mod store_support;
mod store_upkeep;
