//! 群组台账: the register of work groups. Those who keep it come signed in; owners and heads of companies come by the personal
//! link of a letter and see their own groups. Both see the same pages.

mod act;
mod campaigns;
mod duties;
mod external;
mod group;
mod leavers;
mod list;
mod own;
mod own_duties;
mod register;
mod roster;
mod words;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Multipart, Path, Request};
use axum::http::request::Parts;
use axum::routing::{get, post};

use crate::casework::rights::Right;
use crate::casework::voice::Voice;
use crate::casework::world::World;
use crate::groups::overview::Overview;
use crate::groups::responsibility::Responsibility;
use crate::model::audit::AuditEntry;
use crate::model::group::Group;
use crate::model::ids::{CompanyCode, EmployeeId};
use crate::pipeline::register::RegisterError;
use crate::web::console::Console;
use crate::web::console::addressee::is_shut_out;
use crate::web::console::form::{Fields, is_equal, is_same_origin};
use crate::web::console::frame::Frame;
use crate::web::console::groups::roster::Upload;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;
use crate::web::console::waiting::Waiting;

/// Largest member list that is taken, bytes: a workbook of fifty thousand members has about two million.
const LIST_BYTES_MAX: usize = 8 << 20;

/// *Today* waits no longer for what is said of groups.
const A_MOMENT: Duration = Duration::from_millis(500);

/// Parameters of a path by name: the same page stands under two addresses.
type Params = Path<HashMap<String, String>>;

/// What the pages keep between two requests.
#[derive(Debug, Default)]
pub(super) struct Desk {
    uploads: Waiting<Upload>,
}

pub(super) fn routes() -> Router<Arc<Console>> {
    let of_lists = DefaultBodyLimit::max(LIST_BYTES_MAX + super::FORM_BYTES_MAX);
    let mut routes = Router::new()
        .route("/groups", get(list::page))
        .route("/groups/link", post(list::send_link))
        .route("/groups/leavers", get(leavers::page))
        .route("/groups/campaigns", get(campaigns::page).post(campaigns::announce))
        .route("/groups/campaigns/{campaign}", get(campaigns::report).post(campaigns::close))
        .route("/groups/duties", get(duties::page))
        .route("/groups/duties/{company}", get(duties::unconfirmed))
        .route("/my-groups/{token}", get(own::page))
        .route("/my-groups/{token}/duties", get(own_duties::page).post(own_duties::attest))
        .route("/my-groups/{token}/attest", post(own::attest))
        .route("/my-groups/{token}/{id}/confirm", post(own::confirm));
    for base in ["/groups", "/my-groups/{token}"] {
        let at = |path: &str| format!("{base}{path}");
        routes = routes
            .route(&at("/new"), get(register::page).post(register::register))
            .route(&at("/external"), get(external::page).post(external::register))
            .route(&at("/{id}"), get(group::page))
            .route(&at("/{id}/remark"), post(group::check_remark))
            .route(&at("/{id}/edit"), post(act::edit))
            .route(&at("/{id}/roster"), get(roster::form).post(roster::hand_in).layer(of_lists))
            .route(&at("/{id}/roster/{upload}"), get(roster::preview).post(roster::confirm));
    }
    routes
}

impl Console {
    /// What is said of all groups today, where it is known within a moment. Where not, it is being found out for the next who asks.
    pub(super) async fn overview_soon(&self, world: &Arc<World>) -> Option<Arc<Overview>> {
        let (shell, world) = (Arc::clone(&self.shell), Arc::clone(world));
        let computing = tokio::spawn(async move { shell.overview(&world).await });
        tokio::time::timeout(A_MOMENT, computing).await.ok()?.ok()?.ok()
    }

    /// What is said of all groups today.
    async fn overview(&self, world: &World) -> Result<Arc<Overview>, Refusal> {
        self.shell.overview(world).await.map_err(|error| {
            tracing::error!(%error, "work groups were not checked");
            Refusal::Failed
        })
    }
}

/// Somebody on the pages of groups.
#[derive(Debug)]
pub(super) struct Visitor {
    world: Arc<World>,
    frame: Frame,
    /// Address under which this visitor's pages stand, without a slash at its end.
    base: String,
    who: Who,
}

#[derive(Debug)]
enum Who {
    Signed(Box<Reader>),
    ByLink(EmployeeId),
}

impl Visitor {
    fn voice(&self) -> Voice {
        self.frame.voice
    }

    /// Whether a right holds for a company; whoever came by a link has no right beyond the own groups.
    fn may_in(&self, right: Right, company: &CompanyCode) -> bool {
        matches!(&self.who, Who::Signed(reader) if reader.rights.may_in(right, company))
    }

    /// Refuses whoever does not have a right for any company, as if the page did not exist.
    fn must(&self, right: Right) -> Result<&Reader, Refusal> {
        match &self.who {
            Who::Signed(reader) if reader.rights.may(right) => Ok(reader),
            Who::Signed(_) | Who::ByLink(_) => Err(Refusal::NotFound),
        }
    }

    fn acts_for(&self, group: &Group) -> bool {
        match &self.who {
            Who::Signed(_) => self.may_in(Right::KeepGroups, &group.company),
            Who::ByLink(employee) => self.people().acts_for(employee, group),
        }
    }

    fn sees(&self, group: &Group) -> bool {
        self.may_in(Right::SeeGroups, &group.company) || self.acts_for(group)
    }

    fn people(&self) -> Responsibility<'_> {
        Responsibility::of(&self.world.ledgers, self.world.day())
    }

    fn actor(&self) -> String {
        match &self.who {
            Who::Signed(reader) => reader.actor(),
            Who::ByLink(employee) => employee.to_string(),
        }
    }

    fn did(&self, action: &str, object: &str, detail: &str) -> AuditEntry {
        let (action, object, detail) = (action.to_owned(), object.to_owned(), detail.to_owned());
        AuditEntry { at: self.world.at, actor: self.actor(), action, object, detail }
    }

    /// The group of a path that the visitor sees; anything else does not exist.
    fn group(&self, params: &HashMap<String, String>) -> Result<Group, Refusal> {
        let id = params.get("id").map_or("", String::as_str);
        let group = self.world.ledgers.groups.iter().find(|group| group.id.as_str() == id);
        group.filter(|group| self.sees(group)).cloned().ok_or(Refusal::NotFound)
    }

    /// The same, for whoever changes it or reads its members.
    fn own_group(&self, params: &HashMap<String, String>) -> Result<Group, Refusal> {
        self.group(params).ok().filter(|group| self.acts_for(group)).ok_or(Refusal::NotFound)
    }

    fn company_name(&self, code: &CompanyCode) -> String {
        let company = self.world.ledgers.companies.iter().find(|company| company.code == *code);
        company.map_or_else(|| code.to_string(), |company| company.short_name.clone())
    }

    /// Refuses forms of other sites, and those without the token of the session.
    fn must_have_sent(&self, parts: &Parts, fields: &Fields) -> Result<(), Refusal> {
        let is_ours = match &self.who {
            Who::Signed(reader) => is_equal(fields.text("form_token"), &reader.session.form_token),
            // The address itself is the secret.
            Who::ByLink(_) => true,
        };
        if is_ours && is_same_origin(&parts.headers) { Ok(()) } else { Err(Refusal::NotOurForm) }
    }
}

impl FromRequestParts<Arc<Console>> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Self, Refusal> {
        let path = parts.uri.path().to_owned();
        let Some(token) = path.strip_prefix("/my-groups/").and_then(|rest| rest.split('/').next()) else {
            let reader = Reader::from_request_parts(parts, console).await?;
            let (world, frame) = (Arc::clone(&reader.world), Frame::of(&reader));
            return Ok(Self { world, frame, base: "/groups".to_owned(), who: Who::Signed(Box::new(reader)) });
        };
        let world = console.shell.world();
        let employee = by_link(console, &world, token).await?;
        let manager = world.ledgers.managers.iter().find(|manager| manager.employee == employee);
        let language = asked_language(parts).or(manager.map(|manager| manager.language.as_str()));
        let voice = Voice::new(language.unwrap_or("zh-CN"), world.zone, world.at);
        let base = format!("/my-groups/{token}");
        Ok(Self { frame: Frame::of_visitor(voice, path), world, base, who: Who::ByLink(employee) })
    }
}

/// The language for which the address asks: who came by a link has no settings.
fn asked_language(parts: &Parts) -> Option<&'static str> {
    let mut pairs = url::form_urlencoded::parse(parts.uri.query()?.as_bytes());
    let (_, asked) = pairs.find(|(name, _)| name == "language")?;
    ["zh-CN", "en"].into_iter().find(|known| asked == *known)
}

/// Whose link it is, if the person is still there and not shut out.
async fn by_link(console: &Console, world: &World, token: &str) -> Result<EmployeeId, Refusal> {
    let employee = console.shell.store.group_link(token, console.shell.clock.now()).await?.ok_or_else(spent)?;
    let is_there = Responsibility::of(&world.ledgers, world.day()).colleague(&employee).is_some();
    if is_there && !is_shut_out(console, &employee).await? { Ok(employee) } else { Err(spent()) }
}

fn spent() -> Refusal {
    Refusal::unfit(
        "这个链接已过期。下一封工作群邮件里有新的链接；也可以请本公司指定专人再发一个。",
        "The link is too old. The next letter about work groups brings a new one; your company's manager can send one too.",
    )
}

/// A form, and who sent it.
#[derive(Debug)]
pub(super) struct Sent(Visitor, Fields);

impl FromRequest<Arc<Console>> for Sent {
    type Rejection = Refusal;

    async fn from_request(request: Request, console: &Arc<Console>) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, console).await?;
        let fields = Fields::of(Request::from_parts(parts.clone(), body), console).await?;
        visitor.must_have_sent(&parts, &fields)?;
        Ok(Self(visitor, fields))
    }
}

/// A form with a file, or a text in its place, and who sent it.
#[derive(Debug)]
pub(super) struct HandedIn {
    visitor: Visitor,
    fields: Fields,
    /// Name of the file as the sender's machine knows it; empty where none was chosen.
    file: String,
    bytes: Vec<u8>,
}

impl FromRequest<Arc<Console>> for HandedIn {
    type Rejection = Refusal;

    async fn from_request(request: Request, console: &Arc<Console>) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, console).await?;
        let broken =
            |_| Refusal::unfit("文件没有完整上传，或者太大。", "The file did not arrive whole, or is too large.");
        let multipart = Multipart::from_request(Request::from_parts(parts.clone(), body), console).await;
        let mut multipart = multipart.map_err(|_| Refusal::unfit("表单不完整。", "The form is incomplete."))?;
        let mut handed = Self { visitor, fields: Fields::default(), file: String::new(), bytes: Vec::new() };
        while let Some(field) = multipart.next_field().await.map_err(broken)? {
            match field.name().unwrap_or_default().to_owned().as_str() {
                "file" => {
                    handed.file = field.file_name().unwrap_or_default().to_owned();
                    handed.bytes = field.bytes().await.map_err(broken)?.to_vec();
                }
                name => handed.fields.add(name.to_owned(), &field.text().await.map_err(broken)?),
            }
        }
        handed.visitor.must_have_sent(&parts, &handed.fields)?;
        Ok(handed)
    }
}

impl From<RegisterError> for Refusal {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Refused(refused) => Self::Unfit(refused.zh, refused.en),
            RegisterError::Broken(problem) => {
                tracing::warn!(row = problem.row, "a ledger of groups has errors and was not written");
                Self::unfit(
                    "群组台账暂时读不了，或者里面别的行有错误，现在不能保存。过几分钟再试；一再如此的，请告诉本公司指定专人。",
                    "The register cannot be read at the moment, or another line of it has an error. Try again in a few minutes; if it goes on, tell your company's manager.",
                )
            }
            RegisterError::Edition(error) => error.into(),
        }
    }
}
