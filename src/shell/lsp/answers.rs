//! Answers of the editor's questions as the protocol writes them.

use super::positions::Lines;
use crate::base::{Diagnostic, SourceId, Span};
use crate::language::editor::{CompletionKind, Document};
use crate::language::format;
use serde_json::{Value, json};

/// The notification with a document's findings.
pub fn published(uri: &str, findings: Vec<Value>) -> (&'static str, Value) {
    ("textDocument/publishDiagnostics", json!({ "uri": uri, "diagnostics": findings }))
}

/// Findings about the document's own text.
pub fn findings(document: &Document, uri: &str) -> Vec<Value> {
    let lines = Lines::of(document.text());
    let here = own_findings(document);
    here.map(|finding| {
        let place = finding.labels.first().map_or(Span::default(), |label| label.span);
        let mut words = finding.headline.clone();
        if let Some(label) = finding.labels.first().filter(|label| !label.text.is_empty()) {
            words += &format!("\n{}", label.text);
        }
        finding.notes.iter().for_each(|note| words += &format!("\n{note}"));
        finding.help.iter().for_each(|help| words += &format!("\n{help}"));
        let others = finding.labels.iter().skip(1).filter(|label| label.span.source == SourceId(0));
        let related: Vec<Value> = others
            .map(|label| json!({ "location": { "uri": uri, "range": lines.range(label.span) }, "message": label.text }))
            .collect();
        json!({
            "range": lines.range(place),
            "severity": if finding.is_error() { 1 } else { 2 },
            "code": finding.code,
            "source": "sdl",
            "message": words,
            "relatedInformation": related,
        })
    })
    .collect()
}

fn own_findings(document: &Document) -> impl Iterator<Item = &Diagnostic> {
    let own = |finding: &&Diagnostic| finding.labels.first().is_none_or(|label| label.span.source == SourceId(0));
    document.checked.diagnostics.iter().filter(own)
}

/// What there is to say about a name.
pub fn hover(document: &Document, lines: &Lines, byte: usize) -> Value {
    match document.hover(byte) {
        Some((span, words)) => {
            json!({ "contents": { "kind": "markdown", "value": words }, "range": lines.range(span) })
        }
        None => Value::Null,
    }
}

/// What could stand here.
pub fn completion(document: &Document, byte: usize) -> Value {
    let kind = |kind| match kind {
        CompletionKind::Keyword => 14,
        CompletionKind::Field => 5,
        CompletionKind::Value => 12,
        CompletionKind::Function => 3,
        CompletionKind::Item => 6,
        CompletionKind::Module => 9,
        CompletionKind::Unit => 11,
    };
    let found = document.completions(byte).into_iter().enumerate().map(|(index, found)| {
        json!({
            "label": found.label,
            "kind": kind(found.kind),
            "detail": found.detail,
            "insertText": found.insert,
            // The order of the tables, not of the alphabet.
            "sortText": format!("{index:04}"),
        })
    });
    Value::Array(found.collect())
}

/// Where a name is bound; names of the library have no place in a file.
pub fn definition(document: &Document, uri: &str, byte: usize) -> Value {
    let Some(span) = document.definition(byte) else { return Value::Null };
    let source = &document.checked.sources[span.source.0 as usize];
    let uri = match span.source {
        SourceId(0) => uri.to_owned(),
        _ if source.name.starts_with("std/") => return Value::Null,
        _ => format!("{}/{}", uri.rsplit_once('/').map_or("", |(folder, _)| folder), source.name),
    };
    json!({ "uri": uri, "range": Lines::of(&source.text).range(span) })
}

/// Where a name is used.
pub fn references(document: &Document, uri: &str, byte: usize) -> Value {
    let lines = Lines::of(document.text());
    let places = document.references(byte).into_iter();
    Value::Array(places.map(|span| json!({ "uri": uri, "range": lines.range(span) })).collect())
}

/// The same, for the editor's marks.
pub fn highlights(document: &Document, byte: usize) -> Value {
    let lines = Lines::of(document.text());
    let places = document.references(byte).into_iter();
    Value::Array(places.map(|span| json!({ "range": lines.range(span) })).collect())
}

/// A new name at every place.
pub fn rename(document: &Document, uri: &str, byte: usize, to: &str) -> Result<Value, String> {
    let lines = Lines::of(document.text());
    let places = document.rename(byte, to)?.into_iter();
    let edits: Vec<Value> = places.map(|span| json!({ "range": lines.range(span), "newText": to })).collect();
    Ok(json!({ "changes": { uri: edits } }))
}

/// The whole text in standard form, if it differs and can be read.
pub fn formatting(document: &Document) -> Value {
    let text = document.text();
    match format(text) {
        Ok(formatted) if formatted != text => {
            let whole = Span::new(SourceId(0), 0, text.len());
            json!([{ "range": Lines::of(text).range(whole), "newText": formatted }])
        }
        _ => json!([]),
    }
}

/// An outline.
pub fn symbols(document: &Document) -> Value {
    let lines = Lines::of(document.text());
    let kind = |kind: &str| match kind {
        "definition" => 14,
        "system" => 5,
        "train" | "distill" => 24,
        _ => 19,
    };
    let found =
        document.outline().into_iter().filter(|(name, ..)| !name.is_empty()).map(|(name, what, whole, place)| {
            json!({
                "name": name, "detail": what, "kind": kind(what),
                "range": lines.range(whole), "selectionRange": lines.range(place),
            })
        });
    Value::Array(found.collect())
}

/// Replacements that mend findings within a range.
pub fn actions(document: &Document, uri: &str, range: &Value) -> Value {
    let lines = Lines::of(document.text());
    let (start, end) = (lines.byte(&range["start"]), lines.byte(&range["end"]));
    let touches = |span: Span| span.start as usize <= end && start <= span.end as usize;
    let mended = own_findings(document).filter_map(|finding| {
        let fix = finding.fix.as_ref().filter(|fix| fix.span.source == SourceId(0))?;
        let near = finding.labels.iter().any(|label| touches(label.span)) || touches(fix.span);
        near.then(|| {
            json!({
                "title": format!("{}: {}", finding.headline, fix.text),
                "kind": "quickfix",
                "edit": { "changes": { uri: [{ "range": lines.range(fix.span), "newText": fix.replacement }] } },
            })
        })
    });
    Value::Array(mended.collect())
}

/// Hints within a range.
pub fn hints(document: &Document, range: &Value) -> Value {
    let lines = Lines::of(document.text());
    let (start, end) = (lines.byte(&range["start"]), lines.byte(&range["end"]));
    let shown = document.hints().into_iter().filter(|hint| start <= hint.byte && hint.byte <= end);
    let found =
        shown.map(|hint| json!({ "position": lines.position(hint.byte), "label": hint.text, "tooltip": hint.more }));
    Value::Array(found.collect())
}
