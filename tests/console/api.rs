//! The interface for programs.

use serde_json::Value;
use wanglou::model::audit::AuditEntry;
use wanglou::model::case::{CaseState, Lane};
use wanglou::model::user::{ApiToken, TokenScope};

use crate::http::Answer;
use crate::world::{NOW, ROLES, World, manager, world};

const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A token for a user of [`ROLES`], in place of the one before.
async fn token(w: &World, login: &str, scopes: &[TokenScope]) {
    if w.shell.store.user_by_login(login).await.unwrap().is_none() {
        w.client(login).await;
    }
    let user = w.shell.store.user_by_login(login).await.unwrap().unwrap();
    let audit = |action: &str| AuditEntry {
        at: NOW,
        actor: "test".into(),
        action: action.into(),
        object: "t".into(),
        detail: String::new(),
    };
    w.shell.store.revoke_api_token("t", &audit("user.revoke_token")).await.unwrap();
    let kept = ApiToken { name: "t".into(), scopes: scopes.to_vec(), expires_at: NOW.plus_days(1) };
    w.shell.store.add_api_token(&user, &kept, TOKEN, &audit("user.token")).await.unwrap();
}

async fn ask(w: &World, method: &str, path: &str, body: &str) -> Answer {
    let headers = format!("Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n");
    w.stranger().send(method, path, &headers, body).await
}

fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("no JSON: {}", answer.body))
}

#[tokio::test]
async fn a_program_sees_what_its_user_sees_and_nothing_else() {
    let w = world().await;
    let cases = [
        (w.file("acc-xh", "星河甲", manager("XH")).await, vec!["xh0002", "xh0003", "xh0009", "xh0012"]),
        (w.file("acc-yz", "云舟乙", manager("YZ")).await, vec!["yz0002", "xh0009", "xh0012"]),
        (w.file("acc-law", "星河丁", Lane::Legal).await, vec!["xh0011", "xh0012"]),
        (w.file("acc-leak", "星河戊", Lane::Leak).await, vec!["xh0010"]),
    ];
    for login in ROLES {
        token(&w, login, &[TokenScope::ReadCases]).await;
        let list = ask(&w, "GET", "/api/v1/cases?state=all", "").await;
        for (number, may) in &cases {
            let is_seen = may.contains(&login);
            assert_eq!(list.body.contains(number.as_str()), is_seen, "{number} in the list as {login}");
            let one = ask(&w, "GET", &format!("/api/v1/cases/{number}"), "").await;
            assert_eq!(one.status, if is_seen { 200 } else { 404 }, "{number} as {login}");
        }
    }
}

#[tokio::test]
async fn possible_owners_are_for_those_who_may_see_them() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    for (login, count) in [("xh0002", 1), ("xh0012", 0)] {
        token(&w, login, &[TokenScope::ReadCases]).await;
        let case = json(&ask(&w, "GET", &format!("/api/v1/cases/{number}"), "").await);
        assert_eq!(case["candidates"].as_array().unwrap().len(), count, "as {login}");
        assert_eq!((case["state"].as_str(), case["lane"].as_str()), (Some("open"), Some("manager:XH")));
    }
}

#[tokio::test]
async fn a_token_is_needed_and_does_what_its_scopes_say() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    let path = format!("/api/v1/cases/{number}/decision");
    let nobody = ask(&w, "GET", "/api/v1/cases", "").await;
    assert!(nobody.status == 401 && nobody.head.contains("www-authenticate: bearer"), "{}", nobody.head);
    assert!(nobody.head.contains("application/problem+json"), "{}", nobody.head);
    token(&w, "xh0002", &[TokenScope::ReadCases]).await;
    assert_eq!(ask(&w, "POST", &path, r#"{"disposition":"same_name"}"#).await.status, 403);
    token(&w, "xh0002", &[TokenScope::DecideCases]).await;
    assert_eq!(ask(&w, "GET", "/api/v1/cases", "").await.status, 403);
    for wrong in [r#"{"disposition":"guilty"}"#, "{}", "no", r#"{"disposition":"protected_speech"}"#] {
        assert_eq!(ask(&w, "POST", &path, wrong).await.status, 422, "{wrong}");
    }
    assert_eq!(ask(&w, "POST", &path, r#"{"disposition":"same_name"}"#).await.status, 204);
    let case = w.shell.store.case_by_number(&number).await.unwrap().unwrap();
    assert!(matches!(&case.state, CaseState::Closed { by, .. } if by == "XH0002"));
    assert_eq!(ask(&w, "DELETE", &path, "").await.status, 204);
    assert_eq!(w.shell.store.case_by_number(&number).await.unwrap().unwrap().state, CaseState::Open);
}

#[tokio::test]
async fn a_token_ends_with_its_time_and_with_its_user() {
    let w = world().await;
    token(&w, "xh0002", &[TokenScope::ReadCases]).await;
    assert_eq!(ask(&w, "GET", "/api/v1/cases", "").await.status, 200);
    assert_eq!(w.shell.store.api_user(TOKEN, NOW.plus_days(1)).await.unwrap(), None);
    assert_eq!(w.client("admin").await.post("/users/xh0002/disable", "").await.status, 303);
    assert_eq!(ask(&w, "GET", "/api/v1/cases", "").await.status, 401);
}

#[tokio::test]
async fn the_description_names_every_address_and_what_comes_from_it() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    token(&w, "xh0002", &[TokenScope::ReadCases]).await;
    let described = json(&w.stranger().get("/api/v1/openapi.json").await);
    let schemas = &described["components"]["schemas"];
    let fields = |name: &str| schemas[name]["required"].as_array().unwrap().clone();
    let list = json(&ask(&w, "GET", "/api/v1/cases", "").await);
    let case = json(&ask(&w, "GET", &format!("/api/v1/cases/{number}"), "").await);
    for (name, value) in [("CaseRow", &list["cases"][0]), ("Case", &case)] {
        let missing: Vec<Value> = fields(name).into_iter().filter(|f| value[f.as_str().unwrap()].is_null()).collect();
        assert_eq!(missing, Vec::<Value>::new(), "{name}");
    }
    for (path, methods) in described["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let path = path.replace("{number}", "XS-0000-0000");
            let status = ask(&w, &method.to_uppercase(), &path, "{}").await.status;
            assert!(matches!(status, 200 | 403 | 404), "{method} {path}: {status}");
        }
    }
}
