//! The charts of the monthly report.

use crate::casework::voice::Voice;
use crate::model::month::Month;
use crate::reports::blocks::Block;
use crate::reports::chart::{Chart, ChartKind, Series};
use crate::reports::figure::{Figure, parts};
use crate::reports::monthly::Monthly;
use crate::reports::monthly::figures::told_registers;
use crate::reports::tally::{SEVERITIES, Tally, Told, hours, precision};

/// Hours within which cases are decided: critical ones in a working day, high ones in three (policy §4.5).
const SLA_HOURS: (f64, f64) = (24.0, 72.0);

impl Monthly<'_> {
    pub(super) fn charts(&self) -> Vec<Block> {
        let mut charts = vec![self.by_severity()];
        if self.company.is_none() {
            charts.push(self.by_company());
        }
        charts.extend([self.funnel(), self.handling(), self.right_ones(), self.noise(), self.of_groups()]);
        charts.into_iter().map(Block::Chart).collect()
    }

    fn chart(&self, title: (&str, &str), kind: ChartKind, categories: Vec<String>, series: Vec<Series>) -> Chart {
        let voice = self.voice();
        let nothing = voice.say("没有可以列出的数字。", "There is no figure that may be told.").to_owned();
        Chart { title: voice.say(title.0, title.1).to_owned(), kind, categories, series, unit: "", nothing }
    }

    fn months(&self) -> Vec<String> {
        self.series().iter().map(ToString::to_string).collect()
    }

    /// Cases by severity; what is not told of a month's cases by severity stands as a box without one.
    fn by_severity(&self) -> Chart {
        let voice = self.voice();
        let told: Vec<Told> = self.series().into_iter().map(|month| self.told(month)).collect();
        let of = |at: usize| Series {
            name: voice.severity(SEVERITIES[at]).to_owned(),
            values: told.iter().map(|told| value(told.severities[at].least())).collect(),
            labels: told.iter().map(|told| label(told.severities[at])).collect(),
        };
        let rest = |told: &Told| {
            let listed: u64 = told.severities.iter().filter_map(|figure| figure.least()).sum();
            told.cases.least().and_then(|cases| cases.checked_sub(listed)).filter(|rest| *rest > 0)
        };
        let others = Series {
            name: voice.say("未按严重度列出", "not told by severity").to_owned(),
            values: told.iter().map(|told| value(rest(told))).collect(),
            labels: Vec::new(),
        };
        let series = (0..SEVERITIES.len()).map(of).chain([others]);
        let series = series.filter(|series| series.values.iter().any(Option::is_some)).collect();
        let title = ("线索数（按严重度，近6个月）", "Cases by severity, six months");
        self.chart(title, ChartKind::Columns, self.months(), series)
    }

    fn by_company(&self) -> Chart {
        let months = self.series();
        let of = |part: &super::Part| {
            let cases: Vec<Figure> = months.iter().map(|month| self.tally(part, *month).told().cases).collect();
            let values = cases.iter().map(|figure| value(figure.exact())).collect();
            Series { name: part.name.clone(), values, labels: Vec::new() }
        };
        let series = self.parts().iter().map(of).filter(|series| series.values.iter().any(Option::is_some)).collect();
        self.chart(
            ("线索数（按公司，近6个月）", "Cases by company, six months"),
            ChartKind::Columns,
            self.months(),
            series,
        )
    }

    /// From pages to what was put right. Pages and findings are not told by company.
    fn funnel(&self) -> Chart {
        let (voice, told) = (self.voice(), self.told(self.month));
        let passage = self.passage;
        let asked = passage.found.saturating_sub(passage.passed_over);
        let passed_over = parts(passage.found, &[passage.passed_over], asked)[0];
        let of_group = [
            ("抓取页面", "Pages fetched", Figure::of(passage.pages)),
            ("命中", "Found", Figure::of(passage.found)),
            ("排除（豁免、官方、仅记录）", "Passed over", passed_over),
        ];
        let of_cases = [
            ("线索", "Cases", told.cases),
            ("核实成立", "Confirmed", told.confirmed),
            ("已整改", "Rectified", told.rectified),
        ];
        let of_group = of_group.into_iter().filter(|_| self.company.is_none());
        let title = ("漏斗（本月；条长按对数）", "Funnel of the month (lengths are logarithms)");
        self.bars(&voice, title, of_group.chain(of_cases), false)
    }

    fn bars(
        &self,
        voice: &Voice,
        title: (&str, &str),
        lines: impl Iterator<Item = (&'static str, &'static str, Figure)>,
        is_linear: bool,
    ) -> Chart {
        let lines: Vec<_> = lines.collect();
        let name = |(zh, en, _): &(&str, &str, Figure)| voice.say(zh, en).trim_start_matches('　').to_owned();
        let series = Series {
            name: voice.say("数量", "Count").to_owned(),
            values: lines.iter().map(|(.., figure)| value(figure.least())).collect(),
            labels: lines.iter().map(|(.., figure)| figure.text()).collect(),
        };
        self.chart(title, ChartKind::Bars { is_linear }, lines.iter().map(name).collect(), vec![series])
    }

    fn handling(&self) -> Chart {
        let of = |month: Month| hours(self.tallies(month).iter());
        let values = self.series().into_iter().map(of).collect();
        let voice = self.voice();
        let name = voice.say("小时", "Hours").to_owned();
        let band = voice.say("时限：严重1个、高3个工作日", "limits: critical 1, high 3 working days").to_owned();
        let kind = ChartKind::Lines { band: Some((SLA_HOURS.0, SLA_HOURS.1, band)) };
        let title = ("处置用时中位数（小时）", "Median hours to a decision");
        self.chart(title, kind, self.months(), vec![Series { name, values, labels: Vec::new() }])
    }

    fn right_ones(&self) -> Chart {
        let of = |month: Month| {
            let told: Vec<Told> = self.tallies(month).iter().map(Tally::told).collect();
            precision(&told).map(|share| (share * 100.0).round())
        };
        let values = self.series().into_iter().map(of).collect();
        let name = self.voice().say("准确率", "Precision").to_owned();
        let title = ("核实准确率（确认/已处置）", "Precision (confirmed of decided)");
        let series = vec![Series { name, values, labels: Vec::new() }];
        Chart { unit: "%", ..self.chart(title, ChartKind::Lines { band: None }, self.months(), series) }
    }

    /// The terms of which most cases turn out to be no matter. Shares only: no count of a term is told.
    fn noise(&self) -> Chart {
        let noisy = self.noisiest();
        let series = Series {
            name: self.voice().say("不成立的占比", "Share not confirmed").to_owned(),
            values: noisy.iter().map(|(_, share)| Some(*share)).collect(),
            labels: noisy.iter().map(|(_, share)| format!("≈{share:.0}%")).collect(),
        };
        let title = ("噪声最高的词条（近6个月，不成立占比）", "Noisiest terms, six months (share not confirmed)");
        let categories = noisy.into_iter().map(|(term, _)| term).collect();
        Chart { unit: "%", ..self.chart(title, ChartKind::Bars { is_linear: true }, categories, vec![series]) }
    }

    fn of_groups(&self) -> Chart {
        let lines = told_registers(self.registers).into_iter().take(6).collect::<Vec<_>>();
        let title = ("群组：登记、临时群与离职人员", "Groups: filing, temporary groups, leavers");
        self.bars(&self.voice(), title, lines.into_iter(), true)
    }
}

fn value(count: Option<u64>) -> Option<f64> {
    count.map(|count| count as f64)
}

/// What stands at a box: nothing where it has none.
fn label(figure: Figure) -> String {
    figure.least().map(|_| figure.text()).unwrap_or_default()
}
