//! What `wanglou discover` prints and writes.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use askama::Template;
use chrono_tz::Tz;

use crate::cli::discover::DiscoverArgs;
use crate::discover::Presence;
use crate::model::time::Timestamp;
use crate::pipeline::discover::Checked;

/// Where answers go as they come, and at the end.
pub(super) struct Sink {
    form: Form,
    only_found: bool,
}

enum Form {
    Table,
    JsonLines,
    Csv,
}

impl Sink {
    pub(super) fn of(args: &DiscoverArgs) -> Self {
        let form = match (args.jsonl, args.csv) {
            (true, _) => Form::JsonLines,
            (_, true) => Form::Csv,
            _ => Form::Table,
        };
        Self { form, only_found: args.only_found }
    }

    /// Lines come at once, so that a long run can be followed.
    pub(super) fn tell(&mut self, checked: &Checked) {
        if matches!(self.form, Form::JsonLines) && self.is_shown(checked) {
            println!("{}", serde_json::json!(checked));
        }
    }

    pub(super) fn end(&mut self, all: &[Checked]) -> anyhow::Result<()> {
        let mut shown: Vec<&Checked> = all.iter().filter(|checked| self.is_shown(checked)).collect();
        shown.sort_by_key(|checked| (checked.presence, checked.site.to_lowercase(), checked.name.clone()));
        match self.form {
            Form::JsonLines => Ok(()),
            Form::Csv => csv(&shown),
            Form::Table => {
                table(&shown);
                Ok(())
            }
        }
    }

    fn is_shown(&self, checked: &Checked) -> bool {
        !self.only_found || checked.presence == Presence::Found
    }
}

fn word(presence: Presence) -> &'static str {
    match presence {
        Presence::Found => "found",
        Presence::Absent => "absent",
        Presence::Unknown => "unknown",
    }
}

/// A mark at the beginning lets Excel read the file as UTF-8; a cell that begins like a formula is set in quotes.
fn csv(shown: &[&Checked]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all("\u{feff}".as_bytes())?;
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(["site", "name", "presence", "url", "status", "reason"])?;
    for one in shown {
        let status = one.status.map(|status| status.to_string()).unwrap_or_default();
        let row = [&one.site, &one.name, word(one.presence), &one.url, &status, &one.reason];
        writer.write_record(row.map(harmless))?;
    }
    Ok(writer.flush()?)
}

fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

fn table(shown: &[&Checked]) {
    let mut table = crate::cli::table(&["site", "name", "presence", "address", "reason"]);
    for one in shown {
        table.add_row([&one.site, &one.name, word(one.presence), &one.url, &one.reason]);
    }
    println!("{table}");
}

#[derive(Template)]
#[template(path = "discover/report.html")]
struct Report<'a> {
    at: String,
    found: Vec<&'a Checked>,
    unknown: Vec<&'a Checked>,
    absent: usize,
}

impl Checked {
    /// Whether the address may be a link.
    fn is_web(&self) -> bool {
        self.url.starts_with("https://") || self.url.starts_with("http://")
    }
}

/// Writes the report for people.
pub(super) fn write_report(file: &Path, all: &[Checked], at: Timestamp, zone: Tz) -> anyhow::Result<()> {
    let of = |presence| {
        let mut some: Vec<&Checked> = all.iter().filter(|checked| checked.presence == presence).collect();
        some.sort_by_key(|checked| (checked.site.to_lowercase(), checked.name.clone()));
        some
    };
    let report = Report {
        at: at.local(zone).format("%Y-%m-%d %H:%M").to_string(),
        found: of(Presence::Found),
        unknown: of(Presence::Unknown),
        absent: of(Presence::Absent).len(),
    };
    std::fs::write(file, report.render()?).with_context(|| format!("{} cannot be written", file.display()))
}
