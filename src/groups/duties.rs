//! What every member of a work group confirms once a year, and how far a round of that has got. Nobody is judged by it: whoever
//! does not confirm is reminded once and then counted.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::casework::calendar::Calendar;
use crate::casework::world::Policy;
use crate::groups::register::{is_dissolved, rosters};
use crate::groups::roster::{Member, has_left_by, is_outsourced};
use crate::groups::writings::Writings;
use crate::ledger::Ledgers;
use crate::model::ids::EmployeeId;
use crate::model::person::Employee;
use crate::model::self_inspection::MemberAttestation;
use crate::model::time::Timestamp;

/// Version of [`DUTIES`], stored with each confirmation: another wording gets another one.
pub const TEXT_VERSION: &str = "2026-1";
/// Working days after a letter within which nothing more is written.
const ANSWERED_WORKING_DAYS: u32 = 10;

/// A duty of a member, in the rule's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duty {
    /// Clause of the rule.
    pub clause: &'static str,
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

/// What is confirmed. No device, number or message is asked about.
pub const DUTIES: [Duty; 4] = [
    Duty {
        clause: "三.1(2)", zh: "我只在工作群里交流工作内容。", en: "I use work groups for work only."
    },
    Duty {
        clause: "三.4(4)",
        zh: "我注意手机安全，保管好登录工作群的手机。",
        en: "I mind the security of my phone and keep the one with which I am in work groups in safe hands.",
    },
    Duty {
        clause: "三.4(5)",
        zh: "我的账号只由本人使用，没有出借，也没有与他人共用。",
        en: "My account is used by me alone; it is neither lent nor shared.",
    },
    Duty {
        clause: "三.4(5)", zh: "没有其他人登录我的账号。", en: "Nobody else is signed in with my account."
    },
];

/// Everybody who is to be asked: who stands in the roster of a living group of the register, is known by employee number beyond
/// doubt, has not left by the day, and counts as the company's own. In order of the numbers.
pub fn members(ledgers: &Ledgers, policy: Policy, day: NaiveDate) -> BTreeSet<EmployeeId> {
    let (writings, rosters) = (Writings::of(ledgers), rosters(ledgers));
    let is_asked =
        |one: &&Employee| !has_left_by(one, day) && (policy.count_outsourced_as_member || !is_outsourced(one));
    let mut members = BTreeSet::new();
    for group in ledgers.groups.iter().filter(|group| !is_dissolved(group, day)) {
        let home = writings.company_number(&group.company);
        let lines = rosters.get(&group.id).into_iter().flatten();
        let people = lines.filter_map(|line| Member::read(&writings, group, home, line).person);
        let employees = people.map(|person| writings.employee(person));
        members.extend(employees.filter(is_asked).map(|one| one.id.clone()));
    }
    members
}

/// Where a member stands in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Has confirmed.
    Attested,
    /// The directory has no mailbox of the person, or one that takes no letters.
    NoMailbox,
    /// The first letter is to be written.
    ToAsk,
    /// Was asked, and has time to answer.
    Asked,
    /// The reminder is to be written.
    ToRemind,
    /// Was reminded, and has time to answer.
    Reminded,
    /// The time after the reminder is over.
    Late,
}

/// What standings are told by.
#[derive(Debug, Clone, Copy)]
pub struct Today<'a> {
    /// Which days are worked.
    pub calendar: &'a Calendar,
    /// Zone of days.
    pub zone: Tz,
    /// The day.
    pub day: NaiveDate,
}

impl Today<'_> {
    /// Where a member stands.
    pub fn standing(&self, one: &MemberAttestation, has_mailbox: bool) -> Standing {
        match (one.attested_at, one.asked_at, one.reminded_at) {
            (Some(_), ..) => Standing::Attested,
            (None, ..) if one.returned_at.is_some() => Standing::NoMailbox,
            (None, None, _) if !has_mailbox => Standing::NoMailbox,
            (None, None, _) => Standing::ToAsk,
            (None, Some(asked), None) if self.is_over(asked) => Standing::ToRemind,
            (None, Some(_), None) => Standing::Asked,
            (None, _, Some(reminded)) if self.is_over(reminded) => Standing::Late,
            (None, _, Some(_)) => Standing::Reminded,
        }
    }

    fn is_over(&self, written: Timestamp) -> bool {
        self.day > self.calendar.after_working_days(written.date(self.zone), ANSWERED_WORKING_DAYS)
    }
}

/// How far a round has got in a company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Whom it asks.
    pub members: u64,
    /// Those who have confirmed.
    pub attested: u64,
    /// Those who still have time, or whose turn has not come.
    pub open: u64,
    /// Those who have not confirmed although they were reminded.
    pub late: u64,
    /// Those whom no letter can reach.
    pub no_mailbox: u64,
}

impl Tally {
    /// Counts one more.
    pub const fn add(&mut self, standing: Standing) {
        self.members += 1;
        match standing {
            Standing::Attested => self.attested += 1,
            Standing::NoMailbox => self.no_mailbox += 1,
            Standing::Late => self.late += 1,
            Standing::ToAsk | Standing::Asked | Standing::ToRemind | Standing::Reminded => self.open += 1,
        }
    }

    /// Whether nobody is waited for any more, and somebody has not confirmed: the company's manager hears of it then.
    pub const fn is_to_be_told(&self) -> bool {
        self.open == 0 && self.late + self.no_mailbox > 0
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Asia::Shanghai;

    use super::{Standing, Tally, Today, members};
    use crate::casework::calendar::Calendar;
    use crate::casework::world::Policy;
    use crate::ledger::read_all;
    use crate::model::self_inspection::MemberAttestation;
    use crate::model::time::Timestamp;

    fn at(day: &str) -> Timestamp {
        Timestamp::parse(&format!("{day}T08:40:00+08:00")).unwrap()
    }

    fn one(asked: Option<&str>, reminded: Option<&str>) -> MemberAttestation {
        MemberAttestation {
            year: 2026,
            employee: "XH1".into(),
            listed_at: at("2026-12-01"),
            asked_at: asked.map(at),
            reminded_at: reminded.map(at),
            returned_at: None,
            attested_at: None,
            text_version: None,
        }
    }

    fn standing(one: &MemberAttestation, has_mailbox: bool, day: &str) -> Standing {
        let calendar = Calendar::default();
        Today { calendar: &calendar, zone: Shanghai, day: day.parse().unwrap() }.standing(one, has_mailbox)
    }

    #[test]
    fn a_member_is_asked_reminded_after_ten_working_days_and_then_only_counted() {
        assert_eq!(standing(&one(None, None), true, "2026-12-01"), Standing::ToAsk);
        let asked = one(Some("2026-12-01"), None);
        assert_eq!(standing(&asked, true, "2026-12-15"), Standing::Asked, "the tenth working day");
        assert_eq!(standing(&asked, true, "2026-12-16"), Standing::ToRemind);
        let reminded = one(Some("2026-12-01"), Some("2026-12-16"));
        assert_eq!(standing(&reminded, true, "2026-12-30"), Standing::Reminded);
        assert_eq!(standing(&reminded, true, "2027-03-01"), Standing::Late);
        let attested = MemberAttestation { attested_at: Some(at("2027-02-01")), ..reminded };
        assert_eq!(standing(&attested, false, "2027-03-01"), Standing::Attested, "also after the time");
    }

    #[test]
    fn whoever_has_no_mailbox_is_told_apart_until_there_is_one() {
        assert_eq!(standing(&one(None, None), false, "2027-03-01"), Standing::NoMailbox);
        assert_eq!(standing(&one(None, None), true, "2027-03-01"), Standing::ToAsk);
        let returned = MemberAttestation { returned_at: Some(at("2026-12-02")), ..one(Some("2026-12-01"), None) };
        assert_eq!(standing(&returned, true, "2027-03-01"), Standing::NoMailbox, "neither reminded nor late");
    }

    #[test]
    fn a_manager_is_told_once_nobody_is_waited_for() {
        let tally = |standings: &[Standing]| {
            let mut tally = Tally::default();
            standings.iter().for_each(|standing| tally.add(*standing));
            tally
        };
        let open = tally(&[Standing::Attested, Standing::Late, Standing::Reminded]);
        assert_eq!((open.members, open.attested, open.late, open.open, open.is_to_be_told()), (3, 1, 1, 1, false));
        assert!(tally(&[Standing::Late, Standing::NoMailbox, Standing::Attested]).is_to_be_told());
        assert!(!tally(&[Standing::Attested]).is_to_be_told());
    }

    #[test]
    fn who_is_asked_stands_in_a_roster_of_a_living_group_beyond_doubt_and_has_not_left() {
        let companies = "代码,全称,简称,角色\nXH,星河科技股份有限公司,星河科技,上市公司\n";
        let people = "工号,姓名,公司,公司代码,部门,在职状态,离职日期\nXH1,林知远,星河科技,XH,市场部,在职,\n\
            XH2,丁小满,星河科技,XH,市场部,在职,\nXH3,周以宁,星河科技,XH,市场部,离职,2026-11-05\n\
            XH4,许见山,星河科技,XH,市场部,在职,\nXH5,许见山,星河科技,XH,市场部,在职,\n\
            XH6,郑有光,星河科技,XH,市场部,在职,\n";
        let groups = "群编号,平台,群名称,公司代码,解散日期\nG1,微信,市场部群,XH,\nG2,钉钉,周会群,XH,\nG3,微信,旧群,XH,2026-10-01\n";
        let rosters = "群编号,平台,群内备注,实名关联工号\nG1,微信,星河科技-市场部-林知远,\nG1,微信,星河科技-市场部-周以宁,\n\
            G1,微信,星河科技-市场部-许见山,\nG1,微信,小丁,\nG2,钉钉,小丁,XH2\nG2,钉钉,林知远,XH1\n\
            G3,微信,星河科技-市场部-郑有光,\n";
        let file = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
        let files = [
            file("companies.csv", companies),
            file("employees.csv", people),
            file("groups.csv", groups),
            file("group_rosters.csv", rosters),
        ];
        let ledgers = read_all(&files.into()).0;
        let asked = members(&ledgers, Policy::default(), "2026-12-01".parse().unwrap());
        assert_eq!(asked.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["XH1", "XH2"]);
    }

    #[test]
    fn outsourced_staff_are_asked_only_where_they_count_as_own_people() {
        let companies = "代码,全称,简称,角色\nXH,星河科技股份有限公司,星河科技,上市公司\n";
        let people = "工号,姓名,公司,公司代码,部门,在职状态,用工形式\nXH1,林知远,星河科技,XH,市场部,在职,正式\n\
            XH2,丁小满,星河科技,XH,市场部,在职,劳务派遣\n";
        let groups = "群编号,平台,群名称,公司代码\nG1,微信,市场部群,XH\n";
        let rosters = "群编号,平台,群内备注,实名关联工号\nG1,微信,林知远,XH1\nG1,微信,丁小满,XH2\n";
        let files = [("companies", companies), ("employees", people), ("groups", groups), ("group_rosters", rosters)];
        let files = files.map(|(name, text)| (format!("{name}.csv"), text.as_bytes().to_vec()));
        let ledgers = read_all(&files.into()).0;
        let asked = |count_outsourced_as_member| {
            let policy = Policy { count_outsourced_as_member, ..Policy::default() };
            members(&ledgers, policy, "2026-12-01".parse().unwrap()).len()
        };
        assert_eq!((asked(true), asked(false)), (2, 1));
    }
}
