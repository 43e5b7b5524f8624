//! Forms that change something: taken only from a page of the reader's own session.

use std::sync::Arc;

use axum::Form;
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::http::{HeaderMap, header};

use crate::store::sha256_hex;
use crate::web::console::Console;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// A form, and who sent it.
#[derive(Debug)]
pub(super) struct Submitted(pub(super) Reader, pub(super) Fields);

/// The fields of a form, in their order; a name may come again.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The fields of a form that was sent.
    pub(super) async fn of(request: Request, console: &Arc<Console>) -> Result<Self, Refusal> {
        let form = Form::<Vec<(String, String)>>::from_request(request, console).await;
        let Form(fields) = form.map_err(|_| Refusal::unfit("表单不完整。", "The form is incomplete."))?;
        let mut all = Self::default();
        fields.into_iter().for_each(|(name, value)| all.add(name, &value));
        Ok(all)
    }

    /// One more field.
    pub(super) fn add(&mut self, name: String, value: &str) {
        self.0.push((name, value.replace('\0', "")));
    }

    /// The first value of a name, without white space around it; empty when there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// Every value of a name.
    pub(super) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl FromRequest<Arc<Console>> for Submitted {
    type Rejection = Refusal;

    async fn from_request(request: Request, console: &Arc<Console>) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let reader = Reader::from_request_parts(&mut parts, console).await?;
        let is_ours = is_same_origin(&parts.headers);
        let fields = Fields::of(Request::from_parts(parts, body), console).await?;
        if !is_ours || !is_equal(fields.text("form_token"), &reader.session.form_token) {
            return Err(Refusal::NotOurForm);
        }
        Ok(Self(reader, fields))
    }
}

/// A form with one file, and who sent it. The session's token stands first, the file last.
#[derive(Debug)]
pub(super) struct Uploaded {
    pub(super) reader: Reader,
    pub(super) fields: Fields,
    /// Name of the file as the sender's machine knows it.
    pub(super) file: String,
    pub(super) bytes: Vec<u8>,
}

impl FromRequest<Arc<Console>> for Uploaded {
    type Rejection = Refusal;

    async fn from_request(request: Request, console: &Arc<Console>) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let reader = Reader::from_request_parts(&mut parts, console).await?;
        let is_ours = is_same_origin(&parts.headers);
        let broken =
            |_| Refusal::unfit("文件没有完整上传，或者太大。", "The file did not arrive whole, or is too large.");
        let multipart = Multipart::from_request(Request::from_parts(parts, body), console).await;
        let mut multipart = multipart.map_err(|_| Refusal::unfit("表单不完整。", "The form is incomplete."))?;
        let (mut is_signed, mut fields) = (false, Fields::default());
        while let Some(field) = multipart.next_field().await.map_err(broken)? {
            match field.name() {
                Some("form_token") => {
                    is_signed = is_equal(&field.text().await.map_err(broken)?, &reader.session.form_token);
                }
                Some("file" | "picture") if is_ours && is_signed => {
                    let file = field.file_name().unwrap_or_default().to_owned();
                    let bytes = field.bytes().await.map_err(broken)?.to_vec();
                    return Ok(Self { reader, fields, file, bytes });
                }
                Some(name) if is_ours && is_signed => {
                    let name = name.to_owned();
                    fields.add(name, &field.text().await.map_err(broken)?);
                }
                _ => return Err(Refusal::NotOurForm),
            }
        }
        Err(Refusal::NotOurForm)
    }
}

/// Browsers say from where a form is sent; whatever says nothing must have the token.
pub(super) fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if text(header::HeaderName::from_static("sec-fetch-site"))
        .is_some_and(|site| !matches!(site, "same-origin" | "none"))
    {
        return false;
    }
    let host = text(header::HOST).unwrap_or_default();
    text(header::ORIGIN).is_none_or(|origin| origin.split_once("://").is_some_and(|(_, of)| of == host))
}

/// Compares hashes, so that the time it takes says nothing about the token.
pub(super) fn is_equal(given: &str, token: &str) -> bool {
    !token.is_empty() && sha256_hex(given.as_bytes()) == sha256_hex(token.as_bytes())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    use super::is_same_origin;

    #[test]
    fn a_form_of_another_site_is_not_ours() {
        let from = |pairs: &[(&str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
            }
            is_same_origin(&headers)
        };
        assert!(from(&[("host", "watch.example"), ("origin", "https://watch.example")]));
        assert!(from(&[("host", "watch.example")]));
        assert!(!from(&[("host", "watch.example"), ("origin", "https://evil.example")]));
        assert!(!from(&[("host", "watch.example"), ("origin", "null")]));
        assert!(!from(&[("host", "watch.example"), ("sec-fetch-site", "cross-site")]));
    }
}
