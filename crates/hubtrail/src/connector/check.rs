//! What a connector's settings may be. What is refused is refused by field, with the reason and the fix.

use super::{Invalid, RateLimit, Settings};
use crate::address::link;

const MOST_NAME_CHARS: usize = 100;
const POLL_INTERVAL_MS: std::ops::RangeInclusive<i64> = 1_000..=3_600_000;
const PAGE_SIZE: std::ops::RangeInclusive<u32> = 1..=1_000;
const MOST_LABELS: usize = 20;
const MOST_LABEL_CHARS: usize = 40;

impl Settings {
    /// # Errors
    /// The first field that cannot be accepted.
    pub fn check(&self) -> Result<(), Invalid> {
        self.check_name()?;
        self.check_base_url()?;
        if !POLL_INTERVAL_MS.contains(&self.poll_interval_ms) {
            return Err(Invalid {
                field: "poll_interval",
                reason: format!("{} ms is outside of what makes sense", self.poll_interval_ms),
                fix: "use 1 second to 1 hour",
            });
        }
        if !PAGE_SIZE.contains(&self.page_size) {
            return Err(Invalid {
                field: "page_size",
                reason: format!("{} records a page is outside of what HubSpot can be asked", self.page_size),
                fix: "use 1 to 1000",
            });
        }
        self.check_rate_limit()?;
        self.retention.check()?;
        self.alert_budget.check()?;
        self.check_labels()
    }

    fn check_name(&self) -> Result<(), Invalid> {
        let refuse = |reason: &str| {
            Err(Invalid {
                field: "name",
                reason: reason.to_owned(),
                fix: "use 1 to 100 characters, such as `acme`",
            })
        };
        match &self.name {
            name if name.is_empty() => refuse("it is empty"),
            name if name.trim() != name => refuse("it begins or ends with a blank"),
            name if name.chars().count() > MOST_NAME_CHARS => refuse("it is too long"),
            name if name.chars().any(char::is_control) => refuse("it holds control characters"),
            _ => Ok(()),
        }
    }

    fn check_base_url(&self) -> Result<(), Invalid> {
        let refuse = |reason: &str, fix| Err(Invalid { field: "base_url", reason: reason.to_owned(), fix });
        let url = &self.base_url;
        match url.scheme() {
            "https" => {}
            "http" if self.is_loopback() => {}
            "http" => return refuse("the token would travel unencrypted", "use https://"),
            _ => return refuse("it is not an http address", "write it as https://api.hubapi.com"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("it holds a user name or password", "leave them out; the token is kept apart");
        }
        if let Some(why) = link::literal(url).and_then(link::refuses) {
            return refuse(why, "name HubSpot's own address");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse("it has a query or fragment", "write only scheme, host, port and path");
        }
        Ok(())
    }

    fn check_rate_limit(&self) -> Result<(), Invalid> {
        let refuse = |reason: &str, fix| Err(Invalid { field: "rate_limit", reason: reason.to_owned(), fix });
        match self.rate_limit {
            RateLimit::Off if !self.is_loopback() => {
                refuse("`off` would starve the account's other integrations", "use a share such as 50/10")
            }
            RateLimit::Share { burst_percent, daily_percent }
                if !(1..=100).contains(&burst_percent) || !(1..=100).contains(&daily_percent) =>
            {
                refuse("a share is outside of 1 to 100 percent", "use a share such as 50/10")
            }
            _ => Ok(()),
        }
    }

    fn check_labels(&self) -> Result<(), Invalid> {
        let refuse = |reason: String, fix| Err(Invalid { field: "labels", reason, fix });
        if self.labels.len() > MOST_LABELS {
            return refuse(format!("there are {} of them", self.labels.len()), "use at most 20");
        }
        for (at, label) in self.labels.iter().enumerate() {
            let count = label.chars().count();
            if count == 0 || count > MOST_LABEL_CHARS {
                return refuse(format!("`{label}` has {count} characters"), "use 1 to 40 characters each");
            }
            if label.trim() != label || label.chars().any(|c| c.is_control() || c == ',') {
                let fix = "leave out blanks around it, commas and control characters";
                return refuse(format!("`{}` cannot be a label", label.escape_debug()), fix);
            }
            if self.labels[..at].contains(label) {
                return refuse(format!("`{label}` is there twice"), "write each once");
            }
        }
        Ok(())
    }
}
