//! A run as one page: a single file that opens anywhere, without a network. Words, tables and formulas stand in it as
//! HTML and MathML; charts are drawn from data in it by the Plot library (`vendor/`), which it carries.
//!
//! A page may show a stranger's script: all text is escaped, and a policy in the page forbids it to load or send anything.

mod asked;
mod data;
mod evidence;
mod found;
mod html;
mod several;
mod swept;

pub use asked::Class;
pub use several::several;

use super::figures::charts;
use crate::engine::{Record, Sheet, Timing};
use crate::plan::StageKind;
use evidence::Evidence;
use html::{escape, json};

const STYLE: &str = concat!(include_str!("vendor/stix-two-math.css"), include_str!("page.css"));
const SCRIPT: &str = include_str!("page.js");
const LIBRARIES: [&str; 2] = [include_str!("vendor/d3.min.js"), include_str!("vendor/plot.umd.min.js")];
const LICENCES: [&str; 2] = [include_str!("vendor/LICENSE-d3"), include_str!("vendor/LICENSE-plot")];

/// What a page is made from.
#[derive(Clone, Copy)]
pub struct Parts<'a> {
    /// The run.
    pub record: &'a Record,
    /// Its tables.
    pub sheets: &'a [Sheet],
    /// Its times, where they are known.
    pub timing: Option<&'a Timing>,
    /// The script in pieces; all of them together are its text.
    pub script: &'a [(Class, &'a str)],
}

/// The page of one run.
pub fn page(parts: &Parts) -> String {
    let Parts { record, sheets, timing, script } = *parts;
    let charts = charts(record, sheets);
    let evidence = Evidence { record, sheets, charts: &charts };
    let mut sections = vec![];
    let mut section = |id: &'static str, title: &'static str, content: String| {
        if !content.is_empty() {
            sections.push((id, title, content));
        }
    };
    let laws = || record.laws.iter();
    let laws_found: String = laws().map(|(name, finding)| found::law(record, name, finding)).collect();
    let relations = || record.relations.iter();
    let relations_found: String = relations().map(|(name, relation)| found::relation(record, name, relation)).collect();
    let expected = found::expectations(&record.expects);
    section("found", "What was found", laws_found + &relations_found + &expected);
    section("swept", "Over the sweep", swept::swept(&record.tables));
    section("motion", "In motion", laws().map(|(name, _)| evidence.motion(name)).collect());
    let good: String = laws().map(|(name, finding)| evidence.comparison(name, finding)).collect();
    section("good", "How good it is", good + &relations().map(|(name, _)| evidence.relation(name)).collect::<String>());
    let trained = record.stages.iter().filter(|stage| stage.stage.kind == StageKind::Train);
    section("learnt", "What the network learnt", trained.map(|stage| evidence.training(&stage.stage.name)).collect());
    section("law", "From network to law", laws().map(|(name, finding)| evidence.search(name, finding)).collect());
    section("asked", "What was asked", asked::plan(record) + &asked::script(script));
    section("again", "To get it again", asked::again(record, timing));
    let text: String = script.iter().map(|piece| piece.1).collect();
    let body = head(record, &text) + &sections.iter().map(written).collect::<String>();
    let title = format!("{} · sdl", record.script);
    let contents: Vec<(&str, &str)> = sections.iter().map(|(id, title, _)| (*id, *title)).collect();
    document(&title, &contents, &body, &json(&data::data(&charts, sheets)))
}

fn written((id, title, content): &(&'static str, &'static str, String)) -> String {
    format!("<section id=\"{id}\" aria-labelledby=\"{id}-title\"><h2 id=\"{id}-title\">{title}</h2>{content}</section>")
}

/// Title, what the script says of itself, and the outcome at a glance.
fn head(record: &Record, script: &str) -> String {
    let lead = script.lines().find_map(|line| line.trim().strip_prefix("## ")).unwrap_or("");
    let failed = record.expects.iter().filter(|expect| !expect.holds).count();
    let (class, state) = match (record.finished, failed, record.expects.len()) {
        (false, _, _) => ("fair", "not finished".to_owned()),
        (true, 0, 0) => ("good", "finished".to_owned()),
        (true, 0, _) => ("good", "everything expected came out".to_owned()),
        (true, failed, all) => ("bad", format!("{failed} of {all} expectations failed")),
    };
    format!(
        "<header><p class=\"state {class}\">{state}</p><h1>{}</h1><p class=\"lead\">{}</p></header>",
        escape(&record.script),
        escape(lead),
    )
}

/// A whole document.
fn document(title: &str, contents: &[(&str, &str)], body: &str, data: &str) -> String {
    let links: String = contents.iter().map(|(id, title)| format!("<li><a href=\"#{id}\">{title}</a></li>")).collect();
    let [d3, plot] = LIBRARIES;
    let [of_d3, of_plot] = LICENCES.map(|text| text.replace("*/", ""));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; \
         style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" content=\"sdl {version}\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">To the content</a>\n\
         <nav aria-label=\"Contents\"><ul>{links}</ul>\
         <button type=\"button\" id=\"theme\" aria-label=\"Colours: as the system\">◐</button></nav>\n\
         <main id=\"main\">{body}</main>\n\
         <footer><p>Made by sdl {version}, the symbolic distillation language. This file needs no network.</p></footer>\n\
         <noscript><p class=\"noscript\">Charts need scripts; every number in words and tables stands without.</p></noscript>\n\
         <script type=\"application/json\" id=\"data\">{data}</script>\n\
         <script>/* d3\n{of_d3}*/\n{d3}</script>\n<script>/* Observable Plot\n{of_plot}*/\n{plot}</script>\n\
         <script>{SCRIPT}</script>\n</body>\n</html>\n",
        version = env!("CARGO_PKG_VERSION"),
        title = escape(title),
    )
}
