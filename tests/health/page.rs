//! The page as people read it.

use wanglou::model::audit::AuditEntry;

use crate::world::{NOW, world};

#[tokio::test]
async fn the_page_is_chinese_first_and_english_on_request() {
    let w = world("").await;
    w.fill().await;
    let chinese = w.get("/").await.body;
    for words in
        ["<html lang=\"zh-CN\">", "就绪", "看不到", "尚未访问", "night-1", "forum.example · forum", "10 分钟前"]
    {
        assert!(chinese.contains(words), "{words} does not stand in\n{chinese}");
    }
    let english = w.get("/?lang=en").await.body;
    for words in [
        "<html lang=\"en\">",
        ">ready<",
        "blocked",
        "contradicts",
        "<b>1</b> absent",
        "not visited yet",
        "1 min ago",
        "<b>1</b> waiting",
    ] {
        assert!(english.contains(words), "{words} does not stand in\n{english}");
    }
    assert!(!english.contains("就绪"), "the languages are not mixed");
}

#[tokio::test]
async fn a_paused_source_is_not_shown_by_what_it_showed_before() {
    let w = world("").await;
    w.fill().await;
    let (actor, action, object) = ("U1".to_owned(), "source.pause".to_owned(), "forum".to_owned());
    let audit = AuditEntry { at: NOW, actor, action, object, detail: String::new() };
    w.shell.store.pause_source(&"forum".into(), true, &audit).await.unwrap();
    let page = w.get("/").await.body;
    let row = page.split("<tr>").find(|row| row.contains(">forum<")).unwrap();
    assert!(row.contains("<span class=\"tag warn\">已暂停</span>"), "{row}");
    assert!(!row.contains("有内容") && !row.contains("看不到"), "{row}");
}

#[tokio::test]
async fn the_page_needs_no_script_and_nothing_from_elsewhere() {
    let w = world("").await;
    w.fill().await;
    let page = w.get("/").await.body;
    for word in ["<script", "style=", "http://", "https://", "onclick", "<img"] {
        assert!(!page.contains(word), "{word} stands on the page");
    }
    assert!(!w.get("/style.css").await.body.contains("url("));
}

#[tokio::test]
async fn an_empty_installation_says_so() {
    let w = world("").await;
    let page = w.get("/?lang=en").await.body;
    assert!(page.contains("No process has signed in.") && page.contains("no scan has ended yet"), "{page}");
}
