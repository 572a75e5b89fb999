//! TLS to a receiver that speaks no HTTP, with a client certificate where there is one.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use secrecy::ExposeSecret as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::config::Network;
use crate::hubspot::install_crypto;
use crate::sink::reachable::Connection;
use crate::sink::{Credentials, SinkError};

pub(crate) struct Tls(TlsConnector);

impl Tls {
    pub(crate) async fn over(
        &self,
        stream: TcpStream,
        host: &str,
    ) -> Result<TlsStream<TcpStream>, SinkError> {
        let name = ServerName::try_from(host.to_owned());
        let name =
            name.map_err(|_| SinkError::misconfigured("no certificate can name this host", "name it"))?;
        self.0.connect(name, stream).await.map_err(|error| broke("speak TLS with the receiver", &error))
    }
}

/// What went wrong on the way. With TLS 1.3 a client certificate is refused only after the handshake.
pub(super) fn broke(what: &str, error: &std::io::Error) -> SinkError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(fault)) => SinkError::misconfigured(
            format!("the receiver's certificate is not trusted: {fault}"),
            "give the authority that signed it, or have it renewed",
        ),
        Some(rustls::Error::AlertReceived(alert)) => SinkError::misconfigured(
            format!("the receiver refuses the connection: {alert:?}"),
            "give the client certificate that it wants",
        ),
        _ => SinkError::retry(format!("{what}: {error}")),
    }
}

/// `credentials` has the key of the client certificate, where there is one.
pub(crate) fn tls(
    connection: &Connection,
    network: &Network,
    credentials: Option<&Credentials>,
) -> Result<Tls, SinkError> {
    install_crypto();
    let mut roots = RootCertStore::empty();
    // A machine without certificates of its own may still have been given one.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = &network.extra_ca {
        let pem = std::fs::read(path).map_err(|error| {
            SinkError::misconfigured(format!("read {}: {error}", path.display()), "check network.extra_ca")
        })?;
        trust(&mut roots, &pem)?;
    }
    if let Some(pem) = &connection.ca {
        trust(&mut roots, pem.as_bytes())?;
    }
    let config = ClientConfig::builder().with_root_certificates(roots);
    let config = match identity(connection, credentials)? {
        None => config.with_no_client_auth(),
        Some((chain, key)) => config.with_client_auth_cert(chain, key).map_err(|_| unusable())?,
    };
    Ok(Tls(TlsConnector::from(Arc::new(config))))
}

fn trust(roots: &mut RootCertStore, pem: &[u8]) -> Result<(), SinkError> {
    let wrong = || SinkError::misconfigured("the authority is no PEM certificate", "give it as PEM");
    let mut any = false;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots.add(certificate.map_err(|_| wrong())?).map_err(|_| wrong())?;
        any = true;
    }
    if any { Ok(()) } else { Err(wrong()) }
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn identity(
    connection: &Connection,
    credentials: Option<&Credentials>,
) -> Result<Option<Identity>, SinkError> {
    let key = credentials.and_then(|credentials| credentials.client_key.as_ref());
    let (Some(certificate), Some(key)) = (&connection.client_certificate, key) else {
        return Ok(None);
    };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate.as_bytes()).collect();
    let key = PrivateKeyDer::from_pem_slice(key.expose_secret().as_bytes());
    match (chain, key) {
        (Ok(chain), Ok(key)) if !chain.is_empty() => Ok(Some((chain, key))),
        _ => Err(unusable()),
    }
}

fn unusable() -> SinkError {
    let reason = "the client certificate and its key cannot be used";
    SinkError::misconfigured(reason, "give both as PEM, the key unencrypted")
}
