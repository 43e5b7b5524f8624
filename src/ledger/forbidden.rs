//! Columns of an HR export that must never come in, whatever the table: they are dropped unread and named.

use crate::ledger::values;

// Sensitive personal information that the watch does not need; refused even where an HR system exports it unasked.
const WORDS: &[&str] = &[
    "身份证",
    "身份證",
    "证件号",
    "证件号码",
    "护照",
    "社会保障号",
    "民族",
    "种族",
    "政治面貌",
    "党派",
    "党员",
    "入党",
    "婚姻",
    "婚育",
    "婚否",
    "配偶",
    "生育",
    "子女",
    "住址",
    "家庭地址",
    "居住地址",
    "现居地址",
    "通讯地址",
    "户籍",
    "户口",
    "籍贯",
    "银行卡",
    "銀行卡",
    "银行账",
    "银行帐",
    "工资卡",
    "工资账",
    "开户行",
    "紧急联系",
    "紧急联络",
    "緊急聯絡",
    "健康",
    "病史",
    "疾病",
    "体检",
    "残疾",
    "血型",
    "宗教",
    "信仰",
];
const ENGLISH: &[&str] = &[
    "idcard",
    "idnumber",
    "identitycard",
    "identitynumber",
    "nationalid",
    "passport",
    "socialsecurity",
    "ethnic",
    "nationality",
    "race",
    "political",
    "partymember",
    "marital",
    "marriage",
    "spouse",
    "homeaddress",
    "residentialaddress",
    "residence",
    "bankcard",
    "bankaccount",
    "emergencycontact",
    "health",
    "medical",
    "disability",
    "religion",
    "bloodtype",
];
const WHOLE: &[&str] = &["address", "地址", "ssn", "idno", "children", "bank"];

/// Whether a column of this header is refused.
pub fn is_forbidden(header: &str) -> bool {
    let folded: String = values::fold_header(header).chars().filter(|c| c.is_alphanumeric()).collect();
    WORDS.iter().chain(ENGLISH).any(|word| folded.contains(word)) || WHOLE.contains(&folded.as_str())
}

#[cfg(test)]
mod tests {
    use super::is_forbidden;

    #[test]
    fn sensitive_columns_are_refused_in_their_usual_writings() {
        let headers = [
            "身份证号",
            "身份证 号码",
            "民族",
            "政治面貌",
            "婚姻状况",
            "家庭住址",
            "现住址",
            "银行卡号",
            "紧急联系人电话",
            "健康状况",
            "ID Card No.",
            "Marital Status",
            "home_address",
            "Bank Account",
            "Emergency-Contact",
            "Ethnicity",
        ];
        for header in headers {
            assert!(is_forbidden(header), "{header}");
        }
    }

    #[test]
    fn ordinary_columns_of_a_directory_come_in() {
        for header in
            ["工号", "姓名", "部门", "办公邮箱", "工作地", "email address", "employee_id", "直属上级工号", "备注"]
        {
            assert!(!is_forbidden(header), "{header}");
        }
    }
}
