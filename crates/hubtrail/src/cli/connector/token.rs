//! How a token, or what a public app has instead, gets in: from a file, from stdin, or typed at a prompt that does not show it.
//!
//! Never as an argument: those are kept in the shell's history and seen by every user of the machine.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use zeroize::Zeroizing;

use crate::cli::failure::Failure;
use crate::connector::{Credentials, Invalid, oauth_from_text, token_from_text};

/// HubSpot's tokens have some hundred characters at most; a wrong file is noticed early.
const MOST_BYTES: u64 = 64 * 1024;

#[derive(Clone, Debug, Args)]
pub(super) struct TokenSource {
    /// Read the token from this file
    #[arg(long, value_name = "FILE", conflicts_with = "token_stdin")]
    token_file: Option<PathBuf>,
    /// Read the token from stdin
    #[arg(long)]
    token_stdin: bool,
    /// Instead of a token, the client_id, client_secret and refresh_token of a public app, as TOML
    #[arg(long, value_name = "FILE", conflicts_with_all = ["token_file", "token_stdin"])]
    oauth_file: Option<PathBuf>,
    /// Only here to say why there is no such flag.
    #[arg(long, hide = true, num_args = 0..=1)]
    token: Option<Option<String>>,
}

impl TokenSource {
    /// # Errors
    /// When there is no token, or it cannot be one.
    pub(super) fn read(&self) -> anyhow::Result<Credentials> {
        const WAYS: &str = "give it with --token-file FILE, with --token-stdin, or at the prompt that appears without either";
        if self.token.is_some() {
            let what = "a token is never an argument: the shell's history and other users of this machine would see it";
            return Err(Failure::misuse(what, WAYS).into());
        }
        if let Some(file) = &self.oauth_file {
            return Ok(oauth_from_text(&from_file(file)?).map_err(refused)?.into());
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
        Ok(token_from_text(&text).map_err(refused)?.into())
    }
}

fn refused(invalid: Invalid) -> Failure {
    Failure::new(invalid.reason, invalid.fix)
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
