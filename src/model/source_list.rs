//! Many sources in little room: what they have in common is held once, and a source is put together when it is asked for. A list
//! may name a hundred thousand sites that differ in identifier and address alone.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::ids::{PlatformId, SourceId};
use crate::model::source::Source;

/// Sources in the order in which they were given. Of several with the same identifier the first is found by it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SourceList {
    /// Everything but what stands in `texts`, each once.
    settings: Vec<Source>,
    /// Of each source its identifier, and behind it its own things as JSON.
    texts: String,
    places: Vec<Place>,
    /// Numbers of sources in the order of their identifiers.
    by_id: Vec<u32>,
}

/// Where a source stands.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    /// First byte of its texts; they end where those of the next begin.
    from: u32,
    id_bytes: u32,
    settings: u32,
}

/// Name, base and values.
type Own = (String, String, BTreeMap<String, String>);

impl SourceList {
    /// How many there are.
    pub const fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The sources in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Source> {
        (0..self.len()).map(|number| self.source(number))
    }

    /// Identifiers in the order of the sources.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|number| self.id(number))
    }

    /// Numbers of the sources, 0 for the first, in the order of their identifiers.
    pub fn by_id(&self) -> impl Iterator<Item = usize> {
        self.by_id.iter().map(|number| *number as usize)
    }

    /// The source of a number.
    ///
    /// # Panics
    /// When there is none.
    pub fn source(&self, number: usize) -> Source {
        let (name, base, values) = self.own(number);
        let settings = self.settings[self.places[number].settings as usize].clone();
        Source { id: SourceId::new(self.id(number)), name, base, values, ..settings }
    }

    /// The source of an identifier.
    pub fn get(&self, id: &SourceId) -> Option<Source> {
        self.number(id).map(|number| self.source(number))
    }

    /// The number of an identifier.
    pub fn number(&self, id: &SourceId) -> Option<usize> {
        let first = self.by_id.partition_point(|number| self.id(*number as usize) < id.as_str());
        let number = *self.by_id.get(first)? as usize;
        (self.id(number) == id.as_str()).then_some(number)
    }

    /// Whether there is one of that identifier.
    pub fn contains(&self, id: &SourceId) -> bool {
        self.number(id).is_some()
    }

    /// The platforms by which they are read.
    pub fn platforms(&self) -> BTreeSet<&PlatformId> {
        self.settings.iter().map(|settings| &settings.platform).collect()
    }

    fn id(&self, number: usize) -> &str {
        let Place { from, id_bytes, .. } = self.places[number];
        &self.texts[from as usize..][..id_bytes as usize]
    }

    fn own(&self, number: usize) -> Own {
        let Place { from, id_bytes, .. } = self.places[number];
        let until = self.places.get(number + 1).map_or(self.texts.len(), |next| next.from as usize);
        serde_json::from_str(&self.texts[(from + id_bytes) as usize..until]).expect("written when it was taken in")
    }
}

impl FromIterator<Source> for SourceList {
    fn from_iter<T: IntoIterator<Item = Source>>(sources: T) -> Self {
        let (mut list, mut known) = (Self::default(), HashMap::new());
        sources.into_iter().for_each(|source| list.take_in(source, &mut known));
        list.by_id = (0..number_of(list.len())).collect();
        let mut by_id = std::mem::take(&mut list.by_id);
        by_id.sort_by_key(|number| list.id(*number as usize));
        list.by_id = by_id;
        list.texts.shrink_to_fit();
        list.places.shrink_to_fit();
        list
    }
}

impl SourceList {
    /// Takes a source in; `known` has the numbers of the settings by their wording.
    fn take_in(&mut self, source: Source, known: &mut HashMap<String, u32>) {
        let own = serde_json::to_string(&(&source.name, &source.base, &source.values)).expect("texts are JSON");
        let (from, id_bytes) = (number_of(self.texts.len()), number_of(source.id.as_str().len()));
        self.texts.push_str(source.id.as_str());
        self.texts.push_str(&own);
        let (id, name, base, values) = Default::default();
        let settings = Source { id, name, base, values, ..source };
        let settings = *known.entry(format!("{settings:?}")).or_insert_with(|| {
            self.settings.push(settings);
            number_of(self.settings.len() - 1)
        });
        self.places.push(Place { from, id_bytes, settings });
    }
}

/// A list takes up 64 MB as a file, and at most six times as much here.
fn number_of(count: usize) -> u32 {
    u32::try_from(count).expect("a list of sources has less than 4 GB")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::SourceList;
    use crate::model::source::Source;

    fn source(id: &str, more: &str) -> Source {
        toml::from_str(&format!("id = '{id}'\nplatform = 'forum'\nbase = 'https://{id}.example'\n{more}")).unwrap()
    }

    #[test]
    fn sources_come_out_as_they_went_in() {
        let board = source("b", "name = '论坛 \"乙\"'\nbasis = '公开'\ninterval_min_s = 2.5\n[values]\nboard = '1'\n");
        let sources = [board, source("a", ""), Source { enabled_expressly: true, ..source("c", "") }];
        let list: SourceList = sources.iter().cloned().collect();
        assert_eq!(list.iter().collect::<Vec<_>>(), sources);
        assert_eq!(list.ids().collect::<Vec<_>>(), ["b", "a", "c"]);
        assert_eq!(list.by_id().collect::<Vec<_>>(), [1, 0, 2]);
    }

    #[test]
    fn a_source_is_found_by_its_identifier_and_of_two_the_first() {
        let list: SourceList =
            [source("b", ""), source("a", "basis = '1'"), source("a", "basis = '2'")].into_iter().collect();
        assert_eq!(list.get(&"a".into()).map(|source| source.basis), Some("1".to_owned()));
        assert_eq!(
            (list.number(&"b".into()), list.number(&"c".into()), list.number(&"".into())),
            (Some(0), None, None)
        );
        assert_eq!(SourceList::default().get(&"a".into()), None);
    }

    #[test]
    fn what_sources_have_in_common_is_held_once() {
        let list: SourceList = (0..100).map(|number| source(&format!("s{number}"), "basis = '公开'")).collect();
        assert_eq!((list.len(), list.settings.len(), list.platforms().len()), (100, 1, 1));
        let room = list.texts.len() + list.places.len() * size_of::<super::Place>() + list.by_id.len() * 4;
        assert!(room < 100 * 64, "{room}");
    }

    proptest! {
        #[test]
        fn any_texts_come_out_as_they_went_in(texts in prop::collection::vec(prop::array::uniform4(any::<String>()), 0..6)) {
            let of = |[id, name, base, value]: [String; 4]| {
                let values = [(name.clone(), value)].into();
                Source { id: id.as_str().into(), name, base, values, ..source("x", "") }
            };
            let sources: Vec<Source> = texts.into_iter().map(of).collect();
            let list: SourceList = sources.iter().cloned().collect();
            prop_assert_eq!(list.iter().collect::<Vec<_>>(), sources.clone());
            for source in &sources {
                let first = sources.iter().position(|other| other.id == source.id);
                prop_assert_eq!(list.number(&source.id), first);
            }
        }
    }
}
