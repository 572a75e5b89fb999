//! A HubSpot account that exists only here: its people, its history and its clock.

pub mod clock;
pub mod scenario;
pub mod trace;
