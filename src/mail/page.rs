//! The body of a letter as sections and blocks, and its two forms: plain text and HTML.

use askama::Template;

use crate::mail::marked::Span;
use crate::model::term::Severity;

/// Body of a letter. Both forms are made of it, so that they say the same.
#[derive(Debug, Clone, Template)]
#[template(path = "mail/letter.html")]
pub(crate) struct Page {
    /// HTML's `lang`.
    pub(crate) language: &'static str,
    /// Title of the HTML document: the subject.
    pub(crate) title: String,
    /// What is asked and the case number, above a letter about one case.
    pub(crate) headline: Option<String>,
    /// Salutation.
    pub(crate) greeting: String,
    /// What it is, and what to do by when.
    pub(crate) opening: Vec<String>,
    /// Severity of a letter about one case, for its colour.
    pub(crate) severity: Option<Severity>,
    /// Sections in reading order.
    pub(crate) sections: Vec<Section>,
    /// What to mind.
    pub(crate) closing: Vec<String>,
    /// Why this person receives it.
    pub(crate) footer: String,
}

/// A section under its title.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    pub(crate) title: String,
    /// Small print beside the title.
    pub(crate) aside: String,
    pub(crate) blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug, Clone)]
pub(crate) enum Block {
    /// Labelled facts.
    Rows(Vec<Row>),
    /// Numbered sentences.
    Numbered(Vec<String>),
    /// A sentence.
    Line(String),
    /// A sentence that must not be overlooked.
    Notice(String),
    /// Something to type.
    Command(String),
    /// Somewhere to go: what for, and the address.
    Action(&'static str, String),
    /// A possible owner.
    Person(Person),
    /// One case of a digest.
    Card(Card),
}

/// A labelled fact.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) label: &'static str,
    pub(crate) spans: Vec<Span>,
    /// Longer form for the plain text, where the HTML form is shortened.
    pub(crate) in_full: Option<String>,
    /// Where the fact is a web address.
    pub(crate) link: Option<String>,
}

/// A possible owner.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) band: &'static str,
    pub(crate) name: String,
    pub(crate) position: String,
    pub(crate) lines: Vec<String>,
}

/// One case of a digest.
#[derive(Debug, Clone)]
pub(crate) struct Card {
    pub(crate) severity: Severity,
    pub(crate) tag: String,
    pub(crate) title: Vec<Span>,
    pub(crate) number: String,
    pub(crate) due: String,
    pub(crate) rows: Vec<Row>,
}

impl Row {
    /// A fact of stretches of text.
    pub(crate) fn new(label: &'static str, spans: Vec<Span>) -> Self {
        Self { label, spans, in_full: None, link: None }
    }

    /// A fact in plain words.
    pub(crate) fn plain(label: &'static str, text: impl Into<String>) -> Self {
        Self::new(label, vec![Span::plain(text)])
    }
}

/// Bar and text colour of a severity; dark enough on white for print and for weak eyes.
pub(crate) fn colour(severity: &Severity) -> &'static str {
    match severity {
        Severity::Critical => "#a4161a",
        Severity::High => "#b54708",
        Severity::Medium => "#1d5fa8",
        Severity::Low => "#5a6472",
    }
}

impl Page {
    /// Colour of the letter: that of its severity.
    fn accent(&self) -> &'static str {
        colour(&self.severity.unwrap_or(Severity::Medium))
    }

    /// The HTML form.
    pub(crate) fn to_html(&self) -> String {
        self.render().expect("writing to a string cannot fail, and the template was checked at build time")
    }

    /// The plain text form.
    pub(crate) fn to_text(&self) -> String {
        let plain = PlainText::of(self.language);
        let mut lines = vec![self.greeting.clone()];
        lines.extend(self.opening.iter().cloned());
        for section in &self.sections {
            lines.push(String::new());
            lines.push(plain.heading(section));
            lines.extend(section.blocks.iter().flat_map(|block| plain.block(block)));
        }
        lines.push(String::new());
        lines.extend(self.closing.iter().cloned());
        lines.push(format!("—— {}", self.footer));
        lines.push(String::new());
        lines.join("\n")
    }
}

/// How plain text is set: full-width blanks between Chinese, ASCII between English.
struct PlainText {
    after_label: &'static str,
    blank: &'static str,
    is_chinese: bool,
}

impl PlainText {
    fn of(language: &str) -> Self {
        match language {
            "en" => Self { after_label: ": ", blank: "  ", is_chinese: false },
            _ => Self { after_label: "　", blank: "　", is_chinese: true },
        }
    }

    fn heading(&self, section: &Section) -> String {
        let Section { title, aside, .. } = section;
        if self.is_chinese { format!("【{title}】{aside}") } else { format!("== {title}{aside} ==") }
    }

    fn block(&self, block: &Block) -> Vec<String> {
        match block {
            Block::Rows(rows) => rows.iter().map(|row| self.row(row)).collect(),
            Block::Numbered(sentences) => (1..).zip(sentences).map(|(n, text)| format!("{n}. {text}")).collect(),
            Block::Line(sentence) => vec![sentence.clone()],
            Block::Notice(sentence) => vec![format!("※ {sentence}")],
            Block::Command(command) => vec![format!("    {command}")],
            Block::Action(label, address) => vec![format!("{label}："), format!("    {address}")],
            Block::Person(person) => self.person(person),
            Block::Card(card) => self.card(card),
        }
    }

    fn row(&self, row: &Row) -> String {
        format!("{}{}{}", row.label, self.after_label, row.in_full.clone().unwrap_or_else(|| bracketed(&row.spans)))
    }

    fn person(&self, person: &Person) -> Vec<String> {
        let blank = self.blank;
        let head = format!("{}{blank}{}{blank}{}", person.band, person.name, person.position);
        std::iter::once(head).chain(person.lines.iter().map(|line| format!("{blank}{blank}{line}"))).collect()
    }

    fn card(&self, card: &Card) -> Vec<String> {
        let blank = self.blank;
        let head = format!("■ [{}] {}{blank}{}", card.tag, bracketed(&card.title), card.number);
        let due = format!("{blank}{blank}{}", card.due);
        let rows = card.rows.iter().map(|row| format!("{blank}{blank}{}", self.row(row)));
        [head, due].into_iter().chain(rows).collect()
    }
}

/// Marked passages in 〔〕.
fn bracketed(spans: &[Span]) -> String {
    spans.iter().map(|span| if span.marked { format!("〔{}〕", span.text) } else { span.text.clone() }).collect()
}
