//! Records as rows of a table, CSV or XLSX: what people export from another tool, or keep by hand.

use chrono_tz::Tz;
use serde_json::{Map, Value};
use url::Url;

use crate::ledger::table::{Limits, Table, TableRow, encode, read};
use crate::ledger::values::{date, fold_choice, fold_header, instant_in, whole};
use crate::model::time::Timestamp;

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// 账号 or 内容.
    Kind,
    /// Text as it stands.
    Text,
    /// An identifier. A spreadsheet program rounds long numbers, which are somebody else's then.
    Id,
    /// An address of the web.
    Address,
    /// A whole number.
    Whole,
    /// An instant or a day; without an offset by the clocks of the group.
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
    column(&["账号ID", "handle", "账号标识", "作者ID", "作者账号", "author"], Shape::Id, "handle", "account", "yun_li"),
    column(
        &["账号名", "name", "昵称", "display_name", "作者", "作者名"],
        Shape::Text,
        "display_name",
        "author_name",
        "云里",
    ),
    column(&["链接", "url", "网址"], Shape::Address, "url", "url", "https://forum.example/u/yun_li"),
    column(&["简介", "bio", "个人简介", "签名"], Shape::Text, "bio", "", "普通用户"),
    column(&["认证类型", "verification_type"], Shape::Text, "verification.type", "", ""),
    column(&["认证", "verification", "认证信息", "认证说明"], Shape::Text, "verification.text", "", ""),
    column(&["任职信息", "employer_field", "所在公司", "所在单位"], Shape::Text, "employer_field", "", ""),
    column(&["头像链接", "avatar_url", "头像"], Shape::Address, "avatar.url", "", ""),
    column(&["头像哈希", "avatar_phash64"], Shape::Text, "avatar.phash64", "", ""),
    column(&["IP属地", "ip_region", "属地", "地区"], Shape::Text, "ip_region", "", ""),
    column(&["粉丝", "followers", "粉丝数"], Shape::Whole, "followers", "", "120"),
    column(&["首次发现", "first_seen", "首次出现"], Shape::Instant, "first_seen", "", ""),
    column(&["标题", "title"], Shape::Text, "", "title", ""),
    column(&["正文", "text", "内容", "content"], Shape::Text, "", "text", ""),
    column(&["发布时间", "published", "时间"], Shape::Instant, "", "published", ""),
    column(&["记录编号", "id", "编号"], Shape::Id, "id", "id", ""),
    column(&["前次记录", "snapshot_of"], Shape::Id, "snapshot_of", "", ""),
];

/// Rows that begin so are for people and are not read, where the first column is 类型: in any other a text may begin so.
const REMARK: &str = "#";

/// What was read: the records by row, or what is wrong with a row, and columns that are not read.
pub(super) struct Rows {
    pub(super) records: Vec<(usize, Result<Value, String>)>,
    pub(super) unread: Vec<String>,
}

/// Reads a table. An error says what is wrong with the file as a whole; it may name headers, never cells.
pub(super) fn parse(file: &str, bytes: &[u8], zone: Tz) -> Result<Rows, String> {
    let Table { rows } = read(file, bytes, &Limits::default()).map_err(|problem| problem.en)?;
    let (header, rows) = rows.split_first().ok_or("has no header row")?;
    let (columns, unread) = columns(header)?;
    let has_remarks = columns.first().copied().flatten().is_some_and(|column| column.shape == Shape::Kind);
    let is_remark = |row: &&TableRow| has_remarks && row.cells.first().is_some_and(|cell| cell.starts_with(REMARK));
    let rows = rows.iter().filter(|row| !is_remark(row));
    let records = rows.map(|row| (row.number as usize, record(row, &columns, zone))).collect();
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

fn record(row: &TableRow, columns: &[Option<&'static Column>], zone: Tz) -> Result<Value, String> {
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
            put(&mut fields, field, value(column, cell, zone)?);
        }
    }
    if !fields.contains_key("platform") {
        return Err("column 「平台」 is empty".to_owned());
    }
    let identity: &[&str] = if kind == "post" { &["url", "id"] } else { &["url", "id", "handle"] };
    if !identity.iter().any(|field| fields.contains_key(*field)) {
        return Err("nothing tells it from another one: fill in 「链接」, or 「账号ID」 for an account".to_owned());
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

fn value(column: &Column, cell: &str, zone: Tz) -> Result<Value, String> {
    match column.shape {
        Shape::Kind | Shape::Text => Ok(cell.into()),
        Shape::Id if is_rounded(cell) => Err(at(column, "is a number that was rounded; format the column as text")),
        Shape::Id => Ok(cell.into()),
        Shape::Address => match Url::parse(cell) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(cell.into()),
            _ => Err(at(column, "is not an address that begins with http:// or https://")),
        },
        Shape::Whole => whole(cell).map(Value::from).ok_or_else(|| at(column, "is not a whole number")),
        Shape::Instant => {
            let day = || date(cell).map(|day| Timestamp::start_of(day, zone));
            let instant = instant_in(cell, zone).map(|(instant, _)| instant).or_else(day);
            let instant = instant.ok_or_else(|| at(column, "is not a time such as 2026-11-20 18:00"))?;
            serde_json::to_value(instant).map_err(|error| at(column, &error.to_string()))
        }
    }
}

/// Whether it is written like `1.23457E+17`.
fn is_rounded(cell: &str) -> bool {
    let parts = cell.split_once(['E', 'e']);
    parts.is_some_and(|(number, power)| {
        number.parse::<f64>().is_ok() && power.strip_prefix('+').is_some_and(|power| power.parse::<u8>().is_ok())
    })
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

    const ZONE: chrono_tz::Tz = chrono_tz::Asia::Shanghai;

    fn problems(text: &str) -> Vec<String> {
        let rows = parse("r.csv", text.as_bytes(), ZONE).unwrap();
        rows.records.iter().filter_map(|(row, record)| Some(format!("{row}: {}", record.as_ref().err()?))).collect()
    }

    #[track_caller]
    fn refused(text: &str, said: &str) {
        let error = parse("r.csv", text.as_bytes(), ZONE).err().unwrap();
        assert!(error.contains(said), "{error}");
    }

    #[test]
    fn a_row_with_a_text_is_a_post_and_another_one_an_account() {
        let rows = parse(
            "r.csv",
            "平台,链接,账号ID,昵称,认证,正文,发布时间\nforum,https://f.example/u1,u1,云里,工程师,,\nforum,https://f.example/p,u1,云里,,你好,2026-11-20 18:00\n"
                .as_bytes(),
            ZONE,
        )
        .unwrap();
        let records: Vec<_> = rows.records.into_iter().map(|(row, record)| (row, record.unwrap())).collect();
        let account = json!({"kind": "account", "platform": "forum", "url": "https://f.example/u1", "handle": "u1", "display_name": "云里", "verification": {"text": "工程师"}});
        let post = json!({"kind": "post", "platform": "forum", "url": "https://f.example/p", "account": "u1", "author_name": "云里", "text": "你好", "published": "2026-11-20T10:00:00Z"});
        assert_eq!(records, [(2, account), (3, post)]);
    }

    #[test]
    fn headers_are_known_in_english_too_and_unknown_ones_are_told() {
        let rows = parse("r.csv", b"Platform,URL,remark\nforum,https://forum.example/u/1,x\n", ZONE).unwrap();
        assert_eq!((rows.unread, rows.records.len()), (vec!["remark".to_owned()], 1));
    }

    #[test]
    fn a_cell_that_cannot_be_used_costs_its_row_and_is_not_repeated() {
        let text = "平台,账号ID,粉丝,发布时间,类型\nforum,u1,许多秘密,,\nforum,u2,1.2万,,\nforum,u3,,昨夜秘密,内容\n,u4,,,\nforum,u5,5,,秘密\nforum,u6,1200人,,账号\n";
        let told = problems(text);
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
    fn a_text_that_begins_like_a_remark_is_read() {
        let rows = parse("r.csv", "正文,平台,链接\n#春招#来吧,forum,https://f.example/1\n".as_bytes(), ZONE).unwrap();
        assert_eq!(rows.records.len(), 1);
    }

    #[test]
    fn a_day_is_its_beginning_by_the_clocks_of_the_group() {
        let text = "平台,链接,正文,发布时间\nforum,https://f.example/1,你好,2026年9月1日\nforum,https://f.example/2,你好,2026-09-01 08:00\n";
        let rows = parse("r.csv", text.as_bytes(), chrono_tz::Asia::Tokyo).unwrap();
        let published = |at: usize| rows.records[at].1.as_ref().unwrap()["published"].clone();
        assert_eq!((published(0), published(1)), (json!("2026-08-31T15:00:00Z"), json!("2026-08-31T23:00:00Z")));
    }

    #[test]
    fn what_would_be_somebody_else_s_identity_is_refused() {
        let text = "平台,账号ID,链接,正文\nforum,1.23457E+17,,\nforum,,见附件,\nforum,u1,,你好\nforum,12E5,,\n";
        let told = problems(text);
        let places =
            ["2: column 「账号ID」 is a number", "3: column 「链接」 is not an address", "4: nothing tells it"];
        assert_eq!(told.len(), places.len(), "{told:?}");
        assert!(told.iter().zip(places).all(|(told, place)| told.starts_with(place)), "{told:?}");
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
        let rows = parse("r.csv", &template(), ZONE).unwrap();
        assert!(rows.unread.is_empty() && rows.records.is_empty());
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in any::<Vec<u8>>()) {
            let _ = parse("r.csv", &bytes, ZONE);
            let _ = parse("r.csv", &["平台,链接,正文,粉丝,发布时间\n".as_bytes(), &bytes].concat(), ZONE);
        }
    }
}
