//! Rust text without what is only said in it.

const TOKEN: &str = concat!(
    r####"(?s)//[^\n]*|/\*.*?\*/|r###".*?"###|r##".*?"##|r#".*?"#|\br"[^"]*""####,
    r####"|"(?:\\.|[^"\\])*"|'(?:\\[^'\n]+|[^'\\\n])'"####,
);

/// Rust text with comments blanked out, and the insides of strings and characters too; lines stay where they are.
pub(crate) fn code_of(text: &str) -> String {
    let token = regex::Regex::new(TOKEN).expect("a fixed pattern");
    token
        .replace_all(text, |found: &regex::Captures<'_>| {
            found[0].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect::<String>()
        })
        .into_owned()
}
