//! What was asked, and how to ask it again: the script, the plan in short, versions, hashes, times.

use super::html::{escape, table};
use crate::engine::{Record, Timing, estimate, stages};
use crate::report::grid::short;
use crate::report::overview::overview;

/// What a piece of a script is, for its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Class {
    Plain,
    Keyword,
    Name,
    Number,
    Text,
    Operator,
    Comment,
}

/// The script with its colours.
pub fn script(pieces: &[(Class, &str)]) -> String {
    let piece = |(class, text): &(Class, &str)| {
        let class = match class {
            Class::Plain => return escape(text),
            Class::Keyword => "k",
            Class::Name => "n",
            Class::Number => "d",
            Class::Text => "s",
            Class::Operator => "o",
            Class::Comment => "c",
        };
        format!("<span class=\"{class}\">{}</span>", escape(text))
    };
    let text: String = pieces.iter().map(piece).collect();
    format!("<pre class=\"script\" tabindex=\"0\" aria-label=\"The script\"><code>{text}</code></pre>")
}

/// The plan in a few lines.
pub fn plan(record: &Record) -> String {
    let summary = estimate(&record.plan, &stages(&record.plan), 1);
    let lines = overview(&record.plan, &summary);
    let rows = lines.iter().filter(|line| !line.starts_with("estimate")).map(|line| {
        let (what, text) = line.split_at_checked(9).unwrap_or((line, ""));
        format!("<div><dt>{}</dt><dd>{}</dd></div>", escape(what.trim()), escape(text.trim()))
    });
    format!("<dl class=\"facts\">{}</dl>", rows.collect::<String>())
}

/// How to get the same again, and how long it took here.
pub fn again(record: &Record, timing: Option<&Timing>) -> String {
    let fact = |what: &str, text: String| format!("<div><dt>{what}</dt><dd>{text}</dd></div>");
    let mut out = format!(
        "<p>The same script and program give the same numbers, bit for bit, for any number of threads.</p>\
         <pre><code>sdl run {}.sdl</code></pre><dl class=\"facts\">",
        escape(&record.script)
    );
    out.push_str(&fact("program", format!("sdl {}", escape(&record.version))));
    out.push_str(&fact("plan", format!("<code>{}</code>", escape(record.plan_hash.as_str()))));
    out.push_str(&fact("seed", record.plan.seed.to_string()));
    if let Some(timing) = timing {
        out.push_str(&fact("time", format!("{} s on {} threads", short(timing.seconds, 3), timing.threads)));
    }
    out.push_str("</dl>");
    let rows: Vec<Vec<String>> = record
        .stages
        .iter()
        .map(|stage| {
            let verb = record.plan.verb(&stage.stage);
            let time = timing.and_then(|timing| timing.stages.iter().find(|timed| timed.stage == stage.stage));
            let time = time.map_or("–".into(), |timed| match timed.cached {
                true => "kept from before".into(),
                false => format!("{} s", short(timed.seconds, 3)),
            });
            vec![
                format!("{verb} <code>{}</code>", escape(&stage.stage.name)),
                time,
                format!("<code>{}</code>", escape(stage.hash.short())),
            ]
        })
        .collect();
    out + &table("Stages, with the hash of all that each was made from", &["stage", "time", "hash"], &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_stays_text() {
        let html = script(&[(Class::Keyword, "data"), (Class::Plain, " </pre><script>"), (Class::Text, "\"&\"")]);
        assert!(html.contains("<span class=\"k\">data</span> &lt;/pre&gt;&lt;script&gt;"), "{html}");
        assert!(html.contains("<span class=\"s\">&quot;&amp;&quot;</span>"));
    }
}
