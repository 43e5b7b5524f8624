//! Records as rows of a table, CSV or XLSX: what people export from another tool, or keep by hand.

use serde_json::{Map, Value};

use crate::ledger::table::{Limits, Table, TableRow, encode, read};
use crate::ledger::values::{fold_choice, fold_header, instant, whole};

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// 账号 or 内容.
    Kind,
    /// Text as it stands.
    Text,
    /// A whole number.
    Whole,
    /// An instant; without an offset in Beijing time.
    Instant,
}

/// One column: its headers, the first for people, and the field of an account and of a post that it fills; none where
/// it says nothing of such a record.
struct Column {
    headers: &'static [&'static str],
    shape: Shape,
    account: &'static str,
    post: &'static str,
    example: &'static str,
}

const fn column(
    headers: &'static [&'static str],
    shape: Shape,
    account: &'static str,
    post: &'static str,
    example: &'static str,
) -> Column {
    Column { headers, shape, account, post, example }
}

const COLUMNS: [Column; 19] = [
    column(&["类型", "kind", "记录类型"], Shape::Kind, "kind", "kind", "账号"),
    column(&["平台", "platform"], Shape::Text, "platform", "platform", "forum"),
    column(&["账号ID", "handle", "账号标识", "作者ID", "author"], Shape::Text, "handle", "account", "yun_li"),
    column(
        &["账号名", "name", "昵称", "display_name", "作者", "作者名"],
        Shape::Text,
        "display_name",
        "author_name",
        "云里",
    ),
    column(&["链接", "url", "网址", "地址"], Shape::Text, "url", "url", "https://forum.example/u/yun_li"),
    column(&["简介", "bio", "个人简介", "签名"], Shape::Text, "bio", "", "普通用户"),
    column(&["认证类型", "verification_type"], Shape::Text, "verification.type", "", ""),
    column(&["认证", "verification", "认证信息", "认证说明"], Shape::Text, "verification.text", "", ""),
    column(&["任职信息", "employer_field", "所在公司"], Shape::Text, "employer_field", "", ""),
    column(&["头像链接", "avatar_url", "头像"], Shape::Text, "avatar.url", "", ""),
    column(&["头像哈希", "avatar_phash64"], Shape::Text, "avatar.phash64", "", ""),
    column(&["IP属地", "ip_region", "属地"], Shape::Text, "ip_region", "", ""),
    column(&["粉丝", "followers", "粉丝数"], Shape::Whole, "followers", "", "120"),
    column(&["首次发现", "first_seen"], Shape::Instant, "first_seen", "", ""),
    column(&["标题", "title"], Shape::Text, "", "title", ""),
    column(&["正文", "text", "内容", "content"], Shape::Text, "", "text", ""),
    column(&["发布时间", "published", "时间"], Shape::Instant, "", "published", ""),
    column(&["记录编号", "id", "编号"], Shape::Text, "id", "id", ""),
    column(&["前次记录", "snapshot_of"], Shape::Text, "snapshot_of", "", ""),
];

/// Rows that begin so are for people and are not read.
const REMARK: &str = "#";

/// What was read: the records by row, or what is wrong with a row, and columns that are not read.
pub(super) struct Rows {
    pub(super) records: Vec<(usize, Result<Value, String>)>,
    pub(super) unread: Vec<String>,
}

/// Reads a table. An error says what is wrong with the file as a whole; it may name headers, never cells.
pub(super) fn parse(file: &str, bytes: &[u8]) -> Result<Rows, String> {
    let Table { rows } = read(file, bytes, &Limits::default()).map_err(|problem| problem.en)?;
    let mut rows = rows.iter().filter(|row| !row.cells.first().is_some_and(|cell| cell.starts_with(REMARK)));
    let header = rows.next().ok_or("has no header row")?;
    let (columns, unread) = columns(header)?;
    let records = rows.map(|row| (row.number as usize, record(row, &columns))).collect();
    Ok(Rows { records, unread })
}

/// Which column stands where, and the headers that are not known.
fn columns(header: &TableRow) -> Result<(Vec<Option<&'static Column>>, Vec<String>), String> {
    let mut unread = Vec::new();
    let mut found: Vec<Option<&'static Column>> = Vec::new();
    for cell in &header.cells {
        let column = known(cell);
        if column.is_none() && !cell.is_empty() {
            unread.push(cell.clone());
        }
        let is_same = |other: &Option<&'static Column>| {
            other.is_some_and(|other| Some(other.headers) == column.map(|c| c.headers))
        };
        if found.iter().any(is_same) {
            return Err(format!("has the column 「{cell}」 twice; keep one"));
        }
        found.push(column);
    }
    let has = |field: &str| found.iter().flatten().any(|column| column.account == field);
    if !has("platform") || !(has("handle") || has("url") || has("id")) {
        return Err(
            "is neither JSON lines nor a table of records: a header row needs 「平台」 (platform), and 「账号ID」 \
                    (handle) or 「链接」 (url); `wanglou import --template FILE` writes an empty table"
                .to_owned(),
        );
    }
    Ok((found, unread))
}

fn known(header: &str) -> Option<&'static Column> {
    let folded = fold_header(header);
    COLUMNS.iter().find(|column| column.headers.iter().any(|name| fold_header(name) == folded))
}

fn record(row: &TableRow, columns: &[Option<&'static Column>]) -> Result<Value, String> {
    let cells = || {
        let filled = columns.iter().zip(&row.cells).filter(|(_, cell)| !cell.is_empty());
        filled.filter_map(|(column, cell)| Some(((*column)?, cell.as_str())))
    };
    let kind = match cells().find(|(column, _)| column.shape == Shape::Kind) {
        Some((column, cell)) => kind_of(cell).ok_or_else(|| at(column, "is neither 账号 (account) nor 内容 (post)"))?,
        None if cells().any(|(column, _)| column.account.is_empty()) => "post",
        None => "account",
    };
    let mut fields = Map::new();
    for (column, cell) in cells() {
        let field = if kind == "post" { column.post } else { column.account };
        if !field.is_empty() && column.shape != Shape::Kind {
            put(&mut fields, field, value(column, cell)?);
        }
    }
    if !fields.contains_key("platform") {
        return Err("column 「平台」 is empty".to_owned());
    }
    fields.insert("kind".to_owned(), kind.into());
    Ok(fields.into())
}

fn kind_of(cell: &str) -> Option<&'static str> {
    match fold_choice(cell).as_str() {
        "账号" | "账户" | "帐号" | "account" => Some("account"),
        "内容" | "帖子" | "文章" | "评论" | "post" => Some("post"),
        _ => None,
    }
}

fn value(column: &Column, cell: &str) -> Result<Value, String> {
    match column.shape {
        Shape::Kind | Shape::Text => Ok(cell.into()),
        Shape::Whole => whole(cell).map(Value::from).ok_or_else(|| at(column, "is not a whole number")),
        Shape::Instant => {
            let (instant, _) = instant(cell).ok_or_else(|| at(column, "is not a time such as 2026-11-20 18:00"))?;
            serde_json::to_value(instant).map_err(|error| at(column, &error.to_string()))
        }
    }
}

fn at(column: &Column, problem: &str) -> String {
    format!("column 「{}」 {problem}", column.headers[0])
}

/// Puts a value at a field, or at a field of a field (`avatar.url`).
fn put(fields: &mut Map<String, Value>, field: &str, value: Value) {
    match field.split_once('.') {
        None => {
            fields.insert(field.to_owned(), value);
        }
        Some((outer, inner)) => {
            let outer = fields.entry(outer).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(outer) = outer {
                put(outer, inner, value);
            }
        }
    }
}

/// An empty table of records, as CSV: the headers, and an example that is not read.
pub fn template() -> Vec<u8> {
    let line = |cell: fn(&Column) -> &'static str| COLUMNS.iter().map(cell).collect::<Vec<_>>().join(",") + "\r\n";
    encode(&format!("{}# 示例 {}", line(|column| column.headers[0]), line(|column| column.example)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};
    use serde_json::json;

    use super::{parse, template};

    #[track_caller]
    fn refused(text: &str, said: &str) {
        let error = parse("r.csv", text.as_bytes()).err().unwrap();
        assert!(error.contains(said), "{error}");
    }

    #[test]
    fn a_row_with_a_text_is_a_post_and_another_one_an_account() {
        let rows = parse(
            "r.csv",
            "平台,账号ID,昵称,认证,正文,发布时间\nforum,u1,云里,工程师,,\nforum,u1,云里,,你好,2026-11-20 18:00\n"
                .as_bytes(),
        )
        .unwrap();
        let records: Vec<_> = rows.records.into_iter().map(|(row, record)| (row, record.unwrap())).collect();
        let account = json!({"kind": "account", "platform": "forum", "handle": "u1", "display_name": "云里", "verification": {"text": "工程师"}});
        let post = json!({"kind": "post", "platform": "forum", "account": "u1", "author_name": "云里", "text": "你好", "published": "2026-11-20T10:00:00Z"});
        assert_eq!(records, [(2, account), (3, post)]);
    }

    #[test]
    fn headers_are_known_in_english_too_and_unknown_ones_are_told() {
        let rows = parse("r.csv", b"Platform,URL,remark\nforum,https://forum.example/u/1,x\n").unwrap();
        assert_eq!((rows.unread, rows.records.len()), (vec!["remark".to_owned()], 1));
    }

    #[test]
    fn a_cell_that_cannot_be_used_costs_its_row_and_is_not_repeated() {
        let text = "平台,账号ID,粉丝,发布时间,类型\nforum,u1,许多秘密,,\nforum,u2,1.2万,,\nforum,u3,,昨夜秘密,内容\n,u4,,,\nforum,u5,5,,秘密\nforum,u6,1200人,,账号\n";
        let rows = parse("r.csv", text.as_bytes()).unwrap();
        let told: Vec<String> = rows
            .records
            .iter()
            .filter_map(|(row, record)| Some(format!("{row}: {}", record.as_ref().err()?)))
            .collect();
        let places = [
            "2: column 「粉丝」",
            "3: column 「粉丝」",
            "4: column 「发布时间」",
            "5: column 「平台」",
            "6: column 「类型」",
        ];
        assert_eq!(told.len(), places.len(), "{told:?}");
        for (told, place) in told.iter().zip(places) {
            assert!(told.starts_with(place) && !told.contains("秘密"), "{told}");
        }
    }

    #[test]
    fn a_file_without_the_necessary_columns_is_refused_with_what_to_write() {
        refused("账号ID,昵称\nu1,云里\n", "needs 「平台」");
        refused("平台,昵称\nforum,云里\n", "or 「链接」 (url)");
        refused("平台,链接,网址\n", "the column 「网址」 twice");
        refused("", "is empty");
    }

    #[test]
    fn the_template_is_an_empty_table() {
        let rows = parse("r.csv", &template()).unwrap();
        assert!(rows.unread.is_empty() && rows.records.is_empty());
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in any::<Vec<u8>>()) {
            let _ = parse("r.csv", &bytes);
            let _ = parse("r.csv", &["平台,链接,正文,粉丝,发布时间\n".as_bytes(), &bytes].concat());
        }
    }
}
