//! What monitoring reads: the form of the text, nothing personal in it, and that dashboard and rules ask for what there is.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use crate::world::{PERSONAL, world};

/// Samples by name, with their labels; panics at anything that is not of the form.
fn parsed(text: &str) -> BTreeMap<String, Vec<(String, f64)>> {
    let body = text.strip_suffix("# EOF\n").expect("the text ends with its mark");
    let line =
        Regex::new(r#"^([a-z_]+)(?:\{([a-z_]+="[^"\\\n]*"(?:,[a-z_]+="[^"\\\n]*")*)\})? (-?[0-9.e+-]+)$"#).unwrap();
    let (mut declared, mut samples) = (BTreeSet::new(), BTreeMap::<String, Vec<_>>::new());
    for text in body.lines() {
        if let Some(meta) = text.strip_prefix("# ") {
            let words: Vec<&str> = meta.splitn(3, ' ').collect();
            assert!(["HELP", "TYPE"].contains(&words[0]) && !words[2].is_empty(), "{text}");
            declared.insert(words[1].to_owned());
            continue;
        }
        let parts = line.captures(text).unwrap_or_else(|| panic!("not a sample: {text}"));
        assert!(declared.contains(&parts[1]), "no TYPE before {text}");
        let labels = parts.get(2).map_or("", |labels| labels.as_str()).to_owned();
        samples.entry(parts[1].to_owned()).or_default().push((labels, parts[3].parse().unwrap()));
    }
    samples
}

#[tokio::test]
async fn the_figures_are_those_of_the_installation() {
    let w = world("").await;
    w.fill().await;
    let answer = w.get("/metrics").await;
    assert!(answer.head.contains("content-type: application/openmetrics-text; version=1.0.0"), "{}", answer.head);
    let samples = parsed(&answer.body);
    let of = |name: &str, label: &str| {
        let values = samples.get(name).unwrap_or_else(|| panic!("no {name}:\n{}", answer.body));
        values.iter().find(|(labels, _)| labels.contains(label)).map(|(_, value)| *value)
    };
    assert_eq!(of("wanglou_ready", ""), Some(1.0));
    assert_eq!(of("wanglou_alerts", "queued"), Some(1.0));
    assert_eq!(of("wanglou_alerts", "uncertain"), Some(0.0));
    assert_eq!(of("wanglou_alert_late_seconds", ""), Some(600.0));
    assert_eq!(of("wanglou_last_scan_age_seconds", ""), Some(3600.0));
    assert_eq!(of("wanglou_sources", "blocked"), Some(1.0));
    assert_eq!(of("wanglou_sources", "unvisited"), Some(1.0));
    assert_eq!(of("wanglou_source_confirmed_age_seconds", "forum"), Some(90.0));
    assert_eq!(of("wanglou_source_confirmed_age_seconds", "board"), None, "it was never confirmed");
    assert_eq!(of("wanglou_source_pages_today", "forum"), Some(12.0));
    let canary = |source| of("wanglou_source_canary_ok", source);
    assert_eq!((canary("forum"), canary("board")), (Some(1.0), Some(0.0)));
    assert_eq!(of("wanglou_discoveries", "absent"), Some(1.0));
    assert_eq!(of("wanglou_cases_open", "severity=\"high\",lane=\"conduct\""), Some(1.0));
    assert_eq!(of("wanglou_jobs", "kind=\"visit\",state=\"available\""), Some(1.0));
    assert_eq!((of("wanglou_workers", ""), of("wanglou_hosts_held", "")), (Some(2.0), Some(2.0)));
    assert!(of("process_resident_memory_bytes", "").unwrap() > 1e6);
    assert!(of("process_open_fds", "").unwrap() > 3.0);
}

#[tokio::test]
async fn no_person_and_no_company_stands_in_any_answer() {
    let w = world("").await;
    w.fill().await;
    for path in ["/", "/?lang=en", "/readyz", "/metrics"] {
        let body = w.get(path).await.body;
        PERSONAL.iter().for_each(|word| assert!(!body.contains(word), "{path} shows {word}"));
    }
}

#[tokio::test]
async fn dashboard_and_rules_ask_only_for_what_there_is() {
    let w = world("").await;
    w.fill().await;
    let there: BTreeSet<String> = parsed(&w.get("/metrics").await.body).into_keys().collect();
    let name = Regex::new(r"\b(?:wanglou|process)_[a-z_]+\b").unwrap();
    for file in ["grafana-dashboard.json", "prometheus-alerts.yml"] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(file);
        let text = std::fs::read_to_string(path).unwrap();
        let asked: BTreeSet<String> = name.find_iter(&text).map(|found| found.as_str().to_owned()).collect();
        assert!(asked.len() > 8, "{file} asks for {asked:?}");
        let missing: Vec<_> = asked.difference(&there).collect();
        assert!(missing.is_empty(), "{file} asks for {missing:?}, which /metrics does not print");
    }
}

#[test]
fn the_dashboard_is_json_with_panels() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/grafana-dashboard.json");
    let dashboard: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(dashboard["panels"].as_array().unwrap().len() > 8);
}
