//! The hash chain notices every change, and an outsider can check it.

use std::path::Path;
use std::process::{Command, Output};

use wanglou::cli::verify::{VerifyArgs, run};
use wanglou::model::audit::AuditEntry;
use wanglou::model::case::{Disposition, Lane, Outcome};
use wanglou::model::ids::CaptureHash;
use wanglou::store::{ChainProblem, Step, export, verify};

use crate::world::{NOW, World, account, manager, post, sealed_world, world};

/// Two pieces of evidence (one of them a leak) and a decision.
async fn with_three_links() -> World {
    let w = sealed_world().await;
    let (recorded, _) = w.record_with_page(account(Outcome::Alert, manager()), "a page").await;
    w.record_with_page(post(1, Outcome::Alert, Lane::Leak), "a leaking page").await;
    w.step(&recorded.case.unwrap(), Step::Close(Disposition::FalseAlarm)).await;
    w
}

async fn tamper(w: &World, sql: &'static str) -> Vec<ChainProblem> {
    w.place.run(sql).await;
    verify(&w.store, &w.vault).await.unwrap().problems
}

#[tokio::test]
async fn an_untouched_chain_is_sound() {
    let w = with_three_links().await;
    let verified = verify(&w.store, &w.vault).await.unwrap();
    assert_eq!((verified.links, verified.objects, verified.problems), (3, 2, vec![]));
    assert_eq!(verified.head, w.store.chain_head().await.unwrap());
    let bodies: String = w.store.chain_entries().await.unwrap().iter().map(|link| link.body.as_str()).collect();
    assert!(!bodies.contains("forum.example") && !bodies.contains("u1"), "no address, no handle");
}

#[tokio::test]
async fn a_changed_line_is_noticed() {
    let w = with_three_links().await;
    let problems = tamper(&w, "UPDATE chain SET body = replace(body, '200', '404') WHERE seq = 1").await;
    assert_eq!(problems, vec![ChainProblem::Changed(1)]);
}

#[tokio::test]
async fn a_removed_line_is_noticed() {
    let w = with_three_links().await;
    let problems = tamper(&w, "DELETE FROM chain WHERE seq = 2").await;
    assert!(problems.contains(&ChainProblem::Gap { expected: 2, found: 3 }));
    assert!(problems.contains(&ChainProblem::Torn(3)));
}

#[tokio::test]
async fn a_column_that_contradicts_its_line_is_noticed() {
    let w = with_three_links().await;
    assert_eq!(tamper(&w, "UPDATE chain SET at_ms = at_ms + 1 WHERE seq = 2").await, vec![ChainProblem::Changed(2)]);
}

#[tokio::test]
async fn missing_and_damaged_bytes_are_named() {
    let w = with_three_links().await;
    let hash = |body: &str| CaptureHash::new(wanglou::store::sha256_hex(body.as_bytes()));
    let (first, second) = (hash("a page"), hash("a leaking page"));
    w.spoil(&first, &zstd::encode_all(&b"another page"[..], 1).unwrap()).await;
    w.vault.remove(&second).await.unwrap();
    let mut problems = verify(&w.store, &w.vault).await.unwrap().problems;
    problems.sort_by_key(ToString::to_string);
    let (damaged, missing) =
        (ChainProblem::Damaged { seq: 1, hash: first }, ChainProblem::Missing { seq: 2, hash: second });
    let mut expected = vec![damaged, missing];
    expected.sort_by_key(ToString::to_string);
    assert_eq!(problems, expected);
}

#[tokio::test]
async fn sealed_bytes_without_the_key_are_reported_as_unchecked() {
    let w = with_three_links().await;
    let vault = crate::world::vault_of(&w.place, &w.store, None);
    let problems = verify(&w.store, &vault).await.unwrap().problems;
    assert!(matches!(problems.as_slice(), [ChainProblem::Unchecked { seq: 2, .. }]));
}

/// Runs the shell lines of `docs/evidence.md`, exactly as printed there, inside a folder.
fn lines_of_the_document(folder: &Path) -> Output {
    let document = include_str!("../../docs/evidence.md");
    let lines = document.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    Command::new("sh").arg("-c").arg(lines).current_dir(folder).output().unwrap()
}

#[tokio::test]
async fn an_outsider_checks_an_export_with_the_lines_of_the_document() {
    let w = with_three_links().await;
    let folder = w.file("export");
    let verified = export(&w.store, &w.vault, &folder).await.unwrap();

    let output = lines_of_the_document(&folder);

    let said = String::from_utf8(output.stdout).unwrap();
    let audit = w.store.verify_audit().await.unwrap().head;
    assert_eq!(said, format!("3 lines are sound; head: {}\nhead of the audit: {audit}\n", verified.head));
    assert!(output.status.success());
}

#[tokio::test]
async fn the_lines_of_the_document_notice_a_change() {
    let w = with_three_links().await;
    type Spoil = fn(&Path);
    let spoil: [(&str, Spoil); 5] = [
        ("audit", |folder| replace(&folder.join("audit.jsonl"), "case.open", "case.read")),
        ("line", |folder| replace(&folder.join("chain.jsonl"), "\"status\":200", "\"status\":404")),
        ("cut", |folder| keep_lines(&folder.join("chain.sha256"), 2)),
        ("object", |folder| {
            let object = std::fs::read_dir(folder.join("objects")).unwrap().next().unwrap().unwrap().path();
            std::fs::write(object, "forged").unwrap();
        }),
        ("stranger", |folder| std::fs::write(folder.join("objects").join("0".repeat(64)), "slipped in").unwrap()),
    ];
    for (name, spoil) in spoil {
        let folder = w.file(name);
        export(&w.store, &w.vault, &folder).await.unwrap();
        spoil(&folder);
        assert!(!lines_of_the_document(&folder).status.success(), "{name}");
    }
}

fn replace(path: &Path, old: &str, new: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    std::fs::write(path, text.replacen(old, new, 1)).unwrap();
}

fn keep_lines(path: &Path, count: usize) {
    let text = std::fs::read_to_string(path).unwrap();
    std::fs::write(path, text.lines().take(count).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
}

#[tokio::test]
async fn the_export_of_an_empty_store_is_sound_too() {
    let w = world().await;
    let folder = w.file("export");
    export(&w.store, &w.vault, &folder).await.unwrap();
    assert!(lines_of_the_document(&folder).status.success());
    assert!(export(&w.store, &w.vault, &folder).await.is_err(), "a folder that is in use is not written over");
}

#[tokio::test]
async fn the_command_tells_the_result_by_text_json_and_exit_code() {
    let w = with_three_links().await;
    let mut out = Vec::new();
    assert_eq!(run(&w.store, &w.vault, &VerifyArgs::default(), &mut out).await.unwrap(), 0);
    assert!(String::from_utf8(out).unwrap().starts_with("The evidence is sound: 3 links, 2 objects, 0 erased"));

    tamper(&w, "UPDATE chain SET body = replace(body, '200', '404') WHERE seq = 1").await;
    let folder = w.file("spoilt");
    let args = VerifyArgs { export: Some(folder.clone()), json: true };
    let mut out = Vec::new();
    assert_eq!(run(&w.store, &w.vault, &args, &mut out).await.unwrap(), 1);
    let result: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(result["problems"], serde_json::json!(["link 1 was changed after it was written"]));
    assert!(!lines_of_the_document(&folder).status.success());
}

#[tokio::test]
async fn erasure_shows_in_the_chain_and_is_no_problem() {
    let w = with_three_links().await;
    let key = wanglou::store::subject_key(&account(Outcome::Alert, manager()).subject);
    w.store.erase_subject(&w.vault, &key, "wanglou", NOW).await.unwrap();
    let verified = verify(&w.store, &w.vault).await.unwrap();
    assert_eq!((verified.links, verified.objects, verified.erased, verified.problems), (4, 1, 1, vec![]));
}

async fn tamper_audit(w: &World, sql: &'static str) -> Vec<ChainProblem> {
    w.place.run(sql).await;
    w.store.verify_audit().await.unwrap().problems
}

/// Three lines of the audit.
async fn with_three_lines() -> World {
    let w = world().await;
    for object in ["c1", "c2", "c3"] {
        let (actor, action) = ("XH0001".into(), "case.read".into());
        let entry = AuditEntry { at: NOW, actor, action, object: object.into(), detail: String::new() };
        w.store.audit(&entry).await.unwrap();
    }
    w
}

#[tokio::test]
async fn the_audit_is_a_chain_of_its_own() {
    let w = with_three_lines().await;
    let verified = w.store.verify_audit().await.unwrap();
    assert_eq!((verified.lines, verified.unlinked, verified.problems), (3, 0, vec![]));
    let lines = w.store.audit_links(0).await.unwrap();
    assert_eq!(lines[2].hash, verified.head);
    assert!(lines[0].body.starts_with(r#"{"action":"case.read","actor":"XH0001","at":"#), "{}", lines[0].body);
}

#[tokio::test]
async fn a_line_of_the_audit_that_was_changed_removed_or_put_in_is_noticed() {
    let w = with_three_lines().await;
    let changed = tamper_audit(&w, "UPDATE audit SET object = 'c9' WHERE seq = 2").await;
    assert_eq!(changed, vec![ChainProblem::Changed(2)]);
    w.place.run("UPDATE audit SET object = 'c2' WHERE seq = 2").await;
    let removed = tamper_audit(&w, "DELETE FROM audit WHERE seq = 2").await;
    assert_eq!(removed, vec![ChainProblem::Gap { expected: 2, found: 3 }, ChainProblem::Torn(3)]);
    let first = tamper_audit(&w, "DELETE FROM audit WHERE seq = 1").await;
    assert_eq!(first, vec![ChainProblem::Gap { expected: 1, found: 3 }]);
}

#[tokio::test]
async fn lines_of_the_audit_whose_time_is_over_go_without_a_hole() {
    let w = with_three_lines().await;
    let later = NOW.plus_days(1);
    assert_eq!(w.store.purge_audit(later, later).await.unwrap(), 3);
    let verified = w.store.verify_audit().await.unwrap();
    assert_eq!((verified.lines, verified.problems), (1, vec![]), "the line that says so goes on from the last one");
}

#[tokio::test]
async fn lines_that_an_older_program_wrote_are_counted_and_break_nothing() {
    let w = with_three_lines().await;
    let older = "INSERT INTO audit (id, at_ms, actor, action, object, detail) VALUES ('old', 1, 'a', 'b', 'c', '')";
    assert_eq!(tamper_audit(&w, older).await, vec![]);
    assert_eq!(w.store.verify_audit().await.unwrap().unlinked, 1);
}
