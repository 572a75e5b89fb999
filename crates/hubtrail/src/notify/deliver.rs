//! From a letter to the service it is for.

use std::time::Duration;

use hubtrail_core::finding::Severity;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use url::Url;
use utoipa::ToSchema;

use super::channel::{Service, Settings, is_bot};
use super::letter::Letter;
use super::post::Post;
use super::story::{Item, Story};
use super::{email, pager_duty, slack, smtp, teams, webhook};
use crate::clock::Clock;
use crate::config::Network;
use crate::sink::{Exchange, SinkError, attempt};

const TIMEOUT: Duration = Duration::from_secs(30);

/// What the test of a channel brought
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AlertTrial)]
pub struct Trial {
    pub passed: bool,
    /// What came back.
    pub said: String,
    pub fix: Option<String>,
}

/// Gives back what the service calls the message, where it can be updated.
///
/// # Errors
/// By what is to be done: wait, change something, or leave this message.
pub async fn deliver(
    settings: &Settings,
    secret: Option<&SecretString>,
    letter: &Letter,
    network: &Network,
    clock: Clock,
) -> Result<Option<String>, SinkError> {
    let text = secret.map(|secret| secret.expose_secret());
    let missing =
        || SinkError::misconfigured("its secret is missing", "add the channel again, with its secret");
    let post = |url: &Url| Exchange::to(url, secret.cloned(), network, TIMEOUT, clock).map(Post);
    match &settings.service {
        Service::Email { host, port, encryption, username, from, to } => {
            let server = smtp::Server {
                host,
                port: *port,
                encryption: *encryption,
                username: username.as_deref(),
                password: secret,
                network,
            };
            email::deliver(&server, from, to, letter, clock.now()).await.map(Some)
        }
        Service::Slack { channel, api } => {
            let text = text.ok_or_else(missing)?;
            match channel {
                Some(channel) if is_bot(text) => {
                    slack::by_bot(&post(api)?, api, channel, text, letter).await.map(Some)
                }
                _ => {
                    let url = address(text)?;
                    slack::by_webhook(&post(&url)?, url, letter).await.map(|()| None)
                }
            }
        }
        Service::Teams {} => {
            let url = address(text.ok_or_else(missing)?)?;
            teams::deliver(&post(&url)?, url, letter).await.map(|()| None)
        }
        Service::PagerDuty { api } => {
            let key = text.ok_or_else(missing)?;
            pager_duty::deliver(&post(api)?, api, key, letter).await.map(|()| None)
        }
        Service::Webhook { url } => {
            webhook::deliver(&post(url)?, url.clone(), secret, letter).await.map(|()| None)
        }
    }
}

fn address(text: &str) -> Result<Url, SinkError> {
    Url::parse(text).map_err(|_| {
        SinkError::misconfigured(
            "its address cannot be used",
            "add the channel again, with the address as its secret",
        )
    })
}

/// A marked message, told at once, and what came back.
pub async fn trial(
    settings: &Settings,
    secret: Option<&SecretString>,
    console: Url,
    network: &Network,
    clock: Clock,
) -> Trial {
    let mut story = Story::new("Hubtrail".to_owned(), String::new());
    story.take(Item {
        key: "test".to_owned(),
        severity: Severity::Informational,
        title: "This is a test".to_owned(),
        text: format!("Alerts of channel {} arrive here.", settings.name),
        fix: "There is nothing to do.".to_owned(),
        at: clock.now(),
        path: String::new(),
        over: None,
    });
    let number = clock.now().0;
    let letter = Letter { message: -number, version: 1, story, console, handle: None };
    match attempt(deliver(settings, secret, &letter, network, clock)).await {
        Ok(_) => Trial { passed: true, said: "the service has taken it".to_owned(), fix: None },
        Err(SinkError::Misconfigured { reason, fix }) => {
            Trial { passed: false, said: reason, fix: Some(fix) }
        }
        Err(error) => Trial { passed: false, said: error.to_string(), fix: None },
    }
}
