//! Sitemaps: the pages that a site lists itself, and indexes of such lists. The newest come first, so that a limit leaves
//! out the oldest.

use std::cmp::Reverse;

use chrono_tz::Tz;
use scraper::{ElementRef, Html, Selector};

use crate::model::time::Timestamp;
use crate::platform::date::{self, DateFormat};
use crate::platform::definition::field::SitemapPart;
use crate::platform::plain;

/// Most addresses that a sitemap may list by its standard.
const ADDRESSES_MAX: usize = 50_000;
/// Most sitemaps of an index that are visited.
const SITEMAPS_MAX: usize = 20;

/// A parsed sitemap.
pub(in crate::platform) struct Sitemap {
    pages: Vec<String>,
    sitemaps: Vec<String>,
}

/// Parses a sitemap or an index of sitemaps; none when the text is neither.
pub(super) fn parse(text: &str, fetched_at: Timestamp, zone: Tz) -> Option<Sitemap> {
    // The reader of HTML takes it for markup that it does not know, which is read as it stands; only CDATA is unknown to
    // it.
    let text = text.replace("<![CDATA[", "").replace("]]>", "");
    if plain::is_nested_too_deeply(&text) {
        return None;
    }
    let document = Html::parse_document(&text);
    document.select(&fixed("urlset, sitemapindex")).next()?;
    let newest = |rows: &str, max| listed(&document, rows, fetched_at, zone).into_iter().take(max).collect();
    Some(Sitemap {
        pages: newest("urlset > url", ADDRESSES_MAX),
        sitemaps: newest("sitemapindex > sitemap", SITEMAPS_MAX),
    })
}

fn listed(document: &Html, rows: &str, fetched_at: Timestamp, zone: Tz) -> Vec<String> {
    let [rows, loc, lastmod] = [rows, "loc", "lastmod"].map(fixed);
    let changed = |row| date::parse(&text_of(row, &lastmod)?, &DateFormat::Auto, fetched_at, zone);
    let address = |row| Some((Reverse(changed(row)), text_of(row, &loc)?));
    let mut listed: Vec<_> = document.select(&rows).take(ADDRESSES_MAX).filter_map(address).collect();
    // Those without a date keep their order, behind all others.
    listed.sort_by_key(|(changed, _)| *changed);
    listed.into_iter().map(|(_, address)| address).collect()
}

fn text_of(row: ElementRef<'_>, part: &Selector) -> Option<String> {
    let text: String = row.select(part).next()?.text().collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn fixed(selector: &str) -> Selector {
    Selector::parse(selector).expect("a fixed selector")
}

impl Sitemap {
    /// Whether it lists nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.pages.is_empty() && self.sitemaps.is_empty()
    }

    /// The addresses of one part, the newest first.
    pub(super) fn addresses(&self, part: SitemapPart) -> &[String] {
        match part {
            SitemapPart::Page => &self.pages,
            SitemapPart::Sitemap => &self.sitemaps,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Sitemap, parse};
    use crate::model::time::Timestamp;

    const PAGES: &str = "<?xml version=\"1.0\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\
        <url><loc>https://site.example/no-date</loc></url>\
        <url><loc> https://site.example/old?a=1&amp;b=2 </loc><lastmod>2025-01-02</lastmod></url>\
        <url><loc><![CDATA[https://site.example/new]]></loc><xhtml:link rel=\"alternate\"/><lastmod>2026-11-19T08:00:00+08:00</lastmod></url>\
        </urlset>";

    fn read(text: &str) -> Option<Sitemap> {
        parse(text, Timestamp::from_ms(1_795_168_800_000), chrono_tz::Asia::Shanghai)
    }

    #[test]
    fn the_newest_pages_come_first_and_those_without_a_date_last() {
        let pages = read(PAGES).unwrap().pages;
        assert_eq!(
            pages,
            ["https://site.example/new", "https://site.example/old?a=1&b=2", "https://site.example/no-date"]
        );
    }

    #[test]
    fn an_index_leads_to_its_newest_sitemaps_and_not_to_all() {
        let rows: String = (10..40)
            .map(|day| {
                format!("<sitemap><loc>https://site.example/{day}.xml</loc><lastmod>20{day}-01-01</lastmod></sitemap>")
            })
            .collect();
        let index = read(&format!("<sitemapindex>{rows}</sitemapindex>")).unwrap();
        assert!(index.pages.is_empty());
        assert_eq!((index.sitemaps.len(), index.sitemaps[0].as_str()), (20, "https://site.example/39.xml"));
    }

    #[test]
    fn a_sitemap_that_lists_nothing_is_empty_and_a_page_is_no_sitemap() {
        assert!(read("<urlset></urlset>").unwrap().is_empty());
        assert!(read("<html><body><p>请登录</p></body></html>").is_none());
        assert!(read("").is_none());
    }
}
