//! A forum whose list is paged and leads to its posts, as a platform file.

/// With so many pages of its list, what is read of a row beside its address, and what is said of a post's own page.
pub(crate) fn forum_file(pages_max: u32, row: &str, post: &str) -> String {
    let list = r#"
        id = "luntan"
        name = "论坛"
        interval_min_s = 0
        [entry.listing]
        url = "{base}/?page={page}"
        follow = { post = "a.post@href" }
        pages_max = "#;
    format!(
        "{list}{pages_max}\n[entry.listing.post]\neach = \"li\"\nurl = \"a.post@href\"\n{row}\n[entry.post]\n{post}\n"
    )
}
