//! Text out of markup, and numbers out of what people typed. Invisible characters stay: they are evidence.

use std::sync::LazyLock;

use regex::Regex;
use scraper::{ElementRef, Html, Node};

use crate::platform::space::Tidied;

/// Elements whose content nobody reads.
const UNREAD: [&str; 7] = ["script", "style", "template", "noscript", "svg", "iframe", "object"];
/// Elements that begin and end a line.
const BLOCKS: [&str; 30] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "ol",
    "p",
    "pre",
    "section",
    "tr",
];

/// Elements that may hold others without end. Those that close by themselves, such as `p` and `li`, are not counted.
const HOLDERS: [&str; 25] = [
    "a",
    "article",
    "b",
    "big",
    "blockquote",
    "center",
    "code",
    "div",
    "em",
    "font",
    "form",
    "i",
    "main",
    "nav",
    "nobr",
    "ol",
    "s",
    "section",
    "small",
    "span",
    "strong",
    "table",
    "tt",
    "u",
    "ul",
];
/// Deepest nesting that is parsed: the time for a page grows with the square of its depth.
const DEPTH_MAX: usize = 1_000;

/// All white space becomes single spaces; nothing stands at the ends.
pub fn one_line(text: &str) -> String {
    let mut tidied = Tidied::on_one_line().with_room(text.len());
    tidied.push(text);
    tidied.into_text()
}

/// Every line tidied as by [`one_line`]; no empty lines.
pub fn lines(text: &str) -> String {
    let mut tidied = Tidied::default().with_room(text.len());
    tidied.push(text);
    tidied.into_text()
}

/// The text of an element with its line breaks. Scripts and styles are passed over.
pub fn of_element(element: ElementRef<'_>) -> String {
    read_into(Tidied::default(), element)
}

/// The text of an element on one line.
pub fn line_of_element(element: ElementRef<'_>) -> String {
    read_into(Tidied::on_one_line(), element)
}

fn read_into(mut text: Tidied, element: ElementRef<'_>) -> String {
    let root = *element;
    let mut node = root;
    // Step by step rather than by recursion: a page may be nested as deep as it likes.
    loop {
        let is_read = open(node.value(), &mut text);
        if is_read && let Some(child) = node.first_child() {
            node = child;
            continue;
        }
        loop {
            close(node.value(), &mut text);
            if node.id() == root.id() {
                return text.into_text();
            }
            if let Some(sibling) = node.next_sibling() {
                node = sibling;
                break;
            }
            let Some(parent) = node.parent() else { return text.into_text() };
            node = parent;
        }
    }
}

fn open(node: &Node, text: &mut Tidied) -> bool {
    match node {
        // A line break in the source is a space on the page.
        Node::Text(content) => text.push_flat(content),
        Node::Element(element) if UNREAD.contains(&element.name()) => return false,
        Node::Element(element) if element.name() == "br" || BLOCKS.contains(&element.name()) => text.end_line(),
        Node::Element(element) if matches!(element.name(), "td" | "th") => text.end_word(),
        _ => {}
    }
    true
}

fn close(node: &Node, text: &mut Tidied) {
    if let Node::Element(element) = node
        && (BLOCKS.contains(&element.name()) || element.name() == "title")
    {
        text.end_line();
    }
}

/// The text of a piece of HTML with its line breaks.
pub fn from_html(html: &str) -> String {
    if is_nested_too_deeply(html) {
        return String::new();
    }
    of_element(Html::parse_fragment(html).root_element())
}

/// Whether a page is nested so deeply that it was made to keep its reader busy.
pub fn is_nested_too_deeply(html: &str) -> bool {
    // Most pages have fewer tags than that.
    if tags_in(html) <= DEPTH_MAX {
        return false;
    }
    let mut depth = 0_usize;
    html.split('<').skip(1).any(|tag| {
        let (is_end, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
        let end = tag.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).unwrap_or(0);
        let name = tag[..end].to_ascii_lowercase();
        if HOLDERS.contains(&name.as_str()) {
            depth = if is_end { depth.saturating_sub(1) } else { depth + 1 };
        }
        depth > DEPTH_MAX
    })
}

/// How many tags and other `<` a page has. Counted in portions that a byte can count, so that the compiler looks at many bytes in
/// one step.
fn tags_in(html: &str) -> usize {
    let count = |bytes: &[u8]| usize::from(bytes.iter().fold(0_u8, |count, byte| count + u8::from(*byte == b'<')));
    let (portions, rest) = html.as_bytes().as_chunks::<128>();
    portions.iter().map(|portion| count(portion)).sum::<usize>() + count(rest)
}

/// Whether a text that may be HTML is HTML: it has a tag or a character reference.
pub fn looks_like_html(text: &str) -> bool {
    static MARKUP: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"</?[a-zA-Z][^<>]*>|<!--|&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});").expect("a fixed pattern")
    });
    MARKUP.is_match(text)
}

/// A number as sites show it: `1,260`, `1.2万`, `3亿`, `12.5k`, with words around it. None when there is no digit.
pub fn count(text: &str) -> Option<u64> {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)(\d[\d,]{0,18}(?:\.\d{1,6})?)\s*(万|萬|亿|億|千|[kmwb]\b)?").expect("a fixed pattern")
    });
    let found = NUMBER.captures(text)?;
    let number: f64 = found[1].replace(',', "").parse().ok()?;
    let times = match found.get(2).map(|unit| unit.as_str().to_lowercase()).as_deref() {
        Some("千" | "k") => 1e3,
        Some("万" | "萬" | "w") => 1e4,
        Some("m") => 1e6,
        Some("亿" | "億") => 1e8,
        Some("b") => 1e9,
        _ => 1.0,
    };
    let product = (number * times).round();
    // Below 2^53 the cast is exact; nothing has more followers.
    (product < 9e15).then_some(product as u64)
}

#[cfg(test)]
mod tests {
    use super::{count, from_html, is_nested_too_deeply, lines, looks_like_html, one_line};

    #[test]
    fn blocks_and_breaks_end_lines() {
        assert_eq!(from_html("<p>第一行<br>第二行</p><div>第三<b>行</b>\n接着</div>"), "第一行\n第二行\n第三行 接着");
    }

    #[test]
    fn scripts_are_not_text() {
        assert_eq!(from_html("云<script>var a = '舟';</script><style>p{}</style>舟"), "云舟");
    }

    #[test]
    fn invisible_characters_are_kept() {
        assert_eq!(one_line(" 云\u{200b}舟 \u{3000} 储能 "), "云\u{200b}舟 储能");
        assert_eq!(from_html("云\u{feff}舟"), "云\u{feff}舟");
    }

    #[test]
    fn deep_nesting_is_read_up_to_a_limit() {
        let nested = |depth| format!("{}云舟{}", "<div>".repeat(depth), "</div>".repeat(depth));
        assert_eq!(from_html(&nested(1_000)), "云舟");
        assert_eq!(from_html(&nested(100_000)), "");
    }

    #[test]
    fn many_elements_side_by_side_are_not_nested() {
        assert!(!is_nested_too_deeply(&"<div><b>云</b><br><p>舟</div>".repeat(5_000)));
    }

    #[test]
    fn empty_lines_vanish() {
        assert_eq!(lines("一\r\n\n  \n二"), "一\n二");
    }

    #[test]
    fn a_comparison_is_not_markup() {
        assert!(!looks_like_html("a < b && c > d"));
        assert!(looks_like_html("a<br>b"));
        assert!(looks_like_html("a &amp; b"));
    }

    #[test]
    fn numbers_are_read_as_sites_write_them() {
        let cases = [
            ("1,260", 1260),
            ("粉丝 1.2万", 12_000),
            ("3亿", 300_000_000),
            ("12.5k followers", 12_500),
            ("83 kicks", 83),
            ("2.3W", 23_000),
        ];
        for (text, number) in cases {
            assert_eq!(count(text), Some(number), "{text}");
        }
        assert_eq!(count("没有粉丝"), None);
    }
}
