//! All fingerprints, searched for the passages of a post.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use crate::detect::fingerprint::comparison::{Comparison, WINDOW};
use crate::detect::fingerprint::heights::Heights;
use crate::detect::fingerprint::holders::{Held, Holders};
use crate::detect::fingerprint::likeness::Likeness;
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
/// Documents that are looked at closely, and how many of them first.
const LEADING: usize = 12;
const FIRST: usize = 3;
/// A window is looked at closely where a document has gained as much as so many runs that no other holds …
const HIGH: f32 = 2.5;
/// … and so much more than any other that holds the same run …
const APART: f32 = 2.0;
/// … while each place cost so much of such a run.
const COST: f32 = 0.15;
/// So many documents at least are thought to be there when rarity is counted: few say little about a language.
const DOCUMENTS_MIN: f64 = 64.0;

/// Fingerprints ready for searching.
#[derive(Default)]
pub struct PassageIndex {
    hasher: Option<GramHasher>,
    protected: Arc<Fingerprints>,
    public: Vec<Fingerprint>,
    /// Documents by the hashes of their runs.
    holders: Holders,
    /// Bits that a run says that so many documents hold.
    bits: Vec<f32>,
    /// From so many bits on a document is looked at closely.
    high: f32,
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
        let holders = Holders::of(&prints);
        let kin = kin(&fingerprints.documents, &holders);
        let all = prints.len();
        let bits = (0..=holders.most()).map(|documents| weight(all, documents) as f32).collect();
        let high = HIGH * weight(all, 1) as f32;
        let hasher = Some(GramHasher::new(&fingerprints.key));
        Self { hasher, protected: fingerprints, public, holders, bits, high, kin }
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
        let mut heights = Heights::of(self.documents(), self.bits[1] * COST);
        for (number, text) in texts.iter().enumerate() {
            for (start, found) in self.found_in(hasher, text, &mut heights) {
                let passage = self.passage(number, text, start, &found);
                let known = best.entry(found.document).or_insert_with(|| passage.clone());
                if known.likelihood < passage.likelihood {
                    *known = passage;
                }
            }
        }
        let mut passages: Vec<Passage> = best.into_values().collect();
        passages.sort_by(|a, b| b.likelihood.total_cmp(&a.likelihood).then_with(|| a.document.cmp(&b.document)));
        passages
    }

    /// The documents that windows of a text repeat, each with the place at which the window begins.
    fn found_in(&self, hasher: &GramHasher, text: &FieldText, heights: &mut Heights) -> Vec<(usize, Found)> {
        let sounds = sounds(&text.folded);
        let fours: Vec<u32> = sounds.windows(LENGTHS[2]).map(|sounds| hasher.hash(sounds)).collect();
        let held = self.holders.of_runs(&fours);
        let high = self.high_places(&held, heights);
        let is_high = |window: &Range<usize>| high.iter().any(|place| window.contains(place));
        let found = |window: Range<usize>| {
            let leading = self.leading(&held[places(&window, LENGTHS[2])], heights);
            let found = self.found(&self.comparison(hasher, &sounds[window.clone()]), &leading);
            found.into_iter().map(move |found| (window.start, found))
        };
        windows(sounds.len()).filter(is_high).flat_map(found).collect()
    }

    /// Places of a text at which a document stands so high, and so much higher than the others that hold the run there, that a
    /// close look is worth while.
    fn high_places(&self, held: &[Held<'_>], heights: &mut Heights) -> Vec<usize> {
        let is_high =
            |place: &usize| self.gain(held[*place], heights) >= self.high && self.stands_apart(held[*place], heights);
        let high = (0..held.len()).filter(is_high).collect();
        heights.take();
        high
    }

    /// What the holders of a run gain; tells how high the highest of them stands then. A common run neither gains nor costs.
    fn gain(&self, held: Held<'_>, heights: &mut Heights) -> f32 {
        let Held::By(entries) = held else { return 0.0 };
        heights.pass();
        let bits = self.bits[entries.len()];
        entries.iter().map(|entry| heights.gain(self.holders.number(*entry), bits)).fold(0.0, f32::max)
    }

    /// Whether one of the holders of a run stands much higher than all others but its kin.
    fn stands_apart(&self, held: Held<'_>, heights: &Heights) -> bool {
        let Held::By(entries) = held else { return false };
        let standing = || {
            entries.iter().map(|entry| self.holders.number(*entry)).map(|document| (document, heights.now(document)))
        };
        let Some((first, highest)) = standing().max_by(|a, b| a.1.total_cmp(&b.1)) else { return false };
        let others = standing().filter(|(other, _)| *other != first && !self.are_kin(first, *other));
        highest - others.map(|(_, height)| height).fold(0.0, f32::max) >= self.bits[1] * APART
    }

    /// The documents that stand highest in a window.
    fn leading(&self, held: &[Held<'_>], heights: &mut Heights) -> Vec<u32> {
        for held in held {
            self.gain(*held, heights);
        }
        let mut standing = heights.take();
        standing.retain(|(_, best)| *best >= self.bits[1]);
        standing.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        standing.into_iter().take(LEADING).map(|(document, _)| document).collect()
    }

    /// The documents that a window repeats, of those that stand highest in it. The others are compared only where one of the
    /// first is told of: they may have as much in common with the window, and lower ones have less.
    fn found(&self, comparison: &Comparison, leading: &[u32]) -> Vec<Found> {
        let first = self.told(comparison, &leading[..leading.len().min(FIRST)]);
        if first.is_empty() || leading.len() <= FIRST { first } else { self.told(comparison, leading) }
    }

    /// Those of the documents that are told of beside each other.
    fn told(&self, comparison: &Comparison, documents: &[u32]) -> Vec<Found> {
        let likeness = |document: &u32| (*document, comparison.with(self.document(*document)));
        let alike: Vec<Alike> = documents.iter().map(likeness).collect();
        let is_told = |found: &Found| {
            found.likelihood >= LIKELY && !found.run.is_empty() && !self.document(found.document).is_public
        };
        alike.iter().map(|one| self.weighed(one, &alike)).filter(is_told).collect()
    }

    /// How likely a window repeats a document beyond what it has in common with the others that are no drafts of it.
    fn weighed(&self, (document, (likeness, run)): &Alike, alike: &[Alike]) -> Found {
        let others = alike.iter().filter(|(other, _)| other != document && !self.are_kin(*document, *other));
        let others = others.fold(Likeness::default(), |others, (_, (likeness, _))| others.max(*likeness));
        let likelihood = likeness.likelihood(others);
        Found { document: *document, likelihood, likeness: *likeness, run: run.clone() }
    }

    fn comparison(&self, hasher: &GramHasher, window: &[char]) -> Comparison {
        let hashes = LENGTHS.map(|length| window.windows(length).map(|sounds| hasher.hash(sounds)).collect());
        let weights = [&hashes[0], &hashes[1]].map(|hashes: &Vec<u32>| {
            self.holders.of_runs(hashes).into_iter().map(|held| weight(self.documents(), held.count())).collect()
        });
        Comparison::of(&hashes, weights)
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
}

/// How much a run of sounds says that so many of all documents have, in bits.
fn weight(all: usize, documents: usize) -> f64 {
    let all = (all as f64).max(DOCUMENTS_MIN);
    ((all + 1.0) / (documents as f64 + 0.5)).log2().max(0.0)
}

/// Share of the shorter document that makes two of them kin. Texts of one trade share a fifth to a third of their runs.
const KIN_SHARE: f64 = 0.7;
/// One hash in so many is compared.
const KIN_SAMPLE: u32 = 8;

fn kin(prints: &[Fingerprint], holders: &Holders) -> HashSet<(u32, u32)> {
    let holding = |hash: u32| match holders.of_run(hash) {
        Held::Common(_) => &[],
        Held::By(entries) => entries,
    };
    let is_sampled = |hash: &u32| hash.is_multiple_of(KIN_SAMPLE) && !holding(*hash).is_empty();
    let sample = |print: &Fingerprint| print.stretches.hashes().iter().copied().filter(is_sampled).collect();
    let samples: Vec<Vec<u32>> = prints.iter().map(sample).collect();
    let mut pairs = HashSet::new();
    let mut counts = vec![0_u32; prints.len()];
    for (number, sample) in (0_u32..).zip(&samples).filter(|(number, _)| !prints[*number as usize].is_public) {
        let sharing = || {
            sample
                .iter()
                .flat_map(|hash| holding(*hash))
                .map(|entry| holders.number(*entry))
                .filter(|other| *other > number)
        };
        let protected = || sharing().filter(|other| prints.get(*other as usize).is_some_and(|print| !print.is_public));
        protected().for_each(|other| counts[other as usize] += 1);
        for other in protected() {
            let count = std::mem::take(&mut counts[other as usize]);
            if f64::from(count) >= KIN_SHARE * sample.len().min(samples[other as usize].len()) as f64 && count > 0 {
                pairs.insert((number, other));
            }
        }
    }
    pairs
}

/// Places of a window at which runs of a length begin that end within it.
fn places(window: &Range<usize>, length: usize) -> Range<usize> {
    window.start..window.start.max((window.end + 1).saturating_sub(length))
}

fn windows(length: usize) -> impl Iterator<Item = Range<usize>> {
    let last = length.saturating_sub(WINDOW).div_ceil(STEP);
    (0..=last).map(move |step| step * STEP..length.min(step * STEP + WINDOW))
}

/// A document with what it shares with a window, and where the longest run stands.
type Alike = (u32, (Likeness, Range<usize>));

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
