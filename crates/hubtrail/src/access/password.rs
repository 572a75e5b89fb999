//! Passwords: which are accepted, and the only form in which one is kept (Argon2id with its parameters
//! and salt). Hashing takes tens of milliseconds and 19 MiB on purpose: never on an async thread.

use std::fmt;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret as _, SecretString};

const FEWEST_CHARS: usize = 12;
/// Keeps the work of a hostile sign-in bounded; no manager makes longer ones.
const MOST_BYTES: usize = 1024;

/// Long enough, and still among the first that are tried. Compared without case, blanks and what is
/// commonly put behind.
const COMMONEST: &[&str] = &[
    "password",
    "passwordpassword",
    "passw0rd",
    "p@ssword",
    "p@ssw0rd",
    "qwerty",
    "qwertyuiop",
    "qwertyuiopasdfgh",
    "qwertyuiopasdfghjkl",
    "asdfghjkl",
    "1qaz2wsx3edc",
    "1q2w3e4r5t6y",
    "q1w2e3r4t5y6",
    "zaq12wsxcde3",
    "administrator",
    "adminadmin",
    "adminadminadmin",
    "administrator1",
    "letmein",
    "letmeinletmein",
    "letmeinplease",
    "welcome",
    "welcomewelcome",
    "welcometohubtrail",
    "changeme",
    "changemenow",
    "changemeplease",
    "changeit",
    "iloveyou",
    "iloveyouforever",
    "iloveyousomuch",
    "trustno1trustno1",
    "correcthorsebatterystaple",
    "hubtrail",
    "hubtrailhubtrail",
    "hubtrailadmin",
    "hubspot",
    "hubspothubspot",
    "hubspotadmin",
    "hubspotpassword",
    "abcdefghijkl",
    "abcdefghijklmnop",
    "abc",
    "abcabcabcabc",
    "monkeymonkey",
    "dragondragon",
    "footballfootball",
    "baseballbaseball",
    "supersecret",
    "supersecretpassword",
    "secretsecret",
    "mysecretpassword",
    "defaultpassword",
    "rootroot",
    "rootrootroot",
    "testtest",
    "testtesttest",
    "testpassword",
    "summer",
    "winter",
    "spring",
    "autumn",
];

/// What is stored: it says neither the password nor, without much work, whether a guess was right.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub(crate) String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    #[error("the password is too short: use at least 12 characters, such as four words by chance")]
    Short,
    #[error("the password is too long: use at most 1024 bytes")]
    Long,
    #[error("the password is the user's name: choose one that nobody guesses")]
    Name,
    #[error("the password is among the first that are tried: choose one that nobody guesses")]
    Common,
    #[error("the password could not be hashed: try again, and see that the machine has memory left")]
    NotHashed,
}

impl PasswordHash {
    /// Of a new password of the user of this name.
    ///
    /// # Errors
    /// When somebody would guess it.
    pub fn of_new(password: &SecretString, name: &str) -> Result<Self, Rejected> {
        check(password.expose_secret(), name)?;
        Self::of(password)
    }

    /// Of whatever was typed: as much work as [`PasswordHash::matches`].
    ///
    /// # Errors
    /// When there is no memory or no randomness for it.
    pub fn of(password: &SecretString) -> Result<Self, Rejected> {
        let bytes = password.expose_secret().as_bytes();
        if bytes.len() > MOST_BYTES {
            return Err(Rejected::Long);
        }
        let hash: argon2::password_hash::phc::PasswordHash =
            argon2id().hash_password(bytes).map_err(|_| Rejected::NotHashed)?;
        Ok(Self(hash.to_string()))
    }

    #[must_use]
    pub fn matches(&self, password: &SecretString) -> bool {
        let bytes = password.expose_secret().as_bytes();
        bytes.len() <= MOST_BYTES && argon2id().verify_password(bytes, self.0.as_str()).is_ok()
    }
}

/// OWASP's first choice for Argon2id where 19 MiB are at hand; a stored hash carries its own parameters.
fn argon2id() -> Argon2<'static> {
    let params = Params::new(19_456, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn check(password: &str, name: &str) -> Result<(), Rejected> {
    if password.chars().count() < FEWEST_CHARS {
        return Err(Rejected::Short);
    }
    if password.len() > MOST_BYTES {
        return Err(Rejected::Long);
    }
    let plain = bare(password);
    if plain == bare(name) || password.trim().eq_ignore_ascii_case(name.trim()) {
        return Err(Rejected::Name);
    }
    let is_one_char = password.chars().all(|c| password.starts_with(c));
    if plain.is_empty() || is_one_char || COMMONEST.contains(&plain.as_str()) {
        return Err(Rejected::Common);
    }
    Ok(())
}

/// Lower case, without blanks, and without the digits and signs that people put at the ends.
fn bare(text: &str) -> String {
    let text: String = text.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    if COMMONEST.contains(&text.as_str()) {
        return text;
    }
    text.trim_matches(|c: char| !c.is_alphabetic()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_first_is_refused() {
        for (password, reason) in [
            ("short", Rejected::Short),
            ("elevenchars", Rejected::Short),
            ("Password2024!", Rejected::Common),
            ("Passw0rd1234", Rejected::Common),
            ("123456789012", Rejected::Common),
            ("aaaaaaaaaaaa", Rejected::Common),
            ("correct horse battery staple", Rejected::Common),
            ("maria.keller", Rejected::Name),
            ("Maria.Keller2024", Rejected::Name),
        ] {
            assert_eq!(check(password, "maria.keller"), Err(reason), "{password}");
        }
        assert_eq!(check(&"x y".repeat(400), "maria"), Err(Rejected::Long));
        for password in ["kettle ferry octagon", "Zeile-für-Zeile-42", "passwords are like socks"] {
            assert_eq!(check(password, "maria.keller"), Ok(()), "{password}");
        }
    }

    #[test]
    fn a_hash_knows_its_password_and_no_other() {
        let password = SecretString::from("kettle ferry octagon");
        let hash = PasswordHash::of_new(&password, "maria").unwrap();
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.0);
        assert!(hash.matches(&password));
        assert!(!hash.matches(&SecretString::from("kettle ferry octagons")));
        assert_eq!(format!("{hash:?}"), "PasswordHash");
    }
}
