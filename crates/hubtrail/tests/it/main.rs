//! Hubtrail from outside: one binary for all integration tests, one module per topic.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its scene must fail")]

mod access_cli;
mod access_guard;
mod access_listen;
mod access_metrics;
mod access_scope;
mod access_secrets;
mod access_session;
mod access_support;
mod api_archive;
mod api_connectors;
mod api_events;
mod api_openapi;
mod api_scope;
mod api_support;
mod api_tail;
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
mod directory_people;
mod lab;
mod oauth;
mod store_append;
mod store_facts;
mod store_retention;
mod store_search;
mod store_support;
mod store_upkeep;
mod ui_pages;
mod troubleshooting;
