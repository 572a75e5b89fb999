//! A sink as it is shown. There is no field for a secret.

use serde::Serialize;
use utoipa::ToSchema;

use crate::sink::{Configured, Settings};

/// A configured sink
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SinkInfo {
    #[schema(minimum = 1)]
    id: i64,
    #[serde(flatten)]
    settings: Settings,
    paused: bool,
    /// Declared in the configuration file, and changed only there.
    declared: bool,
    /// Whether it has something that opens its receiver. It is never shown.
    has_credentials: bool,
    #[schema(format = DateTime)]
    created_at: String,
    /// Raised by every change.
    revision: i64,
}

impl From<Configured> for SinkInfo {
    fn from(sink: Configured) -> Self {
        Self {
            id: sink.id.0,
            paused: sink.paused,
            declared: sink.declared,
            has_credentials: sink.has_credentials(),
            created_at: sink.created_at.to_string(),
            revision: sink.revision,
            settings: sink.settings,
        }
    }
}
