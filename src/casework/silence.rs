//! Why a text with a term in it comes to nothing, so that people are told how much was let go and why. It decides nothing.

use crate::casework::world::World;
use crate::detect::context::{counts_in, in_context, is_mark};
use crate::detect::scan::{FieldText, Hit};
use crate::detect::watch::Watch;
use crate::model::case::Lane;
use crate::model::ids::CompanyCode;
use crate::model::silence::{Silence, SilentCause};
use crate::model::term::{Term, TermKind};

/// Something that was let go for a company.
pub(crate) fn silence(cause: SilentCause, company: Option<&CompanyCode>) -> Option<Silence> {
    let named = company.filter(|company| !company.is_empty());
    let lane = named.map_or(Lane::GroupHr, |company| Lane::Manager(company.clone()));
    Some(Silence { lane, cause })
}

/// A child's account or text: nobody's, and counted for the whole group alone.
pub(crate) const fn of_a_child() -> Option<Silence> {
    Some(Silence { lane: Lane::None, cause: SilentCause::Minor })
}

/// What people call a cause, in Chinese and English.
pub const fn words(cause: SilentCause) -> (&'static str, &'static str) {
    match cause {
        SilentCause::Exempt => ("豁免", "exempt"),
        SilentCause::Official => ("官方账号", "official accounts"),
        SilentCause::Mention => ("只是提及或如实任职", "mere mentions and truthful employers"),
        SilentCause::Context => ("语境排除", "harmless by their context"),
        SilentCause::Trial => ("试运行词条", "terms on trial"),
        SilentCause::Published => ("已公开信息", "published already"),
        SilentCause::Consumer => ("消费者投诉", "customers' complaints"),
        SilentCause::Repost => ("转载并入已有线索", "reposts within known cases"),
        SilentCause::Unreviewed => ("低等级到期未复核", "low cases closed unread"),
        SilentCause::Minor => ("未成年人", "minors"),
    }
}

/// The fewest that are told where a smaller figure might point at somebody.
pub const TOLD_FROM: u64 = 5;

/// Why nothing came of texts with these hits, of which these stand up in their context; none where there is no term at all.
/// Those on trial count last.
pub(crate) fn of_texts(
    world: &World,
    texts: &[FieldText],
    (hits, accepted, on_trial): (&[Hit], &[Hit], &[Hit]),
) -> Option<Silence> {
    let watch = &world.watch;
    let first = |hits: &[Hit], cause| {
        let is_told = |hit: &&Hit| is_told(&watch.terms()[hit.term], hit, texts);
        hits.iter().find(is_told).map(|hit| of_term(&watch.terms()[hit.term], cause))
    };
    let mention = || first(accepted, SilentCause::Mention);
    mention().or_else(|| first(hits, SilentCause::Context)).or_else(|| of_trial(&world.trial, texts, on_trial))
}

/// Words of combinations stand for nothing by themselves, and competitors and partners are not ours.
fn is_told(term: &Term, hit: &Hit, texts: &[FieldText]) -> bool {
    let is_ours = is_mark(term.kind) || term.kind == TermKind::Confidential;
    is_ours && !hit.is_word && counts_in(term, texts[hit.text].field)
}

/// Only the leak lane is told of the secret list.
fn of_term(term: &Term, cause: SilentCause) -> Silence {
    let of_company = || term.company.clone().map_or(Lane::GroupHr, Lane::Manager);
    let lane = if term.kind == TermKind::Confidential { Lane::Leak } else { of_company() };
    Silence { lane, cause }
}

fn of_trial(trial: &Watch, texts: &[FieldText], hits: &[Hit]) -> Option<Silence> {
    if hits.is_empty() {
        return None;
    }
    let found = in_context(trial, texts, hits, &[]);
    found.first().map(|hit| of_term(&trial.terms()[hit.term], SilentCause::Trial))
}
