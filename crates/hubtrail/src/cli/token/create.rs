//! `hubtrail token create`: the only time that a token is seen.

use clap::Args;
use hubtrail_core::time::UtcMs;
use secrecy::ExposeSecret as _;

use crate::access::{Actor, Role, TOKEN_PREFIX, digest, fresh, hint};
use crate::cli::failure::Failure;
use crate::cli::user::scope::Only;
use crate::cli::{Session, output};
use crate::moment::length_ms;
use crate::store::NewToken;

/// Make a token and print it, this once
#[derive(Debug, Args)]
#[command(after_help = "\
A program sends it as `Authorization: Bearer TOKEN`. Only a digest of it is kept. Without --account \
it is for all accounts.

Examples:
  hubtrail token create siem                         reads everything
  hubtrail token create acme-siem --account acme --expires 90d > token.txt")]
pub(super) struct Create {
    /// What the token is for
    #[arg(value_name = "NAME")]
    name: String,
    /// viewer, analyst or admin
    #[arg(long, value_name = "ROLE", default_value_t = Role::Viewer)]
    role: Role,
    #[command(flatten)]
    only: Only,
    /// When it ends: after a length of time such as 90d, or at a time [default: never]
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
}

impl Create {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let now = session.clock.now();
        let expires_at = self.expires.as_deref().map(|text| end(text, now)).transpose()?;
        let store = session.store()?;
        let secret = fresh(TOKEN_PREFIX)?;
        let new = NewToken {
            name: self.name,
            digest: digest(secret.expose_secret()),
            hint: hint(&secret),
            role: self.role,
            accounts: self.only.accounts(&store)?,
            expires_at,
        };
        let token = store.create_token(new, &Actor::command_line(), now)?;
        let until = token.expires_at.map_or_else(|| "without an end".to_owned(), |at| format!("until {at}"));
        output::say(format_args!("token {} as {}, {until}; it is shown this once", token.id, token.role));
        output::print_line(secret.expose_secret())?;
        Ok(())
    }
}

fn end(text: &str, now: UtcMs) -> Result<UtcMs, Failure> {
    let at = match length_ms(text) {
        Ok(length) => Some(now.plus(length)),
        Err(_) => text.parse().ok(),
    };
    at.filter(|at| *at > now).ok_or_else(|| {
        Failure::misuse(
            format!("a token cannot end at `{text}`"),
            "write 90d, or a time to come such as 2030-01-01T00:00:00Z",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_ends_in_the_future() {
        let now = UtcMs(1_710_081_138_123);
        assert_eq!(end("90d", now).ok(), Some(now.plus(90 * 86_400_000)));
        assert_eq!(end("2030-01-01", now).ok(), Some(UtcMs(1_893_456_000_000)));
        for text in ["0s", "2020-01-01", "soon", ""] {
            assert!(end(text, now).is_err(), "{text}");
        }
    }
}
