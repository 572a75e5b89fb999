//! Who may do what, and whose events they may see. Checked here and nowhere else: whoever answers a
//! request asks its [`Caller`], and whoever changes who may do what does so as an [`Actor`].

mod credential;
mod password;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::connector::ConnectorId;

pub use credential::{Digest, TOKEN_PREFIX, digest, fresh, hint};
pub use password::{PasswordHash, Rejected};

/// Each may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Looks.
    Viewer,
    /// Also works: tests, backfills, later findings.
    Analyst,
    /// Also decides: connectors, people, tokens.
    Admin,
}

/// The accounts that a person or a token is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accounts {
    All,
    Some(BTreeSet<ConnectorId>),
}

/// Whoever asks for something, once it is known who that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub who: Who,
    pub role: Role,
    pub accounts: Accounts,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    Person { id: i64, name: String },
    Token { id: i64, name: String },
}

/// Whoever changes something: named in Hubtrail's own audit trail, and reaching no further than what
/// they may do and see themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub name: String,
    /// From where: an address, `command line` or `configuration file`.
    pub origin: String,
    pub role: Role,
    pub accounts: Accounts,
}

/// Why a change of who may do what is refused, by what to do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no user {0}: see `hubtrail user list`")]
    NoUser(String),
    #[error("there is no token number {0}: see `hubtrail token list`")]
    NoToken(i64),
    #[error("there is a user named `{0}` already: take another name")]
    NameTaken(String),
    #[error("the name of a user or token has 1 to 100 characters, none of them a control character")]
    NotAName,
    #[error(
        "nobody else could administer all accounts if `{0}` could not: give that right to another user first"
    )]
    LastAdmin(String),
    #[error("nobody gives a right that they do not have: choose a role and accounts within your own")]
    Beyond,
    #[error("there is a user already: sign in, or have a password set with `hubtrail user password`")]
    SetUpDone,
}

/// What the caller may not do, in words for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this needs the role {needed}, and yours is {role}")]
pub struct Forbidden {
    pub needed: Role,
    pub role: Role,
}

impl Caller {
    /// # Errors
    /// When the caller's role is not enough.
    pub fn must_be(&self, needed: Role) -> Result<(), Forbidden> {
        if self.role >= needed { Ok(()) } else { Err(Forbidden { needed, role: self.role }) }
    }

    /// Whether they decide what concerns all accounts: where entries go, whom alerts reach, which rules there are.
    #[must_use]
    pub fn decides_for_all(&self) -> bool {
        self.role >= Role::Admin && self.accounts == Accounts::All
    }

    #[must_use]
    pub fn sees(&self, connector: ConnectorId) -> bool {
        self.accounts.contain(connector)
    }

    /// The accounts to look into when `wanted` were asked for (none: any). None: all, without a limit.
    #[must_use]
    pub fn within(&self, wanted: Option<&[ConnectorId]>) -> Option<Vec<ConnectorId>> {
        match (&self.accounts, wanted) {
            (Accounts::All, wanted) => wanted.map(<[_]>::to_vec),
            (Accounts::Some(own), None) => Some(own.iter().copied().collect()),
            (Accounts::Some(own), Some(wanted)) => {
                Some(wanted.iter().copied().filter(|connector| own.contains(connector)).collect())
            }
        }
    }
}

impl Accounts {
    #[must_use]
    pub fn contain(&self, connector: ConnectorId) -> bool {
        match self {
            Self::All => true,
            Self::Some(connectors) => connectors.contains(&connector),
        }
    }

    /// Whether nobody with `other` sees more than with these.
    #[must_use]
    pub fn include(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) => true,
            (Self::Some(_), Self::All) => false,
            (Self::Some(own), Self::Some(other)) => other.is_subset(own),
        }
    }
}

impl Actor {
    #[must_use]
    pub fn of(caller: &Caller, origin: impl fmt::Display) -> Self {
        let name = caller.who.name();
        Self { name, origin: origin.to_string(), role: caller.role, accounts: caller.accounts.clone() }
    }

    /// Whoever may run a command on the data directory may do everything with it anyway.
    #[must_use]
    pub fn command_line() -> Self {
        let whole = Self::set_up("command line");
        Self { name: "operator".to_owned(), ..whole }
    }

    /// Whoever may write the configuration file.
    #[must_use]
    pub fn configuration_file() -> Self {
        let whole = Self::set_up("configuration file");
        Self { name: "operator".to_owned(), ..whole }
    }

    /// Whoever holds the set-up link, before there is anybody else.
    #[must_use]
    pub fn set_up(origin: impl fmt::Display) -> Self {
        let name = "set-up".to_owned();
        Self { name, origin: origin.to_string(), role: Role::Admin, accounts: Accounts::All }
    }

    /// Whether somebody with this role and these accounts may do and see no more than this one.
    #[must_use]
    pub fn reaches(&self, role: Role, accounts: &Accounts) -> bool {
        self.role >= role && self.accounts.include(accounts)
    }
}

/// A name of a user or a token as it is kept.
///
/// # Errors
/// When it cannot be one.
pub fn name(text: &str) -> Result<String, Refusal> {
    let name = text.trim();
    let length = name.chars().count();
    if (1..=100).contains(&length) && !name.chars().any(char::is_control) {
        Ok(name.to_owned())
    } else {
        Err(Refusal::NotAName)
    }
}

impl Who {
    /// As the audit trail names it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Person { name, .. } => name.clone(),
            Self::Token { name, .. } => format!("token {name}"),
        }
    }
}

impl Role {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Analyst => "analyst",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no role; the roles are viewer, analyst and admin")]
pub struct NotARole(String);

impl FromStr for Role {
    type Err = NotARole;

    fn from_str(text: &str) -> Result<Self, NotARole> {
        [Self::Viewer, Self::Analyst, Self::Admin]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| NotARole(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(role: Role, accounts: &[i64]) -> Caller {
        let accounts = Accounts::Some(accounts.iter().copied().map(ConnectorId).collect());
        Caller { who: Who::Token { id: 1, name: "siem".to_owned() }, role, accounts }
    }

    #[test]
    fn each_role_may_what_those_before_it_may() {
        for (role, needed, may) in [
            (Role::Viewer, Role::Viewer, true),
            (Role::Viewer, Role::Analyst, false),
            (Role::Analyst, Role::Analyst, true),
            (Role::Analyst, Role::Admin, false),
            (Role::Admin, Role::Viewer, true),
        ] {
            assert_eq!(caller(role, &[]).must_be(needed).is_ok(), may, "{role} as {needed}");
        }
    }

    #[test]
    fn nothing_asked_for_leads_outside_of_the_callers_accounts() {
        let own = caller(Role::Viewer, &[1, 2]);
        let ids = |ids: &[i64]| ids.iter().copied().map(ConnectorId).collect::<Vec<_>>();
        assert_eq!(own.within(None), Some(ids(&[1, 2])));
        assert_eq!(own.within(Some(&ids(&[2, 3]))), Some(ids(&[2])));
        assert_eq!(own.within(Some(&ids(&[3]))), Some(vec![]));
        assert_eq!(caller(Role::Viewer, &[]).within(None), Some(vec![]));
        assert!(own.sees(ConnectorId(1)) && !own.sees(ConnectorId(3)));
    }

    #[test]
    fn nobody_gives_away_more_than_they_have() {
        let some = |ids: &[i64]| Accounts::Some(ids.iter().copied().map(ConnectorId).collect());
        assert!(Accounts::All.include(&Accounts::All) && Accounts::All.include(&some(&[1])));
        assert!(some(&[1, 2]).include(&some(&[2])));
        assert!(!some(&[1]).include(&some(&[1, 2])) && !some(&[1]).include(&Accounts::All));
    }
}
