//! Links to work groups, attestations and self-inspections.

use wanglou::model::alert::AlertKind;
use wanglou::model::audit::AuditEntry;
use wanglou::model::case::Lane;
use wanglou::model::ids::{EmployeeId, GroupId};
use wanglou::model::self_inspection::Campaign;
use wanglou::store::{AlertRequest, DigestRequest, Outgoing, ReturnedKind, ReturnedMail};

use crate::world::{NOW, world};

fn audit(action: &str) -> AuditEntry {
    let (actor, action, object) = ("XH1".into(), action.into(), "G1".into());
    AuditEntry { at: NOW, actor, action, object, detail: String::new() }
}

fn asked() -> Vec<(GroupId, EmployeeId)> {
    vec![("G1".into(), "XH1".into()), ("G2".into(), "XH2".into())]
}

#[tokio::test]
async fn a_link_to_work_groups_holds_until_its_end_and_is_forgotten_then() {
    let w = world().await;
    w.store.add_group_link("a link", &"XH1".into(), NOW.plus_days(7)).await.unwrap();
    for _ in 0..2 {
        assert_eq!(w.store.group_link("a link", NOW).await.unwrap(), Some("XH1".into()), "it is used many times");
    }
    assert_eq!(w.store.group_link("a link", NOW.plus_days(7)).await.unwrap(), None);
    assert_eq!(w.store.group_link("another", NOW).await.unwrap(), None);
    w.store.purge_links(NOW.plus_days(7)).await.unwrap();
    assert_eq!(w.store.group_link("a link", NOW).await.unwrap(), None);
}

#[tokio::test]
async fn a_month_is_asked_once_and_attested_once() {
    let w = world().await;
    assert_eq!(w.store.ask_attestations(&asked(), "2026-11", NOW).await.unwrap(), 2);
    assert_eq!(w.store.ask_attestations(&asked(), "2026-11", NOW.plus_days(7)).await.unwrap(), 0);
    let line = audit("group.attest");
    let groups = ["G1".into(), "G9".into()];
    assert_eq!(w.store.attest(&groups, "2026-11", &[line], NOW.plus_days(1)).await.unwrap(), 1, "G9 was not asked");
    assert_eq!(w.store.attest(&groups, "2026-11", &[], NOW.plus_days(2)).await.unwrap(), 0);
    let all = w.store.attestations("2026-11").await.unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!((all[0].attested_at, all[1].attested_at), (Some(NOW.plus_days(1)), None));
    assert_eq!(w.store.attestations_of(&"G2".into(), "2026-11").await.unwrap(), all[1..]);
    assert_eq!(w.store.attestations("2026-12").await.unwrap(), []);
    assert_eq!(w.store.purge_attestations(NOW.plus_days(1)).await.unwrap(), 2);
}

#[tokio::test]
async fn members_are_listed_once_a_year_written_to_and_confirm_once() {
    let w = world().await;
    let (members, later) = (["XH1".into(), "XH2".into()], NOW.plus_days(1));
    assert_eq!(w.store.last_member_round(later).await.unwrap(), None);
    assert_eq!(w.store.list_members(2026, &members, NOW).await.unwrap(), 2);
    assert_eq!(w.store.list_members(2026, &members, later).await.unwrap(), 0);
    assert_eq!(w.store.last_member_round(NOW.plus_days(-1)).await.unwrap(), None);
    let note = || async { w.store.note_member_letters(2026, "members:2026", "members-again:2026").await.unwrap() };
    for occasion in ["members:2026", "members-again:2026"] {
        let (kind, lane) = (AlertKind::Groups, Lane::None);
        let request = AlertRequest { kind, recipient: members[0].clone(), lane, due_at: NOW };
        let digest = DigestRequest { request, cases: Vec::new(), occasion: occasion.into() };
        w.store.queue_digest(&digest, NOW).await.unwrap();
    }
    note().await;
    let waiting = w.store.member_attestation(&members[0]).await.unwrap().unwrap();
    assert_eq!((waiting.asked_at, waiting.reminded_at), (None, None), "the letters are still here");
    for alert in w.store.claim_alerts(NOW, "a", 60_000, 9).await.unwrap() {
        w.store.settle_alert(&alert.id, "a", &Outgoing::Sent, NOW).await.unwrap();
    }
    note().await;
    let asked = w.store.latest_alerts(9).await.unwrap().pop().unwrap();
    let mail = ReturnedMail {
        name_sha256: "back".into(),
        kind: ReturnedKind::Failed,
        alert: Some(asked.id),
        status: String::new(),
        read_at: later,
    };
    assert!(w.store.note_returned_mail(&mail).await.unwrap());
    note().await;
    assert_eq!(w.store.member_attestation(&members[0]).await.unwrap().unwrap().returned_at, Some(NOW));
    let line = audit("duties.attest");
    assert!(w.store.attest_member(2026, &members[0], "1", &line).await.unwrap());
    assert!(!w.store.attest_member(2026, &members[0], "2", &line).await.unwrap(), "the first confirmation stays");
    assert!(!w.store.attest_member(2026, &"XH9".into(), "1", &line).await.unwrap(), "XH9 was not asked");
    let all = w.store.member_attestations(2026).await.unwrap();
    let [one, other] = &all[..] else { panic!("{all:?}") };
    assert_eq!((one.asked_at, one.reminded_at, one.attested_at), (Some(NOW), Some(NOW), Some(NOW)));
    assert_eq!((one.text_version.as_deref(), other.asked_at), (Some("1"), None));
    w.store.list_members(2027, &members[..1], later).await.unwrap();
    assert_eq!(w.store.member_attestation(&members[0]).await.unwrap().unwrap().year, 2027);
    assert_eq!(w.store.last_member_round(later).await.unwrap(), Some(2027));
    assert_eq!(w.store.purge_attestations(later).await.unwrap(), 2, "as long as those of owners");
    assert_eq!(w.store.member_attestation(&members[1]).await.unwrap(), None);
}

#[tokio::test]
async fn a_round_of_more_members_than_one_statement_takes_is_listed_whole() {
    let w = world().await;
    let members: Vec<_> = (0..601).map(|number| format!("XH{number}").as_str().into()).collect();
    assert_eq!(w.store.list_members(2026, &members, NOW).await.unwrap(), 601);
    assert_eq!(w.store.member_attestations(2026).await.unwrap().len(), 601);
}

#[tokio::test]
async fn a_self_inspection_is_confirmed_rectified_and_closed_once() {
    let w = world().await;
    let campaign = Campaign {
        id: "c1".into(),
        company: "XH".into(),
        title: "自查".into(),
        announced_at: NOW,
        due_on: "2026-11-30".parse().unwrap(),
        closed_at: None,
    };
    let line = audit("campaign.confirm");
    w.store.announce_campaign(&campaign, &asked(), &line).await.unwrap();
    assert_eq!(w.store.campaigns().await.unwrap(), std::slice::from_ref(&campaign));
    let (id, group) = (&campaign.id, &"G1".into());
    assert!(!w.store.rectify_inspection(id, group, NOW).await.unwrap(), "nobody has looked it through yet");
    assert!(w.store.confirm_inspection(id, group, 3, &line).await.unwrap());
    assert!(!w.store.confirm_inspection(id, group, 0, &line).await.unwrap());
    assert!(w.store.rectify_inspection(id, group, NOW.plus_days(1)).await.unwrap());
    assert!(!w.store.rectify_inspection(id, group, NOW.plus_days(2)).await.unwrap());
    let all = w.store.inspections(id).await.unwrap();
    assert_eq!((all[0].findings, all[0].rectified_at, all[1].confirmed_at), (3, Some(NOW.plus_days(1)), None));
    assert!(w.store.close_campaign(id, &line).await.unwrap());
    assert!(!w.store.close_campaign(id, &line).await.unwrap());
    w.store.purge_attestations(NOW.plus_days(9)).await.unwrap();
    assert_eq!(w.store.campaigns().await.unwrap(), []);
    assert_eq!(w.store.inspections(id).await.unwrap(), []);
}
