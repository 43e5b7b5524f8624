//! What Today says of what was let go: counts by cause, within the reader's lanes.

use wanglou::model::account::{Account, Post};
use wanglou::model::record::Record;
use wanglou::pipeline::import::{Item, SOURCE, import};

use crate::world::{NOW, World, account, world};

const LEDGERS: [(&str, &str); 2] = [
    (
        "terms.csv",
        "编号,词条,类别,公司,匹配方式,命中位置,排除语境,严重度,外发检索,可见范围,状态\n\
         W001,星河,公司名称,XH,包含,账号名、简介,银河系,高,是,全部,启用\n\
         W002,灵犀臂,产品品牌,YZ,包含,账号名、简介、正文,,低,是,全部,试运行\n",
    ),
    (
        "exemptions.csv",
        "豁免编号,申请人工号,公司代码,平台,账号名,账号ID,使用标识,有效期至,状态\n\
         EX-2026-0001,XH0021,XH,forum,星河笔记,xh_notes,星河,2027-03-31,有效\n",
    ),
];

async fn seen(w: &World, records: Vec<Record>) {
    let items: Vec<Item> = records.into_iter().map(Item::from).collect();
    import(&w.shell, &w.shell.world(), &items, SOURCE, "cli:test").await.unwrap();
}

fn post(text: &str) -> Record {
    let url = format!("https://forum.example/p/{}", text.len());
    Record::Post(Post { platform: "forum".into(), url, text: text.into(), published: Some(NOW), ..Post::default() })
}

async fn filled() -> World {
    let w = world().await;
    for (name, text) in LEDGERS {
        std::fs::write(w.folder.path().join("watchlists").join(name), text).unwrap();
    }
    w.shell.reload().unwrap();
    let child = Account { bio: "我爸爸在星河上班（9岁）".into(), ..account("child", "小小") };
    let accounts = [account("xh_notes", "星河笔记"), account("stars", "银河系的星河"), child];
    seen(&w, accounts.into_iter().map(Record::Account).collect()).await;
    seen(&w, vec![post("买了灵犀臂，装在阳台上很好用。")]).await;
    w
}

#[tokio::test]
async fn today_says_what_was_let_go_and_why_to_whom_it_would_have_been_told() {
    let w = filled().await;
    let shown = |body: String| -> Vec<&'static str> {
        let all = ["</b> 豁免 ", "</b> 语境排除 ", "</b> 试运行词条 ", "</b> 未成年人 "];
        all.into_iter().filter(|one| body.contains(one)).collect()
    };
    let of = async |login: &str| shown(w.client(login).await.get("/").await.body);
    assert_eq!(of("xh0002").await, ["</b> 豁免 ", "</b> 语境排除 "], "the manager of XH");
    assert_eq!(of("yz0002").await, ["</b> 试运行词条 "], "the manager of YZ");
    for login in ["xh0010", "xh0011", "admin", "editor"] {
        assert_eq!(of(login).await, [""; 0], "{login}");
    }
    let hr = w.client("xh0009").await;
    let page = hr.get("/").await.body;
    assert_eq!(shown(page.clone()).len(), 4, "HR of the listed company");
    assert!(page.contains("<b>&#60;5</b> 未成年人"), "few children might be known to somebody: {page}");
    assert!(page.contains("<b>1</b> 豁免 <small>今天 1</small>"));
    hr.post("/settings/language", "language=en&back=/").await;
    assert!(hr.get("/").await.body.contains("Kept silent this month, and why"));
}

#[tokio::test]
async fn what_repeats_the_text_of_a_leak_is_told_to_the_leak_lane_alone() {
    let w = world().await;
    let text =
        "听朋友说云舟三号已经下线了，第一批样机下个月就要送去测，成本比上一代低一成二，订单排到明年，先别往外传。";
    for handle in ["a", "b"] {
        let author = account(handle, "路人");
        let url = format!("https://forum.example/p/{handle}");
        let (platform, account, text) = ("forum".into(), Some(handle.to_owned()), text.to_owned());
        let post = Post { account, platform, url, published: Some(NOW), text, ..Post::default() };
        seen(&w, vec![Record::Account(author), Record::Post(post)]).await;
    }
    for (login, is_told) in [("xh0010", true), ("xh0009", false), ("xh0012", false), ("xh0002", false)] {
        let page = w.client(login).await.get("/").await.body;
        assert_eq!(page.contains("<b>1</b> 转载并入已有线索"), is_told, "{login}");
    }
}
