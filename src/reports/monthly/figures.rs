//! The tables of the monthly report.

use crate::model::month::Month;
use crate::reports::blocks::{Block, Table};
use crate::reports::chart::number;
use crate::reports::figure::{Figure, TOLD_MIN, over, parts};
use crate::reports::monthly::Monthly;
use crate::reports::registers::RegisterTally;
use crate::reports::tally::{Tally, Told, hours, precision};

impl Monthly<'_> {
    pub(super) fn tables(&self) -> Vec<Block> {
        let mut blocks = vec![Block::Table(self.of_months())];
        if self.company.is_none() {
            blocks.push(Block::Table(self.side_by_side()));
        }
        blocks.push(Block::Table(self.of_registers()));
        blocks.push(Block::Note(self.about_figures()));
        blocks
    }

    /// This month, the last one, and the year so far.
    fn of_months(&self) -> Table {
        let voice = self.voice();
        let head = [("项目", "Item"), ("本月", "This month"), ("上月", "Last month"), ("本年累计", "This year")];
        let columns = [vec![self.month], vec![self.month.plus(-1)], self.year()];
        let told: Vec<Told> = columns
            .iter()
            .map(|months| Told::together(&months.iter().map(|month| self.told(*month)).collect::<Vec<_>>()))
            .collect();
        let row = |zh: &str, en: &str, pick: fn(&Told) -> Figure| {
            let cells = told.iter().map(|one| pick(one).text());
            std::iter::once(voice.say(zh, en).to_owned()).chain(cells).collect::<Vec<String>>()
        };
        let mut rows = vec![
            row("新增线索", "New cases", |told| told.cases),
            row("核实成立", "Confirmed", |told| told.confirmed),
            row("　其中已整改", "of these rectified", |told| told.rectified),
            row("不成立（误报、同名、已豁免等）", "Not confirmed", |told| told.refuted),
            row("逾期", "Late", |told| told.overdue),
        ];
        rows.push(self.measured("处置用时中位数（小时）", "Median hours to a decision", &columns, |at| {
            self.hours(at)
        }));
        rows.push(self.measured("核实准确率", "Precision", &columns, |at| self.precision(at)));
        Table { head: head.map(|(zh, en)| voice.say(zh, en).to_owned()).to_vec(), rows, is_of_figures: true }
    }

    fn measured(
        &self,
        zh: &str,
        en: &str,
        columns: &[Vec<Month>],
        text: impl Fn(&[Month]) -> Option<String>,
    ) -> Vec<String> {
        let name = self.voice().say(zh, en).to_owned();
        let cells = columns.iter().map(|months| text(months).unwrap_or_else(|| "–".to_owned()));
        std::iter::once(name).chain(cells).collect()
    }

    /// How long decisions took in these months.
    fn hours(&self, months: &[Month]) -> Option<String> {
        let tallies: Vec<Tally> = months.iter().flat_map(|month| self.tallies(*month)).collect();
        hours(tallies.iter()).map(number)
    }

    fn precision(&self, months: &[Month]) -> Option<String> {
        let told: Vec<Told> = months.iter().flat_map(|month| self.tallies(*month)).map(|tally| tally.told()).collect();
        precision(&told).map(|share| format!("{:.0}%", share * 100.0))
    }

    /// The companies of the group beside each other, in the month.
    fn side_by_side(&self) -> Table {
        let voice = self.voice();
        let head = [
            ("公司", "Company"),
            ("新增线索", "New cases"),
            ("核实成立", "Confirmed"),
            ("不成立", "Not confirmed"),
            ("逾期", "Late"),
            ("中位小时", "Median hours"),
            ("准确率", "Precision"),
        ];
        let row = |(part, tally): (super::Part, Tally)| {
            let told = tally.told();
            let counts = [told.cases, told.confirmed, told.refuted, told.overdue].map(Figure::text);
            let measures = [hours([&tally].into_iter()).map(number), precision(&[told]).map(percent)];
            let measures = measures.map(|text| text.unwrap_or_else(|| "–".to_owned()));
            std::iter::once(part.name).chain(counts).chain(measures).collect::<Vec<String>>()
        };
        let rows = self.parts().into_iter().zip(self.tallies(self.month)).map(row).collect();
        Table { head: head.map(|(zh, en)| voice.say(zh, en).to_owned()).to_vec(), rows, is_of_figures: true }
    }

    /// Groups, leavers, exemptions, official accounts.
    fn of_registers(&self) -> Table {
        let voice = self.voice();
        let head = ["台账", "数量"].into_iter().zip(["Register", "Count"]);
        let rows = told_registers(self.registers);
        let rows = rows.into_iter().map(|(zh, en, figure)| vec![voice.say(zh, en).to_owned(), figure.text()]);
        Table {
            head: head.map(|(zh, en)| voice.say(zh, en).to_owned()).collect(),
            rows: rows.collect(),
            is_of_figures: true,
        }
    }

    fn about_figures(&self) -> String {
        let voice = self.voice();
        let zh = format!(
            "少于{TOLD_MIN}的数字写作“<{TOLD_MIN}”；“–”表示没有数据，或为防止推算未单列；“≥”表示合计中有未列出的部分。\
             泄密专线和法务的线索不计入。用时按工作日计，每个工作日24小时；程序启用前的月份由历史月报数据而来，用时为平均值。"
        );
        let en = format!(
            "Figures under {TOLD_MIN} are told as \"<{TOLD_MIN}\"; \"–\" stands where nothing was counted, or where another figure \
             could be worked out; \"≥\" where a sum lacks a part. Cases of the leak lane and of legal are not counted. Hours are \
             of working days, 24 each; months from before the program come from HR's history, with their mean."
        );
        voice.say(&zh, &en).to_owned()
    }
}

fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}

/// A count of several companies; none where it was counted nowhere.
pub(super) fn total_of(counts: &[u64]) -> Figure {
    if counts.is_empty() {
        return Figure::Unknown;
    }
    let companies: Vec<(Figure, u64)> = counts.iter().map(|count| (Figure::of(*count), *count)).collect();
    over(&companies, Figure::of(counts.iter().sum()))
}

type Line = (&'static str, &'static str, Figure);

/// What may be told of the registers of several companies: of each what is told of it, then the sums.
pub(super) fn told_registers(tallies: &[RegisterTally]) -> Vec<Line> {
    let of = |pick: fn(&RegisterTally) -> Option<u64>| {
        let counts: Vec<u64> = tallies.iter().filter_map(pick).collect();
        total_of(&counts)
    };
    // A part of a total that is told beside it.
    let part_of = |total: fn(&RegisterTally) -> u64, part: fn(&RegisterTally) -> u64| {
        let told = |total: u64, part: u64| parts(total, &[part], total.saturating_sub(part))[0];
        let companies = tallies.iter().map(|tally| (told(total(tally), part(tally)), part(tally)));
        over(&companies.collect::<Vec<_>>(), told(tallies.iter().map(total).sum(), tallies.iter().map(part).sum()))
    };
    let asked = of(|t| t.members_asked);
    let attested = part_of(|t| t.members_asked.unwrap_or_default(), |t| t.members_attested);
    let members =
        [("成员年度确认：应确认", "Yearly confirmation, members", asked), ("　已确认", "of these confirmed", attested)];
    let has_round = tallies.iter().any(|tally| tally.members_asked.is_some());
    let mut lines = vec![
        ("应登记备案的群组", "Groups to be registered and filed", of(|t| Some(t.groups_required))),
        ("　已登记备案", "of these filed", part_of(|t| t.groups_required, |t| t.groups_filed)),
        ("临时群逾期未解散", "Temporary groups overdue", of(|t| Some(t.temporary_overdue))),
        ("本月完成整改的群组", "Groups put right this month", of(|t| t.groups_rectified)),
        ("离职人员已移出的群位", "Places of leavers, removed", of(|t| t.leavers_removed)),
        ("离职人员仍占的群位", "Places of leavers, remaining", of(|t| Some(t.leavers_remaining))),
        ("有效豁免", "Exemptions in force", of(|t| Some(t.exemptions_valid))),
        ("　30天内到期", "of these ending within 30 days", part_of(|t| t.exemptions_valid, |t| t.exemptions_ending)),
        ("审批中的豁免", "Exemptions being decided", of(|t| Some(t.exemptions_pending))),
        ("过期或撤销的豁免", "Exemptions expired or revoked", of(|t| Some(t.exemptions_over))),
        ("在用官方账号", "Official accounts in use", of(|t| Some(t.accounts_in_use))),
        ("　需交接或激活", "of these to be settled", part_of(|t| t.accounts_in_use, |t| t.accounts_to_settle)),
    ];
    lines.extend(members.into_iter().filter(|_| has_round));
    lines
}
