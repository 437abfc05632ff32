//! Diagnostics as text: drawn into the source by ariadne, one line each, or JSON. The only file that knows ariadne.
//!
//! ariadne 0.6 panics on spans that are reversed or split a character, forgets help and notes of reports without
//! labels, takes other line ends than ours, and cannot fold long lines. So every place is cut to its first line and
//! to whole characters, texts are shown without control characters, and what has no place that can be drawn is
//! printed here.

use std::collections::BTreeMap;
use std::fmt::{Display, Write};
use std::ops::Range;

use ariadne::{CharSet, Color, Config, IndexType, Label, LabelAttach, Report, ReportKind};
use serde_json::{Value, json};

use crate::base::{Diagnostic, Severity, Source, SourceId, Sources, Span};

/// How diagnostics are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether ANSI colours are used.
    pub colour: Colour,
    /// Which characters frames are made of.
    pub characters: Characters,
}

/// Whether ANSI colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Colour {
    Off,
    On,
}

/// Which characters frames are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Characters {
    Ascii,
    Unicode,
}

/// Lines longer than this many bytes are named, not drawn.
const LONGEST_LINE: usize = 300;

/// The diagnostics drawn into their texts, with a blank line after each.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, style: Style) -> String {
    let mut drawn = Drawn { sources, shown: BTreeMap::new() };
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&headline(diagnostic, style.colour));
        let labels = drawn.labels(diagnostic);
        match draw(diagnostic, labels, &mut drawn, style) {
            Some(picture) => out.push_str(&picture),
            None => plain(diagnostic, sources, &mut out),
        }
        out.push('\n');
    }
    out
}

/// The diagnostics on one line each: `file:line:column: error[E0203]: headline`.
pub fn render_short(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        if let Some(place) = diagnostic.labels.first().and_then(|label| place(sources, label.span)) {
            let _ = write!(out, "{place}: ");
        }
        out.push_str(&headline(diagnostic, Colour::Off));
    }
    out
}

/// The diagnostics as JSON, one object per line: `code`, `severity`, `headline`, `labels` (primary first), `notes`,
/// `help`, `fix`. A place is `file`, `start`, `end` (bytes), `line`, `column`, `end_line`, `end_column` (from 1).
pub fn render_json(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    diagnostics.iter().map(|diagnostic| format!("{}\n", json_of(diagnostic, sources))).collect()
}

fn json_of(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let place = |span: Span| {
        sources.get(span.source).map(|source| {
            let (start, end) = (source.position(span.start), source.position(span.end));
            json!({
                "file": source.name(), "start": span.start, "end": span.end,
                "line": start.line, "column": start.column, "end_line": end.line, "end_column": end.column,
            })
        })
    };
    let labels = diagnostic.labels.iter().map(|label| json!({ "place": place(label.span), "text": label.text }));
    let fix = diagnostic
        .fix
        .as_ref()
        .map(|fix| json!({ "text": fix.text, "place": place(fix.span), "replacement": fix.replacement }));
    json!({
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "headline": diagnostic.headline,
        "labels": labels.collect::<Vec<_>>(),
        "notes": diagnostic.notes,
        "help": diagnostic.help,
        "fix": fix,
    })
}

fn place(sources: &Sources, span: Span) -> Option<String> {
    let source = sources.get(span.source)?;
    let position = source.position(span.start);
    Some(format!("{}:{}:{}", visible(source.name()), position.line, position.column))
}

fn headline(diagnostic: &Diagnostic, colour: Colour) -> String {
    let (word, ansi) = match diagnostic.severity {
        Severity::Error => ("error", "\u{1b}[1;31m"),
        Severity::Warning => ("warning", "\u{1b}[1;33m"),
    };
    let (on, off) = if colour == Colour::On { (ansi, "\u{1b}[0m") } else { ("", "") };
    format!("{on}{word}[{}]{off}: {}\n", diagnostic.code, visible(&diagnostic.headline))
}

/// What follows the picture: `note`, `help` and `fix` with their texts.
fn remarks(diagnostic: &Diagnostic) -> Vec<(&'static str, String)> {
    let notes = diagnostic.notes.iter().map(|note| ("note", visible(note)));
    let help = diagnostic.help.iter().map(|help| ("help", visible(help)));
    let fix = diagnostic.fix.iter().map(|fix| ("fix", visible(&fix.text)));
    notes.chain(help).chain(fix).collect()
}

/// The place and the remarks without a picture.
fn plain(diagnostic: &Diagnostic, sources: &Sources, out: &mut String) {
    for label in &diagnostic.labels {
        if let Some(place) = place(sources, label.span) {
            let _ = write!(out, "  at {place}");
            out.push_str(if label.text.is_empty() { "" } else { ": " });
            out.push_str(&visible(&label.text));
            out.push('\n');
        }
    }
    for (word, text) in remarks(diagnostic) {
        let _ = writeln!(out, "  {word}: {text}");
    }
}

type Place = (SourceId, Range<usize>);

/// The pictures under the headline, one per text that has labels, the primary's first; `None` where nothing can be drawn.
fn draw(
    diagnostic: &Diagnostic,
    labels: Option<Vec<(Place, String)>>,
    drawn: &mut Drawn,
    style: Style,
) -> Option<String> {
    let labels = labels?;
    let (primary, _) = labels.first()?.clone();
    let mut texts: Vec<SourceId> = labels.iter().map(|((source, _), _)| *source).collect();
    texts.sort_by_key(|source| (*source != primary.0, *source));
    texts.dedup();
    let main = if diagnostic.is_error() { Color::Red } else { Color::Yellow };
    let mut out = String::new();
    let mut margin = 0;
    for source in texts {
        let here = labels.iter().filter(|((of, _), _)| *of == source);
        let mut here: Vec<(&Place, &str, Color)> = here
            .map(|(place, text)| (place, text.as_str(), if *place == primary { main } else { Color::Cyan }))
            .collect();
        let anchor = if source == primary.0 { primary.clone() } else { here.first()?.0.clone() };
        here.sort_by_key(|((_, range), ..)| (range.start, range.end));
        let picture = picture(anchor, &here, drawn, style)?;
        margin = picture.chars().take_while(|c| *c == ' ').count();
        out.push_str(&picture);
    }
    for (word, text) in remarks(diagnostic) {
        let _ = writeln!(out, "{}= {word}: {text}", " ".repeat(margin));
    }
    Some(out)
}

/// One text with its labels, in their order. A report over two texts would take the second's places for the first's.
fn picture(anchor: Place, labels: &[(&Place, &str, Color)], drawn: &mut Drawn, style: Style) -> Option<String> {
    let characters = match style.characters {
        Characters::Ascii => CharSet::Ascii,
        Characters::Unicode => CharSet::Unicode,
    };
    let config = Config::default()
        .with_color(style.colour == Colour::On)
        .with_char_set(characters)
        .with_label_attach(LabelAttach::Start)
        .with_index_type(IndexType::Byte);
    let mut report = Report::build(ReportKind::Error, anchor).with_config(config);
    for (order, (place, text, colour)) in labels.iter().enumerate() {
        let label = Label::new((*place).clone()).with_order(order as i32);
        let label = if style.colour == Colour::On { label.with_color(*colour) } else { label };
        report.add_label(label.with_message(if text.is_empty() { "here" } else { text }));
    }
    let mut bytes = vec![];
    report.finish().write(&mut *drawn, &mut bytes).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (_, body) = text.split_once('\n')?;
    // The last line closes the frame; what follows it is ours to write.
    let mut lines: Vec<&str> = body.lines().map(str::trim_end).collect();
    lines.pop_if(|last| !last.starts_with(' '));
    Some(lines.iter().map(|line| format!("{line}\n")).collect())
}

/// The texts as ariadne gets them, made when first asked for.
struct Drawn<'a> {
    sources: &'a Sources,
    shown: BTreeMap<SourceId, ariadne::Source<String>>,
}

impl Drawn<'_> {
    /// Labels with places that ariadne can draw, the primary first; `None` where one cannot be drawn.
    fn labels(&self, diagnostic: &Diagnostic) -> Option<Vec<(Place, String)>> {
        let labels = diagnostic.labels.iter();
        let drawable = labels.map(|label| Some((self.drawable(label.span)?, visible(&label.text))));
        drawable.collect::<Option<Vec<_>>>().filter(|labels| !labels.is_empty())
    }

    /// A span cut to its first line and to whole characters, and to one character at least.
    fn drawable(&self, span: Span) -> Option<Place> {
        let source = self.sources.get(span.source)?;
        let range = source.range(span);
        let number = source.position(range.start as u32).line;
        let line = source.line(number)?;
        let start_of_line = source.text()[..range.start].rfind('\n').map_or(0, |end| end + 1);
        let end_of_line = start_of_line + line.len();
        if line.len() > LONGEST_LINE || source.text().is_empty() {
            return None;
        }
        let start = range.start.min(end_of_line);
        Some((span.source, start..range.end.clamp(start, end_of_line)))
    }
}

impl ariadne::Cache<SourceId> for &mut Drawn<'_> {
    type Storage = String;

    fn fetch(&mut self, id: &SourceId) -> Result<&ariadne::Source<String>, impl std::fmt::Debug> {
        let text = self.sources.get(*id).map_or("", Source::text);
        Ok::<_, String>(self.shown.entry(*id).or_insert_with(|| ariadne::Source::from(same_places(text))))
    }

    fn display<'a>(&self, id: &'a SourceId) -> Option<impl Display + 'a> {
        self.sources.get(*id).map(|source| visible(source.name()))
    }
}

/// A text with blanks for characters that move the cursor, end a line elsewhere or are not seen; bytes keep places.
fn same_places(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match hidden(c) && c != '\n' && c != '\t' {
            true => out.extend(std::iter::repeat_n(' ', c.len_utf8())),
            false => out.push(c),
        }
    }
    out
}

/// A text on one line without characters that move the cursor or are not seen.
fn visible(text: &str) -> String {
    text.chars().map(|c| if hidden(c) { ' ' } else { c }).collect()
}

fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
