//! A connector to a public app: its access token is renewed in time, and nothing of it is stored in clear.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use hubspot_audit_api::emulator::limits::RateLimit as EmulatedLimit;
use hubspot_audit_api::emulator::oauth::App;
use hubspot_audit_api::emulator::{Config, Emulator};
use hubtrail::config::Network;
use hubtrail::connector::{Connector, Credentials, OAuth, RateLimit, Settings};
use hubtrail::hubspot::{ApiError, CredentialFault, HubSpot};
use hubtrail::reach;
use hubtrail::secret::Keyring;
use hubtrail::store::{NewConnector, Store};
use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::page::{Bound, Filter, Order, PageRequest};
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use secrecy::{ExposeSecret as _, SecretString};
use tempfile::TempDir;

use crate::store_support::NOW;

pub(crate) const CLIENT_SECRET: &str = "client-secret-of-a-test";
pub(crate) const REFRESH_TOKEN: &str = "refresh-token-of-a-test";

pub(crate) fn app(rotates: bool) -> App {
    App {
        client_id: "app-1".to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
        refresh_token: REFRESH_TOKEN.to_owned(),
        expires_in_s: 1_800,
        rotates,
    }
}

struct Scene {
    emulator: Emulator,
    clock: Arc<AtomicI64>,
    store: Store,
    keyring: Keyring,
    connector: Connector,
    hubspot: HubSpot,
    dir: TempDir,
}

impl Scene {
    async fn new(rotates: bool) -> Self {
        let clock = Arc::new(AtomicI64::new(NOW.0));
        let shown = Arc::clone(&clock);
        let config = Config { rate_limit: EmulatedLimit::OFF, app: Some(app(rotates)), ..Config::default() };
        let emulator =
            Emulator::start(config, Arc::new(move || shown.load(Ordering::SeqCst)), vec![]).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let keyring = Keyring::open(dir.path(), None).unwrap();
        let settings =
            Settings { rate_limit: RateLimit::Off, ..Settings::new("acme", &emulator.url()).unwrap() };
        let oauth = OAuth {
            client_id: "app-1".to_owned(),
            client_secret: SecretString::from(CLIENT_SECRET),
            refresh_token: SecretString::from(REFRESH_TOKEN),
        };
        let new = NewConnector { settings, created_at: NOW };
        let connector = store.add_connector(new, oauth, &keyring).unwrap();
        let hubspot = client(&store, &connector, &keyring);
        Self { emulator, clock, store, keyring, connector, hubspot, dir }
    }

    fn now(&self) -> UtcMs {
        UtcMs(self.clock.load(Ordering::SeqCst))
    }

    async fn ask(&self) -> Result<(), ApiError> {
        let (bound, order, filter) = (Bound::Oldest, Order::OldestFirst, Filter::default());
        let request = PageRequest { bound, before: None, limit: 1, order, filter };
        self.hubspot.page(Stream::Content, &request, WalkKind::Tail, self.now()).await.map(drop)
    }

    fn refreshes(&self) -> u64 {
        self.emulator.portal().refreshes()
    }
}

fn client(store: &Store, connector: &Connector, keyring: &Keyring) -> HubSpot {
    let network = Network {
        connect_timeout: std::time::Duration::from_secs(5),
        proxy: None,
        no_proxy: None,
        extra_ca: None,
    };
    reach::hubspot(store, connector, &network, keyring, NOW).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_serves_all_walks_and_is_renewed_before_it_expires() {
    let scene = Scene::new(false).await;
    for asked in futures_util::future::join_all((0..8).map(|_| scene.ask())).await {
        asked.unwrap();
    }
    assert_eq!(scene.refreshes(), 1);
    scene.clock.fetch_add(1_700_000, Ordering::SeqCst);
    scene.ask().await.unwrap();
    assert_eq!(scene.refreshes(), 2, "a little before its time");
    scene.emulator.portal().forget_access_tokens();
    scene.ask().await.unwrap();
    assert_eq!(scene.refreshes(), 3, "HubSpot knows better how long it lives");
    scene.emulator.portal().revoke_app();
    let refused = scene.ask().await.unwrap_err();
    assert!(
        matches!(refused, ApiError::Credentials { fault: CredentialFault::RefreshToken, .. }),
        "{refused}"
    );
    scene.emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_that_is_replaced_outlives_the_process_and_is_no_change_of_the_connector() {
    let mut scene = Scene::new(true).await;
    scene.ask().await.unwrap();
    scene.clock.fetch_add(1_800_000, Ordering::SeqCst);
    scene.ask().await.unwrap();
    let stored = scene.store.connector("acme").unwrap();
    assert_eq!(stored.revision, scene.connector.revision);
    let Credentials::OAuth(oauth) = stored.credentials(&scene.keyring).unwrap() else { panic!("no app") };
    assert_ne!(oauth.refresh_token.expose_secret(), REFRESH_TOKEN);
    let former = std::mem::replace(&mut scene.hubspot, client(&scene.store, &stored, &scene.keyring));
    scene.ask().await.unwrap();
    assert_eq!(scene.refreshes(), 3);
    scene.hubspot = former;
    scene.clock.fetch_add(1_800_000, Ordering::SeqCst);
    scene.ask().await.unwrap();
    assert_eq!(scene.refreshes(), 4, "whoever was not given the newest one finds it where it is kept");
    for file in std::fs::read_dir(scene.dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for secret in [CLIENT_SECRET, REFRESH_TOKEN, oauth.refresh_token.expose_secret()] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
        }
    }
    scene.emulator.shutdown().await;
}
