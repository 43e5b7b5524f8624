//! How fast accounts are matched with a large staff directory when they show a name and the company, and how often the bearer
//! of the name is among the first five. Names are no part of this project: a folder holds `names_SIZE.txt` (a name a line)
//! and `queries.tsv` (display name, line of the name or -1). Asserts nothing.
//!
//!     taskset -c 0 cargo bench --features measure --bench people -- FOLDER 1m [QUERIES]

#[path = "support/measure.rs"]
mod measure;

use measure::{arguments, lines, number, peak, timed};
use wanglou::casework::account::candidates_of;
use wanglou::casework::world::{Policy, World};
use wanglou::ledger::Ledgers;
use wanglou::model::account::Account;
use wanglou::model::company::Company;
use wanglou::model::person::Employee;
use wanglou::model::time::Timestamp;

const COMPANY: &str = "星河科技";
/// Candidates that are counted.
const FIRST: usize = 5;

fn main() {
    let arguments = arguments();
    let [folder, size, ..] = &arguments[..] else { return println!("which folder, how many names?") };
    let names = lines(folder, &format!("names_{size}.txt"));
    let queries: Vec<(String, Option<usize>)> =
        lines(folder, "queries.tsv").iter().take(number(&arguments, 2)).filter_map(|row| query(row)).collect();
    let (world, seconds) = timed(|| world(&names));
    println!("{} names, indexed in {seconds:.2} s, {}", names.len(), peak());
    println!("by the name alone:");
    told(&names, &queries, |name| nearest(&world, name));
    println!("beside a company word:");
    told(&names, &queries, |name| candidates(&world, name));
    println!("peak of memory: {}", peak());
}

/// How fast the queries are answered, and how often the bearer of the name is among the first.
fn told(names: &[String], queries: &[(String, Option<usize>)], ask: impl Fn(&str) -> Vec<usize>) {
    let (found, seconds) = timed(|| queries.iter().map(|(name, _)| ask(name)).collect::<Vec<Vec<usize>>>());
    println!("{} queries: {:.0} a second", queries.len(), queries.len() as f64 / seconds);
    let asked = queries.iter().zip(&found).filter_map(|((_, bearer), found)| Some(((*bearer)?, found)));
    let is_found = |(bearer, found): &(usize, &Vec<usize>)| found.iter().any(|one| names[*one] == names[*bearer]);
    let (all, right) = (asked.clone().count(), asked.filter(is_found).count());
    println!("bearer of the name among the first {FIRST}: {right} of {all}");
}

fn query(row: &str) -> Option<(String, Option<usize>)> {
    let (name, bearer) = row.split_once('\t')?;
    Some((name.to_owned(), bearer.parse().ok()))
}

/// A company of nothing but names; an employee's number is the line of the name.
fn world(names: &[String]) -> World {
    let company = Company {
        code: "XH".into(),
        name: COMPANY.into(),
        short_name: COMPANY.into(),
        aliases: Vec::new(),
        listed: true,
        city: String::new(),
        mail_domain: String::new(),
        responsible: "".into(),
    };
    let employee = |(line, name): (usize, &String)| Employee {
        id: line.to_string().as_str().into(),
        name: name.clone(),
        company: "XH".into(),
        ..Employee::default()
    };
    let employees = names.iter().enumerate().map(employee).collect();
    let ledgers = Ledgers { companies: vec![company], employees, ..Ledgers::default() };
    World::of(ledgers, Timestamp::from_ms(0), chrono_tz::UTC, Policy::default())
}

fn nearest(world: &World, name: &str) -> Vec<usize> {
    world.directory.nearest(name, FIRST).iter().filter_map(|employee| employee.id.as_str().parse().ok()).collect()
}

fn candidates(world: &World, name: &str) -> Vec<usize> {
    let account = Account { display_name: name.to_owned(), bio: COMPANY.to_owned(), ..Account::default() };
    let candidates = candidates_of(world, &account);
    candidates.iter().take(FIRST).filter_map(|candidate| candidate.employee_id.as_str().parse().ok()).collect()
}
