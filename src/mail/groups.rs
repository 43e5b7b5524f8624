//! The letter about work groups and registers: help for an owner, what a head should settle, a company's page of the week.

use crate::casework::voice::Voice;
use crate::mail::lead::greeting;
use crate::mail::marked::one_line;
use crate::mail::page::{Block, Page, Section};
use crate::model::alert::{Letter, LetterPart};

/// Lines of a letter at most, and characters of a line: the rest stands in the console.
const LINES_LIMIT: usize = 120;
const LINE_CHARS: usize = 300;

/// The letter of all its parts.
pub(crate) fn page(letter: &Letter, title: String, voice: &Voice) -> Page {
    let opening = if letter.parts.is_empty() {
        voice.say(
            "之前提醒的事项都已处理，目前没有需要您做的。",
            "What you were to be reminded of is settled; nothing is left to do.",
        )
    } else {
        voice.say(
            "以下是群组和账号台账里需要您看一看的事项。系统只核对台账和成员表，不读取任何群消息。",
            "These matters of the registers of work groups and accounts need a look. Only registers and member lists are \
             checked; no message of any group is read.",
        )
    };
    Page {
        language: voice.code(),
        title,
        headline: None,
        greeting: greeting(letter, voice),
        opening: vec![opening.to_owned()],
        severity: None,
        sections: sections(letter, voice),
        closing: vec![voice.say("请勿转发本邮件。", "Do not forward this mail.").to_owned()],
        footer: footer(letter, voice),
    }
}

/// The parts of a letter, as far as a mail holds them.
pub(super) fn sections(letter: &Letter, voice: &Voice) -> Vec<Section> {
    let mut left = LINES_LIMIT;
    letter.parts.iter().map(|part| section(part, &mut left, voice)).collect()
}

fn section(part: &LetterPart, left: &mut usize, voice: &Voice) -> Section {
    let shown = part.lines.len().min(*left);
    *left -= shown;
    let mut blocks: Vec<Block> =
        part.lines[..shown].iter().map(|line| Block::Line(one_line(line, LINE_CHARS))).collect();
    if shown < part.lines.len() {
        let more = voice.say("另有{}行没有列在邮件里。", "{} more lines are not in this mail.");
        blocks.push(Block::Notice(more.replace("{}", &(part.lines.len() - shown).to_string())));
    }
    if let Some(link) = &part.link {
        blocks.push(Block::Action(voice.say("打开并处理", "Open and see to it"), link.clone()));
        if part.is_personal {
            let whose = voice.say(
                "按钮只供您本人使用，七天内有效；打开它不会改变任何内容。",
                "The button is for you alone and holds for seven days; to open it changes nothing.",
            );
            blocks.push(Block::Line(whose.to_owned()));
        }
    }
    Section { title: one_line(&part.title, 80), aside: String::new(), blocks }
}

/// Why the reader receives a letter of parts.
pub(super) fn footer(letter: &Letter, voice: &Voice) -> String {
    voice
        .say("您收到此邮件是因为您是{}。", "You receive this mail as {}.")
        .replace("{}", &one_line(&letter.recipient_part, 80))
}
