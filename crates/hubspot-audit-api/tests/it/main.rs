//! The protocol and the emulator over real HTTP.

#![expect(clippy::unwrap_used, reason = "what a test does not expect may end it")]

mod backend;
mod control;
mod errors;
mod faults;
mod limits;
mod oauth;
mod parameters;
mod people;
mod support;
mod switches;
mod use_cases;
mod walks;
