//! A channel as it is told, without its secret.

use hubtrail_core::time::UtcMs;
use serde::Serialize;
use utoipa::ToSchema;

use crate::notify::{Channel, Settings, State};

/// A channel, and how telling over it goes
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http::api) struct ChannelInfo {
    id: i64,
    #[serde(flatten)]
    settings: Settings,
    has_secret: bool,
    paused: bool,
    state: State,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    last_success: Option<String>,
    /// What stands in the way now.
    failure: Option<String>,
    fix: Option<String>,
    /// When it last failed.
    #[schema(format = DateTime)]
    failed_at: Option<String>,
    #[schema(format = DateTime)]
    retry_at: Option<String>,
    /// Raised by every change.
    revision: i64,
}

impl From<Channel> for ChannelInfo {
    fn from(channel: Channel) -> Self {
        let time = |at: Option<UtcMs>| at.map(|at| at.to_string());
        Self {
            id: channel.id.0,
            state: channel.state(),
            has_secret: channel.has_secret(),
            settings: channel.settings,
            paused: channel.paused,
            created_at: channel.created_at.to_string(),
            last_success: time(channel.succeeded_at),
            failure: channel.failure,
            fix: channel.fix,
            failed_at: time(channel.failed_at),
            retry_at: time(channel.retry_at),
            revision: channel.revision,
        }
    }
}
