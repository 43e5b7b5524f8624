//! Signing in and out.

use wanglou::clock::Clock;
use wanglou::web::console::{first_invitation, invite};

use crate::http::Answer;
use crate::world::{Client, NOW, World, world, world_at};

const PASSWORD: &str = "灯火-长夜-望楼-一二三";
const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

/// Follows the first invitation and chooses the password.
async fn set_up(w: &World) {
    let link = first_invitation(&w.shell).await.unwrap().expect("there is nobody yet");
    let path = link.strip_prefix("http://watch.example").expect("the public address");
    assert!(w.stranger().get(path).await.body.contains("设置密码"));
    let chosen = w.stranger().send("POST", path, FORM, &format!("password={PASSWORD}&again={PASSWORD}")).await;
    assert_eq!(chosen.status, 303, "{}", chosen.body);
    assert_eq!(w.stranger().get(path).await.status, 422, "an invitation is used once");
}

async fn sign_in(client: &Client<'_>, password: &str) -> Answer {
    client.send("POST", "/sign-in", FORM, &format!("login=ADMIN&password={password}&next=/users")).await
}

fn token_of(answer: &Answer) -> String {
    let cookie = answer.head.split("set-cookie: wanglou=").nth(1).expect("a cookie");
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_first_user_comes_in_by_a_link_that_is_given_once() {
    let w = world().await;
    set_up(&w).await;
    assert_eq!(first_invitation(&w.shell).await.unwrap(), None);
    let mut client = w.stranger();
    let answer = sign_in(&client, PASSWORD).await;
    assert_eq!(answer.status, 303);
    assert!(answer.head.contains("location: /users") && answer.head.contains("httponly; samesite=lax"));
    client.token = token_of(&answer);
    assert!(client.get("/users").await.body.contains("admin"));
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_led_to_the_door_and_back() {
    let w = world().await;
    let answer = w.stranger().get("/cases?page=2").await;
    assert_eq!(answer.status, 303);
    assert!(answer.head.contains("location: /sign-in?next=%2fcases%3fpage%3d2"), "{}", answer.head);
    let page = w.stranger().get("/sign-in?next=%2Fcases%3Fpage%3D2").await.body;
    assert!(page.contains("value=\"/cases?page=2\""), "{page}");
    let elsewhere = w.stranger().get("/sign-in?next=https%3A%2F%2Fevil.example").await.body;
    assert!(!elsewhere.contains("evil.example"));
}

#[tokio::test]
async fn five_wrong_passwords_lock_a_login_for_a_while_even_for_the_right_one() {
    let clock = Clock::standing_at(NOW);
    let w = world_at(clock.clone()).await;
    set_up(&w).await;
    for _ in 0..5 {
        let answer = sign_in(&w.stranger(), "wrong").await;
        assert!(answer.status == 401 && !answer.head.contains("set-cookie"));
    }
    assert_eq!(sign_in(&w.stranger(), PASSWORD).await.status, 401);
    clock.advance_ms(15 * 60_000);
    assert_eq!(sign_in(&w.stranger(), PASSWORD).await.status, 303);
    let unknown = w.stranger().send("POST", "/sign-in", FORM, "login=nobody&password=x").await;
    assert_eq!(unknown.status, 401, "an unknown login is answered alike");
}

#[tokio::test]
async fn a_session_ends_by_signing_out_by_time_and_with_the_user() {
    let clock = Clock::standing_at(NOW);
    let w = world_at(clock.clone()).await;
    let (leaves, stays_away, shut_out) = (w.client("xh0002").await, w.client("xh0009").await, w.client("xh0011").await);
    assert_eq!(leaves.post("/sign-out", "").await.status, 303);
    assert_eq!(leaves.get("/cases").await.status, 303);
    let admin = w.client("admin").await;
    assert_eq!(admin.post("/users/xh0011/disable", "").await.status, 303);
    assert_eq!(shut_out.get("/cases").await.status, 303);
    clock.advance_ms(2 * 3_600_000);
    assert_eq!(stays_away.get("/cases").await.status, 303);
}

#[tokio::test]
async fn signing_in_gives_a_token_of_its_own_whatever_the_cookie_was() {
    let w = world().await;
    set_up(&w).await;
    let mut client = w.stranger();
    client.token = "ab".repeat(32);
    let answer = sign_in(&client, PASSWORD).await;
    let given = token_of(&answer);
    assert!(given.len() == 64 && given != client.token);
    assert_eq!(client.get("/users").await.status, 303, "the token from before is nobody's");
}

#[tokio::test]
async fn a_new_password_ends_every_session_and_needs_the_present_one() {
    let w = world().await;
    set_up(&w).await;
    let mut client = w.stranger();
    client.token = token_of(&sign_in(&client, PASSWORD).await);
    let page = client.get("/settings").await.body;
    client.form_token = page.split("name=\"form_token\" value=\"").nth(1).unwrap()[..64].to_owned();
    let wrong = client.post("/settings/password", "current=wrong&password=abcdefghijkl&again=abcdefghijkl").await;
    assert_eq!(wrong.status, 422);
    let weak = client.post("/settings/password", &format!("current={PASSWORD}&password=short&again=short")).await;
    assert_eq!(weak.status, 422);
    let new = "current=灯火-长夜-望楼-一二三&password=abcdefghijkl&again=abcdefghijkl";
    assert_eq!(client.post("/settings/password", new).await.status, 303);
    assert_eq!(client.get("/settings").await.status, 303);
    assert_eq!(sign_in(&w.stranger(), "abcdefghijkl").await.status, 303);
}

#[tokio::test]
async fn an_invitation_ends_after_its_days() {
    let clock = Clock::standing_at(NOW);
    let w = world_at(clock.clone()).await;
    w.client("xh0002").await;
    let user = w.shell.store.user_by_login("xh0002").await.unwrap().unwrap();
    let link = invite(&w.shell, &user.id).await.unwrap();
    let path = link.strip_prefix("http://watch.example").unwrap();
    clock.advance_ms(7 * 86_400_000);
    assert_eq!(w.stranger().get(path).await.status, 422);
}
