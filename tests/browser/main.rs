//! The console in a real browser: journeys of the people it is for, by finger and by keyboard, and what every page must keep
//! to: the rules of WCAG, no text that is cut or covered, nothing wider than the window, no need of scripts.
//! `bash tests/targets/browser.sh install` gets Chromium, chromedriver and axe-core.

mod check;
mod driver;
mod groups;
#[path = "../support/groups_world.rs"]
mod groups_world;
#[expect(dead_code, reason = "the tests over plain HTTP look at more of an answer")]
#[path = "../support/http.rs"]
mod http;
mod keyboard;
mod ledgers;
mod manager;
mod office;
mod operator;
mod pages;
mod provider;
mod reports;
mod rights;
#[expect(dead_code, reason = "the tests over plain HTTP use more of it")]
#[path = "../support/console_world.rs"]
mod world;
