//! PDF (ISO 32000): text by the fonts' own tables. Scanned pages have none.

use crate::documents::{DocumentError, TEXT_BYTES_MAX};

/// The text of all pages.
pub(super) fn text(bytes: &[u8]) -> Result<String, DocumentError> {
    if !bytes.starts_with(b"%PDF") {
        return Err(DocumentError::Pdf);
    }
    // The reader is not ours and panics on some damaged files, which must cost this document only.
    let read = std::panic::catch_unwind(|| pdf_extract::extract_text_from_mem(bytes));
    let text = read.map_err(|_| DocumentError::Pdf)?.map_err(|_| DocumentError::Pdf)?;
    if text.len() as u64 > TEXT_BYTES_MAX { Err(DocumentError::TooLarge) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::{DocumentError, text};

    /// A document of one page that shows the glyphs 1 and 2 of a font whose table says what they are.
    fn document(table: &str) -> Vec<u8> {
        let stream =
            |dictionary: &str, body: &str| format!("<<{dictionary}/Length {}>>stream\n{body}\nendstream", body.len());
        let objects = [
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"
                .to_owned(),
            stream("", "BT /F 12 Tf 20 100 Td <00010002> Tj ET"),
            "<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[6 0 R]/ToUnicode 7 0 R>>"
                .to_owned(),
            "<</Type/Font/Subtype/CIDFontType2/BaseFont/X/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)\
                /Supplement 0>>/FontDescriptor 8 0 R/DW 1000>>"
                .to_owned(),
            stream("", table),
            "<</Type/FontDescriptor/FontName/X/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 800/Descent 0\
                /CapHeight 700/StemV 80>>"
                .to_owned(),
        ];
        let mut bytes = b"%PDF-1.4\n".to_vec();
        let mut places = Vec::new();
        for (object, number) in objects.iter().zip(1..) {
            places.push(bytes.len());
            bytes.extend(format!("{number} 0 obj{object}endobj\n").bytes());
        }
        let start = bytes.len();
        bytes.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
        places.iter().for_each(|place| bytes.extend(format!("{place:010} 00000 n \n").bytes()));
        bytes.extend(format!("trailer<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF", objects.len() + 1).bytes());
        bytes
    }

    #[test]
    fn ideographs_are_read_by_the_table_of_their_font() {
        let table = "/CIDInit /ProcSet findresource begin begincmap\n1 begincodespacerange\n<0000> <ffff>\n\
            endcodespacerange\n2 beginbfchar\n<0001> <4e91>\n<0002> <821f>\nendbfchar\nendcmap end";
        assert_eq!(text(&document(table)).map(|text| text.trim().to_owned()).as_deref(), Ok("云舟"));
    }

    #[test]
    fn a_damaged_document_costs_nothing_else() {
        assert_eq!(text(b"%PDF-1.4 and nothing more"), Err(DocumentError::Pdf));
    }
}
