//! The runs of a text that tell something: those that few stretches of documents hold, and of neighbours that more hold the rarest.

use std::ops::Range;

use crate::detect::fingerprint::heights::Place;
use crate::detect::fingerprint::holders::{Held, Holders};
use crate::detect::fingerprint::openings::{Opening, WEIGHT};

/// Entries of lists that are gone through for one text of a post at most, and as many once more for the first look: a post that is
/// made of what very many stretches hold is then searched for runs that few hold.
pub(crate) const LISTED_MAX: usize = 1 << 22;

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

/// Of the runs of a text that documents hold, by their numbers among all that were asked, those that tell something, in their order. A
/// run costs unless it is common. Where many stretches hold each of some neighbours only the rarest counts: all of them hold one and
/// the same sound. Of lists no more entries are told of than are left to the post.
pub(crate) fn telling<'h>(
    holders: &'h Holders,
    openings: &[Opening],
    held: &[(usize, Held<'h>)],
    left: &mut usize,
) -> Vec<Telling<'h>> {
    let (mut telling, mut common) = (Vec::new(), 0);
    let block = |number: usize| openings[number].reach as usize / WEIGHT;
    for neighbours in held.chunk_by(|a, b| block(a.0) == block(b.0)) {
        let rarest = rarest(neighbours);
        for (number, held) in neighbours {
            common += u32::from(matches!(held, Held::Common(_)));
            if tells(*held) || rarest == Some(*number) && takes(left, holders.entries(*held).len()) {
                let opening = openings[*number];
                let place = Place { number: opening.start, reach: opening.reach, costly: *number as u32 + 1 - common };
                telling.push(Telling { place, entries: holders.entries(*held), families: holders.count(*held) });
            }
        }
    }
    telling
}

/// Those of the runs that begin in a part of the text.
pub(crate) fn within<'t, 'h>(telling: &'t [Telling<'h>], places: &Range<usize>) -> &'t [Telling<'h>] {
    let before = |place: usize| telling.partition_point(|telling| (telling.place.number as usize) < place);
    &telling[before(places.start)..before(places.end)]
}

/// Takes so many of what is left, if there are as many.
fn takes(left: &mut usize, count: usize) -> bool {
    left.checked_sub(count).map(|rest| *left = rest).is_some()
}

/// Whether few stretches hold a run.
fn tells(held: Held<'_>) -> bool {
    matches!(held, Held::By(_))
}

/// The place of the run that the fewest families have of those that many stretches hold, unless a rarer one stands beside it.
fn rarest(held: &[(usize, Held<'_>)]) -> Option<usize> {
    if held.iter().any(|(_, held)| tells(*held)) {
        return None;
    }
    let listed = held.iter().filter_map(|(place, held)| match held {
        Held::Listed { families, .. } => Some((*place, *families)),
        _ => None,
    });
    listed.min_by_key(|(_, families)| *families).map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::telling;
    use crate::detect::fingerprint::holders::Holders;
    use crate::detect::fingerprint::openings::Opening;
    use crate::model::fingerprint::Fingerprint;
    use crate::model::time::Timestamp;

    #[test]
    fn lists_are_gone_through_while_something_is_left_and_runs_of_few_stretches_always() {
        let print = |hashes: Vec<u32>| {
            let stretches = [hashes].into_iter().collect();
            Fingerprint { id: "X1".into(), is_public: false, added: Timestamp::from_ms(0), chars: 0, stretches }
        };
        let prints: Vec<Fingerprint> = (0..9).map(|document| print(vec![7, 1 << 30 | document])).collect();
        let holders = Holders::of(&prints.iter().collect::<Vec<_>>());
        let held = holders.of_runs(&[7, 7, 7, 7, 7, 7, 7, 7, 1 << 30 | 1]);
        let openings: Vec<Opening> = (0..9).map(|start| Opening { start, end: start + 4, reach: start * 2 }).collect();
        let mut left = 17;
        let places: Vec<u32> =
            telling(&holders, &openings, &held, &mut left).iter().map(|telling| telling.place.number).collect();
        assert_eq!((places, left), (vec![0, 8], 8));
    }
}
