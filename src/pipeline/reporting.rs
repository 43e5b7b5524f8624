//! Reports: the counted facts are read, the document is made, and written in the form that somebody wants.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::casework::world::World;
use crate::ledger::{Ledgers, read_files};
use crate::model::company::Company;
use crate::model::ids::CompanyCode;
use crate::model::month::Month;
use crate::model::time::Timestamp;
use crate::pipeline::member_attestation::Round;
use crate::pipeline::shell::Shell;
use crate::reports::docx::docx;
use crate::reports::monthly::{Monthly, SERIES_MONTHS};
use crate::reports::pdf::{Font, FontError, pdf};
use crate::reports::registers::{RegisterTally, Registers};
use crate::reports::tallies::Tallies;
use crate::reports::tally::Days;
use crate::reports::{Document, html};
use crate::store::StoreError;

/// Where fonts for Chinese usually lie on Linux.
const FONTS: [&str; 5] = [
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/source-han-sans/SourceHanSansSC-Regular.otf",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
];
/// Largest font, bytes.
const FONT_BYTES_MAX: u64 = 128 << 20;
/// The ledgers whose state at the beginning of the month is asked for.
const OF_GROUPS: [&str; 2] = ["groups", "group_rosters"];
/// The first month of which there is a report.
const FIRST_YEAR: i32 = 2000;

/// Of each company, whom the yearly confirmation asks, and who had confirmed.
type Members = BTreeMap<CompanyCode, (u64, u64)>;

/// In which form a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A page that stands by itself.
    Html,
    /// For Word and WPS.
    Docx,
    /// For printing.
    Pdf,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 3] = [Self::Html, Self::Docx, Self::Pdf];

    /// Its name, which is also the ending of its files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Docx => "docx",
            Self::Pdf => "pdf",
        }
    }

    /// What it is for browsers.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Pdf => "application/pdf",
        }
    }

    /// The form of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == name)
    }
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The company stands in no ledger.
    #[error("there is no company {0}: companies.csv has the codes")]
    NoCompany(CompanyCode),
    /// The month has not begun, or is too long ago.
    #[error("there is no report of {0}: name a month from {FIRST_YEAR}-01 to the present one")]
    NoMonth(Month),
    /// No font was found.
    #[error("there is no font for Chinese: install fonts-noto-cjk, or name one as report.font in wanglou.toml")]
    NoFont,
    /// The font cannot be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// The font.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The font cannot be used.
    #[error("{path} {problem}")]
    Font {
        /// The font.
        path: PathBuf,
        /// Why.
        problem: FontError,
    },
    /// The form could not be written.
    #[error("the report could not be written as {0}")]
    Unwritten(&'static str),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The report of a month, of a company or of the whole group, in a language.
///
/// # Errors
/// [`ReportError`] for a company or month of which there is none, and when the database fails.
pub async fn monthly(
    shell: &Shell,
    world: &World,
    company: Option<&CompanyCode>,
    month: Month,
    language: &str,
) -> Result<Document, ReportError> {
    let company = company.map(|code| company_of(world, code)).transpose()?.cloned();
    if month > Month::of(world.day()) || month.year() < FIRST_YEAR {
        return Err(ReportError::NoMonth(month));
    }
    let from = month.plus(1 - SERIES_MONTHS).min(month.plus(1 - month.number() as i32));
    let (store, zone) = (&shell.store, world.zone);
    let cases = store.case_figures(from.start(zone), month.plus(1).start(zone)).await?;
    let before = groups_at(shell, world, month.start(zone)).await?;
    let counted_since = store.first_figure().await?.map(|at| Month::of(at.date(zone)));
    let passage = store.passage(month).await?;
    let until = month.plus(1).start(zone).min(world.at);
    let members = Round::read(shell, world, until).await?.map(|round| round.attested_by(until));
    let (world, language) = (world.clone(), language.to_owned());
    // Seconds for a large group of companies: nobody waits for it on a thread of other work.
    let write = move || {
        let (company, cases) = (company.as_ref(), cases.as_slice());
        let registers = &registers(&world, month, company, before.as_ref(), members.as_ref());
        let days = Days { zone, calendar: &world.working_days };
        let tallies = &Tallies::of(cases, (from, month), days, world.at);
        Monthly {
            world: &world,
            month,
            company,
            cases,
            tallies,
            counted_since,
            passage,
            registers,
            language: &language,
        }
        .document()
    };
    let written = tokio::task::spawn_blocking(write).await;
    Ok(written.map_err(|error| StoreError::File(std::io::Error::other(error)))?)
}

fn registers(
    world: &World,
    month: Month,
    company: Option<&Company>,
    before: Option<&Ledgers>,
    members: Option<&Members>,
) -> Vec<RegisterTally> {
    let day = month.last_day().min(world.day());
    let registers =
        Registers { ledgers: &world.ledgers, before, policy: world.policy, first_day: month.first_day(), day };
    let companies = company.map_or(world.ledgers.companies.as_slice(), std::slice::from_ref);
    let mut tallies = registers.tallies(companies.iter().map(|company| &company.code));
    if let Some(members) = members {
        for (company, tally) in companies.iter().zip(&mut tallies) {
            let (asked, attested) = members.get(&company.code).copied().unwrap_or_default();
            (tally.members_asked, tally.members_attested) = (Some(asked), attested);
        }
    }
    tallies
}

fn company_of<'w>(world: &'w World, code: &CompanyCode) -> Result<&'w Company, ReportError> {
    let found = world.ledgers.companies.iter().find(|company| company.code == *code);
    found.ok_or_else(|| ReportError::NoCompany(code.clone()))
}

/// The ledgers with the groups as they were at an instant; none where no state from then is kept.
async fn groups_at(shell: &Shell, world: &World, at: Timestamp) -> Result<Option<Ledgers>, StoreError> {
    let mut files = BTreeMap::new();
    for name in OF_GROUPS {
        let file = format!("{name}.csv");
        let Some(version) = shell.store.ledger_version_at(&file, at).await? else { return Ok(None) };
        files.extend(shell.store.ledger_bytes(&file, version).await?.map(|bytes| (file, bytes)));
    }
    let then = read_files(&files).ledgers;
    let (groups, group_rosters) = (then.groups, then.group_rosters);
    Ok(Some(Ledgers { groups, group_rosters, ..Ledgers::clone(&world.ledgers) }))
}

/// Writes a document in a form.
///
/// # Errors
/// Where there is no font for a PDF, or memory is out.
pub fn written(document: &Document, form: Form, font: Option<&Path>) -> Result<Vec<u8>, ReportError> {
    let failed = |_| ReportError::Unwritten(form.name());
    match form {
        Form::Html => html::page(document).map(String::into_bytes).map_err(|_| ReportError::Unwritten(form.name())),
        Form::Docx => docx(document).map_err(failed),
        Form::Pdf => {
            let path = font.map(Path::to_owned).or_else(usual_font).ok_or(ReportError::NoFont)?;
            let bytes = read(&path).map_err(|source| ReportError::Unreadable { path: path.clone(), source })?;
            let written = Font::read(bytes).and_then(|font| pdf(document, &font));
            written.map_err(|problem| ReportError::Font { path, problem })
        }
    }
}

fn usual_font() -> Option<PathBuf> {
    FONTS.into_iter().map(PathBuf::from).find(|path| path.is_file())
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    if std::fs::metadata(path)?.len() > FONT_BYTES_MAX {
        return Err(std::io::Error::other(format!("larger than {FONT_BYTES_MAX} bytes")));
    }
    std::fs::read(path)
}
