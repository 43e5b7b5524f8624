//! What an admin does: users are invited and shut out, and mail is tried.

use wanglou::model::audit::AuditEntry;
use wanglou::model::user::User;

use crate::world::{NOW, world};

fn audit(action: &str) -> AuditEntry {
    AuditEntry { at: NOW, actor: "test".into(), action: action.into(), object: "u".into(), detail: String::new() }
}

#[tokio::test]
async fn an_admin_invites_an_editor_and_nobody_whose_role_opens_cases() {
    let w = world().await;
    let admin = w.client("admin").await;
    for form in ["employee=XH0002", "employee=XH0010&roles=admin", "roles=leak", "roles=manager:XH", "roles=auditor"] {
        let refused = admin.post("/users", &format!("login=wang.er&name=x&{form}")).await;
        assert!(refused.status == 422 && refused.body.contains("wanglou user add"), "{form}");
    }
    let answer = admin.post("/users", "login=Wang.Er&name=%E4%B8%93%E4%BA%8C&roles=list_editor").await;
    assert!(answer.body.contains("<td data-label=\"角色\">词表编辑</td>"), "{}", answer.body);
    assert!(answer.status == 200 && answer.body.contains("http://watch.example/invitation/"), "{}", answer.body);
    let list = admin.get("/users").await.body;
    assert!(list.contains("wang.er") && list.contains("list_editor") && !list.contains("/invitation/"));
    let again = admin.post("/users", "login=wang.er&name=x").await;
    assert!(again.status == 422 && again.body.contains("已有这个登录名"), "{}", again.body);
}

#[tokio::test]
async fn a_user_that_cannot_be_is_refused_with_the_reason() {
    let w = world().await;
    let admin = w.client("admin").await;
    for form in ["login=&name=x", "login=a%20b&name=x", "login=a&name=", "login=a&name=x&roles=root"] {
        assert_eq!(admin.post("/users", form).await.status, 422, "{form}");
    }
    assert_eq!(admin.post("/users/admin/disable", "").await.status, 422, "nobody shuts themselves out");
    assert_eq!(admin.post("/users/nobody/disable", "").await.status, 404);
}

#[tokio::test]
async fn an_admin_sees_how_mail_is_set_and_sends_a_test_letter_to_nobody_else() {
    let w = world().await;
    let admin = w.client("admin").await;
    let page = admin.get("/settings/mail").await.body;
    assert!(page.contains("写成文件") && page.contains("wanglou@localhost") && page.contains("没有您的邮箱"), "{page}");
    assert_eq!(admin.post("/settings/mail/test", "").await.status, 422, "nobody knows where to");
    assert_eq!(w.client("xh0009").await.post("/settings/mail/test", "").await.status, 404);

    let user = w.shell.store.user_by_login("admin").await.unwrap().unwrap();
    let known = User { employee: "XH0012".into(), ..user };
    w.shell.store.save_user(&known, &audit("user.save")).await.unwrap();
    assert!(admin.get("/settings").await.body.contains("/settings/mail"));
    assert!(admin.get("/settings/mail").await.body.contains("xh0012@xinghe.example"));
    let sent = admin.post("/settings/mail/test", "to=xh0009%40xinghe.example").await;
    assert!(sent.status == 200 && sent.body.contains("已写成文件"), "{}", sent.body);
    assert_eq!(admin.post("/settings/mail/test", "").await.status, 422, "one a minute");

    let letters: Vec<_> = std::fs::read_dir(w.folder.path().join("mail")).unwrap().map(|file| file.unwrap()).collect();
    assert_eq!(letters.len(), 1);
    let letter = std::fs::read_to_string(letters[0].path()).unwrap();
    assert!(letter.contains("<xh0012@xinghe.example>") && !letter.contains("xh0009"), "{letter}");
    let told = w.shell.store.audit_of("console").await.unwrap();
    let told: Vec<_> = told.iter().map(|line| (line.action.as_str(), line.detail.as_str())).collect();
    assert!(told.contains(&("mail.test", "")) && told.contains(&("mail.tested", "accepted")), "{told:?}");
}

#[tokio::test]
async fn an_admin_sees_how_many_letters_did_not_arrive_and_what_came_back() {
    let w = world().await;
    let admin = w.client("admin").await;
    let page = admin.get("/settings/mail").await.body;
    assert!(page.contains("没有送到的邮件") && page.contains("不读：服务器先收下后退回的"), "{page}");
    assert!(!page.contains("退信邮箱最近一次读取"), "no mailbox is set");
}
