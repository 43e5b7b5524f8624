//! Figures of many cases in one text, as a statement of `figures` gives them: times, lengths and words between bars, then lane,
//! rules and terms, as many characters as the lengths say. What many cases have in common is taken apart once.

use std::collections::HashMap;

use crate::model::time::Timestamp;
use crate::reports::facts::CaseFigure;
use crate::store::StoreError;
use crate::store::column::{from_json, from_word};

const COLUMN: &str = "case_figures";
/// Bars before lane, rules and terms.
const BARS: usize = 9;

/// Takes such texts apart.
#[derive(Debug, Default)]
pub(super) struct FigureReader {
    /// What was read of everything but the times.
    known: HashMap<String, CaseFigure>,
}

impl FigureReader {
    /// Adds the figures of a text.
    ///
    /// # Errors
    /// When the text is not of this form: a column holds what the program never wrote.
    pub(super) fn read(&mut self, mut text: &str, figures: &mut Vec<CaseFigure>) -> Result<(), StoreError> {
        while !text.is_empty() {
            let (times, common, rest) = next(text).ok_or_else(malformed)?;
            let [opened_at, open_since, decided_at] = times;
            let (Some(opened_at), Some(open_since)) = (opened_at, open_since) else { return Err(malformed()) };
            let mut figure = self.figure_of(common)?;
            (figure.opened_at, figure.open_since) = (opened_at, open_since);
            figure.decided = figure.decided.and_then(|(disposition, _)| Some((disposition, decided_at?)));
            figures.push(figure);
            text = rest;
        }
        Ok(())
    }

    fn figure_of(&mut self, common: &str) -> Result<CaseFigure, StoreError> {
        if let Some(known) = self.known.get(common) {
            return Ok(known.clone());
        }
        let figure = without_times(common)?;
        self.known.insert(common.to_owned(), figure.clone());
        Ok(figure)
    }
}

type Times = [Option<Timestamp>; 3];

/// The times of the first figure, everything else of it, and what follows.
fn next(text: &str) -> Option<(Times, &str, &str)> {
    let mut rest = text;
    let mut times = Times::default();
    for time in &mut times {
        let (digits, after) = rest.split_once('|')?;
        *time = if digits.is_empty() { None } else { Some(Timestamp::from_ms(digits.parse().ok()?)) };
        rest = after;
    }
    let mut tail = rest;
    let mut chars = 0_usize;
    for at in times.len()..BARS {
        let (word, after) = tail.split_once('|')?;
        // The lengths stand first.
        if at < times.len() + 3 {
            chars = chars.checked_add(word.parse().ok()?)?;
        }
        tail = after;
    }
    let end = rest.len() - tail.len() + split_at_char(tail, chars)?.0.len();
    let (common, after) = rest.split_at(end);
    Some((times, common, after))
}

/// Lengths, words, lane, rules and terms as a figure whose times are not said.
fn without_times(common: &str) -> Result<CaseFigure, StoreError> {
    let mut parts = common.splitn(BARS - 2, '|');
    let mut part = || parts.next().ok_or_else(malformed);
    let (lane, rules, terms) = (length(part()?)?, length(part()?)?, length(part()?)?);
    let (severity, disposition, locked, texts) = (part()?, part()?, part()?, part()?);
    let (lane, texts) = split_at_char(texts, lane).ok_or_else(malformed)?;
    let (rules, texts) = split_at_char(texts, rules).ok_or_else(malformed)?;
    let (terms, _) = split_at_char(texts, terms).ok_or_else(malformed)?;
    let never = Timestamp::from_ms(0);
    let disposition = (!disposition.is_empty()).then(|| from_word(disposition, "case_figures.disposition"));
    Ok(CaseFigure {
        lane: from_word(lane, "case_figures.lane")?,
        severity: (!severity.is_empty()).then(|| from_word(severity, "case_figures.severity")).transpose()?,
        rules: from_json(rules, "case_figures.rules")?,
        terms: from_json(terms, "case_figures.terms")?,
        opened_at: never,
        open_since: never,
        decided: disposition.transpose()?.map(|disposition| (disposition, never)),
        is_locked: !locked.is_empty(),
    })
}

fn length(digits: &str) -> Result<usize, StoreError> {
    digits.parse().map_err(|_| malformed())
}

/// Databases count characters. Most texts are of one byte each.
fn split_at_char(text: &str, chars: usize) -> Option<(&str, &str)> {
    if text.get(..chars).is_some_and(str::is_ascii) {
        return text.split_at_checked(chars);
    }
    let end = text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(chars)?;
    text.split_at_checked(end)
}

fn malformed() -> StoreError {
    let source = serde::de::Error::custom("is not of the form in which figures are read");
    StoreError::Malformed { column: COLUMN, source }
}

#[cfg(test)]
mod tests {
    use super::FigureReader;
    use crate::model::case::{Disposition, Lane};
    use crate::model::finding::Rule;
    use crate::model::term::Severity;
    use crate::model::time::Timestamp;

    fn figure(times: &str, words: &str, [lane, rules, terms]: [&str; 3]) -> String {
        let length = |text: &str| text.chars().count();
        format!("{times}|{}|{}|{}|{words}|{lane}{rules}{terms}", length(lane), length(rules), length(terms))
    }

    #[test]
    fn a_lane_and_terms_may_hold_whatever_stands_between_the_others() {
        let text = figure("5|6|", "high||locked", ["manager:星|河\n", "[\"R-NAME\"]", "[\"W|1\"]"])
            + &figure("-7|8|9", "|false_alarm|", ["group_hr", "[]", "[]"]);
        let mut figures = Vec::new();
        FigureReader::default().read(&text, &mut figures).unwrap();
        let [open, decided] = figures.as_slice() else { panic!("{figures:?}") };
        assert_eq!((&open.lane, open.severity), (&Lane::Manager("星|河\n".into()), Some(Severity::High)));
        assert_eq!((open.rules.as_slice(), open.terms.as_slice()), (&[Rule::Name][..], &["W|1".into()][..]));
        assert_eq!((open.open_since, open.decided, open.is_locked), (Timestamp::from_ms(6), None, true));
        assert_eq!((decided.opened_at, decided.severity), (Timestamp::from_ms(-7), None));
        assert_eq!(decided.decided, Some((Disposition::FalseAlarm, Timestamp::from_ms(9))));
    }

    #[test]
    fn what_is_cut_or_of_another_form_is_an_error_and_never_a_wrong_figure() {
        let whole = figure("5|6|", "high||", ["manager:星", "[\"R-NAME\"]", "[\"W1\"]"]);
        let read = |text: &str| FigureReader::default().read(text, &mut Vec::new());
        read(&whole).unwrap();
        let ends = whole.char_indices().map(|(at, _)| at).filter(|at| *at > 0);
        for end in ends {
            assert!(read(&whole[..end]).is_err(), "{}", &whole[..end]);
        }
        assert!(read(&whole.replacen("5|", "|", 1)).is_err() && read(&whole.replacen("high", "huge", 1)).is_err());
    }
}
