//! Why a page or a source showed nothing, in the reader's language. What is noted of it is English and for logs too; here stand the
//! sentences that may be noted, with holes for what differs.

use crate::model::finding::Reason;

/// English as it is noted, and Chinese. The first that fits counts.
const SENTENCES: [(&str, &str); 29] = [
    ("layout", "页面改版，认不出内容"),
    ("too large", "页面太大"),
    ("no such entry", "平台文件没有这一项"),
    ("no content", "答复是空的"),
    ("nested too deeply", "页面嵌套太深"),
    ("not json", "答复不是 JSON"),
    ("not a feed", "答复不是订阅源"),
    ("not a sitemap", "答复不是站点地图"),
    ("mark {}", "页面上出现「{}」"),
    ("redirect to {}", "被转到 {}"),
    ("status {}", "状态码 {}"),
    ("robots.txt forbids it", "robots.txt 不允许访问"),
    ("nothing could be fetched", "什么都没有取得"),
    ("the source is paused", "来源已暂停"),
    ("another worker visits the host now", "另一个进程正在访问这个网站"),
    ("there is no platform file {}", "没有平台文件 {}"),
    ("the address is private or reserved", "地址是内网或保留地址"),
    ("the name belongs to a local network", "域名属于内网"),
    ("the name leads to a private or reserved address", "域名指向内网或保留地址"),
    ("outside the hours of the source, which begin at {}", "不在来源的时段内，{} 开始"),
    ("the daily page cap of the source is reached until {}", "今日页数已到上限，{} 恢复"),
    ("not the address of a web page: {}", "不是网页地址：{}"),
    ("robots.txt of {} forbids the page: {}", "{} 的 robots.txt 不允许访问（{}）"),
    (
        "robots.txt of {} cannot be read ({}), so the site is left alone for now",
        "{} 的 robots.txt 读不到（{}），暂不访问",
    ),
    ("the answer of {} is larger than {} bytes", "{} 的答复超过 {} 字节"),
    ("{} asks for slower visits; come back later", "{} 要求放慢，过些时候再访问"),
    ("{} failed several times in a row and rests until {}", "{} 接连失败，停到 {}"),
    ("{} did not answer in time", "{} 没有按时答复"),
    ("{} cannot be reached: {}", "连不上 {}（{}）"),
];
/// The same around another reason.
const AROUND: [(&str, &str); 2] =
    [("{} is left alone: {}", "暂不访问 {}：{}"), ("{} is not visited: {}", "不访问 {}：{}")];

/// A reason in both languages; in English alone where it is none of the known sentences.
pub fn blocked_reason(noted: &str) -> Reason {
    Reason::new(chinese(noted).unwrap_or_else(|| noted.to_owned()), noted)
}

fn chinese(noted: &str) -> Option<String> {
    let plain = SENTENCES.iter().find_map(|(en, zh)| Some(filled(zh, &holes(en, noted)?)));
    plain.or_else(|| {
        AROUND.iter().find_map(|(en, zh)| {
            let mut found = holes(en, noted)?;
            let inner =
                found.pop().and_then(|inner| chinese(inner).map(std::borrow::Cow::Owned).or(Some(inner.into())))?;
            let outer: Vec<&str> = found.into_iter().chain([inner.as_ref()]).collect();
            Some(filled(zh, &outer))
        })
    })
}

/// What stands in the holes of a sentence; none where it is another one.
fn holes<'n>(sentence: &str, noted: &'n str) -> Option<Vec<&'n str>> {
    let mut parts = sentence.split("{}");
    let mut rest = noted.strip_prefix(parts.next()?)?;
    let mut found = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        // The last part must be the end, the others stand where they come first.
        let end = if parts.peek().is_none() { rest.len().checked_sub(part.len())? } else { rest.find(part)? };
        let (hole, after) = rest.split_at_checked(end)?;
        rest = after.strip_prefix(part)?;
        found.push(hole);
    }
    (rest.is_empty() && found.iter().all(|hole| !hole.is_empty())).then_some(found)
}

fn filled(sentence: &str, holes: &[&str]) -> String {
    holes.iter().fold(sentence.to_owned(), |text, hole| text.replacen("{}", &hole.replace("{}", ""), 1))
}

#[cfg(test)]
mod tests {
    use super::blocked_reason;

    #[test]
    fn what_is_noted_in_english_is_said_in_chinese_with_what_stood_in_it() {
        for (noted, zh) in [
            ("layout", "页面改版，认不出内容"),
            ("status 403", "状态码 403"),
            ("mark 请先登录", "页面上出现「请先登录」"),
            ("forum.example cannot be reached: connection refused", "连不上 forum.example（connection refused）"),
            (
                "robots.txt of a.example cannot be read (status 503), so the site is left alone for now",
                "a.example 的 robots.txt 读不到（status 503），暂不访问",
            ),
            (
                "a.example is left alone: another worker visits the host now",
                "暂不访问 a.example：另一个进程正在访问这个网站",
            ),
            ("a.example is not visited: something else", "不访问 a.example：something else"),
        ] {
            let reason = blocked_reason(noted);
            assert_eq!((reason.zh.as_str(), reason.en.as_str()), (zh, noted));
        }
    }

    #[test]
    fn what_is_not_known_is_said_as_it_was_noted() {
        for noted in ["", "mark ", "{} {}", "something of an operator", "status 403 or so\n", "layouts"] {
            let reason = blocked_reason(noted);
            assert!(reason.zh == noted || noted.starts_with("status"), "{noted}: {}", reason.zh);
        }
    }
}
