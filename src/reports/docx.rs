//! A document as Office Open XML (ECMA-376): text, tables and charts of its own that Word and LibreOffice can edit.

mod chart;

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;

use crate::reports::blocks::{Block, Document, Table};
use crate::reports::svg::escaped;

/// Width of the text of a page, in twentieths of a point: A4 with margins of an inch.
const TEXT_WIDTH: usize = 9_026;
/// Extent of a chart in English metric units, 914400 an inch.
const CHART_WIDTH: u32 = 5_600_000;
const CHART_HEIGHT: u32 = 2_700_000;

const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const DRAWING: &str = "http://schemas.openxmlformats.org/drawingml/2006";
const TYPES: &str = "application/vnd.openxmlformats-officedocument";
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// Writes the file.
///
/// # Errors
/// When the archive cannot be written, which only want of memory brings about.
pub fn docx(document: &Document) -> Result<Vec<u8>, ZipError> {
    let charts: Vec<String> = document
        .blocks
        .iter()
        .filter_map(|block| if let Block::Chart(chart) = block { Some(chart::part(chart)) } else { None })
        .collect();
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let mut put = |name: &str, text: &str| -> Result<(), ZipError> {
        archive.start_file(name, SimpleFileOptions::default())?;
        Ok(archive.write_all(format!("{HEAD}{text}").as_bytes())?)
    };
    put("[Content_Types].xml", &content_types(charts.len()))?;
    put("_rels/.rels", &package_relations())?;
    put("docProps/core.xml", &properties(document))?;
    put("word/styles.xml", &styles(document.language))?;
    put("word/footer1.xml", &footer())?;
    put("word/_rels/document.xml.rels", &document_relations(charts.len()))?;
    put("word/document.xml", &body(document))?;
    for (at, chart) in charts.iter().enumerate() {
        put(&format!("word/charts/chart{}.xml", at + 1), chart)?;
    }
    Ok(archive.finish()?.into_inner())
}

fn content_types(charts: usize) -> String {
    let of = |part: &str, kind: &str| format!("<Override PartName=\"/{part}\" ContentType=\"{kind}\"/>");
    let charts: String = (1..=charts)
        .map(|n| of(&format!("word/charts/chart{n}.xml"), &format!("{TYPES}.drawingml.chart+xml")))
        .collect();
    format!(
        "<Types xmlns=\"{PACKAGE}/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>{}{}{}{}{charts}</Types>",
        of("word/document.xml", &format!("{TYPES}.wordprocessingml.document.main+xml")),
        of("word/styles.xml", &format!("{TYPES}.wordprocessingml.styles+xml")),
        of("word/footer1.xml", &format!("{TYPES}.wordprocessingml.footer+xml")),
        of("docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"),
    )
}

fn relation(id: &str, kind: &str, target: &str) -> String {
    format!("<Relationship Id=\"{id}\" Type=\"{kind}\" Target=\"{target}\"/>")
}

fn package_relations() -> String {
    let document = relation("rId1", &format!("{OFFICE}/officeDocument"), "word/document.xml");
    let core = format!("{PACKAGE}/relationships/metadata/core-properties");
    let properties = relation("rId2", &core, "docProps/core.xml");
    format!("<Relationships xmlns=\"{PACKAGE}/relationships\">{document}{properties}</Relationships>")
}

fn document_relations(charts: usize) -> String {
    let styles = relation("styles", &format!("{OFFICE}/styles"), "styles.xml");
    let footer = relation("footer", &format!("{OFFICE}/footer"), "footer1.xml");
    let chart = |n| relation(&format!("chart{n}"), &format!("{OFFICE}/chart"), &format!("charts/chart{n}.xml"));
    let charts: String = (1..=charts).map(chart).collect();
    format!("<Relationships xmlns=\"{PACKAGE}/relationships\">{styles}{footer}{charts}</Relationships>")
}

fn properties(document: &Document) -> String {
    let title = std::iter::once(&document.title).chain(document.subtitle.first()).map(|part| escaped(part));
    let title: Vec<String> = title.collect();
    format!(
        "<cp:coreProperties xmlns:cp=\"{PACKAGE}/metadata/core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\
         <dc:title>{}</dc:title><dc:creator>Wanglou</dc:creator><dc:language>{}</dc:language></cp:coreProperties>",
        title.join(" · "),
        document.language
    )
}

fn styles(language: &str) -> String {
    let fonts = "<w:rFonts w:ascii=\"Calibri\" w:hAnsi=\"Calibri\" w:eastAsia=\"宋体\"/>";
    let style = |id: &str, name: &str, paragraph: &str, run: &str| {
        format!(
            "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/><w:basedOn w:val=\"Normal\"/>\
             <w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
        )
    };
    let outline = "<w:keepNext/><w:spacing w:before=\"240\" w:after=\"80\"/><w:outlineLvl w:val=\"0\"/>";
    format!(
        "<w:styles xmlns:w=\"{WORD}\"><w:docDefaults><w:rPrDefault><w:rPr>{fonts}<w:sz w:val=\"21\"/>\
         <w:lang w:val=\"{language}\" w:eastAsia=\"zh-CN\"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>\
         <w:spacing w:after=\"80\" w:line=\"300\" w:lineRule=\"auto\"/></w:pPr></w:pPrDefault></w:docDefaults>\
         <w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/></w:style>{}{}{}{}</w:styles>",
        style("Title", "Title", "<w:jc w:val=\"center\"/>", "<w:b/><w:sz w:val=\"36\"/>"),
        style("Heading1", "heading 1", outline, "<w:b/><w:sz w:val=\"28\"/>"),
        style("Note", "Note", "", "<w:color w:val=\"555555\"/><w:sz w:val=\"18\"/>"),
        style("Item", "Item", "<w:ind w:left=\"420\" w:hanging=\"280\"/>", ""),
    )
}

fn footer() -> String {
    format!(
        "<w:ftr xmlns:w=\"{WORD}\"><w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr>\
         <w:fldSimple w:instr=\" PAGE \"><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p></w:ftr>"
    )
}

fn body(document: &Document) -> String {
    let mut text = paragraph("Title", &document.title);
    document.subtitle.iter().for_each(|line| text += &paragraph("Note", line));
    let mut charts = 0;
    for block in &document.blocks {
        match block {
            Block::Heading(said) => text += &paragraph("Heading1", said),
            Block::Paragraph(said) => text += &paragraph("Normal", said),
            Block::Note(said) => text += &paragraph("Note", said),
            Block::Items(items) => items.iter().for_each(|item| text += &paragraph("Item", &format!("• {item}"))),
            Block::Table(of) => text += &table(of),
            Block::Chart(chart) => {
                charts += 1;
                text += &frame(charts, &chart.title);
                if chart.is_empty() {
                    text += &paragraph("Note", &chart.nothing);
                }
            }
        }
    }
    format!(
        "<w:document xmlns:w=\"{WORD}\" xmlns:r=\"{OFFICE}\" xmlns:wp=\"{DRAWING}/wordprocessingDrawing\" \
         xmlns:a=\"{DRAWING}/main\" xmlns:c=\"{DRAWING}/chart\"><w:body>{text}<w:sectPr>\
         <w:footerReference w:type=\"default\" r:id=\"footer\"/><w:pgSz w:w=\"11906\" w:h=\"16838\"/>\
         <w:pgMar w:top=\"1440\" w:right=\"1440\" w:bottom=\"1440\" w:left=\"1440\" w:header=\"720\" w:footer=\"720\" \
         w:gutter=\"0\"/></w:sectPr></w:body></w:document>"
    )
}

fn paragraph(style: &str, text: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>{}</w:p>", run("", text))
}

fn run(properties: &str, text: &str) -> String {
    format!("<w:r><w:rPr>{properties}</w:rPr><w:t xml:space=\"preserve\">{}</w:t></w:r>", escaped(text))
}

fn table(table: &Table) -> String {
    let columns = table.head.len().max(1);
    // The first column, which says what the row is, is twice as wide.
    let share = TEXT_WIDTH / (columns + 1);
    let widths: Vec<usize> = (0..columns).map(|at| if at == 0 { share * 2 } else { share }).collect();
    let grid: String = widths.iter().map(|width| format!("<w:gridCol w:w=\"{width}\"/>")).collect();
    let border = |side: &str| format!("<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"777777\"/>");
    let borders: String = ["top", "left", "bottom", "right", "insideH", "insideV"].map(border).concat();
    let head = row(&table.head, &widths, "<w:trPr><w:tblHeader/></w:trPr>", |_| ("<w:b/>", "left"));
    let rows = table
        .rows
        .iter()
        .map(|cells| row(cells, &widths, "", |at| ("", if table.is_of_figures && at > 0 { "right" } else { "left" })));
    format!(
        "<w:tbl><w:tblPr><w:tblW w:w=\"{TEXT_WIDTH}\" w:type=\"dxa\"/><w:tblBorders>{borders}</w:tblBorders></w:tblPr>\
         <w:tblGrid>{grid}</w:tblGrid>{head}{}</w:tbl><w:p/>",
        rows.collect::<String>()
    )
}

fn row(
    cells: &[String],
    widths: &[usize],
    properties: &str,
    style: impl Fn(usize) -> (&'static str, &'static str),
) -> String {
    let cell = |(at, (text, width)): (usize, (&String, &usize))| {
        let (bold, side) = style(at);
        format!(
            "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/></w:tcPr><w:p><w:pPr><w:spacing w:after=\"0\"/>\
             <w:jc w:val=\"{side}\"/></w:pPr>{}</w:p></w:tc>",
            run(bold, text)
        )
    };
    let cells: String = cells.iter().zip(widths).enumerate().map(cell).collect();
    format!("<w:tr>{properties}{cells}</w:tr>")
}

/// The place of a chart in the text.
fn frame(number: usize, title: &str) -> String {
    let title = escaped(title);
    format!(
        "<w:p><w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\">\
         <wp:extent cx=\"{CHART_WIDTH}\" cy=\"{CHART_HEIGHT}\"/><wp:docPr id=\"{number}\" name=\"chart{number}\" descr=\"{title}\"/>\
         <wp:cNvGraphicFramePr/><a:graphic><a:graphicData uri=\"{DRAWING}/chart\"><c:chart r:id=\"chart{number}\"/>\
         </a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
}

#[cfg(test)]
mod tests {
    use super::docx;
    use crate::documents::text_of;
    use crate::reports::blocks::{Block, Document, Table};
    use crate::reports::chart::{Chart, ChartKind, Series};

    #[test]
    fn the_file_is_read_as_it_was_written_and_every_part_is_xml() {
        let chart = Chart {
            title: "线索数 <&>".into(),
            kind: ChartKind::Columns,
            categories: vec!["2026-10".into(), "2026-11".into()],
            series: vec![Series { name: "高".into(), values: vec![Some(7.0), None], labels: vec![] }],
            unit: "",
            nothing: String::new(),
        };
        let rows = vec![vec!["新增线索".into(), "<5".into()]];
        let table = Table { head: vec!["项目".into(), "本月".into()], rows, is_of_figures: true };
        let document = Document {
            language: "zh-CN",
            title: "月报".into(),
            subtitle: vec!["星河科技 · 2026年11月".into()],
            blocks: vec![Block::Heading("一、结论".into()), Block::Table(table), Block::Chart(chart)],
        };
        let bytes = docx(&document).unwrap();
        let text = text_of("report.docx", &bytes).unwrap();
        assert!(text.contains("月报\n星河科技 · 2026年11月\n一、结论\n") && text.contains("新增线索\n<5\n"), "{text}");
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
        assert!(names.contains(&"word/charts/chart1.xml".to_owned()), "{names:?}");
        for name in names {
            let xml = std::io::read_to_string(archive.by_name(&name).unwrap()).unwrap();
            let mut reader = quick_xml::Reader::from_str(&xml);
            while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
        }
    }
}
