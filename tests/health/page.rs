//! The page as people read it.

use crate::world::world;

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
