//! What people see of the platforms: one table, and one card for each.

use comfy_table::Table;
use serde_json::{Value, json};

use crate::model::source::EntryKind;
use crate::platform::definition::{Access, Format, entry_name};
use crate::platform::{Canary, Class, Definition};

const HEADER: [&str; 9] = ["平台", "名称", "档", "类别", "访问方式", "入口", "间隔", "校验", "看不到什么"];

/// The platforms as a table.
pub(super) fn table<'a>(platforms: impl Iterator<Item = &'a Definition>) -> Table {
    let mut table = crate::cli::table(&HEADER);
    for definition in platforms {
        table.add_row(row(definition));
    }
    table
}

fn row(definition: &Definition) -> Vec<String> {
    let entries: Vec<&str> = definition.entries().map(entry_name).collect();
    let interval = format!("{}秒", definition.interval_min_s());
    let is_visited = definition.class() != Class::C;
    let if_visited = |text: String| if is_visited { text } else { "—".to_owned() };
    vec![
        definition.id().to_string(),
        definition.name().to_owned(),
        definition.class().name().to_owned(),
        definition.kind().to_owned(),
        if_visited(access(definition.access()).to_owned()),
        if_visited(entries.join(" ")),
        if_visited(interval),
        if definition.canary().is_some() { "有" } else { "无" }.to_owned(),
        definition.note().to_owned(),
    ]
}

const fn access(access: Access) -> &'static str {
    match access {
        Access::Public => "公开页面",
        Access::OfficialApi => "官方接口",
        Access::OperatorBridge => "自建桥接",
    }
}

/// A platform as a JSON object.
pub(super) fn object(definition: &Definition) -> Value {
    json!({
        "id": definition.id(),
        "name": definition.name(),
        "class": definition.class(),
        "kind": definition.kind(),
        "accounts_of": definition.accounts_of(),
        "access": definition.access(),
        "base": definition.base(),
        "entries": definition.entries().map(entry_name).collect::<Vec<_>>(),
        "interval_min_s": definition.interval_min_s(),
        "canary": definition.canary().map(canary_object),
        "terms": definition.terms(),
        "terms_read_on": definition.terms_read_on().map(|day| day.to_string()),
        "robots_note": definition.robots_note(),
        "cannot_see": definition.note(),
        "instead": definition.instead(),
    })
}

fn canary_object(canary: &Canary) -> Value {
    json!({"entry": entry_name(canary.entry), "found": canary.found, "contains": canary.contains})
}

/// A platform in plain words.
pub(super) fn card(definition: &Definition) -> String {
    let mut lines = vec![format!("{}（{}）", definition.name(), definition.id())];
    let mut say = |name: &str, text: String| {
        if !text.is_empty() {
            lines.push(format!("{name}：{text}"));
        }
    };
    say("类别", definition.kind().to_owned());
    say("接入档", class(definition.class()).to_owned());
    say("另外的途径", definition.instead().to_owned());
    say("范围", definition.note().to_owned());
    say("条款", terms(definition));
    say("robots.txt", definition.robots_note().to_owned());
    if definition.class() != Class::C {
        say("账号归属", owner(definition));
        say("访问方式", access(definition.access()).to_owned());
        say("间隔", format!("同一主机两次请求至少相隔 {} 秒", definition.interval_min_s()));
        definition.entries().for_each(|kind| say("入口", entry(definition, kind)));
        say("校验查询", canary(definition));
        lines.push(format!("\n在 sources.toml 中加入：\n\n{}", source(definition)));
    }
    lines.join("\n") + "\n"
}

const fn class(class: Class) -> &'static str {
    match class {
        Class::A => "A，无需账号即可稳定读取",
        Class::B => "B，只偶尔答复陌生访客，默认不访问；来源写明 enabled = true 才访问",
        Class::C => "C，从不访问；来源写了也会被拒绝",
    }
}

fn owner(definition: &Definition) -> String {
    let owner = definition.accounts_of();
    if owner == definition.id() {
        String::new()
    } else {
        format!("{owner}（豁免和官方账号按此平台登记）")
    }
}

fn terms(definition: &Definition) -> String {
    let read = definition.terms_read_on().map(|day| format!("（{day} 读过）")).unwrap_or_default();
    format!("{}{read}", definition.terms())
}

fn entry(definition: &Definition, kind: EntryKind) -> String {
    let what = match kind {
        EntryKind::Search => "按词搜索",
        EntryKind::Listing => "最新列表",
        EntryKind::Account => "个人主页",
        EntryKind::Post | EntryKind::Avatar => "单条内容",
    };
    let format = match definition.format(kind) {
        Some(Format::Html) | None => "HTML",
        Some(Format::Json) => "JSON",
        Some(Format::Feed) => "订阅源",
        Some(Format::Sitemap) => "站点地图",
    };
    let way = if definition.placeholders(kind).is_empty() { "，只从链接到达" } else { "" };
    format!("{} {what}（{format}{way}）", entry_name(kind))
}

fn canary(definition: &Definition) -> String {
    let Some(canary) = definition.canary() else { return "没有".to_owned() };
    let expected = if canary.found { "应有内容" } else { "应答复没有" };
    let base = definition.base().unwrap_or("https://来源的base");
    let url = definition.canary_url(base, &std::collections::BTreeMap::new()).and_then(Result::ok);
    let address = url.filter(|_| definition.base().is_some()).map(|url| format!("，{url}")).unwrap_or_default();
    format!("{} {expected}{address}", entry_name(canary.entry))
}

/// What a source of the platform looks like.
fn source(definition: &Definition) -> String {
    let id = definition.id();
    let base = definition.base().unwrap_or("https://站点的地址");
    let mut lines = vec![
        "[[source]]".to_owned(),
        format!("id = \"{id}\""),
        format!("platform = \"{id}\""),
        format!("base = \"{base}\""),
    ];
    let values = further_values(definition);
    if !values.is_empty() {
        let given: Vec<String> = values.iter().map(|name| format!("{name} = \"…\"")).collect();
        lines.push(format!("values = {{ {} }}", given.join(", ")));
    }
    if definition.class() == Class::B {
        lines.push("enabled = true".to_owned());
    }
    lines.push("basis = \"为什么可以访问\"".to_owned());
    lines.join("\n")
}

/// Placeholders that only a source can fill.
fn further_values(definition: &Definition) -> Vec<&str> {
    let known = ["base", "term", "handle", "id", "page"];
    let entries = [EntryKind::Search, EntryKind::Listing].into_iter();
    let mut names: Vec<&str> = entries.flat_map(|kind| definition.placeholders(kind)).collect();
    names.retain(|name| !known.contains(name));
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::{card, object};
    use crate::model::ids::PlatformId;
    use crate::platform::{Catalog, Definition};

    fn platform(id: &str) -> Definition {
        Catalog::builtin().get(&PlatformId::new(id)).unwrap().clone()
    }

    #[test]
    fn a_card_says_everything_that_a_source_needs() {
        insta::assert_snapshot!(card(&platform("guba")));
    }

    #[test]
    fn a_card_of_class_c_says_how_else_and_shows_no_source() {
        let card = card(&platform("maimai"));
        assert!(card.contains("C，从不访问") && card.contains("另外的途径：与脉脉签约"), "{card}");
        assert!(!card.contains("[[source]]"), "{card}");
    }

    #[test]
    fn a_source_of_class_b_is_shown_expressly_enabled() {
        assert!(card(&platform("xueqiu")).contains("values = { symbol = \"…\" }\nenabled = true"));
    }

    #[test]
    fn an_object_tells_the_class_and_the_canary() {
        let object = object(&platform("v2ex"));
        assert_eq!((object["class"].as_str(), object["canary"]["entry"].as_str()), (Some("A"), Some("listing")));
        assert!(super::object(&platform("x"))["canary"].is_null());
    }
}
