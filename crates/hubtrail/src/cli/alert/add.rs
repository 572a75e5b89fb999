//! `hubtrail alert add`: one of the services, what is told, and how often.

use std::io::Read as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{ArgGroup, Args};
use hubtrail_core::finding::Severity;
use secrecy::SecretString;
use url::Url;
use zeroize::Zeroizing;

use super::note;
use crate::cli::failure::Failure;
use crate::cli::{Session, output};
use crate::notify::{Digest, Encryption, Pace, Quiet, Route, Service, Settings};
use crate::store::{NewChannel, Store};

const SLACK: &str = "https://slack.com/api/";
const PAGER_DUTY: &str = "https://events.pagerduty.com/v2/enqueue";

/// Add a channel to people
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("service").required(true).args(["email", "slack", "teams", "pager_duty", "webhook"])))]
#[command(after_help = "\
The secret is what the service gave you: a Slack bot token (xoxb-…, with --channel) or the address of an incoming webhook, the address of a \
Teams workflow, a PagerDuty routing key, the password of --smtp-user, or what webhooks are signed with (whsec_…). It comes from a file or \
stdin, is never an argument, and is never shown again.

Examples:
  hubtrail alert add on-call --pager-duty --secret-file pagerduty.key --severity critical
  hubtrail alert add team --slack --channel C0123456789 --secret-file slack.token --quiet 22:00-07:00 --zone Europe/Berlin
  hubtrail alert add boss --email boss@example.org --smtp smtp.example.org --smtp-user hubtrail --from hubtrail@example.org \\
      --secret-file smtp.password --digest weekly --severity critical")]
pub(super) struct Add {
    /// What it is called
    #[arg(value_name = "NAME")]
    name: String,
    /// By mail to these addresses
    #[arg(long, value_name = "ADDRESS", value_delimiter = ',', requires_all = ["smtp", "from"])]
    email: Vec<String>,
    /// To Slack
    #[arg(long)]
    slack: bool,
    /// To Microsoft Teams
    #[arg(long)]
    teams: bool,
    /// To PagerDuty, Events API v2
    #[arg(long)]
    pager_duty: bool,
    /// As JSON to this address, signed as Standard Webhooks has it
    #[arg(long, value_name = "URL")]
    webhook: Option<Url>,
    /// The channel's id, for a Slack bot
    #[arg(long, value_name = "ID")]
    channel: Option<String>,
    /// The mail server
    #[arg(long, value_name = "HOST[:PORT]")]
    smtp: Option<String>,
    /// Who we are to the mail server
    #[arg(long, value_name = "NAME")]
    smtp_user: Option<String>,
    /// How mail travels: starttls, tls, or none to this machine only
    #[arg(long, value_name = "HOW", default_value = "starttls", value_parser = encryption)]
    encryption: Encryption,
    /// Who mail is from
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
    /// Another address of the service's API
    #[arg(long, value_name = "URL")]
    api_url: Option<Url>,
    /// File with the secret
    #[arg(long, value_name = "FILE", conflicts_with = "secret_stdin")]
    secret_file: Option<PathBuf>,
    /// Read the secret from stdin
    #[arg(long)]
    secret_stdin: bool,
    #[command(flatten)]
    told: Told,
}

/// What, and how often.
#[derive(Debug, Args)]
struct Told {
    /// Only of these connectors
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    connector: Vec<String>,
    /// Findings of this severity or worse
    #[arg(long, value_name = "SEVERITY", default_value = "high")]
    severity: Severity,
    /// Only findings of these rules
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    rule: Vec<String>,
    /// Not when collection or forwarding fails
    #[arg(long)]
    no_trouble: bool,
    /// A summary at eight in the morning: none, daily, or weekly on Mondays
    #[arg(long, value_name = "WHEN", default_value = "none", value_parser = digest)]
    digest: Digest,
    /// Seconds that a first message waits for what belongs to it
    #[arg(long, value_name = "N", default_value_t = 60)]
    gather: u32,
    /// Minutes between updates of a message
    #[arg(long, value_name = "N", default_value_t = 15)]
    update: u32,
    /// New messages an hour; what is beyond becomes one
    #[arg(long, value_name = "N", default_value_t = 10)]
    per_hour: u32,
    /// Only what is critical between these times of day
    #[arg(long, value_name = "FROM-TO", requires = "zone")]
    quiet: Option<String>,
    /// The zone of quiet hours and digests, such as Europe/Berlin
    #[arg(long, value_name = "ZONE", requires = "quiet")]
    zone: Option<String>,
}

fn encryption(text: &str) -> Result<Encryption, String> {
    match text {
        "starttls" => Ok(Encryption::Starttls),
        "tls" => Ok(Encryption::Tls),
        "none" => Ok(Encryption::None),
        _ => Err("use starttls, tls or none".to_owned()),
    }
}

fn digest(text: &str) -> Result<Digest, String> {
    match text {
        "none" => Ok(Digest::None),
        "daily" => Ok(Digest::Daily),
        "weekly" => Ok(Digest::Weekly),
        _ => Err("use none, daily or weekly".to_owned()),
    }
}

impl Add {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let store = session.store()?;
        let secret = self.secret()?;
        let service = self.service()?;
        let settings =
            Settings { name: self.name, service, route: self.told.route(&store)?, pace: self.told.pace()? };
        let keyring = session.keyring_for(&store)?;
        let new = NewChannel { settings, secret, created_at: session.clock.now() };
        let channel = store.add_channel(new, &keyring)?;
        note(session, &store, "alert.create", channel.name())?;
        output::print_line(format_args!(
            "channel `{}` is added; `hubtrail alert test {0}` tries it out",
            channel.name()
        ))?;
        Ok(())
    }

    fn secret(&self) -> anyhow::Result<Option<SecretString>> {
        let text = match &self.secret_file {
            Some(path) => {
                std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?
            }
            None if self.secret_stdin => {
                let mut text = String::new();
                std::io::stdin().read_to_string(&mut text).context("read the secret from stdin")?;
                text
            }
            None => return Ok(None),
        };
        let text = Zeroizing::new(text);
        Ok(Some(SecretString::from(text.trim())).filter(|_| !text.trim().is_empty()))
    }

    fn service(&self) -> anyhow::Result<Service> {
        let api = |usual: &str| match &self.api_url {
            Some(url) => Ok(url.clone()),
            None => Url::parse(usual),
        };
        if let Some(url) = &self.webhook {
            return Ok(Service::Webhook { url: url.clone() });
        }
        if self.slack {
            return Ok(Service::Slack { channel: self.channel.clone(), api: api(SLACK)? });
        }
        if self.teams {
            return Ok(Service::Teams {});
        }
        if self.pager_duty {
            return Ok(Service::PagerDuty { api: api(PAGER_DUTY)? });
        }
        let smtp = self.smtp.as_deref().unwrap_or_default();
        let (host, port) = match smtp.rsplit_once(':') {
            Some((host, port)) => {
                let wrong =
                    || Failure::misuse(format!("`{port}` is no port"), "write it as smtp.example.org:587");
                (host, Some(port.parse().map_err(|_| wrong())?))
            }
            None => (smtp, None),
        };
        Ok(Service::Email {
            host: host.to_owned(),
            port,
            encryption: self.encryption,
            username: self.smtp_user.clone(),
            from: self.from.clone().unwrap_or_default(),
            to: self.email.clone(),
        })
    }
}

impl Told {
    fn route(&self, store: &Store) -> anyhow::Result<Route> {
        let accounts = self.connector.iter().map(|name| Ok(store.connector(name)?.id));
        Ok(Route {
            accounts: accounts.collect::<anyhow::Result<_>>()?,
            severity: self.severity,
            rules: self.rule.clone(),
            trouble: !self.no_trouble,
            digest: self.digest,
        })
    }

    fn pace(&self) -> anyhow::Result<Pace> {
        let quiet = match (&self.quiet, &self.zone) {
            (Some(quiet), Some(zone)) => {
                let wrong =
                    || Failure::misuse(format!("`{quiet}` is no span of a day"), "write it as 22:00-07:00");
                let (from, to) = quiet.split_once('-').ok_or_else(wrong)?;
                Some(Quiet { from: from.trim().to_owned(), to: to.trim().to_owned(), zone: zone.clone() })
            }
            _ => None,
        };
        Ok(Pace { gather_seconds: self.gather, update_minutes: self.update, per_hour: self.per_hour, quiet })
    }
}
