//! JSON that is not the whole answer: behind a callback, or assigned to a variable inside a script.

use regex::Regex;
use serde_json::Value;

/// Reads an answer that is JSON, or JSON inside a callback: `cb({…});`.
pub(super) fn whole(text: &str) -> Option<Value> {
    let text = text.trim_start_matches('\u{feff}').trim();
    serde_json::from_str(text).ok().or_else(|| callback(text))
}

fn callback(text: &str) -> Option<Value> {
    // Some servers put an empty comment before the callback, against a known attack.
    let text = text.strip_prefix("/**/").unwrap_or(text).trim_start();
    let (name, rest) = text.split_once('(')?;
    let is_name = name.trim().chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '.'));
    let inside = rest.trim_end().trim_end_matches(';').trim_end().strip_suffix(')')?;
    if is_name { serde_json::from_str(inside.trim()).ok() } else { None }
}

/// Reads the value that a script assigns to a variable: `var x = {…};`, `window.x = […]`, `x = JSON.parse("…")`.
pub(super) fn variable(text: &str, name: &str) -> Option<Value> {
    let assignment = Regex::new(&format!(r#"(?:^|[^\w$])["']?{}["']?\]?\s*=\s*"#, regex::escape(name))).ok()?;
    assignment.find_iter(text).find_map(|found| assigned(&text[found.end()..]))
}

fn assigned(text: &str) -> Option<Value> {
    if let Some(literal) = text.strip_prefix("JSON.parse(") {
        let mut values = serde_json::Deserializer::from_str(literal).into_iter::<String>();
        return serde_json::from_str(&values.next()?.ok()?).ok();
    }
    let balanced = balanced(text)?;
    serde_json::from_str(balanced).ok().or_else(|| serde_json::from_str(&without_undefined(balanced)).ok())
}

/// The text from an opening bracket to the bracket that closes it. Brackets inside strings do not count.
fn balanced(text: &str) -> Option<&str> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let mut depth = 0_usize;
    let mut quote = None;
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match quote {
            Some(_) if is_escaped => is_escaped = false,
            Some(_) if byte == b'\\' => is_escaped = true,
            Some(open) if byte == open => quote = None,
            Some(_) => {}
            None => match byte {
                b'"' | b'\'' => quote = Some(byte),
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(&text[..=at]);
                    }
                }
                _ => {}
            },
        }
    }
    None
}

/// Scripts may hold `undefined` where JSON has `null`.
fn without_undefined(text: &str) -> String {
    let undefined = Regex::new(r"([:\[,]\s*)undefined\b").expect("a fixed pattern");
    undefined.replace_all(text, "${1}null").into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{variable, whole};

    #[test]
    fn plain_json_and_a_callback_are_read_alike() {
        for text in ["{\"a\":1}", "cb({\"a\":1})", "/**/ jQuery_1.x({\"a\":1});\n", "\u{feff}{\"a\":1}"] {
            assert_eq!(whole(text), Some(json!({"a": 1})), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_none() {
        for text in ["", "<html></html>", "cb(", "cb({a:1})", "alert('x')"] {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    #[test]
    fn an_assigned_object_ends_at_its_own_bracket() {
        let page = r#"<script>var other={"x":1}; var list = {"re":[{"t":"a}\"]{"}],"n":1};function f(){}</script>"#;
        assert_eq!(variable(page, "list"), Some(json!({"re": [{"t": "a}\"]{"}], "n": 1})));
    }

    #[test]
    fn a_window_property_with_undefined_is_read() {
        let page = r#"<script>window["__STATE__"]={"a":undefined,"b":[undefined]}</script>"#;
        assert_eq!(variable(page, "__STATE__"), Some(json!({"a": null, "b": [null]})));
    }

    #[test]
    fn a_quoted_json_text_is_read() {
        assert_eq!(variable(r#"x = JSON.parse("{\"a\":1}")"#, "x"), Some(json!({"a": 1})));
    }

    #[test]
    fn an_unfinished_object_is_none() {
        assert_eq!(variable("var x = {\"a\": [1", "x"), None);
        assert_eq!(variable("var xx = {}", "x"), None);
    }

    #[test]
    fn nesting_beyond_the_limit_is_none() {
        assert_eq!(whole(&"[".repeat(100_000)), None);
        assert_eq!(whole(&format!("{}{}", "[".repeat(1_000), "]".repeat(1_000))), None);
    }
}
