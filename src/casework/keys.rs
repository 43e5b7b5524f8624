//! By which hash an account or post is known, so that no name need be stored for it.

use sha2::{Digest, Sha256};

use crate::model::case::{Subject, SubjectKind};

/// The key of a subject: SHA-256 over kind, platform and what identifies it there.
/// A group is its number, an account is its handle (its address when it has none), a post is its address (its record's identifier when it has none).
pub fn subject_key(subject: &Subject) -> String {
    match subject.kind {
        SubjectKind::Account => key("account", subject, first_of(&subject.handle, &subject.url, subject)),
        SubjectKind::Group => key("group", subject, first_of(&subject.handle, "", subject)),
        SubjectKind::Post => key("post", subject, first_of(&subject.url, "", subject)),
    }
}

/// The key of the account behind a subject; the subject's own key where the page names nobody.
pub fn account_key(subject: &Subject) -> String {
    let is_itself = subject.handle.is_empty() || subject.kind == SubjectKind::Group;
    if is_itself { subject_key(subject) } else { key("account", subject, &subject.handle) }
}

fn first_of<'a>(first: &'a str, second: &'a str, subject: &'a Subject) -> &'a str {
    [first, second].into_iter().find(|text| !text.is_empty()).or(subject.id.as_deref()).unwrap_or_default()
}

fn key(kind: &str, subject: &Subject, identity: &str) -> String {
    let digest = Sha256::digest(format!("{kind}\n{}\n{identity}", subject.platform).as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{account_key, subject_key};
    use crate::model::case::{Subject, SubjectKind};

    fn subject(kind: SubjectKind, handle: &str, url: &str) -> Subject {
        Subject { kind, id: None, platform: "forum".into(), handle: handle.into(), url: url.into() }
    }

    #[test]
    fn a_post_and_its_author_share_the_account_key() {
        let author = subject(SubjectKind::Account, "u1", "https://forum.example/u1");
        let post = subject(SubjectKind::Post, "u1", "https://forum.example/p/9");
        assert_eq!(account_key(&author), account_key(&post));
        assert_ne!(subject_key(&author), subject_key(&post));
    }

    #[test]
    fn a_post_without_author_stands_for_itself() {
        let post = subject(SubjectKind::Post, "", "https://forum.example/p/9");
        assert_eq!(account_key(&post), subject_key(&post));
    }

    #[test]
    fn a_new_address_of_the_same_handle_is_the_same_account() {
        let before = subject(SubjectKind::Account, "u1", "https://forum.example/u1");
        let after = subject(SubjectKind::Account, "u1", "https://forum.example/user/1");
        assert_eq!(subject_key(&before), subject_key(&after));
    }
}
