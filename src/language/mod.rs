//! Text to plan: lexer, parser, tree, names, types, checks, formatter. Parsing is total: text in, tree and
//! diagnostics out, whatever the bytes.

mod bind;
mod builtin;
mod check;
pub mod codes;
pub mod describe;
pub mod editor;
pub mod explain;
mod expression;
mod fields;
pub mod foreign;
mod format;
mod formula;
mod habits;
mod help;
pub mod lexer;
mod lower;
mod migrate;
mod operator;
pub mod parser;
mod physics;
pub mod prompt;
mod read;
pub mod reference;
mod resolve;
pub mod results;
mod rules;
pub mod schema;
mod set;
pub mod tree;
mod units;
mod value;

pub use check::{Checked, check};
pub use format::format;
pub use formula::formula;
pub use lower::Origin;
pub use migrate::migrate;
pub use parser::{parse, parse_expression};
pub use resolve::{LIBRARY, Source};
pub use rules::rules;
pub use set::Override;
pub use units::Dimension;

use crate::base::{Diagnostic, SourceId, Span};

/// Whether a text is a name that an item may have.
pub fn is_name(text: &str) -> bool {
    let lexed = lexer::lex(SourceId(0), text);
    let whole = |token: &lexer::Token| token.kind == lexer::TokenKind::Name && token.end as usize == text.len();
    lexed.diagnostics.is_empty() && matches!(lexed.tokens.as_slice(), [name, _] if name.start == 0 && whole(name))
}

/// A starting script with comments whose system has this name; `None` where the name cannot be one.
pub fn new_script(name: &str) -> Option<String> {
    const START: &str = include_str!("../../stdlib/start.sdl");
    let free =
        is_name(name) && !builtin::is_builtin(name) && !["motion", "messages", "sparse", "fit", "law"].contains(&name);
    free.then(|| START.replace("NAME", name)).map(|text| format(&text).unwrap_or(text))
}

/// Bytes to text: what is not UTF-8 is replaced by U+FFFD, with one diagnostic for the first place.
pub fn read_text(source: SourceId, bytes: Vec<u8>) -> (String, Vec<Diagnostic>) {
    match String::from_utf8(bytes) {
        Ok(text) => (text, vec![]),
        Err(error) => {
            let start = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let place = Span::new(source, start, start + char::REPLACEMENT_CHARACTER.len_utf8());
            let diagnostic = Diagnostic::new("E0107", "this file is not UTF-8 text")
                .at(place, "the first byte that is not")
                .help("save it as UTF-8; data files are named in `data`, not read as scripts");
            (text, vec![diagnostic])
        }
    }
}
