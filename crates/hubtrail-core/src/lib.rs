//! The pure heart of Hubtrail: what an event is, when two records are the same one, and how a
//! history is read to its end without losing or doubling anything.
//!
//! Invariants: no IO, no clock, no environment, not async. Time is an argument.

pub mod allowance;
pub mod backoff;
pub mod cadence;
pub mod checkpoint;
#[cfg(test)]
mod damage;
pub mod detect;
pub mod encode;
pub mod event;
pub mod finding;
pub mod identity;
pub mod lateness;
pub mod page;
pub mod record_line;
pub mod sentence;
pub mod silence;
pub mod stream;
pub mod time;
pub mod walk;
