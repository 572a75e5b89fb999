//! Mail, by SMTP. A message and its updates are one conversation: the same subject, and each refers to the first.

use std::time::{Duration, SystemTime};

use hubtrail_core::time::UtcMs;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncTransport as _, Tokio1Executor};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::channel::Encryption;
use super::letter::Letter;
use crate::connector::Invalid;
use crate::sink::SinkError;

const TIMEOUT: Duration = Duration::from_secs(30);
/// Longer subjects are cut off by some who show them.
const MOST_CHARS: usize = 200;

/// The first mail of a conversation.
#[derive(Serialize, Deserialize)]
struct Handle {
    id: String,
    subject: String,
}

/// How the mail server is reached.
pub(super) struct Server<'a> {
    pub(super) host: &'a str,
    pub(super) port: Option<u16>,
    pub(super) encryption: Encryption,
    pub(super) username: Option<&'a str>,
    pub(super) password: Option<&'a SecretString>,
    /// PEM of an authority that is trusted besides the system's.
    pub(super) authority: Option<&'a [u8]>,
}

pub(super) fn check_addresses(from: &str, to: &[String]) -> Result<(), Invalid> {
    let refuse = |field, text: &str| Invalid {
        field,
        reason: format!("`{}` is no mail address", hubtrail_core::sentence::harmless(text)),
        fix: "write it as name@example.org, or Name <name@example.org>",
    };
    from.parse::<Mailbox>().map_err(|_| refuse("service.from", from))?;
    for address in to {
        address.parse::<Mailbox>().map_err(|_| refuse("service.to", address))?;
    }
    Ok(())
}

/// Gives back what later mails of the conversation refer to.
pub(super) async fn deliver(
    server: &Server<'_>,
    from: &str,
    to: &[String],
    letter: &Letter,
    now: UtcMs,
) -> Result<String, SinkError> {
    let from: Mailbox = from.parse().map_err(|_| unusable("the sender"))?;
    let first: Option<Handle> = letter.handle.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let domain = from.email.domain().to_owned();
    let id = match &first {
        None => format!("<{}@{domain}>", letter.key()),
        Some(_) => format!("<{}.{}@{domain}>", letter.key(), letter.version),
    };
    let subject: String = match &first {
        None => format!("[Hubtrail] {}", letter.title()).chars().take(MOST_CHARS).collect(),
        Some(first) => format!("Re: {}", first.subject),
    };
    let sent = SystemTime::UNIX_EPOCH + Duration::from_millis(now.0.max(0).unsigned_abs());
    let mut message =
        Message::builder().from(from).date(sent).message_id(Some(id.clone())).subject(&*subject);
    for address in to {
        message = message.to(address.parse().map_err(|_| unusable("an address"))?);
    }
    if let Some(first) = &first {
        message = message.in_reply_to(first.id.clone()).references(first.id.clone());
    }
    let message =
        message.header(ContentType::TEXT_PLAIN).body(letter.text()).map_err(|_| unusable("an address"))?;
    transport(server)?.send(message).await.map_err(|error| refused(&error, server))?;
    let handle = first.unwrap_or(Handle { id, subject });
    Ok(serde_json::to_string(&handle).unwrap_or_default())
}

fn unusable(what: &str) -> SinkError {
    SinkError::misconfigured(format!("{what} cannot be used"), "check the channel's addresses")
}

fn transport(server: &Server<'_>) -> Result<AsyncSmtpTransport<Tokio1Executor>, SinkError> {
    crate::hubspot::install_crypto();
    let parameters = || {
        let mut builder = TlsParameters::builder(server.host.to_owned());
        if let Some(pem) = server.authority {
            let authority = Certificate::from_pem(pem);
            let refused =
                |_| SinkError::misconfigured("the extra authority cannot be used", "check network.extra_ca");
            builder = builder.add_root_certificate(authority.map_err(refused)?);
        }
        let refused =
            |_| SinkError::misconfigured("TLS cannot be prepared for this host", "check the server's name");
        builder.build_rustls().map_err(refused)
    };
    let (tls, port) = match server.encryption {
        Encryption::Tls => (Tls::Wrapper(parameters()?), 465),
        Encryption::Starttls => (Tls::Required(parameters()?), 587),
        Encryption::None => (Tls::None, 25),
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server.host)
        .port(server.port.unwrap_or(port))
        .tls(tls)
        .timeout(Some(TIMEOUT));
    if let (Some(name), Some(password)) = (server.username, server.password) {
        builder = builder.credentials(Credentials::new(name.to_owned(), password.expose_secret().to_owned()));
    }
    Ok(builder.build())
}

/// By what is to be done. A server's words may repeat the password, so they are cleaned of it.
fn refused(error: &lettre::transport::smtp::Error, server: &Server<'_>) -> SinkError {
    let mut said = error.to_string();
    if let Some(password) =
        server.password.map(|secret| secret.expose_secret()).filter(|text| !text.is_empty())
    {
        said = said.replace(password, "***");
    }
    let said: String = said.chars().filter(|c| !c.is_control()).take(300).collect();
    if error.is_tls() {
        return SinkError::misconfigured(
            format!("TLS fails: {said}"),
            "check its name, its certificate and the encryption",
        );
    }
    let code = error.status().map(u16::from);
    match code {
        Some(530 | 534 | 535 | 538) => SinkError::misconfigured(
            format!("the mail server refuses us: {said}"),
            "check user name and password",
        ),
        Some(550..=559) => SinkError::misconfigured(
            format!("the mail server refuses it: {said}"),
            "check sender and recipients",
        ),
        _ => SinkError::retry(format!("the mail server does not take it: {said}")),
    }
}
