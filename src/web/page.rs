//! The same for people: one page without scripts, Chinese or English, also on a phone.

use std::collections::HashMap;

use askama::Template;

use crate::discover::Presence;
use crate::model::ids::SourceId;
use crate::model::term::Severity;
use crate::model::time::Timestamp;
use crate::store::{HeldHost, OpenCases, SourceState, Status, Worker};
use crate::web::probe::{Level, Probe, Snapshot};
use crate::web::words;

/// In which language a page is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Chinese,
    English,
}

/// The page of an instant.
pub(super) fn render(snapshot: &Snapshot, language: Language) -> askama::Result<String> {
    Page { snapshot, language }.render()
}

/// The wording stands in the template; what is here turns values into words.
#[derive(Debug, Template)]
#[template(path = "web/health.html")]
struct Page<'a> {
    snapshot: &'a Snapshot,
    language: Language,
}

impl Page<'_> {
    fn say<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        match self.language {
            Language::Chinese => zh,
            Language::English => en,
        }
    }

    fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    fn is_english(&self) -> bool {
        self.language == Language::English
    }

    fn instant(&self, at: &Timestamp) -> String {
        at.local(self.snapshot.zone).format("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// How long ago, in the largest unit that is not zero.
    fn ago(&self, at: &Timestamp) -> String {
        let s = self.snapshot.at.ms_since(*at).max(0) / 1000;
        let (n, zh, en) = match s {
            0..60 => (s, "秒前", "s ago"),
            60..3600 => (s / 60, "分钟前", "min ago"),
            3600..86_400 => (s / 3600, "小时前", "h ago"),
            _ => (s / 86_400, "天前", "d ago"),
        };
        format!("{n} {}", self.say(zh, en))
    }

    fn ago_or_never(&self, at: &Option<Timestamp>) -> String {
        at.as_ref().map_or_else(|| self.say("从未", "never").to_owned(), |at| self.ago(at))
    }

    fn name_of(&self, probe: &Probe) -> &'static str {
        words::probe_name(probe.name, &|zh, en| self.say(zh, en))
    }

    fn level(&self, level: &Level) -> &'static str {
        words::level(*level, &|zh, en| self.say(zh, en))
    }

    fn class(&self, level: &Level) -> &'static str {
        words::level_class(*level)
    }

    /// Every enabled source, visited or not.
    fn sources(&self, status: &Status) -> Vec<SourceState> {
        let known: HashMap<&str, &SourceState> =
            status.sources.iter().map(|state| (state.source.as_str(), state)).collect();
        let state = |id| known.get(id).map_or_else(|| SourceState::new(SourceId::new(id)), |state| (*state).clone());
        self.snapshot.sources.ids().map(state).collect()
    }

    fn seen(&self, source: &SourceState) -> (&'static str, &'static str) {
        words::seen(source, &|zh, en| self.say(zh, en))
    }

    /// How the source answered the query whose answer is known; none where it was not asked.
    fn canary(&self, source: &SourceState, status: &Status) -> (&'static str, &'static str) {
        let known = status.canaries.iter().find(|canary| canary.source == source.source);
        match known.map(|canary| canary.contradiction.is_none()) {
            None => ("plain", "—"),
            Some(true) => ("ok", self.say("相符", "as known")),
            Some(false) => ("warn", self.say("不符", "contradicts")),
        }
    }

    fn presence(&self, presence: &Presence) -> &'static str {
        match presence {
            Presence::Found => self.say("有此账号", "found"),
            Presence::Absent => self.say("无此账号", "absent"),
            Presence::Unknown => self.say("不确定", "unknown"),
        }
    }

    fn waiting(&self, source: &SourceState) -> &'static str {
        if source.paused { self.say("已暂停", "paused") } else { "—" }
    }

    fn pages_today(&self, source: &SourceState) -> u32 {
        let is_today = source.day == self.snapshot.at.date(self.snapshot.zone).to_string();
        if is_today { source.pages_today } else { 0 }
    }

    fn visits<'s>(&self, worker: &Worker, status: &'s Status) -> Vec<&'s HeldHost> {
        status.visiting.iter().filter(|visiting| visiting.worker == worker.id).collect()
    }

    fn letters(&self, status: &Status) -> [(&'static str, &'static str, u64); 4] {
        words::letters(status, &|zh, en| self.say(zh, en))
    }

    fn job_kind<'t>(&self, kind: &'t str) -> &'t str {
        words::job_kind(kind, &|zh, en| self.say(zh, en))
    }

    fn job_state<'t>(&self, state: &'t str) -> &'t str {
        words::job_state(state, &|zh, en| self.say(zh, en))
    }

    fn severity(&self, open: &OpenCases) -> &'static str {
        match open.severity {
            None => self.say("未定", "open to judgement"),
            Some(Severity::Low) => self.say("低", "low"),
            Some(Severity::Medium) => self.say("中", "medium"),
            Some(Severity::High) => self.say("高", "high"),
            Some(Severity::Critical) => self.say("严重", "critical"),
        }
    }

    fn lane<'t>(&self, open: &'t OpenCases) -> &'t str {
        match open.lane_class.as_str() {
            "leak" => self.say("泄密", "leak"),
            "conduct" => self.say("行为", "conduct"),
            other => other,
        }
    }
}
