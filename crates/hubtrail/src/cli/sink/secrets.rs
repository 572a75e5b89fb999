//! What opens a receiver, from files: it is never an argument.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::sink::Credentials;

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Credentials")]
pub(super) struct Secrets {
    /// File with the token: bearer, HEC token, API key, or the shared secret
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// File with the password of --user
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// File with the secret that bodies are signed with
    #[arg(long, value_name = "FILE")]
    signing_secret_file: Option<PathBuf>,
    /// PEM file with the key of the client certificate
    #[arg(long, value_name = "FILE")]
    client_key_file: Option<PathBuf>,
}

impl Secrets {
    pub(super) fn read(&self) -> anyhow::Result<Credentials> {
        let trimmed = |path: &Option<PathBuf>| path.as_deref().map(secret).transpose();
        Ok(Credentials {
            password: trimmed(&self.password_file)?,
            token: trimmed(&self.token_file)?,
            signing_secret: trimmed(&self.signing_secret_file)?,
            client_key: trimmed(&self.client_key_file)?,
        })
    }
}

fn secret(path: &Path) -> anyhow::Result<SecretString> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new);
    let text = text.with_context(|| format!("read {}", path.display()))?;
    Ok(SecretString::from(text.trim()))
}

/// Not secret: certificates.
pub(super) fn text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))
}
