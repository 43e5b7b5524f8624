//! The vocabularies of feeds by their namespaces, and by the usual prefixes where none is declared.

use crate::platform::feed::tree::Node;

/// A vocabulary.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Space {
    /// RSS and Atom of any version.
    Feed,
    /// Dublin Core, elements and terms.
    Dublin,
    /// Content of RSS 1.0.
    Content,
    /// Podcasts.
    Podcast,
    /// Media RSS.
    Media,
    /// RDF.
    Rdf,
    /// XHTML.
    Page,
    /// Any other.
    #[default]
    Other,
}

/// Beginnings of namespaces, in lower case.
const SPACES: [(&str, Space); 22] = [
    ("http://www.w3.org/2005/atom", Space::Feed),
    ("http://purl.org/atom/", Space::Feed),
    ("http://purl.org/rss/1.0/modules/content", Space::Content),
    ("http://purl.org/rss/1.0/modules/", Space::Other),
    ("http://purl.org/rss/", Space::Feed),
    ("http://purl.org/net/rss1.1", Space::Feed),
    ("http://backend.userland.com/", Space::Feed),
    ("http://blogs.law.harvard.edu/tech/rss", Space::Feed),
    ("http://my.netscape.com/", Space::Feed),
    ("http://channel.netscape.com/", Space::Feed),
    ("http://www.rssboard.org/", Space::Feed),
    ("http://purl.org/dc/", Space::Dublin),
    ("http://www.itunes.com/dtds/", Space::Podcast),
    ("http://example.com/dtds/podcast", Space::Podcast),
    ("http://search.yahoo.com/mrss", Space::Media),
    ("http://www.rssboard.org/media-rss", Space::Media),
    ("http://www.w3.org/1999/02/22-rdf-syntax-ns", Space::Rdf),
    ("http://www.w3.org/1999/xhtml", Space::Page),
    ("https://www.w3.org/2005/atom", Space::Feed),
    ("https://purl.org/dc/", Space::Dublin),
    ("https://search.yahoo.com/mrss", Space::Media),
    ("https://www.itunes.com/dtds/", Space::Podcast),
];

const PREFIXES: [(&str, Space); 10] = [
    ("atom", Space::Feed),
    ("rss", Space::Feed),
    ("dc", Space::Dublin),
    ("dcterms", Space::Dublin),
    ("content", Space::Content),
    ("itunes", Space::Podcast),
    ("media", Space::Media),
    ("rdf", Space::Rdf),
    ("xhtml", Space::Page),
    ("html", Space::Page),
];

/// The vocabulary of a prefix, by the declarations of an element and of those around it.
pub(super) fn of_prefix<'n>(prefix: &str, own: &[(String, String)], around: impl Iterator<Item = &'n Node>) -> Space {
    let declares =
        |name: &str| if prefix.is_empty() { name == "xmlns" } else { name.strip_prefix("xmlns:") == Some(prefix) };
    let found = |all: &[(String, String)]| all.iter().find(|(name, _)| declares(name)).map(|(_, space)| space.clone());
    let declared = found(own).or_else(|| around.into_iter().find_map(|node| found(&node.attributes)));
    match declared {
        Some(address) => of_address(address.trim(), prefix),
        None if prefix.is_empty() => Space::Feed,
        None => usual(prefix),
    }
}

fn of_address(address: &str, prefix: &str) -> Space {
    let address = address.to_ascii_lowercase();
    let longest = SPACES.iter().filter(|(start, _)| address.starts_with(start)).max_by_key(|(start, _)| start.len());
    // Without a prefix a name that nobody knows is most likely meant as the feed's own.
    longest.map_or(if prefix.is_empty() { Space::Feed } else { Space::Other }, |(_, space)| *space)
}

fn usual(prefix: &str) -> Space {
    PREFIXES.iter().find(|(known, _)| *known == prefix).map_or(Space::Other, |(_, space)| *space)
}
