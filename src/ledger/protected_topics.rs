//! protected_topics.csv: speech that must never alert. It is changed in the console by two people, neither of them of HR.

use crate::ledger::cells::{Cells, read_lines};
use crate::ledger::definition::{Column, Ledger, Shape, column};
use crate::ledger::lines::Lines;
use crate::ledger::problem::Problem;
use crate::model::ids::TopicId;
use crate::model::person::ProtectedTopic;

const COLUMNS: &[Column] = &[
    column("编号", "id", Shape::Code, "P901").required(),
    column("名称", "name", Shape::Text, "拖欠工资").required(),
    column("词语", "words", Shape::List, "欠薪、拖欠工资、加班费").required(),
    column("依据", "basis", Shape::Text, "劳动法").also(&["法律依据"]),
];

/// The protected topics ledger.
pub static PROTECTED_TOPICS: Ledger = Ledger {
    name: "protected_topics",
    title_zh: "权益保护",
    title_en: "Protected topics",
    columns: COLUMNS,
    key: &["id"],
    is_unique: true,
    is_required: true,
    is_confidential: false,
};

/// Reads the protected topics.
pub fn protected_topics(lines: &Lines) -> (Vec<ProtectedTopic>, Vec<Problem>) {
    read_lines(lines, protected_topic)
}

fn protected_topic(cells: &mut Cells<'_>) -> ProtectedTopic {
    ProtectedTopic {
        id: TopicId::new(cells.code("id")),
        name: cells.text("name"),
        words: cells.list("words"),
        basis: cells.text("basis"),
    }
}
