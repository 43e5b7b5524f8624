//! Ledgers of a large fictional group of companies: any number of people, and of work groups with any number of members.

use std::fmt::Write;
use std::path::Path;

const COMPANIES: usize = 10;
const DEPARTMENTS: usize = 20;
/// People of the directory when nobody says otherwise.
const EMPLOYEES: usize = 20_000;

/// How much there is of everything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) groups: usize,
    /// Of each group.
    pub(crate) members: usize,
    pub(crate) people: usize,
}

impl Size {
    /// What the call says: groups, members of each, people.
    pub(crate) fn asked() -> Self {
        let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
        let or = |at: usize, usual| numbers.get(at).copied().unwrap_or(usual);
        Self { groups: or(0, 5_000), members: or(1, 100), people: or(2, EMPLOYEES) }
    }
}
const SURNAMES: &str = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏";
const GIVEN: &str = "安邦昌达恩丰刚浩吉凯朗明宁培琪荣思涛威欣雅志子文晓雨佳";
const SEPARATORS: [&str; 5] = ["-", "_", " ", "+", ""];

/// Numbers that look random and are the same on every run (Knuth's MMIX generator).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn char_of(&mut self, chars: &str) -> char {
        let chars: Vec<char> = chars.chars().collect();
        chars[self.below(chars.len())]
    }
}

struct Person {
    name: String,
    company: usize,
    department: usize,
}

/// Writes companies, staff, the register and its rosters into a folder.
pub(crate) fn write_ledgers(folder: &Path, size: Size) {
    let mut chance = Chance(7);
    let put = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a file");
    let people: Vec<Person> = (0..size.people).map(|number| person(number, &mut chance)).collect();
    put("companies.csv", &companies());
    put("employees.csv", &employees(&people));
    put("groups.csv", &register(size));
    put("group_rosters.csv", &rosters(&people, size, &mut chance));
}

fn person(number: usize, chance: &mut Chance) -> Person {
    let name = [chance.char_of(SURNAMES), chance.char_of(GIVEN), chance.char_of(GIVEN)].iter().collect();
    Person { name, company: number % COMPANIES, department: number / COMPANIES % DEPARTMENTS }
}

fn companies() -> String {
    let mut text = "代码,全称,简称,别名,角色\n".to_owned();
    for company in 0..COMPANIES {
        let role = if company == 0 { "上市公司" } else { "子公司" };
        let name = short_name(company);
        writeln!(text, "C{company},{name}有限公司,{name},,{role}").expect("text");
    }
    text
}

fn short_name(company: usize) -> String {
    let chars: Vec<char> = "星云河海山川林泉石松".chars().collect();
    format!("{}舟科技", chars[company])
}

fn department_name(department: usize) -> String {
    format!(
        "{}业务{}部",
        ["华东", "华南", "华北", "西南"][department % 4],
        ["一", "二", "三", "四", "五"][department / 4]
    )
}

fn employees(people: &[Person]) -> String {
    let mut text = "工号,姓名,公司代码,部门,在职状态,离职日期\n".to_owned();
    for (number, person) in people.iter().enumerate() {
        let state = if number % 50 == 0 { "离职,2026-10-01" } else { "在职," };
        let (company, department) = (person.company, department_name(person.department));
        writeln!(text, "E{number:05},{},C{company},{department},{state}", person.name).expect("text");
    }
    text
}

/// The staff of a group: seven of ten are neighbours in one department, the others from all over the company.
fn staff(group: usize, member: usize, people: usize) -> usize {
    let a_unit = people / (COMPANIES * DEPARTMENTS);
    let (company, department) = (group % COMPANIES, group / COMPANIES % DEPARTMENTS);
    let (department, within) = match member % 10 {
        0..7 => (department, (group / (COMPANIES * DEPARTMENTS) * 37 + member) % a_unit),
        _ => ((group + member) % DEPARTMENTS, (group * 7 + member) % a_unit),
    };
    (within * DEPARTMENTS + department) * COMPANIES + company
}

fn register(Size { groups, members, people }: Size) -> String {
    let mut text = "群编号,平台,群名称,公司代码,级别,成员数,群主工号,本公司登记日期,主要用途\n".to_owned();
    for group in 0..groups {
        let (owner, company) = (staff(group, 0, people), staff(group, 0, people) % COMPANIES);
        let purpose = ["协同", "项目现场", "质量周报", "日常沟通"][group % 4];
        writeln!(
            text,
            "G{group:05},微信,工作群{group},C{company},部门级,{members},E{owner:05},2026-01-05,{purpose}{group}"
        )
        .expect("text");
    }
    text
}

fn rosters(people: &[Person], Size { groups, members, .. }: Size, chance: &mut Chance) -> String {
    let mut text = "群编号,平台,群内备注,角色,入群日期,邀请人,工号\n".to_owned();
    for (group, member) in (0..groups).flat_map(|group| (0..members).map(move |member| (group, member))) {
        let remark = remark(&people[staff(group, member, people.len())], chance);
        let (role, inviter) = if member == 0 { ("群主", "群主") } else { ("成员", "群主") };
        writeln!(text, "G{group:05},微信,{remark},{role},2026-01-05,{inviter},").expect("text");
    }
    text
}

/// Nine of ten as they should be, with any separator; the others lack something, are misspelt or are strangers.
fn remark(person: &Person, chance: &mut Chance) -> String {
    let (company, department) = (short_name(person.company), department_name(person.department));
    let separator = SEPARATORS[chance.below(SEPARATORS.len())];
    let name = &person.name;
    match chance.below(100) {
        0 => format!("{department}-{name}"),
        1 => format!("{company}-{name}"),
        2 => name.clone(),
        3 => format!("小{}", chance.char_of(GIVEN)),
        4 => format!("北方冷链-销售部-{}经理", chance.char_of(SURNAMES)),
        5 => format!("{company}-{department}-{}{}", &name[..6], chance.char_of(GIVEN)),
        6 => format!("{name}-{department}-{company}"),
        7 => format!("{company}-{department}-{name} 138****0000"),
        8 => format!("{company}-{department}-{name}（出差）"),
        9 => format!("A{}师傅", chance.char_of(SURNAMES)),
        _ => [company, department, name.clone()].join(separator),
    }
}
