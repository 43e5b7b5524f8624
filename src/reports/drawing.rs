//! A chart as lines, boxes and words on a plane: the same in a page and in a PDF. Lengths are points; y grows downwards.

use crate::reports::chart::{Chart, ChartKind, number};

/// Width of every drawing.
pub(crate) const WIDTH: f64 = 500.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 486.0;
const TOP: f64 = 16.0;
const PLOT: f64 = 150.0;
const BAR: f64 = 26.0;
/// Width of what stands before bars.
const NAMES: f64 = 130.0;
const SMALL: f64 = 9.0;
const CHARACTER: f64 = 9.0;
/// Lowest box into which its label still fits.
const LABELLED_MIN: f64 = 10.0;

/// How a box is filled, told apart without colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fill {
    Black,
    Rising,
    Dotted,
    Level,
    Blank,
    /// Behind everything else.
    Shade,
}

/// The order in which series take their fills.
pub(crate) const FILLS: [Fill; 5] = [Fill::Black, Fill::Rising, Fill::Dotted, Fill::Level, Fill::Blank];

/// Where a word stands by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// Something drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Mark {
    Box { x: f64, y: f64, width: f64, height: f64, fill: Fill },
    Line { points: Vec<(f64, f64)>, dash: &'static [f64], width: f64 },
    Dot { x: f64, y: f64 },
    Word { x: f64, y: f64, size: f64, anchor: Anchor, text: String },
}

/// A drawing, [`WIDTH`] wide.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Drawing {
    pub(crate) height: f64,
    pub(crate) marks: Vec<Mark>,
}

/// Draws a chart without its title.
pub(crate) fn draw(chart: &Chart) -> Drawing {
    if chart.is_empty() {
        let word = word((LEFT, TOP + SMALL), Anchor::Start, &chart.nothing);
        return Drawing { height: TOP + 2.0 * SMALL, marks: vec![word] };
    }
    match &chart.kind {
        ChartKind::Columns => columns(chart),
        ChartKind::Bars { is_linear } => bars(chart, *is_linear),
        ChartKind::Lines { band } => lines(chart, band.as_ref()),
    }
}

fn word((x, y): (f64, f64), anchor: Anchor, text: &str) -> Mark {
    Mark::Word { x, y, size: SMALL, anchor, text: text.to_owned() }
}

fn line(points: Vec<(f64, f64)>) -> Mark {
    Mark::Line { points, dash: &[], width: 0.75 }
}

/// Axis, its top, and what stands along it.
fn frame(chart: &Chart, top: f64) -> Vec<Mark> {
    let bottom = TOP + PLOT;
    let mut marks = vec![line(vec![(LEFT, TOP), (LEFT, bottom), (RIGHT, bottom)])];
    marks.push(word((LEFT - 4.0, TOP + SMALL / 2.0), Anchor::End, &format!("{}{}", number(top), chart.unit)));
    marks.push(word((LEFT - 4.0, bottom), Anchor::End, "0"));
    for (at, category) in chart.categories.iter().enumerate() {
        marks.push(word((centre(chart, at), bottom + 14.0), Anchor::Middle, category));
    }
    marks
}

fn step(chart: &Chart) -> f64 {
    (RIGHT - LEFT) / chart.categories.len().max(1) as f64
}

fn centre(chart: &Chart, at: usize) -> f64 {
    LEFT + step(chart) * (at as f64 + 0.5)
}

fn columns(chart: &Chart) -> Drawing {
    let top = chart.top();
    let mut marks = frame(chart, top);
    let width = (step(chart) * 0.55).min(46.0);
    for at in 0..chart.categories.len() {
        let mut y = TOP + PLOT;
        for (series, fill) in chart.series.iter().zip(FILLS) {
            let Some(value) = series.values[at].filter(|value| *value > 0.0) else { continue };
            let height = value / top * PLOT;
            y -= height;
            marks.push(Mark::Box { x: centre(chart, at) - width / 2.0, y, width, height, fill });
            if height >= LABELLED_MIN {
                let place = (centre(chart, at) + width / 2.0 + 3.0, y + height / 2.0 + SMALL / 3.0);
                marks.push(word(place, Anchor::Start, &series.label(at, chart.unit)));
            }
        }
    }
    legend(chart, marks, false)
}

fn bars(chart: &Chart, is_linear: bool) -> Drawing {
    let (mut marks, top, span) = (Vec::new(), chart.top(), RIGHT - NAMES - 50.0);
    let Some(series) = chart.series.first() else { return Drawing { height: TOP, marks } };
    for (at, category) in chart.categories.iter().enumerate() {
        let y = TOP + BAR * at as f64;
        marks.push(word((NAMES - 6.0, y + 11.0), Anchor::End, category));
        let share = series.values[at].map_or(0.0, |value| share(value, top, is_linear));
        let width = (share * span).max(0.5);
        marks.push(Mark::Box { x: NAMES, y, width, height: 15.0, fill: Fill::Rising });
        marks.push(word((NAMES + width + 5.0, y + 11.0), Anchor::Start, &series.label(at, chart.unit)));
    }
    Drawing { height: TOP + BAR * chart.categories.len() as f64, marks }
}

fn share(value: f64, top: f64, is_linear: bool) -> f64 {
    if is_linear { value / top } else { value.max(0.0).ln_1p() / top.ln_1p() }
}

fn lines(chart: &Chart, band: Option<&(f64, f64, String)>) -> Drawing {
    let top = chart.top();
    let y_of = |value: f64| TOP + PLOT - value / top * PLOT;
    let mut marks = Vec::new();
    if let Some((lowest, highest, name)) = band {
        let (y, height) = (y_of(*highest), y_of(*lowest) - y_of(*highest));
        marks.push(Mark::Box { x: LEFT, y, width: RIGHT - LEFT, height, fill: Fill::Shade });
        marks.push(word((RIGHT - 2.0, y + SMALL + 1.0), Anchor::End, name));
    }
    marks.extend(frame(chart, top));
    for (series, dash) in chart.series.iter().zip(DASHES) {
        let point = |at: usize| series.values[at].map(|value| (centre(chart, at), y_of(value)));
        let places: Vec<Option<(f64, f64)>> = (0..chart.categories.len()).map(point).collect();
        // Where nothing is told the line is broken, not drawn across.
        for run in places.split(Option::is_none).filter(|run| run.len() > 1) {
            marks.push(Mark::Line { points: run.iter().flatten().copied().collect(), dash, width: 1.5 });
        }
        for (at, (x, y)) in places.iter().enumerate().filter_map(|(at, place)| place.map(|place| (at, place))) {
            marks.push(Mark::Dot { x, y });
            marks.push(word((x, y - 6.0), Anchor::Middle, &series.label(at, chart.unit)));
        }
    }
    legend(chart, marks, true)
}

/// How lines are told apart.
const DASHES: [&[f64]; 3] = [&[], &[5.0, 3.0], &[1.5, 2.5]];

/// What each series is, below the axis, where there are several.
fn legend(chart: &Chart, mut marks: Vec<Mark>, is_of_lines: bool) -> Drawing {
    let y = TOP + PLOT + 34.0;
    let mut x = LEFT;
    let shown = chart.series.iter().enumerate().filter(|_| chart.series.len() > 1);
    for (at, series) in shown {
        if is_of_lines {
            let dash = DASHES[at % DASHES.len()];
            marks.push(Mark::Line { points: vec![(x, y - 4.0), (x + 18.0, y - 4.0)], dash, width: 1.5 });
        } else {
            let fill = FILLS[at % FILLS.len()];
            marks.push(Mark::Box { x, y: y - 9.0, width: 14.0, height: 10.0, fill });
        }
        marks.push(word((x + 22.0, y), Anchor::Start, &series.name));
        x += 40.0 + width_of(&series.name);
    }
    let height = if chart.series.len() > 1 { y + 10.0 } else { TOP + PLOT + 24.0 };
    Drawing { height, marks }
}

/// About how wide a word is: a Chinese character is as wide as high, a Latin one about half.
fn width_of(text: &str) -> f64 {
    text.chars().map(|c| if c.is_ascii() { CHARACTER * 0.56 } else { CHARACTER }).sum()
}

#[cfg(test)]
mod tests {
    use super::{Anchor, Fill, Mark, TOP, draw};
    use crate::reports::chart::{Chart, ChartKind, Series};

    fn chart(kind: ChartKind, values: &[&[Option<f64>]]) -> Chart {
        let series = |values: &&[Option<f64>]| Series { name: "甲".into(), values: values.to_vec(), labels: vec![] };
        let categories = (1..=values.first().map_or(0, |row| row.len())).map(|n| format!("2026-{n:02}")).collect();
        let nothing = "没有数据".to_owned();
        let series = values.iter().map(series).collect();
        Chart { title: "图".into(), kind, categories, series, unit: "", nothing }
    }

    #[test]
    fn the_highest_column_reaches_the_top_and_series_differ_without_colour() {
        let chart = chart(ChartKind::Columns, &[&[Some(10.0), Some(5.0)], &[Some(10.0), None]]);
        let boxes: Vec<(f64, Fill)> = draw(&chart)
            .marks
            .iter()
            .filter_map(|mark| if let Mark::Box { y, fill, .. } = mark { Some((*y, *fill)) } else { None })
            .collect();
        assert_eq!(boxes[1], (TOP, Fill::Rising));
        assert_eq!(boxes[0].1, Fill::Black);
    }

    #[test]
    fn a_line_breaks_where_nothing_is_told() {
        let values = [Some(1.0), Some(2.0), None, Some(3.0), Some(3.0)];
        let drawing = draw(&chart(ChartKind::Lines { band: None }, &[&values]));
        let thick = drawing.marks.iter().filter(|mark| matches!(mark, Mark::Line { width, .. } if *width > 1.0));
        assert_eq!(thick.count(), 2);
    }

    #[test]
    fn a_chart_of_nothing_says_so() {
        let drawing = draw(&chart(ChartKind::Columns, &[&[None, None]]));
        assert!(matches!(&drawing.marks[..], [Mark::Word { text, anchor: Anchor::Start, .. }] if text == "没有数据"));
    }
}
