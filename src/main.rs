//! The program `wanglou`.

use std::process::ExitCode;

use clap::Parser;
use wanglou::cli::{Cli, exit_code, run};

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("wanglou: {error:#}");
            ExitCode::from(exit_code(&error))
        }
    }
}
