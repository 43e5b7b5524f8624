//! All fingerprints, searched for the passages of a post.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use crate::detect::fingerprint::comparison::{Comparison, WINDOW};
use crate::detect::fingerprint::likeness::{Likeness, RUN_MIN, SHARE_MIN};
use crate::detect::fingerprint::{Document, GramHasher, LENGTHS, fingerprint, sounds};
use crate::detect::scan::FieldText;
use crate::model::company::Disclosure;
use crate::model::fingerprint::{Fingerprint, Fingerprints};
use crate::text::postings::{Builder, Postings};

/// From this likelihood on a passage is told of.
const LIKELY: f64 = 0.4;
/// From this likelihood on, and with so many characters in a row, nobody doubts a passage.
const CERTAIN: f64 = 0.9;
const CERTAIN_RUN: usize = 20;
/// By how many characters of a post the next comparison begins later: a passage in a long post is compared as if it stood in a
/// short one.
const STEP: usize = 200;
/// Documents that are looked at closely.
const LEADING: usize = 6;
/// What so many stretches of documents have is worth no look.
const COMMON: usize = 4_096;
/// Runs of four that a window must share with any documents to be looked at: one in twenty, but so many at least, and so many
/// are enough, since a passage of ten characters in a row has them.
const SHARED_MIN: usize = 2;
const SHARED_ENOUGH: usize = 7;
const SHARED_ONE_IN: usize = 20;
/// So many documents at least are thought to be there when rarity is counted: few say little about a language.
const DOCUMENTS_MIN: f64 = 64.0;

/// Fingerprints ready for searching.
#[derive(Default)]
pub struct PassageIndex {
    hasher: Option<GramHasher>,
    protected: Arc<Fingerprints>,
    public: Vec<Fingerprint>,
    /// Documents by the hashes of their runs.
    postings: Postings,
    /// In how many stretches those runs stand that stand in too many.
    common: HashMap<u32, usize>,
    /// Pairs of protected documents that have much in common, such as two drafts of one.
    kin: HashSet<(u32, u32)>,
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
        let (postings, common) = entered(&prints);
        let kin = kin(&fingerprints.documents, prints.len(), &postings);
        let hasher = Some(GramHasher::new(&fingerprints.key));
        Self { hasher, protected: fingerprints, public, postings, common, kin }
    }

    fn documents(&self) -> usize {
        self.protected.documents.len() + self.public.len()
    }

    fn document(&self, number: u32) -> &Fingerprint {
        let (number, protected) = (number as usize, &self.protected.documents);
        protected.get(number).unwrap_or_else(|| &self.public[number - protected.len()])
    }

    /// Whether what the one shares with a post says nothing against the other: both are protected and of one draft.
    fn are_kin(&self, a: u32, b: u32) -> bool {
        self.kin.contains(&(a.min(b), a.max(b)))
    }

    /// Passages of protected documents in the texts, likeliest first, one a document.
    pub fn find(&self, texts: &[FieldText]) -> Vec<Passage> {
        let Some(hasher) = &self.hasher else { return Vec::new() };
        let mut best: HashMap<u32, Passage> = HashMap::new();
        let mut tally = Tally::of(self.documents());
        for (number, text) in texts.iter().enumerate() {
            let sounds = sounds(&text.folded);
            let runs = Runs::of(self, hasher, &sounds);
            for at in windows(sounds.len()).filter(|window| runs.share_enough(window)) {
                for found in (Window { index: self, runs: &runs, at: at.clone() }).found(&mut tally) {
                    let passage = self.passage(number, text, at.start, &found);
                    let known = best.entry(found.document).or_insert_with(|| passage.clone());
                    if known.likelihood < passage.likelihood {
                        *known = passage;
                    }
                }
            }
        }
        let mut passages: Vec<Passage> = best.into_values().collect();
        passages.sort_by(|a, b| b.likelihood.total_cmp(&a.likelihood).then_with(|| a.document.cmp(&b.document)));
        passages
    }

    fn passage(&self, number: usize, text: &FieldText, start: usize, found: &Found) -> Passage {
        let dense = &text.folded.dense()[start..];
        let at = dense[found.run.start]..dense[found.run.end - 1] + 1;
        Passage {
            document: self.document(found.document).id.clone(),
            likelihood: found.likelihood,
            run: found.likeness.run,
            share: found.likeness.share,
            text: number,
            span: text.folded.origin(at),
        }
    }

    /// How much a run of sounds says that so many documents have, in bits.
    fn weight(&self, documents: usize) -> f64 {
        let all = (self.documents() as f64).max(DOCUMENTS_MIN);
        ((all + 1.0) / (documents as f64 + 0.5)).log2().max(0.0)
    }

    /// Looks a run up. One that stands in too many stretches counts as standing in so many documents.
    fn gram(&self, hash: u32) -> Gram<'_> {
        let documents = self.postings.get(u64::from(hash));
        let common = if documents.is_empty() { None } else { self.common.get(&hash) };
        let weight = self.weight(common.copied().unwrap_or(documents.len()));
        Gram { hash, documents, weight, is_common: common.is_some() }
    }
}

/// Documents by the hashes of their runs, and in how many stretches those stand that stand in too many.
fn entered(prints: &[&Fingerprint]) -> (Postings, HashMap<u32, usize>) {
    let (mut builder, mut repeated) = (Builder::default(), HashMap::new());
    for (print, number) in prints.iter().zip(0_u32..) {
        let mut hashes: Vec<u32> = print.blocks.iter().flatten().copied().collect();
        hashes.sort_unstable();
        for same in hashes.chunk_by(|a, b| a == b) {
            builder.add(u64::from(same[0]), number);
            if same.len() > 1 {
                *repeated.entry(same[0]).or_insert(0) += same.len() - 1;
            }
        }
    }
    let postings = builder.build();
    let stretches = |(hash, documents): (u64, &[u32])| {
        let hash = hash as u32;
        (hash, documents.len() + repeated.get(&hash).copied().unwrap_or(0))
    };
    let common = postings.iter().map(stretches).filter(|(_, stretches)| *stretches >= COMMON).collect();
    (postings, common)
}

/// Share of the shorter document that makes two of them kin. Texts of one trade share a fifth to a third of their runs.
const KIN_SHARE: f64 = 0.7;
/// One hash in so many is compared.
const KIN_SAMPLE: u32 = 8;

fn kin(prints: &[Fingerprint], documents: usize, postings: &Postings) -> HashSet<(u32, u32)> {
    let sample = |print: &Fingerprint| -> Vec<u32> {
        print.blocks.iter().flatten().copied().filter(|hash| hash % KIN_SAMPLE == 0).collect()
    };
    let samples: Vec<Vec<u32>> = prints.iter().map(sample).collect();
    let mut pairs = HashSet::new();
    let mut tally = Tally::of(documents);
    for (number, sample) in (0_u32..).zip(&samples) {
        for hash in sample {
            let all = postings.get(u64::from(*hash));
            tally.add(&all[all.partition_point(|other| *other <= number)..], 1.0);
        }
        let is_kin = |other: u32, count: f64| {
            let other = samples.get(other as usize).filter(|_| !prints[other as usize].is_public);
            other.is_some_and(|other| count >= KIN_SHARE * sample.len().min(other.len()) as f64)
        };
        let found = tally.take().into_iter().filter(|(other, count)| is_kin(*other, *count));
        pairs.extend(found.map(|(other, _)| (number, other)).filter(|_| !prints[number as usize].is_public));
    }
    pairs
}

fn windows(length: usize) -> impl Iterator<Item = Range<usize>> {
    let last = length.saturating_sub(WINDOW).div_ceil(STEP);
    (0..=last).map(move |step| step * STEP..length.min(step * STEP + WINDOW))
}

/// A document that a window repeats.
struct Found {
    document: u32,
    likelihood: f64,
    likeness: Likeness,
    /// The longest run, in places of the window.
    run: Range<usize>,
}

/// A run of sounds: who has it, and how rare it is.
#[derive(Clone, Copy)]
struct Gram<'i> {
    hash: u32,
    documents: &'i [u32],
    weight: f64,
    is_common: bool,
}

/// The runs of sounds of a post, by the place of the first one. The shorter ones are looked up when they are asked for.
struct Runs<'i> {
    index: &'i PassageIndex,
    hasher: &'i GramHasher,
    sounds: &'i [char],
    twos: OnceCell<Vec<Gram<'i>>>,
    threes: OnceCell<Vec<Gram<'i>>>,
    fours: Vec<Gram<'i>>,
}

impl<'i> Runs<'i> {
    fn of(index: &'i PassageIndex, hasher: &'i GramHasher, sounds: &'i [char]) -> Self {
        let runs = Self { index, hasher, sounds, twos: OnceCell::new(), threes: OnceCell::new(), fours: Vec::new() };
        Self { fours: runs.grams(LENGTHS[2]), ..runs }
    }

    fn grams(&self, length: usize) -> Vec<Gram<'i>> {
        self.sounds.windows(length).map(|sounds| self.index.gram(self.hasher.hash(sounds))).collect()
    }

    fn twos(&self) -> &[Gram<'i>] {
        self.twos.get_or_init(|| self.grams(LENGTHS[0]))
    }

    fn threes(&self) -> &[Gram<'i>] {
        self.threes.get_or_init(|| self.grams(LENGTHS[1]))
    }

    /// Whether a window has enough in common with any documents to be looked at.
    fn share_enough(&self, window: &Range<usize>) -> bool {
        let needed = (window.len() / SHARED_ONE_IN).clamp(SHARED_MIN, SHARED_ENOUGH);
        let shared = self.fours[places(window, LENGTHS[2])].iter().filter(|gram| !gram.documents.is_empty());
        shared.take(needed).count() == needed
    }
}

/// Places of a window at which runs of a length begin that end within it.
fn places(window: &Range<usize>, length: usize) -> Range<usize> {
    window.start..window.start.max((window.end + 1).saturating_sub(length))
}

/// Sums by document, those of one window at a time.
struct Tally {
    /// Below zero where a document has none.
    sums: Vec<f64>,
    counted: Vec<u32>,
}

impl Tally {
    fn of(documents: usize) -> Self {
        Self { sums: vec![-1.0; documents], counted: Vec::new() }
    }

    fn add(&mut self, documents: &[u32], weight: f64) {
        for document in documents {
            let sum = &mut self.sums[*document as usize];
            if *sum < 0.0 {
                *sum = 0.0;
                self.counted.push(*document);
            }
            *sum += weight;
        }
    }

    /// All documents with their sums; the tally is empty afterwards.
    fn take(&mut self) -> Vec<(u32, f64)> {
        let sums = &mut self.sums;
        let taken = |document: u32| (document, std::mem::replace(&mut sums[document as usize], -1.0));
        self.counted.drain(..).map(taken).collect()
    }
}

/// Part of a post with its runs of two, three and four sounds.
struct Window<'r, 'i> {
    index: &'i PassageIndex,
    runs: &'r Runs<'i>,
    at: Range<usize>,
}

impl<'i> Window<'_, 'i> {
    fn twos(&self) -> &[Gram<'i>] {
        &self.runs.twos()[places(&self.at, LENGTHS[0])]
    }

    fn threes(&self) -> &[Gram<'i>] {
        &self.runs.threes()[places(&self.at, LENGTHS[1])]
    }

    fn fours(&self) -> &[Gram<'i>] {
        &self.runs.fours[places(&self.at, LENGTHS[2])]
    }

    fn comparison(&self) -> Comparison {
        let hashes =
            [self.twos(), self.threes(), self.fours()].map(|grams| grams.iter().map(|gram| gram.hash).collect());
        let weights = [self.twos(), self.threes()].map(|grams| grams.iter().map(|gram| gram.weight).collect());
        Comparison::of(&hashes, weights)
    }

    fn found(&self, tally: &mut Tally) -> Vec<Found> {
        let sharing = self.sharing(tally);
        if !self.may_hold_a_share(&sharing) && !self.may_hold_a_run() {
            return Vec::new();
        }
        let comparison = self.comparison();
        let likeness = |document: u32| {
            let (likeness, run) = comparison.with(self.index.document(document));
            (document, likeness, run)
        };
        let alike: Vec<(u32, Likeness, Range<usize>)> = leading(sharing).map(likeness).collect();
        let weigh = |(place, (document, likeness, run)): (usize, &(u32, Likeness, Range<usize>))| {
            let is_other = |(other, (of, ..)): &(usize, &(u32, Likeness, Range<usize>))| {
                *other != place && !self.index.are_kin(*document, *of)
            };
            let others = alike.iter().enumerate().filter(is_other).map(|(_, (_, of, _))| *of);
            let likelihood = likeness.likelihood(others.fold(Likeness::default(), Likeness::max));
            Found { document: *document, likelihood, likeness: *likeness, run: run.clone() }
        };
        let is_told = |found: &Found| {
            found.likelihood >= LIKELY && !found.run.is_empty() && !self.index.document(found.document).is_public
        };
        alike.iter().enumerate().map(weigh).filter(is_told).collect()
    }

    /// The documents that share runs of three with the window, common ones aside, with the weight of those.
    fn sharing(&self, tally: &mut Tally) -> Vec<(u32, f64)> {
        for gram in self.threes().iter().filter(|gram| !gram.is_common) {
            tally.add(gram.documents, gram.weight);
        }
        tally.take()
    }

    /// Whether a document may share so much that it counts without a run, if it has all common runs as well.
    fn may_hold_a_share(&self, sharing: &[(u32, f64)]) -> bool {
        let common: f64 = self.threes().iter().filter(|gram| gram.is_common).map(|gram| gram.weight).sum();
        let all: f64 = self.threes().iter().map(|gram| gram.weight).sum();
        let largest = sharing.iter().map(|(_, weight)| *weight).fold(0.0, f64::max);
        // A little more, since these sums are not made in the order in which the share itself is.
        (largest + common) * (1.0 + 1e-9) >= SHARE_MIN * all
    }

    /// Whether a document may have so long a run: so many runs of four one after the other. Every such row crosses one of the
    /// places that are looked at.
    fn may_hold_a_run(&self) -> bool {
        let (fours, row) = (self.fours(), RUN_MIN + 1 - LENGTHS[2]);
        let has = |document: u32, gram: &&Gram<'_>| gram.documents.binary_search(&document).is_ok();
        let is_in_a_row = |place: usize, document: u32| {
            let before = fours[..place].iter().rev().take(row - 1).take_while(|gram| has(document, gram)).count();
            before + fours[place..].iter().take(row).take_while(|gram| has(document, gram)).count() >= row
        };
        let mut places = (row - 1..fours.len()).step_by(row);
        places.any(|place| fours[place].documents.iter().any(|document| is_in_a_row(place, *document)))
    }
}

/// The documents that share most.
fn leading(mut sharing: Vec<(u32, f64)>) -> impl Iterator<Item = u32> {
    sharing.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    sharing.into_iter().take(LEADING).map(|(document, _)| document)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Passage, PassageIndex, windows};
    use crate::detect::fingerprint::{Document, fingerprint};
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
    fn a_passage_deep_in_a_long_post_is_found() {
        let index = index(&[("X1", PLAN, false)]);
        let filler = "今天天气不错出门走了走看见许多人在放风筝".repeat(60);
        let post = format!("{filler}样机只在岚城试飞场调试，飞行记录由质量部统一保管{filler}");
        assert_eq!(found(&index, &post).len(), 1);
    }

    #[test]
    fn windows_cover_every_place() {
        assert!(windows(0).eq(std::iter::once(0..0)));
        assert_eq!(windows(401).collect::<Vec<_>>(), [0..400, 200..401]);
    }
}
