//! The runs of a text that tell something: few documents hold them, and of neighbours those that the fewest hold.

use std::ops::Range;

use crate::detect::fingerprint::LENGTHS;
use crate::detect::fingerprint::heights::Place;
use crate::detect::fingerprint::holders::{Held, Holders};

/// Of so many runs in a row only the rarest counts: all of them hold one and the same sound.
const NEIGHBOURS: usize = LENGTHS[2];

/// A run that tells something.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Telling<'h> {
    /// Where it begins.
    pub(crate) place: Place,
    /// The entries of the documents that hold it.
    pub(crate) entries: &'h [u32],
    /// How many families they are of.
    pub(crate) families: usize,
}

/// The runs of a text that tell something, in their order. A place costs unless its run is common.
pub(crate) fn telling<'h>(holders: &Holders, held: &[Held<'h>]) -> Vec<Telling<'h>> {
    let (mut telling, mut costly) = (Vec::new(), 0);
    for (start, neighbours) in (0..).step_by(NEIGHBOURS).zip(held.chunks(NEIGHBOURS)) {
        if let Some((number, entries)) = rarest(neighbours) {
            let before = costly + count_costly(&neighbours[..=number]);
            let place = Place { number: start + number as u32, costly: before };
            telling.push(Telling { place, entries, families: holders.count(Held::By(entries)) });
        }
        costly += count_costly(neighbours);
    }
    telling
}

/// Those of the runs that begin in a part of the text.
pub(crate) fn within<'t, 'h>(telling: &'t [Telling<'h>], places: &Range<usize>) -> &'t [Telling<'h>] {
    let before = |place: usize| telling.partition_point(|telling| (telling.place.number as usize) < place);
    &telling[before(places.start)..before(places.end)]
}

/// The run that stands at the fewest places of documents, if any stands at one.
fn rarest<'h>(held: &[Held<'h>]) -> Option<(usize, &'h [u32])> {
    let by = |(number, held): (usize, &Held<'h>)| match held {
        Held::By(entries) if !entries.is_empty() => Some((number, *entries)),
        _ => None,
    };
    held.iter().enumerate().filter_map(by).min_by_key(|(_, entries)| entries.len())
}

fn count_costly(held: &[Held<'_>]) -> u32 {
    held.iter().filter(|held| matches!(held, Held::By(_))).count() as u32
}
