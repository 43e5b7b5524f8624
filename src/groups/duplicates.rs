//! G-DUP: groups with like members *and* a like purpose, and which of the two should stay. Not every pair is compared:
//! a group is held only against groups with which it shares one of its rarest members, which no pair alike enough can
//! avoid (prefix filtering; Chaudhuri, Ganti, Kaushik, "A primitive operator for similarity joins", ICDE 2006).

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use crate::groups::register::is_company_level;
use crate::groups::roster::has_real_names;
use crate::groups::writings::{Number, Writings};
use crate::ledger::Ledgers;
use crate::model::finding::Reason;
use crate::model::group::{Group, GroupFinding, GroupRule};
use crate::text::fold::dense;

/// Shared members over all members of both, in percent, from which groups are alike.
const JACCARD_PERCENT_MIN: usize = 70;
/// Shared members over those of the smaller group, in percent, from which groups are alike.
const CONTAINMENT_PERCENT_MIN: usize = 85;
/// The smaller group must share this much of its members by the weaker of the two measures: 2·70/170 of equal sizes.
const SHARED_PERCENT_MIN: usize = 82;
/// Members who must be known in each group; a smaller one lies within another by chance.
const KNOWN_MEMBERS_MIN: usize = 2;
/// Members of the smaller group from which its lying within a larger one counts.
const CONTAINED_MEMBERS_MIN: usize = 3;
/// Likeness of two purposes, in percent of shared pairs of characters (Dice), from which they are alike.
const PURPOSE_PERCENT_MIN: usize = 50;

/// Words that say nothing about what a group is for.
const PLAIN_WORDS: [&str; 19] = [
    "工作群",
    "交流群",
    "沟通群",
    "协同",
    "协作",
    "沟通",
    "交流",
    "日常",
    "工作",
    "对接",
    "联络",
    "配合",
    "讨论",
    "事务",
    "内部",
    "专用",
    "使用",
    "微信",
    "群",
];

/// Ranks of titles, highest first; the first word that a title holds counts.
const TITLES: [&str; 12] =
    ["董事长", "副总", "总经理", "总裁", "总监", "总工", "部长", "经理", "主任", "主管", "组长", "班长"];

/// Suggestions to merge, one for each group of a pair. For each group of the register, `people` has its known members and
/// `counts` how many members it has.
pub(crate) fn findings(
    ledgers: &Ledgers,
    writings: &Writings<'_>,
    people: Vec<Vec<Number>>,
    counts: &[u64],
) -> Vec<GroupFinding> {
    let index = Index::of(people);
    let mut findings = Vec::new();
    let mut purposes = Purposes::default();
    for (one, other) in index.pairs(|one, other| may_be_one(&ledgers.groups[one], &ledgers.groups[other])) {
        let [a, b] = [one, other].map(|at| Sized { group: &ledgers.groups[at], members: counts[at] });
        if purposes.are_alike(a.group, b.group) {
            findings.extend(pair(writings, [a, b], index.shared(one, other)));
        }
    }
    findings
}

/// Never a company's own group with one of a department; never a pair that people keep apart, with a reason.
fn may_be_one(one: &Group, other: &Group) -> bool {
    let is_kept = |a: &Group, b: &Group| a.kept_beside.contains(&b.id) && !a.keep_reason.trim().is_empty();
    is_company_level(one) == is_company_level(other) && !is_kept(one, other) && !is_kept(other, one)
}

/// A group and how many members it has.
#[derive(Clone, Copy)]
struct Sized<'g> {
    group: &'g Group,
    members: u64,
}

fn pair(writings: &Writings<'_>, [a, b]: [Sized<'_>; 2], shared: usize) -> [GroupFinding; 2] {
    let (keep, why) = advice(writings, [a, b]);
    let finding = |group: &Group, other: &Group| GroupFinding {
        with: Some(other.id.clone()),
        keep: Some(keep.id.clone()),
        ..GroupFinding::of_group(
            &group.id,
            GroupRule::Duplicate,
            Reason::new(
                format!(
                    "与{}有{shared}名相同成员且用途相近，建议保留{}（{}）；都需保留请说明理由",
                    other.id, keep.id, why.zh
                ),
                format!(
                    "shares {shared} members and its purpose with {}; {} should stay ({}), unless both are needed",
                    other.id, keep.id, why.en
                ),
            ),
        )
    };
    [finding(a.group, b.group), finding(b.group, a.group)]
}

/// Which of two groups should stay, and why: filed earlier, more members, owner of higher rank, real names.
fn advice<'g>(writings: &Writings<'_>, groups: [Sized<'g>; 2]) -> (&'g Group, Reason) {
    let [a, b] = groups.map(|sized| sized.group);
    let filed = |group: &Group| group.filed_locally_on.or(group.created_on);
    let rank = |group: &Group| {
        let owner = group.owner.as_ref().and_then(|id| writings.employee_of_id(id));
        owner.map_or(usize::MAX, |owner| rank_of(&writings.employee(owner).title))
    };
    let by_day = |group: &Group| (filed(group).is_none(), filed(group));
    let reasons = [
        ("登记更早", "filed earlier", by_day(a).cmp(&by_day(b))),
        ("人数更多", "more members", Reverse(groups[0].members).cmp(&Reverse(groups[1].members))),
        ("群主职级更高", "owner of higher rank", rank(a).cmp(&rank(b))),
        ("平台有实名", "real names", has_real_names(&b.platform).cmp(&has_real_names(&a.platform))),
        ("编号在前", "smaller number", a.id.cmp(&b.id)),
    ];
    let decided = reasons.iter().map(|(.., order)| *order).find(|order| order.is_ne());
    let decided = decided.unwrap_or(std::cmp::Ordering::Less);
    let fit = reasons[..4].iter().filter(|(.., order)| *order == decided).map(|(zh, en, _)| (*zh, *en));
    let (zh, en): (Vec<&str>, Vec<&str>) = fit.unzip();
    let (last_zh, last_en, _) = reasons[4];
    let why = if zh.is_empty() { Reason::new(last_zh, last_en) } else { Reason::new(zh.join("、"), en.join(", ")) };
    (if decided.is_lt() { a } else { b }, why)
}

fn rank_of(title: &str) -> usize {
    TITLES.iter().position(|word| title.contains(word)).unwrap_or(TITLES.len())
}

/// Known members of each group, rarest first, and the groups of each member.
struct Index {
    /// Sorted by number, without repetitions.
    people: Vec<Vec<Number>>,
    groups_of: HashMap<Number, Vec<usize>>,
}

impl Index {
    fn of(mut people: Vec<Vec<Number>>) -> Self {
        let mut groups_of: HashMap<Number, Vec<usize>> = HashMap::new();
        for (group, members) in people.iter_mut().enumerate() {
            members.sort_unstable();
            members.dedup();
            members.iter().for_each(|member| groups_of.entry(*member).or_default().push(group));
        }
        Self { people, groups_of }
    }

    /// Pairs with like members among those that are allowed, smaller number first.
    fn pairs(&self, is_allowed: impl Fn(usize, usize) -> bool) -> BTreeSet<(usize, usize)> {
        let mut pairs = BTreeSet::new();
        for group in 0..self.people.len() {
            for other in self.candidates(group) {
                if is_allowed(group, other) && self.are_alike(group, other) {
                    pairs.insert((group.min(other), group.max(other)));
                }
            }
        }
        pairs
    }

    /// Groups no smaller than this one that share one of its rarest members.
    fn candidates(&self, group: usize) -> Vec<usize> {
        let size = |group: usize| (self.people[group].len(), group);
        let mut members: Vec<(usize, Number)> =
            self.people[group].iter().map(|member| (self.groups_of[member].len(), *member)).collect();
        if members.len() < KNOWN_MEMBERS_MIN {
            return Vec::new();
        }
        members.sort_unstable();
        let needed = (members.len() * SHARED_PERCENT_MIN).div_ceil(100);
        let rarest = &members[..=members.len() - needed];
        let groups = rarest.iter().flat_map(|(_, member)| &self.groups_of[member]).copied();
        let mut groups: Vec<usize> = groups.filter(|other| size(*other) > size(group)).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    fn are_alike(&self, smaller: usize, larger: usize) -> bool {
        let shared = self.shared(smaller, larger);
        let (small, large) = (self.people[smaller].len(), self.people[larger].len());
        let is_contained = small >= CONTAINED_MEMBERS_MIN && shared * 100 >= small * CONTAINMENT_PERCENT_MIN;
        is_contained || shared * 100 >= (small + large - shared) * JACCARD_PERCENT_MIN
    }

    fn shared(&self, one: usize, other: usize) -> usize {
        let (mut a, mut b) = (self.people[one].iter().peekable(), self.people[other].iter().peekable());
        let mut shared = 0;
        while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
            let order = x.cmp(y);
            shared += usize::from(order.is_eq());
            if order.is_le() {
                a.next();
            }
            if order.is_ge() {
                b.next();
            }
        }
        shared
    }
}

/// Purposes as they are compared, kept since a group may stand in many pairs.
#[derive(Default)]
struct Purposes {
    known: HashMap<String, (String, String)>,
}

impl Purposes {
    /// The same topic once plain words are left out, or half of the pairs of characters in common.
    fn are_alike(&mut self, one: &Group, other: &Group) -> bool {
        let (a, topic_a) = self.of(one);
        let (b, topic_b) = self.of(other);
        (!topic_a.is_empty() && topic_a == topic_b) || a == b || likeness(&a, &b) >= PURPOSE_PERCENT_MIN
    }

    /// The folded purpose, and what is left of it without plain words. A group without a purpose is known by its name.
    fn of(&mut self, group: &Group) -> (String, String) {
        let text = if group.purpose.trim().is_empty() { &group.name } else { &group.purpose };
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        let folded = dense(text);
        let topic = PLAIN_WORDS.iter().fold(folded.clone(), |text, word| text.replace(word, ""));
        self.known.insert(text.clone(), (folded.clone(), topic.clone()));
        (folded, topic)
    }
}

/// Shared pairs of neighbouring characters over those of both, in percent (Dice's coefficient).
fn likeness(a: &str, b: &str) -> usize {
    let pairs = |text: &str| {
        let chars: Vec<char> = text.chars().collect();
        chars.windows(2).map(|pair| (pair[0], pair[1])).collect::<BTreeSet<_>>()
    };
    let (a, b) = (pairs(a), pairs(b));
    let all = a.len() + b.len();
    (200 * a.intersection(&b).count()).checked_div(all).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::proptest;

    use super::{Index, likeness};

    #[test]
    fn purposes_with_half_of_their_pairs_in_common_are_alike() {
        assert!(likeness("门店运营", "门店运营管理") >= 50);
        assert!(likeness("质量周报", "质量异常") < 50);
        assert_eq!(likeness("", "一"), 0);
    }

    #[test]
    fn a_small_group_within_a_large_one_is_like_it_and_a_handful_of_people_is_not() {
        let large: Vec<u32> = (0..20).collect();
        let index = Index::of(vec![large, vec![3, 4, 5], vec![7, 8]]);
        assert_eq!(index.pairs(|_, _| true).into_iter().collect::<Vec<_>>(), [(0, 1)]);
    }

    proptest! {
        #[test]
        fn no_pair_is_lost_by_looking_at_the_rarest_members_only(groups in vec(vec(0_u32..12, 0..10), 0..9)) {
            let index = Index::of(groups);
            let sizes: Vec<usize> = index.people.iter().map(Vec::len).collect();
            let all = (0..sizes.len()).flat_map(|a| (a + 1..sizes.len()).map(move |b| (a, b)));
            let alike = |&(a, b): &(usize, usize)| {
                let (small, large) = if sizes[a] <= sizes[b] { (a, b) } else { (b, a) };
                sizes[small] >= 2 && index.are_alike(small, large)
            };
            let expected: Vec<(usize, usize)> = all.filter(alike).collect();
            assert_eq!(index.pairs(|_, _| true).into_iter().collect::<Vec<_>>(), expected);
        }
    }
}
