//! Scripts brought to this version of the language: what is written in an older or a foreign way and has one meaning
//! here is rewritten, and the version line is set. Changes of future versions join here.

use super::{format, parse};
use crate::base::{Diagnostic, Fix, SourceId};

/// The version that is written.
const VERSION: &str = "sdl 1";
/// Rewriting ends when nothing more is found; a text whose rewriting does not end is told as it is.
const ROUNDS: usize = 20;

/// The script in this version's words and standard form.
///
/// # Errors
/// What cannot be read even then; the text stays as it is.
pub fn migrate(text: &str) -> Result<String, Vec<Diagnostic>> {
    let mut text = text.to_owned();
    for _ in 0..ROUNDS {
        let (_, found) = parse(SourceId(0), &text);
        let mut fixes: Vec<Fix> = found.into_iter().filter_map(|finding| finding.fix).collect();
        fixes.sort_by_key(|fix| fix.span);
        fixes.dedup_by(|next, before| next.span.start < before.span.end || next.span == before.span);
        if fixes.is_empty() {
            break;
        }
        for fix in fixes.iter().rev() {
            text.replace_range(fix.span.range(text.len()), &fix.replacement);
        }
    }
    let (script, found) = parse(SourceId(0), &text);
    if found.iter().any(Diagnostic::is_error) {
        return Err(found);
    }
    if script.version.is_none() {
        text = format!("{VERSION}\n\n{text}");
    }
    format(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_one_meaning_is_rewritten() {
        let old = "// a power\nlet a = 2 ** 3\nb = \\alpha && a ≥ .5\n\\alpha = 1\nprior p { messages = l1(0.01) weights = none }\n";
        let new =
            "sdl 1\n\n# a power\na = 2^3\nb = α and a >= 0.5\nα = 1\nprior p { messages = l1(0.01); weights = none }\n";
        let migrated = migrate(old).expect("readable");
        assert_eq!(migrated.split_whitespace().collect::<Vec<_>>(), new.split_whitespace().collect::<Vec<_>>());
        assert_eq!(migrate(&migrated).as_deref(), Ok(migrated.as_str()));
        assert!(migrate("a = (\n").is_err() || migrate("a = ").is_err());
    }
}
