//! Why somebody is named, in words for the manager: what fits, and what does not.

use crate::identify::evidence::{CompanyFit, Evidence, NameEvidence};
use crate::identify::naming::NameForm;
use crate::identify::tenure;
use crate::model::finding::Reason;
use crate::model::person::Employee;

/// Reasons in the order of their weight.
pub(crate) fn reasons(evidence: &Evidence, employee: &Employee) -> Vec<Reason> {
    let registered = Reason::new("台账中此账号ID登记在该员工名下", "the account is registered under this employee");
    let mut reasons: Vec<Reason> = evidence.known.then_some(registered).into_iter().collect();
    reasons.extend(evidence.name.as_ref().map(|name| of_name(name, evidence.namesakes)));
    reasons.extend(of_company(evidence.company));
    reasons.extend(of_work(evidence));
    reasons.extend(of_place(evidence));
    reasons.extend(evidence.tenure.iter().map(|sign| tenure::reason(*sign, employee)));
    reasons.extend(of_standing(employee));
    reasons
}

fn of_name(name: &NameEvidence, namesakes: usize) -> Reason {
    let NameEvidence { form, written, bearers, .. } = name;
    match form {
        NameForm::Full if namesakes > 1 => Reason::new(
            format!("姓名一致（集团内同名 {namesakes} 人）"),
            format!("the full name fits ({namesakes} people have it)"),
        ),
        NameForm::Full => Reason::new("姓名一致", "the full name fits"),
        NameForm::Given | NameForm::GivenRunningOn => {
            Reason::new("名字一致，集团名册中仅此一人", "the given name fits, and nobody else has it")
        }
        NameForm::Spelled | NameForm::SpelledUncommonly => Reason::new(
            format!("拼音“{written}”与姓名相符（集团内 {bearers} 人）"),
            format!("“{written}” spells the name ({bearers} people)"),
        ),
        NameForm::EnglishWithSurname => Reason::new(
            format!("登记的英文名“{written}”与姓氏均相符（集团内 {bearers} 人）"),
            format!("the registered English name “{written}” and the surname fit ({bearers} people)"),
        ),
        NameForm::Misspelt => Reason::new(
            format!("“{written}”与姓名拼写相近，有一两个字母之差（集团内同样相近的 {bearers} 人，辨识度低）"),
            format!("“{written}” is a letter or two from the name ({bearers} people are as near; weak)"),
        ),
        NameForm::SameSound => Reason::new(
            format!("“{written}”与姓名同音不同字（集团内 {bearers} 人，辨识度低）"),
            format!("“{written}” sounds like the name in other characters ({bearers} people; weak)"),
        ),
        NameForm::Covered => Reason::new(
            format!("“{written}”与姓名相近，个别字母或汉字由数字、符号或字母代替（集团内 {bearers} 人，辨识度低）"),
            format!("“{written}” is the name with figures, signs or letters in it ({bearers} people; weak)"),
        ),
        NameForm::SharedGiven | NameForm::Initials | NameForm::English | NameForm::Address => Reason::new(
            format!("称呼“{written}”与姓名部分相符（辨识度低）"),
            format!("“{written}” fits a part of the name (weak)"),
        ),
    }
}

fn of_company(company: CompanyFit) -> Option<Reason> {
    match company {
        CompanyFit::Own => Some(Reason::new("公司一致", "the company fits")),
        CompanyFit::Group => {
            Some(Reason::new("所提为集团标识，未指明公司", "only the group is named, not the company"))
        }
        CompanyFit::Other => Some(Reason::new("所提公司与其任职公司不符", "another company is named")),
        CompanyFit::Unnamed => None,
    }
}

fn of_work(evidence: &Evidence) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if let Some(title) = &evidence.title {
        reasons.push(Reason::new(format!("职务相符（{title}）"), format!("the job fits ({title})")));
    } else if evidence.has_strong_name() && !evidence.known {
        reasons.push(Reason::new("职务未见相符", "no sign of the job"));
    }
    if let Some(department) = &evidence.department {
        reasons.push(Reason::new(format!("部门相符（{department}）"), format!("the department fits ({department})")));
    }
    if evidence.other_department {
        reasons.push(Reason::new("所提部门与其部门不符", "another department is named"));
    }
    reasons
}

fn of_place(evidence: &Evidence) -> Option<Reason> {
    match (evidence.city, evidence.other_city) {
        (true, _) => Some(Reason::new("工作地一致", "the city fits")),
        (_, true) => Some(Reason::new("所示城市与其工作地不符", "another city is shown")),
        _ => None,
    }
}

fn of_standing(employee: &Employee) -> Option<Reason> {
    if employee.has_left {
        let day = employee.left_on.map_or_else(|| "日期不详".to_owned(), |day| day.to_string());
        return Some(Reason::new(format!("已离职（{day}）"), format!("has left ({day})")));
    }
    let is_unsigned = employee.signed_on.is_none();
    is_unsigned.then(|| Reason::new("无制度签收记录", "no record that the rule was signed"))
}
