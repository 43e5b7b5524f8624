//! What a detector claims, and why; who might be behind an account, and why.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::model::ids::{EmployeeId, TermId};
use crate::model::term::Field;

macro_rules! rules {
    ($(#[$about:meta])* $rules:ident { $($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $rules {$(
            $(#[$doc])*
            #[serde(rename = $text)]
            $name,
        )+}

        impl $rules {
            /// Every rule, in the order of the rule book.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The rule's name, such as `R-NAME`.
            pub const fn as_str(self) -> &'static str {
                match self {$(Self::$name => $text),+}
            }
        }

        impl std::fmt::Display for $rules {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use rules;

rules! {
    /// The rule under which a finding stands; `docs/policy.md` has each with examples.
    Rule {
        /// Company name, short name or trademark as an account's name.
        Name = "R-NAME",
        /// Company word with a job title.
        Title = "R-TITLE",
        /// Product brand.
        Brand = "R-BRAND",
        /// Technology name.
        Tech = "R-TECH",
        /// Company culture, slogan.
        Culture = "R-CULTURE",
        /// Company word in a personal verification.
        Verification = "R-VERIF",
        /// A registered mark as the profile picture.
        Avatar = "R-AVATAR",
        /// Official wording on an account that is in no ledger.
        Impersonation = "R-IMPERSONATION",
        /// A club or slogan account of our own people that is in no ledger.
        OfficialUnregistered = "R-OFFICIAL-UNREGISTERED",
        /// The exemption has ended.
        ExemptExpired = "R-EXEMPT-EXPIRED",
        /// The exemption is being decided.
        ExemptPending = "R-EXEMPT-PENDING",
        /// The exemption was taken back.
        ExemptRevoked = "R-EXEMPT-REVOKED",
        /// The likely owner has left the group.
        Departed = "R-DEPARTED",
        /// Confidential or not yet public.
        Leak = "R-LEAK",
        /// Perhaps not yet public; a person has to judge.
        LeakSoft = "R-LEAK-SOFT",
        /// Talk of results inside a quiet period.
        Silent = "R-SILENT",
        /// Content of a work chat group carried outside.
        GroupSpill = "R-GROUP-SPILL",
        /// Attack on a business partner.
        Negative = "R-NEG",
        /// Selling for a competitor, or reselling our own goods.
        Coi = "R-COI",
        /// A temporary work group lives on after its end and the days of grace.
        GroupOverdue = "G-TEMP-OVERDUE",
        /// Nobody owns a work group.
        GroupOwnerNone = "G-OWNER-NONE",
        /// The owner of a work group has left, or works elsewhere now.
        GroupOwnerLeft = "G-OWNER-LEFT",
        /// People who have left are still in a work group.
        GroupDeparted = "G-DEPARTED",
        /// The re-check after a case.
        Recheck = "RECHECK",
    }
}

/// A place in the subject: a field and a byte range in its original text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Field of the subject.
    pub field: Field,
    /// Byte offsets in the field's original text, on character boundaries.
    pub span: Range<usize>,
}

/// One step of an explanation, in both languages of the product.
/// Never holds a confidential term in clear: the mask stands in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Chinese sentence.
    pub zh: String,
    /// English sentence.
    pub en: String,
    /// What it points at, where there is such a place.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<Place>,
}

impl Reason {
    /// A reason that points at no place.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into(), place: None }
    }

    /// The same reason, pointing at a place.
    #[must_use]
    pub fn at(mut self, field: Field, span: Range<usize>) -> Self {
        self.place = Some(Place { field, span });
        self
    }
}

/// One detector's claim about a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Rule.
    pub rule: Rule,
    /// The clause that the rule serves, such as `四.2`.
    pub clause: String,
    /// Terms that took part.
    pub terms: Vec<TermId>,
    /// What else it claims, hashed where it is text of a page, each a claim of its own: a decision covers those that were known and none that comes later.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<String>,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// Shown class of certainty about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// 低, 0.35–0.55: shown only beside a higher one.
    Low,
    /// 中, 0.55–0.80.
    Medium,
    /// 较高, from 0.80. Never certain.
    High,
}

/// Possible owner of an account. A lead, never a statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Employee number.
    pub employee_id: EmployeeId,
    /// Certainty, 0..1, never 1.
    pub score: f64,
    /// Shown class.
    pub band: Band,
    /// Why, and what speaks against it.
    pub reasons: Vec<Reason>,
}
