//! `wanglou demo`: see the whole work on a fictional group, in a minute, on this machine alone.

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use crate::cli::progress::listener;
use crate::cli::scan::{print_sources, stopped};
use crate::cli::user::add_managers;
use crate::demo::{Demo, Options};
use crate::pipeline::progress::nobody;

/// Serve a fictional group's platforms on this machine, scan them for real, file cases and write the letters.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wanglou demo
  wanglou demo --once --json > outcomes.json
  wanglou demo --once --smtp 127.0.0.1:1025
  wanglou demo --once --database postgres://wanglou@localhost/wanglou")]
pub struct DemoArgs {
    /// End after the scan instead of going on as a daemon.
    #[arg(long)]
    pub once: bool,
    /// One JSON object a subject and pass on standard output.
    #[arg(long)]
    pub json: bool,
    /// Folder for the demo's installation; made anew each time.
    #[arg(long, value_name = "D", default_value = "wanglou-demo")]
    pub dir: PathBuf,
    /// Send the letters to this mail server of this machine instead of writing files.
    #[arg(long, value_name = "HOST:PORT", value_parser = host_and_port)]
    pub smtp: Option<(String, u16)>,
    /// Work on this PostgreSQL database, in a schema `wanglou_demo` that is made anew, instead of a file.
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
}

fn host_and_port(text: &str) -> Result<(String, u16), String> {
    let wrong = || format!("「{text}」 is not of the form 127.0.0.1:1025");
    let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
    Ok((host.to_owned(), port.parse().map_err(|_| wrong())?))
}

/// Runs the demo.
pub async fn run(args: &DemoArgs) -> anyhow::Result<u8> {
    let options = Options { folder: args.dir.clone(), smtp: args.smtp.clone(), database: args.database.clone() };
    let demo = Demo::run(&options, &listener()).await?;
    if args.json {
        demo.outcomes.iter().for_each(|outcome| println!("{outcome}"));
    } else {
        print(&demo);
    }
    if !args.once {
        eprintln!("\nthe console, one link a person (choose a password, then sign in):");
        add_managers(&demo.shell).await?;
        eprintln!("the platforms stay up and the daemon goes on; stop with Ctrl-C");
        crate::daemon::serve(std::sync::Arc::clone(&demo.shell), nobody(), stopped()).await?;
    }
    demo.web.stop().await;
    Ok(0)
}

fn print(demo: &Demo) {
    for (number, pass) in demo.passes.iter().enumerate() {
        eprintln!("\npass {}", number + 1);
        print_sources(pass);
    }
    let mut rows: Vec<&Value> = demo.outcomes.iter().filter(|o| is_worth_a_row(o)).collect();
    rows.sort_by_key(|outcome| (outcome["pass"].as_u64(), weight(outcome)));
    let mut table = crate::cli::table(&["pass", "subject", "outcome", "to", "rules", "candidates", "why"]);
    for outcome in rows {
        table.add_row(row(outcome));
    }
    println!("{table}");
    let folder = demo.folder().display();
    eprintln!("{} letters sent; as files: {}", demo.letters_sent, demo.letter_files().len());
    eprintln!(
        "everything lies in {folder}: wanglou.toml, watchlists/, platforms/, store/ (database and vault), mail/*.eml"
    );
    eprintln!("look around: wanglou --config {folder}/wanglou.toml cases list");
}

/// The second pass shows only what it changed.
fn is_worth_a_row(outcome: &Value) -> bool {
    outcome["pass"] == 1 || outcome["outcome"] == "rectified"
}

/// What asks for attention comes first, gravest first.
fn weight(outcome: &Value) -> usize {
    let grave = ["critical", "high", "medium", "low"];
    grave.iter().position(|severity| outcome["severity"] == *severity).unwrap_or(grave.len())
}

fn row(outcome: &Value) -> Vec<String> {
    let text = |key: &str| outcome[key].as_str().unwrap_or_default().to_owned();
    let list = |key: &str, glue: &str| {
        let values = outcome[key].as_array().into_iter().flatten().filter_map(Value::as_str);
        values.collect::<Vec<_>>().join(glue)
    };
    let candidates = outcome["candidates"].as_array().into_iter().flatten();
    let candidates = candidates.map(|c| {
        format!("{} {}", c["employee_id"].as_str().unwrap_or_default(), c["band"].as_str().unwrap_or_default())
    });
    let to = format!("{}\n{}", text("lane"), text("notify"));
    vec![
        outcome["pass"].to_string(),
        text("url").trim_start_matches("https://").to_owned(),
        format!("{}\n{}", text("outcome"), text("severity")).trim().to_owned(),
        if outcome["lane"] == "none" { String::new() } else { to },
        list("rules", "\n"),
        candidates.collect::<Vec<_>>().join("\n"),
        list("reasons", "；"),
    ]
}
