//! `wanglou user`: who may sign in to the console.

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::casework::rights::Rights;
use crate::cli::installation::{Global, actor};
use crate::clock::Clock;
use crate::model::audit::AuditEntry;
use crate::model::user::{ApiToken, Role, TokenScope, User};
use crate::pipeline::shell::Shell;
use crate::seal::random_token;
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
    /// Take a user's second factor away, after phone and recovery codes were lost, and forget who the user is at the identity
    /// provider; sessions end.
    #[command(after_help = "Example:
  wanglou user reset lin")]
    Reset(OneArgs),
    /// Print a token by which a program asks the console in a user's name; it is shown this once.
    #[command(after_help = "The interface is described at /api/v1/openapi.json of the console.

Example:
  wanglou user token xh0002 --name ticket-system --scope cases:read --days 90")]
    Token(TokenArgs),
    /// List the tokens of programs.
    #[command(after_help = "Example:
  wanglou user tokens")]
    Tokens,
    /// End a token of a program.
    #[command(after_help = "Example:
  wanglou user revoke ticket-system")]
    Revoke(TokenName),
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

/// A token for a program.
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// Name for signing in of the user in whose name it asks.
    pub login: String,
    /// Name of the token.
    #[arg(long)]
    pub name: String,
    /// What it is for; may be given several times.
    #[arg(long = "scope", value_name = "SCOPE", required = true)]
    pub scopes: Vec<TokenScope>,
    /// For how many days it holds.
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(i64).range(1..=730))]
    pub days: i64,
}

/// Which token.
#[derive(Debug, Args)]
pub struct TokenName {
    /// Name of the token.
    pub name: String,
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
        UserCommand::Reset(args) => reset_second_factor(&shell, &args.login).await,
        UserCommand::Token(args) => token(&shell, args).await,
        UserCommand::Tokens => tokens(&shell).await,
        UserCommand::Revoke(args) => revoke(&shell, &args.name).await,
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

async fn known(shell: &Shell, login: &str) -> anyhow::Result<User> {
    let login = login.trim().to_lowercase();
    let found = shell.store.user_by_login(&login).await?;
    found.with_context(|| format!("there is no user {login}; `wanglou user list` shows all"))
}

async fn reset_second_factor(shell: &Shell, login: &str) -> anyhow::Result<u8> {
    let user = known(shell, login).await?;
    shell.store.remove_second_factor(&user.id, &entry(shell, &user, "user.reset_second_factor")).await?;
    shell.store.forget_subject(&user.id).await?;
    eprintln!("{} signs in with the password alone, or as whoever the identity provider names next", user.login);
    Ok(0)
}

async fn token(shell: &Shell, args: &TokenArgs) -> anyhow::Result<u8> {
    let user = known(shell, &args.login).await?;
    let expires_at = shell.clock.now().plus_days(args.days);
    let kept = ApiToken { name: args.name.trim().to_owned(), scopes: args.scopes.clone(), expires_at };
    let token = random_token();
    shell.store.add_api_token(&user, &kept, &token, &entry(shell, &user, "user.token")).await?;
    eprintln!("{} asks in the name of {} until {expires_at}; the token is shown this once", kept.name, user.login);
    println!("{token}");
    Ok(0)
}

async fn tokens(shell: &Shell) -> anyhow::Result<u8> {
    let mut table = crate::cli::table(&["name", "login", "scopes", "until"]);
    for (token, login) in shell.store.api_tokens().await? {
        let scopes: Vec<String> = token.scopes.iter().map(ToString::to_string).collect();
        table.add_row([token.name, login, scopes.join(" "), token.expires_at.to_string()]);
    }
    println!("{table}");
    Ok(0)
}

async fn revoke(shell: &Shell, name: &str) -> anyhow::Result<u8> {
    let (at, action, object) = (shell.clock.now(), "user.revoke_token".to_owned(), name.to_owned());
    let audit = AuditEntry { at, actor: actor(), action, object, detail: String::new() };
    if !shell.store.revoke_api_token(name, &audit).await? {
        bail!("there is no token {name}; `wanglou user tokens` shows all");
    }
    eprintln!("{name} has ended");
    Ok(0)
}

async fn change(shell: &Shell, login: &str, disabled: bool) -> anyhow::Result<u8> {
    let user = User { disabled, ..known(shell, login).await? };
    if disabled {
        save(shell, &user, "user.disable").await?;
        eprintln!("{} is shut out", user.login);
        return Ok(0);
    }
    save(shell, &user, "user.invite").await?;
    print_invitation(shell, &user).await
}

async fn save(shell: &Shell, user: &User, action: &str) -> anyhow::Result<()> {
    Ok(shell.store.save_user(user, &entry(shell, user, action)).await?)
}

fn entry(shell: &Shell, user: &User, action: &str) -> AuditEntry {
    let (at, action, object) = (shell.clock.now(), action.to_owned(), user.id.to_string());
    AuditEntry { at, actor: actor(), action, object, detail: String::new() }
}

async fn print_invitation(shell: &Shell, user: &User) -> anyhow::Result<u8> {
    println!("{}\t{}", user.login, invite(shell, &user.id).await?);
    Ok(0)
}
