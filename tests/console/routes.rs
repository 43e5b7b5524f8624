//! Every address of the console, read from its source, as every role of two companies: who is let in, and that no form without the
//! session's token changes anything.

use std::collections::BTreeMap;

use crate::groups_world::{add_groups, link};
use crate::http::Answer;
use crate::world::{Client, SOURCES, World, manager, world, world_watching};

const ADMIN: &str = "admin";
const ALL: &str = "admin editor xh0002 xh0003 yz0002 xh0009 xh0010 xh0011 xh0012 clerk xh0022";
/// Those who see cases, and those who decide some.
const READERS: &str = "xh0002 xh0003 yz0002 xh0009 xh0010 xh0011 xh0012";
const DECIDERS: &str = "xh0002 xh0003 yz0002 xh0009 xh0010 xh0011";
/// Those who see the case and the group of the one company, and those who work on them.
const OF_XH: &str = "xh0002 xh0003 xh0009 xh0012";
const IN_CHARGE: &str = "xh0002 xh0003 xh0009";
const KEEPERS: &str = "xh0002 xh0003 yz0002 xh0009";
const GROUP_READERS: &str = "xh0002 xh0003 yz0002 xh0009 xh0012";
const LEDGER_READERS: &str = "editor xh0002 xh0003 yz0002 xh0009 xh0010 xh0011 xh0012";
const EDITORS: &str = "editor xh0009";
const OF_TOPICS: &str = "xh0010 xh0011";
const CLERKS: &str = "clerk xh0009";
const SOURCE_KEEPERS: &str = "admin xh0009";

/// An address, and the logins that are let in; everybody else is told that there is no such page.
const ROUTES: &[(&str, &str)] = &[
    ("GET /", ALL),
    ("GET /help", ALL),
    ("GET /cases", READERS),
    ("GET /cases.csv", READERS),
    ("GET /cases.xlsx", READERS),
    ("POST /cases/decide", DECIDERS),
    ("GET /cases/new", DECIDERS),
    ("POST /cases/new", DECIDERS),
    ("GET /cases/views", READERS),
    ("POST /cases/views", READERS),
    ("GET /cases/{number}", OF_XH),
    ("POST /cases/{number}/decide", IN_CHARGE),
    ("POST /cases/{number}/reopen", IN_CHARGE),
    ("GET /cases/{number}/evidence/{hash}", OF_XH),
    ("GET /cases/{number}/evidence/{hash}/bytes", OF_XH),
    ("POST /cases/{number}/notes", IN_CHARGE),
    ("GET /cases/{number}/inquiry", IN_CHARGE),
    ("GET /cases/{number}/evidence.zip", OF_XH),
    ("GET /cases/{number}/complaint.zip", ""),
    ("GET /ledgers", "admin editor xh0002 xh0003 yz0002 xh0009 xh0010 xh0011 xh0012"),
    ("GET /ledgers/{name}", LEDGER_READERS),
    ("GET /ledgers/{name}/workbook", LEDGER_READERS),
    ("GET /ledgers/{name}/line", EDITORS),
    ("POST /ledgers/{name}/line", EDITORS),
    ("POST /ledgers/{name}/remove", EDITORS),
    ("GET /ledgers/{name}/proposals/{token}", EDITORS),
    ("POST /ledgers/{name}/proposals/{token}", EDITORS),
    ("GET /ledgers/protected_topics/changes", LEDGER_READERS),
    ("POST /ledgers/protected_topics/changes/{id}/approve", OF_TOPICS),
    ("POST /ledgers/protected_topics/changes/{id}/refuse", OF_TOPICS),
    ("POST /ledgers/protected_topics/changes/{id}/withdraw", OF_TOPICS),
    ("GET /ledgers/{name}/columns/{token}", EDITORS),
    ("POST /ledgers/{name}/columns/{token}", EDITORS),
    ("POST /ledgers/{name}/file", EDITORS),
    ("POST /ledgers/brand_marks/pictures", EDITORS),
    ("GET /requests", CLERKS),
    ("POST /requests", CLERKS),
    ("GET /requests/notice", CLERKS),
    ("POST /requests/notice", CLERKS),
    ("GET /requests/notice.txt", CLERKS),
    ("GET /requests/{number}", CLERKS),
    ("POST /requests/{number}/answer", CLERKS),
    ("GET /requests/{number}/letter.txt", CLERKS),
    ("GET /requests/{number}/records.csv", CLERKS),
    ("GET /requests/{number}/records.xlsx", CLERKS),
    ("GET /exemption-requests", "xh0002 xh0003 yz0002 xh0009 xh0010 xh0011 xh0012 xh0022"),
    ("POST /exemption-requests", "xh0002 xh0003 yz0002 xh0009 xh0010 xh0011 xh0012 xh0022"),
    ("GET /exemption-requests/{number}", "xh0002 xh0003 xh0009 xh0012 xh0022"),
    ("GET /retention", "admin clerk xh0009 xh0012"),
    ("GET /groups", GROUP_READERS),
    ("POST /groups/link", KEEPERS),
    ("GET /groups/leavers", KEEPERS),
    ("GET /groups/campaigns", KEEPERS),
    ("POST /groups/campaigns", IN_CHARGE),
    ("GET /groups/campaigns/{campaign}", IN_CHARGE),
    ("POST /groups/campaigns/{campaign}", IN_CHARGE),
    ("GET /groups/duties", GROUP_READERS),
    ("GET /groups/new", KEEPERS),
    ("POST /groups/new", IN_CHARGE),
    ("GET /groups/external", GROUP_READERS),
    ("POST /groups/external", IN_CHARGE),
    ("GET /groups/{id}", OF_XH),
    ("POST /groups/{id}/remark", IN_CHARGE),
    ("POST /groups/{id}/edit", IN_CHARGE),
    ("GET /groups/{id}/roster", IN_CHARGE),
    ("POST /groups/{id}/roster", IN_CHARGE),
    ("GET /groups/{id}/roster/{upload}", IN_CHARGE),
    ("POST /groups/{id}/roster/{upload}", IN_CHARGE),
    ("GET /sources", "admin editor xh0002 xh0003 yz0002 xh0009 xh0010 xh0011 xh0012"),
    ("GET /sources/files", SOURCE_KEEPERS),
    ("POST /sources/files", SOURCE_KEEPERS),
    ("GET /sources/{id}", SOURCE_KEEPERS),
    ("POST /sources/{id}/pause", SOURCE_KEEPERS),
    ("POST /sources/{id}/resume", SOURCE_KEEPERS),
    ("POST /sources/{id}/try", SOURCE_KEEPERS),
    ("GET /reports", GROUP_READERS),
    ("GET /reports/file", OF_XH),
    ("GET /calibration", "admin xh0009 xh0012"),
    ("GET /settings/calendar", "admin editor xh0002 xh0003 yz0002 xh0009 xh0012"),
    ("GET /audit", "xh0012"),
    ("GET /audit.csv", "xh0012"),
    ("GET /audit.xlsx", "xh0012"),
    ("GET /users", ADMIN),
    ("POST /users", ADMIN),
    ("POST /users/{login}/invite", ADMIN),
    ("POST /users/{login}/disable", ADMIN),
    ("GET /settings", ALL),
    ("POST /settings/language", ALL),
    ("GET /settings/mail", ADMIN),
    ("POST /settings/mail/test", ADMIN),
    ("POST /settings/password", ALL),
    ("GET /settings/second-factor", ALL),
    ("POST /settings/second-factor", ALL),
    ("POST /settings/second-factor/remove", ALL),
];

/// Addresses that ask for no session, or whose answer depends on more than a role, and the test that asks them.
const ELSEWHERE: &[(&str, &str)] = &[
    (
        "POST /exemption-requests/{number}/check",
        "an_application_is_checked_decided_and_its_letter_read_by_those_alone_who_may",
    ),
    (
        "POST /exemption-requests/{number}/approve",
        "an_application_is_checked_decided_and_its_letter_read_by_those_alone_who_may",
    ),
    (
        "POST /exemption-requests/{number}/refuse",
        "an_application_is_checked_decided_and_its_letter_read_by_those_alone_who_may",
    ),
    (
        "GET /exemption-requests/{number}/letter.txt",
        "an_application_is_checked_decided_and_its_letter_read_by_those_alone_who_may",
    ),
    ("POST /ledgers/{name}/restore", "who_only_reads_proposes_nothing"),
    ("GET /groups/duties/{company}", "how_far_it_has_got_is_seen_by_company_and_names_by_those_who_keep_the_register"),
    ("POST /cases/views/{id}/rename", "a_view_shows_its_reader_s_cases_alone_and_nobody_else_has_it"),
    ("POST /cases/views/{id}/default", "a_view_shows_its_reader_s_cases_alone_and_nobody_else_has_it"),
    ("POST /cases/views/{id}/delete", "a_view_shows_its_reader_s_cases_alone_and_nobody_else_has_it"),
    ("POST /cases/{number}/reposts/{key}/split", "whoever_decides_a_case_takes_a_repost_out_of_it_and_it_stays_out"),
    (
        "GET /cases/{number}/evidence/{hash}/picture",
        "what_a_colleague_saw_becomes_a_case_with_the_screenshot_as_evidence",
    ),
    (
        "GET /ledgers/brand_marks/pictures/{file}",
        "a_picture_of_a_mark_is_handed_in_entered_under_a_name_of_ours_and_shown_to_who_sees_the_ledger",
    ),
    ("GET /sources/files/proposals/{token}", "of_two_editors_the_second_sees_the_conflict_and_writes_nothing"),
    ("POST /sources/files/proposals/{token}", "of_two_editors_the_second_sees_the_conflict_and_writes_nothing"),
    ("GET /sources/files/{kind}/{name}", "only_who_controls_sources_sees_or_adds_files_of_them"),
    ("POST /sources/files/{kind}/{name}/remove", "only_who_controls_sources_sees_or_adds_files_of_them"),
    ("POST /sources/files/{kind}/{name}/restore", "only_who_controls_sources_sees_or_adds_files_of_them"),
    ("GET /sources/live", "a_page_that_stays_open_is_told_how_sources_stand_and_few_are_told_at_once"),
    ("GET /api/v1/openapi.json", "the_description_names_every_address_and_what_comes_from_it"),
    ("GET /api/v1/cases", "a_program_sees_what_its_user_sees_and_nothing_else"),
    ("GET /api/v1/cases/{number}", "a_program_sees_what_its_user_sees_and_nothing_else"),
    ("POST /api/v1/cases/{number}/decision", "a_token_is_needed_and_does_what_its_scopes_say"),
    ("DELETE /api/v1/cases/{number}/decision", "a_token_is_needed_and_does_what_its_scopes_say"),
    ("GET /letters/{token}", "a_link_holds_for_seven_days_and_as_long_as_its_reader_is_in_charge"),
    ("POST /letters/{token}", "another_site_cannot_use_a_link_and_erasing_asks_twice"),
    (
        "GET /letters/exemptions/{token}",
        "an_application_is_approved_by_the_link_of_its_letter_once_and_the_account_is_silent",
    ),
    (
        "POST /letters/exemptions/{token}",
        "an_application_is_approved_by_the_link_of_its_letter_once_and_the_account_is_silent",
    ),
    ("GET /sign-in", "whoever_is_not_signed_in_is_led_to_the_door_and_back"),
    ("POST /sign-in", "signing_in_gives_a_token_of_its_own_whatever_the_cookie_was"),
    ("GET /sign-in/provider", "whom_the_provider_vouches_for_comes_in_if_invited_and_nobody_else_does"),
    ("GET /sign-in/provider/return", "whom_the_provider_vouches_for_comes_in_if_invited_and_nobody_else_does"),
    ("GET /sign-in/code", "with_a_second_factor_the_password_alone_opens_nothing_and_a_code_opens_once"),
    ("POST /sign-in/code", "with_a_second_factor_the_password_alone_opens_nothing_and_a_code_opens_once"),
    ("POST /sign-out", "a_session_ends_by_signing_out_by_time_and_with_the_user"),
    ("GET /invitation/{token}", "an_invitation_ends_after_its_days"),
    ("POST /invitation/{token}", "the_first_user_comes_in_by_a_link_that_is_given_once"),
    ("GET /style.css", "every_answer_says_what_browsers_may_do_with_it"),
    ("GET /console.css", "every_answer_says_what_browsers_may_do_with_it"),
    ("GET /console.js", "every_answer_says_what_browsers_may_do_with_it"),
];

const SOURCES_OF_ROUTES: [&str; 2] =
    [include_str!("../../src/web/console.rs"), include_str!("../../src/web/console/groups.rs")];

/// The addresses that the source has, with their methods.
fn addresses() -> Vec<String> {
    let mut found = Vec::new();
    for source in SOURCES_OF_ROUTES {
        for call in source.split(".route(").skip(1) {
            let call = call.split("\n}").next().unwrap();
            let place = if call.starts_with("live::PLACE") { "/sources/live" } else { call.split('"').nth(1).unwrap() };
            let bases = if call.starts_with("&at(") { &["/groups", "/my-groups/{token}"][..] } else { &[""] };
            let methods = ["get", "post", "delete"].into_iter().filter(|name| call.contains(&format!("{name}(")));
            for name in methods {
                found.extend(bases.iter().map(|base| format!("{} {base}{place}", name.to_uppercase())));
            }
        }
    }
    found
}

/// Addresses under the personal link of a letter, where the link is the proof and no session counts.
fn under_links() -> Vec<String> {
    addresses().into_iter().filter(|address| address.contains("/my-groups/")).collect()
}

/// A world in which every address has something to answer with; what stands for each part of an address in braces.
async fn filled() -> (World, BTreeMap<&'static str, String>) {
    let w = world_watching(SOURCES, "").await;
    add_groups(&w);
    let case = w.file("acc", "星河甲", manager("XH")).await;
    let id = w.shell.store.case_by_number(&case).await.unwrap().unwrap().id;
    let hash = w.shell.store.evidence_of_case(&id).await.unwrap()[0].sha256.to_string();
    (w, BTreeMap::from([("case", case), ("hash", hash)]))
}

/// What is asked for: an address with its parts filled in.
fn place(address: &str, parts: &BTreeMap<&str, String>) -> String {
    let (_, path) = address.split_once(' ').unwrap();
    let number = match path {
        path if path.starts_with("/cases") => parts["case"].as_str(),
        path if path.starts_with("/requests") => "SQ-2611-0001",
        _ => "HM-2611-0001",
    };
    let id = if path.starts_with("/groups") { "G901" } else { "luntan" };
    let path = path.replace("{number}", number).replace("{hash}", &parts["hash"]).replace("{name}", "terms");
    let path = path.replace("{id}", id).replace("{kind}", "source").replace("{login}", "spare");
    let path = path.replace("{campaign}", &parts["campaign"]).replace("{token}", "none").replace("{upload}", "none");
    match path.as_str() {
        asked if asked.ends_with("/inquiry") => format!("{path}?employee=XH0021"),
        "/reports/file" => format!("{path}?form=html&company=XH"),
        _ => path,
    }
}

/// Addresses whose forms carry a file.
fn takes_file(address: &str) -> bool {
    ["/file", "/files", "/pictures", "/roster", "/cases/new"].iter().any(|end| address.ends_with(end))
}

/// What a form says beside its token: enough to be about the one company.
fn said(address: &str) -> &'static str {
    match address {
        "POST /groups/campaigns" => "&company=XH&title=A&due=2026-11-30",
        "POST /groups/new" | "POST /groups/external" => "&company=XH",
        "POST /requests/{number}/answer" => "&as=granted",
        _ => "",
    }
}

async fn ask(client: &Client<'_>, address: &str, path: &str, form_token: &str) -> Answer {
    if address.starts_with("GET ") {
        return client.get(path).await;
    }
    if takes_file(address) {
        let part = |name: &str, file: &str, text: &str| {
            format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{text}\r\n")
        };
        let token = part("form_token", "", form_token);
        let body = token + &part("file", "; filename=\"a.csv\"", "x") + "--cut--\r\n";
        return client.send("POST", path, "Content-Type: multipart/form-data; boundary=cut\r\n", &body).await;
    }
    let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
    client.send("POST", path, headers, format!("form_token={form_token}{}", said(address))).await
}

#[test]
fn every_address_of_the_source_stands_in_one_of_the_tables() {
    let known = |address: &String| {
        address.contains("/my-groups/")
            || ROUTES.iter().any(|(one, _)| one == address)
            || ELSEWHERE.iter().any(|(one, _)| one == address)
    };
    let unknown: Vec<String> = addresses().into_iter().filter(|address| !known(address)).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert!(addresses().len() > 100, "the source is read");
    let gone = ROUTES.iter().chain(ELSEWHERE).filter(|(one, _)| !addresses().iter().any(|address| address == one));
    assert_eq!(gone.count(), 0, "every line of the tables is an address");
}

#[test]
fn what_is_asked_elsewhere_is_asked_there() {
    let folders =
        ["tests/console", "tests/browser"].map(|folder| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let tests: String = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    for (address, test) in ELSEWHERE {
        assert!(tests.contains(&format!("async fn {test}(")), "{address}: there is no test {test}");
    }
}

/// Whether the form of an address carries the token of a session: those of strangers, letters and programs have their own proof.
fn is_of_session(address: &str) -> bool {
    let others = ["/letters/", "/sign-in", "/invitation/", "/api/"];
    address.starts_with("POST ") && !others.iter().any(|other| address.contains(other))
}

#[tokio::test]
async fn no_form_of_a_session_is_taken_without_its_token() {
    let (w, mut parts) = filled().await;
    parts.insert("campaign", "none".to_owned());
    let (user, other) = (w.client("xh0009").await, w.client("xh0002").await);
    let forms: Vec<&str> =
        ROUTES.iter().chain(ELSEWHERE).map(|(one, _)| *one).filter(|one| is_of_session(one)).collect();
    assert!(forms.len() > 40, "{}", forms.len());
    for address in forms {
        let path = place(address, &parts);
        for forged in ["", "guess", &other.form_token] {
            let status = ask(&user, address, &path, forged).await.status;
            assert_eq!(status, 403, "{address} with the token {forged:?}");
        }
    }
    let case = user.get(&place("GET /cases/{number}", &parts)).await.body;
    assert!(case.contains("待处理") && case.contains("还没有备注"), "nothing was changed");
}

#[tokio::test]
async fn every_address_lets_in_those_whom_the_table_names_and_nobody_else() {
    let (w, mut parts) = filled().await;
    let logins: Vec<&str> = ALL.split(' ').collect();
    let mut clients = BTreeMap::new();
    for login in &logins {
        clients.insert(*login, w.client(login).await);
    }
    w.client("spare").await;
    clients["clerk"].post("/requests", "kind=know&employee=XH0022").await;
    let apply =
        "employee=XH0022&platform=forum&handle=xh_notes&marks=%E6%98%9F%E6%B2%B3&until=2027-03-31&ownership=employee";
    let applied = clients["xh0022"].post("/exemption-requests", apply).await;
    assert_eq!(applied.status, 303, "{}", applied.body);
    let announced = clients["xh0002"].post("/groups/campaigns", "company=XH&title=A&due=2026-11-30").await;
    let campaign = announced.head.split("location: /groups/campaigns/").nth(1).and_then(|rest| rest.lines().next());
    parts.insert("campaign", campaign.unwrap_or_else(|| panic!("{}", announced.body)).to_owned());
    let mut wrong = Vec::new();
    for (address, may) in ROUTES {
        let path = place(address, &parts);
        for login in &logins {
            let client = &clients[login];
            let status = ask(client, address, &path, &client.form_token).await.status;
            let is_let_in = status < 500 && status != 404 && status != 403;
            if is_let_in != may.split(' ').any(|one| one == *login) || status >= 500 {
                wrong.push(format!("{address} as {login}: {status}"));
            }
        }
        let stranger = w.stranger();
        let status = ask(&stranger, address, &path, "guess").await.status;
        if status != 303 {
            wrong.push(format!("{address} as nobody: {status}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Everybody of [`ALL`], signed in.
async fn everybody(w: &World) -> BTreeMap<&'static str, Client<'_>> {
    let mut clients = BTreeMap::new();
    for login in ALL.split(' ') {
        clients.insert(login, w.client(login).await);
    }
    clients
}

/// A new application of XH0022 for an account of its own; gives its address.
async fn applied(client: &Client<'_>, handle: &str) -> String {
    let form = format!(
        "employee=XH0022&platform=forum&handle={handle}&marks=%E6%98%9F%E6%B2%B3&until=2027-03-31&ownership=employee"
    );
    let answer = client.post("/exemption-requests", &form).await;
    let place = answer.head.split("location: ").nth(1).and_then(|rest| rest.lines().next());
    let place = place.unwrap_or_else(|| panic!("{}", answer.body)).trim();
    place.replace("/hm-", "/HM-")
}

#[tokio::test]
async fn an_application_is_checked_decided_and_its_letter_read_by_those_alone_who_may() {
    let w = world().await;
    add_groups(&w);
    let clients = everybody(&w).await;
    let mut wrong = Vec::new();
    for (step, form, may) in [
        ("check", "", "xh0002 xh0003"),
        ("approve", "until=2027-03-31", "xh0009"),
        ("refuse", "reason=x", "xh0009"),
        ("letter.txt", "", "xh0002 xh0003 xh0009 xh0012 xh0022"),
    ] {
        let mut waiting = None;
        for (at, (login, client)) in clients.iter().enumerate() {
            let place = match &waiting {
                Some(place) => String::clone(place),
                None => until(&clients, step, &format!("{step}_{at}")).await,
            };
            let asked = format!("{place}/{step}");
            let status = match step {
                "letter.txt" => client.get(&asked).await.status,
                _ => client.post(&asked, form).await.status,
            };
            // Whoever decides it takes it from those who come later.
            waiting = (status != 303).then_some(place);
            let is_let_in = matches!(status, 200 | 303);
            if is_let_in != may.split(' ').any(|one| one == *login) || !(is_let_in || status == 404) {
                wrong.push(format!("{step} as {login}: {status}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// A new application that has come so far that a step can be taken.
async fn until(clients: &BTreeMap<&'static str, Client<'_>>, step: &str, handle: &str) -> String {
    let place = applied(&clients["xh0022"], handle).await;
    let before: &[(&str, &str)] = match step {
        "check" => &[],
        "letter.txt" => &[("xh0002", "check"), ("xh0009", "approve")],
        _ => &[("xh0002", "check")],
    };
    for (who, step) in before {
        let answer = clients[who].post(&format!("{place}/{step}"), "until=2027-03-31").await;
        assert_eq!(answer.status, 303, "{step}: {}", answer.body);
    }
    place
}

#[tokio::test]
async fn a_personal_link_shows_its_person_s_groups_whoever_is_signed_in_and_no_other() {
    let w = world().await;
    add_groups(&w);
    let own = link(&w, "XH0021").await;
    let mut clients: Vec<(&str, Client<'_>)> = everybody(&w).await.into_iter().collect();
    clients.push(("nobody", w.stranger()));
    let addresses = under_links();
    assert!(addresses.len() > 12, "{addresses:?}");
    let mut wrong = Vec::new();
    for address in &addresses {
        let (_, path) = address.split_once(' ').unwrap();
        let at = |base: &str, group: &str| {
            path.replace("/my-groups/{token}", base).replace("{id}", group).replace("{upload}", "none")
        };
        for (who, client) in &clients {
            let seen = ask(client, address, &at(&own, "G901"), &client.form_token).await.status;
            // What is confirmed is there once, in its self-inspection, which has a test of its own.
            if !path.ends_with("/confirm") && (seen == 404 || seen == 403 || seen >= 500) {
                wrong.push(format!("{address} as {who}: {seen}"));
            }
            if path.contains("{id}") {
                let other = ask(client, address, &at(&own, "G904"), &client.form_token).await.status;
                wrong.extend((other != 404).then(|| format!("{address} of another group as {who}: {other}")));
            }
            let guessed = ask(client, address, &at("/my-groups/guess", "G901"), &client.form_token).await;
            if guessed.status != 422 || !guessed.body.contains("链接已过期") {
                wrong.push(format!("{address} with a guess as {who}: {}", guessed.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
