//! The people behind the events: read where the token may, remembered when they leave, never needed.

use hubspot_audit_api::directory::Person as Emulated;
use hubspot_audit_api::emulator::{Config, Emulator};
use hubtrail::directory::refresh;
use hubtrail::hubspot::{Directory, HubSpot, Options, Person};
use hubtrail_core::time::UtcMs;
use secrecy::SecretString;
use std::sync::Arc;

use crate::store_support::{Log, NOW};

fn emulated(user: u32, archived: bool) -> Emulated {
    Emulated {
        user_id: user.to_string(),
        owner_id: (user + 1_000).to_string(),
        first_name: "Ada".to_owned(),
        last_name: user.to_string(),
        email: format!("ada{user}@example.com"),
        super_admin: user == 1,
        archived,
        created_ms: 0,
    }
}

async fn account(scopes: &[&str], people: Vec<Emulated>) -> (Emulator, HubSpot) {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let config = Config { scopes, people, ..Config::default() };
    let token = SecretString::from(config.token.clone());
    let emulator = Emulator::start(config, Arc::new(|| NOW.0), Vec::new()).await.unwrap();
    let hubspot = HubSpot::new(&Options::new(emulator.url(), token), NOW).unwrap();
    (emulator, hubspot)
}

const ALL: [&str; 3] = ["content", "settings.users.read", "crm.objects.owners.read"];

#[tokio::test(flavor = "multi_thread")]
async fn who_has_left_is_known_by_name_and_as_gone() {
    let log = Log::new();
    // More than one page of them.
    let mut people: Vec<Emulated> = (1..=150).map(|user| emulated(user, false)).collect();
    people.push(emulated(900, true));
    let (_emulator, hubspot) = account(&ALL, people).await;
    let read = refresh(&log.store, &hubspot, log.acme.id, NOW).await.unwrap();
    assert!(read.users_allowed && read.owners_allowed);
    assert_eq!(log.store.people(log.acme.id).unwrap().len(), 151);
    let person = |id: &str| log.store.person(log.acme.id, id).unwrap();
    let one = person("1").unwrap();
    assert_eq!(
        (one.email.as_deref(), one.role.as_deref(), one.gone),
        (Some("ada1@example.com"), Some("Super admin"), false)
    );
    let left = person("900").unwrap();
    assert_eq!((left.email.as_deref(), left.gone), (Some("ada900@example.com"), true));
    assert_eq!(person("901"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_disappears_is_remembered_as_gone_and_comes_back_as_present() {
    let log = Log::new();
    let (_before, hubspot) = account(&ALL, vec![emulated(1, false), emulated(2, false)]).await;
    refresh(&log.store, &hubspot, log.acme.id, NOW).await.unwrap();
    let (_after, hubspot) = account(&ALL, vec![emulated(1, false)]).await;
    refresh(&log.store, &hubspot, log.acme.id, NOW.plus(1)).await.unwrap();
    let gone = || log.store.person(log.acme.id, "2").unwrap().map(|person| (person.email, person.gone));
    assert_eq!(gone(), Some((Some("ada2@example.com".to_owned()), true)));
    let (_again, hubspot) = account(&ALL, vec![emulated(1, false), emulated(2, false)]).await;
    refresh(&log.store, &hubspot, log.acme.id, NOW.plus(2)).await.unwrap();
    assert_eq!(gone().map(|(_, gone)| gone), Some(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_scope_nothing_is_known_and_nothing_is_lost() {
    let log = Log::new();
    let known =
        Person { user_id: "7".to_owned(), email: Some("ann@example.com".to_owned()), ..Person::default() };
    let directory = Directory { people: vec![known.clone()], users_allowed: true, owners_allowed: true };
    log.store.replace_people(log.acme.id, directory, UtcMs(1)).unwrap();
    let (_emulator, hubspot) = account(&["content"], vec![emulated(1, false)]).await;
    let read = refresh(&log.store, &hubspot, log.acme.id, NOW).await.unwrap();
    assert_eq!(read, Directory::default());
    let kept = log.store.directory_read(log.acme.id).unwrap().unwrap();
    assert_eq!((kept.at, kept.users_allowed, kept.owners_allowed), (NOW, false, false));
    assert_eq!(log.store.people(log.acme.id).unwrap(), [known]);
    log.store.erase_connector(log.acme.id).unwrap();
    assert_eq!(log.store.people(log.acme.id).unwrap(), []);
}
