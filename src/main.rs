//! The program `wanglou`.

use std::process::ExitCode;

use clap::Parser;
use wanglou::cli::{Cli, run};

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("wanglou: {error:#}");
            ExitCode::from(2)
        }
    }
}
