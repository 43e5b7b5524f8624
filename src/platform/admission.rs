//! Which sources may be visited: a platform of class C never is, one of class B only where somebody said so.

use crate::model::ids::SourceId;
use crate::model::source::Source;
use crate::platform::{Catalog, Class, Definition};

/// A source that is left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Its platform is of class C.
    #[error("source {source_id}: {platform} is never visited (class C). {instead}")]
    NeverVisited {
        /// The source.
        source_id: SourceId,
        /// Name of the platform for people.
        platform: String,
        /// How else to get at it.
        instead: String,
    },
    /// Its platform is of class B, and nobody said that it may be visited all the same.
    #[error(
        "source {source_id}: {platform} answers strangers only at times (class B) and is not visited; \
         write `enabled = true` in the source if it may be visited all the same. {note}"
    )]
    NotEnabled {
        /// The source.
        source_id: SourceId,
        /// Name of the platform for people.
        platform: String,
        /// What cannot be seen there.
        note: String,
    },
}

impl Refusal {
    /// The source that is left out.
    pub fn source_id(&self) -> &SourceId {
        match self {
            Self::NeverVisited { source_id, .. } | Self::NotEnabled { source_id, .. } => source_id,
        }
    }
}

/// The sources that may be visited, and why the others are left out. One whose platform is not known stays: its visit
/// says so. One of class B that is expressly disabled goes without a word.
pub fn admit<Admitted: FromIterator<Source>>(
    sources: impl IntoIterator<Item = Source>,
    catalog: &Catalog,
) -> (Admitted, Vec<Refusal>) {
    let mut refusals = Vec::new();
    let is_admitted = |source: &Source| {
        let Some(definition) = catalog.get(&source.platform) else { return true };
        refusals.extend(refusal(source, definition));
        match definition.class() {
            Class::A => true,
            Class::B => source.enabled && source.enabled_expressly,
            Class::C => false,
        }
    };
    (sources.into_iter().filter(is_admitted).collect(), refusals)
}

fn refusal(source: &Source, definition: &Definition) -> Option<Refusal> {
    let (source_id, platform) = (source.id.clone(), definition.name().to_owned());
    match definition.class() {
        Class::C => Some(Refusal::NeverVisited { source_id, platform, instead: definition.instead().to_owned() }),
        Class::B if !source.enabled_expressly => {
            Some(Refusal::NotEnabled { source_id, platform, note: definition.note().to_owned() })
        }
        Class::A | Class::B => None,
    }
}

#[cfg(test)]
mod tests {
    use super::admit;
    use crate::model::source::Source;
    use crate::platform::Catalog;

    fn source(platform: &str, enabled: bool, enabled_expressly: bool) -> Source {
        let toml =
            format!("id = \"a\"\nplatform = \"{platform}\"\nbase = \"https://site.example\"\nenabled = {enabled}\n");
        Source { enabled_expressly, ..toml::from_str(&toml).unwrap() }
    }

    #[track_caller]
    fn expect(source: Source, is_admitted: bool, said: &str) {
        let (admitted, refusals): (Vec<_>, _) = admit([source], &Catalog::builtin());
        assert_eq!(admitted.len(), usize::from(is_admitted));
        let told: Vec<String> = refusals.iter().map(ToString::to_string).collect();
        assert!(if said.is_empty() { told.is_empty() } else { told.concat().contains(said) }, "{told:?}");
    }

    #[test]
    fn class_a_is_visited_unless_it_is_disabled_later() {
        expect(source("v2ex", true, false), true, "");
        expect(source("v2ex", false, true), true, "");
    }

    #[test]
    fn class_b_is_visited_only_where_it_is_expressly_enabled() {
        expect(source("reddit", true, true), true, "");
        expect(source("reddit", true, false), false, "source a: Reddit answers strangers only at times (class B)");
        expect(source("reddit", false, true), false, "");
    }

    #[test]
    fn class_c_is_refused_with_how_else_to_get_at_it() {
        expect(source("maimai", true, true), false, "source a: 脉脉 is never visited (class C). 与脉脉签约");
    }

    #[test]
    fn a_source_of_an_unknown_platform_is_left_to_its_visit() {
        expect(source("nowhere", true, false), true, "");
    }
}
