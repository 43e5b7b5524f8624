//! Judging an account. Order: protected topics, children, exclusions (in the detectors), rules (policy §1, rule book).

use crate::casework::keys::account_key;
use crate::casework::lane::manager_lane;
use crate::casework::silence::{self, silence};
use crate::casework::standing::{Standing, standing};
use crate::casework::unlinking::without;
use crate::casework::world::World;
use crate::detect::avatar::{AvatarHit, nearest_mark};
use crate::detect::conduct::resells;
use crate::detect::lexicon::{CLUB, CLUB_ENDINGS, OWN_PEOPLE, STAFF};
use crate::detect::name::{add, mark_findings, reason};
use crate::detect::profile::{Employer, Profile, companies_of};
use crate::detect::protect::{is_child, protected_topics};
use crate::detect::scan::{FieldText, Hit};
use crate::identify::score::Scored;
use crate::identify::tenure::SpokenOn;
use crate::identify::{Question, identify};
use crate::model::account::Account;
use crate::model::case::{Judgement, Lane, Notify, Outcome, Subject, SubjectKind};
use crate::model::exemption::{Exemption, ExemptionStatus};
use crate::model::finding::{Candidate, Finding, Reason, Rule};
use crate::model::ids::{CompanyCode, EmployeeId, TermId};
use crate::model::silence::SilentCause;
use crate::model::term::{Field, Severity, TermKind};
use crate::model::time::Timestamp;

/// An account read once, with everything later steps ask for.
pub(crate) struct Reading<'a> {
    pub(crate) world: &'a World,
    pub(crate) account: &'a Account,
    pub(crate) profile: Profile,
    pub(crate) standing: Standing<'a>,
    pub(crate) avatar: Option<AvatarHit<'a>>,
}

impl<'a> Reading<'a> {
    pub(crate) fn of(world: &'a World, account: &'a Account, outside: &[FieldText]) -> Self {
        Self {
            profile: Profile::of(&world.watch, account, outside),
            standing: standing(world, account),
            avatar: nearest_mark(&world.ledgers.brand_marks, account),
            world,
            account,
        }
    }

    /// Companies named by the account, marks as pictures included.
    pub(crate) fn companies(&self) -> Vec<CompanyCode> {
        let mut companies = self.profile.companies(&self.world.watch);
        companies.extend(
            self.avatar
                .map(|a| a.mark.company.clone())
                .filter(|c| !companies.contains(c))
                .into_iter()
                .collect::<Vec<_>>(),
        );
        companies
    }

    /// The owner whom a ledger names.
    pub(crate) fn known_owner(&self) -> Option<&EmployeeId> {
        match self.standing {
            Standing::Exemption(exemption, _) => Some(&exemption.employee),
            _ => None,
        }
    }

    /// Possible owners, by the profile alone.
    pub(crate) fn candidates(&self, companies: &[CompanyCode]) -> Vec<Candidate> {
        self.scored(companies).into_iter().map(|scored| scored.candidate).collect()
    }

    /// Possible owners, by the profile and by a post with its instant.
    pub(crate) fn candidates_by_post(
        &self,
        post: &[FieldText],
        posted: Option<Timestamp>,
        companies: &[CompanyCode],
    ) -> Vec<Candidate> {
        let spoken_on = posted.map_or(SpokenOn::Unknown, |at| SpokenOn::Post(at.date(self.world.zone)));
        self.asked(post, spoken_on, companies).into_iter().map(|scored| scored.candidate).collect()
    }

    fn scored(&self, companies: &[CompanyCode]) -> Vec<Scored> {
        let seen = self.account.first_seen.map(|at| SpokenOn::Account(at.date(self.world.zone)));
        self.asked(&[], seen.unwrap_or(SpokenOn::Unknown), companies)
    }

    fn asked(&self, post: &[FieldText], spoken_on: SpokenOn, companies: &[CompanyCode]) -> Vec<Scored> {
        let question = Question {
            spoken_on,
            watch: &self.world.watch,
            account: self.account,
            profile: &self.profile,
            post,
            companies,
            listed: self.world.ledgers.companies.iter().find(|c| c.listed).map(|c| &c.code),
            known_owner: self.known_owner(),
        };
        self.linked(identify(&self.world.directory, &question))
    }

    /// Without those of whom it is known that the account is not theirs.
    fn linked(&self, scored: Vec<Scored>) -> Vec<Scored> {
        if self.world.unlinkings.is_empty() || scored.is_empty() {
            return scored;
        }
        let key = account_key(&subject_of(self.account));
        let all = scored.iter().map(|one| one.candidate.clone()).collect();
        let kept = without(all, |employee| self.world.unlinkings.holds(&key, employee));
        let is_kept = |one: &Scored| kept.iter().any(|candidate| candidate.employee_id == one.candidate.employee_id);
        scored.into_iter().filter(is_kept).collect()
    }

    /// Texts in which the author speaks freely: names and self-description.
    fn own_words(&self) -> Vec<FieldText> {
        self.profile.texts.iter().filter(|t| !t.is_handle && t.field != Field::Verification).cloned().collect()
    }

    /// Whether the author speaks of protected topics in names or self-description: then nobody is matched.
    pub(crate) fn speaks_of_protected_topics(&self) -> bool {
        !protected_topics(&self.world.ledgers.protected_topics, &self.own_words()).is_empty()
    }

    /// Whether the profile itself sells our goods at staff prices.
    pub(crate) fn resells(&self) -> bool {
        resells(&self.own_words())
    }

    pub(crate) fn is_child(&self) -> bool {
        is_child(&self.own_words())
    }
}

/// Judges an account as of the world's instant.
pub fn judge_account(world: &World, account: &Account) -> Judgement {
    let reading = Reading::of(world, account, &[]);
    let mut judgement = Judgement::silent(subject_of(account), Outcome::Ignore);
    judgement.topics = protected_topics(&world.ledgers.protected_topics, &reading.own_words());
    if !judgement.topics.is_empty() {
        judgement.outcome = Outcome::Protected;
    } else if reading.is_child() {
        judgement.outcome = Outcome::Minor;
        judgement.silence = silence::of_a_child();
    } else if !reading.profile.marks.is_empty() || reading.avatar.is_some() {
        judge_bearer(&reading, &mut judgement);
    } else {
        let profile = &reading.profile;
        judgement.silence = silence::of_texts(world, &profile.texts, (&profile.hits, &[], &profile.on_trial));
    }
    judgement
}

/// Possible owners of an account, without a judgement. None where no mark stands on it, where its speech is protected or
/// a child's, and where it shows another employer.
pub fn candidates_of(world: &World, account: &Account) -> Vec<Candidate> {
    scored_of(world, account).into_iter().map(|scored| scored.candidate).collect()
}

/// The same with the likelihoods behind the scores.
pub(crate) fn scored_of(world: &World, account: &Account) -> Vec<Scored> {
    let reading = Reading::of(world, account, &[]);
    let is_silent = || reading.speaks_of_protected_topics() || reading.is_child();
    if reading.profile.marks.is_empty() || is_silent() || reading.profile.is_outsider(account) {
        return Vec::new();
    }
    reading.scored(&reading.companies())
}

/// The account without what may not be kept of it beside a post: names and self-description that speak of protected
/// topics or show a child.
pub fn without_private_words(world: &World, account: &Account) -> Account {
    let reading = Reading::of(world, account, &[]);
    if !reading.speaks_of_protected_topics() && !reading.is_child() {
        return account.clone();
    }
    Account { display_name: String::new(), bio: String::new(), ..account.clone() }
}

/// The account as the subject of a judgement.
pub fn subject_of(account: &Account) -> Subject {
    Subject {
        kind: SubjectKind::Account,
        id: account.id.clone(),
        platform: account.platform.clone(),
        handle: account.handle.clone(),
        url: account.url.clone(),
    }
}

/// An account on which a mark stands somewhere.
fn judge_bearer(reading: &Reading<'_>, judgement: &mut Judgement) {
    judgement.findings = findings(reading);
    judgement.terms = terms_of(reading.world, reading.profile.marks.iter(), &judgement.findings);
    match reading.standing {
        Standing::Official(official) => {
            judgement.outcome = Outcome::Official;
            judgement.silence = silence(SilentCause::Official, Some(&official.company));
            judgement.reasons.push(Reason::new(
                format!("官方账号台账 {}", official.id),
                format!("official account register, {}", official.id),
            ));
        }
        Standing::Exemption(exemption, ExemptionStatus::Valid) => {
            judgement.outcome = Outcome::Exempt;
            judgement.silence = silence(SilentCause::Exempt, Some(&exemption.company));
            judgement.candidates = reading.candidates(&reading.companies());
            judgement.reasons.push(Reason::new(
                format!("豁免 {} 有效，平台与账号ID一致", exemption.id),
                format!("exemption {} is valid for this platform and account", exemption.id),
            ));
        }
        _ => judge_unpermitted(reading, judgement),
    }
}

/// Marks without permission. The first line that fits decides (rule book 8).
fn judge_unpermitted(reading: &Reading<'_>, judgement: &mut Judgement) {
    if is_impersonation(reading) {
        return impersonation(reading, judgement);
    }
    if reading.profile.marks.is_empty() {
        return logo_alone(reading, judgement);
    }
    if is_mention_only(reading) || is_truthful_employer(reading) {
        return recorded(reading, judgement);
    }
    let is_outsider = reading.profile.is_outsider(reading.account);
    let is_fishing = reading.profile.fishes_for_customers() && reading.known_owner().is_none();
    if is_outsider || (is_fishing && reading.candidates(&reading.companies()).is_empty()) {
        return outsider(judgement);
    }
    own_people(reading, judgement);
}

/// Official wording on an account that no platform has verified.
fn is_impersonation(reading: &Reading<'_>) -> bool {
    !reading.profile.official.is_empty()
        && !reading.account.verification.is_present()
        && matches!(reading.standing, Standing::Unknown)
}

fn impersonation(reading: &Reading<'_>, judgement: &mut Judgement) {
    for found in &reading.profile.official {
        let term = &reading.world.watch.terms()[found.word.term].id;
        add(
            &mut judgement.findings,
            Rule::Impersonation,
            "四.2",
            term,
            reason(&reading.world.watch, &reading.profile.texts, &found.word),
        );
        if !term.is_empty() && !judgement.terms.contains(term) {
            judgement.terms.push(term.clone());
        }
    }
    judgement.reasons.push(Reason::new(
        "官方账号台账、豁免台账中均无此账号，平台也未认证：疑似仿冒，走平台投诉",
        "in no register and not verified by the platform: perhaps an impersonation, for a complaint to the platform",
    ));
    decide(judgement, Outcome::Alert, Lane::Legal, Some(Severity::High), Notify::Immediate);
}

/// A picture says nothing about who: never any candidate.
fn logo_alone(reading: &Reading<'_>, judgement: &mut Judgement) {
    let (lane, _) = manager_lane(reading.world, judgement, &reading.companies());
    judgement.reasons.push(Reason::new(
        "仅头像相似，没有身份线索：不推断员工",
        "only the picture is alike, nothing says who: no candidates",
    ));
    decide(judgement, Outcome::Review, lane, Some(Severity::Low), Notify::Weekly);
}

/// A bio that merely mentions the company flies no flag; one that sells its goods at staff prices does more than mention.
fn is_mention_only(reading: &Reading<'_>) -> bool {
    !reading.profile.bears_mark() && reading.avatar.is_none() && !reading.resells()
}

/// A workplace platform's employer field, or its badge of employment, is a truthful statement, not a use of the name.
fn is_truthful_employer(reading: &Reading<'_>) -> bool {
    let profile = &reading.profile;
    let stated = profile.employer == Employer::Ours || reading.account.verification.kind.contains("任职");
    let elsewhere =
        profile.marks.iter().any(|h| profile.field(h) != Field::Verification && !profile.texts[h.text].is_handle);
    stated && !elsewhere && reading.avatar.is_none() && !reading.world.policy.employer_field_alerts
}

fn recorded(reading: &Reading<'_>, judgement: &mut Judgement) {
    if is_truthful_employer(reading) {
        judgement.candidates = reading.candidates(&reading.companies());
        judgement.reasons.push(Reason::new("任职信息栏属如实披露，不告警", "a truthful employer field: no alert"));
    } else {
        judgement.findings.clear();
        judgement.reasons.push(Reason::new("简介只是提及公司，未以公司名义", "the bio merely mentions the company"));
    }
    judgement.silence = silence(SilentCause::Mention, reading.companies().first());
    decide(judgement, Outcome::Record, Lane::None, None, Notify::None);
}

fn outsider(judgement: &mut Judgement) {
    judgement.candidates.clear();
    judgement.reasons.push(Reason::new(
        "资料显示是集团以外的单位或引流账号，没有员工线索：由法务复核，不匹配员工",
        "the profile shows another employer or fishes for customers: for legal to review, nobody is matched",
    ));
    decide(judgement, Outcome::Review, Lane::Legal, Some(Severity::Low), Notify::Weekly);
}

/// Accounts that may be our own people's.
fn own_people(reading: &Reading<'_>, judgement: &mut Judgement) {
    let is_club = is_club(reading);
    if !is_club {
        judgement.candidates = reading.candidates(&reading.companies());
    }
    let (lane, recusal) = manager_lane(reading.world, judgement, &reading.companies());
    let departed = departed(reading, &judgement.candidates);
    let (severity, notify) = match reading.standing {
        Standing::Exemption(exemption, status) => exemption_lapsed(exemption, status, judgement),
        _ if departed => left(judgement),
        _ if recusal.is_some() => (Severity::Medium, Notify::Daily),
        _ if is_club => unregistered_club(reading, judgement),
        _ => by_strength(reading, judgement),
    };
    judgement.reasons.extend(recusal);
    if matches!(reading.standing, Standing::Unknown) {
        judgement.reasons.push(Reason::new(
            "豁免台账、官方账号台账中均无此账号",
            "in neither the exemption nor the official account register",
        ));
    }
    decide(judgement, Outcome::Alert, lane, Some(severity), notify);
}

fn exemption_lapsed(exemption: &Exemption, status: ExemptionStatus, judgement: &mut Judgement) -> (Severity, Notify) {
    let id = &exemption.id;
    let (rule, zh, en, level) = match status {
        ExemptionStatus::Pending => (
            Rule::ExemptPending,
            format!("豁免 {id} 审批中：待审批，不计不符合情形"),
            format!("exemption {id} is being decided"),
            (Severity::Low, Notify::Weekly),
        ),
        ExemptionStatus::Revoked(day) => (
            Rule::ExemptRevoked,
            format!("豁免 {id} 已撤销{}", day.map_or_else(String::new, |d| format!("（{d}）"))),
            format!("exemption {id} was taken back{}", day.map_or_else(String::new, |d| format!(" on {d}"))),
            (Severity::Medium, Notify::Daily),
        ),
        ExemptionStatus::Expired | ExemptionStatus::Valid => (
            Rule::ExemptExpired,
            format!(
                "豁免 {id} 已到期{}，建议提醒续期",
                exemption.until.map_or_else(String::new, |d| format!("（{d}）"))
            ),
            format!("exemption {id} has ended: suggest a renewal"),
            (Severity::Medium, Notify::Daily),
        ),
    };
    add(&mut judgement.findings, rule, "四.2", &TermId::default(), Reason::new(zh, en));
    claim_end(judgement, exemption, status);
    level
}

/// The end of another permission is another claim: the decision that the last one made covers that one alone.
fn claim_end(judgement: &mut Judgement, exemption: &Exemption, status: ExemptionStatus) {
    let day = match status {
        ExemptionStatus::Pending => return,
        ExemptionStatus::Revoked(day) => day,
        ExemptionStatus::Expired | ExemptionStatus::Valid => exemption.until,
    };
    let end = day.map_or_else(String::new, |day| day.to_string());
    if let Some(finding) = judgement.findings.last_mut() {
        finding.claims.push(format!("{} {end}", exemption.id));
    }
}

/// Whether the best candidate has left the group.
fn departed(reading: &Reading<'_>, candidates: &[Candidate]) -> bool {
    let best = candidates.first().and_then(|c| reading.world.directory.get(&c.employee_id));
    best.is_some_and(|e| e.has_left)
}

fn left(judgement: &mut Judgement) -> (Severity, Notify) {
    let reason = Reason::new(
        "最相符的人员已离职：可发函请其变更，或请平台更正；不适用纪律处理",
        "the best candidate has left: ask by letter, or ask the platform; no discipline applies",
    );
    add(&mut judgement.findings, Rule::Departed, "四.2", &TermId::default(), reason);
    (Severity::Medium, Notify::Weekly)
}

/// A club or slogan account of our own people that is in no ledger.
fn is_club(reading: &Reading<'_>) -> bool {
    let profile = &reading.profile;
    let kinds = || profile.name_marks().map(|h| reading.world.watch.terms()[h.term].kind);
    let is_ours = profile.holds_any(OWN_PEOPLE) || profile.holds_any(STAFF);
    let names_culture = kinds().any(|k| k == TermKind::Culture);
    let verified_as_us = is_institution(reading) && profile.marks_in(Field::Verification).next().is_some();
    let is_club = names_club(profile) && kinds().next().is_some() && is_ours;
    matches!(reading.standing, Standing::Unknown)
        && profile.titles.is_empty()
        && (is_club || (names_culture && is_ours))
        || verified_as_us
}

/// Whether the account goes by the name of a club.
fn names_club(profile: &Profile) -> bool {
    let shown = profile.texts[0].folded.dense_text();
    profile.holds_any(CLUB) || shown.ends_with(CLUB_ENDINGS)
}

fn is_institution(reading: &Reading<'_>) -> bool {
    ["机构", "企业", "组织"].iter().any(|w| reading.account.verification.kind.contains(w))
}

fn unregistered_club(reading: &Reading<'_>, judgement: &mut Judgement) -> (Severity, Notify) {
    let term =
        reading.profile.name_marks().next().map(|h| reading.world.watch.terms()[h.term].id.clone()).unwrap_or_default();
    let reason = Reason::new(
        "疑似内部社团或单位账号，未备案：建议邀请补办备案或豁免",
        "perhaps a club or a unit of our own that was not filed: invite it to file",
    );
    add(&mut judgement.findings, Rule::OfficialUnregistered, "四.2", &term, reason);
    (Severity::Medium, Notify::Daily)
}

/// A title is high; reselling is medium; otherwise it depends on whether anything points to a colleague.
fn by_strength(reading: &Reading<'_>, judgement: &Judgement) -> (Severity, Notify) {
    let has = |rule: Rule| judgement.findings.iter().any(|f| f.rule == rule);
    let points = !judgement.candidates.is_empty() || reading.profile.points_to_staff();
    match () {
        () if has(Rule::Title) => (Severity::High, Notify::Immediate),
        () if has(Rule::Coi) || points => (Severity::Medium, Notify::Daily),
        () => (Severity::Low, Notify::Weekly),
    }
}

/// Claims from marks, titles, picture and trade. Marks of the bio count once the account bears a mark elsewhere or a title.
fn findings(reading: &Reading<'_>) -> Vec<Finding> {
    let watch = &reading.world.watch;
    let profile = &reading.profile;
    let marks: Vec<&Hit> = profile.marks.iter().collect();
    let mut findings = mark_findings(watch, &profile.texts, &marks);
    for claim in &profile.titles {
        let term = &watch.terms()[claim.word.term].id;
        add(&mut findings, Rule::Title, "四.2", term, reason(watch, &profile.texts, &claim.word));
    }
    if let Some(avatar) = reading.avatar {
        add(&mut findings, Rule::Avatar, "四.2", &TermId::default(), avatar.reason());
    }
    if !profile.marks.is_empty() && reading.resells() {
        let reason = Reason::new(
            "以员工价或内购渠道转售本公司产品的表述",
            "offers the company's goods at prices meant for staff",
        );
        add(&mut findings, Rule::Coi, "四.4", &TermId::default(), reason);
    }
    findings
}

/// Numbers of the terms that were found, findings first, each once.
pub(crate) fn terms_of<'h>(world: &World, hits: impl Iterator<Item = &'h Hit>, findings: &[Finding]) -> Vec<TermId> {
    let mut terms: Vec<TermId> = Vec::new();
    let found = hits.map(|h| &world.watch.terms()[h.term].id);
    for id in findings.iter().flat_map(|f| &f.terms).chain(found) {
        if !id.is_empty() && !terms.contains(id) {
            terms.push(id.clone());
        }
    }
    terms
}

pub(crate) fn decide(
    judgement: &mut Judgement,
    outcome: Outcome,
    lane: Lane,
    severity: Option<Severity>,
    notify: Notify,
) {
    judgement.outcome = outcome;
    judgement.lane = lane;
    judgement.severity = severity;
    judgement.notify = notify;
}

/// Companies named by hits of a subject, most telling field first.
pub(crate) fn companies_named<'h>(world: &World, hits: impl Iterator<Item = &'h Hit>) -> Vec<CompanyCode> {
    companies_of(&world.watch, hits)
}
