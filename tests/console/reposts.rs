//! One text with many accounts is one case: what folds into it, what stays apart, and what its page says of it.

use wanglou::model::account::{Account, Post};
use wanglou::model::record::Record;
use wanglou::pipeline::import::{Item, SOURCE, import};

use crate::world::{Client, NOW, World, account, world};

const TEXT: &str =
    "听朋友说云舟三号已经下线了，第一批样机下个月就要送去测，成本比上一代低一成二，订单排到明年，先别往外传。";

/// Somebody publishes a text, so many minutes before now.
async fn publish(w: &World, author: Account, text: &str, minutes: i64) {
    let url = format!("https://forum.example/p/{}-{minutes}", author.handle);
    let (platform, published) = (author.platform.clone(), Some(NOW.plus_ms(-minutes * 60_000)));
    let post =
        Post { account: Some(author.handle.clone()), platform, url, published, text: text.into(), ..Post::default() };
    let items: Vec<Item> = [Record::Account(author), Record::Post(post)].into_iter().map(Item::from).collect();
    import(&w.shell, &w.shell.world(), &items, SOURCE, "cli:test").await.unwrap();
}

/// Numbers of the cases of the leak lane, as its reader sees them in the list.
async fn listed(office: &Client<'_>) -> Vec<String> {
    let list = office.get("/cases?state=all").await.body;
    let numbers = (1..9).map(|n| format!("XM-2611-000{n}"));
    numbers.filter(|number| list.contains(number.as_str())).collect()
}

#[tokio::test]
async fn a_text_that_others_pass_on_stays_one_case_told_once_that_lists_where_it_stands() {
    let w = world().await;
    let office = w.client("xh0010").await;
    publish(&w, account("first", "路人甲"), TEXT, 90).await;
    let number = "XM-2611-0001";
    let case = w.shell.store.case_by_number(number).await.unwrap().unwrap();
    let letters = w.shell.store.alerts_of_case(&case.id).await.unwrap().len();
    publish(&w, account("second", "路人乙"), &format!("转发：{TEXT}"), 60).await;
    publish(&w, account("first", "路人甲"), &TEXT.replace('，', " "), 30).await;
    publish(&w, account("second", "路人乙"), &format!("转发：{TEXT}"), 60).await;

    assert_eq!(listed(&office).await, [number]);
    assert_eq!(w.shell.store.alerts_of_case(&case.id).await.unwrap().len(), letters, "no letter for each");
    let page = office.get(&format!("/cases/{number}")).await.body;
    assert!(page.contains("转载 <small>2</small>") && page.contains("路人乙 @second"), "{page}");
    assert_eq!(page.matches("单列线索</button>").count(), 1, "what is of the account itself has no other case");
    assert!(page.contains("首次发现 2026-11-20") || page.contains("首次发现 2026年11月20日"), "{page}");
    assert_eq!(
        w.client("xh0002").await.get(&format!("/cases/{number}")).await.status,
        404,
        "the lane is the leak lane's"
    );
}

#[tokio::test]
async fn whoever_may_be_a_colleague_or_says_more_or_said_it_first_has_a_case_of_the_own() {
    let w = world().await;
    let office = w.client("xh0010").await;
    publish(&w, account("first", "路人甲"), TEXT, 90).await;
    publish(&w, account("staff", "星河员工小周"), TEXT, 60).await;
    assert_eq!(listed(&office).await.len(), 2, "a colleague answers for the own words");
    publish(&w, account("source", "路人丙"), TEXT, 120).await;
    assert_eq!(listed(&office).await.len(), 3, "the source of the text");
    publish(
        &w,
        account("other", "路人丁"),
        "云舟三号这个名字真好听，我在湖州的展会上看见了一块牌子，不知道是什么东西，谁能告诉我。",
        10,
    )
    .await;
    assert_eq!(listed(&office).await.len(), 4, "another text");
}

#[tokio::test]
async fn what_was_found_to_be_nothing_stays_nothing_when_others_pass_it_on() {
    let w = world().await;
    publish(&w, account("first", "路人甲"), TEXT, 90).await;
    let office = w.client("xh0010").await;
    assert_eq!(office.post("/cases/XM-2611-0001/decide", "as=false_alarm").await.status, 303);
    publish(&w, account("second", "路人乙"), TEXT, 60).await;
    assert_eq!(listed(&office).await.len(), 1);
    assert!(office.get("/cases/XM-2611-0001").await.body.contains("重新打开"), "it is closed as before");
}

#[tokio::test]
async fn whoever_decides_a_case_takes_a_repost_out_of_it_and_it_stays_out() {
    let w = world().await;
    publish(&w, account("first", "路人甲"), TEXT, 90).await;
    publish(&w, account("second", "路人乙"), TEXT, 60).await;
    let office = w.client("xh0010").await;
    let page = office.get("/cases/XM-2611-0001").await.body;
    let action = page.split("action=\"").map(|rest| rest.split('"').next().unwrap()).find(|to| to.ends_with("/split"));
    let action = action.expect("a repost that can be taken out").to_owned();
    for login in ["admin", "xh0002", "xh0011", "xh0012"] {
        assert_eq!(w.client(login).await.post(&action, "").await.status, 404, "{login}");
    }

    let answer = office.post(&action, "").await;

    assert!(answer.head.contains("location: /cases/xm-2611-0002"), "{}", answer.head);
    let page = office.get("/cases/XM-2611-0001").await.body;
    assert!(!page.contains("单列线索</button>") && page.contains("一条转载单列，见 XM-2611-0002"));
    assert_eq!(office.post(&action, "").await.status, 404, "once");
    publish(&w, account("second", "路人乙"), TEXT, 60).await;
    assert_eq!(listed(&office).await.len(), 2);
    assert!(!office.get("/cases/XM-2611-0001").await.body.contains("单列线索</button>"));
}

#[tokio::test]
async fn whoever_turns_out_to_be_a_colleague_after_passing_on_a_text_has_a_case_of_the_own() {
    let w = world().await;
    publish(&w, account("first", "路人甲"), TEXT, 90).await;
    publish(&w, account("second", "路人乙"), TEXT, 60).await;
    let office = w.client("xh0010").await;
    assert_eq!(listed(&office).await.len(), 1);
    publish(&w, account("second", "星河员工小周"), TEXT, 60).await;
    assert_eq!(listed(&office).await.len(), 2);
}
