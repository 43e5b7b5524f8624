//! A drawing as SVG, in the colour of the text around it; patterns stand for colours.

use std::fmt::Write;

use crate::reports::drawing::{Anchor, Drawing, Fill, Mark, WIDTH};

/// The drawing, whose patterns are named after `id` so that several stand on one page; `title` is read out.
pub(crate) fn svg(drawing: &Drawing, id: &str, title: &str) -> String {
    let mut text = format!(
        "<svg class=\"chart\" role=\"img\" viewBox=\"0 0 {WIDTH} {:.1}\" aria-label=\"{}\">{}",
        drawing.height,
        escaped(title),
        patterns(id)
    );
    drawing.marks.iter().for_each(|mark| put(&mut text, mark, id));
    text + "</svg>"
}

fn patterns(id: &str) -> String {
    let pattern = |name: &str, inside: &str| {
        format!(
            "<pattern id=\"{id}-{name}\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">{inside}</pattern>"
        )
    };
    let stroke = "stroke=\"currentColor\" stroke-width=\"1\"";
    let rising = pattern("rising", &format!("<path d=\"M-1 1l2-2M0 6l6-6M5 7l2-2\" {stroke}/>"));
    let dotted = pattern("dotted", "<circle cx=\"3\" cy=\"3\" r=\"1\" fill=\"currentColor\"/>");
    let level = pattern("level", &format!("<path d=\"M0 3h6\" {stroke}/>"));
    format!("<defs>{rising}{dotted}{level}</defs>")
}

fn put(text: &mut String, mark: &Mark, id: &str) {
    let done = match mark {
        Mark::Box { x, y, width, height, fill } => {
            let (fill, edge) = (fill_of(*fill, id), if *fill == Fill::Shade { "none" } else { "currentColor" });
            write!(
                text,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" {fill} stroke=\"{edge}\"/>"
            )
        }
        Mark::Line { points, dash, width } => {
            let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            let dash: Vec<String> = dash.iter().map(ToString::to_string).collect();
            let dash =
                if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{}\"", dash.join(" ")) };
            let points = points.join(" ");
            write!(
                text,
                "<polyline points=\"{points}\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"{width}\"{dash}/>"
            )
        }
        Mark::Dot { x, y } => write!(text, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.5\" fill=\"currentColor\"/>"),
        Mark::Word { x, y, size, anchor, text: word } => {
            let anchor = match anchor {
                Anchor::Start => "start",
                Anchor::Middle => "middle",
                Anchor::End => "end",
            };
            let word = escaped(word);
            write!(
                text,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" text-anchor=\"{anchor}\" fill=\"currentColor\">{word}</text>"
            )
        }
    };
    done.expect("writing into a string does not fail");
}

fn fill_of(fill: Fill, id: &str) -> String {
    match fill {
        Fill::Black => "fill=\"currentColor\"".to_owned(),
        Fill::Rising => format!("fill=\"url(#{id}-rising)\""),
        Fill::Dotted => format!("fill=\"url(#{id}-dotted)\""),
        Fill::Level => format!("fill=\"url(#{id}-level)\""),
        Fill::Blank => "fill=\"none\"".to_owned(),
        Fill::Shade => "fill=\"currentColor\" fill-opacity=\"0.1\"".to_owned(),
    }
}

/// Text as it stands in XML.
pub(crate) fn escaped(text: &str) -> String {
    let mut clear = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => clear.push_str("&amp;"),
            '<' => clear.push_str("&lt;"),
            '>' => clear.push_str("&gt;"),
            '"' => clear.push_str("&quot;"),
            // XML 1.0 has no place for other control characters.
            c if c < ' ' && !matches!(c, '\t' | '\n' | '\r') => clear.push(' '),
            '\u{fffe}' | '\u{ffff}' => clear.push(' '),
            c => clear.push(c),
        }
    }
    clear
}

#[cfg(test)]
mod tests {
    use super::{escaped, svg};
    use crate::reports::drawing::{Anchor, Drawing, Fill, Mark};

    #[test]
    fn names_are_escaped_and_fills_are_patterns() {
        let word = Mark::Word { x: 1.0, y: 2.0, size: 9.0, anchor: Anchor::End, text: "<5 & \u{1}".into() };
        let bar = Mark::Box { x: 0.0, y: 0.0, width: 1.0, height: 1.0, fill: Fill::Rising };
        let text = svg(&Drawing { height: 20.0, marks: vec![word, bar] }, "c1", "甲\"乙");
        assert!(text.contains(">&lt;5 &amp;  </text>") && text.contains("url(#c1-rising)"), "{text}");
        assert!(text.contains("aria-label=\"甲&quot;乙\""));
        assert_eq!(escaped("a\u{ffff}b"), "a b");
    }
}
