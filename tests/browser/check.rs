//! What every page must keep to, whatever it shows.

use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::driver::{Browser, HOW, TAB, Window, packages};

/// The rules of WCAG 2.2, levels A and AA, as far as a program can check them: <https://github.com/dequelabs/axe-core>.
static AXE: LazyLock<String> = LazyLock::new(|| {
    let path = packages().join("node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("axe-core cannot be read ({error}); {HOW}"))
});

const RULES: &str = "
return axe.run({ runOnly: arguments[0], preload: false, resultTypes: ['violations'] }).then(found => found.violations.flatMap(rule =>
  rule.nodes.map(node => `${rule.id}: ${node.html} ${node.any.concat(node.all, node.none).map(one => one.message).join('; ')}`)));";

/// Nothing wider than the window, no text cut off or lying on another, nothing too small for a finger.
const LAYOUT: &str = include_str!("layout.js");

/// Everything that is wrong with the page in a window.
pub(crate) async fn faults(browser: &Browser, window: Window) -> Vec<String> {
    keep_picture(browser, window).await;
    let mut faults = axe(browser, json!(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])).await;
    let (width, _) = window.size();
    faults.extend(texts(&browser.run(LAYOUT, json!([width, window == Window::Phone])).await));
    faults
}

/// Keeps a picture of the Chinese page for the documents, where `WANGLOU_PICTURES` names a folder.
async fn keep_picture(browser: &Browser, window: Window) {
    let Some(folder) = std::env::var_os("WANGLOU_PICTURES") else { return };
    if browser.run("return document.documentElement.lang", json!([])).await != "zh-CN" {
        return;
    }
    // Without what differs from run to run, such as tokens.
    let path = browser.path().await;
    let parts = path.split(['/', '?', '=', '&']).filter(|part| !part.is_empty() && part.len() < 30);
    let name = parts.collect::<Vec<_>>().join("-");
    let name = if name.is_empty() { "today" } else { &name };
    let file = format!("{name}.{}.webp", if window == Window::Phone { "phone" } else { "desk" });
    std::fs::write(PathBuf::from(folder).join(file), browser.picture().await).unwrap();
}

/// Every element that can be used has its turn with Tab in the order of the page, shows that it is where one is, and is left again.
const TABBING: &str = include_str!("tabbing.js");

/// What is wrong with the page for somebody without a mouse.
pub(crate) async fn tabbing_faults(browser: &Browser) -> Vec<String> {
    let stops = browser.run(TABBING, json!([true])).await[0].as_u64().expect("a count");
    let stops = usize::try_from(stops).expect("a page has few stops");
    browser.keys(&TAB.repeat(stops + 1)).await;
    texts(&browser.run(TABBING, json!([false])).await)
}

/// Text that is hard to tell from what is behind it.
pub(crate) async fn contrast_faults(browser: &Browser) -> Vec<String> {
    axe(browser, json!({ "type": "rule", "values": ["color-contrast"] })).await
}

async fn axe(browser: &Browser, rules: Value) -> Vec<String> {
    if browser.run("return typeof axe", json!([])).await == "undefined" {
        browser.run(&AXE, json!([])).await;
    }
    texts(&browser.run(RULES, json!([rules])).await)
}

fn texts(found: &Value) -> Vec<String> {
    found.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Asserts that the page shown is without fault in both windows and by keys alone, and leaves the window as it was.
pub(crate) async fn sound(browser: &Browser) {
    let (walked, mut found) = (browser.window(), Vec::new());
    for window in [Window::Desktop, Window::Phone] {
        browser.resize(window).await;
        found.extend(faults(browser, window).await.into_iter().map(|fault| format!("{window:?}: {fault}")));
    }
    browser.resize(Window::Desktop).await;
    found.extend(tabbing_faults(browser).await.into_iter().map(|fault| format!("by keys: {fault}")));
    browser.resize(walked).await;
    assert!(found.is_empty(), "{}:\n{}", browser.path().await, found.join("\n"));
}
