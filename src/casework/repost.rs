//! Whether a post only repeats what a case is about already. The first publication has the case; who merely spreads it stands there
//! as a repost. Whoever may be a colleague answers for the own words: an account that points to somebody, or bears a mark, keeps a
//! case of its own, unless it passes on what the company's own account has published.

use std::collections::BTreeSet;

use crate::casework::account::Reading;
use crate::casework::keys::account_key;
use crate::casework::standing::{Standing, standing};
use crate::casework::world::World;
use crate::model::account::Account;
use crate::model::case::{Case, CaseState, Disposition, Judgement, Lane};
use crate::model::finding::{Finding, Rule};
use crate::model::ids::TermId;
use crate::model::time::Timestamp;

/// Two texts that resemble each other so much are the same but for a slip.
const SAME: f64 = 0.8;
/// The same where the post itself says that it passes something on: it may add some words.
const PASSED_ON: f64 = 0.5;
/// Stretches that a text of somebody else must have: what is shorter, two people write by chance.
const STRETCHES_OF_OTHERS: usize = 20;
/// The same of one account.
const STRETCHES_OF_ONE: usize = 8;
/// By which a post says that it passes something on.
const SIGNS: [&str; 8] = ["//@", "转发", "转自", "转载", "轉發", "【转】", "（转）", "RT @"];

/// What forbids just that.
const FORBIDS: [&str; 7] = ["勿转", "别转", "不要转", "禁止转", "不得转", "勿轉", "不要轉"];

/// A post that asks for a case.
#[derive(Debug, Clone, Copy)]
pub struct Sighting<'a> {
    /// What it comes to.
    pub judgement: &'a Judgement,
    /// Its author, where one is known.
    pub author: Option<&'a Account>,
    /// What it says.
    pub text: &'a str,
    /// When it was published, where the page says so.
    pub published: Option<Timestamp>,
}

/// A post whose text is much like it.
#[derive(Debug, Clone, Copy)]
pub struct Earlier<'a> {
    /// The case in which it stands.
    pub case: &'a Case,
    /// What it came to.
    pub judgement: &'a Judgement,
    /// Its author, where one is known.
    pub author: Option<&'a Account>,
    /// When it was published, where the page said so.
    pub published: Option<Timestamp>,
    /// How much of the two texts is the same, 0.0..=1.0.
    pub resemblance: f64,
    /// How much of the earlier text there was to compare, in stretches.
    pub stretches: usize,
}

/// Whether a post only repeats the earlier one and folds into its case: in the same lane, with nothing claimed beyond it.
pub fn repeats(world: &World, post: &Sighting<'_>, earlier: &Earlier<'_>) -> bool {
    earlier.case.judgement.lane == post.judgement.lane
        && says_nothing_more(earlier.judgement, post.judgement)
        && (is_of_same_account(post, earlier) || is_spread(world, post, earlier))
}

/// Whether a judgement claims nothing that another one did not, and is no graver.
pub fn says_nothing_more(before: &Judgement, now: &Judgement) -> bool {
    now.severity <= before.severity && claims(now).is_subset(&claims(before))
}

fn claims(judgement: &Judgement) -> BTreeSet<(Rule, &str)> {
    judgement.findings.iter().flat_map(claims_of).collect()
}

/// The rule itself, and with each term and claim under it.
fn claims_of(finding: &Finding) -> impl Iterator<Item = (Rule, &str)> {
    let words = finding.terms.iter().map(TermId::as_str).chain(finding.claims.iter().map(String::as_str));
    std::iter::once("").chain(words).map(move |word| (finding.rule, word))
}

/// The same text at another address of one account.
fn is_of_same_account(post: &Sighting<'_>, earlier: &Earlier<'_>) -> bool {
    let (now, before) = (&post.judgement.subject, &earlier.judgement.subject);
    let is_named = !now.handle.is_empty() && account_key(now) == account_key(before);
    is_named && earlier.resemblance >= SAME && earlier.stretches >= STRETCHES_OF_ONE
}

/// The same text with somebody else, or with nobody.
fn is_spread(world: &World, post: &Sighting<'_>, earlier: &Earlier<'_>) -> bool {
    // What somebody adds to a leak may be another one.
    let may_add = post.judgement.lane != Lane::Leak && passes_on(post.text);
    let least = if may_add { PASSED_ON } else { SAME };
    let is_same_text = earlier.resemblance >= least && earlier.stretches >= STRETCHES_OF_OTHERS;
    is_same_text
        && !is_older(post, earlier)
        && takes_from_others(&earlier.case.state)
        && is_excused(world, post, earlier.author)
}

/// Whether a text says that it passes something on. To forbid it is no such sign.
fn passes_on(text: &str) -> bool {
    let rest = FORBIDS.iter().fold(text.to_owned(), |text, words| text.replace(words, ""));
    SIGNS.iter().any(|sign| rest.contains(sign))
}

/// Whether a post that was folded into a case may stay there, with what is known of both authors now: one that turns out to be
/// a colleague answers for the own words.
pub fn stays(world: &World, post: &Sighting<'_>, case: &Case, first: Option<&Account>) -> bool {
    account_key(&post.judgement.subject) == account_key(&case.judgement.subject)
        || takes_from_others(&case.state) && is_excused(world, post, first)
}

/// Whether nobody need be asked about who repeats a text.
fn is_excused(world: &World, post: &Sighting<'_>, first: Option<&Account>) -> bool {
    points_to_nobody(world, post) || first.is_some_and(|author| is_official(world, author))
}

/// What was published before the text of a case is its source, and no repost of it.
fn is_older(post: &Sighting<'_>, earlier: &Earlier<'_>) -> bool {
    post.published.zip(earlier.published).is_some_and(|(now, before)| now < before)
}

/// Whether a case stands for its text with whomever it is found: nobody has decided, or the decision is about the text. One that
/// is about the account says nothing of another one's.
pub const fn takes_from_others(state: &CaseState) -> bool {
    match state {
        CaseState::Open | CaseState::AwaitingConfirmation { .. } | CaseState::Locked { .. } => true,
        CaseState::Closed { disposition, .. } => is_about_text(*disposition),
    }
}

/// Whether a decision is about the text of a case, whoever published it.
pub const fn is_about_text(disposition: Disposition) -> bool {
    matches!(
        disposition,
        Disposition::FalseAlarm
            | Disposition::Published
            | Disposition::ToLegal
            | Disposition::CaseFiled
            | Disposition::ProtectedSpeech
    )
}

fn points_to_nobody(world: &World, post: &Sighting<'_>) -> bool {
    let bears_mark = |author: &Account| {
        let reading = Reading::of(world, author, &[]);
        !reading.profile.marks.is_empty() || reading.avatar.is_some()
    };
    post.judgement.candidates.is_empty() && !post.author.is_some_and(bears_mark)
}

fn is_official(world: &World, author: &Account) -> bool {
    matches!(standing(world, author), Standing::Official(_))
}

#[cfg(test)]
mod tests {
    use super::{Earlier, Sighting, repeats};
    use crate::casework::world::{Policy, World};
    use crate::ledger::read_files;
    use crate::model::account::Account;
    use crate::model::case::{Case, CaseState, Disposition, Judgement, Lane, Outcome, Subject, SubjectKind};
    use crate::model::finding::{Band, Candidate, Finding, Rule};
    use crate::model::term::Severity;
    use crate::model::time::Timestamp;

    const NOON: Timestamp = Timestamp::from_ms(1_795_147_200_000);

    fn world() -> World {
        let companies = "代码,全称,简称,角色,第一责任人工号\nXH,星河科技股份有限公司,星河科技,上市公司,XH0001\n";
        let terms = "编号,词条,类别,公司,匹配方式,状态\nW1,星河科技,公司名称,XH,包含,启用\n";
        let official = "编号,平台,账号名,账号ID,公司代码,状态\nOF-1,forum,星河科技,xh_office,XH,在用\n";
        let files = [("companies.csv", companies), ("terms.csv", terms), ("official_accounts.csv", official)];
        let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
        World::of(read_files(&files.into_iter().collect()).ledgers, NOON, chrono_tz::Asia::Shanghai, Policy::default())
    }

    fn judgement(handle: &str, terms: &[&str]) -> Judgement {
        let url = format!("https://forum.example/{handle}");
        let subject =
            Subject { kind: SubjectKind::Post, id: None, platform: "forum".into(), handle: handle.into(), url };
        let terms = terms.iter().map(|term| (*term).into()).collect();
        let finding =
            Finding { rule: Rule::Leak, clause: "四.3".into(), terms, claims: Vec::new(), reasons: Vec::new() };
        Judgement {
            lane: Lane::Leak,
            severity: Some(Severity::Critical),
            findings: vec![finding],
            ..Judgement::silent(subject, Outcome::Alert)
        }
    }

    fn case(judgement: Judgement, state: CaseState) -> Case {
        let number = "XM-2611-0001".to_owned();
        let (clause, at) = ("四.3".to_owned(), NOON);
        Case { id: "c".into(), number, open_since: at, clause, judgement, state, opened_at: at, updated_at: at }
    }

    fn account(handle: &str, name: &str) -> Account {
        Account { platform: "forum".into(), handle: handle.into(), display_name: name.into(), ..Account::default() }
    }

    /// A post of a passer-by, and the first one in an open case, as much alike as this; what a test changes decides.
    fn folds(change: impl FnOnce(&mut Judgement, &mut Account, &mut Known)) -> bool {
        let (mut now, mut author) = (judgement("b", &["C1"]), account("b", "路人"));
        let mut known = Known {
            first: account("a", "某人"),
            state: CaseState::Open,
            resemblance: 0.9,
            stretches: 40,
            published: Some(NOON.plus_ms(-1)),
            text: "一段话",
            lane: Lane::Leak,
        };
        change(&mut now, &mut author, &mut known);
        let before = Judgement { lane: known.lane, ..judgement(&known.first.handle, &["C1", "C2"]) };
        let case = case(before.clone(), known.state);
        let earlier = Earlier {
            case: &case,
            judgement: &before,
            author: Some(&known.first),
            published: known.published,
            resemblance: known.resemblance,
            stretches: known.stretches,
        };
        let post = Sighting { judgement: &now, author: Some(&author), text: known.text, published: Some(NOON) };
        repeats(&world(), &post, &earlier)
    }

    struct Known {
        first: Account,
        state: CaseState,
        resemblance: f64,
        stretches: usize,
        published: Option<Timestamp>,
        text: &'static str,
        lane: Lane,
    }

    fn closed(disposition: Disposition) -> CaseState {
        CaseState::Closed { disposition, by: "E1".into(), at: NOON }
    }

    #[test]
    fn the_text_of_a_case_with_a_passer_by_folds_into_it() {
        assert!(folds(|_, _, _| {}));
        assert!(!folds(|_, _, known| known.resemblance = 0.7), "another text");
        let with_a_comment = |lane: Lane, text: &'static str| {
            folds(move |now, _, known| {
                (now.lane, known.lane) = (lane.clone(), lane);
                (known.resemblance, known.text) = (0.6, text);
            })
        };
        assert!(with_a_comment(Lane::GroupHr, "看看这个//@某人：一段话"));
        assert!(!with_a_comment(Lane::Leak, "看看这个//@某人：一段话"), "what is added to a leak may be another one");
        assert!(!with_a_comment(Lane::GroupHr, "看看这个，请勿转发：一段话"), "to forbid it is not to do it");
        assert!(!folds(|_, _, known| known.stretches = 12), "what is short, two people write by chance");
    }

    #[test]
    fn whoever_may_be_a_colleague_keeps_a_case_of_the_own() {
        let candidate = Candidate { employee_id: "E2".into(), score: 0.6, band: Band::Medium, reasons: Vec::new() };
        assert!(!folds(|now, _, _| now.candidates.push(candidate.clone())));
        assert!(!folds(|_, author, _| author.display_name = "星河科技小周".into()));
        let pass_on_the_companys = |now: &mut Judgement, author: &mut Account, known: &mut Known| {
            now.candidates.push(candidate.clone());
            author.display_name = "星河科技小周".into();
            known.first = account("xh_office", "星河科技");
        };
        assert!(folds(pass_on_the_companys), "to pass on what the company has published is no offence");
    }

    #[test]
    fn what_says_more_is_graver_older_or_of_another_lane_is_no_repost() {
        assert!(!folds(|now, _, _| now.findings[0].terms.push("C3".into())));
        assert!(!folds(|now, _, _| now.lane = Lane::GroupHr));
        assert!(!folds(|_, _, known| known.published = Some(NOON.plus_ms(1))));
        assert!(folds(|_, _, known| known.published = None));
    }

    #[test]
    fn a_decision_about_the_text_covers_its_reposts_and_one_about_the_account_does_not() {
        use Disposition::{FalseAlarm, NotEmployee, Published, Rectified, SameName, Unreviewed};
        for (disposition, covers) in [
            (FalseAlarm, true),
            (Published, true),
            (Rectified, false),
            (SameName, false),
            (NotEmployee, false),
            (Unreviewed, false),
        ] {
            assert_eq!(folds(|_, _, known| known.state = closed(disposition)), covers, "{disposition:?}");
        }
    }

    #[test]
    fn the_same_text_at_another_address_of_one_account_folds_whoever_it_is() {
        let of_one = |now: &mut Judgement, author: &mut Account, known: &mut Known| {
            *now = judgement("a", &["C1"]);
            author.display_name = "星河科技小周".into();
            (known.stretches, known.state) = (10, closed(Disposition::Rectified));
        };
        assert!(folds(of_one));
    }
}
