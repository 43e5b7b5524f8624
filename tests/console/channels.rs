//! Robots of chat groups and webhooks, over real HTTP.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wanglou::clock::Clock;
use wanglou::model::case::Lane;
use wanglou::pipeline::channels::tell_channels;

use crate::world::{NOW, World, manager, world_with};

/// A service that takes messages, and answers them alike.
struct Service {
    address: String,
    heard: Arc<Mutex<Vec<(String, Value)>>>,
    answer: Arc<Mutex<&'static str>>,
}

impl Service {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let service = Self { address, heard: Arc::default(), answer: Arc::new(Mutex::new(r#"{"errcode":0}"#)) };
        let (heard, answer) = (Arc::clone(&service.heard), Arc::clone(&service.answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serve(stream, &heard, &answer).await;
            }
        });
        service
    }

    fn heard(&self) -> Vec<(String, Value)> {
        self.heard.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, heard: &Mutex<Vec<(String, Value)>>, answer: &Mutex<&'static str>) {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).await.unwrap();
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        if let Ok(body) = serde_json::from_str(body) {
            heard.lock().unwrap().push((head.to_owned(), body));
            break;
        }
    }
    let answer = *answer.lock().unwrap();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", answer.len());
    stream.write_all(format!("{head}{answer}").as_bytes()).await.unwrap();
}

fn secret(folder: &Path, name: &str, line: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, line).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path.display().to_string()
}

/// An installation with one channel for two lanes.
async fn with_channel(service: &Service, clock: &Clock, kind: &str, files: &Path) -> World {
    let url = secret(files, "url", &format!("http://{}/send?key=k", service.address));
    let sign = secret(files, "secret", "whsec_c2VjcmV0");
    let settings = format!(
        "[fetch]\nallow_private = ['{}']\n[[chat]]\nname = 'one'\nkind = '{kind}'\nurl_file = '{url}'\n\
         secret_file = '{sign}'\nlanes = ['manager:XH', 'legal']",
        service.address
    );
    let w = world_with(clock.clone(), &settings).await;
    assert_eq!(w.shell.troubles, Vec::<String>::new());
    tell(&w).await;
    w
}

async fn tell(w: &World) -> usize {
    tell_channels(&w.shell, &w.shell.world()).await.unwrap()
}

#[tokio::test]
async fn a_robot_hears_once_of_a_new_case_in_its_lanes_and_of_nobody() {
    let (service, files) = (Service::start().await, tempfile::tempdir().unwrap());
    let w = with_channel(&service, &Clock::standing_at(NOW), "wecom", files.path()).await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    w.file("leaking", "星河乙", Lane::Leak).await;
    w.file("other", "云舟丙", manager("YZ")).await;
    assert_eq!((tell(&w).await, tell(&w).await), (1, 0));
    let heard = service.heard();
    let text = heard[0].1["text"]["content"].as_str().unwrap();
    assert!(heard.len() == 1 && text.starts_with("您有1条待核实线索 · 高 · 请于11月24日"), "{text}");
    assert!(text.ends_with(&format!("http://watch.example/cases/{number}")), "{text}");
    assert!(!text.contains("星河甲") && !text.contains("acc") && !text.contains("XH0021"));
    w.client("xh0002").await.post(&format!("/cases/{number}/decide"), "as=same_name").await;
    assert_eq!(tell(&w).await, 0, "what is done needs nobody");
}

#[tokio::test]
async fn a_robot_says_nothing_of_a_case_about_somebody_who_perhaps_reads_it() {
    let (service, files) = (Service::start().await, tempfile::tempdir().unwrap());
    let w = with_channel(&service, &Clock::standing_at(NOW), "wecom", files.path()).await;
    w.file_about("acc", "星河甲", manager("XH"), "XH0003").await;
    assert_eq!((tell(&w).await, service.heard().len()), (0, 0), "the deputy sits in the group");
}

#[tokio::test]
async fn what_a_robot_refuses_is_tried_again_later_and_nothing_is_lost() {
    let (service, files, clock) = (Service::start().await, tempfile::tempdir().unwrap(), Clock::standing_at(NOW));
    let w = with_channel(&service, &clock, "wecom", files.path()).await;
    *service.answer.lock().unwrap() = r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#;
    w.file("a", "星河甲", manager("XH")).await;
    w.file("b", "星河乙", Lane::Legal).await;
    assert_eq!((tell(&w).await, tell(&w).await, service.heard().len()), (0, 0, 1), "it rests before it tries again");
    let state = w.shell.store.channel_state("one").await.unwrap().unwrap();
    assert_eq!(state.last_error.as_deref(), Some("the service refuses with 45009"));
    *service.answer.lock().unwrap() = r#"{"errcode":0}"#;
    clock.advance_ms(60_000);
    assert_eq!((tell(&w).await, tell(&w).await), (2, 0));
}

#[tokio::test]
async fn a_program_hears_signed_of_every_change() {
    let (service, files) = (Service::start().await, tempfile::tempdir().unwrap());
    let w = with_channel(&service, &Clock::standing_at(NOW), "webhook", files.path()).await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    w.client("xh0002").await.post(&format!("/cases/{number}/decide"), "as=same_name").await;
    assert_eq!(tell(&w).await, 2);
    let heard = service.heard();
    let types: Vec<&str> = heard.iter().filter_map(|(_, body)| body["type"].as_str()).collect();
    assert_eq!(types, ["case.opened", "case.closed"]);
    assert_eq!(heard[0].1["data"]["number"], number.as_str());
    assert!(heard[0].0.contains("webhook-signature: v1,") && heard[0].0.contains("webhook-id: wanglou-"));
}

#[tokio::test]
async fn a_channel_whose_secret_others_may_read_is_left_out_and_said() {
    let (service, files) = (Service::start().await, tempfile::tempdir().unwrap());
    let url = secret(files.path(), "url", &format!("http://{}/send", service.address));
    std::fs::set_permissions(&url, std::fs::Permissions::from_mode(0o644)).unwrap();
    let settings = format!("[[chat]]\nname = 'one'\nkind = 'wecom'\nurl_file = '{url}'\nlanes = ['legal']");
    let w = world_with(Clock::standing_at(NOW), &settings).await;
    assert!(w.shell.channels.is_empty() && w.shell.troubles[0].contains("chmod 600"), "{:?}", w.shell.troubles);
}
