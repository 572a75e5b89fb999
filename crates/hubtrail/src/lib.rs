//! Hubtrail: the flight recorder for HubSpot.
