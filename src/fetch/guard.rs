//! Which addresses may be visited at all: nothing private, nothing internal, unless the operator named it exactly.
//! Asked before every request and every redirect, and again with what the name service answers.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::fetch::error::SetupError;
use crate::fetch::settings::Settings;

/// Ports of services that are not the web, which a crafted address could make us talk to.
const NON_WEB_PORTS: [u16; 32] = [
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 53, 79, 110, 111, 119, 135, 139, 143, 389, 445, 465, 587, 993,
    995, 2049, 3306, 5432, 6379,
];

/// Endings of names that belong to a local network only.
const INTERNAL_ENDINGS: [&str; 8] =
    [".localhost", ".local", ".localdomain", ".internal", ".intranet", ".lan", ".corp", ".home.arpa"];

/// An address with or without a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    ip: IpAddr,
    port: Option<u16>,
}

/// Addresses that may be visited although they are private: with their ports, or with none for all of them.
type Allowed = BTreeMap<IpAddr, Vec<Option<u16>>>;

/// The rules, and the operator's exceptions to them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Guard {
    allowed: Allowed,
    fixed: BTreeMap<String, Place>,
    proxy_host: Option<String>,
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let socket = text.parse::<SocketAddr>().map(|socket| Self { ip: socket.ip(), port: Some(socket.port()) });
        let plain = || text.trim_matches(['[', ']']).parse::<IpAddr>().map(|ip| Self { ip, port: None });
        socket.or_else(|_| plain()).ok().map(|place| Self { ip: place.ip.to_canonical(), ..place })
    }
}

impl Guard {
    pub(crate) fn new(settings: &Settings) -> Result<Self, SetupError> {
        let place = |setting, text: &String| {
            let problem = format!("「{text}」 is not `ip` or `ip:port`");
            Place::parse(text).ok_or(SetupError::Setting { setting, problem })
        };
        let allowed = settings.allow_private.iter().map(|text| place("allow_private", text));
        let fixed = settings.resolve.iter().map(|(name, text)| Ok((plain_host(name), place("resolve", text)?)));
        let proxy = settings.proxy.as_deref().and_then(|proxy| Url::parse(proxy).ok());
        Ok(Self {
            allowed: by_address(allowed.collect::<Result<Vec<_>, _>>()?),
            fixed: fixed.collect::<Result<_, SetupError>>()?,
            proxy_host: proxy.as_ref().and_then(Url::host_str).map(plain_host),
        })
    }

    /// Says why an address must not be visited. What a name leads to is seen later, by the resolver.
    pub(crate) fn check(&self, url: &Url) -> Result<(), String> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("its scheme is {}, not http or https", url.scheme()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("it carries a user name or password".to_owned());
        }
        let port = url.port_or_known_default().unwrap_or(0);
        if NON_WEB_PORTS.contains(&port) || port == 0 {
            return Err(format!("port {port} is not one of the web"));
        }
        match url.host() {
            Some(Host::Ipv4(ip)) => self.check_address(ip.into(), port),
            Some(Host::Ipv6(ip)) => self.check_address(ip.into(), port),
            Some(Host::Domain(name)) => self.check_name(&plain_host(name), url.port()),
            None => Err("it names no host".to_owned()),
        }
    }

    fn check_address(&self, ip: IpAddr, port: u16) -> Result<(), String> {
        let is_port = |allowed: &Option<u16>| allowed.is_none_or(|allowed| allowed == port);
        if is_public(ip) || self.allowed.get(&ip.to_canonical()).is_some_and(|ports| ports.iter().any(is_port)) {
            return Ok(());
        }
        Err("the address is private or reserved".to_owned())
    }

    fn check_name(&self, name: &str, written_port: Option<u16>) -> Result<(), String> {
        if let Some(place) = self.fixed.get(name) {
            // An explicit port overrides that of the fixed address, which would open the other ports of the machine.
            let same_port = written_port.is_none() || place.port.is_none() || written_port == place.port;
            let fits = same_port || is_public(place.ip);
            return if fits { Ok(()) } else { Err("the port is not that of its fixed address".to_owned()) };
        }
        if is_internal(name) { Err("the name belongs to a local network".to_owned()) } else { Ok(()) }
    }

    /// Whether a host is on this machine, by its written address or by the operator's fixed one.
    pub(crate) fn is_loopback(&self, url: &Url) -> bool {
        match url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => IpAddr::from(ip).to_canonical().is_loopback(),
            Some(Host::Domain(name)) => self.fixed.get(&plain_host(name)).is_some_and(|place| place.ip.is_loopback()),
            None => false,
        }
    }

    /// Hosts that are reached without the proxy, in the form of a NO_PROXY list.
    pub(crate) fn without_proxy(&self) -> String {
        let addresses = self.allowed.keys().map(IpAddr::to_string);
        self.fixed.keys().cloned().chain(addresses).collect::<Vec<_>>().join(",")
    }

    fn permits_resolved(&self, name: &str, ip: IpAddr) -> bool {
        let is_allowed = self.allowed.get(&ip.to_canonical()).is_some_and(|ports| ports.contains(&None));
        is_public(ip) || is_allowed || self.proxy_host.as_deref() == Some(name)
    }
}

fn is_internal(name: &str) -> bool {
    !name.contains('.') || INTERNAL_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Whether an address lies in the public internet as far as it is written: it is neither private, nor of a local network, nor one
/// that the settings lead elsewhere. What a name leads to is seen at the visit.
pub(crate) fn is_outside(url: &Url, settings: &Settings) -> bool {
    let is_fixed = |name: &str| settings.resolve.keys().any(|own| plain_host(own) == name);
    match url.host() {
        Some(Host::Ipv4(ip)) => is_public(ip.into()),
        Some(Host::Ipv6(ip)) => is_public(ip.into()),
        Some(Host::Domain(name)) => {
            let name = plain_host(name);
            !is_internal(&name) && !is_fixed(&name)
        }
        None => false,
    }
}

/// Whether what comes from the open web would lead to the inside: what the operator allows there is for the sources that lie there.
pub(crate) fn leads_inside(from: &Url, to: &Url, settings: &Settings) -> bool {
    is_outside(from, settings) && !is_outside(to, settings)
}

fn by_address(places: Vec<Place>) -> Allowed {
    let mut allowed = Allowed::new();
    places.into_iter().for_each(|place| allowed.entry(place.ip).or_default().push(place.port));
    allowed
}

/// A host name in the form in which it is compared: lower case, without the dot at its end.
pub(crate) fn plain_host(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// A name led only to addresses that must not be visited.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to a private or reserved address")]
pub(crate) struct NotPublic;

/// The name service behind the guard.
#[derive(Debug, Clone)]
pub(crate) struct GuardedResolver(pub(crate) Arc<Guard>);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Arc::clone(&self.0);
        Box::pin(async move {
            let name = plain_host(name.as_str());
            if let Some(place) = guard.fixed.get(&name) {
                let fixed = SocketAddr::new(place.ip, place.port.unwrap_or(0));
                return Ok(Box::new(std::iter::once(fixed)) as Addrs);
            }
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let permitted: Vec<SocketAddr> =
                found.iter().copied().filter(|address| guard.permits_resolved(&name, address.ip())).collect();
            if permitted.is_empty() && !found.is_empty() {
                return Err(NotPublic.into());
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one of the public internet, after the IANA registries of special-purpose addresses.
/// Addresses that carry an IPv4 address inside (mapped, NAT64, 6to4, ISATAP) are judged by it.
pub(crate) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let reserved = matches!(
        ip.octets(),
        [0 | 10 | 127 | 224..=255, ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 168, ..]
            | [198, 18 | 19, ..]
            | [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
    );
    // The metadata service of one cloud stands on an otherwise public address.
    !reserved && ip != Ipv4Addr::new(168, 63, 129, 16)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let carried = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match ip.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            carried(high, low)
        }
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [0x2000..=0x3fff, _, _, _, 0 | 0x200, 0x5efe, high, low] => carried(high, low),
        [0x2000..=0x3fff, ..] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::proptest;
    use reqwest::dns::Resolve;
    use url::Url;

    use super::{Guard, GuardedResolver, NotPublic, is_public, leads_inside};
    use crate::fetch::settings::Settings;

    fn guard(settings: Settings) -> Guard {
        Guard::new(&settings).unwrap()
    }

    fn refuses(guard: &Guard, address: &str) -> bool {
        guard.check(&Url::parse(address).unwrap()).is_err()
    }

    #[test]
    fn every_writing_of_a_private_address_is_refused() {
        let guard = Guard::default();
        let hosts = [
            "127.0.0.1",
            "2130706433",
            "0x7f.1",
            "127.1",
            "0177.0.0.1",
            "0",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::127.0.0.1]",
            "[64:ff9b::127.0.0.1]",
            "[64:ff9b:1::1]",
            "[2002:7f00:1::]",
            "[2001:0:1::1]",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "169.254.169.254",
            "[fd00::1]",
            "[fe80::1]",
            "[ff02::1]",
            "192.0.2.1",
            "198.51.100.7",
            "203.0.113.9",
            "198.18.0.1",
            "[2001:db8::1]",
            "[2606:4700::5efe:a00:1]",
            "224.0.0.1",
            "255.255.255.255",
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "intranet",
            "db.internal",
            "printer.local",
            "１２７.０.０.１",
        ];
        for host in hosts {
            assert!(refuses(&guard, &format!("http://{host}/")), "{host}");
        }
    }

    #[test]
    fn the_open_web_leads_nowhere_inside_also_where_the_operator_allows_it() {
        let resolve = [("board.example".to_owned(), "10.0.0.8".to_owned())].into();
        let settings = Settings { allow_private: vec!["10.0.0.7".to_owned()], resolve, ..Settings::default() };
        let leads =
            |from: &str, to: &str| leads_inside(&Url::parse(from).unwrap(), &Url::parse(to).unwrap(), &settings);
        for inside in ["http://10.0.0.7/", "http://Board.example./", "http://wiki/", "http://[::ffff:10.0.0.7]/"] {
            assert!(leads("https://site.example/", inside), "{inside}");
            assert!(!leads("http://10.0.0.7/", inside), "{inside}");
        }
        assert!(
            !leads("https://site.example/", "https://other.example/")
                && !leads("http://wiki/", "https://site.example/")
        );
    }

    #[test]
    fn public_addresses_and_names_are_let_through() {
        for host in [
            "1.1.1.1",
            "[2606:4700::1111]",
            "[64:ff9b::1.1.1.1]",
            "[::ffff:1.1.1.1]",
            "site.example",
            "site.example:8443",
        ] {
            assert!(!refuses(&Guard::default(), &format!("https://{host}/")), "{host}");
        }
    }

    #[test]
    fn other_schemes_credentials_and_ports_of_other_services_are_refused() {
        for address in [
            "ftp://a.example/",
            "file:///etc/passwd",
            "data:text/plain,x",
            "http://u:p@a.example/",
            "http://u@a.example/",
            "http://a.example:22/",
            "http://a.example:6379/",
        ] {
            assert!(refuses(&Guard::default(), address), "{address}");
        }
    }

    #[test]
    fn an_exception_holds_for_exactly_what_it_names() {
        let guard = guard(Settings {
            allow_private: vec!["127.0.0.1:8080".to_owned(), "10.0.0.7".to_owned(), "[::1]:9000".to_owned()],
            ..Settings::default()
        });
        assert!(!refuses(&guard, "http://127.0.0.1:8080/"));
        assert!(!refuses(&guard, "http://[::ffff:127.0.0.1]:8080/"));
        assert!(refuses(&guard, "http://127.0.0.1:8081/"));
        assert!(refuses(&guard, "http://127.0.0.2:8080/"));
        assert!(!refuses(&guard, "http://10.0.0.7:81/"));
        assert!(!refuses(&guard, "http://[::1]:9000/"));
        assert!(guard.permits_resolved("a.example", "10.0.0.7".parse().unwrap()));
        assert!(!guard.permits_resolved("a.example", "127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn a_fixed_name_opens_one_port_of_its_machine() {
        let resolve = [("board.example".to_owned(), "127.0.0.1:8080".to_owned())].into();
        let guard = guard(Settings { resolve, ..Settings::default() });
        assert!(!refuses(&guard, "https://board.example/"));
        assert!(!refuses(&guard, "http://Board.Example.:8080/"));
        assert!(refuses(&guard, "http://board.example:9090/"));
        assert!(refuses(&guard, "http://127.0.0.1:8080/"));
        assert!(guard.is_loopback(&Url::parse("https://board.example/").unwrap()));
    }

    #[test]
    fn a_broken_exception_is_named() {
        let settings = Settings { allow_private: vec!["127.0.0.0/8".to_owned()], ..Settings::default() };
        assert!(Guard::new(&settings).unwrap_err().to_string().contains("allow_private"));
    }

    #[tokio::test]
    async fn a_name_that_leads_to_a_private_address_is_refused_after_the_lookup() {
        let resolver = GuardedResolver(Arc::new(Guard::default()));
        let found = resolver.resolve("localhost".parse().unwrap()).await;
        assert!(found.err().unwrap().is::<NotPublic>());
        let allow_private = vec!["127.0.0.1".to_owned(), "::1".to_owned()];
        let resolver = GuardedResolver(Arc::new(guard(Settings { allow_private, ..Settings::default() })));
        assert!(resolver.resolve("localhost".parse().unwrap()).await.is_ok());
    }

    proptest! {
        #[test]
        fn any_address_can_be_asked_about(bits: u128) {
            let _ = is_public(std::net::Ipv6Addr::from_bits(bits).into());
        }

        #[test]
        fn a_mapped_address_is_judged_like_its_inside(bits: u32) {
            let inside = std::net::Ipv4Addr::from_bits(bits);
            assert_eq!(is_public(inside.to_ipv6_mapped().into()), is_public(inside.into()));
        }
    }
}
