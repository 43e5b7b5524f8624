//! What stands on a platform at an instant.

use crate::demo::data;
use crate::model::account::{Account, Post};
use crate::model::time::Timestamp;

const ROWS_PER_PAGE: usize = 6;
const DAYS_TO_SECOND_SIGHT: i64 = 3;

/// All records of the fictional web, at any time.
pub(crate) struct World {
    as_of: Timestamp,
    accounts: Vec<Account>,
    posts: Vec<Post>,
}

impl World {
    pub(crate) fn new(as_of: Timestamp) -> Self {
        Self { as_of, accounts: data::accounts(), posts: data::posts() }
    }

    /// What `platform` shows at `now`.
    pub(crate) fn view(&self, platform: &str, now: Timestamp) -> View<'_> {
        let second_sight = self.as_of.plus_days(DAYS_TO_SECOND_SIGHT) <= now;
        let here = |account: &&Account| account.platform.as_str() == platform;
        let first = self.accounts.iter().filter(here).filter(|account| account.snapshot_of.is_none());
        let shown = first.map(|account| if second_sight { self.later(account) } else { account });
        let (private, accounts) = shown.partition(|account| account.url.contains("/private/"));
        let mut posts: Vec<&Post> = self.posts.iter().filter(|post| post.platform.as_str() == platform).collect();
        posts.sort_by_key(|post| std::cmp::Reverse(post.published));
        View { base: format!("https://{platform}.example"), now, world: self, accounts, private, posts }
    }

    fn later<'a>(&'a self, account: &'a Account) -> &'a Account {
        let snapshot = |other: &&Account| other.snapshot_of.is_some() && other.snapshot_of == account.id;
        self.accounts.iter().find(snapshot).unwrap_or(account)
    }
}

/// What one platform shows at one instant.
pub(crate) struct View<'a> {
    /// Address of the site without a trailing slash.
    pub(crate) base: String,
    /// The instant.
    pub(crate) now: Timestamp,
    /// Accounts with a public profile.
    pub(crate) accounts: Vec<&'a Account>,
    /// Accounts under a forbidden path, of which only the address is shown.
    pub(crate) private: Vec<&'a Account>,
    /// Posts, newest first.
    pub(crate) posts: Vec<&'a Post>,
    world: &'a World,
}

impl<'a> View<'a> {
    pub(crate) fn account(&self, handle: &str) -> Option<&'a Account> {
        self.accounts.iter().find(|account| account.handle == handle).copied()
    }

    pub(crate) fn post(&self, handle: &str, number: &str) -> Option<&'a Post> {
        let url = format!("{}/p/{handle}/{number}", self.base);
        self.posts.iter().find(|post| post.url == url).copied()
    }

    pub(crate) fn posts_of(&self, account: &Account) -> Vec<&'a Post> {
        let is_author = |post: &&&Post| self.author(post).is_some_and(|author| author.handle == account.handle);
        self.posts.iter().filter(is_author).copied().collect()
    }

    /// The author as the platform shows it now, also when the record names an earlier sight of it.
    pub(crate) fn author(&self, post: &Post) -> Option<&'a Account> {
        let recorded = self.world.accounts.iter().find(|account| account.id == post.account)?;
        self.account(&recorded.handle)
    }

    pub(crate) fn latest(&self, page: usize) -> Rows<'a, Post> {
        Rows::cut(&self.posts, page)
    }

    pub(crate) fn users(&self, page: usize) -> Rows<'a, Account> {
        Rows::cut(&self.accounts, page)
    }

    /// Accounts whose name or self-description holds the words.
    pub(crate) fn search(&self, words: &str, page: usize) -> Rows<'a, Account> {
        let fits = |account: &&&Account| {
            !words.is_empty() && (account.display_name.contains(words) || account.bio.contains(words))
        };
        Rows::cut(&self.accounts.iter().filter(fits).copied().collect::<Vec<_>>(), page)
    }
}

/// One page of a list. Pages are numbered from 1.
pub(crate) struct Rows<'a, T> {
    /// What stands on this page.
    pub(crate) rows: Vec<&'a T>,
    /// Number of the following page, if there is one.
    pub(crate) next: Option<usize>,
}

impl<'a, T> Rows<'a, T> {
    fn cut(all: &[&'a T], page: usize) -> Self {
        let start = page.saturating_sub(1).saturating_mul(ROWS_PER_PAGE);
        let rows: Vec<&T> = all.iter().skip(start).take(ROWS_PER_PAGE).copied().collect();
        let next = (start.saturating_add(rows.len()) < all.len() && !rows.is_empty()).then(|| page.saturating_add(1));
        Self { rows, next }
    }
}
