//! `grammar/sdl.ebnf` is executed: a recogniser over tokens and a generator of sentences, both read from the file, must
//! agree with the parser about what a script is.

use crate::fixtures::fixtures;
use sdl::base::{Seed, SourceId, Stream};
use sdl::language;
use sdl::language::lexer::{TokenKind, lex};
use sdl::language::parser::BLOCK_KINDS;
use sdl::language::tree::{Block, Entry, Item};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// A grammar expression.
#[derive(Debug)]
enum Rule {
    Word(String),
    Name(String),
    All(Vec<Rule>),
    /// Alternatives with the numbers by which coverage knows them.
    Any(Vec<(usize, Rule)>),
    Maybe(Box<Rule>),
    Many(Box<Rule>),
}

struct Grammar {
    rules: BTreeMap<String, Rule>,
    /// The text of every alternative, by its number.
    alternatives: Vec<String>,
}

/// Reads the dialect of the file: `rule = …;`, `"word"`, `|`, `[ ]`, `{ }`, `( )`, `(* comment *)`.
struct Reader {
    words: Vec<String>,
    at: usize,
    alternatives: Vec<String>,
}

impl Reader {
    fn grammar(text: &str) -> Grammar {
        let mut plain = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("(*") {
            plain.push_str(before);
            rest = after.split_once("*)").expect("a comment's end").1;
        }
        plain.push_str(rest);
        let mut words = vec![];
        let mut characters = plain.chars().peekable();
        while let Some(c) = characters.next() {
            let mut word = c.to_string();
            match c {
                '"' => word.extend(characters.by_ref().take_while(|c| *c != '"')),
                c if c.is_alphabetic() => {
                    while let Some(c) = characters.next_if(|c| c.is_alphanumeric() || *c == '_') {
                        word.push(c);
                    }
                }
                c if c.is_whitespace() => continue,
                _ => {}
            }
            words.push(word);
        }
        let mut reader = Reader { words, at: 0, alternatives: vec![] };
        let mut rules = BTreeMap::new();
        while reader.at < reader.words.len() {
            let name = reader.word();
            assert_eq!(reader.word(), "=", "after {name}");
            let rule = reader.any(&name);
            assert_eq!(reader.word(), ";", "after {name}");
            assert!(rules.insert(name.clone(), rule).is_none(), "{name} twice");
        }
        Grammar { rules, alternatives: reader.alternatives }
    }

    fn word(&mut self) -> String {
        self.at += 1;
        self.words[self.at - 1].clone()
    }

    fn any(&mut self, name: &str) -> Rule {
        let mut alternatives = vec![];
        loop {
            let start = self.at;
            let rule = self.all(name);
            let number = self.alternatives.len();
            self.alternatives.push(format!("{name}: {}", self.words[start..self.at].join(" ")));
            alternatives.push((number, rule));
            if self.words[self.at] != "|" {
                return Rule::Any(alternatives);
            }
            self.at += 1;
        }
    }

    fn all(&mut self, name: &str) -> Rule {
        let mut parts = vec![];
        while !matches!(self.words[self.at].as_str(), "|" | ";" | "]" | "}" | ")") {
            let word = self.word();
            let inner = match word.as_str() {
                "[" => Rule::Maybe(Box::new(self.any(name))),
                "{" => Rule::Many(Box::new(self.any(name))),
                "(" => self.any(name),
                _ => {
                    parts.push(match word.strip_prefix('"') {
                        Some(word) => Rule::Word(word.into()),
                        None => Rule::Name(word),
                    });
                    continue;
                }
            };
            self.at += 1;
            parts.push(inner);
        }
        Rule::All(parts)
    }
}

fn grammar() -> Grammar {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("grammar/sdl.ebnf");
    Reader::grammar(&std::fs::read_to_string(path).expect("the grammar"))
}

/// A memoising recogniser of one text.
struct Recogniser<'a> {
    grammar: &'a Grammar,
    /// Kinds and texts, without comments and without line ends within brackets.
    tokens: Vec<(TokenKind, &'a str)>,
    known: RefCell<BTreeMap<(&'a str, usize), Option<usize>>>,
    used: RefCell<BTreeSet<usize>>,
}

/// The tokens of the grammar's reading, or `None` where the lexer complains.
fn tokens(text: &str) -> Option<Vec<(TokenKind, &str)>> {
    let lexed = lex(SourceId(0), text);
    if !lexed.diagnostics.is_empty() {
        return None;
    }
    let mut depth = 0i32;
    let mut kept = vec![];
    for token in &lexed.tokens {
        match token.kind {
            TokenKind::OpenParen | TokenKind::OpenBracket => depth += 1,
            TokenKind::CloseParen | TokenKind::CloseBracket => depth -= 1,
            TokenKind::Comment | TokenKind::End => continue,
            TokenKind::LineEnd if depth > 0 => continue,
            _ => {}
        }
        kept.push((token.kind, &text[token.start as usize..token.end as usize]));
    }
    Some(kept)
}

impl<'a> Recogniser<'a> {
    fn rule(&self, name: &'a str, at: usize) -> Option<usize> {
        let token = self.tokens.get(at).map(|(kind, _)| *kind);
        let terminal = match name {
            "NAME" => Some(token == Some(TokenKind::Name)),
            "NUMBER" => Some(token == Some(TokenKind::Number)),
            "UNIT" => Some(token == Some(TokenKind::Unit)),
            "STRING" => Some(token == Some(TokenKind::Text)),
            "NL" => Some(token.is_some_and(TokenKind::ends_line)),
            "COMMAND" => Some(false),
            _ => None,
        };
        if let Some(found) = terminal {
            return found.then_some(at + 1);
        }
        if let Some(known) = self.known.borrow().get(&(name, at)) {
            return *known;
        }
        let rule = self.grammar.rules.get(name).unwrap_or_else(|| panic!("no rule {name}"));
        let end = self.expression(rule, at);
        self.known.borrow_mut().insert((name, at), end);
        end
    }

    fn expression(&self, rule: &'a Rule, at: usize) -> Option<usize> {
        match rule {
            Rule::Word(word) => self.tokens.get(at).filter(|(_, text)| text == word).map(|_| at + 1),
            Rule::Name(name) => self.rule(name, at),
            Rule::All(parts) => parts.iter().try_fold(at, |at, part| self.expression(part, at)),
            Rule::Any(alternatives) => {
                let (number, end) = alternatives.iter().find_map(|(n, rule)| Some((*n, self.expression(rule, at)?)))?;
                self.used.borrow_mut().insert(number);
                Some(end)
            }
            Rule::Maybe(inner) => Some(self.expression(inner, at).unwrap_or(at)),
            Rule::Many(inner) => {
                let mut at = at;
                while let Some(next) = self.expression(inner, at).filter(|next| *next > at) {
                    at = next;
                }
                Some(at)
            }
        }
    }
}

/// Whether the grammar's `script` covers the text, and the alternatives it used.
fn recognised(grammar: &Grammar, text: &str) -> (bool, BTreeSet<usize>) {
    let Some(tokens) = tokens(text) else { return (false, BTreeSet::new()) };
    let recogniser = Recogniser { grammar, tokens, known: RefCell::default(), used: RefCell::default() };
    let end = recogniser.rule("script", 0);
    (end == Some(recogniser.tokens.len()), recogniser.used.into_inner())
}

/// Whether the parser takes the text, unknown kinds of blocks aside: those are the checker's to refuse.
pub fn parsed(text: &str) -> bool {
    fn known(block: &Block) -> bool {
        let inner = |entry: &Entry| !matches!(entry, Entry::Block(block) if !known(block));
        BLOCK_KINDS.contains(&block.kind.text.as_str()) && block.entries.iter().all(inner)
    }
    let (script, diagnostics) = language::parse(SourceId(0), text);
    diagnostics.is_empty() && script.items.iter().all(|item| !matches!(item, Item::Block(block) if !known(block)))
}

#[test]
fn grammar_and_parser_agree_on_the_fixtures() {
    let grammar = grammar();
    let mut used = BTreeSet::new();
    for fixture in fixtures("syntax/ok", "sdl") {
        let (accepted, alternatives) = recognised(&grammar, &fixture.text);
        let path = fixture.path.display();
        assert_eq!((accepted, parsed(&fixture.text)), (true, true), "grammar and parser about {path}");
        used.extend(alternatives);
    }
    for fixture in fixtures("syntax/err", "sdl") {
        let path = fixture.path.display();
        assert!(!recognised(&grammar, &fixture.text).0, "the grammar takes {path}");
    }
    let prompt = ["line", "plot", "item"];
    let of_script = |text: &String| !prompt.iter().any(|rule| text.starts_with(&format!("{rule}:")));
    let unused =
        grammar.alternatives.iter().enumerate().filter(|(number, text)| !used.contains(number) && of_script(text));
    let unused: Vec<&String> = unused.map(|(_, text)| text).collect();
    assert!(unused.is_empty(), "no good script uses {unused:#?}");
}

#[test]
fn grammar_and_parser_agree_on_mutations() {
    let grammar = grammar();
    let texts: Vec<String> = fixtures("syntax/ok", "sdl").into_iter().map(|fixture| fixture.text).collect();
    let (mut good, mut bad) = (0, 0);
    for round in 0..3000 {
        let mut stream = Seed::root(2).child("parity").nth(round).stream();
        let (text, other) = (&texts[stream.below(texts.len())], &texts[stream.below(texts.len())]);
        let text = crate::syntax::mutated(text, other, &mut stream);
        let accepted = recognised(&grammar, &text).0;
        assert_eq!(accepted, parsed(&text), "grammar (left) and parser (right) differ about\n{text}");
        if accepted { good += 1 } else { bad += 1 }
    }
    assert!(good > 100 && bad > 100, "{good} good, {bad} bad");
}

/// A random sentence of a rule; beyond the fuel, repetitions and options are left out and the last alternative is taken
/// where it is the shortest.
fn sentence(grammar: &Grammar, rule: &Rule, fuel: &mut i32, stream: &mut Stream, out: &mut String) {
    let one_of = |stream: &mut Stream, words: &[&str]| words[stream.below(words.len())].to_string();
    *fuel -= 1;
    match rule {
        Rule::Word(word) => *out += &format!(" {word}"),
        Rule::Name(name) => {
            let terminal = match name.as_str() {
                "NAME" => one_of(stream, &["x", "y1", "α", "mass", "i", "_", "data", "a_long_name"]),
                "NUMBER" => one_of(stream, &["0", "1_000", "0.5", "2e-3", "12.5E+7"]),
                "UNIT" => one_of(stream, &["m", "kg*m^2/s^-3", "%", "km/s"]),
                "STRING" => one_of(stream, &["\"\"", "\"a b\"", "\"\\\"\\\\\""]),
                "NL" => one_of(stream, &["\n", "\n\n", ";", " # comment\n"]),
                _ => return sentence(grammar, &grammar.rules[name], fuel, stream, out),
            };
            *out += &format!(" {terminal}");
        }
        Rule::All(parts) => parts.iter().for_each(|part| sentence(grammar, part, fuel, stream, out)),
        Rule::Any(alternatives) => {
            let choice = if *fuel > 0 { stream.below(alternatives.len()) } else { alternatives.len() - 1 };
            sentence(grammar, &alternatives[choice].1, fuel, stream, out);
        }
        Rule::Maybe(inner) => {
            if *fuel > 0 && stream.below(2) == 0 {
                sentence(grammar, inner, fuel, stream, out);
            }
        }
        Rule::Many(inner) => {
            while *fuel > 0 && stream.below(3) > 0 {
                sentence(grammar, inner, fuel, stream, out);
            }
        }
    }
}

#[test]
fn sentences_of_the_grammar_are_read_and_formatted() {
    let grammar = grammar();
    let mut lengths = 0;
    for round in 0..2000 {
        let mut stream = Seed::root(3).child("sentences").nth(round).stream();
        let mut text = String::new();
        let mut fuel = 40 + stream.below(300) as i32;
        sentence(&grammar, &grammar.rules["script"], &mut fuel, &mut stream, &mut text);
        assert_eq!((recognised(&grammar, &text).0, parsed(&text)), (true, true), "grammar and parser about\n{text}");
        crate::syntax::check_format(&text);
        lengths += text.len();
    }
    assert!(lengths > 100_000, "only {lengths} bytes of sentences");
}
