//! A member's remark (公司+部门+姓名): what it says, whether that is enough, and what to write instead. Separators are
//! free and may be left out; short names, codes and beginnings of departments count. A nickname is never guessed at.

use crate::groups::reading::Reading;
use crate::groups::split::Split;
use crate::groups::writings::{Number, Writings};
use crate::model::finding::Reason;

/// Whether a remark will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RemarkVerdict {
    /// 是
    Good,
    /// 警告: it says who is meant, and something should be put right.
    Warning,
    /// 否
    Bad,
}

impl RemarkVerdict {
    /// As the ledger of remarks writes it.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Good => "是",
            Self::Warning => "警告",
            Self::Bad => "否",
        }
    }

    /// In English.
    pub const fn en(self) -> &'static str {
        match self {
            Self::Good => "yes",
            Self::Warning => "yes, with a warning",
            Self::Bad => "no",
        }
    }
}

/// Something to say about a remark. Employees are numbers in [`Writings`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// No company.
    NoCompany,
    /// A company that does not belong to the group of companies.
    Outsider(String),
    /// A company's name with a slip.
    MisspeltCompany(Number),
    /// No department.
    NoDepartment,
    /// A department that the company does not have, and where the colleague works.
    OtherDepartment(Number),
    /// A department that the company does not have.
    UnknownDepartment,
    /// The beginning of several departments.
    UnclearDepartment,
    /// No name.
    NoName,
    /// Names of several colleagues.
    SeveralNames,
    /// Surname and form of address.
    Address,
    /// A nickname, or a name without surname.
    Nickname,
    /// A name that nobody bears.
    Nobody,
    /// A name that nobody bears, and the colleague who may be meant.
    Misspelt(Number),
    /// Nobody of that name in the company, but elsewhere in the group of companies.
    Elsewhere(Vec<Number>),
    /// Colleagues of that name, none of them singled out.
    Namesakes(usize),
    /// Elements in another order.
    Order,
    /// A telephone number.
    Phone,
    /// The colleague has left.
    Left(Number),
    /// A relative of a colleague.
    Kin,
    /// A second account.
    Second,
    /// Text that belongs to none of the three elements.
    Extra,
    /// The remark can be taken apart in several ways.
    Unclear,
}

impl Note {
    /// How grave it is.
    pub fn verdict(&self) -> RemarkVerdict {
        match self {
            Self::MisspeltCompany(_) | Self::OtherDepartment(_) | Self::UnclearDepartment | Self::Misspelt(_) => {
                RemarkVerdict::Warning
            }
            Self::Elsewhere(_) | Self::Order | Self::Phone | Self::Left(_) | Self::Second | Self::Extra => {
                RemarkVerdict::Warning
            }
            _ => RemarkVerdict::Bad,
        }
    }

    /// The note in Chinese.
    pub fn zh(&self, writings: &Writings<'_>) -> String {
        let person = |number: Number| writings.employee(number);
        match self {
            Self::NoCompany => "缺公司".into(),
            Self::Outsider(_) => "公司不在集团内".into(),
            Self::MisspeltCompany(number) => format!("公司名疑似“{}”错字", writings.company(*number).short_name),
            Self::NoDepartment => "缺部门".into(),
            Self::OtherDepartment(number) => format!("部门与花名册不符（应为{}）", person(*number).department),
            Self::UnknownDepartment => "公司没有这个部门".into(),
            Self::UnclearDepartment => "部门简称对应不止一个部门，请写全".into(),
            Self::NoName => "缺姓名".into(),
            Self::SeveralNames => "写了不止一个姓名".into(),
            Self::Address => "仅称呼，姓名须全名".into(),
            Self::Nickname => "昵称，姓名须全名".into(),
            Self::Nobody => "查无此人".into(),
            Self::Misspelt(number) => format!("查无此人，疑似“{}”错字", person(*number).name),
            Self::Elsewhere(people) => elsewhere(writings, people),
            Self::Namesakes(count) => format!("集团内同名{count}人，不得自动对应"),
            Self::Order => "要素齐全但顺序不符，应为公司-部门-姓名".into(),
            Self::Phone => "备注含手机号，建议删除".into(),
            Self::Left(number) => match person(*number).left_on {
                Some(day) => format!("{day} 已离职"),
                None => "已离职".into(),
            },
            Self::Kin => "像是家属在用，账号应由本人使用".into(),
            Self::Second => "标为小号或备用号".into(),
            Self::Extra => "有多余文字，建议只写公司-部门-姓名".into(),
            Self::Unclear => "切分不唯一，请用“-”分隔".into(),
        }
    }

    /// The note in English.
    pub fn en(&self, writings: &Writings<'_>) -> String {
        let person = |number: Number| writings.employee(number);
        match self {
            Self::NoCompany => "the company is missing".into(),
            Self::Outsider(_) => "the company is not of the group of companies".into(),
            Self::MisspeltCompany(number) => format!("a slip of “{}”", writings.company(*number).short_name),
            Self::NoDepartment => "the department is missing".into(),
            Self::OtherDepartment(number) => {
                format!("the directory has another department: {}", person(*number).department)
            }
            Self::UnknownDepartment => "the company has no such department".into(),
            Self::UnclearDepartment => "the short form may be several departments".into(),
            Self::NoName => "the name is missing".into(),
            Self::SeveralNames => "more than one name".into(),
            Self::Address => "a form of address, where the full name is needed".into(),
            Self::Nickname => "a nickname, where the full name is needed".into(),
            Self::Nobody => "nobody has this name".into(),
            Self::Misspelt(number) => format!("nobody has this name; perhaps a slip of “{}”", person(*number).name),
            Self::Elsewhere(people) => elsewhere_in_english(writings, people),
            Self::Namesakes(count) => {
                format!("{count} people of this name in the group of companies: nobody is assigned")
            }
            Self::Order => "all is there in another order; it should be company-department-name".into(),
            Self::Phone => "it holds a telephone number, better taken out".into(),
            Self::Left(number) => match person(*number).left_on {
                Some(day) => format!("left on {day}"),
                None => "has left".into(),
            },
            Self::Kin => "a relative seems to use the account, which is for the colleague alone".into(),
            Self::Second => "marked as a second account".into(),
            Self::Extra => "further text; company-department-name is enough".into(),
            Self::Unclear => "it can be read in several ways; write “-” in between".into(),
        }
    }

    /// The note in Chinese and in English.
    pub(crate) fn both(&self, writings: &Writings<'_>) -> (String, String) {
        (self.zh(writings), self.en(writings))
    }

    /// The note as a reason.
    pub(crate) fn said(&self, writings: &Writings<'_>) -> Reason {
        Reason::new(self.zh(writings), self.en(writings))
    }
}

fn elsewhere_in_english(writings: &Writings<'_>, people: &[Number]) -> String {
    let who = match people {
        [only] => format!("{} ({}) has the name", writings.employee(*only).id, writings.employee(*only).company_name),
        _ => format!("{} people have the name", people.len()),
    };
    format!("nobody of that company; elsewhere in the group {who}, to be checked only")
}

/// The one colleague of that name elsewhere, or how many there are; whether they have left is for HR to know.
fn elsewhere(writings: &Writings<'_>, people: &[Number]) -> String {
    let who = match people {
        [only] => format!("{}（{}）", writings.employee(*only).id, writings.employee(*only).company_name),
        _ => format!("{}人", people.len()),
    };
    format!("该公司无此人；集团内同名{who}，仅提示核实")
}

/// What a remark says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remark {
    /// Company.
    pub company: Option<Number>,
    /// Department of that company; without a company, of whichever has it.
    pub department: Option<Number>,
    /// A colleague whose full name it holds.
    pub name: Option<Number>,
    /// The one colleague whom it names beyond doubt: never by a name alone.
    pub person: Option<Number>,
    /// What is to be said, gravest first.
    pub notes: Vec<Note>,
}

impl Remark {
    /// Reads a remark. `home` is the company of the group in which it stands; it helps where the remark names none.
    pub fn read(writings: &Writings<'_>, remark: &str, home: Option<Number>) -> Self {
        let split = Split::of(writings, remark);
        let mut remark = Reading::of(writings, &split, home).read();
        remark.notes.sort_by_key(|note| std::cmp::Reverse(note.verdict()));
        remark
    }

    /// The verdict: that of the gravest note.
    pub fn verdict(&self) -> RemarkVerdict {
        self.notes.iter().map(Note::verdict).max().unwrap_or(RemarkVerdict::Good)
    }

    /// Whether it names a company, department or full name at all.
    pub fn says_something(&self) -> bool {
        self.company.is_some() || self.department.is_some() || self.name.is_some()
    }

    /// How to write it: the colleague's own remark where one is meant, else the pattern with what is known.
    pub fn advice(&self, writings: &Writings<'_>) -> String {
        let meant = self.notes.iter().find_map(|note| match note {
            Note::Misspelt(number) | Note::OtherDepartment(number) => Some(*number),
            _ => None,
        });
        if let Some(person) = self.person.or(meant) {
            return full_remark(writings, person);
        }
        let or = |text: Option<&str>, pattern: &str| text.map_or_else(|| pattern.to_owned(), str::to_owned);
        let company = or(self.company.map(|number| writings.company(number).short_name.as_str()), "公司");
        let department = or(self.department.map(|number| writings.department(number)), "部门");
        let name = or(self.name.map(|number| writings.employee(number).name.as_str()), "姓名");
        format!("{company}-{department}-{name}")
    }
}

/// The remark that a colleague should have.
pub fn full_remark(writings: &Writings<'_>, person: Number) -> String {
    let employee = writings.employee(person);
    let company =
        writings.company_of(person).map_or(employee.company_name.as_str(), |n| &writings.company(n).short_name);
    let parts = [company, &employee.department, &employee.name];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}
