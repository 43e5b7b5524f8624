//! The console: where people sign in and work on cases. Pages are written here and work without scripts; nothing is loaded
//! from elsewhere. Who may see what is said in `casework::rights`.

mod addressee;
mod api;
mod attachment;
mod audit;
mod calendar;
mod calibration;
mod case;
mod cases;
mod done;
mod door;
mod evidence;
mod exemption_letter;
mod exemption_requests;
mod form;
mod frame;
mod groups;
mod help;
mod id_token;
mod ledgers;
mod letter;
mod live;
mod mail_settings;
mod manual_report;
mod notes;
mod one_time_code;
mod packs;
mod password;
mod provider;
mod reader;
mod refusal;
mod reports;
mod reposts;
mod requests;
mod retention;
mod robots;
mod saved_views;
mod second_factor;
mod second_step;
mod settings;
mod site_cards;
mod site_files;
mod source;
mod sources;
mod today;
mod topic_changes;
mod users;
mod waiting;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::task::JoinSet;

use crate::config::SecondFactor;
use crate::jobs::Pulse;
use crate::ledger::table::Limits;
use crate::model::audit::AuditEntry;
use crate::model::ids::{PlatformId, SourceId, UserId};
use crate::model::time::Timestamp;
use crate::model::user::{Role, User};
use crate::pipeline::manual_report::SCREENSHOT_BYTES_MAX;
use crate::pipeline::shell::Shell;
use crate::platform::FILE_BYTES_MAX;
use crate::seal::random_token;
use crate::store::{StoreError, new_id};
use crate::watchlists::IMAGE_BYTES_MAX;
use crate::web::console::password::Passwords;
use crate::web::console::refusal::Refusal;
use crate::web::console::waiting::Waiting;
use crate::web::probe::Watch;
use crate::web::{Server, is_this_machine, listen_at, server};

/// Most bytes of a form.
const FORM_BYTES_MAX: usize = 64 << 10;
/// Largest report by hand without its screenshot, bytes.
const REPORT_BYTES_MAX: usize = 256 << 10;
/// Foreign files that wait at a time until their columns are known: each is kept whole.
const UPLOADS_MAX: usize = 8;
/// Until when an invitation can be used, days.
pub const INVITATION_DAYS: i64 = 7;

/// Headers of every answer: only our own style, script and pictures, forms to ourselves, nothing framed, kept or guessed. Other sites
/// learn nothing of where a link stood; our own must, or browsers would not say from where a form is sent.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// What every page works with.
#[derive(Debug)]
pub(super) struct Console {
    shell: Arc<Shell>,
    watch: Watch,
    passwords: Passwords,
    proposals: Waiting<ledgers::Proposed>,
    uploads: Waiting<ledgers::Upload>,
    additions: Waiting<site_files::Handed>,
    handing_in: site_files::HandingIn,
    live: live::Room,
    groups: groups::Desk,
    test_letters: mail_settings::Pace,
    /// What the identity provider says about itself, and until when that counts.
    places: tokio::sync::Mutex<Option<(Timestamp, provider::Places)>>,
    /// Host under which people reach it, beside this machine's own names; from `mail.console_url`.
    host: Option<String>,
    /// Whether people reach it by https, so that cookies go no other way.
    is_secure: bool,
}

/// Answers at `console.listen` of the configuration; none when that is empty. An address that cannot be had is a warning in
/// the log and nothing more.
pub async fn serve(shell: &Arc<Shell>, pulse: &Pulse) -> Option<Server> {
    let listen = shell.config.console.listen.trim();
    if listen.is_empty() {
        return None;
    }
    match listen_at(listen).await {
        Ok((listener, address)) => {
            tracing::info!(%address, "the console answers at http://{address}/");
            let mut answering = JoinSet::new();
            answering.spawn(server::accept(listener, router(Arc::new(Console::new(shell, pulse)))));
            Some(Server { address, _answering: answering })
        }
        Err(error) => {
            tracing::warn!(
                "no console: {listen} cannot be had ({error}); set console.listen to a free port of this machine, or to \
                 \"\" for none"
            );
            None
        }
    }
}

/// The address under which people reach the console, without a slash at its end.
pub fn public_address(shell: &Shell) -> String {
    let url = shell.config.mail.console_url.as_deref().unwrap_or_default().trim().trim_end_matches('/');
    if url.is_empty() { format!("http://{}", shell.config.console.listen.trim()) } else { url.to_owned() }
}

/// Where there is nobody yet: makes the first user, an admin, and gives the link by which a password is chosen.
///
/// # Errors
/// When the database fails.
pub async fn first_invitation(shell: &Shell) -> Result<Option<String>, StoreError> {
    if !shell.store.users().await?.is_empty() {
        return Ok(None);
    }
    let user = new_user(shell, "admin", "admin", "", vec![Role::Admin]);
    let audit = AuditEntry {
        at: shell.clock.now(),
        actor: "wanglou".to_owned(),
        action: "user.save".to_owned(),
        object: user.id.to_string(),
        detail: String::new(),
    };
    shell.store.save_user(&user, &audit).await?;
    Ok(Some(invite(shell, &user.id).await?))
}

/// A user who has chosen no password yet.
pub fn new_user(shell: &Shell, login: &str, name: &str, employee: &str, roles: Vec<Role>) -> User {
    let now = shell.clock.now();
    User {
        id: UserId::new(new_id(now)),
        login: login.trim().to_lowercase(),
        name: name.trim().to_owned(),
        employee: employee.into(),
        roles,
        language: "zh-CN".to_owned(),
        password_hash: None,
        failures: 0,
        locked_until: now,
        disabled: false,
        created_at: now,
    }
}

/// A new link by which a user chooses a password; earlier ones end.
///
/// # Errors
/// When the database fails.
pub async fn invite(shell: &Shell, user: &UserId) -> Result<String, StoreError> {
    let token = random_token();
    shell.store.invite(user, &token, shell.clock.now().plus_days(INVITATION_DAYS)).await?;
    Ok(format!("{}/invitation/{token}", public_address(shell)))
}

impl Console {
    fn new(shell: &Arc<Shell>, pulse: &Pulse) -> Self {
        let url = url::Url::parse(&public_address(shell)).ok();
        let host = url.as_ref().and_then(|url| url.host_str()).map(str::to_owned);
        let is_secure = url.is_some_and(|url| url.scheme() == "https");
        let watch = Watch::new(Arc::clone(shell), pulse.clone());
        Self {
            shell: Arc::clone(shell),
            watch,
            passwords: Passwords::new(),
            proposals: Waiting::default(),
            uploads: Waiting::of_at_most(UPLOADS_MAX),
            additions: Waiting::of_at_most(site_files::HANDED_MAX),
            handing_in: site_files::HandingIn::default(),
            live: live::Room::default(),
            groups: groups::Desk::default(),
            test_letters: mail_settings::Pace::default(),
            places: tokio::sync::Mutex::default(),
            host,
            is_secure,
        }
    }

    fn requires_second_factor(&self) -> bool {
        self.shell.config.console.second_factor == SecondFactor::Required
    }

    /// The platforms that are watched: identifier and name for people.
    fn platforms(&self) -> Vec<(String, String)> {
        let named = |id: &PlatformId| (id.to_string(), self.shell.platform_name(id));
        self.shell.sources().platforms().into_iter().map(named).collect()
    }

    /// The platform of an identifier or a name, in upper or lower case.
    fn platform(&self, text: &str) -> PlatformId {
        let is_meant = |known: &str| known.eq_ignore_ascii_case(text);
        let by_name = self.platforms().into_iter().find(|(id, name)| is_meant(id) || is_meant(name));
        PlatformId::new(by_name.map_or_else(|| text.to_owned(), |(id, _)| id))
    }

    /// Name of a source for people: its own, else that of its platform.
    fn source_name(&self, id: &SourceId) -> String {
        match self.shell.source(id) {
            Some(source) if !source.name.is_empty() => source.name,
            Some(source) => self.shell.platform_name(&source.platform),
            None => id.to_string(),
        }
    }
}

fn router(console: Arc<Console>) -> Router {
    Router::new()
        .route("/", get(today::page))
        .route("/cases", get(cases::page))
        .route("/cases.csv", get(cases::csv))
        .route("/cases.xlsx", get(cases::workbook))
        .route("/cases/decide", post(cases::decide_many))
        .route(
            "/cases/new",
            get(manual_report::page)
                .post(manual_report::file)
                .layer(DefaultBodyLimit::max(SCREENSHOT_BYTES_MAX + REPORT_BYTES_MAX)),
        )
        .route("/cases/views", get(saved_views::page).post(saved_views::save))
        .route("/cases/views/{id}/rename", post(saved_views::rename))
        .route("/cases/views/{id}/default", post(saved_views::make_default))
        .route("/cases/views/{id}/delete", post(saved_views::delete))
        .route("/cases/{number}", get(case::page))
        .route("/cases/{number}/decide", post(case::decide))
        .route("/cases/{number}/reopen", post(case::reopen))
        .route("/cases/{number}/evidence/{hash}", get(evidence::page))
        .route("/cases/{number}/evidence/{hash}/bytes", get(evidence::bytes))
        .route("/cases/{number}/evidence/{hash}/picture", get(evidence::picture))
        .route("/cases/{number}/reposts/{key}/split", post(reposts::split))
        .route("/cases/{number}/notes", post(notes::add))
        .route("/cases/{number}/inquiry", get(case::inquiry_page))
        .route("/cases/{number}/evidence.zip", get(packs::evidence))
        .route("/cases/{number}/complaint.zip", get(packs::complaint))
        .route("/ledgers", get(ledgers::page))
        .route("/ledgers/{name}", get(ledgers::ledger_page))
        .route("/ledgers/{name}/workbook", get(ledgers::workbook))
        .route("/ledgers/{name}/line", get(ledgers::line_page).post(ledgers::propose_line))
        .route("/ledgers/{name}/remove", post(ledgers::remove_line))
        .route("/ledgers/{name}/restore", post(ledgers::propose_version))
        .route("/ledgers/{name}/proposals/{token}", get(ledgers::proposal_page).post(ledgers::accept))
        .route("/ledgers/protected_topics/changes", get(topic_changes::page))
        .route("/ledgers/protected_topics/changes/{id}/approve", post(topic_changes::approve))
        .route("/ledgers/protected_topics/changes/{id}/refuse", post(topic_changes::refuse))
        .route("/ledgers/protected_topics/changes/{id}/withdraw", post(topic_changes::withdraw))
        .route("/ledgers/{name}/columns/{token}", get(ledgers::columns_page).post(ledgers::choose_columns))
        .route(
            "/ledgers/{name}/file",
            post(ledgers::propose_file).layer(DefaultBodyLimit::max(Limits::default().file_bytes + FORM_BYTES_MAX)),
        )
        .route(
            "/ledgers/brand_marks/pictures",
            post(ledgers::add_mark).layer(DefaultBodyLimit::max(IMAGE_BYTES_MAX + FORM_BYTES_MAX)),
        )
        .route("/ledgers/brand_marks/pictures/{file}", get(ledgers::picture))
        .route("/requests", get(requests::page).post(requests::take_in))
        .route("/requests/notice", get(requests::notice_page).post(requests::issue))
        .route("/requests/notice.txt", get(requests::notice_text))
        .route("/requests/{number}", get(requests::request_page))
        .route("/requests/{number}/answer", post(requests::answer))
        .route("/requests/{number}/letter.txt", get(requests::letter_text))
        .route("/requests/{number}/records.csv", get(requests::records_csv))
        .route("/requests/{number}/records.xlsx", get(requests::records_workbook))
        .route("/exemption-requests", get(exemption_requests::page).post(exemption_requests::file))
        .route("/exemption-requests/{number}", get(exemption_requests::request_page))
        .route("/exemption-requests/{number}/check", post(exemption_requests::check))
        .route("/exemption-requests/{number}/approve", post(exemption_requests::approve))
        .route("/exemption-requests/{number}/refuse", post(exemption_requests::refuse))
        .route("/exemption-requests/{number}/letter.txt", get(exemption_requests::letter_text))
        .route("/retention", get(retention::page))
        .merge(groups::routes())
        .route("/sources", get(sources::page))
        .route(
            "/sources/files",
            get(site_files::page)
                .post(site_files::hand_in)
                .layer(DefaultBodyLimit::max(FILE_BYTES_MAX + FORM_BYTES_MAX)),
        )
        .route("/sources/files/proposals/{token}", get(site_files::proposal_page).post(site_files::accept))
        .route("/sources/files/{kind}/{name}", get(site_files::file_page))
        .route("/sources/files/{kind}/{name}/remove", post(site_files::remove))
        .route("/sources/files/{kind}/{name}/restore", post(site_files::restore))
        .route("/sources/{id}", get(source::page))
        .route("/sources/{id}/pause", post(source::pause))
        .route("/sources/{id}/resume", post(source::resume))
        .route("/sources/{id}/try", post(source::try_one))
        .route(live::PLACE, get(live::sources))
        .route("/reports", get(reports::page))
        .route("/reports/file", get(reports::file))
        .route("/calibration", get(calibration::page))
        .route("/settings/calendar", get(calendar::page))
        .route("/audit", get(audit::page))
        .route("/audit.csv", get(audit::csv))
        .route("/audit.xlsx", get(audit::workbook))
        .route("/api/v1/openapi.json", get(|| async { text("application/json", api::OPENAPI) }))
        .route("/api/v1/cases", get(api::cases))
        .route("/api/v1/cases/{number}", get(api::case))
        .route("/api/v1/cases/{number}/decision", post(api::decide).delete(api::reopen))
        .route("/help", get(help::page))
        .route("/users", get(users::page).post(users::add))
        .route("/users/{login}/invite", post(users::invite))
        .route("/users/{login}/disable", post(users::disable))
        .route("/settings", get(settings::page))
        .route("/settings/language", post(settings::language))
        .route("/settings/mail", get(mail_settings::page))
        .route("/settings/mail/test", post(mail_settings::test))
        .route("/settings/password", post(settings::password))
        .route("/settings/second-factor", get(second_factor::page).post(second_factor::set))
        .route("/settings/second-factor/remove", post(second_factor::remove))
        .route("/letters/{token}", get(letter::page).post(letter::decide))
        .route("/letters/exemptions/{token}", get(exemption_letter::page).post(exemption_letter::decide))
        .route("/sign-in", get(door::sign_in_page).post(door::sign_in))
        .route("/sign-in/provider", get(provider::leave))
        .route("/sign-in/provider/return", get(provider::come_back))
        .route("/sign-in/code", get(second_step::page).post(second_step::give))
        .route("/sign-out", post(door::sign_out))
        .route("/invitation/{token}", get(door::invitation_page).post(door::accept_invitation))
        .route("/style.css", get(|| async { text("text/css", include_str!("../../templates/web/style.css")) }))
        .route("/console.css", get(|| async { text("text/css", include_str!("../../templates/console/console.css")) }))
        .route(
            "/console.js",
            get(|| async { text("text/javascript", include_str!("../../templates/console/console.js")) }),
        )
        .fallback(|| async { Refusal::NotFound })
        .layer(from_fn_with_state(Arc::clone(&console), for_its_host))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(map_response(with_headers))
        .with_state(console)
}

fn text(kind: &str, body: &'static str) -> Response {
    ([(header::CONTENT_TYPE, format!("{kind}; charset=utf-8"))], body).into_response()
}

/// A site elsewhere may give its own name this machine's address; its name then stands in the request.
async fn for_its_host(State(console): State<Arc<Console>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    // No name or number holds it, and not every database takes it.
    if request.uri().to_string().contains("%00") {
        return Refusal::NotFound.into_response();
    }
    let is_known =
        is_this_machine(host) || console.host.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(name));
    if is_known {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, "set mail.console_url to the address under which people reach the console\n")
            .into_response()
    }
}

async fn with_headers(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
