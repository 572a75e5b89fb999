//! Where nobody may send us: addresses of the machine's own link, which is where clouds keep their credentials, and those
//! that are no single machine's. A host's name may lead to any of them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Of clouds, beside the link-local one: Amazon's by IPv6, Alibaba's, Azure's, Oracle's.
const METADATA: [IpAddr; 4] = [
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
];

/// Why nothing is sent there, whoever asks for it.
pub(crate) fn no_machine(address: IpAddr) -> Option<&'static str> {
    let address = meant(address);
    let is = address.is_unspecified() || address.is_multicast() || address == IpAddr::V4(Ipv4Addr::BROADCAST);
    is.then_some("it is no single machine's address")
}

/// Why nothing is sent there, unless an operator of the machine says so.
pub(crate) fn own_link(address: IpAddr) -> Option<&'static str> {
    let address = meant(address);
    let link_local = match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    };
    if link_local {
        Some("it is a link-local address, where clouds keep credentials")
    } else if METADATA.contains(&address) {
        Some("it is a cloud's metadata address")
    } else {
        None
    }
}

/// Why nothing is sent there at all.
pub(crate) fn refuses(address: IpAddr) -> Option<&'static str> {
    no_machine(address).or_else(|| own_link(address))
}

/// The IPv4 address that one of IPv6 is another spelling of: mapped, embedded as it used to be, or behind a gateway.
fn meant(address: IpAddr) -> IpAddr {
    let IpAddr::V6(long) = address else { return address };
    let (high, low) = match long.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => (high, low),
        [0x2002, high, low, ..] => (high, low),
        // `::` and `::1` are addresses of their own.
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => (high, low),
        _ => return address,
    };
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Ipv4Addr::new(a, b, c, d).into()
}

/// The host, where it is no name.
pub(crate) fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

/// A name that leads where nothing is sent.
#[derive(Clone, Debug, thiserror::Error)]
#[error("nothing is sent to {host}: {why}")]
pub(crate) struct Refused {
    host: String,
    why: &'static str,
}

/// Of the addresses of a host those that nothing is wrong with.
///
/// # Errors
/// When there is something wrong with all of them.
pub(crate) fn allowed(
    host: &str,
    found: impl Iterator<Item = SocketAddr>,
    refuses: impl Fn(IpAddr) -> Option<&'static str>,
) -> Result<Vec<SocketAddr>, Refused> {
    let (mut refused, mut allowed) = (None, Vec::new());
    for address in found {
        match refuses(address.ip()) {
            None => allowed.push(address),
            Some(why) => refused = Some(why),
        }
    }
    match refused {
        Some(why) if allowed.is_empty() => Err(Refused { host: host.to_owned(), why }),
        _ => Ok(allowed),
    }
}

/// Resolves names for the HTTP client, so that what is checked is what is connected to: by a host's name and an address of it.
pub(crate) struct Resolver<F>(pub(crate) F);

impl<F> Resolve for Resolver<F>
where
    F: Fn(&str, IpAddr) -> Option<&'static str> + Clone + Send + Sync + 'static,
{
    fn resolve(&self, name: Name) -> Resolving {
        let refuses = self.0.clone();
        Box::pin(async move {
            let host = name.as_str();
            // The client puts the port in.
            let found = tokio::net::lookup_host((host, 0)).await?;
            let allowed = allowed(host, found, |address| refuses(host, address))?;
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The machine's own link and metadata, and what is no machine, as hosts of a URL.
    pub(crate) const NOWHERE: [&str; 22] = [
        "169.254.169.254",
        "169.254.0.7",
        "169.254.169.254.",
        "2852039166",
        "0xa9fea9fe",
        "0xa9.0xfe.0xa9.0xfe",
        "0251.0376.0251.0376",
        "169.16689662",
        "%31%36%39.254.169.254",
        "１６９.254.169.254",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]",
        "[::169.254.169.254]",
        "[64:ff9b::169.254.169.254]",
        "[2002:a9fe:a9fe::1]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "0.0.0.0",
        "224.0.0.1",
    ];

    #[test]
    fn nowhere_is_nowhere_and_a_machine_is_a_machine() {
        let judged = |host: &str| literal(&format!("https://{host}/").parse().unwrap()).and_then(refuses);
        for host in NOWHERE {
            assert!(judged(host).is_some(), "{host}");
        }
        for host in ["127.0.0.1", "[::1]", "10.0.0.7", "[2001:db8::1]", "[64:ff9b::10.0.0.7]", "a.example"] {
            assert_eq!(judged(host), None, "{host}");
        }
    }

    #[test]
    fn of_a_names_addresses_the_good_ones_are_left() {
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        let (good, bad) = (at("10.0.0.7:1"), at("169.254.169.254:1"));
        assert_eq!(allowed("a", [bad, good].into_iter(), refuses).unwrap(), [good]);
        let refused = allowed("a", [bad].into_iter(), refuses).unwrap_err();
        assert!(refused.to_string().starts_with("nothing is sent to a: it is a link-local"), "{refused}");
        assert_eq!(allowed("a", std::iter::empty(), refuses).unwrap(), []);
    }
}
