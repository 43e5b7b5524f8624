//! Judging a post, with its author where the author is known.

use crate::casework::account::{Reading, companies_named, decide, terms_of};
use crate::casework::lane::manager_lane;
use crate::casework::silence::{self, silence};
use crate::casework::world::World;
use crate::detect::conduct::{Attack, competitors_promoted, complains, offers_resale, partners_attacked};
use crate::detect::context::{in_context, is_company_word, is_mark, unspoilt};
use crate::detect::disclosure::Publicity;
use crate::detect::fingerprint::index::Passage;
use crate::detect::leak::{Confidence, LeakHit, leak_hits};
use crate::detect::name::{add, reason};
use crate::detect::protect::{is_child, masked_but, protected_topics};
use crate::detect::scan::{Disguise, FieldText, Hit, scan_with_trial};
use crate::detect::speaker::{names_employer, speaks_of_employment};
use crate::detect::spill::{Spill, spill, talks_of_group_after};
use crate::model::account::{Account, Post};
use crate::model::case::{Judgement, Lane, Notify, Outcome, Subject, SubjectKind};
use crate::model::company::Disclosure;
use crate::model::finding::{Reason, Rule};
use crate::model::ids::{CompanyCode, TermId};
use crate::model::silence::{Silence, SilentCause};
use crate::model::term::{Field, Severity, TermKind};
use crate::model::time::Timestamp;
use crate::text::fold;

/// A post read once.
struct Content<'a> {
    world: &'a World,
    texts: Vec<FieldText>,
    hits: Vec<Hit>,
    on_trial: Vec<Hit>,
    accepted: Vec<Hit>,
    leaks: Vec<LeakHit>,
    passages: Vec<Passage>,
    author: Option<Reading<'a>>,
    /// When it was published, as far as the page says.
    published: Option<Timestamp>,
    /// When it was published, at the latest.
    posted: Timestamp,
}

/// Judges a post as of the world's instant. Without an author only the text speaks.
pub fn judge_post(world: &World, post: &Post, author: Option<&Account>) -> Judgement {
    let texts = vec![FieldText::new(Field::Title, &post.title), FieldText::new(Field::Text, &post.text)];
    let mut judgement = Judgement::silent(subject_of(post, author), Outcome::Ignore);
    judgement.topics = protected_topics(&world.ledgers.protected_topics, &texts);
    let author = author.map(|account| Reading::of(world, account, &texts));
    if author.as_ref().is_some_and(Reading::is_child) || is_child(&texts) {
        judgement.topics.clear();
        judgement.outcome = Outcome::Minor;
        judgement.silence = silence::of_a_child();
        return judgement;
    }
    let content = read(world, texts, author, post.published);
    if judgement.topics.is_empty() {
        judge_content(&content, &mut judgement);
    } else {
        judge_protected(&content, post, &mut judgement);
    }
    judgement
}

fn subject_of(post: &Post, author: Option<&Account>) -> Subject {
    let named = || post.account.clone().filter(|_| post.id.is_none()).unwrap_or_default();
    Subject {
        kind: SubjectKind::Post,
        id: post.id.clone(),
        platform: post.platform.clone(),
        handle: author.map_or_else(named, |a| a.handle.clone()),
        url: post.url.clone(),
    }
}

fn read<'a>(
    world: &'a World,
    texts: Vec<FieldText>,
    author: Option<Reading<'a>>,
    published: Option<Timestamp>,
) -> Content<'a> {
    let (hits, on_trial) = scan_with_trial(&world.watch, &texts);
    let accepted = in_context(&world.watch, &texts, &hits, &[]);
    let author_is_ours = author.as_ref().is_some_and(|a| names_company(world, &a.profile.marks));
    let leaks = leak_hits(&world.watch, &texts, &hits, &accepted, author_is_ours);
    let passages = world.passages.find(&texts);
    let posted = published.unwrap_or(world.at);
    Content { world, texts, hits, on_trial, accepted, leaks, passages, author, published, posted }
}

fn names_company(world: &World, marks: &[Hit]) -> bool {
    marks.iter().any(|h| is_company_word(world.watch.terms()[h.term].kind))
}

impl Content<'_> {
    fn silence_of_terms(&self) -> Option<Silence> {
        silence::of_texts(self.world, &self.texts, (&self.hits, &self.accepted, &self.on_trial))
    }

    /// Companies whose marks stand in the text, then those of the author.
    fn companies(&self) -> Vec<CompanyCode> {
        let marks = self.accepted.iter().filter(|h| is_mark(self.world.watch.terms()[h.term].kind));
        let mut companies = companies_named(self.world, marks);
        for code in self.author.iter().flat_map(Reading::companies) {
            if !companies.contains(&code) {
                companies.push(code);
            }
        }
        companies
    }

    fn author_bears_mark(&self) -> bool {
        self.author.as_ref().is_some_and(|a| a.profile.bears_mark() || a.profile.points_to_staff())
    }

    /// Whether somebody of ours speaks: under a mark, with our company as employer in the bio, or by the text's own words.
    fn speaks_as_ours(&self) -> bool {
        let watch = &self.world.watch;
        let names_us = |author: &Reading<'_>| {
            let bio: Vec<&Hit> = author.profile.marks_in(Field::Bio).collect();
            bio.first().is_some_and(|hit| names_employer(watch, &author.profile.texts[hit.text], &bio))
        };
        self.author_bears_mark()
            || self.author.as_ref().is_some_and(names_us)
            || speaks_of_employment(watch, &self.texts, &self.accepted.iter().collect::<Vec<_>>())
    }

    fn spill(&self) -> Option<Spill> {
        let is_ours = |h: &&Hit| is_mark(self.world.watch.terms()[h.term].kind);
        let ours: Vec<&Hit> = self.accepted.iter().filter(is_ours).collect();
        let author_is_ours = self.author.as_ref().is_some_and(|a| !a.companies().is_empty());
        spill(&self.texts, &ours, author_is_ours || self.names_our_group())
    }

    /// Whether the post resells our goods at staff prices, which the author's own profile does not say already.
    fn resells(&self) -> bool {
        let is_told = || self.author.as_ref().is_some_and(Reading::resells);
        let names_goods = || self.accepted.iter().any(|h| is_mark(self.world.watch.terms()[h.term].kind));
        offers_resale(&self.texts) && !is_told() && (names_goods() || self.author_bears_mark())
    }

    fn publicity(&self) -> Publicity<'_> {
        let companies = self.companies();
        let leaking = companies_named(self.world, self.leaks.iter().map(|l| &l.hit));
        let is_linked = |d: &Disclosure| {
            companies.contains(&d.company)
                || leaking.contains(&d.company)
                || self.world.listed_code().is_some_and(|l| companies.contains(l) && d.company == *l)
        };
        self.world.publications.publicity(&self.world.ledgers.disclosures, &self.texts, self.posted, is_linked)
    }

    /// Whether a company word stands right before talk of a chat group (某某全员群 …), which settles what an otherwise
    /// ambiguous word means.
    fn names_our_group(&self) -> bool {
        let terms = self.world.watch.terms();
        let is_named = |h: &&&Hit| is_company_word(terms[h.term].kind) && h.disguise < Disguise::Spelled;
        let unspoilt = unspoilt(&self.world.watch, &self.texts, &self.hits);
        unspoilt.iter().filter(is_named).any(|h| talks_of_group_after(&self.texts[h.text], h.at.end))
    }

    fn strongest_leak(&self) -> Option<Confidence> {
        self.leaks.iter().map(|l| l.confidence).max()
    }

    /// Whether the secret itself stands there and not in the publication that the post repeats: quoting what is public
    /// makes nothing else public.
    fn is_secret(&self, publicity: &Publicity<'_>) -> bool {
        let published = match publicity {
            Publicity::Public(disclosure) => fold::dense(&format!("{}{}", disclosure.title, disclosure.text)),
            Publicity::Unpublished | Publicity::Early(_) => String::new(),
        };
        let written = |hit: &Hit| fold::dense(&self.texts[hit.text].text[hit.span.clone()]);
        let hard = self.leaks.iter().filter(|l| l.confidence == Confidence::Hard);
        hard.map(|l| written(&l.hit)).any(|secret| !published.contains(&secret))
    }

    fn repeats_a_document(&self) -> bool {
        !self.passages.is_empty()
    }

    fn claim_passages<'p>(&self, judgement: &mut Judgement, passages: impl Iterator<Item = &'p Passage>) {
        for passage in passages {
            let (id, run, share) = (&passage.document, passage.run, (passage.share * 100.0).round());
            let reason = Reason::new(
                format!("与保密文件 {id} 相符：最长连续 {run} 字，约占所比对内容的 {share}%"),
                format!("repeats protected document {id}: {run} characters in a row, {share}% of what was compared"),
            );
            let reason = reason.at(self.texts[passage.text].field, passage.span.clone());
            add(&mut judgement.findings, Rule::Leak, "四.3", &TermId::default(), reason);
        }
    }

    fn claim_leaks(&self, judgement: &mut Judgement, rule: Rule, least: Confidence) {
        for leak in self.leaks.iter().filter(|l| l.confidence >= least) {
            let term = &self.world.watch.terms()[leak.hit.term].id;
            add(&mut judgement.findings, rule, "四.3", term, reason(&self.world.watch, &self.texts, &leak.hit));
        }
    }

    fn identify(&self, judgement: &mut Judgement) {
        let Some(author) = &self.author else { return };
        if !author.profile.is_outsider(author.account) && !author.speaks_of_protected_topics() {
            judgement.candidates = author.candidates_by_post(&self.texts, self.published, &self.companies());
        }
    }

    fn note_terms(&self, judgement: &mut Judgement) {
        let found = self.accepted.iter().chain(self.leaks.iter().map(|l| &l.hit));
        judgement.terms = terms_of(self.world, found, &judgement.findings);
    }
}

/// Protected speech: nothing is kept, unless a hard confidentiality hit stands beside it, or a passage beyond doubt.
/// Then the leak lane sees that passage only, and nobody is matched.
fn judge_protected(content: &Content<'_>, post: &Post, judgement: &mut Judgement) {
    let certain = || content.passages.iter().filter(|passage| passage.is_certain());
    if !content.is_secret(&content.publicity()) && certain().next().is_none() {
        judgement.outcome = Outcome::Protected;
        return;
    }
    content.claim_leaks(judgement, Rule::Leak, Confidence::Hard);
    content.claim_passages(judgement, certain());
    content.note_terms(judgement);
    let is_shown = |l: &&LeakHit| l.confidence == Confidence::Hard && content.texts[l.hit.text].field == Field::Text;
    let leaks = content.leaks.iter().filter(is_shown).map(|l| l.hit.span.clone());
    let passages = certain().filter(|passage| content.texts[passage.text].field == Field::Text);
    let spans: Vec<_> = leaks.chain(passages.map(|p| p.span.clone())).collect();
    judgement.excerpt = Some(masked_but(&post.text, &spans, &content.world.ledgers.protected_topics));
    judgement.reasons.push(Reason::new(
        "内容含权益保护表述：只展示保密段落，其余遮蔽；匹配人员须两人批准",
        "holds protected speech: only the confidential passage is shown; matching people needs two approvals",
    ));
    for finding in &mut judgement.findings {
        // Offsets of the original would point into the masked text.
        finding.reasons.iter_mut().for_each(|r| r.place = None);
    }
    decide(judgement, Outcome::Review, Lane::Leak, Some(Severity::Critical), Notify::Immediate);
}

fn judge_content(content: &Content<'_>, judgement: &mut Judgement) {
    let publicity = content.publicity();
    let is_public = matches!(publicity, Publicity::Public(_));
    match (publicity, content.strongest_leak()) {
        (Publicity::Early(disclosure), _) => early(content, disclosure, judgement),
        (publicity, _) if content.is_secret(&publicity) || content.repeats_a_document() => leak(content, judgement),
        (_, Some(Confidence::Pattern)) if !is_public => leak(content, judgement),
        _ if let Some(spill) = content.spill() => spilled(content, spill, judgement),
        (_, Some(Confidence::Soft)) if !is_public => soft_leak(content, judgement),
        (publicity, _) => judge_conduct(content, &publicity, judgement),
    }
    content.note_terms(judgement);
}

/// A published fact posted before its minute.
fn early(content: &Content<'_>, disclosure: &Disclosure, judgement: &mut Judgement) {
    content.claim_leaks(judgement, Rule::Leak, Confidence::Pattern);
    let minutes = disclosure.published.ms_since(content.posted) / 60_000;
    let lead = Reason::new(
        format!(
            "与已公开信息 {} 一致，但发布时间早 {} 小时 {} 分：提前泄露",
            disclosure.id,
            minutes / 60,
            minutes % 60
        ),
        format!("tells what {} made public {} h {} min later", disclosure.id, minutes / 60, minutes % 60),
    );
    let term =
        content.accepted.iter().map(|h| content.world.watch.terms()[h.term].id.clone()).find(|id| !id.is_empty());
    add(&mut judgement.findings, Rule::Leak, "四.3", &term.unwrap_or_default(), lead);
    content.claim_passages(judgement, content.passages.iter());
    let is_quiet = claim_silence(content, judgement);
    content.identify(judgement);
    let is_public_now = disclosure.published <= content.world.at;
    let (severity, notify) = match (is_public_now, is_quiet) {
        (true, false) => (Severity::High, Notify::Daily),
        _ => (Severity::Critical, Notify::Immediate),
    };
    decide(judgement, Outcome::Alert, Lane::Leak, Some(severity), notify);
}

fn leak(content: &Content<'_>, judgement: &mut Judgement) {
    content.claim_leaks(judgement, Rule::Leak, Confidence::Pattern);
    content.claim_passages(judgement, content.passages.iter());
    claim_silence(content, judgement);
    if content.world.quiet_for_matters(content.posted).is_some() {
        judgement.reasons.push(Reason::new("处于重大事项静默期", "a quiet period for a matter of weight holds"));
    }
    judgement
        .reasons
        .push(Reason::new("公开披露库中无对应内容", "nothing of it stands in the register of disclosures"));
    content.identify(judgement);
    decide(judgement, Outcome::Alert, Lane::Leak, Some(Severity::Critical), Notify::Immediate);
}

/// Talk of results inside a quiet period. Returns whether it is.
fn claim_silence(content: &Content<'_>, judgement: &mut Judgement) -> bool {
    let talks_of_results = content.leaks.iter().any(|l| l.confidence == Confidence::Pattern);
    let quiet = content.world.quiet_for_results(content.posted, &content.companies()).filter(|_| talks_of_results);
    if let Some(period) = quiet {
        let reason = Reason::new(format!("处于静默期 {}", period.id), format!("inside quiet period {}", period.id));
        add(&mut judgement.findings, Rule::Silent, "四.3", &TermId::default(), reason);
    }
    quiet.is_some()
}

fn spilled(content: &Content<'_>, spill: Spill, judgement: &mut Judgement) {
    let reason = Reason::new("疑似把工作群内容带到群外", "looks carried out of a work chat group");
    add(&mut judgement.findings, Rule::GroupSpill, "三.3(2)", &TermId::default(), reason);
    content.identify(judgement);
    match spill {
        Spill::Strong => decide(judgement, Outcome::Alert, Lane::Leak, Some(Severity::High), Notify::Immediate),
        Spill::Weak => decide(judgement, Outcome::Review, Lane::Leak, Some(Severity::Medium), Notify::Daily),
    }
}

fn soft_leak(content: &Content<'_>, judgement: &mut Judgement) {
    content.claim_leaks(judgement, Rule::LeakSoft, Confidence::Soft);
    content.identify(judgement);
    let (lane, recusal) = manager_lane(content.world, judgement, &content.companies());
    judgement.reasons.push(Reason::new("是否未公开需人工判断", "whether it is public yet is for a person to judge"));
    judgement.reasons.extend(recusal);
    decide(judgement, Outcome::Review, lane, Some(Severity::Medium), Notify::Daily);
}

fn judge_conduct(content: &Content<'_>, publicity: &Publicity<'_>, judgement: &mut Judgement) {
    let watch = &content.world.watch;
    let promoted = competitors_promoted(watch, &content.texts, &content.accepted);
    let attacked = partners_attacked(watch, &content.texts, &content.accepted);
    let is_ours = content.speaks_as_ours();
    if is_ours && !promoted.is_empty() {
        claim_conduct(content, judgement, Rule::Coi, promoted.into_iter());
        judgement.reasons.push(Reason::new(
            "作者以本公司身份出现，内容推荐竞品并引导私下成交",
            "the author appears as ours, and the text promotes a competitor and invites a private deal",
        ));
        conduct(content, judgement, Severity::High, Notify::Immediate);
    } else if is_ours && !attacked.is_empty() {
        claim_conduct(content, judgement, Rule::Negative, attacked.iter().map(|(hit, _)| *hit));
        judgement.reasons.push(attack_reason(attacked.iter().map(|(_, attack)| *attack).max()));
        conduct(content, judgement, Severity::Medium, Notify::Daily);
    } else if is_ours && content.resells() {
        let reason = Reason::new("内容以员工价转售本公司产品", "offers our goods at prices meant for staff");
        add(&mut judgement.findings, Rule::Coi, "四.4", &TermId::default(), reason);
        conduct(content, judgement, Severity::Medium, Notify::Daily);
    } else {
        silent(content, publicity, judgement);
    }
}

fn attack_reason(attack: Option<Attack>) -> Reason {
    match attack {
        Some(Attack::Fact) => Reason::new(
            "事实待核：内容陈述合作伙伴的行为，属实的陈述不等于不符合规定",
            "alleges facts about a partner, which are to be checked; a true statement breaks no rule",
        ),
        Some(Attack::Opinion) | None => Reason::new(
            "观点待核：内容以贬损言辞评价合作伙伴，没有可核实的事实",
            "holds a partner in contempt without a fact that could be checked",
        ),
    }
}

fn claim_conduct<'h>(
    content: &Content<'_>,
    judgement: &mut Judgement,
    rule: Rule,
    hits: impl Iterator<Item = &'h Hit>,
) {
    for hit in hits {
        let term = &content.world.watch.terms()[hit.term].id;
        add(&mut judgement.findings, rule, "四.4", term, reason(&content.world.watch, &content.texts, hit));
    }
}

fn conduct(content: &Content<'_>, judgement: &mut Judgement, severity: Severity, notify: Notify) {
    content.identify(judgement);
    let (lane, recusal) = manager_lane(content.world, judgement, &content.companies());
    judgement.reasons.extend(recusal);
    decide(judgement, Outcome::Alert, lane, Some(severity), notify);
}

/// Nothing to tell anybody; the class says why.
fn silent(content: &Content<'_>, publicity: &Publicity<'_>, judgement: &mut Judgement) {
    let terms = content.world.watch.terms();
    let names_goods = content.accepted.iter().any(|h| {
        matches!(terms[h.term].kind, TermKind::Product | TermKind::Trademark | TermKind::Company | TermKind::ShortName)
    });
    if let Publicity::Public(disclosure) = publicity {
        let reason = Reason::new(format!("重复已公开信息 {}", disclosure.id), format!("repeats {}", disclosure.id));
        judgement.reasons.push(reason);
        judgement.outcome = Outcome::Published;
        judgement.silence = silence(SilentCause::Published, Some(&disclosure.company));
    } else if names_goods && complains(&content.texts) && !content.author_bears_mark() {
        judgement.outcome = Outcome::Consumer;
        judgement.silence = silence(SilentCause::Consumer, content.companies().first());
    } else {
        judgement.silence = content.silence_of_terms();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::judge_post;
    use crate::casework::world::{Policy, World};
    use crate::detect::fingerprint::{Document, fingerprint};
    use crate::ledger::Ledgers;
    use crate::model::account::{Account, Post};
    use crate::model::case::{Lane, Outcome};
    use crate::model::company::{Company, Disclosure};
    use crate::model::fingerprint::Fingerprints;
    use crate::model::person::{Employee, ProtectedTopic};
    use crate::model::term::{MatchMode, Severity, Term, TermKind};
    use crate::model::time::Timestamp;

    fn company() -> Company {
        Company {
            code: "XH".into(),
            name: "星河科技有限公司".into(),
            short_name: "星河".into(),
            aliases: Vec::new(),
            listed: true,
            city: "滨城".into(),
            mail_domain: "xinghe.example".into(),
            responsible: "E1".into(),
        }
    }

    fn secret(text: &str) -> Term {
        Term {
            id: "W9".into(),
            company: Some("XH".into()),
            mode: MatchMode::WholeWord,
            severity: Severity::Critical,
            visibility: "泄密专线(董办)".into(),
            mask: Some("保密词 C-01".into()),
            ..Term::of(text, TermKind::Confidential)
        }
    }

    fn world(names: &[&str]) -> World {
        let employee = |(index, name): (usize, &&str)| -> Employee {
            serde_json::from_value(serde_json::json!({
                "id": format!("E{index}"), "name": name, "english_name": "", "company_name": "星河", "company": "XH",
                "department": "研发部", "title": "电机工程师", "has_left": false, "employment": "正式", "joined_on": null,
                "left_on": null, "mail": "", "phone_tail": "", "city": "滨城", "superior": null, "signed_on": null
            }))
            .unwrap()
        };
        let ledgers = Ledgers {
            companies: vec![company()],
            confidential_terms: vec![secret("白鹭")],
            employees: names.iter().enumerate().map(employee).collect(),
            protected_topics: vec![ProtectedTopic {
                id: "P1".into(),
                name: "工资".into(),
                words: vec!["加班费".into()],
                basis: String::new(),
            }],
            disclosures: vec![Disclosure {
                id: "D1".into(),
                company: "XH".into(),
                published: Timestamp::parse("2026-05-10T09:30:00+08:00").unwrap(),
                channel: "官网".into(),
                title: "星河发布无人机".into(),
                text: "航程 127 公里".into(),
            }],
            ..Ledgers::default()
        };
        World::of(
            ledgers,
            Timestamp::parse("2026-11-20T18:00:00+08:00").unwrap(),
            chrono_tz::Asia::Shanghai,
            Policy::default(),
        )
    }

    fn post(text: &str) -> Post {
        Post { text: text.into(), published: Timestamp::parse("2026-11-19T10:00:00+08:00").ok(), ..Post::default() }
    }

    #[test]
    fn quoting_a_publication_makes_no_secret_public() {
        let judgement = judge_post(&world(&[]), &post("星河无人机航程127公里，白鹭还要远"), None);
        assert_eq!((judgement.outcome, judgement.lane), (Outcome::Alert, Lane::Leak));
    }

    #[test]
    fn protected_words_beside_a_secret_are_not_shown_in_one_clause() {
        let judgement = judge_post(&world(&[]), &post("没发加班费还谈什么白鹭 老板说的"), None);
        assert_eq!(judgement.excerpt.as_deref(), Some("▇▇▇▇▇▇▇▇▇白鹭 ▇▇▇▇"));
    }

    #[test]
    fn nobody_is_matched_when_the_author_speaks_of_protected_topics() {
        let author =
            |bio: &str| Account { display_name: "星河林知夏".into(), bio: bio.into(), ..Account::default() };
        let world = world(&["林知夏"]);
        let plain = judge_post(&world, &post("星河白鹭来了"), Some(&author("电机工程师")));
        let protected = judge_post(&world, &post("星河白鹭来了"), Some(&author("电机工程师，没发加 班 费")));
        assert_eq!((plain.candidates.len(), protected.candidates.len()), (1, 0));
    }

    const PLAN: &str = "第七条 折叠无人机的电芯改用磷酸锰铁锂，单机成本下降一成二。供应商在滨城完成试产以前，任何部门不得对外\
        说明选型与报价；样机只在岚城试飞场调试，飞行记录由质量部统一保管。";

    fn with_plan() -> World {
        let world = world(&[]);
        let document = Document { id: "D-0001", title: "", text: PLAN, is_public: false, added: world.at };
        let key = [3; 16];
        let fingerprints = Fingerprints { key, documents: vec![fingerprint(&key, document)] };
        let ledgers = Ledgers { fingerprints: Arc::new(fingerprints), ..(*world.ledgers).clone() };
        World::of(ledgers, world.at, world.zone, world.policy)
    }

    #[test]
    fn a_passage_of_a_document_is_a_leak_and_beside_protected_speech_only_beyond_doubt() {
        let world = with_plan();
        let (long, short) =
            ("供应商在滨城完成试产以前，任何部门不得对外说明选型与报价", "任何部门不得对外说明选型与报价");
        let of = |text: &str| judge_post(&world, &post(text), None);
        for passage in [long, short] {
            let judgement = of(&format!("听说{passage}"));
            assert_eq!((judgement.outcome, judgement.lane), (Outcome::Alert, Lane::Leak), "{passage}");
        }
        let protected = of(&format!("没发加班费，{long}"));
        assert_eq!((protected.outcome, protected.lane), (Outcome::Review, Lane::Leak));
        assert!(protected.candidates.is_empty() && !protected.excerpt.unwrap().contains("加班费"));
        assert_eq!(of(&format!("没发加班费，{short}")).outcome, Outcome::Protected);
    }

    #[test]
    fn talk_of_a_chat_group_settles_whose_group_it_is() {
        let mut world = world(&[]);
        let mark = Term {
            id: "W1".into(),
            kind: TermKind::Trademark,
            need: vec!["无人机".into()],
            except: vec!["星河镇".into()],
            mode: MatchMode::Fuzzy,
            ..secret("星河")
        };
        Arc::make_mut(&mut world.ledgers).terms.push(mark);
        let world = World::of((*world.ledgers).clone(), world.at, world.zone, world.policy);
        let of = |text: &str| judge_post(&world, &post(text), None).lane;
        assert_eq!(of("刚刚星河全员群发的通知，下周一起取消班车"), Lane::Leak);
        assert_eq!(of("星河镇业主群@所有人 下周停水通知"), Lane::None);
    }

    #[test]
    fn a_longer_name_is_not_the_shorter_one_in_it() {
        let author =
            |name: &str| Account { display_name: name.into(), bio: "电机工程师".into(), ..Account::default() };
        let found = |world: &World, name: &str| -> Vec<String> {
            let judgement = crate::casework::account::judge_account(world, &author(name));
            judgement.candidates.iter().map(|c| c.employee_id.to_string()).collect()
        };
        let world = world(&["林知", "林知夏"]);
        assert_eq!(found(&world, "星河林知夏"), ["E1"]);
        assert_eq!(found(&world, "星河林知"), ["E0"]);
        assert_eq!(found(&world, "星河林知遥"), Vec::<String>::new());
    }
}
