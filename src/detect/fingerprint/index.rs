//! All fingerprints, searched for the passages of a post.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use crate::detect::fingerprint::comparison::{Comparison, Shared, WINDOW};
use crate::detect::fingerprint::families::common_from;
use crate::detect::fingerprint::heights::Heights;
use crate::detect::fingerprint::holders::Holders;
use crate::detect::fingerprint::likeness::Likeness;
use crate::detect::fingerprint::openings::openings;
use crate::detect::fingerprint::telling::{LISTED_MAX, Telling, telling, within};
use crate::detect::fingerprint::{Document, GramHasher, LENGTHS, fingerprint, sounds};
use crate::detect::scan::FieldText;
use crate::model::company::Disclosure;
use crate::model::fingerprint::{Fingerprint, Fingerprints};

/// From this likelihood on a passage is told of.
const LIKELY: f64 = 0.4;
/// From this likelihood on, and with so many characters in a row, nobody doubts a passage.
const CERTAIN: f64 = 0.9;
const CERTAIN_RUN: usize = 20;
/// By how many characters of a post the next comparison begins later: a passage in a long post is compared as if it stood in a
/// short one.
const STEP: usize = 200;
/// Documents that are looked at closely, and how many of them first, if they stand high.
const LEADING: usize = 12;
const FIRST: usize = 3;
/// Of what the highest has gained another that is looked at has so much at least: one with less shares next to nothing with the
/// window.
const NEAR: f32 = 0.1;
/// Drafts of one document that are looked at closely, so that other documents are as well.
const DRAFTS: usize = 3;
/// Hashes of documents that are gone through for one post at most: very long posts that repeat very long documents end there.
const COMPARED_MAX: usize = 1 << 29;
/// Of ideographs the runs at each place of so many are looked for first …
const SOME: usize = 3;
/// … and all only where a document has gained as much as so many runs that no other holds: with two of them, thirty characters apart
/// at most.
const ROUGHLY_HIGH: f32 = 1.5;
/// A window is looked at closely where a document has gained as much as so many runs that no other holds …
const HIGH: f32 = 1.75;
/// … and so much more than any other that holds the same run …
const APART: f32 = 0.5;
/// … while each run that was asked for cost so much of such a run.
const COST: f32 = 0.05;
/// So many families of documents at least are thought to be there when rarity is counted: few say little about a language.
const FAMILIES_MIN: f64 = 64.0;

/// Fingerprints ready for searching.
#[derive(Default)]
pub struct PassageIndex {
    hasher: Option<GramHasher>,
    protected: Arc<Fingerprints>,
    public: Vec<Fingerprint>,
    /// Documents by the hashes of their runs.
    holders: Holders,
    /// Bits that a run says that so many families of documents hold.
    bits: Vec<f32>,
    /// From so many bits on a document is looked at closely.
    high: f32,
    /// What searches have left for the next ones: to make room for all documents takes as long as a short post.
    heights: Mutex<Vec<Heights>>,
}

/// A passage of a protected document in a post.
#[derive(Debug, Clone, PartialEq)]
pub struct Passage {
    /// Number of the document.
    pub document: String,
    /// How likely the post repeats it, 0..=1.
    pub likelihood: f64,
    /// Longest run in a row, characters.
    pub run: usize,
    /// Share of the compared part of the post that stands in the document, 0..=1.
    pub share: f64,
    /// Index of the text.
    pub text: usize,
    /// The longest run, in bytes of the original text.
    pub span: Range<usize>,
}

impl Passage {
    /// Whether the passage is beyond doubt, so that it counts beside protected speech as well.
    pub fn is_certain(&self) -> bool {
        self.likelihood >= CERTAIN && self.run >= CERTAIN_RUN
    }
}

impl std::fmt::Debug for PassageIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PassageIndex({} documents)", self.documents())
    }
}

impl PassageIndex {
    /// Indexes the fingerprints, with what was published as documents that everybody may read. Empty without fingerprints.
    pub fn of(fingerprints: Arc<Fingerprints>, published: &[Disclosure]) -> Self {
        if fingerprints.documents.iter().all(|document| document.is_public) {
            return Self::default();
        }
        let public = published.iter().map(|disclosure| {
            let document = Document {
                id: disclosure.id.as_str(),
                title: "",
                text: &format!("{}。{}", disclosure.title, disclosure.text),
                is_public: true,
                added: disclosure.published,
            };
            fingerprint(&fingerprints.key, document)
        });
        let public: Vec<Fingerprint> = public.collect();
        let prints: Vec<&Fingerprint> = fingerprints.documents.iter().chain(&public).collect();
        let holders = Holders::of(&prints);
        let all = holders.families().count();
        let bits = (0..=common_from(all)).map(|families| weight(all, families) as f32).collect();
        let high = HIGH * weight(all, 1) as f32;
        let hasher = Some(GramHasher::new(&fingerprints.key));
        Self { hasher, protected: fingerprints, public, holders, bits, high, heights: Mutex::default() }
    }

    fn documents(&self) -> usize {
        self.protected.documents.len() + self.public.len()
    }

    fn document(&self, number: u32) -> &Fingerprint {
        let (place, protected) = (self.holders.families().place(number), &self.protected.documents);
        protected.get(place).unwrap_or_else(|| &self.public[place - protected.len()])
    }

    /// Whether what the one shares with a post says nothing against the other: both are of one family.
    fn are_kin(&self, a: u32, b: u32) -> bool {
        self.family(a) == self.family(b)
    }

    fn family(&self, document: u32) -> u32 {
        self.holders.families().family(document)
    }

    /// Passages of protected documents in the texts, likeliest first, one a document.
    pub fn find(&self, texts: &[FieldText]) -> Vec<Passage> {
        let Some(hasher) = &self.hasher else { return Vec::new() };
        let left = self.heights.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let heights = left.unwrap_or_else(|| self.heights());
        let mut search = Search { heights, best: HashMap::new(), compared: 0, listed_left: LISTED_MAX };
        for (number, text) in texts.iter().enumerate() {
            self.find_in(hasher, number, text, &mut search);
        }
        self.heights.lock().unwrap_or_else(PoisonError::into_inner).push(search.heights);
        let mut passages: Vec<Passage> = search.best.into_values().collect();
        passages.sort_by(|a, b| b.likelihood.total_cmp(&a.likelihood).then_with(|| a.document.cmp(&b.document)));
        passages
    }

    fn heights(&self) -> Heights {
        Heights::of(self.documents(), self.bits[1] * COST, self.holders.stretch_mask())
    }

    /// Looks closely at the windows of a text in which a document stands high.
    fn find_in(&self, hasher: &GramHasher, number: usize, text: &FieldText, search: &mut Search) {
        let sounds = sounds(&text.folded);
        let runs = |step| {
            let openings = openings(&sounds, text.folded.dense(), step);
            let held = self.holders.of_openings(&hasher.hash_openings(&sounds, &openings));
            (openings, held)
        };
        let (some, held) = runs(SOME);
        if !self
            .is_worth_while(&telling(&self.holders, &some, &held, &mut search.listed_left.clone()), &mut search.heights)
        {
            return;
        }
        let (all, held) = runs(1);
        let telling = telling(&self.holders, &all, &held, &mut search.listed_left);
        let high = self.high_places(&telling, &mut search.heights);
        for window in windows(sounds.len()).filter(|window| stands_in(&high, window)) {
            let leading = self.leading(within(&telling, &places(&window, LENGTHS[2])), &mut search.heights);
            let (first, others) = self.parted(&leading);
            if first.is_empty() || search.is_spent() || self.is_settled(&leading, search) {
                continue;
            }
            let comparison = self.comparison(hasher, &sounds[window.clone()]);
            for found in self.found(&comparison, (&first, &others), &mut search.compared) {
                search.keep(found.document, self.passage(number, text, window.start, &found));
            }
        }
    }

    /// Of the documents that stand highest in a window those of which may be told, and the others, which only count against them.
    /// Neither public texts, of which each is a family of its own, nor drafts take the place of another document.
    fn parted(&self, leading: &[(u32, f32)]) -> (Vec<u32>, Vec<u32>) {
        let is_high = |document: u32, height: f32| height >= self.high && !self.document(document).is_public;
        let mut families = Vec::new();
        leading.iter().map(|(document, height)| (*document, is_high(*document, *height))).fold(
            (Vec::new(), Vec::new()),
            |(mut first, mut others), (document, is_high)| {
                let family = self.family(document);
                if is_high && families.len() < FIRST && !families.contains(&family) {
                    families.push(family);
                }
                if is_high && families.contains(&family) {
                    first.push(document)
                } else {
                    others.push(document)
                }
                (first, others)
            },
        )
    }

    /// Whether a window adds nothing: the document that stands highest in it is beyond doubt already, and all that stand high are.
    fn is_settled(&self, leading: &[(u32, f32)], search: &Search) -> bool {
        let certain: Vec<u32> = search.certain().map(|document| self.family(document)).collect();
        let is_certain = |document: u32| certain.contains(&self.family(document));
        leading.first().is_some_and(|(document, _)| is_certain(*document))
            && leading.iter().all(|(document, height)| *height < self.high || is_certain(*document))
    }

    /// Whether a document gains so much with some runs of a text that all of them are worth while.
    fn is_worth_while(&self, telling: &[Telling<'_>], heights: &mut Heights) -> bool {
        heights.begin();
        telling.iter().any(|telling| self.gain(telling, heights) >= ROUGHLY_HIGH * self.bits[1])
    }

    /// Places of a text at which a document stands so high, and so much higher than the others that hold the run there, that a
    /// close look is worth while.
    fn high_places(&self, telling: &[Telling<'_>], heights: &mut Heights) -> Vec<usize> {
        heights.begin();
        let is_high =
            |telling: &&Telling<'_>| self.gain(telling, heights) >= self.high && self.stands_apart(telling, heights);
        telling.iter().filter(is_high).map(|telling| telling.place.number as usize).collect()
    }

    /// What the holders of a run gain; tells how high the highest of them stands then.
    fn gain(&self, telling: &Telling<'_>, heights: &mut Heights) -> f32 {
        let bits = self.bits[telling.families];
        let gain =
            |entry: &u32| heights.gain(self.holders.number(*entry), self.holders.stretch(*entry), telling.place, bits);
        telling.entries.iter().map(gain).fold(0.0, f32::max)
    }

    /// Whether one of the holders of a run stands much higher than all others but its kin.
    fn stands_apart(&self, telling: &Telling<'_>, heights: &Heights) -> bool {
        let standing = || {
            let documents = telling.entries.iter().map(|entry| self.holders.number(*entry));
            documents.map(|document| (document, heights.now(document)))
        };
        let Some((first, highest)) = standing().max_by(|a, b| a.1.total_cmp(&b.1)) else { return false };
        let others = standing().filter(|(other, _)| *other != first && !self.are_kin(first, *other));
        highest - others.map(|(_, height)| height).fold(0.0, f32::max) >= self.bits[1] * APART
    }

    /// The documents that stand highest in a window, with their heights: few of each family, and of protected and public ones each
    /// no more than some.
    fn leading(&self, telling: &[Telling<'_>], heights: &mut Heights) -> Vec<(u32, f32)> {
        heights.begin();
        let mut best: HashMap<u32, f32> = HashMap::new();
        for telling in telling {
            if self.gain(telling, heights) >= self.bits[1] {
                for document in telling.entries.iter().map(|entry| self.holders.number(*entry)) {
                    let best = best.entry(document).or_default();
                    *best = best.max(heights.now(document));
                }
            }
        }
        let mut standing: Vec<(u32, f32)> = best.into_iter().filter(|(_, best)| *best >= self.bits[1]).collect();
        let highest = standing.iter().map(|(_, best)| *best).fold(0.0, f32::max);
        standing.retain(|(_, best)| *best >= highest * NEAR);
        standing.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let mut drafts: HashMap<u32, usize> = HashMap::new();
        standing.retain(|(document, _)| {
            let drafts = drafts.entry(self.family(*document)).or_default();
            *drafts += 1;
            *drafts <= DRAFTS
        });
        let mut count = [0; 2];
        standing.retain(|(document, _)| {
            let count = &mut count[usize::from(self.document(*document).is_public)];
            *count += 1;
            *count <= LEADING
        });
        standing
    }

    /// The documents that a window repeats, of the first. The others are compared, one after the other, only while one of the first
    /// is told of: they may have as much in common with the window.
    fn found(&self, comparison: &Comparison, leading: (&[u32], &[u32]), compared: &mut usize) -> Vec<Found> {
        let (first, others) = leading;
        let first: Vec<Alike> = first.iter().map(|document| self.alike(comparison, *document, compared)).collect();
        let mut told: Vec<Told<'_>> = first.iter().map(|one| Told { one, of_others: Likeness::default() }).collect();
        first.iter().for_each(|other| self.count_against(comparison, other, &mut told));
        for document in others {
            if told.is_empty() {
                break;
            }
            self.count_against(comparison, &self.alike(comparison, *document, compared), &mut told);
        }
        told.iter().map(Told::found).filter(|found| !found.run.is_empty()).collect()
    }

    /// Looks closely at a document.
    fn alike(&self, comparison: &Comparison, number: u32, compared: &mut usize) -> Alike {
        let document = self.document(number);
        *compared += document.stretches.hashes().len();
        let shared = comparison.with(document);
        Alike { document: number, likeness: comparison.likeness(&shared), shared }
    }

    /// Counts what another document has in common with a window against those that are no drafts of it, and leaves only those that
    /// are still likely.
    fn count_against(&self, comparison: &Comparison, other: &Alike, told: &mut Vec<Told<'_>>) {
        for told in told.iter_mut().filter(|told| !self.are_kin(told.one.document, other.document)) {
            told.of_others = told.of_others.max(counting(comparison, told.one, other));
        }
        told.retain(|told| told.likelihood() >= LIKELY);
    }

    fn comparison(&self, hasher: &GramHasher, window: &[char]) -> Comparison {
        let hashes = LENGTHS.map(|length| hasher.hash_all(window, length));
        let weights = [&hashes[0], &hashes[1]].map(|hashes: &Vec<u32>| {
            let all = self.holders.families().count();
            let mut weights = vec![weight(all, 0); hashes.len()];
            for (place, held) in self.holders.of_runs(hashes) {
                weights[place] = weight(all, self.holders.count(held));
            }
            weights
        });
        Comparison::of(&hashes, weights)
    }

    fn passage(&self, number: usize, text: &FieldText, start: usize, found: &Found) -> Passage {
        let at = text.folded.plain_range(start + found.run.start..start + found.run.end);
        Passage {
            document: self.document(found.document).id.clone(),
            likelihood: found.likelihood,
            run: found.likeness.run,
            share: found.likeness.share,
            text: number,
            span: text.folded.origin(at),
        }
    }
}

/// How much a run of sounds says that so many of all families of documents have, in bits.
fn weight(all: usize, families: usize) -> f64 {
    let all = (all as f64).max(FAMILIES_MIN);
    ((all + 1.0) / (families as f64 + 0.5)).log2().max(0.0)
}

/// Places of a window at which runs of a length begin that end within it.
fn places(window: &Range<usize>, length: usize) -> Range<usize> {
    window.start..window.start.max((window.end + 1).saturating_sub(length))
}

fn windows(length: usize) -> impl Iterator<Item = Range<usize>> {
    let last = length.saturating_sub(WINDOW).div_ceil(STEP);
    (0..=last).map(move |step| step * STEP..length.min(step * STEP + WINDOW))
}

/// What counts against a document of what another shares with the window: all of it where the document has only a few characters
/// in a row, since the subject may be the other's; of a long run only what both share at the same places, since a public sentence
/// beside it says nothing against it.
fn counting(comparison: &Comparison, one: &Alike, other: &Alike) -> Likeness {
    if one.likeness.run < CERTAIN_RUN { other.likeness } else { comparison.likeness(&other.shared.beside(&one.shared)) }
}

/// Whether one of some rising places stands in a window.
fn stands_in(places: &[usize], window: &Range<usize>) -> bool {
    places.get(places.partition_point(|place| *place < window.start)).is_some_and(|place| *place < window.end)
}

/// A search through the texts of one post.
struct Search {
    heights: Heights,
    /// The likeliest passage of each document so far.
    best: HashMap<u32, Passage>,
    /// Hashes of documents gone through so far.
    compared: usize,
    /// Entries of lists that may still be gone through.
    listed_left: usize,
}

impl Search {
    fn is_spent(&self) -> bool {
        self.compared >= COMPARED_MAX
    }

    fn keep(&mut self, document: u32, passage: Passage) {
        let known = self.best.entry(document).or_insert_with(|| passage.clone());
        if known.likelihood < passage.likelihood {
            *known = passage;
        }
    }

    /// Documents whose passages are beyond doubt.
    fn certain(&self) -> impl Iterator<Item = u32> {
        self.best.iter().filter(|(_, passage)| passage.is_certain()).map(|(document, _)| *document)
    }
}

/// A document with what it shares with a window.
struct Alike {
    document: u32,
    shared: Shared,
    likeness: Likeness,
}

/// A document that is told of, as far as others were looked at.
struct Told<'a> {
    one: &'a Alike,
    /// The most that others have in common with the window.
    of_others: Likeness,
}

impl Told<'_> {
    fn likelihood(&self) -> f64 {
        self.one.likeness.likelihood(self.of_others)
    }

    fn found(&self) -> Found {
        let (document, likeness) = (self.one.document, self.one.likeness);
        Found { document, likelihood: self.likelihood(), likeness, run: self.one.shared.longest_run() }
    }
}

/// A document that a window repeats.
struct Found {
    document: u32,
    likelihood: f64,
    likeness: Likeness,
    /// The longest run, in places of the window.
    run: Range<usize>,
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Arc;

    use super::{COMPARED_MAX, LISTED_MAX, Passage, PassageIndex, Search, stands_in, windows};
    use crate::detect::fingerprint::{Document, GramHasher, fingerprint};
    use crate::detect::scan::FieldText;
    use crate::model::fingerprint::Fingerprints;
    use crate::model::term::Field;
    use crate::model::time::Timestamp;

    const PLAN: &str = "第七条 折叠无人机的电芯改用磷酸锰铁锂，单机成本下降一成二。供应商在滨城完成试产以前，任何部门不得\
        对外说明选型与报价；样机只在岚城试飞场调试，飞行记录由质量部统一保管。第八条 云舟项目的交付节点调整为三季度末。";

    fn index(documents: &[(&str, &str, bool)]) -> PassageIndex {
        let key = [7; 16];
        let print = |(id, text, is_public): &(&str, &str, bool)| {
            let document = Document { id, title: "", text, is_public: *is_public, added: Timestamp::from_ms(0) };
            fingerprint(&key, document)
        };
        PassageIndex::of(Arc::new(Fingerprints { key, documents: documents.iter().map(print).collect() }), &[])
    }

    fn found(index: &PassageIndex, post: &str) -> Vec<Passage> {
        index.find(&[FieldText::new(Field::Text, post)])
    }

    #[test]
    fn a_passage_is_found_whole_disguised_and_inside_other_words_and_its_place_is_shown() {
        let index = index(&[("X1", PLAN, false)]);
        let post = "转一个有意思的：供應商在宾城完成*试*产以前，任何部门不得对外说明选型与报价。大家怎么看？";
        let passages = found(&index, post);
        assert_eq!(passages.len(), 1);
        assert!(
            post[passages[0].span.clone()].starts_with("供應商在宾城完成*试"),
            "{}",
            &post[passages[0].span.clone()]
        );
        assert!(passages[0].run >= 25 && passages[0].document == "X1");
    }

    #[test]
    fn another_text_of_the_same_subject_is_none() {
        let index = index(&[("X1", PLAN, false)]);
        assert!(found(&index, "折叠无人机越来越便宜了，听说电芯的成本又下降，周末想去试飞场看看。").is_empty());
        assert!(found(&index, "").is_empty());
    }

    #[test]
    fn what_is_public_as_well_tells_nothing() {
        let open = "供应商在滨城完成试产以前，任何部门不得对外说明选型与报价";
        let index = index(&[("X1", PLAN, false), ("N1", open, true)]);
        assert!(found(&index, open).is_empty());
        assert_eq!(found(&index, "样机只在岚城试飞场调试，飞行记录由质量部统一保管").len(), 1);
    }

    #[test]
    fn two_drafts_of_one_document_do_not_hide_each_other() {
        let second = format!("{PLAN}第九条 本方案自批准之日起施行。");
        let index = index(&[("X1", PLAN, false), ("X2", &second, false)]);
        assert_eq!(found(&index, "样机只在岚城试飞场调试，飞行记录由质量部统一保管").len(), 2);
    }

    #[test]
    fn a_passage_of_many_drafts_is_found_and_a_few_of_them_are_told() {
        let longer = "甲方案乙步骤丙环节丁阶段由各部门另行约定并记录在案".repeat(4);
        for count in [3, 40, 100] {
            let drafts: Vec<(String, String)> =
                (0..count).map(|draft| (format!("X{draft}"), format!("{longer}{PLAN}第{draft}稿"))).collect();
            let drafts: Vec<(&str, &str, bool)> =
                drafts.iter().map(|(id, text)| (id.as_str(), text.as_str(), false)).collect();
            assert_eq!(found(&index(&drafts), "听说样机只在岚城试飞场调试，飞行记录由质量部").len(), 3, "{count}");
        }
    }

    #[test]
    fn a_sentence_that_stands_twice_in_a_document_is_found() {
        let again = "样机只在岚城试飞场调试，飞行记录由质量部统一保管";
        let text = format!("{again}。{}{PLAN}{again}", "甲方案乙步骤丙环节丁阶段由各部门另行约定并记录在案".repeat(5));
        let index = index(&[("X1", &text, false)]);
        assert_eq!(found(&index, again).len(), 1);
        assert_eq!(found(&index, &format!("听说{again}，是真的吗")).len(), 1);
    }

    /// A passage beside the quotation of texts that all hold it.
    fn beside(quoted: &str, texts: &[(&str, bool)]) -> Vec<Passage> {
        let texts = texts.iter().map(|(id, is_public)| (*id, quoted, *is_public));
        let documents: Vec<(&str, &str, bool)> = texts.chain([("X9", PLAN, false)]).collect();
        found(&index(&documents), &format!("{quoted}。样机只在岚城试飞场调试，飞行记录由质量部统一保管"))
    }

    #[test]
    fn neither_drafts_nor_public_texts_quoted_beside_a_passage_hide_it() {
        let quoted = "董事会对全年经营情况保持谨慎乐观，并提请注意汇率波动和原材料价格变化等各项风险";
        let is_told = |passages: &[Passage], id: &str| passages.iter().any(|passage| passage.document == id);
        let drafts = [("X1", false), ("X2", false), ("X3", false)];
        for count in 0..=3 {
            let told = beside(quoted, &drafts[..count]);
            assert!(is_told(&told, "X9") && told.len() == count + 1, "{count}");
        }
        let public: Vec<String> = (0..15).map(|number| format!("N{number}")).collect();
        for count in [1, 3, 15] {
            let texts: Vec<(&str, bool)> = public[..count].iter().map(|id| (id.as_str(), true)).collect();
            let told = beside(quoted, &texts);
            assert!(is_told(&told, "X9") && told.len() == 1, "{count}");
        }
    }

    #[test]
    fn a_longer_public_sentence_beside_a_passage_does_not_hide_it() {
        let open = "本公司第三季度营业收入同比增长，主要由于海外市场订单增加以及新产品交付，董事会对全年经营情况保持谨慎乐观，\
            并提请投资者注意汇率波动、原材料价格变化以及行业竞争加剧等各项风险因素";
        let index = index(&[("X1", PLAN, false), ("N1", open, true)]);
        let passages = found(&index, &format!("{open}。样机只在岚城试飞场调试，飞行记录由质量部统一保管。"));
        assert_eq!(passages.len(), 1);
        assert!(passages[0].is_certain(), "{passages:?}");
        assert!(found(&index, open).is_empty());
    }

    #[test]
    fn neither_a_document_beyond_doubt_nor_any_after_very_many_is_compared_further() {
        let index = index(&[("X1", PLAN, false)]);
        let compared = |post: &str, before: usize| {
            let heights = index.heights();
            let mut search = Search { heights, best: HashMap::new(), compared: before, listed_left: LISTED_MAX };
            let text = FieldText::new(Field::Text, post);
            index.find_in(&GramHasher::new(&[7; 16]), 0, &text, &mut search);
            search.compared - before
        };
        assert!(compared(PLAN, 0) > 0);
        assert_eq!(compared(&PLAN.repeat(20), 0), compared(PLAN, 0));
        assert_eq!(compared(PLAN, COMPARED_MAX), 0);
    }

    #[test]
    fn a_passage_deep_in_a_long_post_is_found() {
        let index = index(&[("X1", PLAN, false)]);
        let filler = "今天天气不错出门走了走看见许多人在放风筝".repeat(60);
        let post = format!("{filler}样机只在岚城试飞场调试，飞行记录由质量部统一保管{filler}");
        assert_eq!(found(&index, &post).len(), 1);
    }

    #[test]
    fn windows_cover_every_place_and_are_looked_at_where_one_stands_high() {
        assert!(stands_in(&[3, 7], &(7..9)) && !stands_in(&[3, 7], &(4..7)) && !stands_in(&[], &(0..9)));
        assert!(windows(0).eq(std::iter::once(0..0)));
        assert_eq!(windows(401).collect::<Vec<_>>(), [0..400, 200..401]);
    }
}
