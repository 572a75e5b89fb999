//! One record of the audit log, as HubSpot's server sends it.

use serde::{Deserialize, Serialize};

/// The fields in the order in which HubSpot writes them. `timestamp` is written in the form that
/// the server is set to; inside it is a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    pub object_id: String,
    pub object_name: String,
    pub object_type: String,
    pub event: String,
    pub user_id: String,
    pub full_name: String,
    /// UTC milliseconds since 1970.
    pub timestamp_ms: i64,
    /// JSON text, so that numbers stay as they were written. None: the field is not sent.
    pub meta: Option<String>,
}
