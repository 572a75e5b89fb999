use std::fs;

use super::*;

fn account(key: &str) -> AccountKey {
    AccountKey(key.to_owned())
}

fn token(account: &AccountKey) -> Context<'_> {
    Context { account, field: Context::TOKEN }
}

#[test]
fn a_sealed_value_opens_with_the_same_key_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let acme = account("acme");
    let secret = SecretString::from("pat-na1-0000");
    let sealed = Keyring::open(dir.path(), None).unwrap().seal(token(&acme), &secret).unwrap();
    let again = Keyring::open_existing(dir.path(), None).unwrap();
    assert_eq!(again.unseal(token(&acme), &sealed).unwrap().expose_secret(), "pat-na1-0000");
    let clear = b"pat-na1-0000";
    assert!(!sealed.0.windows(clear.len()).any(|window| window == clear));
    assert_eq!(format!("{sealed:?}"), "Sealed");
}

#[test]
fn it_opens_neither_for_another_account_nor_for_another_field_nor_when_changed() {
    let dir = tempfile::tempdir().unwrap();
    let keyring = Keyring::open(dir.path(), None).unwrap();
    let (acme, other) = (account("acme"), account("other"));
    let sealed = keyring.seal(token(&acme), &SecretString::from("t")).unwrap();
    let field = Context { account: &acme, field: "password" };
    for context in [token(&other), field] {
        assert!(matches!(keyring.unseal(context, &sealed), Err(SecretError::Damaged { .. })));
    }
    for at in 0..sealed.0.len() {
        let mut changed = sealed.clone();
        changed.0[at] ^= 1;
        assert!(keyring.unseal(token(&acme), &changed).is_err(), "byte {at}");
    }
    assert!(keyring.unseal(token(&acme), &Sealed(sealed.0[..20].to_vec())).is_err());
}

#[test]
fn the_wrong_key_is_named_as_such() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let acme = account("acme");
    let sealed = Keyring::open(a.path(), None).unwrap().seal(token(&acme), &SecretString::from("t")).unwrap();
    let error = Keyring::open(b.path(), None).unwrap().unseal(token(&acme), &sealed).err().unwrap();
    assert!(matches!(error, SecretError::OtherKey { .. }));
    assert!(error.to_string().contains("`acme`"), "{error}");
}

#[test]
fn a_key_is_created_once_and_a_missing_one_is_an_error_where_secrets_exist() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(Keyring::open_existing(dir.path(), None), Err(SecretError::NoKey(_))));
    Keyring::open(dir.path(), None).map(drop).unwrap();
    let first = fs::read(dir.path().join("secret.key")).unwrap();
    Keyring::open(dir.path(), None).map(drop).unwrap();
    assert_eq!(fs::read(dir.path().join("secret.key")).unwrap(), first);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no draft is left behind");
}

#[test]
fn the_key_may_come_from_the_environment_in_either_form() {
    let nowhere = Path::new("/nonexistent");
    let hexadecimal = SecretString::from("00".repeat(32));
    let base64 = SecretString::from(format!("{}=", "A".repeat(43)));
    let acme = account("acme");
    let a = Keyring::open(nowhere, Some(hexadecimal)).unwrap();
    let b = Keyring::open_existing(nowhere, Some(base64)).unwrap();
    let sealed = a.seal(token(&acme), &SecretString::from("t")).unwrap();
    assert_eq!(b.unseal(token(&acme), &sealed).unwrap().expose_secret(), "t");
    for text in ["", "hunter2", &"0".repeat(63)] {
        let error = Keyring::open(nowhere, Some(SecretString::from(text))).err().unwrap();
        assert!(matches!(error, SecretError::NotAKey { .. }), "{error}");
        assert!(text.is_empty() || !error.to_string().contains(text));
    }
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_refused_with_the_fix() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    Keyring::open(dir.path(), None).map(drop).unwrap();
    let path = dir.path().join("secret.key");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let error = Keyring::open(dir.path(), None).err().unwrap();
    assert!(matches!(error, SecretError::TooOpen { mode: 0o640, .. }));
    assert!(error.to_string().contains("chmod 600"), "{error}");
}
