//! Charts as values: what is drawn in a page and a PDF, and written as a chart of its own into a Word document. Told apart by
//! patterns and labels, so that nothing is lost in black and white.

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Title.
    pub title: String,
    /// How.
    pub kind: ChartKind,
    /// What stands along the axis, such as months.
    pub categories: Vec<String>,
    /// Rows of values, each as long as `categories`.
    pub series: Vec<Series>,
    /// Unit behind values, such as `%`; empty for counts.
    pub unit: &'static str,
    /// What is said where there is nothing to draw.
    pub nothing: String,
}

/// The kinds of charts.
#[derive(Debug, Clone, PartialEq)]
pub enum ChartKind {
    /// Series upon each other, a column for each category.
    Columns,
    /// A bar for each category; one series.
    Bars {
        /// Whether a bar ten times as long stands for a value ten times as large; else each length is a power of ten.
        is_linear: bool,
    },
    /// A line for each series.
    Lines {
        /// Where values should lie: lowest, highest, how it is called.
        band: Option<(f64, f64, String)>,
    },
}

/// One row of values.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Name.
    pub name: String,
    /// Values; none where none is told.
    pub values: Vec<Option<f64>>,
    /// What is written at the values, where that is not the value itself; empty for the values.
    pub labels: Vec<String>,
}

impl Series {
    pub(crate) fn label(&self, at: usize, unit: &str) -> String {
        match (self.labels.get(at), self.values.get(at).copied().flatten()) {
            (Some(label), _) => label.clone(),
            (None, Some(value)) => format!("{}{unit}", number(value)),
            (None, None) => String::new(),
        }
    }
}

impl Chart {
    /// Whether there is anything to draw.
    pub(crate) fn is_empty(&self) -> bool {
        self.series.iter().all(|series| series.values.iter().all(Option::is_none))
    }

    /// The largest value, or sum of a column, and that of the band; at least 1. Shares go to a hundred.
    pub(crate) fn top(&self) -> f64 {
        let column = |at: usize| -> f64 { self.series.iter().filter_map(|series| series.values[at]).sum() };
        let values = self.series.iter().flat_map(|series| series.values.iter().flatten().copied());
        let highest = match &self.kind {
            ChartKind::Columns => (0..self.categories.len()).map(column).fold(0.0, f64::max),
            ChartKind::Bars { .. } => values.fold(0.0, f64::max),
            ChartKind::Lines { band } => values.chain(band.iter().map(|(_, highest, _)| *highest)).fold(0.0, f64::max),
        };
        if self.unit == "%" { 100.0 } else { highest.max(1.0) }
    }
}

/// A value as it is written: whole, or with one decimal.
pub(crate) fn number(value: f64) -> String {
    if (value - value.round()).abs() < 0.05 { format!("{value:.0}") } else { format!("{value:.1}") }
}
