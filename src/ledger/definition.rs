//! The shape of a ledger as one column table. Reading, errors, export, form, template and diff follow from it.

use crate::ledger::values;

/// One allowed value of a column.
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// As HR writes it, such as 严重.
    pub zh: &'static str,
    /// The word used in code and English files, such as `critical`.
    pub en: &'static str,
    /// Further writings that are understood.
    pub also: &'static [&'static str],
}

/// An allowed value with its English word.
pub(crate) const fn choice(zh: &'static str, en: &'static str) -> Choice {
    Choice { zh, en, also: &[] }
}

impl Choice {
    /// The same value, understood in further writings.
    pub(crate) const fn or(mut self, also: &'static [&'static str]) -> Self {
        self.also = also;
        self
    }

    fn is_written(&self, folded: &str) -> bool {
        std::iter::once(&self.zh).chain([&self.en]).chain(self.also).any(|word| values::fold_choice(word) == folded)
    }
}

/// What a cell of a column holds.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Free text.
    Text,
    /// An identifier or code; full-width letters and digits become ordinary ones.
    Code,
    /// Several texts, separated by 、 , ; ， ； | or a new line.
    List,
    /// Several identifiers.
    Codes,
    /// A calendar day.
    Date,
    /// An instant with its minute.
    Instant,
    /// A time of day.
    Time,
    /// A whole number.
    Whole,
    /// 是 or 否.
    YesNo,
    /// One of the values.
    Choice(&'static [Choice]),
    /// Several of the values.
    Choices(&'static [Choice]),
    /// Free text for which these values are usual.
    Usual(&'static [&'static str]),
}

/// What a cell names in another ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// A company code of companies.csv.
    Company,
    /// An employee number of employees.csv.
    Employee,
}

/// One column of a ledger.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Chinese header; the one that is written.
    pub zh: &'static str,
    /// English header and the name in code.
    pub en: &'static str,
    /// Further headers that are understood.
    pub also: &'static [&'static str],
    /// Whether every line needs it.
    pub required: bool,
    /// What a cell holds.
    pub shape: Shape,
    /// What a cell names elsewhere.
    pub refers: Option<Reference>,
    /// A cell of the example line.
    pub example: &'static str,
    /// One sentence for the editor; empty where the header says it all.
    pub hint: &'static str,
}

/// A column that may be left empty.
pub(crate) const fn column(zh: &'static str, en: &'static str, shape: Shape, example: &'static str) -> Column {
    Column { zh, en, also: &[], required: false, shape, refers: None, example, hint: "" }
}

impl Column {
    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(crate) const fn also(mut self, headers: &'static [&'static str]) -> Self {
        self.also = headers;
        self
    }

    pub(crate) const fn company(mut self) -> Self {
        self.refers = Some(Reference::Company);
        self
    }

    pub(crate) const fn employee(mut self) -> Self {
        self.refers = Some(Reference::Employee);
        self
    }

    pub(crate) const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    /// Whether a header as written means this column.
    pub(crate) fn is_headed(&self, header: &str) -> bool {
        let folded = values::fold_header(header);
        std::iter::once(&self.zh).chain([&self.en]).chain(self.also).any(|name| values::fold_header(name) == folded)
    }

    /// The values that a drop-down may offer; empty for open columns.
    pub fn offered(&self) -> Vec<&'static str> {
        match self.shape {
            Shape::Choice(choices) | Shape::Choices(choices) => choices.iter().map(|choice| choice.zh).collect(),
            Shape::Usual(values) => values.to_vec(),
            Shape::YesNo => vec!["是", "否"],
            _ => Vec::new(),
        }
    }

    /// The allowed value that a text means, if any.
    pub(crate) fn choice(&self, text: &str) -> Option<&'static Choice> {
        let (Shape::Choice(choices) | Shape::Choices(choices)) = self.shape else { return None };
        let folded = values::fold_choice(text);
        choices.iter().find(|choice| choice.is_written(&folded))
    }
}

/// One ledger: a file of HR's.
#[derive(Debug)]
pub struct Ledger {
    /// Name in code and of the file, such as `terms`.
    pub name: &'static str,
    /// Name on screens.
    pub title_zh: &'static str,
    /// Name on English screens.
    pub title_en: &'static str,
    /// Columns in order.
    pub columns: &'static [Column],
    /// English names of the columns that tell lines apart.
    pub key: &'static [&'static str],
    /// Whether two lines with the same key are an error.
    pub is_unique: bool,
    /// Whether the group cannot be watched without it.
    pub is_required: bool,
    /// Whether its content may only be seen in the leak lane.
    pub is_confidential: bool,
}

impl PartialEq for Ledger {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Ledger {}

impl Ledger {
    /// The ledger of a name such as `terms`.
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().copied().find(|ledger| ledger.name == name)
    }

    /// The ledger that a file name such as `terms.csv` or `terms.xlsx` belongs to.
    pub fn of_file(file: &str) -> Option<&'static Self> {
        let (stem, extension) = file.rsplit_once('.')?;
        ["csv", "xlsx"].iter().any(|known| extension.eq_ignore_ascii_case(known)).then(|| Self::named(stem))?
    }

    /// The name of its CSV file.
    pub fn file_name(&self) -> String {
        format!("{}.csv", self.name)
    }

    /// The position of a column by its English name.
    pub(crate) fn position(&self, en: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.en == en)
    }
}

/// All ledgers, in the order in which they are read and shown.
pub static ALL: [&Ledger; 15] = [
    &crate::ledger::companies::COMPANIES,
    &crate::ledger::terms::TERMS,
    &crate::ledger::terms::CONFIDENTIAL_TERMS,
    &crate::ledger::employees::EMPLOYEES,
    &crate::ledger::managers::MANAGERS,
    &crate::ledger::exemptions::EXEMPTIONS,
    &crate::ledger::official_accounts::OFFICIAL_ACCOUNTS,
    &crate::ledger::quiet_periods::QUIET_PERIODS,
    &crate::ledger::disclosures::DISCLOSURES,
    &crate::ledger::brand_marks::BRAND_MARKS,
    &crate::ledger::protected_topics::PROTECTED_TOPICS,
    &crate::ledger::groups::GROUPS,
    &crate::ledger::group_rosters::GROUP_ROSTERS,
    &crate::ledger::holidays::HOLIDAYS,
    &crate::ledger::monthly_history::MONTHLY_HISTORY,
];
