//! RSS 0.9 to 2, Atom 0.3 and 1, RDF, CDF: elements to a feed.

use chrono_tz::Tz;
use url::Url;

use crate::model::time::Timestamp;
use crate::platform::feed::person::Person;
use crate::platform::feed::space::Space;
use crate::platform::feed::tree::{Node, Tree};
use crate::platform::feed::{Entry, Feed, instant, words};
use crate::platform::plain;

/// Most entries of one feed.
const ENTRIES_MAX: usize = 20_000;

/// The names under which one thing stands, the best first.
type Names = [(Space, &'static str)];

const TITLE: &Names = &[(Space::Feed, "title"), (Space::Dublin, "title"), (Space::Media, "title")];
const ID: &Names = &[(Space::Feed, "id"), (Space::Feed, "guid"), (Space::Dublin, "identifier")];
const AUTHOR: &Names = &[
    (Space::Feed, "author"),
    (Space::Feed, "managingeditor"),
    (Space::Dublin, "creator"),
    (Space::Dublin, "author"),
    (Space::Podcast, "author"),
];
const PUBLISHED: &Names =
    &[(Space::Feed, "published"), (Space::Feed, "pubdate"), (Space::Feed, "issued"), (Space::Dublin, "issued")];
const UPDATED: &Names = &[
    (Space::Feed, "updated"),
    (Space::Feed, "modified"),
    (Space::Feed, "lastbuilddate"),
    (Space::Dublin, "date"),
    (Space::Dublin, "modified"),
    (Space::Feed, "date"),
];
const CREATED: &Names = &[(Space::Feed, "created"), (Space::Dublin, "created")];
const CONTENT: &Names = &[
    (Space::Feed, "content"),
    (Space::Content, "encoded"),
    (Space::Page, "body"),
    (Space::Feed, "body"),
    (Space::Feed, "fullitem"),
];
const SUMMARY: &Names = &[
    (Space::Feed, "description"),
    (Space::Feed, "summary"),
    (Space::Feed, "tagline"),
    (Space::Feed, "subtitle"),
    (Space::Feed, "abstract"),
    (Space::Dublin, "description"),
    (Space::Podcast, "summary"),
    (Space::Podcast, "subtitle"),
];
const MEDIA_WORDS: &Names = &[(Space::Media, "description")];

/// Reads a feed; none when the text is none, or breaks off before it says anything.
pub(super) fn read(text: &str, fetched_at: Timestamp, zone: Tz) -> Option<Feed> {
    let tree = Tree::new(text);
    let root =
        tree.outermost().find(|at| matches!(tree.node(*at).name.as_str(), "rss" | "rdf" | "feed" | "channel"))?;
    let channel = tree.children(root).find(|at| tree.node(*at).name == "channel").unwrap_or(root);
    let reader = Reader { tree: &tree, is_atom: tree.node(root).name == "feed", fetched_at, zone };
    let is_entry = |at: &usize| reader.is_entry(*at);
    let entries: Vec<Entry> = tree.all().filter(is_entry).take(ENTRIES_MAX).map(|at| reader.entry(at)).collect();
    let about = reader.entry(channel);
    let says_nothing = about.says_nothing() && entries.iter().all(Entry::says_nothing);
    (tree.is_closed(root) || !says_nothing).then_some(Feed { about, entries })
}

struct Reader<'t> {
    tree: &'t Tree<'t>,
    is_atom: bool,
    fetched_at: Timestamp,
    zone: Tz,
}

impl Reader<'_> {
    fn is_entry(&self, at: usize) -> bool {
        let is_named = |node: &Node| node.space == Space::Feed && matches!(node.name.as_str(), "item" | "entry");
        let is_inside = |at| self.tree.around(at).any(is_named);
        is_named(self.tree.node(at)) && !self.tree.parent(at).is_some_and(is_inside)
    }

    fn entry(&self, at: usize) -> Entry {
        let id = self.id(at);
        let own_media = self.text(at, MEDIA_WORDS).or_else(|| self.grouped(at));
        Entry {
            link: self.link(at).or_else(|| self.permanent(at)),
            id,
            title: self.text(at, TITLE).map(|title| plain::one_line(&title)),
            author: self.author(at),
            published: self.date(at, PUBLISHED),
            updated: self.date(at, UPDATED).or_else(|| self.attribute_date(at)),
            created: self.date(at, CREATED),
            content: self.text(at, CONTENT),
            summary: self.text(at, SUMMARY),
            media_words: own_media,
            categories: self.categories(at),
            picture: self.picture(at),
        }
    }

    /// The children of these names, of the best name first.
    fn named<'n>(&'n self, at: usize, names: &'n Names) -> impl Iterator<Item = usize> + 'n {
        let is = |child: usize, (space, name): &(Space, &str)| {
            let node = self.tree.node(child);
            node.space == *space && node.name == *name
        };
        names.iter().flat_map(move |name| self.tree.children(at).filter(move |child| is(*child, name)))
    }

    fn text(&self, at: usize, names: &Names) -> Option<String> {
        let texts = self.named(at, names).map(|child| words::of_node(self.tree, child, self.is_atom));
        texts.into_iter().find(|text| !text.is_empty())
    }

    /// Media RSS may put the words for all forms of one thing into a group.
    fn grouped(&self, at: usize) -> Option<String> {
        let groups = self.named(at, &[(Space::Media, "group"), (Space::Media, "content")]);
        groups.into_iter().find_map(|group| self.text(group, MEDIA_WORDS))
    }

    fn date(&self, at: usize, names: &Names) -> Option<Timestamp> {
        let dates = self.named(at, names).map(|child| self.tree.node(child).text.trim());
        dates.into_iter().find_map(|date| instant(date, self.fetched_at, self.zone))
    }

    /// Channels of CDF say it in an attribute.
    fn attribute_date(&self, at: usize) -> Option<Timestamp> {
        instant(self.tree.node(at).attribute("lastmod"), self.fetched_at, self.zone)
    }

    fn id(&self, at: usize) -> Option<String> {
        let named = self.named(at, ID).map(|child| (child, self.tree.node(child).text.trim()));
        let found = named.into_iter().find(|(_, id)| !id.is_empty());
        let about = || self.tree.node(at).attribute("rdf:about").trim();
        match found {
            Some((child, id)) if self.is_atom => Some(self.absolute(child, id)),
            Some((child, id)) if self.is_permanent(child) => Some(self.absolute(child, id)),
            Some((_, id)) => Some(id.to_owned()),
            None => Some(self.absolute(at, about())).filter(|about| !about.is_empty()),
        }
    }

    /// The link for readers: `alternate`, or without a relation; never the feed itself.
    fn link(&self, at: usize) -> Option<String> {
        let links: Vec<(&str, String)> = self.links(at).collect();
        let for_readers = links.iter().find(|(relation, _)| matches!(*relation, "" | "alternate"));
        let other = || links.iter().find(|(relation, _)| !matches!(*relation, "self" | "hub" | "next" | "enclosure"));
        for_readers.or_else(other).map(|(_, address)| address.clone())
    }

    /// Relation and address of each link, as text or as an attribute.
    fn links(&self, at: usize) -> impl Iterator<Item = (&str, String)> {
        let own = self.tree.node(at).attribute("href").trim();
        let own = Some(("", self.absolute(at, own))).filter(|_| !own.is_empty());
        let children = self.named(at, &[(Space::Feed, "link"), (Space::Feed, "uri"), (Space::Feed, "url")]);
        let named = children.filter_map(|child| {
            let node = self.tree.node(child);
            let written = Some(node.attribute("href")).filter(|href| !href.is_empty()).unwrap_or(&node.text).trim();
            let relation = node.attribute("rel").trim();
            (!written.is_empty()).then(|| (last_of(relation), self.absolute(child, written)))
        });
        named.chain(own)
    }

    /// The identifier as a link, where it is one.
    fn permanent(&self, at: usize) -> Option<String> {
        let guid = self.named(at, &[(Space::Feed, "guid")]).find(|child| self.is_permanent(*child));
        let text = guid.map(|child| self.absolute(child, self.tree.node(child).text.trim()));
        text.filter(|text| text.starts_with("http"))
    }

    fn is_permanent(&self, at: usize) -> bool {
        let node = self.tree.node(at);
        node.name == "guid" && !node.attribute("ispermalink").trim().eq_ignore_ascii_case("false")
    }

    fn author(&self, at: usize) -> Option<Person> {
        let people = self.named(at, AUTHOR).map(|child| self.person(child));
        people.into_iter().find(|person| !person.is_nobody())
    }

    fn person(&self, at: usize) -> Person {
        let part = |names: &Names| {
            let texts = self.named(at, names).map(|child| self.tree.node(child).text.trim().to_owned());
            texts.into_iter().find(|text| !text.is_empty())
        };
        let uri = self.named(at, &[(Space::Feed, "uri"), (Space::Feed, "url"), (Space::Feed, "homepage")]);
        let uri = uri.map(|child| self.absolute(child, self.tree.node(child).text.trim())).find(|uri| !uri.is_empty());
        let person = Person { name: part(&[(Space::Feed, "name")]), email: part(&[(Space::Feed, "email")]), uri };
        if person.is_nobody() { Person::in_one_line(&self.line(at)) } else { person }
    }

    /// An address in angle brackets is no tag.
    fn line(&self, at: usize) -> String {
        let node = self.tree.node(at);
        if node.children.is_empty() { node.text.clone() } else { words::of_node(self.tree, at, false) }
    }

    fn categories(&self, at: usize) -> Vec<String> {
        let children = self.named(at, &[(Space::Feed, "category"), (Space::Dublin, "subject")]);
        let names = children.map(|child| {
            let node = self.tree.node(child);
            let said = [node.attribute("label"), node.attribute("term"), &node.text];
            plain::one_line(said.into_iter().find(|text| !text.trim().is_empty()).unwrap_or_default())
        });
        names.filter(|name| !name.is_empty()).collect()
    }

    fn picture(&self, at: usize) -> Option<String> {
        let own = self.named(at, &[(Space::Feed, "logo"), (Space::Feed, "icon")]);
        let own = own.map(|child| (child, self.tree.node(child).text.trim()));
        let inside =
            self.named(at, &[(Space::Feed, "image")]).flat_map(|image| self.named(image, &[(Space::Feed, "url")]));
        let inside: Vec<usize> = inside.collect();
        let inside = inside.into_iter().map(|child| (child, self.tree.node(child).text.trim()));
        let podcast = self.named(at, &[(Space::Podcast, "image")]);
        let podcast = podcast.map(|child| (child, self.tree.node(child).attribute("href").trim()));
        let mut found = own.chain(inside).chain(podcast).filter(|(_, address)| !address.is_empty());
        found.next().map(|(child, address)| self.absolute(child, address))
    }

    /// An address by the bases that are declared around it; as written when there are none.
    fn absolute(&self, at: usize, written: &str) -> String {
        let bases: Vec<&str> = self
            .tree
            .around(at)
            .map(|node| node.attribute("xml:base").trim())
            .filter(|base| !base.is_empty())
            .collect();
        let mut bases = bases.into_iter().rev();
        let Some(mut base) = bases.next().and_then(|base| Url::parse(base).ok()) else { return written.to_owned() };
        for inner in bases {
            base = base.join(inner).unwrap_or(base);
        }
        base.join(written).map_or_else(|_| written.to_owned(), String::from)
    }
}

/// A relation may be written as an address that ends with its name.
fn last_of(relation: &str) -> &str {
    relation.rsplit('/').next().unwrap_or(relation)
}
