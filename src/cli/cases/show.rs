//! `wanglou cases show`: one case, readable in a terminal.

use serde_json::json;

use crate::casework::world::World;
use crate::cli::cases::{ShowArgs, numbered};
use crate::cli::installation::audit;
use crate::cli::words::chinese;
use crate::model::alert::{Alert, CandidateBrief, CaseBrief, MarkedText};
use crate::model::case::{Case, Lane};
use crate::pipeline::brief::brief;
use crate::pipeline::shell::Shell;
use crate::store::Evidence;

pub(super) async fn run(shell: &Shell, args: &ShowArgs) -> anyhow::Result<u8> {
    let case = numbered(shell, &args.number, args.leak_lane).await?;
    let world = shell.world();
    let shown = brief(shell, &world, &case).await?;
    let evidence = shell.store.evidence_of_case(&case.id).await?;
    let alerts = shell.store.alerts_of_case(&case.id).await?;
    audit(shell, "case.read", case.id.as_str(), "").await?;
    if args.json {
        let kept: Vec<_> = evidence
            .iter()
            .map(|e| json!({"sha256": e.sha256, "url": e.url, "fetched_at": e.fetched_at, "kept": e.kept}))
            .collect();
        let object = json!({"case": shown, "state": case.state, "evidence": kept, "alerts": alerts});
        println!("{}", serde_json::to_string_pretty(&object)?);
        return Ok(0);
    }
    print!("{}", page(&world, &case, &shown, &evidence, &alerts));
    if case.judgement.lane == Lane::Leak && case.judgement.subject.url.is_empty() {
        eprintln!("its text is sealed: configure the key (WANGLOU_KEY or paths.key_file)");
    }
    Ok(0)
}

fn page(world: &World, case: &Case, brief: &CaseBrief, evidence: &[Evidence], alerts: &[Alert]) -> String {
    let mut page = Page::default();
    page.line("线索", &format!("{}　{}", brief.number, chinese(world).state(&case.state)));
    page.line(
        "结论",
        &format!("{}　严重度{}", chinese(world).outcome(brief.outcome), chinese(world).severity(brief.severity)),
    );
    page.line("去向", &chinese(world).lane(&world.ledgers.companies, &brief.lane));
    page.line(
        "发现",
        &format!("{}　处理期限 {}", chinese(world).minute(case.opened_at), chinese(world).minute(brief.due)),
    );
    page.subject(world, brief);
    page.line("条款", &brief.clauses.join("、"));
    page.line("规则", &brief.rules.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(" "));
    page.list("依据", brief.reasons.iter().map(|r| r.zh.clone()));
    page.candidates(world, brief);
    page.list("证据", evidence.iter().map(|e| piece(world, e)));
    page.list("提醒", alerts.iter().map(|a| letter(world, a)));
    page.text
}

fn piece(world: &World, evidence: &Evidence) -> String {
    let missing = if evidence.kept { "" } else { "（未配置密钥，未保存原文）" };
    format!("{}　{}{missing}", evidence.sha256, chinese(world).minute(evidence.fetched_at))
}

fn letter(world: &World, alert: &Alert) -> String {
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let (kind, state) = (word(json!(alert.kind)), word(json!(alert.state)));
    format!("{}　{kind}　{state}　{}", alert.recipient, chinese(world).minute(alert.due_at))
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, label: &str, text: &str) {
        if !text.is_empty() {
            // A name or bio may hold control characters that move the cursor of a terminal.
            let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            self.text += &format!("{label}：{text}\n");
        }
    }

    fn list(&mut self, label: &str, items: impl Iterator<Item = String>) {
        for (at, item) in items.enumerate() {
            self.line(if at == 0 { label } else { "　　" }, &item);
        }
    }

    fn subject(&mut self, world: &World, brief: &CaseBrief) {
        let kind = chinese(world).subject(brief.subject);
        self.line(kind, &format!("{}　{}　{}", brief.platform_name, marked(&brief.account_name), brief.handle));
        self.line("链接", &brief.url);
        self.line("认证", &marked(&brief.verification));
        self.line("简介", &marked(&brief.bio));
        let shown = [
            brief.followers.map(|n| format!("粉丝 {n}")),
            (!brief.ip_region.is_empty()).then(|| format!("IP属地 {}", brief.ip_region)),
            brief.published.map(|at| format!("发布 {}", chinese(world).minute(at))),
        ];
        self.line("显示", &shown.into_iter().flatten().collect::<Vec<_>>().join("　"));
        self.line("正文", &marked(&brief.text));
    }

    fn candidates(&mut self, world: &World, brief: &CaseBrief) {
        if brief.candidates.is_empty() {
            return;
        }
        self.line("候选人员", "以下仅为线索，需核实；也可能不是本公司员工");
        for candidate in &brief.candidates {
            self.line("　　", &owner(world, candidate));
            for reason in &candidate.reasons {
                self.line("　　　　", &reason.zh);
            }
        }
    }
}

fn owner(world: &World, candidate: &CandidateBrief) -> String {
    let CandidateBrief { employee_id, name, position, band, score, left_on, .. } = candidate;
    let left = left_on.map(|day| format!("（{day}离职）")).unwrap_or_default();
    format!("{name} {employee_id}　{position}{left}　把握{}（{score:.2}）", chinese(world).band(*band))
}

/// The text with the passages that matter in 【】.
fn marked(text: &MarkedText) -> String {
    let mut shown = String::new();
    let mut at = 0;
    for mark in &text.marks {
        let (Some(before), Some(inside)) = (text.text.get(at..mark.start), text.text.get(mark.clone())) else {
            continue;
        };
        shown += &format!("{before}【{inside}】");
        at = mark.end;
    }
    shown + text.text.get(at..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Page, marked};
    use crate::model::alert::MarkedText;

    #[test]
    fn marks_stand_in_brackets() {
        let text = MarkedText { text: "我在星河科技".to_owned(), marks: std::iter::once(6..18).collect() };
        assert_eq!(marked(&text), "我在【星河科技】");
    }

    #[test]
    fn a_name_cannot_move_the_cursor() {
        let mut page = Page::default();
        page.line("账号", "甲\u{1b}[2J乙\n丙");
        assert_eq!(page.text, "账号：甲 [2J乙 丙\n");
    }
}
