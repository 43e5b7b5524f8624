//! What people may change of a group in a form: registering it, extending it once, confirming its end, keeping it beside a
//! like one, handing it over, noting that it was filed. Each edit changes one line of the register, or says why not.

use chrono::{Days, NaiveDate};

use crate::groups::register::{EXTENSION_DAYS_MAX, is_dissolved};
use crate::groups::responsibility::Responsibility;
use crate::ledger::groups::{EXTERNAL, LEVELS, PLATFORMS, groups};
use crate::ledger::lines::{Line, Lines};
use crate::ledger::values;
use crate::model::group::Group;
use crate::model::ids::{CompanyCode, EmployeeId, GroupId};

/// Characters of a reason, a purpose or a name at most.
const TEXT_CHARS_MAX: usize = 200;
const NAME_CHARS_MAX: usize = 60;
/// Members that a form takes at most; no chat platform has larger groups.
const MEMBERS_MAX: u64 = 100_000;

/// Why an edit is refused, in Chinese and in English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Chinese sentence.
    pub zh: String,
    /// English sentence.
    pub en: String,
}

impl Refused {
    pub(crate) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

/// A change of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// A temporary group lives on, once, for a reason.
    Extend {
        /// Its last day.
        until: NaiveDate,
        /// Why.
        reason: String,
    },
    /// The group was dissolved; so many members it had at the end.
    Dissolve {
        /// Members on the last roster.
        members: u64,
    },
    /// It stays beside a like group, for a reason.
    KeepBeside {
        /// The other group.
        other: GroupId,
        /// Why both are needed.
        reason: String,
    },
    /// Somebody else owns it from now on.
    HandOver {
        /// The new owner.
        owner: EmployeeId,
    },
    /// It was filed with the company's own HR.
    FiledLocally,
    /// It was filed with HR of the listed company.
    FiledWithListed,
    /// A roster was handed in.
    Listed {
        /// Members on it.
        members: u64,
    },
}

impl Edit {
    /// What somebody wrote in it.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Self::Extend { reason, .. } | Self::KeepBeside { reason, .. } => vec![reason],
            _ => Vec::new(),
        }
    }

    /// The word of the audit.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Extend { .. } => "group.extend",
            Self::Dissolve { .. } => "group.dissolve",
            Self::KeepBeside { .. } => "group.keep",
            Self::HandOver { .. } => "group.hand_over",
            Self::FiledLocally => "group.filed",
            Self::FiledWithListed => "group.filed_listed",
            Self::Listed { .. } => "group.roster",
        }
    }
}

/// A group as it is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGroup {
    /// Chat platform.
    pub platform: String,
    /// Name.
    pub name: String,
    /// Company.
    pub company: CompanyCode,
    /// 公司级, 部门级 or 项目级.
    pub level: String,
    /// What it is for.
    pub purpose: String,
    /// Who owns it.
    pub owner: EmployeeId,
    /// Who stands in.
    pub deputy: Option<EmployeeId>,
    /// Members now.
    pub members: u64,
    /// Planned end of a temporary group; none of one that is to stay.
    pub temporary_until: Option<NaiveDate>,
    /// Whether it is temporary.
    pub is_temporary: bool,
}

impl NewGroup {
    /// What somebody wrote in it.
    pub fn texts(&self) -> Vec<&str> {
        vec![&self.name, &self.purpose]
    }
}

/// A group that somebody else built and in which our people take part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewExternal {
    /// Chat platform.
    pub platform: String,
    /// Name.
    pub name: String,
    /// Company of the contact.
    pub company: CompanyCode,
    /// Who of us is to be asked about it.
    pub contact: EmployeeId,
}

/// Changes the line of a group. What the edit adds to is the line as it is now, not as somebody saw it.
///
/// # Errors
/// Says what is missing or not allowed; the lines are as they were then.
pub fn apply(
    lines: &mut Lines,
    id: &GroupId,
    edit: &Edit,
    people: &Responsibility<'_>,
    day: NaiveDate,
) -> Result<(), Refused> {
    let (at, group) = group_in(lines, id)?;
    if is_dissolved(&group, day) {
        return Err(Refused::new("这个群已经登记为解散。", "The group is registered as dissolved."));
    }
    for (column, value) in cells(&group, edit, people, day)? {
        set(lines, at, column, value);
    }
    Ok(())
}

/// The place of a group among the lines, and what stands there.
fn group_in(lines: &Lines, id: &GroupId) -> Result<(usize, Group), Refused> {
    let is_it = |line: &Line| lines.cell(line, "id") == id.as_str();
    let at = lines.rows.iter().position(is_it);
    let at = at.ok_or_else(|| Refused::new("台账里没有这个群。", "The group is not in the register."))?;
    let line = Lines { rows: vec![lines.rows[at].clone()], extra: lines.extra.clone(), ..Lines::empty(lines.ledger) };
    let group = groups(&line).0.pop();
    let group =
        group.ok_or_else(|| Refused::new("台账里这个群的一行有错误。", "The line of the group has an error."))?;
    Ok((at, group))
}

type Cells = Vec<(&'static str, String)>;

fn cells(group: &Group, edit: &Edit, people: &Responsibility<'_>, day: NaiveDate) -> Result<Cells, Refused> {
    Ok(match edit {
        Edit::Extend { until, reason } => extension(group, *until, reason, day)?,
        Edit::Dissolve { members } => {
            vec![("dissolved_on", day.to_string()), ("members", counted(*members)?), ("members_on", day.to_string())]
        }
        Edit::KeepBeside { other, reason } => kept(group, other, reason)?,
        Edit::HandOver { owner } => vec![("owner", fit_owner(owner, &group.company, people)?)],
        Edit::FiledLocally => vec![("filed_locally_on", day.to_string())],
        Edit::FiledWithListed => vec![("filed_with_listed_on", day.to_string())],
        Edit::Listed { members } => {
            let today = day.to_string();
            vec![("members", counted(*members)?), ("members_on", today.clone()), ("roster_on", today)]
        }
    })
}

fn extension(group: &Group, until: NaiveDate, reason: &str, day: NaiveDate) -> Result<Cells, Refused> {
    let Some(planned) = group.planned_end_on.filter(|_| group.is_temporary) else {
        return Err(Refused::new("只有临时群可以延期。", "Only a temporary group can be extended."));
    };
    if group.extended_until.is_some() {
        return Err(Refused::new("临时群只能延期一次。", "A temporary group is extended once."));
    }
    let last = planned.checked_add_days(Days::new(EXTENSION_DAYS_MAX)).unwrap_or(planned);
    if until <= planned || until < day || until > last {
        return Err(Refused::new(
            format!("延期日期应在今天之后，最晚{last}（计划结束后{EXTENSION_DAYS_MAX}天）。"),
            format!(
                "The new end lies after today, by {last} at the latest ({EXTENSION_DAYS_MAX} days after the planned one)."
            ),
        ));
    }
    Ok(vec![
        ("extended_until", until.to_string()),
        ("extension_reason", text(reason, TEXT_CHARS_MAX, "理由", "a reason")?),
    ])
}

fn kept(group: &Group, other: &GroupId, reason: &str) -> Result<Cells, Refused> {
    let reason = text(reason, TEXT_CHARS_MAX, "理由", "a reason")?;
    let mut beside: Vec<&str> = group.kept_beside.iter().map(GroupId::as_str).collect();
    if !beside.contains(&other.as_str()) {
        beside.push(other.as_str());
    }
    let earlier = group.keep_reason.trim();
    let reason = if earlier.is_empty() || earlier == reason { reason } else { format!("{earlier}；{reason}") };
    Ok(vec![("kept_beside", beside.join("、")), ("keep_reason", reason)])
}

fn fit_owner(owner: &EmployeeId, company: &CompanyCode, people: &Responsibility<'_>) -> Result<String, Refused> {
    if people.may_own(owner, company) {
        return Ok(owner.to_string());
    }
    Err(Refused::new(
        "群主须是本公司在职人员，请核对工号。",
        "The owner works in the company; check the employee number.",
    ))
}

/// Adds a group to the register, with a number that none ever had, not even one of `taken` whose line is gone: cases and
/// confirmations of a group go by its number. Handing in the form is the filing with the company's own HR.
///
/// # Errors
/// Says what is missing; the lines are as they were then.
pub fn register(
    lines: &mut Lines,
    new: &NewGroup,
    people: &Responsibility<'_>,
    taken: &[String],
    day: NaiveDate,
) -> Result<GroupId, Refused> {
    let end = end_of(new, day)?;
    let cells = [
        ("platform", one_of(&new.platform, PLATFORMS, "平台", "a platform")?),
        ("name", text(&new.name, NAME_CHARS_MAX, "群名称", "a name")?),
        ("company", new.company.to_string()),
        ("level", one_of(&new.level, LEVELS, "级别", "a level")?),
        ("is_temporary", if new.is_temporary { "是" } else { "否" }.to_owned()),
        ("created_on", day.to_string()),
        ("planned_end_on", end.map(|end| end.to_string()).unwrap_or_default()),
        ("last_active_on", day.to_string()),
        ("members", counted(new.members)?),
        ("members_on", day.to_string()),
        ("owner", fit_owner(&new.owner, &new.company, people)?),
        (
            "administrators",
            new.deputy.as_ref().map_or_else(|| Ok(String::new()), |id| fit_owner(id, &new.company, people))?,
        ),
        ("filed_locally_on", day.to_string()),
        ("purpose", text(&new.purpose, TEXT_CHARS_MAX, "用途", "a purpose")?),
    ];
    Ok(add(lines, taken, &cells))
}

/// Adds an external group to the register, with a number like any other: name, platform and contact, and nothing more.
///
/// # Errors
/// Says what is missing; the lines are as they were then.
pub fn register_external(
    lines: &mut Lines,
    new: &NewExternal,
    people: &Responsibility<'_>,
    taken: &[String],
) -> Result<GroupId, Refused> {
    let works_there = people.colleague(&new.contact).is_some_and(|contact| contact.company == new.company);
    if !works_there {
        let (zh, en) =
            ("联系人须是本公司在职人员，请核对工号。", "The contact works in the company; check the employee number.");
        return Err(Refused::new(zh, en));
    }
    let cells = [
        ("platform", one_of(&new.platform, PLATFORMS, "平台", "a platform")?),
        ("name", text(&new.name, NAME_CHARS_MAX, "群名称", "a name")?),
        ("company", new.company.to_string()),
        ("level", EXTERNAL.to_owned()),
        ("owner", new.contact.to_string()),
    ];
    Ok(add(lines, taken, &cells))
}

fn add(lines: &mut Lines, taken: &[String], cells: &[(&str, String)]) -> GroupId {
    let (at, id) = (lines.rows.len(), next_id(lines, taken));
    let row = lines.rows.last().map_or(2, |line| line.row + 1);
    let (blank, extra) = (vec![String::new(); lines.ledger.columns.len()], vec![String::new(); lines.extra.len()]);
    lines.rows.push(Line { row, cells: blank, extra });
    set(lines, at, "id", id.to_string());
    cells.iter().for_each(|(column, value)| set(lines, at, column, value.clone()));
    id
}

/// A temporary group without an end is not registered.
fn end_of(new: &NewGroup, day: NaiveDate) -> Result<Option<NaiveDate>, Refused> {
    match new.temporary_until {
        _ if !new.is_temporary => Ok(None),
        Some(end) if end >= day => Ok(Some(end)),
        Some(_) => Err(Refused::new("计划结束日期已经过去。", "The planned end has passed.")),
        None => Err(Refused::new("临时群必须填写计划结束日期。", "A temporary group needs a planned end.")),
    }
}

/// The number after the largest one of the form `G901`.
fn next_id(lines: &Lines, taken: &[String]) -> GroupId {
    let number = |id: &str| id.strip_prefix('G')?.parse::<u64>().ok();
    let there = lines.rows.iter().map(|line| lines.cell(line, "id"));
    let largest = there.chain(taken.iter().map(String::as_str)).filter_map(number).max().unwrap_or(900);
    GroupId::new(format!("G{}", largest.saturating_add(1)))
}

fn set(lines: &mut Lines, at: usize, column: &str, value: String) {
    if let Some(position) = lines.ledger.position(column) {
        lines.rows[at].cells[position] = value;
    }
}

fn counted(members: u64) -> Result<String, Refused> {
    if (1..=MEMBERS_MAX).contains(&members) {
        return Ok(members.to_string());
    }
    Err(Refused::new("请填写群里有多少人。", "Say how many members the group has."))
}

fn text(text: &str, chars_max: usize, zh: &str, en: &str) -> Result<String, Refused> {
    let text: String = values::clean(text).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if (1..=chars_max).contains(&text.chars().count()) {
        return Ok(text);
    }
    Err(Refused::new(
        format!("请填写{zh}，最多{chars_max}个字。"),
        format!("Give {en} of at most {chars_max} characters."),
    ))
}

fn one_of(text: &str, known: &[&str], zh: &str, en: &str) -> Result<String, Refused> {
    known
        .iter()
        .find(|word| **word == text)
        .map(|word| (*word).to_owned())
        .ok_or_else(|| Refused::new(format!("请选择{zh}。"), format!("Choose {en}.")))
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::{Edit, NewExternal, NewGroup, Refused, apply, register, register_external};
    use crate::groups::responsibility::Responsibility;
    use crate::ledger::export::csv;
    use crate::ledger::groups::{GROUPS, groups};
    use crate::ledger::lines::{Lines, read};
    use crate::ledger::table::Limits;
    use crate::ledger::{Ledgers, read_all};
    use crate::model::group::Group;

    const REGISTER: &str =
        "群编号,群名称,公司代码,是否临时,计划结束日期,备注\nG7,筹备组,XH,是,2026-11-10,a\nG8,市场群,XH,否,,b\n";
    const PEOPLE: &str =
        "工号,姓名,公司,公司代码,在职状态\nXH1,甲,星河科技,XH,在职\nYZ1,乙,云舟材料,YZ,在职\nXH9,丙,星河科技,XH,离职\n";

    fn day() -> NaiveDate {
        "2026-11-20".parse().unwrap()
    }

    fn lines() -> Lines {
        read(&GROUPS, "groups.csv", REGISTER.as_bytes(), &Limits::default()).0
    }

    fn ledgers() -> Ledgers {
        read_all(&[("employees.csv".to_owned(), PEOPLE.as_bytes().to_vec())].into()).0
    }

    fn group_of(lines: &Lines, id: &str) -> Group {
        groups(lines).0.into_iter().find(|group| group.id.as_str() == id).unwrap()
    }

    fn edited(id: &str, edits: &[Edit]) -> Result<Group, Refused> {
        let (mut lines, ledgers) = (lines(), ledgers());
        for edit in edits {
            apply(&mut lines, &id.into(), edit, &Responsibility::of(&ledgers, day()), day())?;
        }
        assert_eq!(lines.rows[0].extra, ["a"], "what is not known stays");
        Ok(group_of(&lines, id))
    }

    fn extend(until: &str, reason: &str) -> Edit {
        Edit::Extend { until: until.parse().unwrap(), reason: reason.into() }
    }

    #[test]
    fn a_temporary_group_is_extended_once_for_a_reason_and_at_most_by_ninety_days() {
        assert_eq!(edited("G7", &[extend("2027-02-08", "验收延期")]).unwrap().extension_reason, "验收延期");
        for refused in [extend("2027-02-09", "验收"), extend("2026-11-19", "验收"), extend("2026-12-01", " ")] {
            assert!(edited("G7", &[refused]).is_err());
        }
        assert!(edited("G7", &[extend("2026-12-01", "一"), extend("2026-12-31", "二")]).is_err());
        assert!(edited("G8", &[extend("2026-12-01", "一")]).is_err(), "it is not temporary");
    }

    #[test]
    fn a_dissolved_group_is_not_edited_any_more() {
        let gone = edited("G7", &[Edit::Dissolve { members: 12 }]).unwrap();
        assert_eq!((gone.dissolved_on, gone.members), (Some(day()), Some(12)));
        assert!(edited("G7", &[Edit::Dissolve { members: 12 }, Edit::FiledLocally]).is_err());
        assert!(edited("G7", &[Edit::Dissolve { members: 0 }]).is_err());
    }

    #[test]
    fn groups_are_kept_side_by_side_with_every_reason() {
        let keep = |other: &str, reason: &str| Edit::KeepBeside { other: other.into(), reason: reason.into() };
        let kept = edited("G8", &[keep("G7", "两个项目"), keep("G9", "两地")]).unwrap();
        assert_eq!((kept.kept_beside.len(), kept.keep_reason.as_str()), (2, "两个项目；两地"));
        assert!(edited("G8", &[keep("G7", "")]).is_err());
    }

    #[test]
    fn a_group_is_handed_over_to_a_colleague_of_the_company_who_is_there() {
        let over = |id: &str| edited("G8", &[Edit::HandOver { owner: id.into() }]);
        assert!(over("XH1").is_ok());
        for nobody in ["XH9", "YZ1", "XH404"] {
            assert!(over(nobody).is_err(), "{nobody}");
        }
    }

    #[test]
    fn an_external_group_has_a_contact_who_works_in_the_company_and_is_read_apart() {
        let ledgers = ledgers();
        let people = Responsibility::of(&ledgers, day());
        let mut lines = lines();
        let new = |contact: &str| NewExternal {
            platform: "微信".into(),
            name: "客户群".into(),
            company: "XH".into(),
            contact: contact.into(),
        };
        for contact in ["XH9", "YZ1", ""] {
            assert!(register_external(&mut lines, &new(contact), &people, &[]).is_err(), "{contact}");
        }
        assert_eq!(lines.rows.len(), 2);
        assert_eq!(register_external(&mut lines, &new("XH1"), &people, &[]).unwrap().as_str(), "G9");
        let read = read_all(&[("groups.csv".to_owned(), csv(&lines))].into()).0;
        assert_eq!((read.groups.len(), read.external_groups.len()), (2, 1));
    }

    #[test]
    fn a_new_group_gets_the_next_number_and_a_temporary_one_needs_its_end() {
        let (mut lines, ledgers) = (lines(), ledgers());
        let people = Responsibility::of(&ledgers, day());
        let new = NewGroup {
            platform: "微信".into(),
            name: "年会筹备".into(),
            company: "XH".into(),
            level: "部门级".into(),
            purpose: "年会".into(),
            owner: "XH1".into(),
            deputy: None,
            members: 9,
            temporary_until: None,
            is_temporary: true,
        };
        assert!(register(&mut lines, &new, &people, &[], day()).unwrap_err().zh.contains("计划结束日期"));
        assert_eq!(lines.rows.len(), 2, "nothing was added");
        let new = NewGroup { temporary_until: Some(day()), ..new };
        assert_eq!(register(&mut lines, &new, &people, &[], day()).unwrap().as_str(), "G9");
        assert_eq!(group_of(&lines, "G9").filed_locally_on, Some(day()));
        let after = register(&mut lines, &new, &people, &["G30".into(), "G4".into()], day());
        assert_eq!(after.unwrap().as_str(), "G31", "a number is given once, also where the line is gone");
    }
}
