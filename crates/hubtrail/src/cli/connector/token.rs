//! How a token gets in: from a file, from stdin, or typed at a prompt that does not show it.
//!
//! Never as an argument: those are kept in the shell's history and seen by every user of the machine.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::cli::failure::Failure;

/// HubSpot's tokens have some hundred characters at most; a wrong file is noticed early.
const MOST_BYTES: u64 = 64 * 1024;

#[derive(Debug, Args)]
pub(super) struct TokenSource {
    /// Read the token from this file
    #[arg(long, value_name = "FILE", conflicts_with = "token_stdin")]
    token_file: Option<PathBuf>,
    /// Read the token from stdin
    #[arg(long)]
    token_stdin: bool,
    /// Only here to say why there is no such flag.
    #[arg(long, hide = true, num_args = 0..=1)]
    token: Option<Option<String>>,
}

impl TokenSource {
    /// # Errors
    /// When there is no token, or it cannot be one.
    pub(super) fn read(&self) -> anyhow::Result<SecretString> {
        const WAYS: &str = "give it with --token-file FILE, with --token-stdin, or at the prompt that appears without either";
        if self.token.is_some() {
            let what = "a token is never an argument: the shell's history and other users of this machine would see it";
            return Err(Failure::misuse(what, WAYS).into());
        }
        let text = if let Some(file) = &self.token_file {
            from_file(file)?
        } else if self.token_stdin {
            all_of(std::io::stdin().lock()).context("read the token from stdin")?
        } else if std::io::stdin().is_terminal() {
            Zeroizing::new(
                rpassword::prompt_password("HubSpot token (not shown): ").context("read the token")?,
            )
        } else {
            return Err(Failure::misuse("there is no token", WAYS).into());
        };
        checked(&text)
    }
}

fn from_file(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    let operation = || format!("read the token from {}", path.display());
    all_of(std::fs::File::open(path).with_context(operation)?).with_context(operation)
}

fn all_of(source: impl Read) -> std::io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    source.take(MOST_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

/// A token goes into an HTTP header as it is. Its form is HubSpot's business.
fn checked(text: &str) -> anyhow::Result<SecretString> {
    const FIX: &str = "copy the service key or access token again, the token alone";
    match text.trim() {
        "" => Err(Failure::new("the token is empty", FIX).into()),
        token if token.chars().all(|c| c.is_ascii_graphic()) => Ok(SecretString::from(token)),
        _ => Err(Failure::new("the token holds blanks or characters that no token has", FIX).into()),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn blanks_around_a_token_are_cut_and_blanks_within_refused() {
        assert_eq!(checked(" pat-na1-x\r\n").unwrap().expose_secret(), "pat-na1-x");
        for text in ["", " \n", "Bearer pat-na1-secret", "pat\u{0}-secret", "gehéim-secret"] {
            let error = checked(text).unwrap_err();
            assert!(!format!("{error:#}").contains("secret"), "the error repeats the token");
        }
    }
}
