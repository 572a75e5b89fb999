//! A connector as it is written: what may be said of it, and what is taken for granted.

use hubtrail_core::time::UtcMs;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::address;
use crate::connector::{Credentials, HUBSPOT, Invalid, OAuth, Settings, Start};
use crate::http::Problem;
use crate::moment::Moment;

/// The means of a public app
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct App {
    pub(crate) client_id: String,
    #[schema(value_type = String, write_only, format = Password)]
    pub(crate) client_secret: SecretString,
    #[schema(value_type = String, write_only, format = Password)]
    pub(crate) refresh_token: SecretString,
}

/// A new connector
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = CreateConnector)]
pub(in crate::http::api) struct Create {
    /// Its name, unique whatever its case.
    #[schema(example = "acme", min_length = 1, max_length = 100)]
    name: String,
    /// A service key of HubSpot's, or the access token of a private app. Either this or `oauth`.
    #[schema(write_only, value_type = Option<String>, format = Password)]
    token: Option<SecretString>,
    /// What opens the account instead of a token.
    oauth: Option<App>,
    /// Without collecting, until it is resumed.
    #[serde(default)]
    paused: bool,
    /// Where the API is: HubSpot's own when it is left out. `https`, except on this machine.
    base_url: Option<String>,
    /// `v3`, `2025-09`, `2026-03` or `2026-09`.
    api_version: Option<String>,
    /// How much history: `all`, `now`, `30d`, a date or a time.
    start: Option<String>,
    #[schema(minimum = 1000, maximum = 3600000)]
    poll_interval_ms: Option<i64>,
    /// Percent of the account's burst and daily allowance, or `off` towards this machine.
    #[schema(example = "50/10")]
    rate_limit: Option<String>,
    #[schema(minimum = 1, maximum = 1000)]
    page_size: Option<u32>,
    labels: Option<Vec<String>>,
    /// How long its events are kept: `default` as those of the other accounts, `forever`, or whole days such as `400d`.
    #[schema(example = "400d")]
    retention: Option<String>,
    /// How many alerts in 30 days are wanted of it: `default` as of the other accounts, or a whole number.
    #[schema(example = "2")]
    alert_budget: Option<String>,
}

/// What changes; the rest stays as it is
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = ChangeConnector)]
pub(in crate::http::api) struct Change {
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Blank: the token stays as it is.
    #[schema(write_only, value_type = Option<String>, format = Password)]
    token: Option<SecretString>,
    /// What opens the account from now on.
    oauth: Option<App>,
    /// Where the API is: HubSpot's own when it is left out. `https`, except on this machine.
    base_url: Option<String>,
    /// `v3`, `2025-09`, `2026-03` or `2026-09`.
    api_version: Option<String>,
    /// How much history: `all`, `now`, `30d`, a date or a time.
    start: Option<String>,
    #[schema(minimum = 1000, maximum = 3600000)]
    poll_interval_ms: Option<i64>,
    /// Percent of the account's burst and daily allowance, or `off` towards this machine.
    #[schema(example = "50/10")]
    rate_limit: Option<String>,
    #[schema(minimum = 1, maximum = 1000)]
    page_size: Option<u32>,
    labels: Option<Vec<String>>,
    /// How long its events are kept: `default` as those of the other accounts, `forever`, or whole days such as `400d`.
    /// What is older is taken out within the hour, for good.
    #[schema(example = "400d")]
    retention: Option<String>,
    /// How many alerts in 30 days are wanted of it: `default` as of the other accounts, or a whole number.
    #[schema(example = "2")]
    alert_budget: Option<String>,
}

impl Create {
    pub(super) fn read(self, now: UtcMs) -> Result<(Settings, Credentials), Problem> {
        let mut settings = Settings { paused: self.paused, ..Settings::new(&self.name, HUBSPOT)? };
        let rest = Change {
            name: None,
            token: self.token,
            oauth: self.oauth,
            base_url: self.base_url,
            api_version: self.api_version,
            start: self.start,
            poll_interval_ms: self.poll_interval_ms,
            rate_limit: self.rate_limit,
            page_size: self.page_size,
            labels: self.labels,
            retention: self.retention,
            alert_budget: self.alert_budget,
        };
        let credentials = rest.apply(&mut settings, now)?.ok_or_else(|| {
            Problem::invalid("token", "there is no token", "send the key that HubSpot showed you")
        })?;
        Ok((settings, credentials))
    }
}

impl Change {
    /// Writes into the settings what is said, and gives back what opens the account from now on.
    pub(super) fn apply(self, settings: &mut Settings, now: UtcMs) -> Result<Option<Credentials>, Problem> {
        if let Some(name) = self.name {
            name.trim().clone_into(&mut settings.name);
        }
        if let Some(url) = self.base_url {
            settings.base_url = read("baseUrl", &url, "write it as https://api.hubapi.com", address::read)?;
        }
        if let Some(text) = self.api_version {
            settings.api_version = read("apiVersion", &text, "use one of HubSpot's versions", str::parse)?;
        }
        if let Some(text) = self.start {
            settings.start = start(&text, now)?;
        }
        if let Some(text) = self.rate_limit {
            settings.rate_limit = read("rateLimit", &text, "use a share such as 50/10", str::parse)?;
        }
        settings.poll_interval_ms = self.poll_interval_ms.unwrap_or(settings.poll_interval_ms);
        settings.page_size = self.page_size.unwrap_or(settings.page_size);
        if let Some(labels) = self.labels {
            settings.labels = labels;
        }
        if let Some(text) = self.retention {
            settings.retention = text.parse()?;
        }
        if let Some(text) = self.alert_budget {
            settings.alert_budget = text
                .parse()
                .map_err(|Invalid { reason, fix, .. }| Problem::invalid("alertBudget", reason, fix))?;
        }
        settings.check()?;
        credentials(self.token, self.oauth)
    }
}

fn read<T, E: std::fmt::Display>(
    field: &str,
    text: &str,
    fix: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, Problem> {
    parse(text.trim()).map_err(|error| Problem::invalid(field, error.to_string(), fix))
}

/// A time that is told from now is pinned.
fn start(text: &str, now: UtcMs) -> Result<Start, Problem> {
    match text.trim() {
        "all" => Ok(Start::All),
        "now" => Ok(Start::Now),
        text => {
            let moment: Moment = read("start", text, "use all, now, 30d or a time", str::parse)?;
            Ok(Start::Since(moment.from_now(now)))
        }
    }
}

/// None when it is blank. What comes along when a token is copied is left out.
fn given(secret: &SecretString) -> Option<SecretString> {
    let text = secret.expose_secret().trim();
    (!text.is_empty()).then(|| SecretString::from(text))
}

/// What opens the account: a token or the means of a public app. None: nothing is given.
pub(crate) fn credentials(
    token: Option<SecretString>,
    oauth: Option<App>,
) -> Result<Option<Credentials>, Problem> {
    let token = token.as_ref().and_then(given);
    let Some(app) = oauth else { return Ok(token.map(Credentials::Token)) };
    let twice = || Problem::invalid("oauth", "there is a token as well", "send one of the two");
    let missing = |field| Problem::invalid(field, "it is blank", "copy it from the app's page in HubSpot");
    if token.is_some() {
        return Err(twice());
    }
    let client_id = app.client_id.trim();
    if client_id.is_empty() {
        return Err(missing("oauth.clientId"));
    }
    Ok(Some(Credentials::OAuth(OAuth {
        client_id: client_id.to_owned(),
        client_secret: given(&app.client_secret).ok_or_else(|| missing("oauth.clientSecret"))?,
        refresh_token: given(&app.refresh_token).ok_or_else(|| missing("oauth.refreshToken"))?,
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create(json: &str) -> Result<(Settings, Credentials), String> {
        let form: Create = serde_json::from_str(json).map_err(|error| error.to_string())?;
        form.read(UtcMs(86_400_000)).map_err(|problem| problem.field.unwrap_or_default())
    }

    #[test]
    fn what_is_said_is_taken_and_the_rest_is_as_usual() {
        let json = r#"{"name":" acme ","token":" pat \n","start":"1d","rateLimit":"20/5","labels":["eu"]}"#;
        let (settings, credentials) = create(json).unwrap();
        assert_eq!((settings.name.as_str(), settings.start), ("acme", Start::Since(UtcMs(0))));
        assert_eq!((settings.rate_limit.to_string().as_str(), settings.page_size), ("20/5", 100));
        assert_eq!(settings.labels, ["eu"]);
        let Credentials::Token(token) = credentials else { panic!("it is a token") };
        assert_eq!(token.expose_secret(), "pat");
    }

    #[test]
    fn what_is_refused_is_refused_by_field() {
        for (json, field) in [
            (r#"{"name":"","token":"t"}"#, "name"),
            (r#"{"name":"a"}"#, "token"),
            (r#"{"name":"a","token":" "}"#, "token"),
            (r#"{"name":"a","token":"t","baseUrl":"nowhere"}"#, "baseUrl"),
            (r#"{"name":"a","token":"t","baseUrl":"http://hubspot.example"}"#, "base_url"),
            (r#"{"name":"a","token":"t","apiVersion":"v9"}"#, "apiVersion"),
            (r#"{"name":"a","token":"t","start":"soon"}"#, "start"),
            (r#"{"name":"a","token":"t","rateLimit":"lots"}"#, "rateLimit"),
            (r#"{"name":"a","token":"t","retention":"30"}"#, "retention"),
            (r#"{"name":"a","token":"t","alertBudget":"2.5"}"#, "alertBudget"),
            (
                r#"{"name":"a","token":"t","oauth":{"clientId":"c","clientSecret":"s","refreshToken":"r"}}"#,
                "oauth",
            ),
            (
                r#"{"name":"a","oauth":{"clientId":"c","clientSecret":"","refreshToken":"r"}}"#,
                "oauth.clientSecret",
            ),
            (
                r#"{"name":"a","oauth":{"clientId":" ","clientSecret":"s","refreshToken":"r"}}"#,
                "oauth.clientId",
            ),
        ] {
            assert_eq!(create(json).err().as_deref(), Some(field), "{json}");
        }
        assert!(
            create(r#"{"name":"a","token":"t","tokn":"u"}"#).unwrap_err().contains("unknown field `tokn`")
        );
    }
}
