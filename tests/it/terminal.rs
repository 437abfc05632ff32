//! Diagnostics as text.

use sdl::base::{Diagnostic, Seed, SourceId, Sources, Span};
use sdl::shell::terminal::{Characters, Colour, Style, render, render_json, render_short};

const PLAIN: Style = Style { colour: Colour::Off, characters: Characters::Unicode };

fn some() -> (Vec<Diagnostic>, Sources) {
    let mut sources = Sources::new();
    let main = sources.add("springs.sdl", "sdl 1\r\nsystem a {\n\tr² = (1 + 2\n}\n");
    let other = sources.add("other.sdl", "x = 1\n");
    let two = Diagnostic::new("E0111", "this `(` is never closed")
        .at(Span::new(main, 25, 26), "opened here")
        .at(Span::new(other, 0, 1), "as here")
        .note("a fact")
        .help("a step")
        .fix("write `)`", Span::new(main, 31, 31), ")");
    let bare = Diagnostic::new("W0001", "the disk is full").note("a fact").help("make room");
    (vec![two, bare], sources)
}

#[test]
fn diagnostics_are_drawn_into_their_texts() {
    let (diagnostics, sources) = some();
    let expected = "\
error[E0111]: this `(` is never closed
   ╭─[ springs.sdl:3:7 ]
   │
 3 │     r² = (1 + 2
   │          ┬
   │          ╰── opened here
   ╭─[ other.sdl:1:1 ]
   │
 1 │ x = 1
   │ ┬
   │ ╰── as here
   = note: a fact
   = help: a step
   = fix: write `)`

warning[W0001]: the disk is full
  note: a fact
  help: make room

";
    assert_eq!(render(&diagnostics, &sources, PLAIN), expected);
    let ascii = render(&diagnostics, &sources, Style { characters: Characters::Ascii, ..PLAIN });
    assert!(ascii.replace('²', "").is_ascii(), "{ascii}");
    let coloured = render(&diagnostics, &sources, Style { colour: Colour::On, ..PLAIN });
    assert!(coloured.starts_with("\u{1b}[1;31merror[E0111]\u{1b}[0m: "), "{coloured}");
}

#[test]
fn diagnostics_are_told_on_one_line_and_as_json() {
    let (diagnostics, sources) = some();
    let short = "springs.sdl:3:7: error[E0111]: this `(` is never closed\nwarning[W0001]: the disk is full\n";
    assert_eq!(render_short(&diagnostics, &sources), short);
    let json = render_json(&diagnostics, &sources);
    let lines: Vec<serde_json::Value> =
        json.lines().map(|line| serde_json::from_str(line).expect("JSON on every line")).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["code"], "E0111");
    assert_eq!(lines[0]["severity"], "error");
    assert_eq!(lines[0]["labels"][0]["place"]["line"], 3);
    assert_eq!(lines[0]["labels"][0]["place"]["column"], 7);
    assert_eq!(lines[0]["fix"]["replacement"], ")");
    assert_eq!(lines[1]["labels"], serde_json::json!([]));
}

/// Whatever the places: nothing panics, nothing is lost, and no control character of a text reaches the terminal.
#[test]
fn any_place_in_any_text_can_be_drawn() {
    let alphabet: Vec<char> =
        "ab=1 \t\n\r\u{b}\u{c}\u{85}\u{2028}\u{e9}\u{65e5}\u{1f600}\u{301}\u{1b}\0\u{202e}".chars().collect();
    for round in 0..2000 {
        let mut stream = Seed::root(1).child("places").nth(round).stream();
        let mut sources = Sources::new();
        for name in ["one.sdl", "two\u{1b}[2J.sdl"] {
            let length = stream.below(if round % 50 == 0 { 2000 } else { 40 });
            let text: String = (0..length).map(|_| alphabet[stream.below(alphabet.len())]).collect();
            sources.add(name, text);
        }
        let mut diagnostic = Diagnostic::new("E0110", "the headline").note("the note").help("the help");
        for _ in 0..stream.below(4) {
            let (start, end) = (stream.below(130), stream.below(130));
            diagnostic = diagnostic.at(Span::new(SourceId(stream.below(3) as u32), start, end), "the\nlabel");
        }
        let labels = diagnostic.labels.iter().filter(|label| sources.get(label.span.source).is_some()).count();
        let diagnostics = [diagnostic];
        for characters in [Characters::Ascii, Characters::Unicode] {
            let drawn = render(&diagnostics, &sources, Style { colour: Colour::Off, characters });
            for part in ["error[E0110]: the headline\n", "the note", "the help"] {
                assert_eq!(drawn.matches(part).count(), 1, "{drawn}");
            }
            assert_eq!(drawn.matches("the label").count(), labels, "{drawn}");
            assert!(!drawn.contains(['\u{1b}', '\u{202e}', '\0', '\r']), "{drawn:?}");
        }
        render(&diagnostics, &sources, Style { colour: Colour::On, characters: Characters::Unicode });
        assert_eq!(render_short(&diagnostics, &sources).lines().count(), 1);
        assert_eq!(render_json(&diagnostics, &sources).lines().count(), 1);
    }
}
