//! Identifiers. Each is its own type, so that a company code is never taken for an employee number.

macro_rules! id_type {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps the text as it stands; surrounding white space is dropped.
            pub fn new(text: impl AsRef<str>) -> Self {
                Self(text.as_ref().trim().to_owned())
            }

            /// The text of the identifier.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether nothing was given.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    )+};
}

id_type! {
    /// A line of the terms ledger, such as `W001`. Never used again once given.
    TermId,
    /// A company of the group, by the code HR uses.
    CompanyCode,
    /// A person on the payroll, by employee number.
    EmployeeId,
    /// A kind of site, described by one platform file.
    PlatformId,
    /// A thing visited regularly on a platform.
    SourceId,
    /// A process that visits and sends, from when it joins until it ends.
    WorkerId,
    /// A line of the exemptions ledger.
    ExemptionId,
    /// A line of the official accounts ledger.
    OfficialAccountId,
    /// A line of the disclosures ledger.
    DisclosureId,
    /// A line of the quiet periods ledger.
    QuietPeriodId,
    /// A line of the protected topics ledger.
    TopicId,
    /// A work chat group of the register.
    GroupId,
    /// A self-inspection of a company's work groups. Ordered by time (UUID version 7).
    CampaignId,
    /// A case in the store. Ordered by time of creation (UUID version 7).
    CaseId,
    /// One run over what was due.
    ScanId,
    /// One stored answer of a server. Ordered by time (UUID version 7).
    CaptureId,
    /// One message about a case. Ordered by time (UUID version 7).
    AlertId,
    /// Somebody who may sign in to the console. Ordered by time (UUID version 7).
    UserId,
    /// A list of cases that somebody saved. Ordered by time (UUID version 7).
    SavedViewId,
    /// A proposed change of protected topics. Ordered by time (UUID version 7).
    TopicChangeId,
    /// What somebody asked about their own data. Ordered by time (UUID version 7).
    RequestId,
    /// SHA-256 of stored bytes, 64 lower-case hexadecimal digits.
    CaptureHash,
}
