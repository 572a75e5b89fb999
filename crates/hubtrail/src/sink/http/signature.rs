//! Signed bodies: as <https://www.standardwebhooks.com> has it, and the plain HMAC of a body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use hubtrail_core::time::UtcMs;
use reqwest::header::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::connector::Invalid;
use crate::sink::SinkError;

const PREFIX: &str = "whsec_";

/// The key that the text stands for.
pub(crate) fn key(secret: Option<&SecretString>) -> Result<Zeroizing<Vec<u8>>, Invalid> {
    let refused = || Invalid {
        field: "credentials.signingSecret",
        reason: "it is no secret of Standard Webhooks".to_owned(),
        fix: "write it as whsec_ and the base64 of 24 to 64 random bytes",
    };
    let text = secret.ok_or_else(refused)?.expose_secret();
    let encoded = text.strip_prefix(PREFIX).unwrap_or(text);
    let key = BASE64.decode(encoded).map(Zeroizing::new).map_err(|_| refused())?;
    if (24..=64).contains(&key.len()) { Ok(key) } else { Err(refused()) }
}

pub(crate) fn standard_webhooks(
    secret: Option<&SecretString>,
    id: &str,
    now: UtcMs,
    body: &[u8],
) -> Result<Vec<(HeaderName, HeaderValue)>, SinkError> {
    let unusable = || SinkError::misconfigured("the signing secret cannot be used", "give it again");
    let key = key(secret).map_err(|_| unusable())?;
    let seconds = now.0.div_euclid(1_000).to_string();
    let mac = mac(&key, &[id.as_bytes(), b".", seconds.as_bytes(), b".", body]);
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| unusable());
    Ok(vec![
        (HeaderName::from_static("webhook-id"), value(id)?),
        (HeaderName::from_static("webhook-timestamp"), value(&seconds)?),
        (HeaderName::from_static("webhook-signature"), value(&format!("v1,{}", BASE64.encode(mac)))?),
    ])
}

pub(super) fn hex(key: &[u8], body: &[u8]) -> String {
    hex::encode(mac(key, &[body]))
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&Default::default()));
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own reference libraries.
    #[test]
    fn a_signature_is_that_of_the_specification() {
        let secret = SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let now = UtcMs(1_614_265_330_000);
        let headers =
            standard_webhooks(Some(&secret), "msg_p5jXN8AQM9LWM0D4loKWxJek", now, br#"{"test": 2432232314}"#);
        let headers = headers.unwrap();
        assert_eq!(headers[2].1, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(headers[1].1, "1614265330");
    }

    /// RFC 4231, test case 2.
    #[test]
    fn the_plain_form_is_hmac_sha256() {
        assert_eq!(
            hex(b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn what_is_no_secret_is_refused_without_repeating_it() {
        for text in ["", "whsec_hunter2!", "whsec_aHVudGVyMg=="] {
            let error = key(Some(&SecretString::from(text))).unwrap_err().to_string();
            assert!(!error.contains("hunter2") && !error.contains("aHVudGVyMg"), "{error}");
        }
    }
}
