//! Mail. A message and its updates are one conversation: the same subject, and each refers to the first.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hubtrail_core::sentence::harmless;
use hubtrail_core::time::UtcMs;
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::letter::Letter;
use super::smtp::{Envelope, Server, submit};
use crate::connector::Invalid;
use crate::sink::SinkError;

const TIMEOUT: Duration = Duration::from_secs(60);
/// Longer subjects are cut off by some who show them.
const MOST_CHARS: usize = 200;
/// Of an encoded word, before it is encoded: with its frame it stays below 75.
const WORD_BYTES: usize = 42;
const LINE_BYTES: usize = 57;

/// The first mail of a conversation.
#[derive(Serialize, Deserialize)]
struct Handle {
    id: String,
    subject: String,
}

/// `Name <name@example.org>`, or the address alone.
struct Mailbox<'a> {
    name: &'a str,
    address: &'a str,
}

impl<'a> Mailbox<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (name, address) = match text.trim().strip_suffix('>').and_then(|text| text.split_once('<')) {
            Some((name, address)) => (name.trim().trim_matches('"'), address.trim()),
            None => ("", text.trim()),
        };
        let (local, domain) = address.rsplit_once('@')?;
        let plain = |text: &str| {
            let allowed = |c: char| c.is_ascii_graphic() && !"<>()[],;:\\\"".contains(c);
            !text.is_empty() && text.len() <= 255 && text.chars().all(allowed)
        };
        let is = plain(local) && plain(domain) && !local.contains('@') && !name.chars().any(char::is_control);
        is.then_some(Self { name, address })
    }

    fn written(&self) -> String {
        // A name may be bare words; with anything else in it, it is encoded.
        match self.name {
            "" => self.address.to_owned(),
            name if name.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ') => {
                format!("{name} <{}>", self.address)
            }
            name => format!("{} <{}>", encoded_words(name), self.address),
        }
    }

    fn domain(&self) -> &str {
        self.address.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

pub(super) fn check_addresses(from: &str, to: &[String]) -> Result<(), Invalid> {
    let refuse = |field, text: &str| Invalid {
        field,
        reason: format!("`{}` is no mail address", harmless(text)),
        fix: "write it as name@example.org, or Name <name@example.org>",
    };
    Mailbox::read(from).ok_or_else(|| refuse("service.from", from))?;
    for address in to {
        Mailbox::read(address).ok_or_else(|| refuse("service.to", address))?;
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
    let unusable = || SinkError::misconfigured("an address cannot be used", "check the channel's addresses");
    let from = Mailbox::read(from).ok_or_else(unusable)?;
    let to: Vec<Mailbox<'_>> = to.iter().filter_map(|address| Mailbox::read(address)).collect();
    let first: Option<Handle> = letter.handle.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let (handle, mail) = written(&from, &to, letter, first, now);
    let envelope = Envelope { from: from.address, to: to.iter().map(|mailbox| mailbox.address).collect() };
    match timeout(TIMEOUT, submit(server, &envelope, mail.as_bytes())).await {
        Ok(submitted) => submitted?,
        Err(_) => return Err(SinkError::retry("the mail server takes too long")),
    }
    Ok(serde_json::to_string(&handle).unwrap_or_default())
}

/// The mail, and the handle of its conversation.
fn written(
    from: &Mailbox<'_>,
    to: &[Mailbox<'_>],
    letter: &Letter,
    first: Option<Handle>,
    now: UtcMs,
) -> (Handle, String) {
    let domain = from.domain();
    let id = match &first {
        None => format!("<{}@{domain}>", letter.key()),
        Some(_) => format!("<{}.{}@{domain}>", letter.key(), letter.version),
    };
    let subject: String = match &first {
        None => format!("[Hubtrail] {}", letter.title()).chars().take(MOST_CHARS).collect(),
        Some(first) => format!("Re: {}", first.subject),
    };
    let to: Vec<String> = to.iter().map(Mailbox::written).collect();
    let date = now.to_timestamp().to_zoned(jiff::tz::TimeZone::UTC);
    let mut mail = format!(
        "Date: {}\r\nFrom: {}\r\nTo: {}\r\nSubject: {}\r\nMessage-ID: {id}\r\n",
        date.strftime("%a, %d %b %Y %H:%M:%S +0000"),
        from.written(),
        to.join(",\r\n "),
        words(&subject),
    );
    if let Some(first) = &first {
        mail.push_str(&format!("In-Reply-To: {0}\r\nReferences: {0}\r\n", first.id));
    }
    mail.push_str(
        "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n",
    );
    for line in letter.text().replace('\n', "\r\n").as_bytes().chunks(LINE_BYTES) {
        mail.push_str(&BASE64.encode(line));
        mail.push_str("\r\n");
    }
    (first.unwrap_or(Handle { id, subject }), mail)
}

/// A text in a header: as it is, or in encoded words (RFC 2047), each of whole characters.
fn words(text: &str) -> String {
    if text.chars().all(|c| c.is_ascii_graphic() || c == ' ') && text.len() <= 60 && !text.contains("=?") {
        return text.to_owned();
    }
    encoded_words(text)
}

fn encoded_words(text: &str) -> String {
    let (mut words, mut word) = (Vec::new(), String::new());
    for c in text.chars() {
        if word.len() + c.len_utf8() > WORD_BYTES {
            words.push(std::mem::take(&mut word));
        }
        word.push(c);
    }
    words.push(word);
    let encoded = words.iter().map(|word| format!("=?utf-8?B?{}?=", BASE64.encode(word)));
    encoded.collect::<Vec<_>>().join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_and_cannot_smuggle_a_header_or_a_command() {
        for good in ["a@example.org", " Hub Trail <h.t+x@mail.example.org> ", "\"K, M\" <k@e.org>"] {
            assert!(Mailbox::read(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "a",
            "a@",
            "@b",
            "a b@c.org",
            "a@b>\r\nRCPT TO:<x@y",
            "N\r\nBcc: x <a@b.org>",
            "a@b@c.org",
            "a@b,c@d",
        ] {
            assert!(Mailbox::read(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn long_and_foreign_subjects_are_words_of_whole_characters() {
        assert_eq!(words("Spring sale"), "Spring sale");
        for text in ["шалом 山田 👩‍💻 ".repeat(9), "x".repeat(200), "=?fake?=".to_owned()] {
            let encoded = words(&text);
            let mut read = String::new();
            for word in encoded.split("\r\n ") {
                assert!(word.len() <= 75, "{word}");
                let inner = word.strip_prefix("=?utf-8?B?").and_then(|rest| rest.strip_suffix("?=")).unwrap();
                read.push_str(&String::from_utf8(BASE64.decode(inner).unwrap()).unwrap());
            }
            assert_eq!(read, text);
        }
    }
}
