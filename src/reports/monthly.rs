//! The monthly self-inspection report (自查自纠报告, policy §4.6) of one company or of the group: one document from counted
//! facts, whatever form it is written in.

mod charts;
mod figures;
mod noise;
mod texts;

use crate::casework::voice::Voice;
use crate::casework::world::World;
use crate::model::case::Lane;
use crate::model::company::Company;
use crate::model::month::Month;
use crate::reports::blocks::{Block, Document};
use crate::reports::facts::{CaseFigure, Passage};
use crate::reports::registers::RegisterTally;
use crate::reports::tallies::Tallies;
use crate::reports::tally::{Tally, Told};

/// Months of a series.
pub const SERIES_MONTHS: i32 = 6;

/// What a report is made of.
#[derive(Debug, Clone, Copy)]
pub struct Monthly<'a> {
    /// Ledgers, calendar and the moment of writing.
    pub world: &'a World,
    /// The month.
    pub month: Month,
    /// The company; the whole group when none.
    pub company: Option<&'a Company>,
    /// Cases that were open in the year of the month or in the series before it.
    pub cases: &'a [CaseFigure],
    /// The same, counted by month and by who works on them.
    pub tallies: &'a Tallies,
    /// The month of the first case that the program counted; what lies before comes from HR's history.
    pub counted_since: Option<Month>,
    /// How much went through in the month.
    pub passage: Passage,
    /// The registers at the end of the month, or now while it lasts: of the company, or of each.
    pub registers: &'a [RegisterTally],
    /// Language code of the reader.
    pub language: &'a str,
}

/// One part of the group: a company, or the listed company's HR for what belongs to none.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    lane: Lane,
    name: String,
}

impl Monthly<'_> {
    /// Writes the report.
    pub fn document(&self) -> Document {
        let voice = self.voice();
        let name = self.name();
        Document {
            language: voice.code(),
            title: voice
                .say("互联网群组与社交媒体自查自纠月报", "Self-inspection report on groups and social media")
                .to_owned(),
            subtitle: vec![
                format!("{name} · {}", self.month_name(self.month)),
                format!("{} {}", voice.say("生成于", "Written"), voice.minute(self.world.at)),
            ],
            blocks: self.blocks(),
        }
    }

    /// What the console's page shows below the figures.
    pub(crate) fn blocks(&self) -> Vec<Block> {
        let heading = |number: usize, zh: &str, en: &str| {
            const NUMBERS: [&str; 8] = ["一", "二", "三", "四", "五", "六", "七", "八"];
            let said = self.voice();
            Block::Heading(said.say(&format!("{}、{zh}", NUMBERS[number - 1]), &format!("{number}. {en}")).to_owned())
        };
        let mut blocks = vec![heading(1, "结论", "In one sentence"), self.conclusion()];
        blocks.push(heading(2, "数字", "Figures"));
        blocks.extend(self.tables());
        blocks.push(heading(3, "图表", "Charts"));
        blocks.extend(self.charts());
        blocks.push(heading(4, "典型问题", "Typical problems"));
        blocks.push(self.problems());
        blocks.push(heading(5, "整改清单", "To be put right"));
        blocks.push(self.rectification());
        blocks.push(heading(6, "下月安排", "Next month"));
        blocks.push(self.next_month());
        blocks.push(heading(7, "附件", "Attachments"));
        blocks.push(self.attachments());
        blocks.push(heading(8, "说明", "Statement"));
        blocks.push(self.statement());
        blocks
    }

    fn voice(&self) -> Voice {
        Voice::new(self.language, self.world.zone, self.world.at)
    }

    /// The company's name, or the group's.
    fn name(&self) -> String {
        match (self.company, self.world.listed()) {
            (Some(company), _) => company.short_name.clone(),
            (None, Some(listed)) => self
                .voice()
                .say(&format!("{}（全集团）", listed.short_name), &format!("{} (whole group)", listed.short_name))
                .to_owned(),
            (None, None) => self.voice().say("全集团", "Whole group").to_owned(),
        }
    }

    fn month_name(&self, month: Month) -> String {
        self.voice().say(&format!("{}年{}月", month.year(), month.number()), &month.to_string()).to_owned()
    }

    /// The company alone, or every company and what belongs to none.
    fn parts(&self) -> Vec<Part> {
        let part =
            |company: &Company| Part { lane: Lane::Manager(company.code.clone()), name: company.short_name.clone() };
        match self.company {
            Some(company) => vec![part(company)],
            None => {
                let name = self.voice().say("集团直管", "Group itself").to_owned();
                let companies = self.world.ledgers.companies.iter().map(part);
                companies.chain([Part { lane: Lane::GroupHr, name }]).collect()
            }
        }
    }

    fn tally(&self, part: &Part, month: Month) -> Tally {
        if self.counted_since.is_some_and(|since| month >= since) {
            return self.tallies.get(&part.lane, month);
        }
        let of_part = |past: &&crate::model::month::PastMonth| {
            part.lane == Lane::Manager(past.company.clone()) && past.month == month
        };
        self.world.ledgers.monthly_history.iter().find(of_part).map(Tally::past).unwrap_or_default()
    }

    fn tallies(&self, month: Month) -> Vec<Tally> {
        self.parts().iter().map(|part| self.tally(part, month)).collect()
    }

    /// What is told of a month.
    fn told(&self, month: Month) -> Told {
        Told::of_group(&self.tallies(month))
    }

    /// The months of the series, the report's own the last.
    fn series(&self) -> Vec<Month> {
        (1 - SERIES_MONTHS..=0).map(|back| self.month.plus(back)).collect()
    }

    /// The months of the year up to the report's own.
    fn year(&self) -> Vec<Month> {
        (1 - self.month.number() as i32..=0).map(|back| self.month.plus(back)).collect()
    }
}
