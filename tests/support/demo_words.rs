//! What belongs to the fictional group of the demo, read from its ledgers: names, marks, ids.

use std::collections::BTreeSet;
use std::path::Path;

use crate::tree::root;

/// Words that the demo's ledgers share with every company: trades, jobs, given names that are everyday words.
const EVERYDAY: [&str; 12] =
    ["高兴", "夏天", "白雪", "汪洋", "任重", "丁一", "温雅", "张伟", "李娜", "Joyce", "Lynn", "云脑平台"];

/// The distinctive words of the fictional group.
pub(crate) fn demo_words() -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut take = |file: &str, columns: &[&str]| words.extend(column_words(&root().join(file), columns));
    take("watchlists/companies.csv", &["全称", "简称", "别名", "邮件域名"]);
    take("watchlists/terms.csv", &["词条"]);
    take("watchlists/employees.csv", &["工号", "姓名", "英文名"]);
    take("watchlists/official_accounts.csv", &["账号名", "账号ID"]);
    take("watchlists/exemptions.csv", &["豁免编号", "账号名", "账号ID"]);
    take("watchlists/brand_marks.csv", &["标识", "phash64"]);
    take("watchlists/disclosures.csv", &["编号"]);
    take("src/demo/ledgers/confidential_terms.csv", &["词条"]);
    words.extend(aliases_of_own_marks());
    words.extend(platform_ids());
    words.retain(|word| is_distinctive(word));
    words
}

/// Aliases of names and marks; the lists of jobs and phrases in composed terms are everybody's words.
fn aliases_of_own_marks() -> BTreeSet<String> {
    let rows = rows(&root().join("watchlists/terms.csv"));
    let own = rows.iter().filter(|row| !row.get("词条").is_some_and(|term| term.starts_with('{')));
    own.flat_map(|row| list(row.get("别名").map_or("", String::as_str))).collect()
}

fn platform_ids() -> BTreeSet<String> {
    let folder = root().join("src/demo/platforms");
    let files = std::fs::read_dir(folder).expect("the demo's platform files");
    files.map(|file| file.expect("a file").path().file_stem().expect("a name").to_string_lossy().into_owned()).collect()
}

/// At least two Han characters or five others; no composed or regular expressions; nothing everyday.
fn is_distinctive(word: &str) -> bool {
    let han = word.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count();
    let plain = !word.contains(['{', '\\', '+']);
    plain && !EVERYDAY.contains(&word) && (han >= 2 || word.chars().count() >= 5)
}

fn column_words(file: &Path, columns: &[&str]) -> BTreeSet<String> {
    let rows = rows(file);
    rows.iter()
        .flat_map(|row| columns.iter().filter_map(|column| row.get(*column)))
        .flat_map(|cell| list(cell))
        .collect()
}

fn list(cell: &str) -> Vec<String> {
    cell.split(['、', '；', '|']).map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

fn rows(file: &Path) -> Vec<std::collections::HashMap<String, String>> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader.deserialize().map(|row| row.expect("a row of the demo's ledgers")).collect()
}
