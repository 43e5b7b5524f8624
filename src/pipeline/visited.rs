//! What came of the visits of a pass, in little room: of a hundred thousand hosts most fail alike, in words that differ by the name
//! of the host.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::capture::Verdict;
use crate::model::ids::SourceId;
use crate::model::source_list::SourceList;
use crate::pipeline::crawl::{Visit, host_of};

/// Stands for the name of the host in words that are held.
const HOLE: char = '\0';

/// Visits by source.
#[derive(Debug, Clone, Default)]
pub struct Visited {
    sources: Arc<SourceList>,
    /// By number of the source; none where no visit came to its end.
    outcomes: Vec<Option<Outcome>>,
    /// Troubles of all visits, behind one another.
    troubles: Vec<u32>,
    words: Words,
}

#[derive(Debug, Clone, Copy)]
struct Outcome {
    pages: u32,
    disallowed: u32,
    verdict: Held,
    is_postponed: bool,
    /// Where its troubles stand, and how many they are.
    troubles: (usize, usize),
}

/// A verdict whose reason stands among the words.
#[derive(Debug, Clone, Copy)]
enum Held {
    Found,
    Empty,
    Blocked(u32),
}

/// Words by their number, each once.
#[derive(Debug, Clone, Default)]
struct Words {
    held: Vec<Arc<str>>,
    known: HashMap<Arc<str>, u32>,
}

impl Visited {
    /// None yet.
    pub(super) fn of(sources: Arc<SourceList>) -> Self {
        let outcomes = vec![None; sources.len()];
        Self { sources, outcomes, ..Self::default() }
    }

    /// Takes note of what came of a visit. One of a source that is not among them is left out.
    pub(super) fn note(&mut self, source: &SourceId, visit: &Visit) {
        let Some(number) = self.sources.number(source) else { return };
        let host = host_of(&self.sources.source(number));
        let verdict = match &visit.verdict {
            Verdict::Found => Held::Found,
            Verdict::Empty => Held::Empty,
            Verdict::Blocked { reason } => Held::Blocked(self.words.number(reason, &host)),
        };
        let troubles = (self.troubles.len(), visit.troubles.len());
        self.troubles.extend(visit.troubles.iter().map(|trouble| self.words.number(trouble, &host)));
        let Visit { pages, disallowed, is_postponed, .. } = *visit;
        self.outcomes[number] = Some(Outcome { pages, disallowed, verdict, is_postponed, troubles });
    }

    /// How many visits came to their end.
    pub fn len(&self) -> usize {
        self.outcomes().count()
    }

    /// Whether none did.
    pub fn is_empty(&self) -> bool {
        self.outcomes().next().is_none()
    }

    /// The visits in the order of the sources' identifiers.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, Visit)> {
        self.sources.by_id().filter_map(|number| {
            let source = self.sources.source(number);
            let visit = self.visit(self.outcomes[number]?, &host_of(&source));
            Some((source.id, visit))
        })
    }

    /// The visit of a source.
    pub fn get(&self, source: &SourceId) -> Option<Visit> {
        let number = self.sources.number(source)?;
        Some(self.visit(self.outcomes[number]?, &host_of(&self.sources.source(number))))
    }

    /// Pages fetched.
    pub fn pages(&self) -> u32 {
        self.outcomes().map(|outcome| outcome.pages).sum()
    }

    /// How many sources showed something, and how many nothing although they could be seen.
    pub fn found_and_empty(&self) -> (usize, usize) {
        let count = |is_meant: fn(Held) -> bool| self.outcomes().filter(|outcome| is_meant(outcome.verdict)).count();
        (count(|verdict| matches!(verdict, Held::Found)), count(|verdict| matches!(verdict, Held::Empty)))
    }

    /// Whether a source was not visited because another worker visits its host.
    pub fn has_postponed(&self) -> bool {
        self.outcomes().any(|outcome| outcome.is_postponed)
    }

    /// Whether a source that was asked gave nothing that can be relied on.
    pub fn has_blocked(&self) -> bool {
        self.outcomes().any(|outcome| matches!(outcome.verdict, Held::Blocked(_)))
    }

    fn outcomes(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().flatten()
    }

    fn visit(&self, outcome: Outcome, host: &str) -> Visit {
        let Outcome { pages, disallowed, verdict, is_postponed, troubles: (first, count) } = outcome;
        let verdict = match verdict {
            Held::Found => Verdict::Found,
            Held::Empty => Verdict::Empty,
            Held::Blocked(reason) => Verdict::Blocked { reason: self.words.said(reason, host) },
        };
        let troubles = &self.troubles[first..first + count];
        let troubles = troubles.iter().map(|trouble| self.words.said(*trouble, host)).collect();
        Visit { pages, verdict, disallowed, troubles, is_postponed }
    }
}

impl Words {
    /// The number of words about a host. Those that hold what stands for a host are held as they are, behind another mark.
    fn number(&mut self, said: &str, host: &str) -> u32 {
        let has_hole = said.contains(HOLE) || host.is_empty();
        let held = if has_hole { format!("{HOLE}{said}") } else { format!(" {}", said.replace(host, "\0")) };
        if let Some(known) = self.known.get(held.as_str()) {
            return *known;
        }
        let (held, number) = (Arc::<str>::from(held), u32::try_from(self.held.len()).expect("fewer than visits"));
        self.held.push(Arc::clone(&held));
        self.known.insert(held, number);
        number
    }

    /// The words of a number, about that host.
    fn said(&self, number: u32, host: &str) -> String {
        let held = &self.held[number as usize];
        match held.strip_prefix(HOLE) {
            Some(said) => said.to_owned(),
            None => held[1..].replace(HOLE, host),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Visited;
    use crate::model::capture::Verdict;
    use crate::model::source::Source;
    use crate::pipeline::crawl::Visit;

    fn source(id: &str) -> Source {
        toml::from_str(&format!("id = '{id}'\nplatform = 'forum'\nbase = 'https://{id}.example'\n")).unwrap()
    }

    fn visit(verdict: Verdict, troubles: &[&str]) -> Visit {
        let troubles = troubles.iter().map(|&trouble| trouble.to_owned()).collect();
        Visit { pages: 2, verdict, disallowed: 1, troubles, is_postponed: false }
    }

    fn blocked(reason: &str) -> Visit {
        visit(Verdict::Blocked { reason: reason.to_owned() }, &[reason, "again"])
    }

    #[test]
    fn visits_come_out_as_they_went_in_by_their_sources() {
        let visits = [
            ("b", blocked("https://b.example/new and b.example")),
            ("a", visit(Verdict::Found, &[])),
            ("d", blocked("a \0 and d.example")),
            ("e", Visit { is_postponed: true, ..visit(Verdict::Empty, &["x"]) }),
        ];
        let mut visited = Visited::of(Arc::new(["b", "a", "c", "d", "e"].map(source).into_iter().collect()));
        visits.iter().for_each(|(id, visit)| visited.note(&(*id).into(), visit));
        for (id, visit) in &visits {
            assert_eq!(visited.get(&(*id).into()).as_ref(), Some(visit));
        }
        assert_eq!((visited.get(&"c".into()), visited.get(&"f".into())), (None, None));
        assert_eq!(visited.iter().map(|(id, _)| id.to_string()).collect::<Vec<_>>(), ["a", "b", "d", "e"]);
        assert_eq!((visited.len(), visited.pages(), visited.found_and_empty()), (4, 8, (1, 1)));
        assert!(visited.has_blocked() && visited.has_postponed() && !visited.is_empty());
    }

    #[test]
    fn hosts_that_fail_alike_take_the_room_of_one() {
        let ids: Vec<String> = (0..100).map(|number| format!("h{number}")).collect();
        let mut visited = Visited::of(Arc::new(ids.iter().map(|id| source(id)).collect()));
        for id in &ids {
            visited.note(&id.as_str().into(), &blocked(&format!("https://{id}.example/new cannot be reached")));
        }
        assert_eq!(visited.words.held.len(), 2);
        assert_eq!(visited.get(&"h7".into()), Some(blocked("https://h7.example/new cannot be reached")));
    }

    #[test]
    fn nothing_came_of_nothing() {
        let visited = Visited::default();
        assert!(visited.is_empty() && !visited.has_blocked() && !visited.has_postponed());
    }
}
