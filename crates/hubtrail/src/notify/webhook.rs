//! Any receiver of JSON, signed as <https://www.standardwebhooks.com> has it. Each version of a message is sent,
//! with the whole story; the message's number says what belongs together.

use reqwest::header::{HeaderName, HeaderValue};
use serde::Serialize;
use url::Url;

use super::letter::Letter;
use super::post::Post;
use super::story::Item;
use crate::sink::{SinkError, standard_webhooks};

#[derive(Serialize)]
struct Told<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    message: String,
    version: i64,
    title: String,
    severity: &'static str,
    over: bool,
    about: &'a str,
    who: &'a str,
    items: Vec<Entry<'a>>,
    more: usize,
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    severity: &'static str,
    title: &'a str,
    text: &'a str,
    fix: &'a str,
    at: String,
    link: String,
    over: Option<&'a str>,
}

pub(super) async fn deliver(
    post: &Post,
    url: Url,
    secret: Option<&secrecy::SecretString>,
    letter: &Letter,
) -> Result<(), SinkError> {
    let body = serde_json::to_vec(&told(letter, post)).unwrap_or_default();
    let id = format!("{}.{}", letter.key(), letter.version);
    let headers = match secret {
        Some(_) => standard_webhooks(secret, &id, post.now(), &body)?,
        None => {
            let id = HeaderValue::from_str(&id).map(|id| (HeaderName::from_static("webhook-id"), id));
            let at = HeaderValue::from(post.now().0.div_euclid(1_000));
            id.into_iter().chain([(HeaderName::from_static("webhook-timestamp"), at)]).collect()
        }
    };
    post.bytes(url, body, headers).await.map(drop)
}

fn told<'a>(letter: &'a Letter, post: &Post) -> Told<'a> {
    let story = &letter.story;
    let entry = |item: &'a Item| Entry {
        id: &item.key,
        severity: item.severity.as_str(),
        title: &item.title,
        text: &item.text,
        fix: &item.fix,
        at: item.at.to_string(),
        link: letter.link(item),
        over: item.over.as_deref(),
    };
    Told {
        kind: "hubtrail.alert",
        timestamp: post.now().to_string(),
        data: Data {
            message: letter.key(),
            version: letter.version,
            title: letter.title(),
            severity: story.severity().as_str(),
            over: story.is_over(),
            about: &story.about,
            who: &story.who,
            items: story.items.iter().map(entry).collect(),
            more: story.more,
        },
    }
}
