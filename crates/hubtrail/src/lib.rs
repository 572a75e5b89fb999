//! Hubtrail: the flight recorder for HubSpot.

pub mod hubspot;
