//! Users: invited and shut out by an admin.

use crate::world::world;

#[tokio::test]
async fn an_admin_invites_an_editor_and_nobody_whose_role_opens_cases() {
    let w = world().await;
    let admin = w.client("admin").await;
    for form in ["employee=XH0002", "employee=XH0010&roles=admin", "roles=leak", "roles=manager:XH", "roles=auditor"] {
        let refused = admin.post("/users", &format!("login=wang.er&name=x&{form}")).await;
        assert!(refused.status == 422 && refused.body.contains("wanglou user add"), "{form}");
    }
    let answer = admin.post("/users", "login=Wang.Er&name=%E4%B8%93%E4%BA%8C&roles=list_editor").await;
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
