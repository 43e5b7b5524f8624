//! Platform files and sources from a file: checked, shown, put in force at once, taken back; and what is refused.

use wanglou::model::added::AddedKind;
use wanglou::pipeline::shell::Shell;
use wanglou::store::SourceState;

use crate::http::Answer;
use crate::world::{Client, SECRET, SOURCES, World, world_watching};

const PLATFORM: &str = "id = \"luntan2\"\nname = \"新论坛\"\nkind = \"论坛\"\nterms = \"https://new.example/terms\"\n\
    robots_note = \"允许列表页\"\ninterval_min_s = 20\n[entry.listing]\nurl = \"{base}/new\"\neach = \"article\"\n\
    [entry.listing.post]\nurl = \"a@href\"\ntext = \"p\"\n";
const SOURCE: &str = "# 说明\n[[source]]\nid = \"xin\"\nplatform = \"luntan2\"\nname = \"新来的\"\nbase = \"https://new.example\"\nbasis = \"评估七号\"\n";

/// Sends a file the way a browser does.
async fn hand_in(client: &Client<'_>, name: &str, body: impl AsRef<[u8]>) -> Answer {
    let head = format!(
        "--b\r\nContent-Disposition: form-data; name=\"form_token\"\r\n\r\n{}\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n",
        client.form_token
    );
    let form = [head.as_bytes(), body.as_ref(), b"\r\n--b--\r\n"].concat();
    client.send("POST", "/sources/files", "Content-Type: multipart/form-data; boundary=b\r\n", form).await
}

fn place(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.head.split("location: ").nth(1).unwrap().lines().next().unwrap().to_owned()
}

/// Hands a file in and gives the page that shows it, and where that is.
async fn shown(client: &Client<'_>, body: impl AsRef<[u8]>) -> (String, String) {
    let place = place(&hand_in(client, "x.toml", body).await);
    (client.get(&place).await.body, place)
}

pub(crate) async fn add(client: &Client<'_>, body: &str) {
    let (page, place) = shown(client, body).await;
    let saved = client.post(&place, "replace=yes").await;
    assert_eq!(saved.status, 303, "{page}");
    assert!(saved.head.contains("/sources/files?done=added"), "{}", saved.head);
}

fn ids(shell: &Shell) -> Vec<String> {
    shell.sources().iter().map(|source| source.id.to_string()).collect()
}

async fn states(w: &World) -> u64 {
    w.shell.store.added_count().await.unwrap()
}

#[tokio::test]
async fn a_platform_and_its_source_are_shown_first_and_then_in_force_without_a_restart() {
    let w = world_watching(SOURCES, "").await;
    let hr = w.client("xh0009").await;
    let (page, place) = shown(&hr, PLATFORM).await;
    for words in [
        "新论坛",
        "A，无需账号",
        "最新列表 listing",
        "20 秒",
        "允许列表页",
        "每次都先读并遵守",
        "https://new.example/terms",
        "{base}/new",
        "新增",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(states(&w).await, 0, "to look changes nothing");
    assert_eq!(hr.post(&place, "").await.status, 303);
    assert!(w.shell.catalog().get(&"luntan2".into()).is_some());

    let (page, place) = shown(&hr, SOURCE).await;
    assert!(page.contains("新来的") && page.contains("评估七号") && page.contains("https://new.example"), "{page}");
    assert_eq!(hr.post(&place, "").await.status, 303);
    assert_eq!(ids(&w.shell), ["luntan", "wenda", "xin"]);
    assert!(hr.get("/sources/xin").await.body.contains("新来的"));
    assert!(hr.get("/sources/files?done=added").await.body.contains("立即生效"));
    let audit = w.client("xh0012").await.get("/audit").await.body;
    assert!(
        audit.contains("source.add") && audit.contains("source/xin") && audit.contains("platform/luntan2"),
        "{audit}"
    );
    assert_eq!(hr.post(&place, "").await.status, 422, "what was saved waits no more");
}

#[tokio::test]
async fn another_process_of_the_same_database_follows_and_so_does_the_next_start() {
    let w = world_watching(SOURCES, "").await;
    let other = Shell::open(w.shell.config.clone(), w.shell.clock.clone()).await.unwrap();
    let hr = w.client("xh0009").await;
    add(&hr, PLATFORM).await;
    add(&hr, SOURCE).await;
    assert_eq!(ids(&other), ["luntan", "wenda"]);
    assert!(other.refresh_sites().await.unwrap() && !other.refresh_sites().await.unwrap());
    assert_eq!(ids(&other), ["luntan", "wenda", "xin"]);
    let later = Shell::open(w.shell.config.clone(), w.shell.clock.clone()).await.unwrap();
    assert_eq!((ids(&later), later.troubles.len()), (ids(&other), 0));
}

#[tokio::test]
async fn what_the_folder_has_under_the_same_name_goes_first_and_is_named() {
    let w = world_watching(SOURCES, "").await;
    let hr = w.client("xh0009").await;
    add(&hr, PLATFORM).await;
    add(&hr, SOURCE).await;
    let platforms = w.folder.path().join("platforms");
    std::fs::create_dir_all(&platforms).unwrap();
    std::fs::write(platforms.join("own.toml"), PLATFORM.replace("新论坛", "文件夹里的")).unwrap();
    let sources = format!("{SOURCES}{}", SOURCE.replace("new.example", "folder.example"));
    std::fs::write(w.folder.path().join("sources.toml"), sources).unwrap();
    let later = Shell::open(w.shell.config.clone(), w.shell.clock.clone()).await.unwrap();
    assert_eq!(later.catalog().get(&"luntan2".into()).unwrap().name(), "文件夹里的");
    assert_eq!(later.source(&"xin".into()).unwrap().base, "https://folder.example");
    let troubles = later.troubles.join("\n");
    assert!(troubles.contains("console:platform/luntan2") && troubles.contains("console:source/xin"), "{troubles}");
}

#[tokio::test]
async fn a_file_with_errors_names_their_lines_and_is_not_saved() {
    let w = world_watching(SOURCES, "").await;
    let hr = w.client("xh0009").await;
    for (file, words) in [
        (PLATFORM.replace("each", "eech"), "第9行"),
        (PLATFORM.replace("article", "a[[["), "第9行"),
        (format!("{PLATFORM}password = \"x\"\n"), "password"),
        ("id = ".to_owned(), "第1行"),
        (SOURCE.replace("https", "ftp"), "第2行"),
        (format!("{SOURCE}{}", SOURCE.trim_start_matches("# 说明\n")), "第8行（第2个来源）：`id` 重复"),
        (format!("name = \"x\"\n{SOURCE}"), "来源清单里不认识「name」"),
        ("source = 7".to_owned(), "[[source]]"),
        ("source = []".to_owned(), "1 到 100"),
        (String::new(), "id"),
    ] {
        let (page, place) = shown(&hr, &file).await;
        assert!(page.contains("有错误") && page.contains(words), "{file}: {page}");
        assert_eq!(hr.post(&place, "replace=yes").await.status, 422);
    }
    let (page, _) = shown(&hr, [0xff, 0xfe, 0x00]).await;
    assert!(page.contains("UTF-8"), "{page}");
    let (page, _) = shown(&hr, vec![b'#'; (256 << 10) + 1]).await;
    assert!(page.contains("256 KiB"), "{page}");
    let large = hand_in(&hr, "x.toml", vec![b'#'; 400 << 10]).await;
    assert!([413, 422].contains(&large.status), "{}", large.status);
    assert_eq!(states(&w).await, 0);
}

#[tokio::test]
async fn what_belongs_to_the_machine_or_is_never_visited_is_not_added_here() {
    let w = world_watching(SOURCES, "").await;
    let hr = w.client("xh0009").await;
    let source = |from: &str, to: &str| SOURCE.replace("luntan2", "discourse").replace(from, to);
    for (file, words) in [
        (source("basis = \"评估七号\"", ""), "为什么可以访问"),
        (source("xin", "luntan"), "sources.toml 里已有这个"),
        (source("xin", "files"), "不能是 files"),
        (source("xin", "../../etc/passwd"), "只用字母"),
        (source("xin", "a/b"), "只用字母"),
        (source("basis", "token = \"forum-api\"\nbasis"), "令牌"),
        (source("basis", "token_header = \"X: {token}\"\nbasis"), "令牌"),
        (source("basis", "egress = \"dmz\"\nbasis"), "出口"),
        (source("basis", "schedule = \"often\"\nbasis"), "cron"),
        (source("discourse", "nowhere"), "没有这个平台"),
        (source("discourse", "maimai"), "从不访问"),
        (source("discourse", "reddit"), "enabled = true"),
        (source("discourse", "discuz"), "fid"),
        (source("https://new.example", &format!("https://new.example/{SECRET}")), "保密词"),
        (PLATFORM.replace("luntan2", "maimai"), "从不访问"),
        (PLATFORM.replace("luntan2", "../x"), "id"),
    ] {
        let (page, place) = shown(&hr, &file).await;
        assert!(page.contains("有错误") && page.contains(words), "{file}: {page}");
        assert_eq!(hr.post(&place, "replace=yes").await.status, 422);
    }
    assert_eq!((states(&w).await, ids(&w.shell).len()), (0, 2));
}

#[tokio::test]
async fn a_name_that_is_taken_is_asked_about_and_the_difference_shown() {
    let w = world_watching(SOURCES, "").await;
    let hr = w.client("xh0009").await;
    let (page, place) = shown(&hr, PLATFORM.replace("luntan2", "discourse")).await;
    assert!(page.contains("替换内置的平台文件") && page.contains("name=\"replace\""), "{page}");
    assert_eq!(hr.post(&place, "").await.status, 422);
    assert_eq!(states(&w).await, 0);

    add(&hr, PLATFORM).await;
    let (page, _) = shown(&hr, PLATFORM).await;
    assert!(page.contains("没有可保存的") && !page.contains("保存并生效"), "{page}");
    let (page, place) = shown(&hr, PLATFORM.replace("= 20", "= 40")).await;
    assert!(page.contains("替换以前添加的") && page.contains("<code>interval_min_s = 40</code>"), "{page}");
    assert_eq!(hr.post(&place, "replace=yes").await.status, 303);
    assert_eq!(w.shell.catalog().get(&"luntan2".into()).unwrap().interval_min_s(), 40.0);
}

#[tokio::test]
async fn of_two_editors_the_second_sees_the_conflict_and_writes_nothing() {
    let w = world_watching(SOURCES, "").await;
    let (hr, admin) = (w.client("xh0009").await, w.client("admin").await);
    let (_, first) = shown(&hr, PLATFORM).await;
    let (_, second) = shown(&admin, PLATFORM.replace("新论坛", "别人的")).await;
    assert_eq!(admin.get(&first).await.status, 422, "what one person handed in is not another's to save");
    assert_eq!(hr.post(&first, "").await.status, 303);
    let refused = admin.post(&second, "replace=yes").await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert_eq!(w.shell.catalog().get(&"luntan2".into()).unwrap().name(), "新论坛");
    assert_eq!(admin.post("/sources/files/platform/luntan2/remove", "version=7").await.status, 409);
    assert_eq!(states(&w).await, 1);
}

#[tokio::test]
async fn what_was_removed_is_visited_no_more_and_can_be_brought_back() {
    let w = world_watching(SOURCES, "").await;
    let hr = w.client("xh0009").await;
    add(&hr, PLATFORM).await;
    add(&hr, SOURCE).await;
    let used = hr.post("/sources/files/platform/luntan2/remove", "version=1").await;
    assert!(used.status == 422 && used.body.contains("xin"), "{}", used.body);
    assert_eq!(hr.post("/sources/files/source/xin/remove", "version=1").await.status, 303);
    assert_eq!(ids(&w.shell), ["luntan", "wenda"]);
    assert_eq!(hr.get("/sources/xin").await.status, 404);
    assert_eq!(hr.post("/sources/files/platform/luntan2/remove", "version=1").await.status, 303);
    assert!(w.shell.catalog().get(&"luntan2".into()).is_none());
    assert_eq!(hr.post("/sources/files/source/xin/remove", "version=2").await.status, 404);

    let page = hr.get("/sources/files/source/xin").await.body;
    assert!(page.contains("已移除") && page.contains("恢复版本 1"), "{page}");
    let back = place(&hr.post("/sources/files/source/xin/restore", "version=1").await);
    assert!(hr.get(&back).await.body.contains("没有这个平台"), "its platform comes first");
    for (kind, name) in [(AddedKind::Platform, "luntan2"), (AddedKind::Source, "xin")] {
        let back = place(&hr.post(&format!("/sources/files/{}/{name}/restore", kind.word()), "version=1").await);
        assert_eq!(hr.post(&back, "").await.status, 303, "{name}");
        let states = w.shell.store.added_states(kind, name, 9).await.unwrap();
        assert_eq!(states.iter().map(|state| state.version).collect::<Vec<_>>(), [3, 2, 1]);
    }
    assert_eq!(ids(&w.shell), ["luntan", "wenda", "xin"]);
}

#[tokio::test]
async fn only_who_controls_sources_sees_or_adds_files_of_them() {
    let w = world_watching(SOURCES, "").await;
    let hr = w.client("xh0009").await;
    add(&hr, PLATFORM).await;
    assert_eq!(hr.get("/sources/files").await.status, 200);
    for (login, may) in [("admin", true), ("xh0002", false), ("editor", false), ("xh0012", false)] {
        let client = w.client(login).await;
        assert_eq!(client.get("/sources/files").await.status == 200, may, "{login}");
        assert_eq!(client.get("/sources/files/platform/luntan2").await.status == 200, may, "{login}");
        assert_eq!(client.get("/sources").await.body.contains("href=\"/sources/files\""), may, "{login}");
        assert_eq!(hand_in(&client, "x.toml", PLATFORM).await.status == 303, may, "{login}");
        for path in ["platform/none", "other/luntan2", "platform/..%2F..%2Fetc"] {
            assert_eq!(client.get(&format!("/sources/files/{path}")).await.status, 404, "{path}");
        }
        if !may {
            assert_eq!(client.post("/sources/files/platform/luntan2/remove", "version=1").await.status, 404, "{login}");
            assert_eq!(
                client.post("/sources/files/platform/luntan2/restore", "version=1").await.status,
                404,
                "{login}"
            );
        }
    }
    assert_eq!(states(&w).await, 1);
}

#[tokio::test]
async fn words_from_a_file_are_shown_as_text_and_the_name_of_the_file_is_of_no_use() {
    let w = world_watching(SOURCES, "").await;
    let hr = w.client("xh0009").await;
    let hostile = "<script>alert(1)</script>";
    for name in ["../../../etc/passwd", "a\u{202e}lmot.exe", hostile, ""] {
        let file = PLATFORM.replace("新论坛", hostile).replace("允许列表页", "\\\"><img src=x onerror=alert(1)>");
        let page = hr.get(&place(&hand_in(&hr, name, file).await)).await.body;
        assert!(!page.contains("<script>alert") && !page.contains("<img src=x"), "{page}");
        assert!(!page.contains("etc/passwd"), "{page}");
    }
    let wrong = hr.get(&place(&hand_in(&hr, "x", format!("{hostile} = 1")).await)).await.body;
    assert!(!wrong.contains("<script>alert"), "{wrong}");
    let before: Vec<_> = std::fs::read_dir(w.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    add(&hr, PLATFORM).await;
    let after: Vec<_> = std::fs::read_dir(w.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(before, after, "nothing is written into the installation's folder");
}

/// Says of a file that it is wrong, and in which words; nothing of it is saved.
async fn refused(client: &Client<'_>, file: &str, words: &str) {
    let (page, place) = shown(client, file).await;
    assert!(page.contains("有错误") && page.contains(words), "{file}: {page}");
    assert_eq!(client.post(&place, "replace=yes").await.status, 422, "{file}");
}

#[tokio::test]
async fn what_is_added_opens_no_closed_site_asks_nothing_across_and_leads_nowhere_else() {
    let github = "[[source]]\nid='code'\nplatform='github'\nbase='https://api.github.com'\ntoken='t'\nbasis='test'\n";
    let w = world_watching(&format!("{SOURCES}{github}"), "[fetch.resolve]\n'board.example' = '10.0.0.7'").await;
    let hr = w.client("xh0009").await;
    let source = |platform: &str, base: &str| SOURCE.replace("luntan2", platform).replace("https://new.example", base);
    for (platform, base, words) in [
        ("v2ex", "https://evil.example", "只有一个网站"),
        ("discourse", "https://maimai.cn", "从不访问的平台（C 档）"),
        ("discourse", "https://old.reddit.com", "enabled = true"),
        ("discourse", "http://10.0.0.7", "内网地址"),
        ("discourse", "http://board.example", "内网地址"),
    ] {
        refused(&hr, &source(platform, base), words).await;
    }
    let head = |line: &str| format!("{line}\n{PLATFORM}");
    for (file, words) in [
        (head("base = \"https://maimai.cn\""), "换一个名字也不访问"),
        (head("accounts_of = \"v2ex\""), "accounts_of"),
        (PLATFORM.replace("luntan2", "reddit"), "不能比内置的宽"),
        (PLATFORM.replace("luntan2", "github"), "用令牌的来源"),
        (PLATFORM.replace("luntan2", "v2ex"), "`base` 要与内置的相同"),
        (PLATFORM.replace("{base}/new", "https://elsewhere.example/new"), "{base}/"),
    ] {
        refused(&hr, &file, words).await;
    }
    assert_eq!(states(&w).await, 0);
    add(&hr, &head("base = \"https://new.example\"")).await;
    refused(&hr, &head("base = \"https://evil.example\""), "换了网站的平台请用新的标识").await;
    assert_eq!(hr.post("/sources/files/platform/luntan2/remove", "version=1").await.status, 303);
    refused(&hr, &head("base = \"https://evil.example\""), "换了网站的平台请用新的标识").await;
}

#[tokio::test]
async fn of_a_confidential_expression_is_said_only_that_the_file_has_one_and_the_audit_has_every_file() {
    let w = world_watching(SOURCES, "").await;
    let hr = w.client("xh0009").await;
    let second = SOURCE.replace("luntan2", "discourse").replace("xin", "er").replace("# 说明\n", "");
    let spelled = "yunzhousanhao";
    for file in [
        format!(
            "{second}{}",
            SOURCE.replace("luntan2", "discourse").replace("new.example", &format!("new.example/{spelled}"))
        ),
        PLATFORM.replace("{base}/new", &format!("{{base}}/tag/{spelled}")),
        format!("{PLATFORM}[canary]\nentry = \"listing\"\nvalues = {{ tag = \"{SECRET}\" }}\n")
            .replace("{base}/new", "{base}/{tag}"),
    ] {
        let (page, place) = shown(&hr, &file).await;
        assert!(page.contains("文件的地址、参数或查询里有保密词"), "{page}");
        assert!(!page.contains(spelled) && !page.contains(SECRET) && !page.contains("xin"), "{page}");
        assert_eq!(hr.post(&place, "replace=yes").await.status, 422);
    }
    let audit = w.client("xh0012").await.get("/audit").await.body;
    assert!(audit.matches("source.hand_in").count() >= 3 && audit.contains("sha256 "), "{audit}");
    for _ in 0..57 {
        assert_eq!(hand_in(&hr, "x.toml", "x").await.status, 303);
    }
    assert_eq!(hand_in(&hr, "x.toml", "x").await.status, 422, "so many within an hour");
    assert_eq!(hand_in(&w.client("admin").await, "x.toml", "x").await.status, 303);
}

#[tokio::test]
async fn what_a_platform_file_changes_for_other_sources_is_shown_and_those_of_the_files_stay() {
    let w = world_watching(SOURCES, "").await;
    let hr = w.client("xh0009").await;
    let closing = |id: &str| format!("class = \"B\"\n{}", PLATFORM.replace("luntan2", id));
    refused(&hr, &closing("discuz"), "sources.toml 的来源「luntan」").await;
    add(&hr, PLATFORM).await;
    add(&hr, SOURCE).await;
    let (page, _) = shown(&hr, closing("luntan2")).await;
    assert!(page.contains("不再访问") && page.contains("<dd>xin</dd>") && !page.contains("会开始访问"), "{page}");
    add(&hr, &closing("luntan2")).await;
    assert_eq!(ids(&w.shell), ["luntan", "wenda"]);
    for page in ["/sources/files", "/sources/files/source/xin"] {
        let page = hr.get(page).await.body;
        assert!(page.contains("未生效") && page.contains("只偶尔答复陌生访客"), "{page}");
    }
    let (page, _) = shown(&hr, PLATFORM).await;
    assert!(page.contains("会开始访问") && page.contains("<dd>xin</dd>"), "{page}");
}

#[tokio::test]
async fn a_source_that_moves_to_another_site_begins_anew() {
    let w = world_watching(SOURCES, "").await;
    let hr = w.client("xh0009").await;
    add(&hr, PLATFORM).await;
    add(&hr, SOURCE).await;
    let state = SourceState { failures: 3, ..SourceState::new("xin".into()) };
    w.shell.store.save_source_state(&state).await.unwrap();
    let failures = async || w.shell.store.source_state(&"xin".into()).await.unwrap().failures;
    add(&hr, &SOURCE.replace("新来的", "改名的")).await;
    assert_eq!(failures().await, 3);
    add(&hr, &SOURCE.replace("new.example", "other.example")).await;
    assert_eq!(failures().await, 0);
}
