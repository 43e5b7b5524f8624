//! A chart as DrawingML (ECMA-376, part 1, chapter 21.2): black and white patterns and dashes, values at their places.

use crate::reports::chart::{Chart, ChartKind, Series, number};
use crate::reports::docx::{DRAWING, OFFICE};
use crate::reports::svg::escaped;

/// Fills and dashes in the order of the series.
const PATTERNS: [&str; 5] = ["solid", "ltUpDiag", "pct20", "ltHorz", "blank"];
const DASHES: [&str; 3] = ["solid", "dash", "sysDot"];
const BLACK: &str = "<a:solidFill><a:srgbClr val=\"000000\"/></a:solidFill>";
const WHITE: &str = "<a:solidFill><a:srgbClr val=\"FFFFFF\"/></a:solidFill>";

/// The part of a chart.
pub(super) fn part(chart: &Chart) -> String {
    let plot = match &chart.kind {
        ChartKind::Columns => bars(chart, true, true),
        ChartKind::Bars { is_linear } => bars(&with_labels_beside_names(chart), false, *is_linear),
        ChartKind::Lines { band } => lines(chart, band.as_ref()),
    };
    let is_told_apart = chart.series.len() > 1 || matches!(&chart.kind, ChartKind::Lines { band: Some(_) });
    let legend = if is_told_apart { "<c:legend><c:legendPos val=\"b\"/></c:legend>" } else { "" };
    let title = escaped(&chart.title);
    format!(
        "<c:chartSpace xmlns:c=\"{DRAWING}/chart\" xmlns:a=\"{DRAWING}/main\" xmlns:r=\"{OFFICE}\"><c:roundedCorners val=\"0\"/>\
         <c:chart><c:title><c:tx><c:rich><a:bodyPr/><a:p><a:pPr><a:defRPr sz=\"1100\" b=\"1\"/></a:pPr><a:r>\
         <a:rPr lang=\"zh-CN\" sz=\"1100\" b=\"1\"/><a:t>{title}</a:t></a:r></a:p></c:rich></c:tx><c:overlay val=\"0\"/></c:title>\
         <c:autoTitleDeleted val=\"0\"/><c:plotArea><c:layout/>{plot}</c:plotArea>{legend}<c:plotVisOnly val=\"1\"/>\
         <c:dispBlanksAs val=\"gap\"/></c:chart></c:chartSpace>"
    )
}

/// A figure that is not told has no bar at which it could stand; it stands beside its name.
fn with_labels_beside_names(chart: &Chart) -> Chart {
    let mut chart = chart.clone();
    if let Some(series) = chart.series.first() {
        let named =
            chart.categories.iter().enumerate().map(|(at, name)| format!("{name} {}", series.label(at, chart.unit)));
        chart.categories = named.collect();
    }
    chart
}

fn bars(chart: &Chart, is_upright: bool, is_linear: bool) -> String {
    let series = chart.series.iter().enumerate().map(|(at, series)| {
        let fill =
            format!("<c:spPr>{}<a:ln w=\"6350\">{BLACK}</a:ln></c:spPr><c:invertIfNegative val=\"0\"/>", fill(at));
        let labels = if is_upright { labels() } else { String::new() };
        format!("<c:ser>{}{fill}{labels}{}</c:ser>", naming(at, &series.name), values(chart, series))
    });
    let (direction, grouping) = if is_upright { ("col", "stacked") } else { ("bar", "clustered") };
    let overlap = if is_upright { "<c:overlap val=\"100\"/>" } else { "" };
    format!(
        "<c:barChart><c:barDir val=\"{direction}\"/><c:grouping val=\"{grouping}\"/><c:varyColors val=\"0\"/>{}\
         <c:gapWidth val=\"60\"/>{overlap}<c:axId val=\"1\"/><c:axId val=\"2\"/></c:barChart>{}",
        series.collect::<String>(),
        axes(is_upright, is_linear)
    )
}

fn lines(chart: &Chart, band: Option<&(f64, f64, String)>) -> String {
    let line = |at: usize, series: &Series, dash: &str, has_marks: bool| {
        let style = format!("<c:spPr><a:ln w=\"19050\">{BLACK}<a:prstDash val=\"{dash}\"/></a:ln></c:spPr>");
        let mark = if has_marks { "circle" } else { "none" };
        let mark = format!("<c:marker><c:symbol val=\"{mark}\"/></c:marker>");
        let labels = if has_marks { labels() } else { String::new() };
        let values = values(chart, series);
        format!("<c:ser>{}{style}{mark}{labels}{values}<c:smooth val=\"0\"/></c:ser>", naming(at, &series.name))
    };
    let own = chart.series.iter().enumerate().map(|(at, series)| line(at, series, DASHES[at % DASHES.len()], true));
    let own: String = own.collect();
    let limit = |(at, value, name): (usize, f64, &String)| {
        let series = Series {
            name: format!("{name} {}", number(value)),
            values: vec![Some(value); chart.categories.len()],
            labels: Vec::new(),
        };
        line(at, &series, "sysDash", false)
    };
    let next = chart.series.len();
    let band =
        band.map(|(lowest, highest, name)| [limit((next, *lowest, name)), limit((next + 1, *highest, name))].concat());
    format!(
        "<c:lineChart><c:grouping val=\"standard\"/><c:varyColors val=\"0\"/>{own}{}<c:marker val=\"1\"/>\
         <c:axId val=\"1\"/><c:axId val=\"2\"/></c:lineChart>{}",
        band.unwrap_or_default(),
        axes(true, true)
    )
}

fn naming(at: usize, name: &str) -> String {
    format!("<c:idx val=\"{at}\"/><c:order val=\"{at}\"/><c:tx><c:v>{}</c:v></c:tx>", escaped(name))
}

fn fill(at: usize) -> String {
    match PATTERNS[at % PATTERNS.len()] {
        "solid" => BLACK.to_owned(),
        "blank" => WHITE.to_owned(),
        pattern => format!(
            "<a:pattFill prst=\"{pattern}\"><a:fgClr><a:srgbClr val=\"000000\"/></a:fgClr>\
             <a:bgClr><a:srgbClr val=\"FFFFFF\"/></a:bgClr></a:pattFill>"
        ),
    }
}

/// Values at their places, on white so that they can be read upon any pattern.
fn labels() -> String {
    let shown = ["showLegendKey", "showVal", "showCatName", "showSerName", "showPercent", "showBubbleSize"];
    let shown = shown.map(|what| format!("<c:{what} val=\"{}\"/>", u8::from(what == "showVal")));
    format!("<c:dLbls><c:spPr>{WHITE}</c:spPr>{}</c:dLbls>", shown.concat())
}

fn values(chart: &Chart, series: &Series) -> String {
    let count = format!("<c:ptCount val=\"{}\"/>", chart.categories.len());
    let point = |at: usize, text: &str| format!("<c:pt idx=\"{at}\"><c:v>{}</c:v></c:pt>", escaped(text));
    let names: String = chart.categories.iter().enumerate().map(|(at, name)| point(at, name)).collect();
    let told = series.values.iter().enumerate().filter_map(|(at, value)| Some(point(at, &number((*value)?))));
    let told: String = told.collect();
    let format = if chart.unit.is_empty() { "General".to_owned() } else { format!("0\"{}\"", chart.unit) };
    format!(
        "<c:cat><c:strLit>{count}{names}</c:strLit></c:cat><c:val><c:numLit><c:formatCode>{}</c:formatCode>{count}{told}\
         </c:numLit></c:val>",
        escaped(&format)
    )
}

fn axes(is_upright: bool, is_linear: bool) -> String {
    let (below, beside, order) = if is_upright { ("b", "l", "minMax") } else { ("l", "t", "maxMin") };
    let log = if is_linear { "" } else { "<c:logBase val=\"10\"/>" };
    let hidden = u8::from(!is_upright);
    format!(
        "<c:catAx><c:axId val=\"1\"/><c:scaling><c:orientation val=\"{order}\"/></c:scaling><c:delete val=\"0\"/>\
         <c:axPos val=\"{below}\"/><c:crossAx val=\"2\"/></c:catAx><c:valAx><c:axId val=\"2\"/><c:scaling>{log}\
         <c:orientation val=\"minMax\"/></c:scaling><c:delete val=\"{hidden}\"/><c:axPos val=\"{beside}\"/>\
         <c:crossAx val=\"1\"/></c:valAx>"
    )
}
