//! Who might be behind an account: explained evidence, bands and caps. A match is a lead, never a statement.
//! Read only after a mark was found.

pub mod directory;
pub mod evidence;
mod index;
mod latin;
mod latin_words;
pub mod names;
pub mod naming;
mod near;
mod near_readings;
#[cfg(any(test, feature = "measure"))]
mod nearest;
mod own_words;
mod reasons;
pub mod score;
pub mod tenure;
mod vocabulary;

use std::cmp::Ordering;
use std::collections::HashSet;

use crate::detect::profile::Profile;
use crate::detect::scan::FieldText;
use crate::detect::watch::Watch;
use crate::identify::directory::Directory;
use crate::identify::evidence::Evidence;
use crate::identify::score::Scored;
use crate::identify::tenure::SpokenOn;
use crate::model::account::Account;
use crate::model::finding::{Band, Candidate};
use crate::model::ids::{CompanyCode, EmployeeId};

/// What is known about an account when its owner is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The watchlist, for titles and marks.
    pub watch: &'a Watch,
    /// The account.
    pub account: &'a Account,
    /// Its profile.
    pub profile: &'a Profile,
    /// A post of the account, when the question comes from one.
    pub post: &'a [FieldText],
    /// The day on which the account spoke.
    pub spoken_on: SpokenOn,
    /// Companies named, most telling first.
    pub companies: &'a [CompanyCode],
    /// The listed company: its marks stand for the whole group.
    pub listed: Option<&'a CompanyCode>,
    /// Owner by an account identifier in a ledger.
    pub known_owner: Option<&'a EmployeeId>,
}

/// Most candidates that are shown.
const CANDIDATES_MAX: usize = 8;

/// Possible owners, best first, with the likelihoods behind their scores. Empty when nothing above the weakest band points
/// anywhere. Colleagues of the same full name always stand beside the best one.
pub fn identify(directory: &Directory, question: &Question<'_>) -> Vec<Scored> {
    let found = evidence::gather(directory, question);
    let mut all = score::scored(directory, &found);
    all.sort_by(|a, b| best_first(&a.candidate, &b.candidate));
    let strongest = all.first().map(|scored| scored.candidate.band);
    if strongest.is_none_or(|band| band == Band::Low) {
        return Vec::new();
    }
    let leading: HashSet<String> = all
        .iter()
        .filter(|scored| scored.candidate.band != Band::Low && is_by_full_name(&found, &scored.candidate.employee_id))
        .filter_map(|scored| name_of(directory, &scored.candidate.employee_id))
        .collect();
    let is_namesake = |c: &Candidate| name_of(directory, &c.employee_id).is_some_and(|name| leading.contains(&name));
    let is_shown = |c: &Candidate| c.band != Band::Low || c.score >= score::SHOWN_FROM || is_namesake(c);
    all.retain(|scored| is_shown(&scored.candidate));
    all.truncate(CANDIDATES_MAX);
    all
}

fn best_first(a: &Candidate, b: &Candidate) -> Ordering {
    b.score.total_cmp(&a.score).then_with(|| a.employee_id.cmp(&b.employee_id))
}

fn name_of(directory: &Directory, id: &EmployeeId) -> Option<String> {
    directory.get(id).map(|employee| crate::text::fold::dense(&employee.name))
}

fn is_by_full_name(found: &[Evidence], id: &EmployeeId) -> bool {
    found.iter().any(|evidence| evidence.employee == *id && evidence.has_strong_name())
}

#[cfg(test)]
mod tests {
    use crate::casework::account::{Reading, candidates_of};
    use crate::casework::world::{Policy, World};
    use crate::detect::scan::FieldText;
    use crate::ledger::Ledgers;
    use crate::model::account::Account;
    use crate::model::company::Company;
    use crate::model::finding::{Band, Candidate};
    use crate::model::person::Employee;
    use crate::model::term::Field;
    use crate::model::time::Timestamp;

    /// Employees of 星河科技 by number, name, English name, department and city.
    const PEOPLE: [[&str; 5]; 7] = [
        ["E1", "林知夏", "Tess", "研发部", "滨城"],
        ["E2", "林知夏", "", "采购部", "岚城"],
        ["E3", "周行简", "", "研发部", "滨城"],
        ["E4", "周南", "", "销售部", "岚城"],
        ["E5", "曾一帆", "", "研发部", "岚城"],
        ["E6", "孙乐", "", "财务部", "滨城"],
        ["E7", "孙诚", "", "财务部", "沐城"],
    ];

    fn world_of(employees: impl IntoIterator<Item = Employee>) -> World {
        let company = Company {
            code: "XH".into(),
            name: "星河科技".into(),
            short_name: "星河科技".into(),
            aliases: vec!["星河".into()],
            listed: true,
            city: String::new(),
            mail_domain: String::new(),
            responsible: "".into(),
        };
        let employees = employees.into_iter().collect();
        let ledgers = Ledgers { companies: vec![company], employees, ..Ledgers::default() };
        World::of(ledgers, Timestamp::from_ms(0), chrono_tz::UTC, Policy::default())
    }

    fn employee([id, name, english, department, city]: [&str; 5]) -> Employee {
        Employee {
            id: id.into(),
            name: name.into(),
            english_name: english.into(),
            company: "XH".into(),
            department: department.into(),
            city: city.into(),
            ..Employee::default()
        }
    }

    fn world() -> World {
        let mut employees = PEOPLE.map(employee);
        employees[0].joined_on = "2019-07-08".parse().ok();
        employees[1].joined_on = "2012-03-01".parse().ok();
        world_of(employees)
    }

    fn account(name: &str, bio: &str, region: &str) -> Account {
        Account { display_name: name.into(), bio: bio.into(), ip_region: region.into(), ..Account::default() }
    }

    fn candidates(name: &str, bio: &str, region: &str) -> Vec<Candidate> {
        candidates_of(&world(), &account(name, bio, region))
    }

    fn leading(name: &str, bio: &str, region: &str) -> Vec<String> {
        let all = candidates(name, bio, region).into_iter();
        all.filter(|c| c.band > Band::Low).map(|c| c.employee_id.to_string()).collect()
    }

    #[test]
    fn a_namesake_whose_city_differs_stands_beside_the_one_who_fits_as_low() {
        let all = candidates("林知夏", "星河科技研发部", "滨城");
        assert_eq!((all[0].employee_id.as_str(), all[0].band), ("E1", Band::High));
        assert_eq!((all[1].employee_id.as_str(), all[1].band), ("E2", Band::Low));
        assert!(all[1].reasons.iter().any(|reason| reason.zh.contains("城市与其工作地不符")));
    }

    #[test]
    fn namesakes_whom_nothing_tells_apart_fit_alike() {
        let all = candidates("林知夏", "在星河科技上班", "");
        assert!(all.len() == 2 && all.iter().all(|c| c.band == Band::Medium && c.score == all[0].score), "{all:?}");
    }

    #[test]
    fn the_year_of_joining_tells_namesakes_apart_and_raises_no_cap() {
        let all = candidates("林知夏", "2019年入职星河科技", "");
        let shown: Vec<_> = all.iter().map(|c| (c.employee_id.as_str(), c.band)).collect();
        assert_eq!(shown, [("E1", Band::Medium), ("E2", Band::Low)]);
        assert!(all[1].reasons.iter().any(|reason| reason.zh.contains("登记的入职日期不符（2012-03-01）")));
    }

    #[test]
    fn a_name_in_pinyin_or_english_points_to_its_bearer() {
        for name in ["Lin Zhixia", "zhixialin", "Tess Lin", "Tess林", "T E S S 林知夏"] {
            assert_eq!(leading(name, "星河科技研发", "滨城"), ["E1"], "{name}");
        }
        assert_eq!(leading("Zeng Yifan", "星河科技", ""), ["E5"]);
        assert_eq!(leading("ceng_yifan", "星河科技", ""), ["E5"]);
    }

    #[test]
    fn initials_and_forms_of_address_need_the_company_and_more_and_never_pass_medium() {
        for name in ["linzx", "Z. Lin"] {
            assert_eq!(leading(name, "星河科技研发部", "滨城"), ["E1"], "{name}");
            assert_eq!(leading(name, "星河科技", ""), [] as [&str; 0], "{name}");
        }
        let all = candidates("小周", "星河科技研发部", "滨城");
        assert_eq!((all.len(), all[0].employee_id.as_str(), all[0].band), (1, "E3", Band::Medium));
        assert_eq!(leading("周老师", "星河科技研发部", "滨城"), ["E3"]);
    }

    #[test]
    fn a_name_that_is_nearly_somebody_s_needs_the_company_and_two_more_things_and_never_passes_medium() {
        let all = candidates("周行剑", "星河科技研发部，常驻滨城", "");
        let shown: Vec<_> = all.iter().map(|c| (c.employee_id.as_str(), c.band)).collect();
        assert_eq!(shown, [("E3", Band::Medium)]);
        assert!(all[0].reasons.iter().any(|reason| reason.zh.contains("同音不同字")));
        for bio in ["星河科技", "星河科技研发部", "研发部，常驻滨城"] {
            assert!(candidates("周行剑", bio, "").is_empty(), "{bio}");
        }
        assert_eq!(leading("周行剑", "星河科技研发部", "滨城"), [] as [&str; 0], "where a platform saw it is no word");
    }

    #[test]
    fn what_is_said_twice_by_one_word_in_a_post_or_by_a_picture_is_no_sign_for_a_near_name() {
        let employees =
            [["E1", "周行简", "销售经理", "销售部", ""], ["E2", "林知夏", "工程师", "滨城研发中心", "滨城"]];
        let world = world_of(employees.map(|[id, name, title, department, city]| Employee {
            title: title.into(),
            ..employee([id, name, "", department, city])
        }));
        for (name, bio) in [("周行剑", "星河科技 做销售"), ("林之夏", "星河科技 坐标滨城")] {
            assert!(candidates_of(&world, &account(name, bio, "")).is_empty(), "{bio}");
        }
        let both = account("周行剑", "星河科技销售部，销售经理", "");
        assert_eq!(candidates_of(&world, &both).len(), 1);
        let by_picture = |bio| {
            let account = account("周行剑", bio, "");
            Reading::of(&world, &account, &[]).candidates(&["XH".into()]).len()
        };
        assert_eq!([by_picture("销售部，销售经理"), by_picture("星河科技销售部，销售经理")], [0, 1]);
        let post = [FieldText::new(Field::Text, "销售部的销售经理")];
        let by_post = |bio| {
            let account = account("周行剑", bio, "");
            Reading::of(&world, &account, &[]).candidates_by_post(&post, None, &["XH".into()]).len()
        };
        assert_eq!([by_post("星河科技"), by_post("星河科技销售部，销售经理")], [0, 1]);
    }

    #[test]
    fn what_is_no_name_points_to_nobody_who_sounds_like_it() {
        let names = ["邢贺", "李响", "高峰", "周南"];
        let others =
            PEOPLE.iter().filter(|row| row[1] != "周南").map(|row| employee([row[0], row[1], "", "财务部", "岚城"]));
        let employees = names.map(|name| employee([name, name, "", "研发部", "滨城"]));
        let world = world_of(employees.into_iter().chain(others));
        let candidates = |name| candidates_of(&world, &account(name, "星河科技研发部，常驻滨城", ""));
        for shown in ["星河人的日常", "理想主义者", "高峰时刻", "周南风吹"] {
            assert_eq!(candidates(shown), [], "{shown}");
        }
        assert_eq!(candidates("周男")[0].employee_id.as_str(), "周南");
    }

    #[test]
    fn whoever_shows_a_name_exactly_does_not_mean_another_s_nearly() {
        let shown = leading("周行简 林之夏", "星河科技研发部，常驻滨城", "");
        assert_eq!(shown, ["E3"]);
    }

    #[test]
    fn an_uncommon_reading_gives_way_to_the_common_one() {
        assert_eq!(leading("sun le", "星河科技财务", "滨城"), ["E6"]);
        assert_eq!(leading("sun yue", "星河科技财务", "滨城"), ["E6"]);
        assert_eq!(leading("sun yue", "星河科技财务", "沐城"), [] as [&str; 0]);
    }

    #[test]
    fn without_a_mark_nobody_is_named() {
        assert!(candidates("林知夏", "研发部", "滨城").is_empty());
    }
}
