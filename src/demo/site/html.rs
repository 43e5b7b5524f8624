//! Escaping and the few shapes that pages of all platforms share.

use std::fmt::{Display, Formatter, Result, Write};

use crate::demo::site::view::Rows;

/// Text that is escaped when it is written into a page.
pub(crate) struct Esc<T>(pub(crate) T);

impl<T: Display> Display for Esc<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        for letter in self.0.to_string().chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '·' => f.write_str("&middot;")?,
                '*' => f.write_str("&#42;")?,
                _ => f.write_char(letter)?,
            }
        }
        Ok(())
    }
}

/// A whole page: `head` is further markup for the head, `body` the markup of the body.
pub(crate) fn page(charset: &str, title: &str, head: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"{charset}\">\n<title>{}</title>\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n{head}</head>\n<body>\n{body}\n</body>\n</html>\n",
        Esc(title)
    )
}

/// A link to the following page under `path`, or nothing on the last one.
pub(crate) fn next_link<T>(rows: &Rows<'_, T>, path: &str, class: &str) -> String {
    match rows.next {
        Some(next) => format!("<a class=\"{class}\" rel=\"next\" href=\"{path}?page={next}\">下一页 &raquo;</a>"),
        None => String::new(),
    }
}

/// The first letters of a text, for lists.
pub(crate) fn excerpt(text: &str) -> String {
    const LETTERS: usize = 12;
    let mut start: String = text.chars().take(LETTERS).collect();
    if text.chars().count() > LETTERS {
        start.push('…');
    }
    start
}

/// A count as platforms show it: `118000` becomes `11.8万` where nothing is lost by it.
pub(crate) fn short_count(count: u64) -> String {
    match count {
        10_000.. if count.is_multiple_of(10_000) => format!("{}万", count / 10_000),
        10_000.. if count.is_multiple_of(1_000) => format!("{}.{}万", count / 10_000, count % 10_000 / 1_000),
        _ => count.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Esc, short_count};

    #[test]
    fn markup_in_a_name_stays_text() {
        assert_eq!(
            Esc("<b>甲·乙</b> & \"丙\"*").to_string(),
            "&lt;b&gt;甲&middot;乙&lt;/b&gt; &amp; &quot;丙&quot;&#42;"
        );
    }

    #[test]
    fn large_counts_are_shortened_only_where_nothing_is_lost() {
        assert_eq!([1_260, 15_800, 56_000, 890_000].map(short_count), ["1260", "15800", "5.6万", "89万"]);
    }
}
