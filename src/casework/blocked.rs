//! Why a page or a source showed nothing, in the reader's language. What is noted of it is English and for logs too; here stand the
//! sentences that may be noted, with holes for what differs.

use chrono_tz::Tz;

use crate::model::finding::Reason;
use crate::model::time::Timestamp;

/// English as it is noted, and Chinese. The first that fits counts.
const SENTENCES: &[(&str, &str)] = &[
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
    ("a page of the visit that broke off was blocked", "中断的那次访问里有一页不让看"),
    ("the platform is no longer known", "平台文件已经没有了"),
    ("it redirects to an address of scheme {}", "被转到 {} 开头的地址"),
    ("it redirects from https to http", "从 https 被转到 http"),
    ("its scheme is {}, not http or https", "地址以 {} 开头，不是 http 或 https"),
    ("it carries a user name or password", "地址里有用户名或密码"),
    ("port {} is not one of the web", "端口 {} 不是网页端口"),
    ("the port is not that of its fixed address", "端口与固定地址的不同"),
    ("it names no host", "地址里没有主机"),
    ("a token goes over https only, so `base` must begin with https://", "令牌只走 https，`base` 要以 https:// 开头"),
    (
        "the token file {} holds no token: one line of visible ASCII characters",
        "令牌文件 {} 里没有令牌（一行可见的 ASCII 字符）",
    ),
    ("the token file: {}", "令牌文件读不了（{}）"),
    (
        "`token_header` is no header with a place for the token, such as `Authorization: Bearer {}`",
        "`token_header` 不是带令牌位置的请求头（如 Authorization: Bearer {}）",
    ),
    ("it redirects from the open web to the inside", "从外网被转到内网地址"),
    ("it redirects in a circle", "几个地址之间来回跳转"),
    ("it redirects more than {} times", "跳转超过 {} 次"),
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

/// A reason in both languages, with instants by the clocks of a zone; in English alone where it is none of the known sentences.
pub fn blocked_reason(noted: &str, zone: Tz) -> Reason {
    let noted = in_zone(noted, zone);
    Reason::new(chinese(&noted).unwrap_or_else(|| noted.clone()), noted)
}

/// What is noted has instants as logs have them.
fn in_zone(noted: &str, zone: Tz) -> String {
    let local = |word: &str| match Timestamp::parse(word) {
        Ok(instant) => instant.local(zone).format("%Y-%m-%d %H:%M").to_string(),
        Err(_) => word.to_owned(),
    };
    noted.split(' ').map(local).collect::<Vec<_>>().join(" ")
}

fn chinese(noted: &str) -> Option<String> {
    in_chinese(SENTENCES, noted).or_else(|| {
        AROUND.iter().find_map(|(en, zh)| {
            let mut found = holes(en, noted)?;
            let inner =
                found.pop().and_then(|inner| chinese(inner).map(std::borrow::Cow::Owned).or(Some(inner.into())))?;
            let outer: Vec<&str> = found.into_iter().chain([inner.as_ref()]).collect();
            Some(filled(zh, &outer))
        })
    })
}

/// What is said in English, in Chinese: the first of the sentences that fits, with what stands in its holes (`{}`).
pub(crate) fn in_chinese(sentences: &[(&str, &str)], said: &str) -> Option<String> {
    sentences.iter().find_map(|(en, zh)| Some(filled(zh, &holes(en, said)?)))
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
    use chrono_tz::Asia::Shanghai;

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
            ("a.example is not visited: it redirects more than 10 times", "不访问 a.example：跳转超过 10 次"),
            ("a.example is not visited: something else", "不访问 a.example：something else"),
        ] {
            let reason = blocked_reason(noted, Shanghai);
            assert_eq!((reason.zh.as_str(), reason.en.as_str()), (zh, noted));
        }
    }

    #[test]
    fn instants_are_those_of_the_readers_clocks() {
        let noted = "outside the hours of the source, which begin at 2026-12-01T17:00:00Z";
        let reason = blocked_reason(noted, Shanghai);
        assert_eq!(reason.zh, "不在来源的时段内，2026-12-02 01:00 开始");
        assert_eq!(reason.en, "outside the hours of the source, which begin at 2026-12-02 01:00");
    }

    #[test]
    fn what_is_not_known_is_said_as_it_was_noted() {
        for noted in ["", "mark ", "{} {}", "something of an operator", "a status 403", "layouts"] {
            assert_eq!(blocked_reason(noted, Shanghai).zh, noted);
        }
    }
}
