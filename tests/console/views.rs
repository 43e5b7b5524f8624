//! Lists of cases that people saved: a name for an address, which gives nobody a right.

use crate::http::Answer;
use crate::world::{Client, manager, world};
use wanglou::model::case::Lane;

fn place(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.head.split("location: ").nth(1).unwrap().lines().next().unwrap().to_owned()
}

/// Identifiers of the views on the page, in order.
async fn ids(client: &Client<'_>) -> Vec<String> {
    let page = client.get("/cases/views").await.body;
    page.split("action=\"/cases/views/")
        .skip(1)
        .filter_map(|rest| rest.split_once("/delete\""))
        .map(|(id, _)| id)
        .filter(|id| !id.contains('/'))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn a_view_is_saved_opened_renamed_made_the_default_and_deleted() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    let client = w.client("xh0002").await;
    let form = "name=%E6%98%9F%E6%B2%B3&state=all&severity=high&words=acc&order=oldest&page=9";
    let asked = place(&client.post("/cases/views", form).await);
    assert_eq!(asked, "/cases?state=all&severity=high&words=acc&order=oldest");
    let list = client.get(&asked).await.body;
    assert!(list.contains(&number) && list.contains("aria-current=\"page\">星河</a>"), "{list}");
    assert!(client.get("/cases").await.body.contains("aria-current=\"page\">全部未结</a>"));

    let id = ids(&client).await.remove(0);
    assert_eq!(
        place(&client.post(&format!("/cases/views/{id}/rename"), "name=%E9%AB%98").await),
        "/cases/views?done=1"
    );
    client.post(&format!("/cases/views/{id}/default"), "is=default").await;
    assert_eq!(place(&client.get("/cases").await), asked, "the list begins with it");
    assert_eq!(client.get("/cases?state=unfinished").await.status, 200, "and the other one is still there");
    client.post(&format!("/cases/views/{id}/default"), "is=none").await;
    assert_eq!(client.get("/cases").await.status, 200);
    client.post("/cases/views", "name=%E9%AB%98&severity=low").await;
    assert_eq!(ids(&client).await, [id.as_str()], "a view of the same name is replaced");
    assert!(client.get("/cases/views").await.body.contains("href=\"/cases?severity=low\""));
    client.post(&format!("/cases/views/{id}/delete"), "").await;
    assert_eq!(client.post(&format!("/cases/views/{id}/delete"), "").await.status, 404);
    assert_eq!(ids(&client).await, [""; 0]);
    let noted = w.shell.store.audit_of(&id).await.unwrap().into_iter().map(|entry| (entry.action, entry.detail));
    let mut noted: Vec<String> = noted.map(|(action, detail)| action + &detail).collect();
    noted.sort();
    let expected = ["view.default", "view.default", "view.delete", "view.rename", "view.save", "view.save"];
    assert_eq!(noted, expected, "with its actions alone, and nothing of what was looked for");
}

#[tokio::test]
async fn a_view_shows_its_reader_s_cases_alone_and_nobody_else_has_it() {
    let w = world().await;
    let own = w.file("acc-xh", "星河甲", manager("XH")).await;
    let leak = w.file("acc-leak", "星河乙", Lane::Leak).await;
    let other = w.file("acc-yz", "云舟乙", manager("YZ")).await;
    let (client, stranger) = (w.client("xh0002").await, w.client("yz0002").await);
    let asked = place(&client.post("/cases/views", "name=a&state=all&lane=leak&company=YZ").await);
    let list = client.get(&asked).await.body;
    assert!(list.contains(&own) && !list.contains(&leak) && !list.contains(&other));
    let id = ids(&client).await.remove(0);
    for (act, form) in [("rename", "name=b"), ("default", "is=default"), ("delete", "")] {
        assert_eq!(stranger.post(&format!("/cases/views/{id}/{act}"), form).await.status, 404, "{act}");
    }
    assert!(!stranger.get("/cases/views").await.body.contains(&id));
    assert!(!stranger.get(&asked).await.body.contains(&own), "the address is no key");
    let admin = w.client("admin").await;
    assert_eq!(admin.post("/cases/views", "name=a").await.status, 404);
}

#[tokio::test]
async fn names_and_numbers_of_views_have_a_limit() {
    let w = world().await;
    let client = w.client("xh0002").await;
    for name in ["", "x%0Ay", &"x".repeat(21)] {
        assert_eq!(client.post("/cases/views", &format!("name={name}")).await.status, 422, "{name:?}");
    }
    for name in 0..12 {
        assert_eq!(client.post("/cases/views", &format!("name={name}")).await.status, 303);
    }
    assert_eq!(client.post("/cases/views", "name=more").await.status, 422);
    assert_eq!(
        client.post("/cases/views", "name=3&severity=high").await.status,
        303,
        "one that is there can be replaced"
    );
    let id = ids(&client).await.remove(0);
    assert_eq!(client.post(&format!("/cases/views/{id}/rename"), "name=1").await.status, 422, "the name is taken");
    let words = "%E9%95%BF".repeat(500);
    let asked = place(&client.post("/cases/views", &format!("name=3&words={words}")).await);
    assert_eq!(asked.to_lowercase().matches("%e9%95%bf").count(), 60);
    let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
    assert_eq!(client.send("POST", "/cases/views", headers, "name=4").await.status, 403, "without the session's token");
}
