//! 报告: the monthly report of one's company, or of every one, on a page and as files.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, Response};
use serde::Deserialize;

use crate::casework::rights::Right;
use crate::model::case::Lane;
use crate::model::ids::CompanyCode;
use crate::model::month::Month;
use crate::pipeline::reporting::{Form, ReportError, monthly, written};
use crate::reports::Document;
use crate::reports::html;
use crate::web::console::Console;
use crate::web::console::attachment::attachment;
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// Months that the page offers.
const OFFERED: i32 = 24;
/// The choice of all companies together.
const GROUP: &str = "group";

#[derive(Debug, Template)]
#[template(path = "console/reports.html")]
struct Page {
    frame: Frame,
    title: String,
    subtitle: String,
    /// Months: value, whether it is chosen.
    months: Vec<(String, bool)>,
    /// Companies: value, name, whether it is chosen.
    companies: Vec<(String, String, bool)>,
    /// Query of the files.
    query: String,
    body: String,
}

/// What somebody wants to see.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    month: String,
    company: String,
    form: String,
}

/// A report that the reader may see.
struct Chosen {
    month: Month,
    /// All companies when none.
    company: Option<CompanyCode>,
}

impl Chosen {
    /// Refuses a company that is not the reader's, as if there were none.
    fn of(wish: &Wish, reader: &Reader) -> Result<Self, Refusal> {
        reader.must(Right::SeeReports)?;
        let present = Month::of(reader.world.day());
        let month = if wish.month.is_empty() { Some(present) } else { Month::parse(&wish.month) };
        let month =
            month.ok_or_else(|| Refusal::unfit("月份不对，如 2026-08。", "That is no month such as 2026-08."))?;
        let choices = choices(reader);
        let is_meant = |(code, _): &&(String, String)| wish.company.is_empty() || *code == wish.company;
        let (code, _) = choices.iter().find(is_meant).ok_or(Refusal::NotFound)?;
        let company = (code != GROUP).then(|| CompanyCode::new(code.as_str()));
        Ok(Self { month, company })
    }

    fn object(&self) -> &str {
        self.company.as_ref().map_or(GROUP, CompanyCode::as_str)
    }
}

/// The reports that somebody may see: the group's and each company's, or those of the own companies. Code and name.
fn choices(reader: &Reader) -> Vec<(String, String)> {
    let scope = reader.rights.scope(Right::SeeReports);
    let companies = reader.world.ledgers.companies.iter();
    let seen = companies.filter(|company| scope.has(&Lane::Manager(company.code.clone())));
    let seen = seen.map(|company| (company.code.to_string(), company.short_name.clone()));
    let group = (GROUP.to_owned(), reader.voice().say("全集团", "Whole group").to_owned());
    std::iter::once(group).filter(|_| scope.every_manager).chain(seen).collect()
}

async fn document(console: &Console, reader: &Reader, chosen: &Chosen) -> Result<Document, Refusal> {
    let language = &reader.session.user.language;
    let made = monthly(&console.shell, &reader.world, chosen.company.as_ref(), chosen.month, language).await;
    let document = made.map_err(refused)?;
    let read = reader.did("report.read", chosen.object(), &chosen.month.to_string());
    console.shell.store.audit(&read).await?;
    Ok(document)
}

fn refused(error: ReportError) -> Refusal {
    match error {
        ReportError::NoCompany(_) => Refusal::NotFound,
        ReportError::NoMonth(_) => Refusal::unfit("没有这个月的报告。", "There is no report of that month."),
        ReportError::NoFont | ReportError::Unreadable { .. } | ReportError::Font { .. } => {
            tracing::warn!(%error, "a report was not written as PDF");
            Refusal::unfit(
                "没有可用的中文字体，无法生成 PDF。请系统运维安装 fonts-noto-cjk，或在 wanglou.toml 的 [report] 中填写 font；Word 和 HTML 不受影响。",
                "There is no usable font for Chinese, so there is no PDF. The operator installs fonts-noto-cjk or sets report.font in wanglou.toml; Word and HTML do without.",
            )
        }
        ReportError::Store(error) => error.into(),
        ReportError::Unwritten(_) => {
            tracing::error!(%error, "a report was not written");
            Refusal::Failed
        }
    }
}

pub(super) async fn page(
    State(console): State<Arc<Console>>,
    Query(wish): Query<Wish>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    let chosen = Chosen::of(&wish, &reader)?;
    let document = document(&console, &reader, &chosen).await?;
    let present = Month::of(reader.world.day());
    let months = (0..OFFERED).map(|back| present.plus(-back)).map(|month| (month.to_string(), month == chosen.month));
    let companies = choices(&reader).into_iter().map(|(code, name)| {
        let is_chosen = code == chosen.object();
        (code, name, is_chosen)
    });
    let month = chosen.month.to_string();
    let query = [("month", month.as_str()), ("company", chosen.object())];
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    let page = Page {
        frame: Frame::of(&reader),
        body: html::parts(&document.blocks)?,
        title: document.title,
        subtitle: document.subtitle.join(" · "),
        months: months.collect(),
        companies: companies.collect(),
        query,
    };
    Ok(Html(page.render()?))
}

pub(super) async fn file(
    State(console): State<Arc<Console>>,
    Query(wish): Query<Wish>,
    reader: Reader,
) -> Result<Response, Refusal> {
    let chosen = Chosen::of(&wish, &reader)?;
    let form = Form::named(&wish.form).ok_or(Refusal::NotFound)?;
    let document = document(&console, &reader, &chosen).await?;
    let shell = Arc::clone(&console.shell);
    // A font is large, and a subset of it takes its time.
    let work = move || written(&document, form, shell.config.report.font.as_deref());
    let bytes = tokio::task::spawn_blocking(work).await.map_err(|_| Refusal::Failed)?.map_err(refused)?;
    let name = format!("report-{}-{}.{}", plain(chosen.object()), chosen.month, form.name());
    Ok(attachment(form.media_type(), &name, bytes))
}

/// A code as part of a file's name.
fn plain(code: &str) -> String {
    code.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}
