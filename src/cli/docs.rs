//! `wanglou completions` and `wanglou man`: what the command line says of itself, for shells and for `man`.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::Cli;

/// Print the completions of a shell.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wanglou completions bash > /etc/bash_completion.d/wanglou
  wanglou completions zsh > ~/.zfunc/_wanglou")]
pub struct CompletionsArgs {
    /// The shell.
    pub shell: Shell,
}

/// Write the manual pages.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wanglou man | man -l -
  wanglou man -o /usr/local/share/man/man1")]
pub struct ManArgs {
    /// Folder to write the pages of all commands into. Without it, the first page goes to standard output.
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

/// Prints the completions.
pub fn completions(args: &CompletionsArgs) -> anyhow::Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "wanglou", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(0)
}

/// Writes the manual pages.
pub fn man(args: &ManArgs) -> anyhow::Result<u8> {
    match &args.output {
        None => clap_mangen::Man::new(Cli::command()).render(&mut std::io::stdout())?,
        Some(folder) => {
            std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
            clap_mangen::generate_to(Cli::command(), folder)
                .with_context(|| format!("{} cannot be written", folder.display()))?;
            eprintln!("{}", folder.display());
        }
    }
    Ok(0)
}
