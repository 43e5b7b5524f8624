//! Reports by hand: judged and filed like what a scan sees, shown to those who see such cases, and to nobody else.

use std::io::Cursor;

use wanglou::store::sha256_hex;

use crate::http::Answer;
use crate::world::{Client, SECRET, world};

const URL: &str = "https://forum.example/u/yun_li";

/// Reports as a browser does, with a file that may be empty.
async fn report_with(client: &Client<'_>, token: &str, fields: &[(&str, &str)], picture: &[u8]) -> Answer {
    let part =
        |name: &str, text: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
    let all = [("form_token", token), ("platform", "Forum")];
    let fields: String = all.iter().chain(fields).map(|(name, text)| part(name, text)).collect();
    let head = "--b\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"\"\r\n\r\n";
    let form = [fields.as_bytes(), head.as_bytes(), picture, b"\r\n--b--\r\n"].concat();
    client.send("POST", "/cases/new", "Content-Type: multipart/form-data; boundary=b\r\n", form).await
}

async fn report(client: &Client<'_>, fields: &[(&str, &str)], picture: &[u8]) -> Answer {
    report_with(client, &client.form_token, fields, picture).await
}

fn place(answer: &Answer) -> &str {
    let place = answer.head.split("location: ").nth(1).and_then(|rest| rest.lines().next());
    place.unwrap_or_else(|| panic!("{}\n{}", answer.head, answer.body))
}

#[tokio::test]
async fn what_a_colleague_saw_becomes_a_case_with_the_screenshot_as_evidence() {
    let w = world().await;
    let mut png = Cursor::new(Vec::new());
    image::RgbImage::new(40, 30).write_to(&mut png, image::ImageFormat::Png).unwrap();
    let png = png.into_inner();
    let seen = [("url", URL), ("handle", "yun_li"), ("name", "星河科技销售经理嫌二一"), ("note", "同事转来")];
    let client = w.client("xh0002").await;
    let answer = report(&client, &seen, &png).await;
    let case = place(&answer).replace("xs-", "XS-");
    assert!(client.get(&case).await.body.contains("@yun_li"));
    let evidence = format!("{case}/evidence/{}", sha256_hex(&png));
    let page = client.get(&evidence).await.body;
    assert!(page.contains(&format!("src=\"{evidence}/picture\"")) && !page.contains("<pre"), "{page}");
    let picture = client.get(&format!("{evidence}/picture")).await;
    assert!(picture.status == 200 && picture.head.contains("image/png") && picture.head.contains("nosniff"));
    assert_eq!(w.client("yz0002").await.get(&format!("{evidence}/picture")).await.status, 404, "another company's");
    let audit = w.client("xh0012").await.get("/audit?actor=XH0002").await.body;
    assert!(audit.contains("records.report") && !audit.contains("嫌二一"));
}

#[tokio::test]
async fn who_does_not_see_the_case_is_told_that_the_report_was_received() {
    let w = world().await;
    let seen = [("url", URL), ("handle", "yun_li"), ("name", "星河科技销售经理嫌二一")];
    assert_eq!(place(&report(&w.client("yz0002").await, &seen, b"").await), "/cases/new?done=1");
    let leak = [("url", "https://forum.example/p/1"), ("handle", "u1"), ("text", SECRET)];
    assert_eq!(place(&report(&w.client("xh0002").await, &leak, b"").await), "/cases/new?done=1");
    let answer = report(&w.client("xh0010").await, &leak, b"").await;
    assert!(place(&answer).starts_with("/cases/xm-"), "{}", place(&answer));
}

#[tokio::test]
async fn of_protected_speech_and_of_what_is_no_case_the_same_is_said_as_of_a_leak_and_nothing_kept() {
    let w = world().await;
    let client = w.client("xh0002").await;
    for text in ["星河科技拖欠工资", "今天天气好"] {
        let seen = [("url", "https://forum.example/p/1"), ("handle", "u1"), ("text", text)];
        assert_eq!(place(&report(&client, &seen, b"").await), "/cases/new?done=1", "{text}");
    }
    assert_eq!(w.shell.store.pending_captures(None, None, 10).await.unwrap(), []);
}

#[tokio::test]
async fn a_report_that_says_nothing_or_shows_no_picture_or_is_not_ours_is_refused() {
    let w = world().await;
    let client = w.client("xh0002").await;
    let name = ("name", "星河科技嫌二一");
    for (fields, picture) in [
        (&[("url", URL)][..], &b""[..]),
        (&[("url", "javascript:alert(1)"), name], b""),
        (&[("url", "forum"), name], b""),
        (&[("url", URL), name], b"GIF89a"),
        (&[("url", URL), ("name", &"星".repeat(501))], b""),
    ] {
        assert_eq!(report(&client, fields, picture).await.status, 422, "{fields:?}");
    }
    assert_eq!(report_with(&client, "forged", &[("url", URL), name], b"").await.status, 403);
    assert_eq!(
        report(&w.client("xh0012").await, &[("url", URL), name], b"").await.status,
        404,
        "auditors change nothing"
    );
    assert!(w.shell.store.latest_scans(10).await.unwrap().len() == 1, "nothing was taken in");
}
