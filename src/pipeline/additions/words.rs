//! What is wrong with a file, in Chinese. The readers of platform files and sources write English, for logs and commands too; here
//! stand the sentences that people meet in the console, with holes for what differs.

use crate::casework::blocked::in_chinese;

/// English as it is written, and Chinese.
const SENTENCES: &[(&str, &str)] = &[
    ("is not TOML: {}", "不是 TOML（{}）"),
    ("is not a key known here", "这里不认识这一项"),
    ("is not a key known here; {}", "这里不认识这一项（{}）"),
    ("is missing", "缺少这一项"),
    (
        "is missing; only account and post can be reached by links alone",
        "缺少地址：只有 account 和 post 可以只靠链接到达",
    ),
    ("is missing: the handle identifies an account, its shown name does not", "缺少：账号靠 handle 识别，不靠显示名"),
    ("is missing: each post of a list needs its own address", "缺少：列表里每条内容要有自己的地址"),
    ("or title is missing: a post needs its words", "缺少 text 或 title：内容要有文字"),
    ("is missing: class C must say how else to get at the platform", "缺少：C 档要写明另外的途径"),
    ("or entry.listing, entry.account, entry.post must be described", "search、listing、account、post 至少要写一项"),
    ("or account or follow must say what is read here", "要写明读什么：post、account 或 follow"),
    ("is empty", "是空的"),
    ("is empty; leave the key out, or say something", "是空的：写上内容，或者去掉这一项"),
    ("is not an identifier of lower-case letters, digits, `_` and `-`", "标识只用小写字母、数字、_ 和 -"),
    ("is not a day such as 2026-11-01", "不是日期（如 2026-11-01）"),
    ("must start with {base}, http:// or https://", "要以 {base}、http:// 或 https:// 开头"),
    ("is not an http or https address", "不是 http 或 https 地址"),
    ("is not an address: {}", "不是地址（{}）"),
    ("ends in `/`, which {base} does not have", "末尾不要 /"),
    ("has no {term}: a search must ask for a term", "没有 {term}：搜索要带词"),
    ("has {term}, which only entry.search may send", "只有 entry.search 可以带 {term}"),
    ("has a `}` without `{`; write `}}` for the character", "有 } 而没有 {；要写字符本身请写 }}"),
    ("has a `{` without `}`; write `{{` for the character", "有 { 而没有 }；要写字符本身请写 {{"),
    ("has the selector `{}`: {}", "选择器「{}」写法不对（{}）"),
    ("has the JSONPath `{}`: {}", "JSONPath「{}」写法不对（{}）"),
    ("is not a regular expression: {}", "不是正则表达式（{}）"),
    (
        "is not for class C, which is never visited; say in `instead` how else to get at it",
        "C 档从不访问，不写这一项；请在 `instead` 写明另外的途径",
    ),
    ("is `{}`, expected one of {}", "是「{}」，只能是：{}"),
    ("is {}, expected {}", "类型不对：是 {}，要 {}"),
    ("is longer than {}", "太长，最多 {}"),
    ("missing field `{}`", "缺少 `{}`"),
    ("unknown field `{}`, expected one of {}", "不认识 `{}`，可以写：{}"),
    ("invalid type: {}, expected {}", "类型不对：是 {}，要 {}"),
    (
        "`base` must be an http or https address such as https://forum.example",
        "`base` 要是 http 或 https 地址，如 https://forum.example",
    ),
    ("`active_hours`: {}", "`active_hours` 要写成 01:00-06:00 这样（{}）"),
    ("`interval_min_s` must be between 0 and 86400 seconds", "`interval_min_s` 要在 0 到 86400 秒之间"),
    (
        "`token` is the name of a file in the folder of tokens: letters, digits, `.`, `_` and `-`",
        "`token` 是令牌文件夹里的文件名：字母、数字、. _ -",
    ),
];

/// What is wrong, in Chinese; as it is written where it is none of the known sentences.
pub(super) fn wrong(written: &str) -> String {
    in_chinese(SENTENCES, written).unwrap_or_else(|| written.to_owned())
}

#[cfg(test)]
mod tests {
    use super::wrong;

    #[test]
    fn a_known_sentence_is_said_in_chinese_and_another_as_it_is() {
        assert_eq!(wrong("missing field `platform`"), "缺少 `platform`");
        assert_eq!(wrong("must start with {base}, http:// or https://"), "要以 {base}、http:// 或 https:// 开头");
        assert_eq!(wrong("has the selector `a[[`: it ends"), "选择器「a[[」写法不对（it ends）");
        assert_eq!(wrong("something else"), "something else");
    }
}
