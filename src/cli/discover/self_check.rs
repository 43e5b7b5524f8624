//! Whether the sites of a list still answer as the list says.

use std::sync::Arc;

use crate::discover::{Presence, Site};
use crate::fetch::Fetcher;
use crate::pipeline::discover::{Checked, Manner, discover, each_with_each};

/// A name that nobody has taken, for lists that know none: too long and too odd for chance.
const NOBODY: &str = "wanglou0nobody0takes0this";

/// Asks each site for a name that exists and one that does not, and lists those that answer otherwise; whether there are none.
pub(super) async fn run(fetcher: &Arc<Fetcher>, sites: &[Arc<Site>], manner: Manner) -> bool {
    let mut wrong = Vec::new();
    let mut asked = 0;
    for (expected, name_of) in
        [(Presence::Found, claimed as fn(&Site) -> Option<String>), (Presence::Absent, unclaimed)]
    {
        let questions = sites.iter().filter(|site| site.left_out.is_none());
        let by_name = questions.filter_map(|site| Some((name_of(site)?, Arc::clone(site))));
        for (name, sites) in grouped(by_name) {
            asked += sites.len();
            let mut answers = discover(fetcher, each_with_each(&sites, &[name]), manner);
            while let Some(checked) = answers.recv().await {
                wrong.extend((checked.presence != expected).then_some((expected, checked)));
            }
        }
    }
    print(&mut wrong);
    let left_out = sites.iter().filter(|site| site.left_out.is_some()).count();
    eprintln!(
        "{asked} questions, {} with another answer; {left_out} of {} sites are not asked",
        wrong.len(),
        sites.len()
    );
    wrong.is_empty()
}

fn claimed(site: &Site) -> Option<String> {
    site.claimed.first().cloned()
}

fn unclaimed(site: &Site) -> Option<String> {
    Some(site.unclaimed.first().cloned().unwrap_or_else(|| NOBODY.to_owned()))
}

/// Sites by the name that is asked for, so that many are asked at a time.
fn grouped(questions: impl Iterator<Item = (String, Arc<Site>)>) -> std::collections::BTreeMap<String, Vec<Arc<Site>>> {
    let mut groups = std::collections::BTreeMap::<String, Vec<Arc<Site>>>::new();
    questions.for_each(|(name, site)| groups.entry(name).or_default().push(site));
    groups
}

fn print(wrong: &mut [(Presence, Checked)]) {
    wrong.sort_by(|a, b| (&a.1.site, a.0).cmp(&(&b.1.site, b.0)));
    let mut table = crate::cli::table(&["site", "name", "expected", "answer", "reason"]);
    let word = |presence: &Presence| serde_json::json!(presence).as_str().unwrap_or_default().to_owned();
    for (expected, checked) in wrong.iter() {
        let row = [
            checked.site.clone(),
            checked.name.clone(),
            word(expected),
            word(&checked.presence),
            checked.reason.clone(),
        ];
        table.add_row(row);
    }
    println!("{table}");
}
