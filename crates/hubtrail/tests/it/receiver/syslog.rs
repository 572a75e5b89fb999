//! A syslog receiver by RFC 5424, 3164, 6587 and 5425, as strict as they are.

use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::{Fault, Faults, Kept};

pub(crate) struct Syslog {
    pub(crate) address: SocketAddr,
    pub(crate) faults: Faults,
    pub(crate) kept: Kept,
    task: JoinHandle<()>,
}

impl Drop for Syslog {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An authority, and what it has signed: PEM.
pub(crate) struct Papers {
    pub(crate) authority: String,
    pub(crate) server: (String, String),
    pub(crate) client: (String, String),
}

impl Papers {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let signed = |name: &str, purpose| {
            let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
            params.extended_key_usages = vec![purpose];
            let key = KeyPair::generate().unwrap();
            let certificate = params.signed_by(&key, &issuer).unwrap();
            (certificate.pem(), key.serialize_pem())
        };
        Self {
            authority: issuer.pem(),
            server: signed("localhost", ExtendedKeyUsagePurpose::ServerAuth),
            client: signed("hubtrail", ExtendedKeyUsagePurpose::ClientAuth),
        }
    }

    /// Only whoever shows a certificate of the authority gets in.
    fn acceptor(&self) -> TlsAcceptor {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.authority.as_bytes()).unwrap()).unwrap();
        let verifier = rustls::server::WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap();
        let chain = vec![CertificateDer::from_pem_slice(self.server.0.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(self.server.1.as_bytes()).unwrap();
        let config = rustls::ServerConfig::builder().with_client_cert_verifier(verifier);
        TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key).unwrap()))
    }
}

impl Syslog {
    pub(crate) async fn tcp(papers: Option<&Papers>) -> Self {
        let acceptor = papers.map(Papers::acceptor);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (faults, kept) = (Faults::default(), Kept::default());
        let (known, into) = (faults.clone(), kept.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let fault = known.next();
                if fault == Some(Fault::ResetBefore) {
                    stream.set_zero_linger().unwrap();
                    continue;
                }
                if let Some(Fault::Slow(time)) = &fault {
                    tokio::time::sleep(*time).await;
                }
                if fault == Some(Fault::ResetAfter) {
                    stream.set_zero_linger().unwrap();
                }
                // One after the other, so that what is kept is in the order in which it came.
                match &acceptor {
                    None => drop(take(stream, &into, fault.as_ref()).await),
                    Some(acceptor) => {
                        if let Ok(stream) = acceptor.accept(stream).await {
                            drop(take(stream, &into, fault.as_ref()).await);
                        }
                    }
                }
            }
        });
        Self { address, faults, kept, task }
    }

    pub(crate) async fn udp() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let kept = Kept::default();
        let into = kept.clone();
        let task = tokio::spawn(async move {
            let mut datagram = vec![0; 65_536];
            while let Ok((length, _)) = socket.recv_from(&mut datagram).await {
                let text = std::str::from_utf8(&datagram[..length]).unwrap();
                into.extend([message(text).unwrap_or_else(|| panic!("no syslog: {text}"))]);
            }
        });
        Self { address, faults: Faults::default(), kept, task }
    }
}

/// Everything that one connection brings, kept when it has ended well.
async fn take(
    mut stream: impl AsyncRead + Unpin,
    into: &Kept,
    fault: Option<&Fault>,
) -> Option<impl AsyncRead + Unpin> {
    let mut bytes = Vec::new();
    if fault == Some(&Fault::ResetAfter) {
        // Takes what comes, and breaks off instead of closing.
        let mut piece = vec![0; 65_536];
        while !is_whole(&bytes) {
            match stream.read(&mut piece).await {
                Ok(0) | Err(_) => break,
                Ok(length) => bytes.extend_from_slice(&piece[..length]),
            }
        }
        into.extend(frames(&bytes));
        return Some(stream);
    }
    stream.read_to_end(&mut bytes).await.ok()?;
    into.extend(frames(&bytes));
    Some(stream)
}

fn is_whole(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while !rest.is_empty() {
        let Some(space) = rest.iter().position(|byte| *byte == b' ') else { return false };
        let length: usize = std::str::from_utf8(&rest[..space]).unwrap().parse().unwrap();
        let Some(left) = rest.get(space + 1 + length..) else { return false };
        rest = left;
    }
    !bytes.is_empty()
}

/// `MSG-LEN SP SYSLOG-MSG`, nothing between and nothing left over.
fn frames(bytes: &[u8]) -> Vec<String> {
    let mut messages = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let space = rest.iter().position(|byte| *byte == b' ').expect("a length and a space");
        let length: usize = std::str::from_utf8(&rest[..space]).unwrap().parse().expect("a length");
        let text = std::str::from_utf8(&rest[space + 1..space + 1 + length]).expect("UTF-8");
        messages.push(message(text).unwrap_or_else(|| panic!("no syslog: {text}")));
        rest = &rest[space + 1 + length..];
    }
    messages
}

/// The text of a message, if that is one.
fn message(text: &str) -> Option<String> {
    let (priority, rest) = text.strip_prefix('<')?.split_once('>')?;
    if priority.parse::<u16>().ok()? > 191 || (priority.len() > 1 && priority.starts_with('0')) {
        return None;
    }
    match rest.strip_prefix("1 ") {
        Some(rest) => rfc5424(rest),
        None => rfc3164(rest),
    }
}

fn rfc5424(rest: &str) -> Option<String> {
    let mut parts = rest.splitn(6, ' ');
    let time = parts.next()?;
    time.parse::<jiff::Timestamp>().ok()?;
    for most in [255, 48, 128, 32] {
        let field = parts.next()?;
        if field.is_empty() || field.len() > most || !field.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
    }
    let data = parts.next()?;
    let rest = data.strip_prefix('[')?;
    let end = rest.find("\"]")?;
    let (id, value) = rest[..end].split_once(" id=\"")?;
    let is_name = id.contains('@') && id.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_name || value.contains(['"', '\\', ']']) {
        return None;
    }
    rest[end + 2..].strip_prefix(' ').map(str::to_owned)
}

fn rfc3164(rest: &str) -> Option<String> {
    // `Mar 10 14:32:18 host tag: text`
    jiff::civil::DateTime::strptime("%Y %b %e %H:%M:%S", format!("2024 {}", rest.get(..15)?)).ok()?;
    let (host, rest) = rest.get(15..)?.strip_prefix(' ')?.split_once(' ')?;
    let (tag, text) = rest.split_once(": ")?;
    let is_tag = !tag.is_empty() && tag.len() <= 32 && tag.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (!host.is_empty() && is_tag).then(|| text.to_owned())
}
