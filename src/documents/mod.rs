//! The text of office documents: plain text, Markdown, Word, PowerPoint, Excel, PDF. No I/O: documents arrive as bytes.

mod office;
mod pdf;

/// Bytes of one document at most.
pub const DOCUMENT_BYTES_MAX: usize = 64 << 20;
/// Bytes of text of one document, and of its parts after unpacking.
pub(crate) const TEXT_BYTES_MAX: u64 = 64 << 20;

/// Why a document has no text.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// The ending of the name says nothing that is read.
    #[error("is not read: save it as txt, md, docx, pptx, xlsx or pdf")]
    Unknown,
    /// Old binary formats.
    #[error("is of the old Office format: save it as docx, pptx or xlsx")]
    OldOffice,
    /// The bytes are not what the name says.
    #[error("is damaged or encrypted, or not what its name says")]
    Damaged,
    /// A PDF without text that can be told.
    #[error(
        "cannot be read as PDF: it is damaged or encrypted, or its fonts do not say what they show; save it as docx or txt"
    )]
    Pdf,
    /// Too large.
    #[error("is larger than {DOCUMENT_BYTES_MAX} bytes, or unpacks to more than that")]
    TooLarge,
    /// There is no text in it.
    #[error("holds no text; a scanned document has to be read by OCR first")]
    Empty,
}

/// The text of a document, by the ending of its name.
///
/// # Errors
/// [`DocumentError`] without anything of the document's content.
pub fn text_of(name: &str, bytes: &[u8]) -> Result<String, DocumentError> {
    if bytes.len() > DOCUMENT_BYTES_MAX {
        return Err(DocumentError::TooLarge);
    }
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    let text = match ending.as_str() {
        "txt" | "md" | "markdown" | "csv" => crate::ledger::table::decode(bytes).ok_or(DocumentError::Damaged)?,
        "docx" | "docm" => office::word(bytes)?,
        "pptx" | "pptm" => office::slides(bytes)?,
        "xlsx" | "xlsm" => office::sheets(bytes)?,
        "pdf" => pdf::text(bytes)?,
        "doc" | "ppt" | "xls" => return Err(DocumentError::OldOffice),
        _ => return Err(DocumentError::Unknown),
    };
    if text.chars().any(char::is_alphanumeric) { Ok(text) } else { Err(DocumentError::Empty) }
}

#[cfg(test)]
mod tests {
    use super::{DocumentError, text_of};

    #[test]
    fn plain_text_is_read_in_the_usual_encodings() {
        assert_eq!(text_of("a.txt", "云舟储能".as_bytes()).as_deref(), Ok("云舟储能"));
        let (gbk, ..) = encoding_rs::GBK.encode("云舟储能项目");
        assert_eq!(text_of("a.MD", &gbk).as_deref(), Ok("云舟储能项目"));
    }

    #[test]
    fn what_cannot_be_read_is_said_without_its_content() {
        assert_eq!(text_of("a.zip", b"x"), Err(DocumentError::Unknown));
        assert_eq!(text_of("a.doc", b"x"), Err(DocumentError::OldOffice));
        assert_eq!(text_of("a", b"x"), Err(DocumentError::Unknown));
        assert_eq!(text_of("a.txt", b" \n"), Err(DocumentError::Empty));
        assert_eq!(text_of("a.pdf", b"no such thing"), Err(DocumentError::Pdf));
        for name in ["a.docx", "a.pptx", "a.xlsx"] {
            assert_eq!(text_of(name, b"no such thing"), Err(DocumentError::Damaged), "{name}");
        }
    }
}
