//! Text to plan: lexer, parser, tree, names, types, checks, formatter. Parsing is total: text in, tree and
//! diagnostics out, whatever the bytes.

pub mod tree;
