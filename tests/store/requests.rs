//! What people ask about their own data, objections and what they end, notices, remarks, applications for exemptions.

use wanglou::casework::keys::account_key;
use wanglou::model::alert::AlertKind;
use wanglou::model::audit::AuditEntry;
use wanglou::model::case::{CaseState, Disposition, Lane, Outcome};
use wanglou::model::exemption_request::{Application, ApplicationState, ExemptionRequest};
use wanglou::model::finding::{Band, Candidate};
use wanglou::model::ids::{CaseId, RequestId};
use wanglou::model::note::NoteKind;
use wanglou::model::request::{Asked, RequestKind, RequestState, RightsRequest};
use wanglou::retention::Stage;
use wanglou::store::{AlertRequest, Answer, Decision, DigestRequest, Objection, Step, StoreError, chain_about, new_id};

use crate::world::{NOW, World, account, manager, post, sealed_world, world};

fn request(kind: RequestKind, employee: &str) -> RightsRequest {
    RightsRequest {
        id: RequestId::new(new_id(NOW)),
        number: String::new(),
        kind,
        state: RequestState::Open,
        asked: Some(Asked { employee: employee.into(), words: "这不是我".into(), ..Asked::default() }),
        asked_at: NOW,
        due_at: NOW.plus_days(21),
        answer: String::new(),
        answered_by: String::new(),
        answered_at: None,
    }
}

fn objection(employee: &str, case: Option<CaseId>) -> Objection {
    let (request, account) = (request(RequestKind::Object, employee), account(Outcome::Alert, manager()).subject);
    Objection { request, account, case, by: "XH0030".into() }
}

fn answer(number: &str, state: RequestState) -> Answer {
    Answer { number: number.into(), state, text: "经复核".into(), by: "XH0030".into(), at: NOW.plus_days(1) }
}

fn audit(action: &str) -> AuditEntry {
    AuditEntry { at: NOW, actor: "XH0009".into(), action: action.into(), object: "o".into(), detail: String::new() }
}

/// The case of u1, which E1 and a namesake perhaps own, and a post of u1 in the same case.
async fn named(w: &World) -> CaseId {
    let mut judgement = account(Outcome::Alert, manager());
    let beside = Candidate { employee_id: "E2".into(), score: 0.3, band: Band::Low, reasons: Vec::new() };
    judgement.candidates.push(beside);
    let case = w.record(judgement).await.case.unwrap();
    w.record(post(1, Outcome::Alert, manager())).await;
    case
}

async fn candidates(w: &World, case: &CaseId) -> Vec<String> {
    let case = w.store.case(case).await.unwrap().unwrap();
    case.judgement.candidates.into_iter().map(|candidate| candidate.employee_id.to_string()).collect()
}

#[tokio::test]
async fn an_objection_locks_the_case_ends_the_link_and_is_remembered() {
    let mut w = world().await;
    let case = named(&w).await;
    let filed = w.store.file_objection(&objection("E1", Some(case.clone()))).await.unwrap();

    assert_eq!(filed.number, "SQ-2611-0001");
    let after = w.store.case(&case).await.unwrap().unwrap();
    assert_eq!(after.state, CaseState::Locked { since: NOW });
    assert_eq!(candidates(&w, &case).await, [""; 0], "who stood beside for the name alone goes as well");
    assert_eq!(w.store.cases_naming(&"E1".into()).await.unwrap().len(), 0);
    for outcome in w.store.latest_outcomes().await.unwrap() {
        assert_eq!(outcome["candidates"], serde_json::json!([]));
    }
    assert!(!w.holds("\"E1\"").await || w.holds("这不是我").await, "only the request still says who asked");
    assert_eq!(w.store.objections_to(&case).await.unwrap()[0].number, filed.number);
    assert_eq!(w.store.cases_of_request(&filed.id).await.unwrap(), std::slice::from_ref(&case));
    w.next_scan().await;
    named(&w).await;
    assert_eq!(candidates(&w, &case).await, [""; 0], "another scan does not bring them back");
    assert_eq!(w.store.case(&case).await.unwrap().unwrap().state, CaseState::Locked { since: NOW });
    let (step, by) = (Step::Close(Disposition::CaseFiled), "M1".to_owned());
    let decision = Decision { case: case.clone(), step, by, at: NOW, alerts: vec![] };
    let refused = w.store.decide(&decision).await;
    assert!(matches!(refused, Err(StoreError::Transition(_))), "nobody decides while it waits");
}

#[tokio::test]
async fn an_objection_that_is_granted_keeps_its_memory_and_opens_the_case() {
    let mut w = world().await;
    let case = named(&w).await;
    let filed = w.store.file_objection(&objection("E1", None)).await.unwrap();
    let after = w.store.answer_request(&answer(&filed.number, RequestState::Granted)).await.unwrap();
    assert_eq!(
        (after.state, after.answer.as_str(), after.answered_at),
        (RequestState::Granted, "经复核", Some(NOW.plus_days(1)))
    );
    assert_eq!(w.store.case(&case).await.unwrap().unwrap().state, CaseState::Open);
    let key = account_key(&account(Outcome::Alert, manager()).subject);
    assert!(w.store.unlinkings().await.unwrap().holds(&key, &"E1".into()));
    w.next_scan().await;
    named(&w).await;
    assert_eq!(candidates(&w, &case).await, [""; 0]);
    let again = w.store.answer_request(&answer(&filed.number, RequestState::Refused)).await;
    assert!(matches!(again, Err(StoreError::Answered(number)) if number == filed.number));
    let nobody = w.store.answer_request(&answer("SQ-0000-0000", RequestState::Granted)).await;
    assert!(matches!(nobody, Err(StoreError::NoRequest(_))));
}

#[tokio::test]
async fn an_objection_that_is_refused_lets_the_account_be_linked_again() {
    let mut w = world().await;
    let case = named(&w).await;
    let filed = w.store.file_objection(&objection("E1", None)).await.unwrap();
    w.store.answer_request(&answer(&filed.number, RequestState::Refused)).await.unwrap();
    let known = w.store.unlinkings().await.unwrap();
    let key = account_key(&account(Outcome::Alert, manager()).subject);
    assert!(known.is_empty() && known.recuses(&key, &"E1".into()), "and keeps away from its cases as before");
    assert_eq!(w.store.recused_accounts(&"E1".into()).await.unwrap(), [key]);
    let recusing = w.store.cases_recusing(&"E1".into()).await.unwrap();
    assert_eq!(recusing.into_iter().map(|case| case.id).collect::<Vec<_>>(), std::slice::from_ref(&case));
    assert_eq!(w.store.case(&case).await.unwrap().unwrap().state, CaseState::Open);
    w.next_scan().await;
    named(&w).await;
    assert_eq!(candidates(&w, &case).await, ["E1", "E2"]);
}

#[tokio::test]
async fn a_case_that_two_people_object_to_stays_locked_until_both_are_answered() {
    let w = world().await;
    let case = named(&w).await;
    let second = w.store.file_objection(&objection("E2", None)).await.unwrap();
    assert_eq!(candidates(&w, &case).await, ["E1"]);
    let first = w.store.file_objection(&objection("E1", None)).await.unwrap();
    assert_eq!(w.store.objections_to(&case).await.unwrap().len(), 2);
    w.store.answer_request(&answer(&first.number, RequestState::Granted)).await.unwrap();
    assert!(matches!(w.store.case(&case).await.unwrap().unwrap().state, CaseState::Locked { .. }));
    w.store.answer_request(&answer(&second.number, RequestState::Granted)).await.unwrap();
    assert_eq!(w.store.case(&case).await.unwrap().unwrap().state, CaseState::Open);
}

#[tokio::test]
async fn a_leak_stays_as_it_is_when_somebody_objects() {
    let w = sealed_world().await;
    let case = w.record(account(Outcome::Alert, Lane::Leak)).await.case.unwrap();
    let filed = w.store.file_objection(&objection("E1", None)).await.unwrap();
    assert_eq!(w.store.case(&case).await.unwrap().unwrap().state, CaseState::Open);
    assert_eq!(candidates(&w, &case).await, ["E1"], "whoever is meant does not take the own name out of it");
    assert_eq!(w.store.cases_of_request(&filed.id).await.unwrap(), []);
    assert!(!w.holds("这不是我").await, "who asked is sealed where there is a key");
    assert_eq!(w.store.request(&filed.number).await.unwrap().unwrap().asked, filed.asked);
    let without_key = w.other().await;
    assert_eq!(without_key.request(&filed.number).await.unwrap().unwrap().asked, None);
}

#[tokio::test]
async fn a_case_closed_as_another_person_s_remembers_so_until_it_is_opened_again() {
    let w = world().await;
    let case = named(&w).await;
    w.step(&case, Step::Close(Disposition::SameName)).await;
    let key = account_key(&account(Outcome::Alert, manager()).subject);
    let known = w.store.unlinkings().await.unwrap();
    assert!(known.holds(&key, &"E1".into()) && known.holds(&key, &"E2".into()));
    w.step(&case, Step::Reopen).await;
    assert!(w.store.unlinkings().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_leak_closed_as_another_person_s_leaves_no_name_where_everybody_s_stand() {
    let w = sealed_world().await;
    let case = w.record(account(Outcome::Alert, Lane::Leak)).await.case.unwrap();
    w.step(&case, Step::Close(Disposition::SameName)).await;
    assert_eq!(w.store.recused_accounts(&"E1".into()).await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_case_that_is_named_is_locked_for_whoever_is_not_thought_of_there_too() {
    let w = world().await;
    let case = named(&w).await;
    w.store.file_objection(&objection("E7", None)).await.unwrap();
    assert_eq!(w.store.case(&case).await.unwrap().unwrap().state, CaseState::Open);
    w.store.file_objection(&objection("E7", Some(case.clone()))).await.unwrap();
    assert_eq!(w.store.case(&case).await.unwrap().unwrap().state, CaseState::Locked { since: NOW });
}

#[tokio::test]
async fn whoever_only_has_the_name_is_not_told_of_a_colleague_s_case() {
    let w = world().await;
    named(&w).await;
    assert_eq!(w.store.cases_naming(&"E1".into()).await.unwrap().len(), 1);
    assert_eq!(w.store.cases_naming(&"E2".into()).await.unwrap(), []);
}

#[tokio::test]
async fn people_from_outside_are_kept_sealed_or_not_at_all() {
    let ask = |contact: &str| RightsRequest {
        asked: Some(Asked { contact: contact.into(), ..Asked::default() }),
        ..request(RequestKind::Know, "")
    };
    let refused = world().await.store.file_request(&ask("a@b.example"), "XH0030").await;
    assert!(matches!(refused, Err(StoreError::NoKey)));
    let w = sealed_world().await;
    let filed = w.store.file_request(&ask("a@b.example"), "XH0030").await.unwrap();
    assert!(!w.holds("a@b.example").await);
    w.store.answer_request(&answer(&filed.number, RequestState::Granted)).await.unwrap();
    assert!(!w.holds("经复核").await, "so is the answer");
    assert_eq!(w.store.request(&filed.number).await.unwrap().unwrap().answer, "经复核");
}

#[tokio::test]
async fn the_register_shows_what_waits_first_and_forgets_what_was_answered_long_ago() {
    let w = world().await;
    let late = w.store.file_request(&request(RequestKind::Know, "E1"), "XH0030").await.unwrap();
    let soon = RightsRequest { due_at: NOW.plus_days(3), ..request(RequestKind::Copy, "E2") };
    let soon = w.store.file_request(&soon, "XH0030").await.unwrap();
    let numbers = |all: Vec<RightsRequest>| all.into_iter().map(|one| one.number).collect::<Vec<_>>();
    assert_eq!(numbers(w.store.requests(9).await.unwrap()), [soon.number.clone(), late.number.clone()]);
    w.store.answer_request(&answer(&soon.number, RequestState::Granted)).await.unwrap();
    assert_eq!(numbers(w.store.requests(9).await.unwrap()), [late.number, soon.number.clone()]);
    assert_eq!(w.store.purge_requests(NOW).await.unwrap(), 0);
    assert_eq!(w.store.purge_requests(NOW.plus_days(1)).await.unwrap(), 1, "what nobody ever answered");
    assert_eq!(numbers(w.store.requests(9).await.unwrap()), [soon.number]);
    assert_eq!(w.store.purge_requests(NOW.plus_days(2)).await.unwrap(), 1);
}

#[tokio::test]
async fn an_objection_that_locks_a_case_is_not_forgotten_before_its_answer() {
    let w = world().await;
    let case = named(&w).await;
    let filed = w.store.file_objection(&objection("E1", Some(case))).await.unwrap();
    let application = w.store.file_exemption_request(&application("E1")).await.unwrap();
    assert_eq!(w.store.purge_requests(NOW.plus_days(2_000)).await.unwrap(), 1, "the application alone");
    assert!(w.store.request(&filed.number).await.unwrap().is_some());
    assert!(w.store.exemption_request(&application.number).await.unwrap().is_none());
}

#[tokio::test]
async fn an_approval_that_was_begun_and_never_ended_is_not_forgotten_while_its_line_may_be_in_force() {
    let w = world().await;
    let filed = w.store.file_exemption_request(&application("E1")).await.unwrap();
    let whole = filed.application.clone().unwrap();
    w.store.check_exemption_request(&filed.number, &[], "XH0002", NOW).await.unwrap();
    w.store.number_exemption(&filed.number, &whole, "XH0009", (NOW, 2026), &[]).await.unwrap();
    assert_eq!(w.store.purge_requests(NOW.plus_days(2_000)).await.unwrap(), 0);
    w.store.decide_exemption_request(&filed.number, ApplicationState::Approved, "", "XH0009", NOW).await.unwrap();
    assert_eq!(w.store.purge_requests(NOW.plus_days(2_000)).await.unwrap(), 1, "what was decided long ago");
}

#[tokio::test]
async fn the_same_notice_has_the_same_number() {
    let w = world().await;
    let first = w.store.issue_notice("甲", "a", &audit("notice.issue")).await.unwrap();
    let second = w.store.issue_notice("乙", "b", &audit("notice.issue")).await.unwrap();
    let again = w.store.issue_notice("甲", "a", &audit("notice.issue")).await.unwrap();
    assert_eq!((first.version, second.version, &again), (1, 2, &first));
    assert_eq!(w.store.notices().await.unwrap(), [second, first]);
}

#[tokio::test]
async fn a_note_stands_with_its_case_and_goes_with_it() {
    let w = world().await;
    let id = w.record(account(Outcome::Alert, manager())).await.case.unwrap();
    let case = w.store.case(&id).await.unwrap().unwrap();
    w.store.add_note(&case, NoteKind::Note, "已电话沟通", &audit("case.note")).await.unwrap();
    w.store.add_note(&case, NoteKind::ComplaintUpheld, "平台已下架", &audit("case.note")).await.unwrap();
    let notes = w.store.notes_of(&id).await.unwrap();
    assert_eq!(
        (notes.len(), notes[0].words.as_deref(), notes[1].kind),
        (2, Some("已电话沟通"), NoteKind::ComplaintUpheld)
    );
    let keys = w.store.subjects_of_case(&id).await.unwrap();
    w.store.erase_subject(&w.vault, &keys[0], "XH0030", NOW).await.unwrap();
    assert_eq!(w.store.notes_of(&id).await.unwrap(), []);
    assert!(!w.holds("已电话沟通").await);
}

#[tokio::test]
async fn a_note_on_a_leak_is_sealed_or_not_taken() {
    let w = sealed_world().await;
    let id = w.record(account(Outcome::Alert, Lane::Leak)).await.case.unwrap();
    let case = w.store.case(&id).await.unwrap().unwrap();
    w.store.add_note(&case, NoteKind::Note, "转内部核查", &audit("case.note")).await.unwrap();
    assert!(!w.holds("转内部核查").await);
    let without_key = w.other().await;
    assert_eq!(without_key.notes_of(&id).await.unwrap()[0].words, None);
    let refused = without_key.add_note(&case, NoteKind::Note, "x", &audit("case.note")).await;
    assert!(matches!(refused, Err(StoreError::NoKey)));
}

#[tokio::test]
async fn what_is_kept_is_counted_by_stage_without_the_leak_lane() {
    let w = sealed_world().await;
    w.record(account(Outcome::Alert, manager())).await;
    w.record(account(Outcome::Alert, Lane::Leak)).await;
    assert_eq!(w.store.retention_clocks().await.unwrap(), [(Stage::Open, 1, NOW)]);
    let subject = account(Outcome::Alert, manager()).subject;
    let key = wanglou::store::subject_key(&subject);
    assert_eq!(w.store.standing(&key).await.unwrap().unwrap().cases.len(), 2);
    assert_eq!(w.store.standing("nobody").await.unwrap(), None);
    let of_leak = w.store.subjects_of_account(&account_key(&subject)).await.unwrap();
    assert_eq!(of_leak, [""; 0], "what the leak lane holds is nobody's to erase");
    let w = world().await;
    w.record(account(Outcome::Alert, manager())).await;
    assert_eq!(w.store.subjects_of_account(&account_key(&subject)).await.unwrap(), [key]);
}

#[tokio::test]
async fn links_of_the_chain_about_a_case_are_found_among_all() {
    let w = world().await;
    let (recorded, _) = w.record_with_page(account(Outcome::Alert, manager()), "a page").await;
    w.step(&recorded.case.unwrap(), Step::Close(Disposition::FalseAlarm)).await;
    let number = format!("\"{}\"", recorded.number.unwrap());
    let (links, verification) = chain_about(&w.store, |body| body.contains(&number)).await.unwrap();
    assert_eq!((links.len(), verification.links, verification.problems.len()), (2, 2, 0));
    assert_eq!(verification.head, w.store.chain_head().await.unwrap());
}

fn application(employee: &str) -> ExemptionRequest {
    ExemptionRequest {
        id: RequestId::new(new_id(NOW)),
        number: String::new(),
        company: "XH".into(),
        employee: employee.into(),
        state: ApplicationState::Filed,
        application: Some(Application {
            platform: "forum".into(),
            account_name: "星河技术笔记".into(),
            handle: "xh_notes".into(),
            marks: vec!["星河".into()],
            purpose: "科普".into(),
            conditions: String::new(),
            until: "2027-03-31".parse().unwrap(),
            ownership: "个人所有".into(),
        }),
        filed_by: employee.into(),
        filed_at: NOW,
        checked_by: String::new(),
        checked_at: None,
        decided_by: String::new(),
        decided_at: None,
        reason: String::new(),
        exemption: "".into(),
    }
}

#[tokio::test]
async fn an_application_goes_one_way_and_gets_a_number_that_nobody_has() {
    let w = sealed_world().await;
    let filed = w.store.file_exemption_request(&application("E1")).await.unwrap();
    let read = async || w.store.exemption_request(&filed.number).await.unwrap().unwrap();
    assert_eq!((filed.number.as_str(), read().await.application), ("HM-2611-0001", filed.application.clone()));
    assert!(!w.holds("xh_notes").await, "what is applied for is sealed");
    let whole = filed.application.clone().unwrap();
    let early = w.store.number_exemption(&filed.number, &whole, "XH0009", (NOW, 2026), &[]).await;
    assert!(matches!(early, Err(StoreError::Answered(_))), "the company checks first");
    w.store.check_exemption_request(&filed.number, &[], "XH0002", NOW).await.unwrap();
    assert!(w.store.check_exemption_request(&filed.number, &[], "XH0002", NOW).await.is_err());
    let number = w.store.number_exemption(&filed.number, &whole, "XH0009", (NOW, 2026), &[2, 4]).await.unwrap();
    assert_eq!(number.as_str(), "EX-2026-0005");
    assert_eq!(
        w.store.number_exemption(&filed.number, &whole, "XH0009", (NOW, 2026), &[9]).await.unwrap(),
        number,
        "the same again"
    );
    let other = w.store.number_exemption(&filed.number, &whole, "XH0011", (NOW, 2026), &[]).await;
    assert!(matches!(other, Err(StoreError::Answered(_))), "somebody else has begun to approve it");
    let other = w.store.decide_exemption_request(&filed.number, ApplicationState::Approved, "", "XH0011", NOW).await;
    assert!(matches!(other, Err(StoreError::Answered(_))));
    let taken = w.store.number_exemption(&filed.number, &whole, "XH0009", (NOW, 2026), &[5, 999_998]).await.unwrap();
    assert_eq!(taken.as_str(), "EX-2026-999999", "somebody else has the number meanwhile");
    let number = taken;
    let late = w.store.decide_exemption_request(&filed.number, ApplicationState::Refused, "x", "XH0002", NOW).await;
    assert!(matches!(late, Err(StoreError::Answered(_))), "its approval has begun");
    w.store.decide_exemption_request(&filed.number, ApplicationState::Approved, "", "XH0009", NOW).await.unwrap();
    let approved = read().await;
    assert_eq!(
        (approved.state, approved.exemption, approved.checked_by.as_str()),
        (ApplicationState::Approved, number, "XH0002")
    );
    let again = w.store.decide_exemption_request(&filed.number, ApplicationState::Refused, "x", "XH0009", NOW).await;
    assert!(matches!(again, Err(StoreError::Answered(_))));
    let other = w.store.file_exemption_request(&application("E2")).await.unwrap();
    assert_eq!(w.store.exemption_requests(9).await.unwrap()[0].number, other.number, "what waits comes first");
}

#[tokio::test]
async fn a_checked_application_writes_to_those_who_approve_it_and_their_links_hold_once() {
    let w = sealed_world().await;
    let filed = w.store.file_exemption_request(&application("E1")).await.unwrap();
    let request =
        AlertRequest { kind: AlertKind::Notice, recipient: "XH0009".into(), lane: Lane::GroupHr, due_at: NOW };
    let told = [DigestRequest { request, cases: Vec::new(), occasion: format!("exemption:{}", filed.number) }];
    w.store.check_exemption_request(&filed.number, &told, "XH0002", NOW).await.unwrap();
    assert!(w.store.check_exemption_request(&filed.number, &told, "XH0002", NOW).await.is_err());
    let letters = w.store.latest_alerts(9).await.unwrap();
    assert_eq!(letters.iter().map(|letter| letter.recipient.as_str()).collect::<Vec<_>>(), ["XH0009"]);

    let approver = "XH0009".into();
    for token in ["one", "two"] {
        w.store.add_exemption_link(token, &filed.number, &approver, NOW.plus_days(7)).await.unwrap();
    }
    assert_eq!(w.store.exemption_link("one", NOW).await.unwrap(), Some((filed.number, approver)));
    assert_eq!(w.store.exemption_link("one", NOW.plus_days(7)).await.unwrap(), None);
    assert!(w.store.use_exemption_link("one").await.unwrap() && !w.store.use_exemption_link("one").await.unwrap());
    assert_eq!(w.store.exemption_link("one", NOW).await.unwrap(), None);
    w.store.purge_links(NOW.plus_days(7)).await.unwrap();
    assert!(!w.store.use_exemption_link("two").await.unwrap(), "its time was over");
}
