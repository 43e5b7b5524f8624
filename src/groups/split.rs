//! Takes a remark apart: pieces that a writing explains, and what is left between them. Of all ways to do so the one is
//! taken that leaves least unexplained and that fits one colleague best.

use std::cmp::Reverse;
use std::sync::LazyLock;

use regex::Regex;

use crate::groups::words;
use crate::groups::writings::{DepartmentText, Meaning, Number, Writings};
use crate::text::fold::{Folded, is_kept_dense};
use crate::text::script::is_wordish;

/// Characters of a remark that are read; platforms allow fewer.
const CHARS_MAX: usize = 64;
/// Steps after which the search takes the best way so far. Remarks of people take some dozens.
const STEPS_MAX: usize = 4_000;

/// A telephone number in the middle of other text, masked or not, with the word before it.
static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    let label = r"(?:(?i:联系电话|手机号|电话|手机|tel|mobile|mob|phone)[:\s.]*)?";
    let mobile = r"(?:\(?\+?86\)?[-\s]?)?1[3-9][\d*x•]([-\s]?[\d*x•]{4}){2}";
    // The end of an employee number is no area code.
    let landline = r"\(?0\d{2,3}\)?[-\s]?\d{7,8}";
    let before = r"(?P<before>^|[^A-Za-z\d])";
    Regex::new(&format!("{label}{mobile}|{before}{label}{landline}")).expect("a fixed pattern")
});

/// What a piece of a remark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// A company.
    Company(Number),
    /// The text of a department.
    Department,
    /// The full name of one or several colleagues.
    Name(Number),
    /// An employee number.
    Employee(Number),
    /// Nothing that a ledger knows.
    Rest,
}

/// A piece of a remark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) part: Part,
    from: usize,
    to: usize,
}

/// A remark taken apart.
#[derive(Debug, Default)]
pub(crate) struct Split {
    chars: Vec<char>,
    /// Whether a character is the first one after a separator.
    starts: Vec<bool>,
    /// The pieces in order.
    pub(crate) pieces: Vec<Piece>,
    /// Whether another way to take it apart is as good and means something else.
    pub(crate) is_unclear: bool,
    /// Whether it holds a telephone number.
    pub(crate) has_phone: bool,
    /// What stood in brackets at its end, folded.
    pub(crate) bracketed: String,
}

impl Split {
    /// Takes a remark apart.
    pub(crate) fn of(writings: &Writings<'_>, remark: &str) -> Self {
        let mut split = Self::read(remark);
        // What the ledgers explain altogether needs no guesses, and most remarks are such.
        let known = Search::over(writings, &split, false);
        let (best, is_unclear) = if known.0.is_some() { known } else { Search::over(writings, &split, true) };
        split.pieces = best.unwrap_or_else(|| split.unexplained());
        split.is_unclear = is_unclear;
        split
    }

    /// Folds the text; separators, brackets at the end and telephone numbers are taken out.
    fn read(remark: &str) -> Self {
        let folded = Folded::of(remark);
        let plain = folded.plain_text();
        let (head, bracketed) = without_brackets(plain.trim());
        let is_short = head.len() < 7 || !head.bytes().any(|byte| byte.is_ascii_digit());
        let cleared = if is_short { head.into() } else { PHONE.replace_all(head, "${before} ") };
        let mut split = Self { has_phone: cleared != head, bracketed: bracketed.to_owned(), ..Self::default() };
        let mut is_start = true;
        for c in cleared.chars() {
            if !is_kept_dense(c) {
                is_start = true;
            } else if split.chars.len() < CHARS_MAX {
                split.chars.push(c);
                split.starts.push(is_start);
                is_start = false;
            }
        }
        split
    }

    /// The folded text of a piece.
    pub(crate) fn text(&self, piece: &Piece) -> String {
        self.chars[piece.from..piece.to].iter().collect()
    }

    /// Parts between separators.
    pub(crate) fn tokens(&self) -> usize {
        self.starts.iter().filter(|start| **start).count()
    }

    /// Every part between separators as nothing that a ledger knows.
    fn unexplained(&self) -> Vec<Piece> {
        let starts = (0..self.chars.len()).filter(|at| self.starts[*at]);
        starts.map(|from| Piece { part: Part::Rest, from, to: self.token_end(from) }).collect()
    }

    fn token_end(&self, from: usize) -> usize {
        (from + 1..self.chars.len()).find(|at| self.starts[*at]).unwrap_or(self.chars.len())
    }

    /// For each place, the characters of the shortest word for a unit or a title that ends there.
    fn closings(&self) -> Vec<Option<usize>> {
        let whole: String = self.chars.iter().collect();
        let ends = whole.char_indices().map(|(at, _)| at).chain([whole.len()]);
        ends.map(|end| words::closing_chars(&whole[..end])).collect()
    }

    /// Whether no word written with gaps runs on over an end of the piece.
    fn is_bounded(&self, from: usize, to: usize) -> bool {
        let runs_on = |at: usize| {
            at > 0
                && at < self.chars.len()
                && !self.starts[at]
                && is_wordish(self.chars[at - 1])
                && is_wordish(self.chars[at])
        };
        !runs_on(from) && !runs_on(to)
    }
}

/// The text before brackets at its end, and what stands in them.
fn without_brackets(text: &str) -> (&str, &str) {
    let pairs =
        [('(', ')'), ('[', ']'), ('【', '】'), ('{', '}'), ('<', '>'), ('〔', '〕'), ('《', '》'), ('「', '」')];
    let (mut head, mut inside) = (text, "");
    while let Some((open, close)) = pairs.into_iter().find(|(_, close)| head.ends_with(*close)) {
        let Some(at) = head.rfind(open).filter(|at| *at > 0) else { break };
        if inside.is_empty() {
            inside = &head[at + open.len_utf8()..head.len() - close.len_utf8()];
        }
        head = head[..at].trim_end();
    }
    (head, inside)
}

/// What a way has found so far.
#[derive(Debug, Clone, Copy, Default)]
struct Found {
    company: Option<Number>,
    department: Option<(usize, usize)>,
    name: Option<Number>,
    employee: Option<Number>,
}

/// How good a way is: characters left over, then elements that fit one colleague, separators overrun, pieces.
type Rank = (usize, Reverse<u8>, usize, usize);

struct Search<'s, 'w> {
    writings: &'s Writings<'w>,
    split: &'s Split,
    pieces: Vec<Piece>,
    best: Option<(Rank, Found, Vec<Piece>)>,
    is_unclear: bool,
    steps: usize,
    /// Whether something may be left unexplained.
    leaves_rests: bool,
    /// For each place, how many characters before it are a word for a unit or a title.
    closings: Vec<Option<usize>>,
}

impl<'s, 'w> Search<'s, 'w> {
    /// The best way, and whether another one is as good.
    fn over(writings: &'s Writings<'w>, split: &'s Split, leaves_rests: bool) -> (Option<Vec<Piece>>, bool) {
        let (pieces, best) = (Vec::new(), None);
        let closings = if leaves_rests { split.closings() } else { Vec::new() };
        let mut search = Self { writings, split, pieces, best, is_unclear: false, steps: 0, leaves_rests, closings };
        search.go_on(0, Found::default());
        (search.best.map(|(_, _, pieces)| pieces), search.is_unclear)
    }

    fn go_on(&mut self, at: usize, found: Found) {
        self.steps += 1;
        if at == self.split.chars.len() {
            return self.weigh(found);
        }
        if self.steps > STEPS_MAX {
            return;
        }
        let known: Vec<(usize, Meaning)> = self.writings.tree().beginnings(&self.split.chars[at..]).collect();
        for (length, meaning) in known.into_iter().rev() {
            self.try_known(at, at + length, meaning, found);
        }
        if self.leaves_rests {
            self.rests(at).into_iter().for_each(|to| self.take(Part::Rest, at, to, found));
        }
    }

    fn try_known(&mut self, from: usize, to: usize, meaning: Meaning, found: Found) {
        if !self.split.is_bounded(from, to) {
            return;
        }
        match meaning {
            Meaning::Company(number) if found.company.is_none() => {
                self.take(Part::Company(number), from, to, Found { company: Some(number), ..found });
            }
            Meaning::Department if found.department.is_none() => {
                self.take(Part::Department, from, to, Found { department: Some((from, to)), ..found });
            }
            Meaning::Name(number) if found.name.is_none() => {
                self.take(Part::Name(number), from, to, Found { name: Some(number), ..found });
            }
            Meaning::Employee(number) if found.employee.is_none() => {
                self.take(Part::Employee(number), from, to, Found { employee: Some(number), ..found });
            }
            _ => {}
        }
    }

    fn take(&mut self, part: Part, from: usize, to: usize, found: Found) {
        self.pieces.push(Piece { part, from, to });
        self.go_on(to, found);
        self.pieces.pop();
    }

    /// Where something unexplained that begins here may end: with its token, or where a unit's name ends within it.
    fn rests(&self, at: usize) -> Vec<usize> {
        let end = self.split.token_end(at);
        let is_switch = |to: usize| is_wordish(self.split.chars[to - 1]) && !is_wordish(self.split.chars[to]);
        let is_closed = |to: usize| self.closings[to].is_some_and(|chars| to - at >= chars.max(2));
        let mut ends: Vec<usize> = (at + 1..end).filter(|to| is_switch(*to) || is_closed(*to)).collect();
        if self.split.starts[at] || self.may_close(at, end) {
            ends.push(end);
        }
        ends
    }

    /// Whether a text that follows a piece without a gap may be what is left of its token.
    fn may_close(&self, at: usize, end: usize) -> bool {
        let text: &str = &self.split.chars[at..end].iter().collect::<String>();
        let is_last = end == self.split.chars.len();
        match self.pieces.last().map(|piece| piece.part) {
            Some(Part::Name(_)) => words::may_follow_a_name(text),
            Some(Part::Company(_)) => words::may_follow_a_company(text) || (is_last && words::may_be_a_person(text)),
            Some(Part::Department | Part::Rest) => {
                words::ends_as_unit(text) || (is_last && words::may_be_a_person(text))
            }
            _ => false,
        }
    }

    fn weigh(&mut self, found: Found) {
        let left: usize = self.pieces.iter().filter(|p| p.part == Part::Rest).map(|p| p.to - p.from).sum();
        let crossed = |p: &Piece| self.split.starts[p.from + 1..p.to].iter().filter(|start| **start).count();
        let crossed = self.pieces.iter().map(crossed).sum();
        let rank = (left, Reverse(self.fit(found)), crossed, self.pieces.len());
        match &self.best {
            Some((best, ..)) if *best < rank => {}
            Some((best, other, _)) if *best == rank => self.is_unclear |= !self.means_same(*other, found),
            _ => (self.best, self.is_unclear) = (Some((rank, found, self.pieces.clone())), false),
        }
    }

    /// Elements that one colleague bears out.
    fn fit(&self, found: Found) -> u8 {
        let Some(name) = found.name else {
            return u8::from(found.company.is_some()) + u8::from(self.department(found).is_some());
        };
        let of = |employee: &Number| {
            let company = found.company.is_some() && self.writings.company_of(*employee) == found.company;
            let department = self.department_fits(found, *employee);
            1 + u8::from(company) + u8::from(department)
        };
        self.writings.named(name).iter().map(of).max().unwrap_or(0)
    }

    fn department(&self, found: Found) -> Option<Number> {
        let (from, to) = found.department?;
        let text: String = self.split.chars[from..to].iter().collect();
        match found.company {
            Some(company) => match self.writings.department_text(company, &text) {
                DepartmentText::Of(number) => Some(number),
                _ => None,
            },
            None => self.writings.department_anywhere(&text),
        }
    }

    fn department_fits(&self, found: Found, employee: Number) -> bool {
        let (Some((from, to)), Some(company)) = (found.department, self.writings.company_of(employee)) else {
            return false;
        };
        let text: String = self.split.chars[from..to].iter().collect();
        let own = self.writings.department_of(employee);
        matches!(self.writings.department_text(company, &text), DepartmentText::Of(number) if own == Some(number))
    }

    fn means_same(&self, one: Found, other: Found) -> bool {
        (one.company, one.name, self.department(one)) == (other.company, other.name, self.department(other))
    }
}
