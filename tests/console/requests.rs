//! What people ask about their own data: who takes it in and answers it, what an objection does, and what is told to nobody.

use wanglou::model::case::{CaseState, Lane};
use wanglou::store::subject_key;

use crate::http::Answer;
use crate::world::{Client, NOW, ROLES, World, manager, world};

/// Who sees a page, beside the clerk, who sees them all: logins of [`ROLES`].
const PAGES: [(&str, &[&str]); 5] = [
    ("/requests", &["xh0009"]),
    ("/requests/notice", &["xh0009"]),
    ("/requests/notice.txt", &["xh0009"]),
    ("/requests/SQ-2611-0001", &["xh0009"]),
    ("/retention", &["xh0009", "xh0012", "admin"]),
];

/// The path to which an answer leads.
fn place(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.body);
    let place = answer.head.split("location: ").nth(1).expect("a place").lines().next().unwrap();
    place.trim().to_uppercase().replace("/REQUESTS/", "/requests/")
}

async fn object(clerk: &Client<'_>, number: &str, employee: &str) -> String {
    let form = format!("kind=object&employee={employee}&case={number}&words=not%20me");
    place(&clerk.post("/requests", &form).await)
}

async fn case(w: &World, number: &str) -> wanglou::model::case::Case {
    w.shell.store.case_by_number(number).await.unwrap().unwrap()
}

#[tokio::test]
async fn requests_are_seen_and_answered_by_the_clerk_and_hr_alone() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    let clerk = w.client("clerk").await;
    let path = object(&clerk, &number, "XH0021").await;
    for login in ROLES {
        let client = w.client(login).await;
        for (page, may) in PAGES {
            let status = client.get(page).await.status;
            assert_eq!(status, if may.contains(&login) { 200 } else { 404 }, "{page} as {login}");
        }
        if login != "xh0009" {
            assert_eq!(client.post(&format!("{path}/answer"), "as=granted").await.status, 404, "answered as {login}");
            assert_eq!(client.post("/requests", "kind=know&employee=XH0021").await.status, 404, "filed as {login}");
            assert_eq!(client.post("/requests/notice", "").await.status, 404, "issued as {login}");
        }
    }
    for (page, _) in PAGES {
        assert_eq!(clerk.get(page).await.status, 200, "{page}");
        assert_eq!(w.stranger().get(page).await.status, 303, "{page} as nobody");
    }
    for page in ["/cases", "/audit", "/users", "/ledgers", "/sources", &format!("/cases/{number}")] {
        assert_eq!(clerk.get(page).await.status, 404, "a clerk has no {page}");
    }
}

#[tokio::test]
async fn an_objection_locks_the_case_ends_the_link_and_is_answered_by_letter() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    let (clerk, in_charge) = (w.client("clerk").await, w.client("xh0002").await);
    assert!(in_charge.get(&format!("/cases/{number}")).await.body.contains("嫌二一"));

    let path = object(&clerk, &number, "XH0021").await;

    assert!(matches!(case(&w, &number).await.state, CaseState::Locked { .. }));
    let page = in_charge.get(&format!("/cases/{number}")).await.body;
    assert!(page.contains("申诉锁定") && !page.contains("嫌二一") && !page.contains("登记结论</button>"), "{page}");
    assert_eq!(in_charge.post(&format!("/cases/{number}/decide"), "as=case_filed").await.status, 409);
    in_charge.post("/cases/decide", &format!("as=false_alarm&case={number}")).await;
    assert!(matches!(case(&w, &number).await.state, CaseState::Locked { .. }), "nor among several");
    assert!(in_charge.get("/cases?state=locked").await.body.contains(&number));
    let waits = clerk.get(&path).await.body;
    for words in [number.as_str(), "forum @acc", "12月14日(周一)18:00", "嫌二一", "not me", "申诉（不是我）"]
    {
        assert!(waits.contains(words), "{words} does not stand in\n{waits}");
    }

    assert!(clerk.get("/").await.body.contains("<b>1</b> 份权利申请待答复"));
    assert_eq!(clerk.post(&format!("{path}/answer"), "as=refused").await.status, 422, "a refusal needs its reason");
    assert_eq!(clerk.post(&format!("{path}/answer"), "as=granted").await.status, 303);
    assert_eq!(clerk.post(&format!("{path}/answer"), "as=granted").await.status, 409, "answered already");
    let letter = clerk.get(&format!("{path}/letter.txt")).await;
    assert!(
        letter.head.contains("filename=\"sq-2611-0001.txt\"") && letter.body.contains("已设置不再匹配"),
        "{}",
        letter.body
    );
    assert_eq!(case(&w, &number).await.state, CaseState::Open);

    w.file("acc", "星河甲", manager("XH")).await;
    assert_eq!(case(&w, &number).await.judgement.candidates, [], "another sight does not bring the name back");
    let audit = w.client("xh0012").await.get("/audit").await.body;
    for action in ["request.file", "request.read", "request.answer", "request.export", "case.lock", "case.unlock"] {
        assert!(audit.contains(action), "{action}");
    }
}

#[tokio::test]
async fn a_refused_objection_opens_the_case_and_gives_the_reason() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    let hr = w.client("xh0009").await;
    let path = object(&hr, &number, "XH0021").await;
    let answer = format!("{path}/answer");
    assert_eq!(hr.post(&answer, "as=refused&words=%E6%9C%AC%E4%BA%BA%E5%B7%B2%E7%A1%AE%E8%AE%A4").await.status, 303);
    assert!(hr.get(&path).await.body.contains("理由如下：\n本人已确认"));
    assert_eq!(case(&w, &number).await.state, CaseState::Open);
    assert!(w.shell.store.unlinkings().await.unwrap().is_empty(), "the account may be linked again");
}

#[tokio::test]
async fn nothing_here_says_whether_there_is_a_leak() {
    let w = world().await;
    let leak = w.file("leaky", "星河戊", Lane::Leak).await;
    let clerk = w.client("clerk").await;
    let of_leak = clerk.post("/requests", &format!("kind=object&employee=XH0021&case={leak}")).await;
    let of_none = clerk.post("/requests", "kind=object&employee=XH0021&case=XM-2611-9999").await;
    assert_eq!((of_leak.status, &of_leak.body), (422, &of_none.body));
    for kind in ["know", "copy"] {
        let path = place(&clerk.post("/requests", &format!("kind={kind}&employee=XH0021")).await);
        let told = clerk.get(&path).await.body + &clerk.get(&format!("{path}/records.csv")).await.body;
        assert!(!told.contains(&leak) && !told.contains("leaky"), "{told}");
    }
    let by_account = "kind=object&employee=XH0021&platform=forum&handle=leaky";
    let path = place(&clerk.post("/requests", by_account).await);
    assert!(!clerk.get(&path).await.body.contains(&leak));
    assert_eq!(case(&w, &leak).await.state, CaseState::Open);
    let erased = place(&clerk.post("/requests", "kind=erase&contact=a%40b.example&platform=forum&handle=leaky").await);
    clerk.post(&format!("{erased}/answer"), "as=granted").await;
    assert_eq!(case(&w, &leak).await.number, leak, "it is still there");
    assert!(!clerk.get("/retention").await.body.contains("严重"));
}

#[tokio::test]
async fn whoever_asks_is_told_what_is_kept_and_why_as_a_letter_and_as_a_file() {
    let w = world().await;
    let number = w.file("=cmd", "星河甲", manager("XH")).await;
    w.file_about("other", "星河乙", manager("XH"), "XH0002").await;
    let clerk = w.client("clerk").await;
    let path = place(&clerk.post("/requests", "kind=copy&employee=XH0021").await);
    let csv = clerk.get(&format!("{path}/records.csv")).await;
    assert!(csv.head.contains("text/csv") && csv.body.contains(&number) && csv.body.contains("'=cmd"), "{}", csv.body);
    assert!(!csv.body.contains("other"), "cases of others are not theirs");
    clerk.post(&format!("{path}/answer"), "as=granted").await;
    let letter = clerk.get(&format!("{path}/letter.txt")).await.body;
    for words in [number.as_str(), "账号名含“星河”", "为什么匹配到您", "保存至：2027年2月18日", "不是结论"]
    {
        assert!(letter.contains(words), "{words} does not stand in\n{letter}");
    }
}

#[tokio::test]
async fn an_erasure_leaves_nothing_but_its_receipt() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    let clerk = w.client("clerk").await;
    assert_eq!(clerk.post("/requests", "kind=erase&contact=a%40b.example").await.status, 422, "of which account");
    let path = place(&clerk.post("/requests", "kind=erase&contact=a%40b.example&platform=forum&handle=acc").await);
    assert!(clerk.get(&path).await.body.contains("a@b.example"));
    assert_eq!(clerk.post(&format!("{path}/answer"), "as=granted").await.status, 303);
    assert!(w.shell.store.case_by_number(&number).await.unwrap().is_none());
    assert!(clerk.get(&path).await.body.contains("依法可以删除的，已全部删除，不可恢复"));
    let receipts = clerk.get("/retention").await.body;
    assert!(receipts.contains("on_request"), "{receipts}");
}

#[tokio::test]
async fn nobody_handles_a_request_of_their_own() {
    let w = world().await;
    let number = w.file_about("acc", "星河集九", manager("XH"), "XH0009").await;
    let (clerk, hr) = (w.client("clerk").await, w.client("xh0009").await);
    assert_eq!(hr.post("/requests", &format!("kind=object&employee=XH0009&case={number}")).await.status, 422);
    let path = object(&clerk, &number, "XH0009").await;
    assert_eq!(hr.get(&path).await.status, 404);
    assert_eq!(hr.post(&format!("{path}/answer"), "as=granted").await.status, 404);
    assert!(!hr.get("/requests").await.body.contains("SQ-2611-0001"));
}

#[tokio::test]
async fn an_objection_ends_the_link_and_not_the_recusal() {
    let w = world().await;
    let number = w.file_about("acc", "星河专二", manager("XH"), "XH0002").await;
    let (clerk, meant) = (w.client("clerk").await, w.client("xh0002").await);
    let path = object(&clerk, &number, "XH0002").await;
    let (token, id) = ("ab".repeat(32), case(&w, &number).await.id);
    w.shell.store.add_mail_link(&token, &id, &"XH0002".into(), NOW.plus_days(7)).await.unwrap();
    for answered in [false, true] {
        assert_eq!(case(&w, &number).await.judgement.candidates, []);
        assert_eq!(meant.get(&format!("/cases/{number}")).await.status, 404, "answered: {answered}");
        assert_eq!(meant.post(&format!("/cases/{number}/decide"), "as=false_alarm").await.status, 404);
        assert!(meant.get("/cases?state=all").await.body.contains("共 0 条"));
        assert_eq!(w.stranger().get(&format!("/letters/{token}")).await.status, 422, "nor by the link of a letter");
        clerk.post(&format!("{path}/answer"), "as=refused&words=x").await;
    }
    assert_eq!(w.client("xh0003").await.get(&format!("/cases/{number}")).await.status, 200);
}

#[tokio::test]
async fn whoever_is_perhaps_meant_handles_no_request_about_the_account() {
    let w = world().await;
    let number = w.file_about("acc", "星河集九", manager("XH"), "XH0009").await;
    let (clerk, hr) = (w.client("clerk").await, w.client("xh0009").await);
    let account = "contact=a%40b.example&platform=forum&handle=acc";
    for form in [
        format!("kind=know&{account}"),
        format!("kind=erase&{account}"),
        format!("kind=object&contact=a%40b.example&case={number}"),
    ] {
        assert_eq!(hr.post("/requests", &form).await.status, 422, "{form}");
    }
    assert_eq!(case(&w, &number).await.state, CaseState::Open);
    let path = place(&clerk.post("/requests", &format!("kind=erase&{account}")).await);
    assert_eq!(hr.get(&path).await.status, 404);
    assert_eq!(hr.post(&format!("{path}/answer"), "as=granted").await.status, 404);
    assert!(!hr.get("/requests").await.body.contains("SQ-2611-0001"));
    let objection = object(&clerk, &number, "XH0009").await;
    assert_eq!(hr.get(&path).await.status, 404, "nor after the link has ended");
    clerk.post(&format!("{objection}/answer"), "as=refused&words=x").await;
    assert_eq!((hr.get(&path).await.status, clerk.get(&path).await.status), (404, 200));
}

#[tokio::test]
async fn protected_speech_is_erased_though_an_objection_waits() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    object(&w.client("clerk").await, &number, "XH0021").await;
    let in_charge = w.client("xh0002").await;
    assert!(in_charge.get(&format!("/cases/{number}")).await.body.contains("属受保护内容，立即清除"));
    let decided = in_charge.post(&format!("/cases/{number}/decide"), "as=protected_speech&confirmed=yes").await;
    assert_eq!(decided.status, 303, "{}", decided.body);
    assert!(w.shell.store.case_by_number(&number).await.unwrap().is_none());
}

#[tokio::test]
async fn how_long_a_case_is_kept_does_not_give_away_a_leak_on_the_same_account() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    w.client("xh0002").await.post(&format!("/cases/{number}/decide"), "as=exempted").await;
    w.file("acc", "星河甲", Lane::Leak).await;
    let clerk = w.client("clerk").await;
    let path = place(&clerk.post("/requests", "kind=know&employee=XH0021").await);
    clerk.post(&format!("{path}/answer"), "as=granted").await;
    let letter = clerk.get(&format!("{path}/letter.txt")).await.body;
    assert!(letter.contains(&number) && letter.contains("保存至：2026年12月20日"), "{letter}");
    assert!(letter.contains("不在本答复范围"), "{letter}");
}

#[tokio::test]
async fn receipts_name_nobody_and_tell_no_count_under_five() {
    let w = world().await;
    w.file("acc", "星河甲", manager("XH")).await;
    let leak = w.file("leaky", "星河戊", Lane::Leak).await;
    let board = w.client("xh0010").await;
    board.post(&format!("/cases/{leak}/decide"), "as=protected_speech&confirmed=yes").await;
    let clerk = w.client("clerk").await;
    let path = place(&clerk.post("/requests", "kind=erase&contact=a%40b.example&platform=forum&handle=acc").await);
    clerk.post(&format!("{path}/answer"), "as=granted").await;
    let page = clerk.get("/retention").await.body;
    assert!(page.contains("on_request") && page.contains("&#60;5"), "{page}");
    for hidden in ["XH0010", "protected", "18:00", "local:"] {
        assert!(!page.contains(hidden), "{hidden} stands in\n{page}");
    }
}

#[tokio::test]
async fn a_clerk_is_told_when_the_account_of_an_objection_is_in_no_case() {
    let w = world().await;
    w.file("acc", "星河甲", manager("XH")).await;
    w.file("leaky", "星河戊", Lane::Leak).await;
    let clerk = w.client("clerk").await;
    for (handle, is_told) in [("acc", false), ("ACC", true), ("nobody", true), ("leaky", true)] {
        let form = format!("kind=object&employee=XH0021&platform=forum&handle={handle}");
        let path = place(&clerk.post("/requests", &form).await);
        assert_eq!(clerk.get(&path).await.body.contains("请核对平台和账号ID"), is_told, "{handle}");
    }
}

#[tokio::test]
async fn a_request_that_says_too_little_is_refused_with_the_reason() {
    let w = world().await;
    let clerk = w.client("clerk").await;
    for (form, why) in [
        ("kind=nothing&employee=XH0021", "种类"),
        ("kind=know", "工号"),
        ("kind=know&employee=XH9999", "没有这个工号"),
        ("kind=know&contact=x", "平台和账号ID"),
        ("kind=object&employee=XH0021", "平台和账号ID"),
        ("kind=object&employee=XH0021&case=XS-2611-9999", "没有这条线索"),
    ] {
        let answer = clerk.post("/requests", form).await;
        assert!(answer.status == 422 && answer.body.contains(why), "{form}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_notice_is_issued_once_and_changes_with_what_is_in_force() {
    let w = world().await;
    let clerk = w.client("clerk").await;
    let page = clerk.get("/requests/notice").await.body;
    assert!(page.contains("尚未发布") && page.contains("专二（xh0002@xinghe.example）"), "{page}");
    for _ in 0..2 {
        clerk.post("/requests/notice", "").await;
    }
    assert_eq!(w.shell.store.notices().await.unwrap().len(), 1);
    assert!(!clerk.get("/requests/notice").await.body.contains("尚未发布"));
    let english = clerk.get("/requests/notice.txt?version=1&language=en").await;
    assert!(english.head.contains("notice-en.txt") && english.body.contains("Notice to employees"));
    assert_eq!(clerk.get("/requests/notice.txt?version=2").await.status, 404);
}

#[tokio::test]
async fn what_people_write_is_shown_and_never_run() {
    let w = world().await;
    let clerk = w.client("clerk").await;
    let evil = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    let path = place(
        &clerk
            .post("/requests", &format!("kind=know&employee=XH0021&words={evil}&handle={evil}&platform={evil}"))
            .await,
    );
    let page = clerk.get(&path).await.body;
    assert!(page.contains("&#60;script&#62;") && !page.contains("<script>alert"), "{page}");
    let answered = clerk.post(&format!("{path}/answer"), &format!("as=granted&words={evil}")).await;
    assert_eq!(answered.status, 303);
    assert!(!clerk.get(&path).await.body.contains("<script>alert"));
}

#[tokio::test]
async fn an_account_of_nobody_s_is_judged_without_whoever_objected() {
    let w = world().await;
    let clerk = w.client("clerk").await;
    place(&clerk.post("/requests", "kind=object&employee=XH0021&platform=forum&handle=acc").await);
    let world = w.shell.world();
    let subject = wanglou::model::case::Subject {
        kind: wanglou::model::case::SubjectKind::Account,
        id: None,
        platform: "forum".into(),
        handle: "acc".into(),
        url: String::new(),
    };
    assert!(world.unlinkings.holds(&subject_key(&subject), &"XH0021".into()), "before any case was found");
}
