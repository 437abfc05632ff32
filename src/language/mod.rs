//! Text to plan: lexer, parser, tree, names, types, checks, formatter. Parsing is total: text in, tree and
//! diagnostics out, whatever the bytes.

mod bind;
mod builtin;
mod check;
pub mod codes;
pub mod describe;
mod expression;
mod fields;
pub mod foreign;
mod format;
mod formula;
mod help;
pub mod lexer;
mod lower;
mod operator;
pub mod parser;
mod physics;
mod read;
mod resolve;
pub mod results;
pub mod schema;
mod set;
pub mod tree;
mod units;
mod value;

pub use check::{Checked, check};
pub use format::format;
pub use formula::formula;
pub use lower::Origin;
pub use parser::{parse, parse_expression};
pub use resolve::{LIBRARY, Source};
pub use set::Override;

use crate::base::{Diagnostic, SourceId, Span};

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
