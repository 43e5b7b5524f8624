//! The elements of a feed as a tree with limits. End tags that were forgotten are supplied, those without a beginning
//! are passed over.

use std::ops::Range;

use crate::platform::feed::markup::{Piece, Pieces, attributes};
use crate::platform::feed::space::{self, Space};
use crate::platform::feed::words::decoded;

/// Deepest nesting of elements that are told apart; what is deeper counts as text of the last of them.
const DEPTH_MAX: usize = 64;
/// Most elements of a feed; what comes after them is not read.
const NODES_MAX: usize = 200_000;

/// An element.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// Vocabulary of its name.
    pub(super) space: Space,
    /// Name without prefix, in lower case.
    pub(super) name: String,
    /// Attributes with their prefixes; values decoded.
    pub(super) attributes: Vec<(String, String)>,
    /// Its own text, decoded.
    pub(super) text: String,
    /// What stands between its tags.
    pub(super) inner: Range<usize>,
    /// Elements directly inside.
    pub(super) children: Vec<usize>,
    parent: Option<usize>,
    written: String,
    is_closed: bool,
}

/// All elements of a text, the outermost first.
#[derive(Debug)]
pub(super) struct Tree<'t> {
    source: &'t str,
    nodes: Vec<Node>,
}

impl Node {
    /// The value of an attribute; empty when it is not given.
    pub(super) fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
    }
}

impl<'t> Tree<'t> {
    /// Reads as much as the limits allow.
    pub(super) fn new(source: &'t str) -> Self {
        let mut growing = Growing { tree: Self { source, nodes: Vec::new() }, open: Vec::new(), too_deep: 0 };
        let mut pieces = Pieces::new(source);
        loop {
            let start = pieces.at();
            let Some(piece) = pieces.next() else { break };
            if growing.tree.nodes.len() >= NODES_MAX {
                break;
            }
            growing.add(piece, start..pieces.at());
        }
        growing.finish()
    }

    /// Elements that are inside no other.
    pub(super) fn outermost(&self) -> impl Iterator<Item = usize> {
        (0..self.nodes.len()).filter(|at| self.nodes[*at].parent.is_none())
    }

    /// An element by its number.
    pub(super) fn node(&self, at: usize) -> &Node {
        &self.nodes[at]
    }

    /// The elements directly inside another.
    pub(super) fn children(&self, at: usize) -> impl Iterator<Item = usize> {
        self.nodes[at].children.iter().copied()
    }

    /// Every element, in the order of the text.
    pub(super) fn all(&self) -> Range<usize> {
        0..self.nodes.len()
    }

    /// The element around another.
    pub(super) fn parent(&self, at: usize) -> Option<usize> {
        self.nodes[at].parent
    }

    /// Whether the end of an element was seen.
    pub(super) fn is_closed(&self, at: usize) -> bool {
        self.nodes[at].is_closed
    }

    /// What stands between the tags of an element, as written.
    pub(super) fn inner(&self, at: usize) -> &'t str {
        self.source.get(self.nodes[at].inner.clone()).unwrap_or_default()
    }

    /// An element and those around it, from the inside.
    pub(super) fn around(&self, at: usize) -> impl Iterator<Item = &Node> {
        std::iter::successors(Some(at), |at| self.nodes[*at].parent).map(|at| &self.nodes[at])
    }
}

struct Growing<'t> {
    tree: Tree<'t>,
    open: Vec<usize>,
    too_deep: usize,
}

impl<'t> Growing<'t> {
    fn add(&mut self, piece: Piece<'_>, place: Range<usize>) {
        match piece {
            Piece::Open { .. } if self.open.len() >= DEPTH_MAX => self.too_deep += 1,
            Piece::Open { name, attributes, is_empty } => self.open(name, attributes, is_empty, place.end),
            Piece::Close { .. } if self.too_deep > 0 => self.too_deep -= 1,
            Piece::Close { name } => self.close(name, place),
            Piece::Text(text) => self.text(&decoded(text)),
            Piece::Literal(text) => self.text(text),
        }
    }

    /// Elements that were never closed go on to the end.
    fn finish(mut self) -> Tree<'t> {
        for at in self.open {
            self.tree.nodes[at].inner.end = self.tree.source.len();
        }
        self.tree
    }

    fn text(&mut self, text: &str) {
        if let Some(at) = self.open.last() {
            self.tree.nodes[*at].text.push_str(text);
        }
    }

    fn open(&mut self, written: &str, raw: &str, is_empty: bool, end: usize) {
        let at = self.tree.nodes.len();
        let parent = self.open.last().copied();
        let node = Node { parent, inner: end..end, is_closed: is_empty, ..self.named(written, raw) };
        self.tree.nodes.push(node);
        if let Some(parent) = parent {
            self.tree.nodes[parent].children.push(at);
        }
        if !is_empty {
            self.open.push(at);
        }
    }

    /// An element with its name, vocabulary and attributes.
    fn named(&self, written: &str, raw: &str) -> Node {
        let decode = |(name, value): (String, &str)| (name, decoded(value).into_owned());
        let attributes: Vec<(String, String)> = attributes(raw).into_iter().map(decode).collect();
        let written = written.to_ascii_lowercase();
        let (prefix, name) = written.split_once(':').unwrap_or(("", &written));
        let around = self.open.last().map(|parent| self.tree.around(*parent)).into_iter().flatten();
        let space = space::of_prefix(prefix, &attributes, around);
        Node { space, name: name.to_owned(), attributes, written, ..Node::default() }
    }

    fn close(&mut self, name: &str, place: Range<usize>) {
        let is_it = |at: &usize| self.tree.nodes[*at].written.eq_ignore_ascii_case(name);
        let Some(depth) = self.open.iter().rposition(is_it) else { return };
        self.tree.nodes[self.open[depth]].is_closed = true;
        for at in self.open.drain(depth..) {
            self.tree.nodes[at].inner.end = place.start;
        }
    }
}
