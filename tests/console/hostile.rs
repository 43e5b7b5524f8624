//! What hostile visitors and hostile data try.

use crate::http::{ask, raw};
use crate::world::{manager, world};

#[tokio::test]
async fn a_link_of_an_account_is_shown_but_never_script() {
    let w = world().await;
    let case = w.file("x", "星河", manager("XH")).await;
    let page = w.client("xh0002").await.get(&format!("/cases/{case}")).await.body;
    assert!(page.contains("rel=\"noopener noreferrer nofollow\"") && !page.contains("href=\"javascript"));
}

#[tokio::test]
async fn cells_of_an_export_are_no_formulas() {
    let w = world().await;
    for handle in ["=HYPERLINK(1)", "+1+1", "-1+1", "@SUM(1)", "\t=1"] {
        w.file(handle, "星河", manager("XH")).await;
    }
    let csv = w.client("xh0002").await.get("/cases.csv").await.body;
    for cell in csv.split([',', '\n']) {
        assert!(!cell.trim_start_matches('"').starts_with(['=', '+', '-', '@', '\t']), "{cell}");
    }
}

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let w = world().await;
    let number = w.file("acc", "星河", manager("XH")).await;
    let client = w.client("xh0002").await;
    let path = format!("/cases/{number}/decide");
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let good = format!("form_token={}&as=false_alarm", client.form_token);
    for (headers, body) in [
        (form.to_owned(), "as=false_alarm".to_owned()),
        (form.to_owned(), "form_token=&as=false_alarm".to_owned()),
        (form.to_owned(), "form_token=guess&as=false_alarm".to_owned()),
        (format!("{form}Origin: https://evil.example\r\n"), good.clone()),
        (format!("{form}Origin: null\r\n"), good.clone()),
        (format!("{form}Sec-Fetch-Site: cross-site\r\n"), good.clone()),
    ] {
        let answer = client.send("POST", &path, &headers, &body).await;
        assert_eq!(answer.status, 403, "{headers}{body}");
    }
    let other = w.client("xh0009").await;
    let borrowed = format!("form_token={}&as=false_alarm", other.form_token);
    assert_eq!(client.send("POST", &path, form, &borrowed).await.status, 403, "the token of another session");
    assert_eq!(client.get(&path).await.status, 405, "to look changes nothing");
    assert!(client.get("/cases").await.body.contains(&number));
}

#[tokio::test]
async fn every_answer_says_what_browsers_may_do_with_it() {
    let w = world().await;
    let client = w.client("xh0002").await;
    for path in ["/", "/cases", "/sign-in", "/console.js", "/nothing"] {
        let head = client.get(path).await.head;
        for line in [
            "content-security-policy: default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'",
            "x-content-type-options: nosniff",
            "x-frame-options: deny",
            "referrer-policy: same-origin",
            "cache-control: no-store",
        ] {
            assert!(head.contains(line), "{path}: {head}");
        }
    }
    let page = client.get("/cases").await.body;
    for word in ["style=", "onclick", "http://", "https://", "<script>"] {
        assert!(!page.contains(word), "{word}");
    }
}

#[tokio::test]
async fn paths_and_bodies_out_of_bounds_are_refused() {
    let w = world().await;
    let client = w.client("xh0002").await;
    for path in
        ["/cases/..%2f..%2fetc%2fpasswd", "/cases/%00", "/../../etc/passwd", "/cases/XS-1/evidence/..%2f..%2fkey"]
    {
        assert_eq!(client.get(path).await.status, 404, "{path}");
    }
    let huge = format!("as={}", "x".repeat(80 << 10));
    let answer = client.post("/cases/decide", &huge).await;
    assert!(answer.status >= 400, "{}", answer.status);
}

#[tokio::test]
async fn another_host_s_name_is_refused() {
    let w = world().await;
    for (host, status) in [("evil.example", 421), ("watch.example", 200), ("localhost", 200)] {
        let answer = raw(w.address(), &format!("GET /sign-in HTTP/1.1\r\nHost: {host}\r\n\r\n")).await;
        assert_eq!(answer.status, status, "{host}");
    }
    assert_eq!(ask(w.address(), "GET", "/sign-in").await.status, 200);
}
