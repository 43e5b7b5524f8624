//! The letter by which somebody tries whether mail goes out. It says that and nothing else.

use chrono_tz::Tz;

use crate::casework::voice::Voice;
use crate::mail::lead::greeting;
use crate::mail::page::Page;
use crate::mail::render::Rendered;
use crate::model::alert::{AlertKind, Letter};
use crate::model::case::Lane;
use crate::model::ids::AlertId;
use crate::model::time::Timestamp;

/// A test letter to somebody by name, with its text, in a language (`zh-CN` or `en`).
pub fn test_letter(alert: AlertId, name: &str, language: &str, at: Timestamp, zone: Tz) -> (Letter, Rendered) {
    let letter = Letter {
        alert,
        kind: AlertKind::Heartbeat,
        lane: Lane::None,
        recipient_name: name.to_owned(),
        recipient_part: String::new(),
        language: language.to_owned(),
        company_name: String::new(),
        at,
        cases: Vec::new(),
        pending: Vec::new(),
        silent: Vec::new(),
        sources: None,
        parts: Vec::new(),
    };
    let page = page(&letter, &Voice::new(language, zone, at));
    let rendered = Rendered { subject: page.title.clone(), text: page.to_text(), html: page.to_html() };
    (letter, rendered)
}

fn page(letter: &Letter, voice: &Voice) -> Page {
    let said = |zh: &str, en: &str| voice.say(zh, en).to_owned();
    Page {
        language: voice.code(),
        title: said("望楼测试邮件", "Wanglou test letter"),
        headline: None,
        greeting: greeting(letter, voice),
        opening: vec![said(
            "这是从望楼发出的测试邮件。收到它，说明提醒邮件也能送到您的邮箱。",
            "This is a test letter of Wanglou. That it came shows that alerts reach your mailbox too.",
        )],
        severity: None,
        sections: Vec::new(),
        closing: vec![said("不需要处理。", "There is nothing to do.")],
        footer: said("只发给要求试发的人。", "It goes only to whoever asked for it."),
    }
}

#[cfg(test)]
mod tests {
    use super::test_letter;
    use crate::model::time::Timestamp;

    #[test]
    fn a_test_letter_greets_its_reader_and_says_what_it_is_in_both_languages() {
        let at = Timestamp::from_ms(1_795_168_800_000);
        for (language, subject, greeting) in
            [("zh-CN", "望楼测试邮件", "周宁，您好："), ("en", "Wanglou test letter", "Dear 周宁,")]
        {
            let (letter, rendered) = test_letter("a1".into(), "周宁", language, at, chrono_tz::Asia::Shanghai);
            assert!(letter.cases.is_empty());
            assert_eq!(rendered.subject, subject);
            assert!(rendered.text.contains(greeting) && rendered.html.contains(greeting), "{}", rendered.text);
        }
    }
}
