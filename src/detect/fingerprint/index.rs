//! All fingerprints, searched for the passages of a post.

use std::collections::{HashMap, HashSet};
use std::ops::{Range, RangeInclusive};

use crate::detect::fingerprint::likeness::Likeness;
use crate::detect::fingerprint::{BLOCKS_MAX, Document, GramHasher, LENGTHS, fingerprint, sounds};
use crate::detect::scan::FieldText;
use crate::model::company::Disclosure;
use crate::model::fingerprint::{Fingerprint, Fingerprints};
use crate::text::postings::{Builder, Postings};

/// From this likelihood on a passage is told of.
const LIKELY: f64 = 0.4;
/// From this likelihood on, and with so many characters in a row, nobody doubts a passage.
const CERTAIN: f64 = 0.9;
const CERTAIN_RUN: usize = 20;
/// Characters of a post that are compared at once, and by how many the next comparison begins later: a passage in a long
/// post is compared as if it stood in a short one.
const WINDOW: usize = 400;
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
/// Bits of an entry that number the stretch.
const BLOCK_BITS: u32 = BLOCKS_MAX.ilog2();

/// Fingerprints ready for searching.
#[derive(Default)]
pub struct PassageIndex {
    hasher: Option<GramHasher>,
    documents: Vec<Listed>,
    postings: Postings,
    /// Pairs of protected documents that have much in common, such as two drafts of one.
    kin: HashSet<(u32, u32)>,
}

#[derive(Debug)]
struct Listed {
    id: String,
    is_public: bool,
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
        write!(f, "PassageIndex({} documents)", self.documents.len())
    }
}

impl PassageIndex {
    /// Indexes the fingerprints, with what was published as documents that everybody may read. Empty without fingerprints.
    pub fn of(fingerprints: &Fingerprints, published: &[Disclosure]) -> Self {
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
        let (mut builder, mut documents) = (Builder::default(), Vec::new());
        for (print, number) in fingerprints.documents.iter().chain(&public).zip(0_u32..1 << (32 - BLOCK_BITS)) {
            for (block, hashes) in (0_u32..).zip(&print.blocks) {
                hashes.iter().for_each(|hash| builder.add(u64::from(*hash), number << BLOCK_BITS | block));
            }
            documents.push(Listed { id: print.id.clone(), is_public: print.is_public });
        }
        let postings = builder.build();
        let kin = kin(&fingerprints.documents, &postings);
        Self { hasher: Some(GramHasher::new(&fingerprints.key)), documents, postings, kin }
    }

    /// Whether what the one shares with a post says nothing against the other: both are protected and of one draft.
    fn are_kin(&self, a: u32, b: u32) -> bool {
        self.kin.contains(&(a.min(b), a.max(b)))
    }

    /// Passages of protected documents in the texts, likeliest first, one a document.
    pub fn find(&self, texts: &[FieldText]) -> Vec<Passage> {
        let Some(hasher) = &self.hasher else { return Vec::new() };
        let mut best: HashMap<u32, Passage> = HashMap::new();
        for (number, text) in texts.iter().enumerate() {
            let sounds = sounds(text.folded.dense_text());
            for window in windows(sounds.len()) {
                for found in Window::of(self, hasher, &sounds[window.clone()]).found() {
                    let passage = self.passage(number, text, window.start, &found);
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
            document: self.documents[found.document as usize].id.clone(),
            likelihood: found.likelihood,
            run: found.likeness.run,
            share: found.likeness.share,
            text: number,
            span: text.folded.origin(at),
        }
    }

    /// How much a run of sounds says that so many documents have, in bits.
    fn weight(&self, documents: usize) -> f64 {
        let all = (self.documents.len() as f64).max(DOCUMENTS_MIN);
        ((all + 1.0) / (documents as f64 + 0.5)).log2().max(0.0)
    }
}

/// Share of the shorter document that makes two of them kin. Texts of one trade share a fifth to a third of their runs.
const KIN_SHARE: f64 = 0.7;
/// One hash in so many is compared.
const KIN_SAMPLE: u32 = 8;

fn kin(prints: &[Fingerprint], postings: &Postings) -> HashSet<(u32, u32)> {
    let sample = |print: &Fingerprint| -> Vec<u32> {
        print.blocks.iter().flatten().copied().filter(|hash| hash % KIN_SAMPLE == 0).collect()
    };
    let samples: Vec<Vec<u32>> = prints.iter().map(sample).collect();
    let mut pairs = HashSet::new();
    for (number, sample) in (0_u32..).zip(&samples) {
        let mut shared: HashMap<u32, usize> = HashMap::new();
        for hash in sample {
            let entries = postings.get(u64::from(*hash));
            for other in entries.chunk_by(|a, b| document_of(*a) == document_of(*b)).map(|chunk| document_of(chunk[0]))
            {
                *shared.entry(other).or_default() += usize::from(other > number);
            }
        }
        let is_kin = |other: u32, count: usize| {
            let other = samples.get(other as usize).filter(|_| !prints[other as usize].is_public);
            other.is_some_and(|other| count as f64 >= KIN_SHARE * sample.len().min(other.len()) as f64 && count > 0)
        };
        let found = shared.into_iter().filter(|(other, count)| is_kin(*other, *count));
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

/// A run of sounds of the window: who has it, and how rare it is.
#[derive(Clone, Copy)]
struct Gram<'i> {
    entries: &'i [u32],
    weight: f64,
}

/// Part of a post with its runs of two, three and four sounds.
struct Window<'i> {
    index: &'i PassageIndex,
    /// By length, then by the place of the first sound.
    grams: [Vec<Gram<'i>>; LENGTHS.len()],
}

impl<'i> Window<'i> {
    fn of(index: &'i PassageIndex, hasher: &GramHasher, sounds: &[char]) -> Self {
        let entries = |gram: &[char]| index.postings.get(u64::from(hasher.hash(gram)));
        let fours: Vec<&[u32]> = sounds.windows(4).map(entries).collect();
        let needed = (sounds.len() / SHARED_ONE_IN).clamp(SHARED_MIN, SHARED_ENOUGH);
        if fours.iter().filter(|entries| !entries.is_empty()).count() < needed {
            return Self { index, grams: Default::default() };
        }
        let weighed = |entries: &'i [u32]| Gram { entries, weight: index.weight(documents_in(entries)) };
        let all = |length: usize| sounds.windows(length).map(|gram| weighed(entries(gram))).collect();
        Self { index, grams: [all(2), all(3), fours.into_iter().map(weighed).collect()] }
    }

    fn found(&self) -> Vec<Found> {
        let leading = self.leading();
        let alike: Vec<(u32, Likeness, Range<usize>)> =
            leading.into_iter().map(|document| self.likeness(document)).collect();
        let weigh = |(place, (document, likeness, run)): (usize, &(u32, Likeness, Range<usize>))| {
            let is_other = |(other, (of, ..)): &(usize, &(u32, Likeness, Range<usize>))| {
                *other != place && !self.index.are_kin(*document, *of)
            };
            let others = alike.iter().enumerate().filter(is_other).map(|(_, (_, of, _))| *of);
            let likelihood = likeness.likelihood(others.fold(Likeness::default(), Likeness::max));
            Found { document: *document, likelihood, likeness: *likeness, run: run.clone() }
        };
        let is_told = |found: &Found| {
            found.likelihood >= LIKELY
                && !found.run.is_empty()
                && !self.index.documents[found.document as usize].is_public
        };
        alike.iter().enumerate().map(weigh).filter(is_told).collect()
    }

    /// The documents that share most with the window.
    fn leading(&self) -> Vec<u32> {
        let mut shared: HashMap<u32, f64> = HashMap::new();
        for gram in self.grams[1].iter().filter(|gram| gram.entries.len() < COMMON) {
            for document in gram.entries.chunk_by(|a, b| document_of(*a) == document_of(*b)) {
                *shared.entry(document_of(document[0])).or_default() += gram.weight;
            }
        }
        let mut leading: Vec<(u32, f64)> = shared.into_iter().collect();
        leading.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        leading.into_iter().take(LEADING).map(|(document, _)| document).collect()
    }

    fn likeness(&self, document: u32) -> (u32, Likeness, Range<usize>) {
        let run = self.longest_run(document);
        let likeness = Likeness { run: run.len(), share: self.share(document), part: self.part(document) };
        (document, likeness, run)
    }

    /// The longest run of places whose runs of four follow one another in the document.
    fn longest_run(&self, document: u32) -> Range<usize> {
        let (mut longest, mut start, mut before) = (0..0, 0, &[][..]);
        for (place, gram) in self.grams[2].iter().enumerate() {
            let here = entries_of(gram.entries, document);
            if !are_neighbours(before, here) {
                start = place;
            }
            if !here.is_empty() && place + LENGTHS[2] - start > longest.len() {
                longest = start..place + LENGTHS[2];
            }
            before = here;
        }
        longest
    }

    fn share(&self, document: u32) -> f64 {
        let has = |gram: &&Gram<'_>| !entries_of(gram.entries, document).is_empty();
        let held: f64 = self.grams[1].iter().filter(has).map(|gram| gram.weight).sum();
        held / self.grams[1].iter().map(|gram| gram.weight).sum::<f64>().max(f64::MIN_POSITIVE)
    }

    /// The best stretch with its neighbours.
    fn part(&self, document: u32) -> f64 {
        let mut held: HashMap<u32, f64> = HashMap::new();
        for gram in &self.grams[0] {
            let around = entries_of(gram.entries, document).iter().map(|entry| block_of(*entry)).flat_map(around);
            let mut next = 0;
            for block in around {
                // Stretches rise, and neighbours of two of them may be the same.
                if block >= next {
                    *held.entry(block).or_default() += gram.weight;
                    next = block + 1;
                }
            }
        }
        let all: f64 = self.grams[0].iter().map(|gram| gram.weight).sum();
        held.into_values().fold(0.0, f64::max) / all.max(f64::MIN_POSITIVE)
    }
}

fn around(block: u32) -> RangeInclusive<u32> {
    block.saturating_sub(1)..=block + 1
}

const fn document_of(entry: u32) -> u32 {
    entry >> BLOCK_BITS
}

const fn block_of(entry: u32) -> u32 {
    entry & (BLOCKS_MAX as u32 - 1)
}

fn documents_in(entries: &[u32]) -> usize {
    if entries.len() >= COMMON {
        return entries.len();
    }
    entries.chunk_by(|a, b| document_of(*a) == document_of(*b)).count()
}

/// The entries of one document.
fn entries_of(entries: &[u32], document: u32) -> &[u32] {
    let start = entries.partition_point(|entry| document_of(*entry) < document);
    let length = entries[start..].iter().take_while(|entry| document_of(**entry) == document).count();
    &entries[start..start + length]
}

/// Whether a stretch of the one follows on a stretch of the other.
fn are_neighbours(before: &[u32], here: &[u32]) -> bool {
    before.iter().any(|a| here.iter().any(|b| block_of(*a).abs_diff(block_of(*b)) <= 1))
}

#[cfg(test)]
mod tests {
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
        PassageIndex::of(&Fingerprints { key, documents: documents.iter().map(print).collect() }, &[])
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
