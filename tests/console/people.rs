//! Users: invited and shut out by an admin.

use crate::world::world;

#[tokio::test]
async fn an_admin_invites_somebody_who_then_has_the_roles_of_the_ledger() {
    let w = world().await;
    let admin = w.client("admin").await;
    let answer = admin.post("/users", "login=Wang.Er&name=%E4%B8%93%E4%BA%8C&employee=XH0002&roles=list_editor").await;
    assert!(answer.status == 200 && answer.body.contains("http://watch.example/invitation/"), "{}", answer.body);
    let list = admin.get("/users").await.body;
    assert!(list.contains("wang.er") && list.contains("list_editor manager:XH") && !list.contains("/invitation/"));
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
