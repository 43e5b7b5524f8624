//! Bytes of a page to text: byte order mark, header, declaration in the page, and at last detection.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

const DECLARATION_WITHIN: usize = 2_048;

/// Reads the bytes of a page as text; bytes that make no sense become `U+FFFD`.
///
/// `content_type` is the header as sent (may be empty); the last label of `host` is a hint for detection.
pub fn decode(bytes: &[u8], content_type: &str, host: &str) -> String {
    decode_as(None, bytes, content_type, host).into_owned()
}

/// As [`decode`], but by the encoding of that label where one is given: for sites that state a wrong one. UTF-8 is not copied.
pub fn decode_as<'a>(label: Option<&str>, bytes: &'a [u8], content_type: &str, host: &str) -> Cow<'a, str> {
    let given = label.and_then(|label| Encoding::for_label(label.as_bytes()));
    let encoding = given.unwrap_or_else(|| encoding_of(bytes, content_type, host));
    // The mark itself is not text; this removes it and would obey one that contradicts.
    encoding.decode(bytes).0
}

/// The encoding by which [`decode`] reads.
pub(crate) fn encoding_of(bytes: &[u8], content_type: &str, host: &str) -> &'static Encoding {
    Encoding::for_bom(bytes)
        .map(|(encoding, _)| encoding)
        .or_else(|| label_after(content_type.as_bytes(), b"charset").and_then(Encoding::for_label))
        .or_else(|| declared(bytes))
        .unwrap_or_else(|| detected(bytes, host))
}

fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes[..bytes.len().min(DECLARATION_WITHIN)].to_ascii_lowercase();
    let in_xml = head.strip_prefix(b"<?xml").and_then(|rest| {
        let end = find(rest, b"?>")?;
        label_after(&rest[..end], b"encoding").and_then(Encoding::for_label)
    });
    let found =
        in_xml.or_else(|| tags(&head, b"<meta").find_map(|tag| Encoding::for_label(label_after(tag, b"charset")?)))?;
    // Whoever could read the declaration byte by byte was not reading UTF-16.
    Some(if found == UTF_16LE || found == UTF_16BE { UTF_8 } else { found })
}

fn tags<'a>(head: &'a [u8], opening: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = head;
    std::iter::from_fn(move || {
        rest = &rest[find(rest, opening)? + opening.len()..];
        let end = rest.iter().position(|byte| *byte == b'>').unwrap_or(rest.len());
        Some(&rest[..end])
    })
}

/// The value in `key = "value"`, with or without quotes.
fn label_after<'a>(text: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let at = text.windows(key.len()).position(|window| window.eq_ignore_ascii_case(key))?;
    let value = text[at + key.len()..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b';' | b'/' | b'>' | b',');
    Some(&value[..value.iter().position(ends).unwrap_or(value.len())])
}

fn detected(bytes: &[u8], host: &str) -> &'static Encoding {
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let ending = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    detector.guess(Some(ending.as_bytes()).filter(|ending| ending.is_ascii()), Utf8Detection::Allow)
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use encoding_rs::GBK;
    use proptest::prelude::proptest;

    use super::decode;

    const PROSE: &str = "今天在公司楼下的咖啡馆写了一篇关于工作和生活的长文，欢迎大家留言讨论。";

    fn gbk(text: &str) -> Vec<u8> {
        GBK.encode(text).0.into_owned()
    }

    #[test]
    fn the_header_is_believed() {
        assert_eq!(decode(&gbk(PROSE), "text/html; Charset=\"GB2312\"", "a.example"), PROSE);
    }

    #[test]
    fn the_declaration_in_the_page_is_read() {
        for head in [
            "<meta charset=gbk>",
            "<META http-equiv='Content-Type' content='text/html; charset=gb2312'/>",
            "<?xml version='1.0' encoding='GBK'?>",
        ] {
            let page = format!("{head}{PROSE}");
            assert_eq!(decode(&gbk(&page), "text/html", "a.example"), page);
        }
    }

    #[test]
    fn a_label_that_is_given_stands_before_what_the_page_states() {
        let page = encoding_rs::GBK.encode("<meta charset=utf-8>云舟").0.into_owned();
        assert_eq!(super::decode_as(Some("gbk"), &page, "text/html; charset=utf-8", ""), "<meta charset=utf-8>云舟");
        assert_eq!(super::decode_as(None, "云舟".as_bytes(), "", ""), "云舟");
    }

    #[test]
    fn gbk_without_any_declaration_is_recognised() {
        assert_eq!(decode(&gbk(PROSE), "text/html", "news.cn"), PROSE);
        assert_eq!(decode(&gbk(PROSE), "", "a.example"), PROSE);
    }

    #[test]
    fn utf8_without_any_declaration_is_recognised() {
        assert_eq!(decode("云舟".as_bytes(), "", "a.cn"), "云舟");
    }

    #[test]
    fn a_byte_order_mark_comes_first_and_is_not_text() {
        assert_eq!(decode("\u{feff}云舟".as_bytes(), "text/html; charset=gbk", ""), "云舟");
        assert_eq!(decode(b"\xFF\xFE\x91\x4e", "", ""), "\u{4e91}");
    }

    #[test]
    fn a_page_that_claims_utf16_in_plain_letters_is_utf8() {
        assert_eq!(decode("<meta charset=utf-16>云".as_bytes(), "", ""), "<meta charset=utf-16>云");
    }

    #[test]
    fn a_charset_in_the_text_of_a_page_declares_nothing() {
        assert_eq!(decode("charset=gbk 云舟".as_bytes(), "", ""), "charset=gbk 云舟");
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_read(bytes: Vec<u8>, content_type: String, host: String) {
            let _ = decode(&bytes, &content_type, &host);
        }
    }
}
