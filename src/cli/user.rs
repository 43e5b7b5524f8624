//! `wanglou user`: who may sign in to the console.

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::casework::rights::Rights;
use crate::cli::installation::{Global, actor};
use crate::clock::Clock;
use crate::model::audit::AuditEntry;
use crate::model::user::{Role, User};
use crate::pipeline::shell::Shell;
use crate::web::console::{INVITATION_DAYS, invite, new_user};

/// Invite people to the console, show who may sign in, shut somebody out.
#[derive(Debug, Args)]
#[command(
    after_help = "Designated managers, deputies, HR of the listed company, the leak lane, legal, auditors and operators have their roles by
the ledger of managers, by employee number. Other roles are given here.

Examples:
  wanglou user add --managers
  wanglou user add lin --name 林 --role list_editor
  wanglou user list"
)]
pub struct UserArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: UserCommand,
}

/// What can be done with users.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a user and print the link by which the password is chosen.
    #[command(after_help = "Roles: admin, list_editor, manager:CODE, group_hr, leak, legal, auditor, request_clerk

Examples:
  wanglou user add lin --name 林 --role list_editor
  wanglou user add xh0002 --name 王 --employee XH0002
  wanglou user add --managers")]
    Add(AddArgs),
    /// List the users with their roles.
    #[command(after_help = "Examples:
  wanglou user list
  wanglou user list --json")]
    List(ListArgs),
    /// Print a new link by which a user chooses a password; whoever was shut out may come in again.
    #[command(after_help = "Example:
  wanglou user invite lin")]
    Invite(OneArgs),
    /// Shut a user out at once: sessions and invitations end.
    #[command(after_help = "Example:
  wanglou user disable lin")]
    Disable(OneArgs),
}

/// Who is added.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// Name for signing in: letters, digits and . - _ @.
    #[arg(required_unless_present = "managers")]
    pub login: Option<String>,
    /// Name on the screen.
    #[arg(long, default_value = "")]
    pub name: String,
    /// Employee number, by which the ledger of managers gives roles.
    #[arg(long, default_value = "")]
    pub employee: String,
    /// A role; may be given several times.
    #[arg(long = "role", value_name = "ROLE")]
    pub roles: Vec<Role>,
    /// Everybody in the ledger of managers who is no user yet; the login is the employee number.
    #[arg(long, conflicts_with_all = ["login", "name", "employee", "roles"])]
    pub managers: bool,
}

/// How users are listed.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// One JSON object a user on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Which user.
#[derive(Debug, Args)]
pub struct OneArgs {
    /// Name for signing in.
    pub login: String,
}

/// Runs the command.
pub async fn run(args: &UserArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    let shell = global.open(clock).await?;
    match &args.command {
        UserCommand::Add(args) if args.managers => add_managers(&shell).await,
        UserCommand::Add(args) => add(&shell, args).await,
        UserCommand::List(args) => list(&shell, args).await,
        UserCommand::Invite(args) => change(&shell, &args.login, false).await,
        UserCommand::Disable(args) => change(&shell, &args.login, true).await,
    }
}

async fn add(shell: &Shell, args: &AddArgs) -> anyhow::Result<u8> {
    let login = args.login.clone().unwrap_or_default().trim().to_lowercase();
    if login.is_empty() || !login.chars().all(|c| c.is_ascii_alphanumeric() || ".-_@".contains(c)) {
        bail!("「{login}」 is no login: letters, digits and . - _ @ only");
    }
    let name = if args.name.trim().is_empty() { login.clone() } else { args.name.clone() };
    let user = new_user(shell, &login, &name, &args.employee, args.roles.clone());
    save(shell, &user, "user.save").await?;
    print_invitation(shell, &user).await
}

/// Makes a user of everybody in the ledger of managers who is none yet, and prints each one's link.
pub(crate) async fn add_managers(shell: &Shell) -> anyhow::Result<u8> {
    let world = shell.world();
    let known = shell.store.users().await?;
    let mut made: Vec<User> = Vec::new();
    for manager in &world.ledgers.managers {
        let is_known = |user: &User| user.employee == manager.employee;
        if known.iter().any(is_known) || made.iter().any(is_known) || manager.employee.is_empty() {
            continue;
        }
        let user = new_user(shell, manager.employee.as_str(), &manager.name, manager.employee.as_str(), Vec::new());
        save(shell, &user, "user.save").await?;
        print_invitation(shell, &user).await?;
        made.push(user);
    }
    eprintln!("{} users added; each link holds for {INVITATION_DAYS} days and is used once", made.len());
    Ok(0)
}

async fn list(shell: &Shell, args: &ListArgs) -> anyhow::Result<u8> {
    let world = shell.world();
    let mut table = crate::cli::table(&["login", "name", "employee", "roles", "state"]);
    for user in shell.store.users().await? {
        let roles: Vec<String> = Rights::of(&user, &world).roles().iter().map(ToString::to_string).collect();
        let state = state(&user);
        if args.json {
            println!("{}", json!({"login": user.login, "employee_id": user.employee, "roles": roles, "state": state}));
        } else {
            table.add_row([user.login, user.name, user.employee.to_string(), roles.join(" "), state.to_owned()]);
        }
    }
    if !args.json {
        println!("{table}");
    }
    Ok(0)
}

const fn state(user: &User) -> &'static str {
    match user {
        User { disabled: true, .. } => "disabled",
        User { password_hash: None, .. } => "invited",
        _ => "active",
    }
}

async fn change(shell: &Shell, login: &str, disabled: bool) -> anyhow::Result<u8> {
    let login = login.trim().to_lowercase();
    let found = shell.store.user_by_login(&login).await?;
    let user = found.with_context(|| format!("there is no user {login}; `wanglou user list` shows all"))?;
    let user = User { disabled, ..user };
    if disabled {
        save(shell, &user, "user.disable").await?;
        eprintln!("{login} is shut out");
        return Ok(0);
    }
    save(shell, &user, "user.invite").await?;
    print_invitation(shell, &user).await
}

async fn save(shell: &Shell, user: &User, action: &str) -> anyhow::Result<()> {
    let (at, action, object) = (shell.clock.now(), action.to_owned(), user.id.to_string());
    let audit = AuditEntry { at, actor: actor(), action, object, detail: String::new() };
    Ok(shell.store.save_user(user, &audit).await?)
}

async fn print_invitation(shell: &Shell, user: &User) -> anyhow::Result<u8> {
    println!("{}\t{}", user.login, invite(shell, &user.id).await?);
    Ok(0)
}
