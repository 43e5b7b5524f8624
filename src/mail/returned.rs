//! What a mail server says of a letter that it had accepted and could not deliver: delivery status notifications
//! (RFC 3464). Anybody can write such a mail, so it is only read here; whether it is about one of our letters is decided
//! elsewhere.

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};

/// Largest mail that is read, bytes. A notification with the whole letter in it is far smaller.
pub(crate) const BYTES_MAX: usize = 1 << 20;
/// Parts of a mail at most, by the headers that announce one: each level of nesting needs such a header, and levels are
/// taken apart one within the other.
const PARTS_MAX: usize = 100;
const PART_HEADER: &[u8] = b"content-type";
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

/// Reads a mail as it lies in a mailbox.
pub fn read(bytes: &[u8]) -> Read {
    if bytes.len() > BYTES_MAX || parts_announced(bytes) > PARTS_MAX {
        return Read::Unreadable;
    }
    let Some(mail) = MessageParser::default().parse(bytes) else { return Read::Unreadable };
    notification(&mail).map_or(Read::Other, Read::Notification)
}

fn parts_announced(bytes: &[u8]) -> usize {
    bytes.windows(PART_HEADER.len()).filter(|window| window.eq_ignore_ascii_case(PART_HEADER)).count()
}

fn notification(mail: &Message<'_>) -> Option<Notification> {
    let report =
        mail.parts.iter().find(|part| is_a(part, "message", &["delivery-status", "global-delivery-status"]))?;
    let (action, status) = worst(&String::from_utf8_lossy(report.contents()))?;
    let message_id = mail.parts.iter().find_map(letter_of)?;
    Some(Notification { message_id, action, status })
}

fn is_a(part: &MessagePart<'_>, kind: &str, subtypes: &[&str]) -> bool {
    part.content_type().is_some_and(|of| {
        let subtype = of.subtype().unwrap_or_default();
        of.ctype().eq_ignore_ascii_case(kind) && subtypes.iter().any(|one| one.eq_ignore_ascii_case(subtype))
    })
}

/// What is said of the recipients, the gravest first: fields stand in one block a recipient.
fn worst(report: &str) -> Option<(Action, String)> {
    let report = report.replace("\r\n", "\n");
    let said: Vec<_> = report.split("\n\n").take(RECIPIENTS_MAX).filter_map(of_recipient).collect();
    let failed = said.iter().find(|(action, _)| *action == Action::Failed);
    failed.or(said.first()).cloned()
}

fn of_recipient(block: &str) -> Option<(Action, String)> {
    let block = format!("{}\n\n", block.trim_start_matches('\n'));
    let fields = MessageParser::default().parse_headers(block.as_bytes())?;
    let word = |name: &'static str| fields.header_raw(name).unwrap_or_default().trim().to_ascii_lowercase();
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
fn letter_of(part: &MessagePart<'_>) -> Option<String> {
    let id = match &part.body {
        PartType::Message(letter) => letter.message_id()?.to_owned(),
        _ if is_a(part, "text", &["rfc822-headers"]) || is_a(part, "message", &["global-headers"]) => {
            let headers = MessageParser::default().parse_headers(part.contents())?;
            headers.message_id()?.to_owned()
        }
        _ => return None,
    };
    Some(id)
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
    fn what_is_too_large_or_nested_too_deep_or_no_mail_is_unreadable() {
        let large = format!("{WHOLE}{}", "x".repeat(BYTES_MAX));
        let deep = "Content-Type: message/rfc822\r\n\r\n".repeat(PARTS_MAX + 1);
        for unreadable in ["", &large, &deep] {
            assert_eq!(read(unreadable.as_bytes()), Read::Unreadable);
        }
        assert_eq!(read("Content-Type: message/rfc822\r\n\r\n".repeat(PARTS_MAX).as_bytes()), Read::Other);
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
