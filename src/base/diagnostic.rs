//! Diagnostics as data: what is wrong, where, why, and what to do next. Only `shell::terminal` draws them.

use serde::{Deserialize, Serialize};

/// Which source text a span points into: an index into the list of loaded files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourceId(pub u32);

/// A half-open range of bytes in a source text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The text the range lies in.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The range from `start` to `end` of `source`.
    pub fn new(source: SourceId, start: usize, end: usize) -> Span {
        Span { source, start: start as u32, end: end as u32 }
    }

    /// The smallest range that covers both.
    pub fn to(self, other: Span) -> Span {
        Span { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The bytes of the range, clamped to a text of `len` bytes.
    pub fn range(self, len: usize) -> std::ops::Range<usize> {
        let end = (self.end as usize).min(len);
        (self.start as usize).min(end)..end
    }
}

/// How bad it is: errors stop a run before it starts, warnings do not unless `--strict` is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing runs.
    Error,
    /// It runs, but probably not as meant.
    Warning,
}

/// A place with a remark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// The remark; empty for a bare underline.
    pub text: String,
}

/// A replacement that mends the mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What the replacement does, in words.
    pub text: String,
    /// The bytes to replace.
    pub span: Span,
    /// What to put there.
    pub replacement: String,
}

/// One finding. `labels[0]` is the primary place; a finding about no text (a full disk) has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Stable code such as `E0203`; `E` for errors, `W` for warnings.
    pub code: String,
    /// Error or warning.
    pub severity: Severity,
    /// The mistake in one line, in the user's words.
    pub headline: String,
    /// Places, the primary one first.
    pub labels: Vec<Label>,
    /// Causes and facts.
    pub notes: Vec<String>,
    /// The next step.
    pub help: Option<String>,
    /// A replacement that a machine can apply.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// A finding with this code and headline and no place yet; a code that begins with `W` makes it a warning.
    pub fn new(code: &str, headline: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code: code.into(),
            severity: if code.starts_with('W') { Severity::Warning } else { Severity::Error },
            headline: headline.into(),
            labels: vec![],
            notes: vec![],
            help: None,
            fix: None,
        }
    }

    /// Adds a place with a remark; the first one added is the primary.
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds a cause or a fact.
    pub fn note(mut self, text: impl Into<String>) -> Diagnostic {
        self.notes.push(text.into());
        self
    }

    /// Sets the next step.
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help = Some(text.into());
        self
    }

    /// Sets the replacement that mends it.
    pub fn fix(mut self, text: impl Into<String>, span: Span, replacement: impl Into<String>) -> Diagnostic {
        self.fix = Some(Fix { text: text.into(), span, replacement: replacement.into() });
        self
    }

    /// Sets the replacement (words, place, text) where there is one.
    pub fn fixed(self, fix: Option<(&str, Span, &str)>) -> Diagnostic {
        match fix {
            Some((text, span, replacement)) => self.fix(text, span, replacement),
            None => self,
        }
    }

    /// Whether it stops a run.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
