//! A channel as its form holds it: in words of the form, without its secret.

use hubtrail_core::finding::Severity;
use serde_json::{Map, Value, json};

use super::told::KINDS;
use crate::http::Problem;
use crate::notify::{Channel, Pace, Quiet, Route, Service, Settings};
use crate::ui::fields::Fields;

#[derive(Default)]
pub(super) struct Typed {
    pub(super) name: String,
    pub(super) kind: String,
    /// Of the channel that the form was filled from.
    pub(super) revision: Option<i64>,
    pub(super) service: Place,
    pub(super) severity: String,
    pub(super) trouble: bool,
    pub(super) digest: String,
    /// None: all.
    pub(super) accounts: Option<Vec<String>>,
    pub(super) rules: Option<Vec<String>>,
    pub(super) gather: String,
    pub(super) update: String,
    pub(super) per_hour: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) zone: String,
}

/// Where to, of whichever kind.
#[derive(Default)]
pub(super) struct Place {
    pub(super) host: String,
    pub(super) port: String,
    pub(super) encryption: String,
    pub(super) username: String,
    pub(super) sender: String,
    pub(super) recipients: String,
    pub(super) channel: String,
    pub(super) api: String,
    pub(super) url: String,
}

impl Typed {
    /// A channel of this kind as it usually is.
    pub(super) fn blank(kind: &str) -> Self {
        let kind = KINDS.into_iter().find(|(own, _)| *own == kind).unwrap_or(KINDS[0]).0.to_owned();
        let mut typed = Self { kind, ..Self::default() };
        typed.hold_route(&Route::default());
        typed.hold_pace(&Pace::default());
        typed
    }

    pub(super) fn holding(channel: &Channel) -> Self {
        let settings = &channel.settings;
        let mut typed = Self {
            name: settings.name.clone(),
            kind: settings.service.kind().to_owned(),
            revision: Some(channel.revision),
            service: Place::of(&settings.service),
            ..Self::default()
        };
        typed.hold_route(&settings.route);
        typed.hold_pace(&settings.pace);
        typed
    }

    fn hold_route(&mut self, route: &Route) {
        let some = |keys: Vec<String>| (!keys.is_empty()).then_some(keys);
        self.severity = route.severity.to_string();
        self.trouble = route.trouble;
        self.digest = route.digest.as_str().to_owned();
        self.accounts = some(route.accounts.iter().map(ToString::to_string).collect());
        self.rules = some(route.rules.clone());
    }

    fn hold_pace(&mut self, pace: &Pace) {
        self.gather = pace.gather_seconds.to_string();
        self.update = pace.update_minutes.to_string();
        self.per_hour = pace.per_hour.to_string();
        if let Some(quiet) = &pace.quiet {
            (self.from, self.to, self.zone) = (quiet.from.clone(), quiet.to.clone(), quiet.zone.clone());
        }
    }

    pub(super) fn of(fields: &Fields) -> Self {
        let text = |name| fields.text(name);
        let ticked = |scope, name| (fields.text(scope) == "some").then(|| fields.all(name));
        Self {
            name: text("name"),
            kind: Self::blank(&text("kind")).kind,
            revision: text("revision").parse().ok(),
            service: Place {
                host: text("host"),
                port: text("port"),
                encryption: text("encryption"),
                username: text("username"),
                sender: text("sender"),
                recipients: text("recipients"),
                channel: text("channel"),
                api: text("api"),
                url: text("url"),
            },
            severity: text("severity"),
            trouble: fields.has("trouble"),
            digest: text("digest"),
            accounts: ticked("accounts", "account"),
            rules: ticked("rules", "rule"),
            gather: text("gather"),
            update: text("update"),
            per_hour: text("per_hour"),
            from: text("from"),
            to: text("to"),
            zone: text("zone"),
        }
    }

    pub(super) fn has_account(&self, key: &str) -> bool {
        self.accounts.iter().flatten().any(|own| own == key)
    }

    pub(super) fn has_rule(&self, key: &str) -> bool {
        self.rules.iter().flatten().any(|own| own == key)
    }

    /// In the form of the API, so that both are checked by the same rules.
    pub(super) fn settings(&self) -> Result<Settings, Problem> {
        Ok(Settings {
            name: self.name.clone(),
            service: self.service.read(&self.kind)?,
            route: self.route()?,
            pace: self.pace()?,
        })
    }

    fn route(&self) -> Result<Route, Problem> {
        let some = |ticked: &Option<Vec<String>>, field| match ticked {
            // Of the API none means all, and nobody who ticks none means that.
            Some(keys) if keys.is_empty() => {
                Err(Problem::invalid(field, "none is ticked", "tick at least one, or choose all"))
            }
            other => Ok(other.clone().unwrap_or_default()),
        };
        let accounts: Vec<i64> =
            some(&self.accounts, "route.accounts")?.iter().filter_map(|key| key.parse().ok()).collect();
        let severity: Severity = self
            .severity
            .parse()
            .map_err(|error| Problem::invalid("route.severity", format!("{error}"), "choose one"))?;
        let route = json!({
            "accounts": accounts,
            "severity": severity.as_str(),
            "rules": some(&self.rules, "route.rules")?,
            "trouble": self.trouble,
            "digest": self.digest,
        });
        serde_json::from_value(route)
            .map_err(|error| Problem::invalid("route.digest", error.to_string(), "choose one"))
    }

    fn pace(&self) -> Result<Pace, Problem> {
        let quiet = [&self.from, &self.to].into_iter().any(|time| !time.is_empty());
        let quiet =
            quiet.then(|| Quiet { from: self.from.clone(), to: self.to.clone(), zone: self.zone.clone() });
        Ok(Pace {
            gather_seconds: number(&self.gather, "pace.gatherSeconds")?,
            update_minutes: number(&self.update, "pace.updateMinutes")?,
            per_hour: number(&self.per_hour, "pace.perHour")?,
            quiet,
        })
    }
}

fn number<N: std::str::FromStr>(text: &str, field: &str) -> Result<N, Problem> {
    text.parse().map_err(|_| Problem::invalid(field, format!("`{text}` is no number"), "write digits only"))
}

impl Place {
    fn of(service: &Service) -> Self {
        let some = |text: &Option<String>| text.clone().unwrap_or_default();
        match service {
            Service::Email { host, port, encryption, username, from, to } => Self {
                host: host.clone(),
                port: port.map_or_else(String::new, |port| port.to_string()),
                encryption: encryption.as_str().to_owned(),
                username: some(username),
                sender: from.clone(),
                recipients: to.join(", "),
                ..Self::default()
            },
            Service::Slack { channel, api } => {
                Self { channel: some(channel), api: api.to_string(), ..Self::default() }
            }
            Service::Teams {} => Self::default(),
            Service::PagerDuty { api } => Self { api: api.to_string(), ..Self::default() },
            Service::Webhook { url } => Self { url: url.to_string(), ..Self::default() },
        }
    }

    /// What is left blank is as the API has it when it is left out.
    fn read(&self, kind: &str) -> Result<Service, Problem> {
        let texts: &[(&str, &str)] = match kind {
            "email" => &[
                ("host", &self.host),
                ("encryption", &self.encryption),
                ("username", &self.username),
                ("from", &self.sender),
            ],
            "slack" => &[("channel", &self.channel), ("api", &self.api)],
            "pager_duty" => &[("api", &self.api)],
            "webhook" => &[("url", &self.url)],
            _ => &[],
        };
        let given = texts.iter().filter(|(_, text)| !text.is_empty());
        let mut service: Map<String, Value> =
            given.map(|(name, text)| ((*name).to_owned(), Value::from(*text))).collect();
        service.insert("kind".to_owned(), kind.into());
        if kind == "email" {
            let to = self.recipients.split([',', ';', '\n']).map(str::trim).filter(|to| !to.is_empty());
            service.insert("to".to_owned(), to.collect::<Vec<_>>().into());
            if !self.port.is_empty() {
                service.insert("port".to_owned(), number::<u16>(&self.port, "service.port")?.into());
            }
        }
        serde_json::from_value(service.into()).map_err(|error| {
            Problem::invalid("service", error.to_string(), "write it as https://hooks.example.org/path")
        })
    }
}
