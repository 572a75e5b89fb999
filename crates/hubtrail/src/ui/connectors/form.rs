//! The form of a connector, between what a person types and its settings. A token is taken in and never
//! given out again.

use secrecy::SecretString;

use crate::connector::{ApiVersion, Connector, Credentials, HUBSPOT, Invalid, Settings};
use crate::http::connectors::{self as api, PublicApp};
use crate::moment::{length, length_ms};
use crate::ui::fields::{Fields, Wrong};

/// What the fields hold, as typed.
#[derive(Clone, Debug)]
pub(in crate::ui) struct Form {
    pub(in crate::ui) name: String,
    pub(in crate::ui) base_url: String,
    pub(in crate::ui) api_version: String,
    pub(in crate::ui) poll_interval: String,
    pub(in crate::ui) share: String,
    pub(in crate::ui) labels: String,
    pub(in crate::ui) alert_budget: String,
    /// Of a public app; of one that is held it is not shown.
    pub(in crate::ui) client_id: String,
    /// Of the connector that the form was filled from.
    pub(in crate::ui) revision: i64,
    pub(in crate::ui) wrong: Wrong,
}

impl Form {
    pub(super) fn empty() -> Self {
        Self {
            name: String::new(),
            base_url: HUBSPOT.to_owned(),
            api_version: ApiVersion::default().to_string(),
            poll_interval: "10s".to_owned(),
            share: crate::connector::RateLimit::default().to_string(),
            labels: String::new(),
            alert_budget: crate::connector::AlertBudget::default().to_string(),
            client_id: String::new(),
            revision: 0,
            wrong: Wrong::default(),
        }
    }

    pub(super) fn of(connector: &Connector) -> Self {
        let settings = &connector.settings;
        Self {
            name: settings.name.clone(),
            base_url: settings.base_url.to_string(),
            api_version: settings.api_version.to_string(),
            poll_interval: length(settings.poll_interval_ms),
            share: settings.rate_limit.to_string(),
            labels: settings.labels.join(", "),
            alert_budget: settings.alert_budget.to_string(),
            client_id: String::new(),
            revision: connector.revision,
            wrong: Wrong::default(),
        }
    }

    pub(super) fn typed(fields: &Fields) -> Self {
        let own = Self::empty();
        let or =
            |name: &str, own: String| Some(fields.text(name)).filter(|text| !text.is_empty()).unwrap_or(own);
        Self {
            name: fields.text("name"),
            base_url: or("base_url", own.base_url),
            api_version: or("api_version", own.api_version),
            poll_interval: or("poll_interval", own.poll_interval),
            share: or("rate_limit", own.share),
            labels: fields.text("labels"),
            alert_budget: or("alert_budget", own.alert_budget),
            client_id: fields.text("oauth.clientId"),
            revision: fields.text("revision").parse().unwrap_or_default(),
            wrong: Wrong::default(),
        }
    }

    pub(super) fn wrong(self, wrong: impl Into<Wrong>) -> Self {
        Self { wrong: wrong.into(), ..self }
    }

    /// The settings that were typed; what the form does not show stays as it was.
    pub(super) fn settings(&self, before: Option<&Settings>) -> Result<Settings, Wrong> {
        let typed = Settings::new(&self.name, &self.base_url).map_err(|invalid| said(&invalid))?;
        let settings = Settings {
            api_version: self
                .api_version
                .parse()
                .map_err(|error| refused("api_version", &error, "choose one of the list"))?,
            poll_interval_ms: length_ms(&self.poll_interval)
                .map_err(|error| refused("poll_interval", &error, "write 10s, 1m or 1h"))?,
            rate_limit: self.share.parse().map_err(|error| refused("rate_limit", &error, "write 50/10"))?,
            labels: self
                .labels
                .split(',')
                .map(str::trim)
                .filter(|label| !label.is_empty())
                .map(str::to_owned)
                .collect(),
            alert_budget: self.alert_budget.parse().map_err(|invalid| said(&invalid))?,
            start: before.map_or(typed.start, |before| before.start),
            page_size: before.map_or(typed.page_size, |before| before.page_size),
            paused: before.map_or(typed.paused, |before| before.paused),
            retention: before.map_or(typed.retention, |before| before.retention),
            ..typed
        };
        settings.check().map_err(|invalid| said(&invalid))?;
        Ok(settings)
    }

    pub(in crate::ui) fn versions(&self) -> Vec<&'static str> {
        let mut versions: Vec<_> = ApiVersion::NEWEST_FIRST.into_iter().map(ApiVersion::as_str).collect();
        versions.reverse();
        versions
    }

    /// Whether something behind "Advanced" is to be seen at once.
    pub(in crate::ui) fn advanced_open(&self) -> bool {
        ["base_url", "api_version", "poll_interval", "rate_limit", "labels", "alert_budget"]
            .into_iter()
            .any(|field| self.wrong.is(field))
    }
}

/// What opens the account, a token or a public app. None: all of it was left blank.
pub(super) fn credentials(fields: &Fields) -> Result<Option<Credentials>, Wrong> {
    let given = |name| fields.secret(name);
    let (client_secret, refresh_token) = (given("oauth.clientSecret"), given("oauth.refreshToken"));
    let client_id = fields.text("oauth.clientId");
    let is_app = !client_id.is_empty() || client_secret.is_some() || refresh_token.is_some();
    let text = |secret: Option<SecretString>| secret.unwrap_or_else(|| SecretString::from(""));
    let app = is_app.then(|| PublicApp {
        client_id,
        client_secret: text(client_secret),
        refresh_token: text(refresh_token),
    });
    Ok(api::credentials(given("token"), app)?)
}

fn said(invalid: &Invalid) -> Wrong {
    Wrong::new(invalid.field, invalid.reason.clone(), invalid.fix)
}

fn refused(field: &str, error: &dyn std::fmt::Display, fix: &str) -> Wrong {
    Wrong::new(field, error.to_string(), fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_settings_and_reads_back() {
        let form = Form {
            name: " Acme ".into(),
            poll_interval: "1m".into(),
            labels: "a, ,b ".into(),
            ..Form::empty()
        };
        let settings = form.settings(None).unwrap();
        assert_eq!((settings.name.as_str(), settings.poll_interval_ms), ("Acme", 60_000));
        assert_eq!(settings.labels, ["a", "b"]);
    }

    #[test]
    fn what_is_refused_is_refused_at_its_field() {
        let empty = || Form { name: "acme".into(), ..Form::empty() };
        for (form, field) in [
            (Form { name: String::new(), ..empty() }, "name"),
            (Form { base_url: "http://example.org".into(), ..empty() }, "base_url"),
            (Form { poll_interval: "often".into(), ..empty() }, "poll_interval"),
            (Form { poll_interval: "2h".into(), ..empty() }, "poll_interval"),
            (Form { share: "all".into(), ..empty() }, "rate_limit"),
        ] {
            assert!(form.settings(None).unwrap_err().is(field), "{field}");
        }
    }
}
