//! People who sign in, their sessions and invitations, and the lists of cases within somebody's lanes.

use std::sync::Arc;

use wanglou::casework::rights::Scope;
use wanglou::model::account::{Account, Post};
use wanglou::model::audit::AuditEntry;
use wanglou::model::case::{Disposition, Judgement, Lane, Outcome};
use wanglou::model::saved_view::{SavedView, ViewWish};
use wanglou::model::term::Severity;
use wanglou::model::user::{ApiToken, Role, TokenScope, User};
use wanglou::seal::Key;
use wanglou::store::{
    AuditQuery, CaseCounts, CaseOrder, CaseQuery, NewSecondFactor, ProviderVisit, Renaming, Step, StoreError,
    subject_key,
};

use crate::world::{NOW, World, account, manager, post, sealed_world, world};

fn user(id: &str, login: &str) -> User {
    User {
        id: id.into(),
        login: login.into(),
        name: "某".into(),
        employee: "XH2".into(),
        roles: vec![Role::ListEditor, Role::Manager("XH".into())],
        language: "zh-CN".into(),
        password_hash: None,
        failures: 0,
        locked_until: wanglou::model::time::Timestamp::from_ms(0),
        disabled: false,
        created_at: NOW,
    }
}

fn audit(action: &str) -> AuditEntry {
    AuditEntry { at: NOW, actor: "test".into(), action: action.into(), object: "u".into(), detail: String::new() }
}

async fn with_user() -> (World, User) {
    let w = world().await;
    let user = user("u1", "lin");
    w.store.save_user(&user, &audit("user.save")).await.unwrap();
    (w, user)
}

#[tokio::test]
async fn a_user_is_read_as_written_and_a_login_is_taken_once() {
    let (w, lin) = with_user().await;
    assert_eq!(w.store.user_by_login("lin").await.unwrap(), Some(lin.clone()));
    let refused = w.store.save_user(&user("u2", "lin"), &audit("user.save")).await;
    assert!(matches!(refused, Err(StoreError::Taken(login)) if login == "lin"));
    assert_eq!(w.store.users().await.unwrap(), [lin]);
}

#[tokio::test]
async fn an_invitation_holds_until_its_end_the_next_one_or_the_password() {
    let (w, lin) = with_user().await;
    w.store.invite(&lin.id, "one", NOW.plus_days(1)).await.unwrap();
    w.store.invite(&lin.id, "two", NOW.plus_days(1)).await.unwrap();
    assert_eq!(w.store.invited("one", NOW).await.unwrap(), None);
    assert_eq!(w.store.invited("two", NOW).await.unwrap(), Some(lin.clone()));
    assert_eq!(w.store.invited("two", NOW.plus_days(1)).await.unwrap(), None);
    w.store.set_password(&lin.id, "$hash", &audit("console.password")).await.unwrap();
    assert_eq!(w.store.invited("two", NOW).await.unwrap(), None);
    w.store.invite(&lin.id, "three", NOW.plus_days(1)).await.unwrap();
    assert!(w.store.use_invitation("three", &lin.id, "$one", &audit("console.password")).await.unwrap());
    assert!(
        !w.store.use_invitation("three", &lin.id, "$two", &audit("console.password")).await.unwrap(),
        "of two at once"
    );
    assert_eq!(w.store.user_by_login("lin").await.unwrap().unwrap().password_hash.as_deref(), Some("$one"));
}

#[tokio::test]
async fn failures_are_kept_and_forgotten_with_a_new_password() {
    let (w, lin) = with_user().await;
    let lin_now = async || w.store.user_by_login("lin").await.unwrap().unwrap();
    for _ in 0..2 {
        w.store.count_failure(&lin.id, 3, NOW.plus_ms(5)).await.unwrap();
    }
    assert_eq!((lin_now().await.failures, lin_now().await.locked_until), (2, lin.locked_until));
    w.store.count_failure(&lin.id, 3, NOW.plus_ms(5)).await.unwrap();
    assert_eq!((lin_now().await.failures, lin_now().await.locked_until), (0, NOW.plus_ms(5)));
    w.store.count_failure(&lin.id, 3, NOW.plus_ms(9)).await.unwrap();
    assert_eq!(lin_now().await.locked_until, NOW.plus_ms(5), "a further guess takes no lock away");
    w.store.clear_failures(&lin.id).await.unwrap();
    assert_eq!(lin_now().await.failures, 0);
    w.store.set_language(&lin.id, "en", &audit("user.language")).await.unwrap();
    assert_eq!(lin_now().await.language, "en");
    w.store.count_failure(&lin.id, 3, NOW.plus_ms(5)).await.unwrap();
    w.store.set_password(&lin.id, "$hash", &audit("console.password")).await.unwrap();
    let read = w.store.user_by_login("lin").await.unwrap().unwrap();
    assert_eq!((read.failures, read.password_hash.as_deref()), (0, Some("$hash")));
}

#[tokio::test]
async fn a_session_is_known_by_its_token_alone_and_ends_in_four_ways() {
    let (w, lin) = with_user().await;
    for token in ["a-token-of-its-own", "old", "password", "shut"] {
        w.store.begin_session(&lin.id, token, "form", NOW, false).await.unwrap();
    }
    w.store.session_seen("a-token-of-its-own", NOW.plus_ms(7)).await.unwrap();
    let session = w.store.session("a-token-of-its-own").await.unwrap().unwrap();
    assert_eq!((session.user.login.as_str(), session.form_token.as_str()), ("lin", "form"));
    assert_eq!((session.started_at, session.seen_at), (NOW, NOW.plus_ms(7)));
    assert_eq!(w.store.session("other").await.unwrap(), None);
    assert!(!w.holds("a-token-of-its-own").await, "the token itself is not stored");

    w.store.end_session("a-token-of-its-own").await.unwrap();
    assert_eq!(w.store.session("a-token-of-its-own").await.unwrap(), None);
    w.store.set_password(&lin.id, "$hash", &audit("console.password")).await.unwrap();
    assert_eq!(w.store.session("password").await.unwrap(), None);
    w.store.begin_session(&lin.id, "old", "form", NOW, false).await.unwrap();
    w.store.purge_sessions(NOW.plus_ms(1), NOW).await.unwrap();
    assert_eq!(w.store.session("old").await.unwrap(), None);
    w.store.begin_session(&lin.id, "shut", "form", NOW, false).await.unwrap();
    w.store.save_user(&User { disabled: true, ..lin }, &audit("user.disable")).await.unwrap();
    assert_eq!(w.store.session("shut").await.unwrap(), None);
}

fn within(lanes: &[Lane]) -> CaseQuery {
    let scope = Scope { lanes: lanes.to_vec(), ..Scope::default() };
    CaseQuery { scope, size: 50, ..CaseQuery::default() }
}

#[tokio::test]
async fn a_list_holds_the_cases_of_its_lanes_and_no_other() {
    let w = sealed_world().await;
    w.record(account(Outcome::Alert, manager())).await;
    w.record(post(1, Outcome::Alert, Lane::Leak)).await;
    for (lanes, total) in [
        (vec![manager()], 1),
        (vec![Lane::Manager("X".into())], 0),
        (vec![Lane::Manager("XH_".into()), Lane::Manager("%".into())], 0),
        (vec![Lane::Leak], 1),
        (vec![Lane::Legal, Lane::GroupHr], 0),
        (vec![], 0),
    ] {
        let page = w.store.case_page(&within(&lanes), str::to_owned).await.unwrap();
        assert_eq!((page.total, page.cases.len() as u64), (total, total), "{lanes:?}");
    }
    let every = CaseQuery { scope: Scope { every_manager: true, ..Scope::default() }, ..within(&[]) };
    assert_eq!(w.store.case_page(&every, str::to_owned).await.unwrap().total, 1);
}

#[tokio::test]
async fn a_list_is_filtered_by_state_severity_and_words_and_counted() {
    let w = world().await;
    let case = w.record(account(Outcome::Alert, manager())).await.case.unwrap();
    let all = within(&[manager()]);
    let with = |state: &str| CaseQuery { state: state.into(), ..all.clone() };
    assert_eq!(w.store.case_page(&with("unfinished"), str::to_owned).await.unwrap().total, 1);
    let counts = CaseCounts { by_severity: vec![(Some(Severity::Medium), 1)], awaiting_confirmation: 0 };
    assert_eq!(w.store.case_counts(&all).await.unwrap(), counts);
    w.step(&case, Step::Recheck).await;
    let counts = CaseCounts { awaiting_confirmation: 1, ..counts };
    assert_eq!(w.store.case_counts(&all).await.unwrap(), counts);
    assert_eq!(w.store.oldest_cases(&all).await.unwrap().len(), 1);
    w.step(&case, Step::Close(Disposition::FalseAlarm)).await;
    assert_eq!(w.store.case_page(&with("unfinished"), str::to_owned).await.unwrap().total, 0);
    assert_eq!(w.store.case_page(&with("closed"), str::to_owned).await.unwrap().total, 1);
    let grave = CaseQuery { severity: Some(Severity::High), ..all.clone() };
    assert_eq!(w.store.case_page(&grave, str::to_owned).await.unwrap().total, 0);
    let named = |words: &str| CaseQuery { words: words.into(), ..all.clone() };
    let number = w.store.case(&case).await.unwrap().unwrap().number.to_lowercase();
    assert_eq!(w.store.case_page(&named(&number), str::to_owned).await.unwrap().total, 1);
    assert_eq!(w.store.case_page(&named("facts that nobody says"), str::to_owned).await.unwrap().total, 0);
}

#[tokio::test]
async fn a_list_and_a_search_stand_in_the_order_asked_for() {
    let mut w = world().await;
    let grave = Judgement { severity: Some(Severity::High), ..account(Outcome::Alert, manager()) };
    let grave = w.record(grave).await.case.unwrap();
    w.next_scan().await;
    let mut later = account(Outcome::Alert, manager());
    later.subject.handle = "u2".into();
    let mut batch = w.batch(later, &[]);
    batch.at = NOW.plus_days(1);
    let late = w.store.record_judgement(&w.vault, &batch).await.unwrap().case.unwrap();
    for words in ["", "三号的底价"] {
        for (order, first) in [(CaseOrder::Gravest, &grave), (CaseOrder::Oldest, &grave), (CaseOrder::Newest, &late)] {
            let wish = CaseQuery { order, words: words.into(), ..within(&[manager()]) };
            let page = w.store.case_page(&wish, str::to_owned).await.unwrap();
            assert_eq!((&page.cases[0].id, page.total), (first, 2), "{order:?} {words}");
        }
    }
}

#[tokio::test]
async fn views_are_their_own_person_s_sealed_and_one_of_them_is_the_default() {
    let w = sealed_world().await;
    for (id, login) in [("u1", "lin"), ("u2", "he")] {
        w.store.save_user(&user(id, login), &audit("user.save")).await.unwrap();
    }
    let view = |id: &str, user: &str, name: &str, is_default| {
        let wish = Some(ViewWish { name: name.into(), asked: "words=%E4%B8%89%E5%8F%B7".into() });
        SavedView { id: id.into(), user: user.into(), wish, is_default, created_at: NOW }
    };
    let saved = async |view: &SavedView| w.store.save_view(view, 2, &audit("view.save")).await.unwrap();
    for (id, name) in [("v1", "一看就知道的名称"), ("v2", "二")] {
        assert_eq!(saved(&view(id, "u1", name, false)).await, Some(id.into()));
        assert!(w.store.make_view_default(&"u1".into(), &id.into(), true, &audit("view.default")).await.unwrap());
    }
    assert_eq!(saved(&view("v3", "u1", "二", false)).await, Some("v2".into()), "in the place of the same name");
    assert_eq!(saved(&view("v3", "u1", "三", false)).await, None, "two at most");
    for (user, id, name, expected) in [
        ("u1", "v1", "二", Renaming::Taken),
        ("u2", "v1", "别人的", Renaming::NoView),
        ("u1", "v9", "没有", Renaming::NoView),
        ("u1", "v1", "一", Renaming::Done),
        ("u1", "v1", "一看就知道的名称", Renaming::Done),
    ] {
        let renamed = w.store.rename_view(&user.into(), &id.into(), name, &audit("view.rename")).await.unwrap();
        assert_eq!(renamed, expected, "{user} {id}");
    }
    assert!(!w.store.make_view_default(&"u2".into(), &"v1".into(), true, &audit("view.default")).await.unwrap());
    let views = w.store.saved_views(&"u1".into()).await.unwrap();
    assert_eq!(views, [view("v1", "u1", "一看就知道的名称", false), view("v2", "u1", "二", true)]);
    assert!(
        !w.holds("一看就知道的名称").await && !w.holds("%E4%B8%89%E5%8F%B7").await,
        "neither name nor words lie open"
    );
    let other = w.other().await.with_key(Arc::new(Key::from_bytes(&[8; 32])));
    let stranger = other.saved_views(&"u1".into()).await.unwrap();
    assert!(stranger.len() == 2 && stranger.iter().all(|view| view.wish.is_none()), "another key opens nothing");
    assert!(!w.store.delete_view(&"u2".into(), &"v1".into(), &audit("view.delete")).await.unwrap());
    assert!(w.store.delete_view(&"u1".into(), &"v1".into(), &audit("view.delete")).await.unwrap());
    assert_eq!(w.store.saved_views(&"u1".into()).await.unwrap(), [view("v2", "u1", "二", true)]);
}

/// How many cases a reader of the manager's lane finds by words.
async fn found(w: &World, words: &str) -> u64 {
    let wish = CaseQuery { words: words.into(), ..within(&[manager()]) };
    w.store.case_page(&wish, str::to_owned).await.unwrap().total
}

#[tokio::test]
async fn words_are_found_in_any_case_whatever_their_length_and_as_they_stand() {
    let w = world().await;
    let mut batch = w.batch(account(Outcome::Alert, manager()), &[]);
    batch.facts.account = Some(Account { display_name: "星河ＡＢ \"100%\" ÉCLAIR".into(), ..Account::default() });
    w.store.record_judgement(&w.vault, &batch).await.unwrap();

    for words in ["星河", "河ａｂ", "éclair", "\"100%\"", "三号的底价"] {
        assert_eq!(found(&w, words).await, 1, "{words}");
    }
    for words in ["1_0%", "%%", "display_name", "价底"] {
        assert_eq!(found(&w, words).await, 0, "{words}");
    }
    let masked = |text: &str| text.replace("云舟", "▇▇");
    let wish = CaseQuery { words: "云舟三号".into(), ..within(&[manager()]) };
    assert_eq!(w.store.case_page(&wish, masked).await.unwrap().total, 0, "nor what the reader is not shown");
}

#[tokio::test]
async fn a_text_with_a_character_that_no_server_takes_is_stored_and_found_without_it() {
    let w = world().await;
    let mut batch = w.batch(account(Outcome::Alert, manager()), &[]);
    batch.facts.account = Some(Account { bio: "星河\0招人".into(), ..Account::default() });
    w.store.record_judgement(&w.vault, &batch).await.unwrap();
    assert_eq!((found(&w, "河招").await, found(&w, "河\0招").await), (1, 1));
}

#[tokio::test]
async fn a_search_that_was_cut_says_so_whatever_is_masked_afterwards() {
    let w = world().await;
    w.record(account(Outcome::Alert, manager())).await;
    let wish = CaseQuery { words: "底价".into(), ..within(&[manager()]) };
    assert!(!w.store.case_page(&wish, str::to_owned).await.unwrap().is_cut);
    w.place
        .run(
            "WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 1000) INSERT INTO cases \
             (id, number, account_key, clause, lane_class, lane, outcome, notify, severity, gravity, lead_subject, state, \
             state_since_ms, reopened, opened_at_ms, updated_at_ms) SELECT id || n, number || n, account_key || n, clause, \
             lane_class, lane, outcome, notify, severity, gravity, lead_subject, state, 0, 0, 0, 0 FROM cases, many",
        )
        .await;
    let page = w.store.case_page(&wish, |text| text.replace("底价", "▇▇")).await.unwrap();
    assert_eq!((page.total, page.is_cut), (0, true));
}

#[tokio::test]
async fn what_nearly_everybody_says_is_found_case_by_case() {
    let w = world().await;
    w.record(account(Outcome::Alert, manager())).await;
    w.record(post(1, Outcome::Alert, Lane::GroupHr)).await;
    let many = "WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 10001) INSERT INTO";
    w.place
        .run(&format!(
            "{many} subjects (subject_key, account_key, kind, platform_id, sealed, facts, judgement_digest, \
             first_seen_ms, last_seen_ms) SELECT 's' || n, 's', 'post', 'forum', FALSE, '{{}}', '', 0, 0 FROM many; \
             {many} subject_texts (subject_key, text) SELECT 's' || n, '底价' FROM many"
        ))
        .await;
    assert_eq!((found(&w, "底价").await, found(&w, "价底").await), (1, 0));
}

#[tokio::test]
async fn what_changes_is_found_by_its_new_words_and_what_is_erased_by_none() {
    let mut w = world().await;
    w.record(account(Outcome::Alert, manager())).await;
    assert_eq!(found(&w, "底价").await, 1);
    w.next_scan().await;
    let mut batch = w.batch(Judgement { severity: Some(Severity::High), ..account(Outcome::Alert, manager()) }, &[]);
    batch.facts.post = Some(Post { text: "另一句话".into(), ..Post::default() });
    w.store.record_judgement(&w.vault, &batch).await.unwrap();
    assert_eq!((found(&w, "底价").await, found(&w, "另一句").await), (0, 1));

    w.store.erase_subject(&w.vault, &subject_key(&batch.judgement.subject), "M1", NOW).await.unwrap();

    assert_eq!(found(&w, "另一句").await, 0);
    assert!(!w.holds("另一句").await);
}

#[tokio::test]
async fn what_is_found_to_be_a_leak_leaves_what_is_searched() {
    let mut w = sealed_world().await;
    let said = |w: &World, lane| {
        let mut batch = w.batch(post(1, Outcome::Alert, lane), &[]);
        batch.facts.post = Some(Post { text: "样品已经寄出".into(), ..Post::default() });
        batch
    };
    w.store.record_judgement(&w.vault, &said(&w, manager())).await.unwrap();
    assert_eq!(found(&w, "样品").await, 1);
    w.next_scan().await;
    w.store.record_judgement(&w.vault, &said(&w, Lane::Leak)).await.unwrap();

    let wish = CaseQuery { words: "样品".into(), ..within(&[Lane::Leak, manager()]) };
    assert_eq!(w.store.case_page(&wish, str::to_owned).await.unwrap().total, 0);
    w.store.scrub().await.unwrap();
    assert!(!w.holds("样品").await);
}

#[tokio::test]
async fn whoever_is_perhaps_meant_is_left_out() {
    let w = world().await;
    w.record(account(Outcome::Alert, manager())).await;
    let mut wish = within(&[manager()]);
    wish.scope.recused = "E1".into();
    assert_eq!(w.store.case_page(&wish, str::to_owned).await.unwrap().total, 0);
    assert_eq!(w.store.case_counts(&wish).await.unwrap(), CaseCounts::default());
}

#[tokio::test]
async fn the_audit_is_read_by_page_and_by_what_is_asked() {
    let w = world().await;
    for action in ["a.one", "a.two", "a.one"] {
        w.store.audit(&audit(action)).await.unwrap();
    }
    let ask = |action: &str, page| AuditQuery { action: action.into(), page, size: 2, ..AuditQuery::default() };
    assert_eq!(w.store.audit_page(&ask("", 0)).await.unwrap().len(), 2);
    assert_eq!(w.store.audit_page(&ask("", 1)).await.unwrap()[0].action, "a.one");
    assert_eq!(w.store.audit_page(&ask("a.two", 0)).await.unwrap().len(), 1);
    let nobody = AuditQuery { actor: "nobody".into(), size: 2, ..AuditQuery::default() };
    assert_eq!(w.store.audit_page(&nobody).await.unwrap(), []);
}

#[tokio::test]
async fn a_link_of_a_letter_holds_until_its_end_and_is_used_once() {
    let w = world().await;
    let case = w.record(account(Outcome::Alert, manager())).await.case.unwrap();
    for token in ["a link", "another"] {
        w.store.add_mail_link(token, &case, &"XH2".into(), NOW.plus_days(7)).await.unwrap();
    }
    assert_eq!(w.store.mail_link("a link", NOW).await.unwrap(), Some((case.clone(), "XH2".into())));
    assert_eq!(w.store.mail_link("a link", NOW.plus_days(7)).await.unwrap(), None);
    assert!(w.store.use_mail_link("a link").await.unwrap());
    assert!(!w.store.use_mail_link("a link").await.unwrap(), "the second one is told");
    assert_eq!(w.store.mail_link("a link", NOW).await.unwrap(), None);
    assert!(w.store.mail_link("another", NOW).await.unwrap().is_some());
    w.store.purge_links(NOW.plus_days(7)).await.unwrap();
    assert_eq!(w.store.mail_link("another", NOW).await.unwrap(), None);
}

#[tokio::test]
async fn a_second_factor_is_sealed_its_codes_are_taken_once_and_it_goes_with_every_session() {
    let w = sealed_world().await;
    let lin = user("u1", "lin");
    w.store.save_user(&lin, &audit("user.save")).await.unwrap();
    let codes = ["abcd-efgh-jkmn-pqrs".to_owned()];
    let new = NewSecondFactor { user: &lin.id, session: "own", secret: "GEZDGNBV", step: 7, recovery_codes: &codes };
    for session in ["own", "another"] {
        w.store.begin_session(&lin.id, session, "form", NOW, false).await.unwrap();
    }
    w.store.await_code(&lin.id, "waiting", NOW.plus_ms(5)).await.unwrap();
    w.store.set_second_factor(new, &audit("console.second_factor")).await.unwrap();
    assert_eq!(w.store.second_factor(&lin.id).await.unwrap().as_deref(), Some("GEZDGNBV"));
    let (own, another) = (w.store.session("own").await.unwrap(), w.store.session("another").await.unwrap());
    assert!(own.is_some() && another.is_none(), "nothing but a password stands behind the other one");
    assert_eq!(w.store.awaited("waiting", NOW).await.unwrap(), None);
    let taken = [w.store.take_code(&lin.id, 7).await.unwrap(), w.store.take_code(&lin.id, 8).await.unwrap()];
    assert_eq!((taken, w.store.take_code(&lin.id, 8).await.unwrap()), ([false, true], false));
    let used = w.store.use_recovery_code(&lin.id, &codes[0]).await.unwrap();
    assert_eq!((used, w.store.use_recovery_code(&lin.id, &codes[0]).await.unwrap()), (true, false));
    w.store.begin_session(&lin.id, "token", "form", NOW, false).await.unwrap();
    assert!(w.store.session("token").await.unwrap().unwrap().has_second_factor);
    w.store.remove_second_factor(&lin.id, &audit("user.reset_second_factor")).await.unwrap();
    assert_eq!(w.store.second_factor(&lin.id).await.unwrap(), None);
    assert_eq!(w.store.session("token").await.unwrap(), None);
}

#[tokio::test]
async fn without_a_key_no_second_factor_is_stored() {
    let (w, lin) = with_user().await;
    let new = NewSecondFactor { user: &lin.id, session: "own", secret: "GEZDGNBV", step: 7, recovery_codes: &[] };
    let refused = w.store.set_second_factor(new, &audit("console.second_factor")).await;
    assert!(matches!(refused, Err(StoreError::Sealed(_))), "{refused:?}");
}

#[tokio::test]
async fn a_code_is_awaited_for_a_while() {
    let (w, lin) = with_user().await;
    w.store.await_code(&lin.id, "token", NOW.plus_ms(5)).await.unwrap();
    assert_eq!(w.store.awaited("token", NOW).await.unwrap(), Some(lin.clone()));
    assert_eq!(w.store.awaited("token", NOW.plus_ms(5)).await.unwrap(), None);
    w.store.await_code(&lin.id, "other", NOW.plus_ms(5)).await.unwrap();
    w.store.forget_awaited("other", NOW).await.unwrap();
    assert_eq!(w.store.awaited("other", NOW).await.unwrap(), None);
}

#[tokio::test]
async fn a_token_of_a_program_is_known_by_its_hash_until_it_ends() {
    let (w, lin) = with_user().await;
    let kept = ApiToken { name: "ci".into(), scopes: vec![TokenScope::ReadCases], expires_at: NOW.plus_ms(5) };
    w.store.add_api_token(&lin, &kept, "token", &audit("user.token")).await.unwrap();
    let taken = w.store.add_api_token(&lin, &kept, "other", &audit("user.token")).await;
    assert!(matches!(taken, Err(StoreError::Taken(name)) if name == "ci"));
    assert_eq!(w.store.api_user("token", NOW).await.unwrap(), Some((lin, kept.clone())));
    assert_eq!(w.store.api_user("token", NOW.plus_ms(5)).await.unwrap(), None);
    assert_eq!(w.store.api_tokens().await.unwrap(), [(kept, "lin".to_owned())]);
    let revoked = w.store.revoke_api_token("ci", &audit("user.revoke_token")).await.unwrap();
    assert_eq!((revoked, w.store.revoke_api_token("ci", &audit("user.revoke_token")).await.unwrap()), (true, false));
}

#[tokio::test]
async fn a_visit_to_the_identity_provider_ends_once_and_in_time() {
    let w = world().await;
    let visit = ProviderVisit { nonce: "n".into(), verifier: "v".into(), next: "/cases".into() };
    w.store.begin_provider_visit("state", &visit, NOW.plus_ms(5)).await.unwrap();
    assert_eq!(w.store.end_provider_visit("other", NOW).await.unwrap(), None);
    assert_eq!(w.store.end_provider_visit("state", NOW).await.unwrap(), Some(visit.clone()));
    assert_eq!(w.store.end_provider_visit("state", NOW).await.unwrap(), None);
    w.store.begin_provider_visit("late", &visit, NOW.plus_ms(5)).await.unwrap();
    assert_eq!(w.store.end_provider_visit("late", NOW.plus_ms(5)).await.unwrap(), None);
}

#[tokio::test]
async fn tries_are_counted_before_they_are_looked_at_and_the_last_one_locks() {
    let (w, lin) = with_user().await;
    let until = NOW.plus_ms(5);
    let mut may = Vec::new();
    for _ in 0..3 {
        may.push(w.store.count_try(&lin.id, 2, until, NOW).await.unwrap());
    }
    assert_eq!(may, [true, true, false]);
    assert!(w.store.count_try(&lin.id, 2, until, until).await.unwrap());
    w.store.clear_failures(&lin.id).await.unwrap();
    assert!(w.store.count_try(&lin.id, 2, until, NOW).await.unwrap());
}

#[tokio::test]
async fn the_provider_names_a_user_by_one_name_of_its_own_until_that_is_forgotten() {
    let (w, lin) = with_user().await;
    let bind = |subject| w.store.bind_subject(&lin.id, subject);
    assert_eq!((bind("a").await.unwrap(), bind("a").await.unwrap(), bind("b").await.unwrap()), (true, true, false));
    w.store.forget_subject(&lin.id).await.unwrap();
    assert!(w.store.bind_subject(&lin.id, "b").await.unwrap());
}

#[tokio::test]
async fn a_program_s_token_ends_when_its_user_is_shut_out() {
    let (w, lin) = with_user().await;
    let kept = ApiToken { name: "ci".into(), scopes: vec![TokenScope::ReadCases], expires_at: NOW.plus_ms(5) };
    w.store.add_api_token(&lin, &kept, "token", &audit("user.token")).await.unwrap();
    w.store.save_user(&User { disabled: true, ..lin.clone() }, &audit("user.disable")).await.unwrap();
    w.store.save_user(&lin, &audit("user.invite")).await.unwrap();
    assert_eq!(w.store.api_user("token", NOW).await.unwrap(), None, "also when the user comes back");
}
