//! What is sent to a channel, and what its answer means.
//!
//! Robots: 企业微信「消息推送」, 钉钉「自定义机器人安全设置」 (HMAC-SHA256 over time and secret, in the address) and 飞书「自定义机器人签名校验」
//! (HMAC-SHA256 keyed with time and secret, in the body). Programs: Standard Webhooks 1.0 (`webhook-id`, `webhook-timestamp`,
//! `webhook-signature: v1,…` over `id.timestamp.body`).

use crate::chat::settings::{Channel, ChannelKind};
use crate::fetch::Call;
use crate::model::case::Lane;
use crate::model::term::Severity;
use crate::model::time::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// Prefix of a webhook's secret in base 64.
const SECRET_PREFIX: &str = "whsec_";

/// What happened to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum Happened {
    /// It was opened.
    #[serde(rename = "case.opened")]
    Opened,
    /// It was decided.
    #[serde(rename = "case.closed")]
    Closed,
    /// It was opened again.
    #[serde(rename = "case.reopened")]
    Reopened,
    /// A later look found its marks gone.
    #[serde(rename = "case.rechecked")]
    Rechecked,
}

/// What a channel may know of a case: no person, no account, no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Number of the event; the same event has the same number whenever it is sent again.
    pub id: u64,
    /// What happened.
    pub happened: Happened,
    /// When.
    pub at: Timestamp,
    /// Number of the case for people.
    pub number: String,
    /// Lane.
    pub lane: Lane,
    /// How grave.
    pub severity: Severity,
    /// Until when somebody should have looked, for people: `11月23日 18:00`.
    pub deadline: String,
    /// The same instant.
    pub due_at: Timestamp,
    /// Severity for people, in the channel's language.
    pub severity_word: String,
    /// Address of the case in the console; none where the console has no public address.
    pub link: Option<String>,
}

impl Channel {
    /// Whether the channel hears of an event. Robots are for what somebody has to look at.
    pub fn hears(&self, lane: &Lane, happened: Happened) -> bool {
        let is_news = matches!(happened, Happened::Opened | Happened::Reopened);
        self.lanes.contains(lane) && (self.kind == ChannelKind::Webhook || is_news)
    }

    /// The request that tells of an event.
    pub fn call(&self, note: &Note, now: Timestamp) -> Call {
        let text = text(note, self.language == "en");
        match self.kind {
            ChannelKind::Wecom => self.plain(json!({"msgtype": "text", "text": {"content": text}})),
            ChannelKind::Dingtalk => self.to_dingtalk(&text, now),
            ChannelKind::Feishu => self.to_feishu(&text, now),
            ChannelKind::Webhook => self.to_program(note, now),
        }
    }

    /// Whether an answer says that the message was taken; else why not, without its text.
    ///
    /// # Errors
    /// The status, or the number by which the service refuses.
    pub fn is_taken(&self, status: u16, body: &[u8]) -> Result<(), String> {
        if !(200..300).contains(&status) {
            return Err(format!("status {status}"));
        }
        let field = match self.kind {
            ChannelKind::Wecom | ChannelKind::Dingtalk => "errcode",
            ChannelKind::Feishu => "code",
            ChannelKind::Webhook => return Ok(()),
        };
        let answer: Value = serde_json::from_slice(body).unwrap_or_default();
        match answer[field].as_i64() {
            Some(0) => Ok(()),
            Some(code) => Err(format!("the service refuses with {code}")),
            None => Err("the answer is not that of such a robot".to_owned()),
        }
    }

    fn plain(&self, body: Value) -> Call {
        Call { url: self.url.clone(), headers: vec![json_header()], body: Some(body.to_string()) }
    }

    fn to_dingtalk(&self, text: &str, now: Timestamp) -> Call {
        let mut call = self.plain(json!({"msgtype": "text", "text": {"content": text}}));
        if let Some(secret) = &self.secret {
            let time = now.ms().to_string();
            let sign = signature(secret.as_bytes(), format!("{time}\n{secret}").as_bytes());
            call.url.query_pairs_mut().append_pair("timestamp", &time).append_pair("sign", &sign);
        }
        call
    }

    fn to_feishu(&self, text: &str, now: Timestamp) -> Call {
        let mut body = json!({"msg_type": "text", "content": {"text": text}});
        if let Some(secret) = &self.secret {
            let time = (now.ms() / 1000).to_string();
            body["sign"] = json!(signature(format!("{time}\n{secret}").as_bytes(), b""));
            body["timestamp"] = json!(time);
        }
        self.plain(body)
    }

    fn to_program(&self, note: &Note, now: Timestamp) -> Call {
        let body = json!({
            "type": note.happened,
            "timestamp": note.at,
            "data": {
                "number": note.number, "lane": note.lane, "severity": note.severity, "due_at": note.due_at,
                "url": note.link,
            },
        })
        .to_string();
        let (id, time) = (format!("wanglou-{}", note.id), (now.ms() / 1000).to_string());
        let secret = self.secret.as_deref().unwrap_or_default();
        let key = secret.strip_prefix(SECRET_PREFIX).and_then(|encoded| STANDARD.decode(encoded).ok());
        let key = key.unwrap_or_else(|| secret.as_bytes().to_vec());
        let sign = signature(&key, format!("{id}.{time}.{body}").as_bytes());
        let headers = vec![
            ("webhook-id", id),
            ("webhook-timestamp", time),
            ("webhook-signature", format!("v1,{sign}")),
            json_header(),
        ];
        Call { url: self.url.clone(), headers, body: Some(body) }
    }
}

/// Title, severity, until when, and where: nothing else belongs on a lock screen.
fn text(note: &Note, is_english: bool) -> String {
    let link = note.link.as_deref().map(|link| format!("\n{link}")).unwrap_or_default();
    if is_english {
        return format!("One case to verify · {} · by {}{link}", note.severity_word, note.deadline);
    }
    format!("您有1条待核实线索 · {} · 请于{}前处理{link}", note.severity_word, note.deadline)
}

fn json_header() -> (&'static str, String) {
    ("content-type", "application/json; charset=utf-8".to_owned())
}

/// HMAC-SHA256 in base 64.
fn signature(key: &[u8], message: &[u8]) -> String {
    // A key of any length is one.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(message);
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use url::Url;

    use super::{Engine, Happened, Note, STANDARD, signature};
    use crate::chat::settings::{Channel, ChannelKind};
    use crate::model::case::Lane;
    use crate::model::term::Severity;
    use crate::model::time::Timestamp;

    const NOW: Timestamp = Timestamp::from_ms(1_614_265_330_000);

    fn channel(kind: ChannelKind, secret: &str) -> Channel {
        Channel {
            name: "hr".into(),
            kind,
            lanes: vec![Lane::Manager("XH".into())],
            language: "zh-CN".into(),
            url: Url::parse("https://robot.example/send?key=k").unwrap(),
            secret: Some(secret.to_owned()).filter(|secret| !secret.is_empty()),
        }
    }

    fn note() -> Note {
        Note {
            id: 7,
            happened: Happened::Opened,
            at: NOW,
            number: "XS-2611-0031".into(),
            lane: Lane::Manager("XH".into()),
            severity: Severity::High,
            deadline: "11月23日 18:00".into(),
            due_at: NOW,
            severity_word: "高".into(),
            link: Some("https://watch.example/cases/XS-2611-0031".into()),
        }
    }

    #[test]
    fn a_robot_hears_severity_deadline_and_link() {
        let call = channel(ChannelKind::Wecom, "").call(&note(), NOW);
        let body: Value = serde_json::from_str(call.body.as_deref().unwrap()).unwrap();
        let text = "您有1条待核实线索 · 高 · 请于11月23日 18:00前处理\nhttps://watch.example/cases/XS-2611-0031";
        assert_eq!((body["msgtype"].as_str(), body["text"]["content"].as_str()), (Some("text"), Some(text)));
        assert_eq!(call.url.as_str(), "https://robot.example/send?key=k");
    }

    #[test]
    fn signatures_are_hmac_sha256_in_base_64() {
        // RFC 4231, test case 2.
        let hex = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let bytes: Vec<u8> = (0..32).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect();
        assert_eq!(signature(b"Jefe", b"what do ya want for nothing?"), STANDARD.encode(bytes));
    }

    #[test]
    fn dingtalk_is_signed_in_the_address_and_feishu_in_the_body() {
        let ding = channel(ChannelKind::Dingtalk, "SEC1").call(&note(), NOW);
        let pairs: Vec<(String, String)> = ding.url.query_pairs().into_owned().collect();
        let sign = signature(b"SEC1", b"1614265330000\nSEC1");
        assert_eq!(pairs[1..], [("timestamp".into(), "1614265330000".into()), ("sign".into(), sign)]);
        let feishu: Value =
            serde_json::from_str(&channel(ChannelKind::Feishu, "s").call(&note(), NOW).body.unwrap()).unwrap();
        assert_eq!(feishu["timestamp"], "1614265330");
        assert_eq!(feishu["sign"], signature(b"1614265330\ns", b""));
    }

    #[test]
    fn a_program_hears_of_every_change_signed_by_the_standard() {
        let call = channel(ChannelKind::Webhook, "whsec_c2VjcmV0").call(&note(), NOW);
        let sign = signature(b"secret", format!("wanglou-7.1614265330.{}", call.body.as_deref().unwrap()).as_bytes());
        assert_eq!(call.headers[2], ("webhook-signature", format!("v1,{sign}")));
        let body: Value = serde_json::from_str(call.body.as_deref().unwrap()).unwrap();
        assert_eq!((body["type"].as_str(), body["data"]["lane"].as_str()), (Some("case.opened"), Some("manager:XH")));
    }

    #[test]
    fn robots_hear_of_what_is_to_be_done_in_their_lanes_only() {
        let (robot, program) = (channel(ChannelKind::Wecom, ""), channel(ChannelKind::Webhook, "s"));
        let own = Lane::Manager("XH".into());
        assert!(robot.hears(&own, Happened::Opened) && !robot.hears(&own, Happened::Closed));
        assert!(program.hears(&own, Happened::Closed) && !program.hears(&Lane::Leak, Happened::Opened));
    }

    #[test]
    fn an_answer_is_taken_by_the_number_in_it() {
        let wecom = channel(ChannelKind::Wecom, "");
        assert_eq!(wecom.is_taken(200, br#"{"errcode":0,"errmsg":"ok"}"#), Ok(()));
        assert!(wecom.is_taken(200, br#"{"errcode":93000,"errmsg":"invalid webhook url"}"#).is_err());
        assert!(wecom.is_taken(200, b"<html>").is_err() && wecom.is_taken(502, b"").is_err());
        assert_eq!(channel(ChannelKind::Webhook, "s").is_taken(204, b""), Ok(()));
    }
}
