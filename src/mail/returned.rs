//! What a mail server says of a letter that it had accepted and could not deliver: delivery status notifications
//! (RFC 3464). Anybody can write such a mail, so it is only read here; whether it is about one of our letters is decided
//! elsewhere.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Message, MessageParser, MimeHeaders};

/// Largest mail that is read, bytes. A notification with the whole letter in it is far smaller.
pub(crate) const BYTES_MAX: usize = 1 << 20;
/// Parts of a mail at most, those that hold others included.
const PARTS_MAX: usize = 100;
/// Recipients of one notification that are looked at: our letters have one each.
const RECIPIENTS_MAX: usize = 50;

/// What became of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It will not be delivered.
    Failed,
    /// It is late, and still tried.
    Delayed,
}

/// A notification. It names the letter by its Message-ID and nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Message-ID of the letter without its angle brackets.
    pub message_id: String,
    /// What became of it.
    pub action: Action,
    /// Status code (RFC 3463) such as `5.1.1`; empty when there is none.
    pub status: String,
}

/// What a mail turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// A notification that a letter failed or is late.
    Notification(Notification),
    /// Anything else, such as an answer or a note of absence.
    Other,
    /// Too large, with too many parts, or no mail at all.
    Unreadable,
}

/// Reads a mail as it lies in a mailbox. Only multiparts are taken apart, one after the other: of a mail within the mail, nested as
/// deep as anybody likes, nothing but the headers is read.
pub fn read(bytes: &[u8]) -> Read {
    let leaves = Some(bytes).filter(|bytes| bytes.len() <= BYTES_MAX).and_then(leaves);
    leaves.map_or(Read::Unreadable, |leaves| notification(&leaves).map_or(Read::Other, Read::Notification))
}

/// A part of a mail: its headers, and what follows them as it was sent.
struct Part<'a> {
    head: Message<'static>,
    body: &'a [u8],
}

impl<'a> Part<'a> {
    /// None without a header.
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let lines = bytes.split_inclusive(|byte| *byte == b'\n');
        let end = lines.take_while(|line| !line.trim_ascii().is_empty()).map(<[u8]>::len).sum();
        let (head, rest) = bytes.split_at(end);
        let body = rest.iter().position(|byte| *byte == b'\n').map_or(rest, |blank| &rest[blank + 1..]);
        Some(Self { head: fields(head)?, body })
    }

    fn is_a(&self, kind: &str, subtypes: &[&str]) -> bool {
        self.head.content_type().is_some_and(|of| {
            let subtype = of.subtype().unwrap_or_default();
            of.ctype().eq_ignore_ascii_case(kind) && subtypes.iter().any(|one| one.eq_ignore_ascii_case(subtype))
        })
    }

    /// What separates the parts of a multipart; none of anything else.
    fn boundary(&self) -> Option<&str> {
        let of = self.head.content_type().filter(|of| of.ctype().eq_ignore_ascii_case("multipart"))?;
        of.attribute("boundary")
    }

    fn contents(&self) -> Cow<'a, [u8]> {
        let decoded = match self.head.content_transfer_encoding().unwrap_or_default().to_ascii_lowercase().as_str() {
            "base64" => base64_decode(self.body),
            "quoted-printable" => quoted_printable_decode(self.body),
            _ => None,
        };
        decoded.map_or(Cow::Borrowed(self.body), Cow::Owned)
    }
}

/// Headers, read; none where there is not one.
fn fields(head: &[u8]) -> Option<Message<'static>> {
    let head = [head, b"\n\n"].concat();
    let read = MessageParser::default().parse_headers(&head)?;
    (!read.headers().is_empty()).then(|| read.into_owned())
}

/// The parts that hold no others, in their order; none of what is no mail, or has too many.
fn leaves(mail: &[u8]) -> Option<Vec<Part<'_>>> {
    let (mut leaves, mut waiting) = (Vec::new(), vec![Part::of(mail)?]);
    for _ in 0..PARTS_MAX {
        let Some(part) = waiting.pop() else { return Some(leaves) };
        match part.boundary() {
            Some(boundary) => waiting.extend(between(part.body, boundary).into_iter().rev().filter_map(Part::of)),
            None => leaves.push(part),
        }
    }
    waiting.is_empty().then_some(leaves)
}

/// What stands between the delimiters of a multipart; of one without its end, also what stands behind the last.
fn between<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let (mut parts, mut begin, mut at) = (Vec::new(), None, 0);
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        if let Some(is_last) = delimiter(line, boundary) {
            parts.extend(begin.map(|begin| &body[begin..at]));
            begin = (!is_last).then_some(at + line.len());
            if is_last || parts.len() > PARTS_MAX {
                break;
            }
        }
        at += line.len();
    }
    parts.extend(begin.map(|begin| &body[begin..]));
    parts
}

/// Whether a line is the last delimiter; none when it is no delimiter.
fn delimiter(line: &[u8], boundary: &str) -> Option<bool> {
    match line.trim_ascii_end().strip_prefix(b"--")?.strip_prefix(boundary.as_bytes())? {
        b"" => Some(false),
        b"--" => Some(true),
        _ => None,
    }
}

fn notification(leaves: &[Part<'_>]) -> Option<Notification> {
    let report = leaves.iter().find(|part| part.is_a("message", &["delivery-status", "global-delivery-status"]))?;
    let (action, status) = worst(&String::from_utf8_lossy(&report.contents()))?;
    let message_id = leaves.iter().find_map(letter_of)?;
    Some(Notification { message_id, action, status })
}

/// What is said of the recipients, the gravest first: fields stand in one block a recipient.
fn worst(report: &str) -> Option<(Action, String)> {
    let report = report.replace("\r\n", "\n");
    let said: Vec<_> = report.split("\n\n").take(RECIPIENTS_MAX).filter_map(of_recipient).collect();
    let failed = said.iter().find(|(action, _)| *action == Action::Failed);
    failed.or(said.first()).cloned()
}

fn of_recipient(block: &str) -> Option<(Action, String)> {
    let said = fields(block.trim_start_matches('\n').as_bytes())?;
    let word = |name: &'static str| said.header_raw(name).unwrap_or_default().trim().to_ascii_lowercase();
    // A notification says of whom it speaks.
    if word("Final-Recipient").is_empty() {
        return None;
    }
    let action = match word("Action").as_str() {
        "failed" => Action::Failed,
        "delayed" => Action::Delayed,
        _ => return None,
    };
    Some((action, status(&word("Status"))))
}

/// The code alone: servers write words behind it, and words may name people.
fn status(text: &str) -> String {
    let code: String = text.chars().take_while(|c| c.is_ascii_digit() || *c == '.').take(11).collect();
    let is_code = code.split('.').count() == 3 && code.split('.').all(|part| (1..=3).contains(&part.len()));
    if is_code { code } else { String::new() }
}

/// The Message-ID of the letter that comes back whole, or of its headers alone.
fn letter_of(part: &Part<'_>) -> Option<String> {
    let is_letter =
        part.is_a("message", &["rfc822", "global", "global-headers"]) || part.is_a("text", &["rfc822-headers"]);
    let contents = is_letter.then(|| part.contents())?;
    Some(Part::of(contents.trim_ascii_start())?.head.message_id()?.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, proptest};

    use super::{Action, BYTES_MAX, Notification, PARTS_MAX, Read, read};

    const WHOLE: &str = "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: alerts@xinghe.example\r\n\
        Content-Type: multipart/report; report-type=delivery-status; boundary=\"b1\"\r\nMIME-Version: 1.0\r\n\r\n\
        --b1\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n\
        --b1\r\nContent-Type: message/delivery-status\r\n\r\n\
        Reporting-MTA: dns; mx.example\r\n\r\n\
        Final-Recipient: rfc822; gone@xinghe.example\r\nAction: failed\r\nStatus: 5.1.1 (gone@xinghe.example is unknown)\r\n\r\n\
        --b1\r\nContent-Type: message/rfc822\r\n\r\n\
        Message-ID: <a-1@xinghe.example>\r\nSubject: x\r\n\r\nthe letter\r\n--b1--\r\n";

    const ENCODED: &str = "TWVzc2FnZS1JRDogPGEtMUB4aW5naGUuZXhhbXBsZT4NClN1YmplY3Q6IHgNCg0K\r\ndGhlIGxldHRlcg==";
    const HEAD: &str = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: ";

    fn told(action: Action, status: &str) -> Read {
        let message_id = "a-1@xinghe.example".to_owned();
        Read::Notification(Notification { message_id, action, status: status.to_owned() })
    }

    #[test]
    fn a_notification_with_the_whole_letter_names_it_and_keeps_the_code_alone() {
        assert_eq!(read(WHOLE.as_bytes()), told(Action::Failed, "5.1.1"));
    }

    #[test]
    fn a_notification_with_the_headers_alone_names_the_letter_too() {
        let headers = WHOLE.replace("message/rfc822", "text/rfc822-headers");
        assert_eq!(read(headers.as_bytes()), told(Action::Failed, "5.1.1"));
        let global = WHOLE
            .replace("message/rfc822", "message/global-headers")
            .replace("delivery-status\r", "global-delivery-status\r");
        assert_eq!(read(global.as_bytes()), told(Action::Failed, "5.1.1"));
    }

    #[test]
    fn a_delay_is_told_apart_and_a_code_that_is_none_is_left_out() {
        let delayed = WHOLE.replace("Action: failed", "Action: delayed").replace("Status: 5.1.1", "Status: soon");
        assert_eq!(read(delayed.as_bytes()), told(Action::Delayed, ""));
    }

    #[test]
    fn of_several_recipients_the_one_that_failed_counts() {
        let two = WHOLE.replace(
            "Final-Recipient: rfc822; gone",
            "Final-Recipient: rfc822; b@xinghe.example\r\nAction: delayed\r\nStatus: 4.4.1\r\n\r\nFinal-Recipient: rfc822; gone",
        );
        assert_eq!(read(two.as_bytes()), told(Action::Failed, "5.1.1"));
    }

    #[test]
    fn answers_deliveries_and_notifications_about_nobody_or_nothing_are_other_mail() {
        for other in [
            "From: a@xinghe.example\r\nSubject: Re: x\r\nIn-Reply-To: <a-1@xinghe.example>\r\n\r\nthanks\r\n"
                .to_owned(),
            WHOLE.replace("Action: failed", "Action: delivered"),
            WHOLE.replace("Final-Recipient", "X-Recipient"),
            WHOLE.replace("Message-ID: <a-1@xinghe.example>\r\n", ""),
            WHOLE.replace("message/delivery-status", "text/plain"),
        ] {
            assert_eq!(read(other.as_bytes()), Read::Other, "{other}");
        }
    }

    #[test]
    fn a_letter_and_a_report_that_are_encoded_or_wrapped_in_another_multipart_are_read_too() {
        let quoted = WHOLE
            .replace("message/rfc822\r\n", "message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n")
            .replace("<a-1@", "<a=2D1@");
        let encoded = WHOLE
            .replace("message/rfc822\r\n", "message/rfc822\r\nContent-Transfer-Encoding: base64\r\n")
            .replace("Message-ID: <a-1@xinghe.example>\r\nSubject: x\r\n\r\nthe letter", ENCODED);
        let wrapped = format!("Content-Type: multipart/mixed; boundary=w\r\n\r\n--w\r\n{WHOLE}\r\n--w--\r\n");
        for mail in [quoted, encoded, wrapped, WHOLE.replace("--b1--", "")] {
            assert_eq!(read(mail.as_bytes()), told(Action::Failed, "5.1.1"), "{mail}");
        }
    }

    #[test]
    fn what_is_too_large_or_has_too_many_parts_or_is_no_mail_is_unreadable() {
        let large = format!("{WHOLE}{}", "x".repeat(BYTES_MAX));
        let many = WHOLE.replace("--b1--", &"--b1\r\nContent-Type: text/plain\r\n\r\nx\r\n".repeat(PARTS_MAX));
        let deep: String = (0..=PARTS_MAX)
            .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"))
            .collect();
        for unreadable in ["", "\r\n", &large, &many, &deep] {
            assert_eq!(read(unreadable.as_bytes()), Read::Unreadable);
        }
    }

    #[test]
    fn mails_within_mails_are_not_taken_apart_however_deep_they_lie_and_are_encoded() {
        let plain = "Content-Type: message/rfc822\r\n\r\n".repeat(30_000);
        // The same, encoded.
        let nest = format!("{HEAD}base64\r\n\r\n{}", "Q29udGVudC1UeXBlOiBtZXNzYWdlL3JmYzgyMgoK".repeat(26_000));
        let quoted = format!("{HEAD}quoted-printable\r\n\r\n{}", "Content=2DType:message/rfc822\n\n".repeat(26_000));
        for mail in [plain, nest, quoted] {
            assert_eq!(read(mail.as_bytes()), Read::Other);
            let within = format!("--b1\r\n{mail}\r\n--b1--");
            assert_eq!(read(WHOLE.replace("--b1--", &within).as_bytes()), told(Action::Failed, "5.1.1"));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_stop_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            read(&bytes);
        }

        #[test]
        fn a_notification_that_was_cut_or_damaged_stops_nothing(
            place in 0..WHOLE.len(), length in 0..80_usize, put in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let mut bytes = WHOLE.as_bytes().to_vec();
            let end = (place + length).min(bytes.len());
            bytes.splice(place..end, put);
            if let Read::Notification(told) = read(&bytes) {
                assert!(told.status.is_empty() || told.status.split('.').count() == 3);
            }
        }
    }
}
