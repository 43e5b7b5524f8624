//! `wanglou identify`: who might be behind accounts, from a staff directory alone. Candidates only; stores nothing.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};

use crate::casework::account::candidates_of;
use crate::casework::world::{Policy, World};
use crate::cli::check::read_records;
use crate::cli::installation::Global;
use crate::cli::words::chinese;
use crate::clock::Clock;
use crate::ledger::definition::Ledger;
use crate::ledger::problem::Problem;
use crate::ledger::table::Limits;
use crate::ledger::{Ledgers, read_files, template};
use crate::model::account::Account;
use crate::model::company::Company;
use crate::model::finding::Candidate;
use crate::model::ids::{CompanyCode, EmployeeId};
use crate::model::person::Employee;
use crate::model::record::Record;
use crate::seal::Key;
use crate::watchlists::Folder;

/// Who might be behind accounts. Candidates only, with their reasons; stores nothing.
#[derive(Debug, Args)]
#[command(after_help = "A candidate is a lead, never a statement. An account that shows no mark of the group has none.
Without --companies and --ledgers the companies are those that the staff directory names.

Examples:
  wanglou identify --employees employees.csv accounts.jsonl
  wanglou identify --employees staff.xlsx --companies companies.csv accounts.jsonl --jsonl > candidates.jsonl
  wanglou identify --employees staff.csv --ledgers watchlists accounts.jsonl")]
pub struct IdentifyArgs {
    /// Files of records: JSON lines or an array. `-` reads standard input. Posts are passed over.
    #[arg(required = true)]
    pub records: Vec<PathBuf>,
    /// Staff directory: CSV (UTF-8 or GBK), TSV or XLSX in the form of the employees ledger.
    #[arg(long, value_name = "FILE")]
    pub employees: PathBuf,
    /// Companies of the group, in the form of the companies ledger.
    #[arg(long, value_name = "FILE")]
    pub companies: Option<PathBuf>,
    /// Folder of further ledgers (terms, exemptions …).
    #[arg(long, value_name = "DIR")]
    pub ledgers: Option<PathBuf>,
    /// One JSON object an account on standard output.
    #[arg(long)]
    pub jsonl: bool,
}

/// Runs the command. Exit code 2 when a record or a line could not be used.
pub fn run(args: &IdentifyArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    let config = global.config_or_default()?;
    let (ledgers, bad_lines) = ledgers_of(args, &config.paths.key_file)?;
    let (records, bad_records) = read_records(&args.records, config.group.time_zone)?;
    let world = World::of(ledgers, clock.now(), config.group.time_zone, Policy::default());
    let accounts: Vec<&Account> = records.iter().filter_map(account).collect();
    if args.jsonl {
        accounts.iter().for_each(|account| println!("{}", object(account, &candidates_of(&world, account))));
    } else {
        print_table(&world, &accounts);
    }
    Ok(if bad_lines + bad_records > 0 { 2 } else { 0 })
}

fn account(record: &Record) -> Option<&Account> {
    match record {
        Record::Account(account) => Some(account),
        Record::Post(_) => None,
    }
}

fn object(account: &Account, candidates: &[Candidate]) -> Value {
    let candidate = |c: &Candidate| {
        let reasons: Vec<&str> = c.reasons.iter().map(|r| r.zh.as_str()).collect();
        json!({"employee_id": c.employee_id, "score": c.score, "band": c.band, "reasons": reasons})
    };
    json!({"id": account.id, "url": account.url, "candidates": candidates.iter().map(candidate).collect::<Vec<_>>()})
}

fn print_table(world: &World, accounts: &[&Account]) {
    let mut table = crate::cli::table(&["subject", "candidate", "band", "score", "why"]);
    for account in accounts {
        for candidate in candidates_of(world, account) {
            let why: Vec<&str> = candidate.reasons.iter().map(|r| r.zh.as_str()).collect();
            table.add_row([
                account.id.clone().unwrap_or_else(|| account.url.clone()),
                candidate.employee_id.to_string(),
                chinese(world).band(candidate.band).to_owned(),
                format!("{:.2}", candidate.score),
                why.join("；"),
            ]);
        }
    }
    println!("{table}");
    eprintln!("{} accounts; a candidate is a lead that somebody has to check", accounts.len());
}

/// The ledgers of the call, problems told on standard error and errors counted.
fn ledgers_of(args: &IdentifyArgs, key_file: &Path) -> anyhow::Result<(Ledgers, usize)> {
    let mut files = match &args.ledgers {
        Some(folder) => files_of(folder, key_file)?,
        None => BTreeMap::new(),
    };
    for (name, file) in [("employees", Some(&args.employees)), ("companies", args.companies.as_ref())] {
        if let (Some(file), Some(ledger)) = (file, Ledger::named(name)) {
            files.insert(ledger.file_name(), bytes_of(file)?);
        }
    }
    // Protected speech is protected here too.
    if let Some(ledger) = Ledger::named("protected_topics") {
        files.entry(ledger.file_name()).or_insert_with(|| template::template(ledger));
    }
    let has_companies = files.contains_key("companies.csv");
    let mut reading = read_files(&files);
    if !has_companies {
        derive_companies(&mut reading.ledgers);
    }
    let errors = tell(&reading.problems, &files, args);
    Ok((reading.ledgers, errors))
}

/// Files of a folder under the names of their ledgers' CSV. Confidential terms say nothing about people.
fn files_of(folder: &Path, key_file: &Path) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let key = Key::from_env_or_file(Some(key_file))?;
    let loaded = Folder::open(folder, key.as_ref())?.load(None)?;
    let open = loaded.files.into_iter().filter_map(|(name, file)| Some((Ledger::named(&name)?, file)));
    Ok(open.filter(|(ledger, _)| !ledger.is_confidential).map(|(l, file)| (l.file_name(), file.bytes)).collect())
}

fn bytes_of(file: &Path) -> anyhow::Result<Vec<u8>> {
    let opened = std::fs::File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let mut bytes = Vec::new();
    opened.take(Limits::default().file_bytes as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Problems of the given files under their own names; that no other ledger is there is none.
fn tell(problems: &[Problem], files: &BTreeMap<String, Vec<u8>>, args: &IdentifyArgs) -> usize {
    let mut errors = 0;
    for problem in problems.iter().filter(|p| files.contains_key(&p.file)) {
        let given = match problem.file.as_str() {
            "employees.csv" => Some(&args.employees),
            "companies.csv" => args.companies.as_ref(),
            _ => None,
        };
        let name = given.map_or_else(|| problem.file.clone(), |path| path.display().to_string());
        eprintln!("{}", problem.zh.replacen(&problem.file, &name, 1));
        errors += usize::from(problem.is_error());
    }
    errors
}

/// Companies as the directory names them. None is the listed one: no mark stands for the whole group then.
fn derive_companies(ledgers: &mut Ledgers) {
    let mut companies: BTreeMap<CompanyCode, Company> = BTreeMap::new();
    for employee in &mut ledgers.employees {
        if employee.company.is_empty() {
            employee.company = CompanyCode::new(employee.company_name.as_str());
        }
        if !employee.company.is_empty() {
            let company =
                companies.entry(employee.company.clone()).or_insert_with(|| company(&employee.company, employee));
            let name = &employee.company_name;
            if !name.is_empty() && company.name != *name && !company.aliases.contains(name) {
                company.aliases.push(name.clone());
            }
        }
    }
    ledgers.companies = companies.into_values().collect();
}

fn company(code: &CompanyCode, employee: &Employee) -> Company {
    let name = if employee.company_name.is_empty() { code.to_string() } else { employee.company_name.clone() };
    Company {
        code: code.clone(),
        short_name: without_legal_form(&name).to_owned(),
        name,
        aliases: Vec::new(),
        listed: false,
        city: String::new(),
        mail_domain: String::new(),
        responsible: EmployeeId::default(),
    }
}

/// The name as people write it. What is left must still say who is meant.
fn without_legal_form(name: &str) -> &str {
    let forms = ["股份有限公司", "有限责任公司", "有限公司"];
    let short = forms.iter().find_map(|form| name.strip_suffix(form)).unwrap_or(name);
    if short.chars().count() >= 4 { short } else { name }
}

#[cfg(test)]
mod tests {
    use super::{derive_companies, without_legal_form};
    use crate::ledger::Ledgers;
    use crate::model::person::Employee;

    #[test]
    fn the_legal_form_is_left_out_where_enough_remains() {
        assert_eq!(without_legal_form("星河科技股份有限公司"), "星河科技");
        assert_eq!(without_legal_form("星河有限公司"), "星河有限公司");
    }

    #[test]
    fn companies_follow_from_the_directory() {
        let employee = |company: &str, name: &str| Employee {
            company: company.into(),
            company_name: name.to_owned(),
            ..Employee::default()
        };
        let employees = vec![employee("XH", "星河科技"), employee("XH", "星河科技有限公司"), employee("", "云舟软件")];
        let mut ledgers = Ledgers { employees, ..Ledgers::default() };
        derive_companies(&mut ledgers);
        assert_eq!(ledgers.companies.len(), 2);
        assert_eq!(ledgers.companies[0].aliases, ["星河科技有限公司"]);
        assert_eq!(ledgers.employees[2].company, "云舟软件".into());
    }
}
