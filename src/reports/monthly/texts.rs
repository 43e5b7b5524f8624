//! What the monthly report says in words: the conclusion, typical problems, what is to be put right by whom and until when, the
//! month to come, attachments, and what the report is not.

use chrono::NaiveDate;

use crate::model::finding::Rule;
use crate::model::month::Month;
use crate::reports::blocks::{Block, Table};
use crate::reports::figure::{Figure, TOLD_MIN};
use crate::reports::monthly::Monthly;
use crate::reports::monthly::figures::total_of;
use crate::reports::registers::RegisterTally;
use crate::reports::tally::hours;

/// Working days for what owners of groups and managers have to put right.
const OWNERS_DAYS: u32 = 5;
const MANAGERS_DAYS: u32 = 3;
const ACCOUNTS_DAYS: u32 = 10;
/// Kinds of cases that are named at most.
const KINDS_SHOWN: usize = 3;

impl Monthly<'_> {
    pub(super) fn conclusion(&self) -> Block {
        let (voice, told) = (self.voice(), self.told(self.month));
        let (name, month) = (self.name(), self.month_name(self.month));
        if told.cases == Figure::Unknown {
            let zh = format!("{month}，{name}没有统计数据。");
            return Block::Paragraph(voice.say(&zh, &format!("Nothing was counted for {name} in {month}.")).to_owned());
        }
        let said = |figure: Figure| match figure {
            Figure::Withheld | Figure::Unknown => voice.say("未单列", "not told").to_owned(),
            told => voice.say(&format!("{}条", told.text()), &told.text()).to_owned(),
        };
        let [cases, right, wrong, late] = [told.cases, told.confirmed, told.refuted, told.overdue].map(said);
        let took = hours(self.tallies(self.month).iter());
        let took_zh = took.map(|hours| format!("，处置用时中位数{hours:.1}小时")).unwrap_or_default();
        let took_en = took.map(|hours| format!("; decisions took {hours:.1} hours at the median")).unwrap_or_default();
        let zh = format!("{month}，{name}新增线索{cases}，核实成立{right}，不成立{wrong}，逾期{late}{took_zh}。");
        let en = format!(
            "{name}, {month}: {cases} new cases, {right} confirmed, {wrong} not confirmed, {late} late{took_en}."
        );
        Block::Paragraph(voice.say(&zh, &en).to_owned())
    }

    /// Kinds of problems, without names and, for cases, without numbers.
    pub(super) fn problems(&self) -> Block {
        let voice = self.voice();
        let kinds = self.usual_kinds().into_iter().map(|rule| {
            let (zh, en) = said_of(rule);
            voice.say(zh, en).to_owned()
        });
        let registers = self.register_lines().into_iter().filter(|line| line.is_there).map(|line| {
            let count = line.figure.text();
            voice.say(&format!("{}（{count}）", line.zh), &format!("{} ({count})", line.en)).to_owned()
        });
        let items: Vec<String> = kinds.chain(registers).collect();
        self.items_or(items, "本月没有典型问题。", "There was no typical problem this month.")
    }

    fn items_or(&self, items: Vec<String>, zh: &str, en: &str) -> Block {
        if items.is_empty() { Block::Paragraph(self.voice().say(zh, en).to_owned()) } else { Block::Items(items) }
    }

    /// The rules under which at least five cases were opened in the month, the most frequent first.
    fn usual_kinds(&self) -> Vec<Rule> {
        let lanes: Vec<_> = self.parts().into_iter().map(|part| part.lane).collect();
        let opened = self
            .cases
            .iter()
            .filter(|case| lanes.contains(&case.lane) && Month::of(case.opened_at.date(self.world.zone)) == self.month);
        let opened: Vec<_> = opened.collect();
        let count = |rule: &Rule| opened.iter().filter(|case| case.rules.contains(rule)).count() as u64;
        let mut counted: Vec<(u64, Rule)> = Rule::ALL.iter().map(|rule| (count(rule), *rule)).collect();
        counted.retain(|(count, _)| *count >= TOLD_MIN);
        counted.sort_by_key(|(count, rule)| (std::cmp::Reverse(*count), *rule));
        counted.into_iter().take(KINDS_SHOWN).map(|(_, rule)| rule).collect()
    }

    /// What is to be put right, by which function, until when. Nobody is named.
    pub(super) fn rectification(&self) -> Block {
        let voice = self.voice();
        let head = [("事项", "What"), ("数量", "Count"), ("责任", "Who"), ("完成期限", "Until")];
        let late = self.told(self.month).overdue;
        let is_late = !matches!(late, Figure::Unknown) && self.tallies(self.month).iter().any(|t| t.overdue > 0);
        let cases = Line {
            zh: "逾期线索",
            en: "Late cases",
            who: ("指定专人；督办：公司总经理", "Designated manager; head of the company"),
            days: MANAGERS_DAYS,
            figure: late,
            is_there: is_late,
        };
        let lines = std::iter::once(cases).chain(self.register_lines()).filter(|line| line.is_there);
        let rows: Vec<Vec<String>> = lines
            .map(|line| {
                let (what, who) = (voice.say(line.zh, line.en), voice.say(line.who.0, line.who.1));
                let until = voice.day(self.within(line.days));
                vec![what.to_owned(), line.figure.text(), who.to_owned(), until]
            })
            .collect();
        if rows.is_empty() {
            let said = voice.say("没有需要整改的事项。", "Nothing is to be put right.");
            return Block::Paragraph(said.to_owned());
        }
        let head = head.map(|(zh, en)| voice.say(zh, en).to_owned()).to_vec();
        Block::Table(Table { head, rows, is_of_figures: false })
    }

    fn within(&self, working_days: u32) -> NaiveDate {
        self.world.working_days.after_working_days(self.world.day(), working_days)
    }

    fn register_lines(&self) -> Vec<Line> {
        const OWNER: (&str, &str) = ("群主；督办：公司总经理", "Owner of the group; head of the company");
        const HR: (&str, &str) = ("公司人力资源部", "HR of the company");
        let tallies = self.registers;
        let line = |zh, en, who, days, pick: fn(&RegisterTally) -> u64| Line {
            zh,
            en,
            who,
            days,
            figure: total_of(&tallies.iter().map(pick).collect::<Vec<_>>()),
            is_there: tallies.iter().any(|tally| pick(tally) > 0),
        };
        vec![
            line("群组未登记或未备案", "Groups not registered or filed", OWNER, OWNERS_DAYS, |t| {
                t.groups_required - t.groups_filed
            }),
            line("临时群逾期未解散", "Temporary groups overdue", OWNER, OWNERS_DAYS, |t| t.temporary_overdue),
            line("群组无人负责", "Groups of which nobody answers", OWNER, MANAGERS_DAYS, |t| t.groups_ownerless),
            line("离职人员仍在群内", "Leavers still in groups", OWNER, OWNERS_DAYS, |t| t.leavers_remaining),
            line("群内备注需要更正", "Remarks to be put right", OWNER, OWNERS_DAYS, |t| t.remarks),
            line("群组重复或长期不活跃", "Groups doubled or asleep", OWNER, ACCOUNTS_DAYS, |t| {
                t.groups_to_settle
            }),
            line("豁免即将到期", "Exemptions that end soon", HR, ACCOUNTS_DAYS, |t| t.exemptions_ending),
            line("官方账号需要交接或激活", "Official accounts to be settled", HR, ACCOUNTS_DAYS, |t| {
                t.accounts_to_settle
            }),
        ]
    }

    pub(super) fn next_month(&self) -> Block {
        let voice = self.voice();
        let next = self.month.plus(1);
        let is_in = |day: Option<NaiveDate>| day.is_some_and(|day| Month::of(day) == next);
        let is_own = |code: &crate::model::ids::CompanyCode| self.company.is_none_or(|company| company.code == *code);
        let ledgers = &self.world.ledgers;
        let groups = ledgers.groups.iter().filter(|group| is_own(&group.company) && group.is_temporary);
        let groups = Figure::of(groups.filter(|group| is_in(group.planned_end_on)).count() as u64).text();
        let exemptions = ledgers.exemptions.iter().filter(|exemption| is_own(&exemption.company));
        let exemptions = Figure::of(exemptions.filter(|exemption| is_in(exemption.until)).count() as u64).text();
        let checked = voice.day(self.world.working_days.after_working_days(next.last_day(), OWNERS_DAYS));
        let mut items = vec![
            voice.say(&format!("到期的临时群：{groups}"), &format!("Temporary groups that end: {groups}")).to_owned(),
            voice.say(&format!("到期的豁免：{exemptions}"), &format!("Exemptions that end: {exemptions}")).to_owned(),
            voice
                .say(&format!("下期自查自纠月报：{checked}前"), &format!("The next report: until {checked}"))
                .to_owned(),
        ];
        if let Some(year) = self.world.working_days.missing_year(next.first_day()) {
            let zh = format!("维护{year}年节假日台账，工作日时限才能算准");
            let en = format!("Enter the holidays of {year}, or working days are counted wrong");
            items.push(voice.say(&zh, &en).to_owned());
        }
        Block::Items(items)
    }

    pub(super) fn attachments(&self) -> Block {
        let voice = self.voice();
        let names = [
            ("群组台账", "Register of groups", "groups"),
            ("官方账号台账", "Official accounts", "official_accounts"),
            ("豁免台账", "Exemptions", "exemptions"),
        ];
        let item = |(zh, en, name): (&str, &str, &str)| {
            let where_zh = format!("{zh}（{name}.xlsx，从控制台“台账”下载，按权限提供）");
            let where_en = format!("{en} ({name}.xlsx, from the console's ledgers, by right)");
            voice.say(&where_zh, &where_en).to_owned()
        };
        Block::Items(names.map(item).to_vec())
    }

    pub(super) fn statement(&self) -> Block {
        let said = self.voice().say(
            "本报告不含员工个人处理信息；权益类内容未纳入监测。本报告依据《互联网群组及员工社交媒体管理办法》，\
             用于日常沟通、防止泄密和声誉损害；检索结果只作核实线索，由指定专人判断。",
            "This report holds nothing about the treatment of any employee; protected speech is not monitored. It serves the \
             company's rule on groups and social media; findings are leads, judged by the designated manager.",
        );
        Block::Paragraph(said.to_owned())
    }
}

/// Something to be put right.
struct Line {
    zh: &'static str,
    en: &'static str,
    /// Function that answers for it.
    who: (&'static str, &'static str),
    /// Working days for it.
    days: u32,
    figure: Figure,
    is_there: bool,
}

/// A kind of problem in words.
const fn said_of(rule: Rule) -> (&'static str, &'static str) {
    match rule {
        Rule::Name => ("账号名使用公司名称、简称或商标", "Accounts named after a company or its marks"),
        Rule::Title => ("账号同时使用公司名称和职务", "Accounts that show a company word with a job title"),
        Rule::Brand => ("账号使用产品品牌", "Accounts that use a product brand"),
        Rule::Tech => ("账号使用技术名称", "Accounts that use the name of a technology"),
        Rule::Culture => ("账号使用企业文化用语", "Accounts that use words of the company's culture"),
        Rule::Verification => ("个人认证使用公司名称", "Personal verifications that name a company"),
        Rule::Avatar => ("头像使用公司标识", "Profile pictures that show a mark"),
        Rule::Impersonation => ("疑似仿冒官方账号", "Accounts that pass for official ones"),
        Rule::OfficialUnregistered => ("官方性质账号未登记", "Accounts of our own that are in no ledger"),
        Rule::ExemptExpired => ("豁免到期未续", "Exemptions that expired"),
        Rule::ExemptPending => ("豁免审批中已使用", "Marks used while an exemption is being decided"),
        Rule::ExemptRevoked => ("豁免撤销后仍使用", "Marks used after an exemption was revoked"),
        Rule::Departed => ("离职后仍使用公司名义", "Marks still used after leaving"),
        Rule::GroupSpill => ("工作群内容外传", "Content of work groups carried outside"),
        Rule::Negative => ("涉合作方的不当言论", "Attacks on business partners"),
        Rule::Coi => ("利益冲突的推广", "Promotion in a conflict of interest"),
        Rule::Leak | Rule::LeakSoft | Rule::Silent => ("疑似未公开信息", "What is perhaps not yet public"),
        Rule::GroupOverdue => ("临时群超期未解散", "Temporary groups past their end"),
        Rule::GroupOwnerNone | Rule::GroupOwnerLeft => ("工作群无人负责", "Work groups without an owner"),
        Rule::GroupDeparted => ("工作群中有离职人员", "Leavers still in work groups"),
        Rule::Recheck => ("复查中的账号", "Accounts looked at again"),
    }
}
