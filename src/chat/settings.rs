//! What an operator says about channels: the `[[chat]]` tables of the configuration, and the files of their secrets.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;
use url::Url;

use crate::model::case::Lane;
use crate::seal::{SecretError, keeps_secrets, read_secret};

/// What listens at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// Robot of a WeCom group (企业微信群机器人).
    Wecom,
    /// Robot of a DingTalk group (钉钉自定义机器人), signed where there is a secret.
    Dingtalk,
    /// Robot of a Feishu group (飞书自定义机器人), signed where there is a secret.
    Feishu,
    /// A program that takes Standard Webhooks.
    Webhook,
}

/// One channel. Its address is a secret too, since the key of a robot is part of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Name, by which it is remembered what the channel has heard: letters, digits and `-`.
    pub name: String,
    /// What listens.
    pub kind: ChannelKind,
    /// File with the address; https, or http on this machine.
    pub url_file: PathBuf,
    /// File with the secret by which messages are signed.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
    /// Lanes that are told: `manager:CODE`, `legal`, `group_hr`, `leak`.
    pub lanes: Vec<Lane>,
    /// Language of a robot's messages, `zh-CN` or `en`.
    #[serde(default = "chinese")]
    pub language: String,
}

fn chinese() -> String {
    "zh-CN".to_owned()
}

/// A channel that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// The name is none.
    #[error("chat.name 「{0}」 is none: letters, digits and - only")]
    Name(String),
    /// A file cannot be used.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The address is none, or open to everybody's eyes on its way.
    #[error("{} must hold an address that begins with https://, or http:// on this machine", .0.display())]
    Address(PathBuf),
    /// Programs must be able to tell who sends.
    #[error("the webhook 「{0}」 has no secret: set secret_file, whose line may begin with whsec_")]
    Unsigned(String),
}

/// A channel that can be used. Its address and secret never stand in a log.
#[derive(Clone)]
pub struct Channel {
    /// Name.
    pub name: String,
    /// What listens.
    pub kind: ChannelKind,
    /// Lanes that are told.
    pub lanes: Vec<Lane>,
    /// Language of messages.
    pub language: String,
    pub(super) url: Url,
    pub(super) secret: Option<String>,
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").field("name", &self.name).field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Channel {
    /// Reads the files of a channel.
    ///
    /// # Errors
    /// When a file cannot be read or holds nothing that fits; the content is in no message.
    pub fn open(settings: &Settings) -> Result<Self, ChannelError> {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if settings.name.is_empty() || !settings.name.bytes().all(is_name) {
            return Err(ChannelError::Name(settings.name.clone()));
        }
        let url = Url::parse(&read_secret(&settings.url_file)?).ok().filter(keeps_secrets);
        let url = url.ok_or_else(|| ChannelError::Address(settings.url_file.clone()))?;
        let secret = settings.secret_file.as_deref().map(read_secret).transpose()?;
        if settings.kind == ChannelKind::Webhook && secret.is_none() {
            return Err(ChannelError::Unsigned(settings.name.clone()));
        }
        let Settings { name, kind, lanes, language, .. } = settings.clone();
        Ok(Self { name, kind, lanes, language, url, secret })
    }
}
