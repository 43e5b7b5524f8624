//! One-time codes beside the password.

use totp_rs::{Builder, Secret};
use wanglou::clock::Clock;
use wanglou::model::time::Timestamp;
use wanglou::web::console::first_invitation;

use crate::http::Answer;
use crate::world::{Client, NOW, World, world_at, world_with};

const PASSWORD: &str = "灯火-长夜-望楼-一二三";
const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
const STEP_MS: i64 = 30_000;

/// What the app shows at an instant.
fn code(secret: &str, at: Timestamp) -> String {
    let secret = Secret::try_from_base32(secret).unwrap();
    let seconds = u64::try_from(at.ms() / 1000).unwrap();
    Builder::new().with_secret(secret).build().unwrap().generate(seconds).to_string()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before).and_then(|(_, rest)| rest.split_once(after)).expect(before).0
}

fn cookie(answer: &Answer, name: &str) -> Option<String> {
    let start = answer.head.split_once(&format!("set-cookie: {name}="))?.1;
    start.split(';').next().map(str::to_owned)
}

async fn sign_in(w: &World, password: &str) -> Answer {
    let form = format!("login=admin&password={password}&next=/users");
    w.stranger().send("POST", "/sign-in", FORM, &form).await
}

async fn give(w: &World, waiting: &str, code: &str) -> Answer {
    let headers = format!("{FORM}Cookie: wanglou_code={waiting}\r\n");
    w.stranger().send("POST", "/sign-in/code", &headers, &format!("code={code}&next=/users")).await
}

/// The first user with a password, signed in.
async fn admin(w: &World) -> Client<'_> {
    let link = first_invitation(&w.shell).await.unwrap().unwrap();
    let path = link.strip_prefix("http://watch.example").unwrap();
    w.stranger().send("POST", path, FORM, &format!("password={PASSWORD}&again={PASSWORD}")).await;
    let mut client = w.stranger();
    client.token = cookie(&sign_in(w, PASSWORD).await, "wanglou").unwrap();
    client.form_token = between(&client.get("/settings").await.body, "name=\"form_token\" value=\"", "\"").to_owned();
    client
}

/// Sets a second factor up; gives its secret and the page of recovery codes.
async fn set_up(client: &Client<'_>, now: Timestamp) -> (String, Answer) {
    let page = client.get("/settings/second-factor").await.body;
    let secret = between(&page, "name=\"secret\" value=\"", "\"").to_owned();
    let form = format!("current={PASSWORD}&secret={secret}&code={}", code(&secret, now));
    let answer = client.post("/settings/second-factor", &form).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    (secret, answer)
}

#[tokio::test]
async fn with_a_second_factor_the_password_alone_opens_nothing_and_a_code_opens_once() {
    let clock = Clock::standing_at(NOW);
    let w = world_at(clock.clone()).await;
    let client = admin(&w).await;
    let (secret, _) = set_up(&client, NOW).await;
    let asked = sign_in(&w, PASSWORD).await;
    assert!(asked.status == 303 && asked.head.contains("location: /sign-in/code?next=%2fusers"), "{}", asked.head);
    assert_eq!(cookie(&asked, "wanglou"), None);
    let waiting = cookie(&asked, "wanglou_code").unwrap();
    assert_eq!(give(&w, &waiting, &code(&secret, NOW)).await.status, 401, "it proved the app and was taken then");
    clock.advance_ms(STEP_MS);
    let now = NOW.plus_ms(STEP_MS);
    let open = give(&w, &waiting, &code(&secret, now)).await;
    assert!(open.status == 303 && cookie(&open, "wanglou").is_some(), "{}", open.head);
    assert_eq!(give(&w, &waiting, &code(&secret, now)).await.status, 303, "the wait is over");
    let again = cookie(&sign_in(&w, PASSWORD).await, "wanglou_code").unwrap();
    assert_eq!(give(&w, &again, &code(&secret, now)).await.status, 401, "a code that was read over the shoulder");
}

#[tokio::test]
async fn wrong_codes_lock_the_login_though_every_password_was_right() {
    let w = world_at(Clock::standing_at(NOW)).await;
    set_up(&admin(&w).await, NOW).await;
    for _ in 0..5 {
        let waiting = cookie(&sign_in(&w, PASSWORD).await, "wanglou_code").unwrap();
        assert_eq!(give(&w, &waiting, "000000").await.status, 401);
    }
    assert_eq!(sign_in(&w, PASSWORD).await.status, 401);
}

#[tokio::test]
async fn a_recovery_code_stands_in_once_and_the_wait_for_a_code_ends() {
    let clock = Clock::standing_at(NOW);
    let w = world_at(clock.clone()).await;
    let (_, page) = set_up(&admin(&w).await, NOW).await;
    let recovery = between(&page.body, "<li><code>", "</code>").to_owned();
    let waiting = cookie(&sign_in(&w, PASSWORD).await, "wanglou_code").unwrap();
    assert_eq!(give(&w, &waiting, &recovery.to_uppercase()).await.status, 303);
    let waiting = cookie(&sign_in(&w, PASSWORD).await, "wanglou_code").unwrap();
    assert_eq!(give(&w, &waiting, &recovery).await.status, 401);
    clock.advance_ms(5 * 60_000);
    let late = give(&w, &waiting, "000000").await;
    assert!(late.head.contains("location: /sign-in?next"), "{}", late.head);
}

#[tokio::test]
async fn a_second_factor_is_set_only_with_the_password_and_a_code_of_it() {
    let w = world_at(Clock::standing_at(NOW)).await;
    let client = admin(&w).await;
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let right = code(secret, NOW);
    for form in [
        format!("current=wrong&secret={secret}&code={right}"),
        format!("current={PASSWORD}&secret={secret}&code=000000"),
        format!("current={PASSWORD}&secret=AA&code={right}"),
    ] {
        assert_eq!(client.post("/settings/second-factor", &form).await.status, 422, "{form}");
    }
    assert!(cookie(&sign_in(&w, PASSWORD).await, "wanglou").is_some());
}

#[tokio::test]
async fn where_a_second_factor_is_required_nothing_else_opens_before_it_and_it_is_not_turned_off() {
    let w = world_with(Clock::standing_at(NOW), "second_factor = 'required'").await;
    let client = admin(&w).await;
    for page in ["/", "/users", "/sources"] {
        assert!(client.get(page).await.head.contains("location: /settings/second-factor"), "{page}");
    }
    let form = "login=new&name=new&employee=&roles=admin";
    assert_eq!(client.post("/users", form).await.status, 303);
    assert_eq!(w.shell.store.user_by_login("new").await.unwrap(), None);
    set_up(&client, NOW).await;
    assert_eq!(client.get("/users").await.status, 200);
    let removed = client.post("/settings/second-factor/remove", &format!("current={PASSWORD}")).await;
    assert_eq!(removed.status, 422);
}

#[tokio::test]
async fn a_second_factor_is_replaced_and_removed_only_with_a_code_of_it() {
    let clock = Clock::standing_at(NOW);
    let w = world_at(clock.clone()).await;
    let client = admin(&w).await;
    let (secret, _) = set_up(&client, NOW).await;
    clock.advance_ms(STEP_MS);
    let now = NOW.plus_ms(STEP_MS);
    let (page, password) = ("/settings/second-factor/remove", format!("current={PASSWORD}"));
    assert_eq!(client.post(page, &password).await.status, 422);
    assert_eq!(client.post(page, &format!("{password}&present_code=000000")).await.status, 422);
    let right = format!("{password}&present_code={}", code(&secret, now));
    assert_eq!(client.post(page, &right).await.status, 303);
    assert!(cookie(&sign_in(&w, PASSWORD).await, "wanglou").is_some());
}
