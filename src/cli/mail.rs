//! `wanglou mail`: whether mail would leave by the settings of a file, in force or not. The database is left alone, so that the
//! service goes on meanwhile.

use clap::{Args, Subcommand};

use crate::cli::installation::Global;
use crate::clock::Clock;
use crate::config::Config;
use crate::mail::{Mailbox, MailboxError, Message, Recipient, SettingsError, Transport, TransportKind};
use crate::pipeline::test_letter::{hand_over, written};

/// Try the settings of mail.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wanglou mail check
  wanglou mail check --config trial.toml --to you@corp.example")]
pub struct MailArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: MailCommand,
}

/// What to do about mail.
#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Say what cannot work, log in to the server, look into the mailbox of returned mail, send a test letter.
    Check(CheckArgs),
}

/// Say what cannot work, log in to the server, look into the mailbox of returned mail, send a test letter.
#[derive(Debug, Args)]
#[command(after_help = "With --config a copy is tried that is not in force. Nothing is stored.

Examples:
  wanglou mail check
  wanglou mail check --config trial.toml --to you@corp.example")]
pub struct CheckArgs {
    /// Send a test letter to this address.
    #[arg(long, value_name = "ADDRESS")]
    pub to: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// When the configuration or something that it names cannot be used.
pub async fn run(args: &MailArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    let MailCommand::Check(args) = &args.command;
    let config = global.config()?;
    let problems = config.mail.problems();
    problems.iter().for_each(|problem| eprintln!("{}{problem}", place(&config, problem)));
    if !problems.is_empty() {
        return Ok(2);
    }
    let transport = Transport::open(&config.mail)?;
    let mailbox = Mailbox::open(&config.mail)?;
    let sent = try_sending(&config, &transport, args.to.as_deref(), clock).await?;
    Ok(u8::from(!(sent & try_reading(&mailbox).await)))
}

/// File and line of a setting that cannot work.
fn place(config: &Config, problem: &SettingsError) -> String {
    let (table, key) = problem.key();
    config.line_of(table, key).map_or_else(String::new, |line| format!("{}:{line}: ", config.file.display()))
}

/// Whether the way out is open; without an address only up to the login.
async fn try_sending(config: &Config, transport: &Transport, to: Option<&str>, clock: &Clock) -> anyhow::Result<bool> {
    let own = config.mail.from.rsplit('<').next().unwrap_or_default().trim_end_matches('>').trim();
    let recipient = Recipient { name: "", address: to.unwrap_or(own) };
    let letter = written(config, recipient, "zh-CN", clock.now())?;
    Ok(match to {
        None => has_let_in(config, transport, &letter).await,
        Some(_) => has_taken(config, transport, &letter).await,
    })
}

async fn has_let_in(config: &Config, transport: &Transport, letter: &Message) -> bool {
    match transport.try_login(letter).await {
        Ok(()) if config.mail.transport == TransportKind::Smtp => {
            println!("the mail server lets us in; no letter was sent")
        }
        Ok(()) if transport.is_off() => println!("mail.transport is \"none\": nobody is told"),
        Ok(()) => println!("letters are written to {}", config.mail.dir.display()),
        Err(error) => {
            eprintln!("the mail server does not let us in: {}", error.reason());
            return false;
        }
    }
    true
}

async fn has_taken(config: &Config, transport: &Transport, letter: &Message) -> bool {
    match hand_over(transport, letter).await {
        Ok(()) if config.mail.transport == TransportKind::File => {
            println!("the test letter was written to {}", config.mail.dir.display());
        }
        Ok(()) => println!("the mail server took the test letter"),
        Err(error) => {
            eprintln!("the test letter was not taken: {}", error.reason());
            return false;
        }
    }
    true
}

/// Whether the mailbox of returned mail can be read, where there is one. Nothing is taken away.
async fn try_reading(mailbox: &Mailbox) -> bool {
    match mails_in(mailbox).await {
        Ok(None) => println!("no mailbox of returned mail is set"),
        Ok(Some(mails)) => println!("the mailbox of returned mail can be read: {mails} mails"),
        Err(error) => {
            eprintln!("{error}");
            return false;
        }
    }
    true
}

async fn mails_in(mailbox: &Mailbox) -> Result<Option<usize>, MailboxError> {
    let Some(mut session) = mailbox.visit().await? else { return Ok(None) };
    let mails = session.list().await?.len();
    session.close().await?;
    Ok(Some(mails))
}
