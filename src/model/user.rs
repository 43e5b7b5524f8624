//! Who signs in to the console, and as what.

use serde::{Deserialize, Serialize};

use crate::model::ids::{CompanyCode, EmployeeId, UserId};
use crate::model::time::Timestamp;

/// What somebody is in the console. A person may be several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// IT: people who sign in and the health of sources; no personal data.
    Admin,
    /// HR who keeps the ledgers of marks.
    ListEditor,
    /// Designated manager of a company, or the deputy.
    Manager(CompanyCode),
    /// HR of the listed company.
    GroupHr,
    /// 泄密专线 (board office).
    LeakLane,
    /// 法务
    Legal,
    /// Reads cases and the audit, changes nothing.
    Auditor,
    /// Answers what people ask about their own data.
    RequestClerk,
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Admin => f.write_str("admin"),
            Self::ListEditor => f.write_str("list_editor"),
            Self::Manager(code) => write!(f, "manager:{code}"),
            Self::GroupHr => f.write_str("group_hr"),
            Self::LeakLane => f.write_str("leak"),
            Self::Legal => f.write_str("legal"),
            Self::Auditor => f.write_str("auditor"),
            Self::RequestClerk => f.write_str("request_clerk"),
        }
    }
}

impl std::str::FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "admin" => Ok(Self::Admin),
            "list_editor" => Ok(Self::ListEditor),
            "group_hr" => Ok(Self::GroupHr),
            "leak" => Ok(Self::LeakLane),
            "legal" => Ok(Self::Legal),
            "auditor" => Ok(Self::Auditor),
            "request_clerk" => Ok(Self::RequestClerk),
            other => {
                match other.strip_prefix("manager:") {
                    Some(code) if !code.is_empty() => Ok(Self::Manager(CompanyCode::new(code))),
                    _ => Err("one of admin, list_editor, manager:CODE, group_hr, leak, legal, auditor, request_clerk"
                        .to_owned()),
                }
            }
        }
    }
}

impl Serialize for Role {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Somebody who may sign in to the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Identifier.
    pub id: UserId,
    /// Name for signing in, in small letters.
    pub login: String,
    /// Name on the screen.
    pub name: String,
    /// Employee number, by which the ledger of managers gives roles; empty for people who are on no payroll.
    pub employee: EmployeeId,
    /// Roles beside those of the ledger.
    pub roles: Vec<Role>,
    /// Language tag, `zh-CN` or `en`.
    pub language: String,
    /// Hash of the password (PHC string); none until the invitation was used.
    pub password_hash: Option<String>,
    /// Wrong passwords since the last right one.
    pub failures: u32,
    /// Until when nobody signs in under this name, after too many wrong passwords.
    pub locked_until: Timestamp,
    /// Whether signing in is over for good.
    pub disabled: bool,
    /// When the user was made.
    pub created_at: Timestamp,
}

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenScope {
    /// Read the cases that the user sees.
    #[serde(rename = "cases:read")]
    ReadCases,
    /// Decide the cases that the user decides.
    #[serde(rename = "cases:decide")]
    DecideCases,
}

impl std::fmt::Display for TokenScope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::ReadCases => "cases:read",
            Self::DecideCases => "cases:decide",
        })
    }
}

impl std::str::FromStr for TokenScope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "cases:read" => Ok(Self::ReadCases),
            "cases:decide" => Ok(Self::DecideCases),
            _ => Err("one of cases:read, cases:decide".to_owned()),
        }
    }
}

/// A token by which a program asks in the name of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Name, by which it is revoked.
    pub name: String,
    /// What it is for.
    pub scopes: Vec<TokenScope>,
    /// When it ends.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::{Role, TokenScope};

    #[test]
    fn roles_are_read_as_they_are_written_and_nothing_else_is_one() {
        for word in ["admin", "list_editor", "manager:XH", "group_hr", "leak", "legal", "auditor", "request_clerk"] {
            assert_eq!(word.parse::<Role>().unwrap().to_string(), word);
        }
        assert!("manager:".parse::<Role>().is_err() && "root".parse::<Role>().is_err());
    }

    #[test]
    fn scopes_are_read_as_they_are_written_and_nothing_else_is_one() {
        for word in ["cases:read", "cases:decide"] {
            assert_eq!(word.parse::<TokenScope>().unwrap().to_string(), word);
        }
        assert!("cases".parse::<TokenScope>().is_err());
    }
}
