//! The connections below the exchanges. Connectors that reach HubSpot in the same way share them: what a connection
//! and its memory of TLS sessions take is then a matter of how much is asked at once, not of how many accounts there are.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use std::time::Duration;

use reqwest::{Certificate, Client, NoProxy, Proxy, redirect};
use secrecy::ExposeSecret;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::options::{Base, Options, ProxyServer, SetupError};
use crate::address::link::{self, Resolver};

const USER_AGENT: &str = concat!("hubtrail/", env!("CARGO_PKG_VERSION"));

/// Each keeps its buffers. Thousands of connectors that begin together would leave as many connections behind.
const MOST_IDLE: usize = 16;

static SHARED: LazyLock<Mutex<HashMap<Way, Weak<Client>>>> = LazyLock::new(Mutex::default);

/// All that makes one client differ from another. Of what may be secret or long there is a digest.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Way {
    plain: bool,
    connect: Duration,
    proxy: Option<[u8; 32]>,
    extra_ca: Option<[u8; 32]>,
}

/// # Errors
/// When the proxy, the certificates or TLS cannot be set up.
pub(super) fn client(options: &Options, base: &Base) -> Result<Arc<Client>, SetupError> {
    let plain = base.url.scheme() == "http";
    let proxy = options.proxy.as_ref().filter(|_| !base.loopback);
    let extra_ca = match &options.extra_ca {
        // Read each time: a file that was changed is another way.
        Some(path) if !plain => Some((path.as_path(), pem(path)?)),
        _ => None,
    };
    let way = Way {
        plain,
        connect: options.timeouts.connect,
        proxy: proxy.map(|server| {
            let left_out = server.no_proxy.as_deref().unwrap_or_default();
            digest(&[server.url.expose_secret().as_bytes(), b"\n", left_out.as_bytes()])
        }),
        extra_ca: extra_ca.as_ref().map(|(_, pem)| digest(&[pem])),
    };
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(client) = shared.get(&way).and_then(Weak::upgrade) {
        return Ok(client);
    }
    let extra_ca = extra_ca.map(|(path, pem)| certificates(path, &pem)).transpose()?;
    let client = Arc::new(build(&way, proxy, extra_ca)?);
    shared.retain(|_, client| client.strong_count() > 0);
    shared.insert(way, Arc::downgrade(&client));
    Ok(client)
}

fn build(
    way: &Way,
    through: Option<&ProxyServer>,
    extra_ca: Option<Vec<Certificate>>,
) -> Result<Client, SetupError> {
    // A proxy is the operator's choice, wherever it is; what it connects to itself is its own matter.
    let proxy_host = through.and_then(|server| Url::parse(server.url.expose_secret()).ok());
    let proxy_host = proxy_host.and_then(|url| url.host_str().map(str::to_owned));
    let refuses = move |host: &str, address| {
        if proxy_host.as_deref() == Some(host) { None } else { link::refuses(address) }
    };
    let mut builder = Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(way.connect)
        .pool_max_idle_per_host(MOST_IDLE)
        .redirect(redirect::Policy::none())
        .dns_resolver(Resolver(refuses))
        .referer(false)
        // First of all, no proxy that the environment names: only `config` reads the environment.
        .no_proxy();
    if let Some(server) = through {
        builder = builder.proxy(proxy(server)?);
    }
    if way.plain {
        // The system's certificates are not needed, and a machine without any is not an error.
        builder = builder.tls_certs_only([]);
    } else if let Some(certificates) = extra_ca {
        builder = builder.tls_certs_merge(certificates);
    }
    builder.build().map_err(|error| SetupError::Tls { reason: innermost(&error) })
}

fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
    }
    digest.finalize().into()
}

fn proxy(server: &ProxyServer) -> Result<Proxy, SetupError> {
    let proxy = Proxy::all(server.url.expose_secret()).map_err(|_| SetupError::Proxy)?;
    Ok(proxy.no_proxy(server.no_proxy.as_deref().and_then(NoProxy::from_string)))
}

fn pem(path: &Path) -> Result<Vec<u8>, SetupError> {
    std::fs::read(path)
        .map_err(|error| SetupError::ExtraCa { path: path.to_owned(), reason: error.to_string() })
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<Certificate>, SetupError> {
    match Certificate::from_pem_bundle(pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(SetupError::ExtraCa {
            path: path.to_owned(),
            reason: "the file holds no PEM certificate".to_owned(),
        }),
    }
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;

    fn of(options: &Options) -> Arc<Client> {
        super::super::install_crypto();
        client(options, &options.checked_base().unwrap()).unwrap()
    }

    #[test]
    fn the_same_way_is_shared_and_another_is_not() {
        let options = |url: &str, token: &str| Options::new(url, SecretString::from(token.to_owned()));
        let own = options("https://api.hubapi.com", "pat-na1-one");
        let first = of(&own);
        assert!(Arc::ptr_eq(&first, &of(&options("https://api.hubapi.com", "pat-na1-two"))));
        assert!(!Arc::ptr_eq(&first, &of(&options("http://127.0.0.1:1", "pat-na1-one"))));
        let proxy = |url: &str, no_proxy: Option<&str>| Options {
            proxy: Some(ProxyServer { url: url.to_owned().into(), no_proxy: no_proxy.map(str::to_owned) }),
            ..own.clone()
        };
        let through = of(&proxy("http://proxy:1", None));
        assert!(!Arc::ptr_eq(&first, &through));
        assert!(Arc::ptr_eq(&through, &of(&proxy("http://proxy:1", None))));
        assert!(!Arc::ptr_eq(&through, &of(&proxy("http://proxy:1", Some("hubapi.com")))));
        assert!(!Arc::ptr_eq(&through, &of(&proxy("http://other:1", None))));
        let hasty = crate::hubspot::Timeouts { connect: Duration::from_secs(1), ..own.timeouts };
        assert!(!Arc::ptr_eq(&first, &of(&Options { timeouts: hasty, ..own.clone() })));
    }

    #[test]
    fn a_file_of_certificates_that_was_changed_is_another_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let authority =
            |name: &str| rcgen::generate_simple_self_signed([name.to_owned()]).unwrap().cert.pem();
        std::fs::write(&path, authority("one")).unwrap();
        let options = Options {
            extra_ca: Some(path.clone()),
            ..Options::new("https://api.hubapi.com", SecretString::from("pat-na1-one".to_owned()))
        };
        let first = of(&options);
        assert!(Arc::ptr_eq(&first, &of(&options)));
        std::fs::write(&path, authority("two")).unwrap();
        assert!(!Arc::ptr_eq(&first, &of(&options)));
    }
}
