//! Working on cases: lists, decisions, evidence, the audit.

use wanglou::model::case::{CaseState, Disposition};

use crate::world::{manager, world};

#[tokio::test]
async fn a_case_says_what_why_who_and_what_can_be_decided() {
    let w = world().await;
    let number = w.file("xinghe_kefu", "星河客服", manager("XH")).await;
    let client = w.client("xh0002").await;
    let page = client.get(&format!("/cases/{number}")).await.body;
    for words in [
        "星河客服",
        "@xinghe_kefu",
        "账号名含“星河”",
        "四.2",
        "R-NAME",
        "嫌二一",
        "70%",
        "可能不是本集团员工",
        "高",
        "11月24日(周二)18:00",
        "value=\"same_name\"",
        "这是线索，不是结论",
    ] {
        assert!(page.contains(words), "{words} does not stand in\n{page}");
    }
}

#[tokio::test]
async fn a_decision_is_recorded_with_its_person_and_can_be_taken_back() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    let client = w.client("xh0002").await;
    let path = format!("/cases/{number}");
    assert_eq!(client.post(&format!("{path}/decide"), "as=not_employee").await.status, 303);
    let case = w.shell.store.case_by_number(&number).await.unwrap().unwrap();
    let CaseState::Closed { disposition, by, .. } = &case.state else { panic!("{:?}", case.state) };
    assert_eq!((*disposition, by.as_str()), (Disposition::NotEmployee, "XH0002"));
    assert_eq!(client.post(&format!("{path}/decide"), "as=rectified").await.status, 409, "decided already");
    assert!(client.get(&path).await.body.contains("登记结论 · 非员工"));
    assert_eq!(client.post(&format!("{path}/reopen"), "").await.status, 303);
    let case = w.shell.store.case_by_number(&number).await.unwrap().unwrap();
    assert_eq!(case.state, CaseState::Open);
    assert_eq!(client.post(&format!("{path}/decide"), "as=unreviewed").await.status, 422, "only time decides so");
}

#[tokio::test]
async fn protected_speech_is_erased_only_after_a_second_word() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    let client = w.client("xh0002").await;
    let path = format!("/cases/{number}/decide");
    let asked = client.post(&path, "as=protected_speech").await;
    assert!(asked.status == 200 && asked.body.contains("不可恢复"));
    assert!(client.get("/cases").await.body.contains("acc"));
    assert_eq!(client.post(&path, "as=protected_speech&confirmed=yes").await.status, 303);
    let all = client.get("/cases?state=all").await.body;
    assert!(!all.contains("acc"), "{all}");
}

#[tokio::test]
async fn several_cases_are_decided_together_and_one_that_cannot_be_stops_no_other() {
    let w = world().await;
    let mine = [w.file("a", "星河甲", manager("XH")).await, w.file("b", "星河乙", manager("XH")).await];
    let other = w.file("c", "云舟丙", manager("YZ")).await;
    let client = w.client("xh0002").await;
    let chosen = format!("as=false_alarm&case={}&case={other}&case=XS-0000-0000&case={}", mine[0], mine[1]);
    let list = client.get("/cases?severity=high&words=%E6%98%9F%E6%B2%B3&order=newest").await.body;
    assert!(list.contains("action=\"/cases/decide?severity=high&#38;words="), "{list}");
    let answer = client.post("/cases/decide", &chosen).await;
    assert!(answer.head.contains("location: /cases?done=2"), "{}", answer.head);
    let open = w.client("yz0002").await.get("/cases").await.body;
    assert!(open.contains(&other));
    let back =
        client.post("/cases/decide?severity=high&order=newest&state=%22%3E%0d%0aX:y&page=9", "as=false_alarm").await;
    assert!(back.head.contains("location: /cases?severity=high&order=newest&done=0\r\n"), "{}", back.head);
}

#[tokio::test]
async fn lists_are_filtered_searched_and_paged() {
    let w = world().await;
    for n in 0..51 {
        w.file(&format!("acc{n:02}"), &format!("星河{n:02}号"), manager("XH")).await;
    }
    let client = w.client("xh0002").await;
    let first = client.get("/cases").await.body;
    assert!(first.contains("共 51 条") && first.contains("page=2") && !first.contains("rel=\"prev\""));
    let second = client.get("/cases?page=2").await.body;
    assert!(second.contains("acc50") && !second.contains("acc49"));
    let found = client.get("/cases?words=17%E5%8F%B7").await.body;
    assert!(found.contains("共 1 条") && found.contains("acc17"), "two characters are enough");
    assert!(client.get("/cases?words=display_name").await.body.contains("共 0 条"));
    assert!(client.get("/cases?severity=low").await.body.contains("共 0 条"));
    assert!(client.get("/cases?state=closed").await.body.contains("共 0 条"));
    assert!(client.get("/cases?page=999999999999").await.status == 200);
}

#[tokio::test]
async fn evidence_is_shown_as_text_and_its_hash_computed_again() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    let client = w.client("xh0002").await;
    let case = client.get(&format!("/cases/{number}")).await.body;
    let hash = case.split("/evidence/").nth(1).unwrap()[..64].to_owned();
    let page = client.get(&format!("/cases/{number}/evidence/{hash}")).await.body;
    assert!(page.contains("一致") && page.contains("&#60;script&#62;alert(1)"), "{page}");
    let bytes = client.get(&format!("/cases/{number}/evidence/{hash}/bytes")).await;
    assert!(bytes.head.contains("application/octet-stream") && bytes.head.contains("attachment"));
    assert!(bytes.body.contains("<script>"));
    let other = w.file("other", "星河乙", manager("XH")).await;
    assert_eq!(client.get(&format!("/cases/{other}/evidence/{hash}")).await.status, 404, "of another case");
}

#[tokio::test]
async fn every_reading_of_personal_data_stands_in_the_audit() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    let client = w.client("xh0002").await;
    client.get("/cases").await;
    client.get("/cases.csv").await;
    client.get(&format!("/cases/{number}")).await;
    let audit = w.client("xh0012").await.get("/audit?actor=XH0002").await.body;
    for action in ["cases.list", "cases.export", "case.read"] {
        assert!(audit.contains(action), "{action}");
    }
    assert!(!audit.contains("星河甲"), "identifiers only");
}

#[tokio::test]
async fn the_console_speaks_english_on_request() {
    let w = world().await;
    let client = w.client("xh0002").await;
    let answer = client.post("/settings/language", "language=en&back=/cases").await;
    assert!(answer.head.contains("location: /cases\r\n"), "{}", answer.head);
    let page = client.get("/cases").await.body;
    assert!(page.contains("<html lang=\"en\">") && page.contains("Unfinished") && !page.contains("未结"));
}
