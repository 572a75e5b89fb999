//! `hubtrail connector`: the HubSpot accounts that are collected.

pub mod token;
