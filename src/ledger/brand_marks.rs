//! brand_marks.csv: registered marks as images, by perceptual hash or by a file beside the ledger.

use crate::ledger::cells::{Cells, read_lines};
use crate::ledger::definition::{Column, Ledger, Shape, column};
use crate::ledger::lines::Lines;
use crate::ledger::problem::{Problem, ProblemKind};
use crate::ledger::values;
use crate::model::company::BrandMark;
use crate::model::ids::CompanyCode;

pub(crate) const DISTANCE_MAX: u64 = 8;

const COLUMNS: &[Column] = &[
    column("标识", "name", Shape::Text, "星河科技标准图标").also(&["mark", "名称"]).required(),
    column("公司代码", "company", Shape::Code, "XH").also(&["company_code"]).company().required(),
    column("phash64", "phash", Shape::Code, "").hint("16位十六进制；与「图片」至少填一项"),
    column("图片", "image", Shape::Text, "xinghe.png")
        .also(&["图片文件", "image_file"])
        .hint("与本表同一文件夹中的图片文件名"),
    column("阈值(汉明距离)", "distance_max", Shape::Whole, "8").also(&["阈值", "threshold"]).hint("0到64，留空为8"),
    column("备注", "note", Shape::Text, ""),
];

/// The brand marks ledger.
pub static BRAND_MARKS: Ledger = Ledger {
    name: "brand_marks",
    title_zh: "图形标识",
    title_en: "Brand marks",
    columns: COLUMNS,
    key: &["name", "company"],
    is_unique: true,
    is_required: false,
    is_confidential: false,
};

/// Reads the marks.
pub fn brand_marks(lines: &Lines) -> (Vec<BrandMark>, Vec<Problem>) {
    read_lines(lines, brand_mark)
}

fn brand_mark(cells: &mut Cells<'_>) -> BrandMark {
    let (phash64, image) = (phash(cells), image(cells));
    if phash64.is_none() && image.is_none() && cells.text("phash").is_empty() {
        let (zh, en) = ("与「图片」至少填一项", "or 「图片」 (image) must be given");
        cells.complain(ProblemKind::Error, cells.column("phash"), zh, en);
    }
    BrandMark {
        name: cells.text("name"),
        company: CompanyCode::new(cells.code("company")),
        phash64,
        image,
        distance_max: distance(cells),
        note: cells.text("note"),
    }
}

fn phash(cells: &mut Cells<'_>) -> Option<u64> {
    let text = cells.code("phash");
    if text.is_empty() {
        return None;
    }
    let digits = text.strip_prefix("0x").unwrap_or(&text);
    let hash = (digits.len() == 16).then(|| u64::from_str_radix(digits, 16).ok()).flatten();
    if hash.is_none() {
        cells.refuse(cells.column("phash"), &text, "应为16位十六进制", "must be 16 hexadecimal digits");
    }
    hash
}

fn image(cells: &mut Cells<'_>) -> Option<String> {
    let text = values::clean(&cells.text("image")).to_owned();
    if text.is_empty() {
        return None;
    }
    // A name with a path could point outside the folder of the ledgers.
    if text.contains(['/', '\\', ':']) || text.starts_with('.') {
        cells.refuse(cells.column("image"), &text, "只写文件名，不写路径", "must be a file name without a path");
    }
    Some(text)
}

fn distance(cells: &mut Cells<'_>) -> u32 {
    let distance = cells.whole("distance_max").unwrap_or(DISTANCE_MAX);
    if distance > 64 {
        cells.refuse(cells.column("distance_max"), &distance.to_string(), "应在0到64之间", "must lie between 0 and 64");
    }
    u32::try_from(distance.min(64)).unwrap_or(64)
}
