//! A channel as it is written, and what is changed of one.

use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::notify::{Pace, Route, Service, Settings};

/// A new channel
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateChannel)]
pub(in crate::http::api) struct Create {
    #[schema(example = "on-call")]
    name: String,
    service: Service,
    #[serde(default)]
    route: Route,
    #[serde(default)]
    pace: Pace,
    /// What opens the service. It is never shown again.
    #[schema(value_type = Option<String>, write_only, format = Password)]
    secret: Option<SecretString>,
}

/// What changes; the rest stays as it is
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeChannel)]
pub(in crate::http::api) struct Change {
    name: Option<String>,
    service: Option<Service>,
    route: Option<Route>,
    pace: Option<Pace>,
    /// What opens the service from now on; left out, what did before.
    #[schema(value_type = Option<String>, write_only, format = Password)]
    secret: Option<SecretString>,
}

impl Create {
    pub(super) fn read(self) -> (Settings, Option<SecretString>) {
        let Self { name, service, route, pace, secret } = self;
        (Settings { name, service, route, pace }, secret)
    }
}

impl Change {
    pub(super) fn of(self, held: &Settings) -> (Settings, Option<SecretString>) {
        let held = held.clone();
        let settings = Settings {
            name: self.name.unwrap_or(held.name),
            service: self.service.unwrap_or(held.service),
            route: self.route.unwrap_or(held.route),
            pace: self.pace.unwrap_or(held.pace),
        };
        (settings, self.secret)
    }
}
