//! How a password gets in: from a file, from stdin, or typed twice at a prompt that does not show it. Never
//! as an argument: those are kept in the shell's history and seen by every user of the machine.

use std::io::{IsTerminal, Read};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::access::{Actor, PasswordHash};
use crate::cli::failure::Failure;
use crate::cli::{Session, output};
use crate::store::UserChange;

const MOST_BYTES: u64 = 64 * 1024;

#[derive(Debug, Args)]
pub(super) struct PasswordSource {
    /// Read the password from the first line of this file
    #[arg(long, value_name = "FILE", conflicts_with = "password_stdin")]
    password_file: Option<PathBuf>,
    /// Read the password from the first line of stdin
    #[arg(long)]
    password_stdin: bool,
}

/// Give somebody a new password, and end their sessions
#[derive(Debug, Args)]
pub(super) struct SetPassword {
    /// The user
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    password: PasswordSource,
}

impl SetPassword {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let user = store.user_named(&self.name)?;
        let password = PasswordHash::of_new(&self.password.read(&user.name)?, &user.name)?;
        let change = UserChange { password: Some(password), ..UserChange::default() };
        store.change_user(user.id, change, &Actor::command_line(), session.clock.now())?;
        output::print_line(format_args!("`{}` has a new password; their sessions have ended", user.name))?;
        Ok(())
    }
}

impl PasswordSource {
    /// # Errors
    /// When there is none, or the two that were typed differ.
    pub(super) fn read(&self, name: &str) -> anyhow::Result<SecretString> {
        let text = if let Some(file) = &self.password_file {
            let operation = || format!("read the password from {}", file.display());
            first_line(std::fs::File::open(file).with_context(operation)?).with_context(operation)?
        } else if self.password_stdin {
            first_line(std::io::stdin().lock()).context("read the password from stdin")?
        } else if std::io::stdin().is_terminal() {
            typed_twice(name)?
        } else {
            let fix = "give it with --password-file FILE, with --password-stdin, or at the prompt that appears without either";
            return Err(Failure::misuse("there is no password", fix).into());
        };
        Ok(SecretString::from(text.as_str()))
    }
}

fn typed_twice(name: &str) -> anyhow::Result<Zeroizing<String>> {
    let ask = |what: &str| rpassword::prompt_password(what).map(Zeroizing::new).context("read the password");
    let password = ask(&format!("Password for {name} (not shown): "))?;
    if *password != *ask("Again: ")? {
        return Err(Failure::new("the two passwords differ", "type the same password twice").into());
    }
    Ok(password)
}

/// Blanks are part of a password; the end of its line is not.
fn first_line(source: impl Read) -> std::io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    source.take(MOST_BYTES).read_to_string(&mut text)?;
    Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_a_line_with_its_blanks() {
        assert_eq!(*first_line(&b" kettle ferry \r\nmore\n"[..]).unwrap(), " kettle ferry ");
        assert_eq!(*first_line(&b""[..]).unwrap(), "");
    }
}
