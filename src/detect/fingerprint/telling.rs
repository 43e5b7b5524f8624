//! The runs of a text that tell something: those that few stretches of documents hold, and of neighbours that more hold the rarest.

use std::ops::Range;

use crate::detect::fingerprint::LENGTHS;
use crate::detect::fingerprint::heights::Place;
use crate::detect::fingerprint::holders::{Held, Holders};

/// Of so many runs in a row only the rarest counts where many stretches hold each: all of them hold one and the same sound.
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
pub(crate) fn telling<'h>(holders: &'h Holders, held: &[Held<'h>]) -> Vec<Telling<'h>> {
    let (mut telling, mut place) = (Vec::new(), Place { number: 0, costly: 0 });
    for neighbours in held.chunks(NEIGHBOURS) {
        let rarest = rarest(neighbours);
        for (number, held) in neighbours.iter().enumerate() {
            place.costly += u32::from(!matches!(held, Held::Common(_)));
            if tells(*held) || rarest == Some(number) {
                telling.push(Telling { place, entries: holders.entries(*held), families: holders.count(*held) });
            }
            place.number += 1;
        }
    }
    telling
}

/// Those of the runs that begin in a part of the text.
pub(crate) fn within<'t, 'h>(telling: &'t [Telling<'h>], places: &Range<usize>) -> &'t [Telling<'h>] {
    let before = |place: usize| telling.partition_point(|telling| (telling.place.number as usize) < place);
    &telling[before(places.start)..before(places.end)]
}

/// Whether few stretches hold a run, and at least one.
fn tells(held: Held<'_>) -> bool {
    matches!(held, Held::By([_, ..]))
}

/// Which of the runs that many stretches hold the fewest families have, unless a rarer one stands beside it.
fn rarest(held: &[Held<'_>]) -> Option<usize> {
    if held.iter().any(|held| tells(*held)) {
        return None;
    }
    let listed = held.iter().enumerate().filter_map(|(number, held)| match held {
        Held::Listed { families, .. } => Some((number, families)),
        _ => None,
    });
    listed.min_by_key(|(_, families)| **families).map(|(number, _)| number)
}
