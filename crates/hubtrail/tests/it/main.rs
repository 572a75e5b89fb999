//! Hubtrail from the outside: the whole library, over files on disk.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod store_append;
mod store_search;
mod store_support;
mod store_upkeep;
