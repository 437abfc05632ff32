//! The table of diagnostic codes: one line each, in order. A code keeps its meaning for ever.
//! `E01…` text and syntax.

/// Code and title of every diagnostic that the language gives.
pub const CODES: &[(&str, &str)] = &[
    ("E0101", "a character that the language does not use"),
    ("E0102", "a text without its closing quote"),
    ("E0103", "a number that is not written as numbers are"),
    ("E0104", "a number too large to hold"),
    ("E0105", "an unknown escape in a text"),
    ("E0106", "an operator or a comment of another language"),
    ("E0107", "bytes that are not UTF-8"),
    ("E0108", "a LaTeX command"),
    ("E0109", "a text too large to read"),
    ("E0110", "something unexpected"),
    ("E0111", "a bracket that is never closed"),
    ("E0112", "a bracket that closes nothing"),
    ("E0113", "a block that is never closed"),
    ("E0114", "a closing brace too many"),
    ("E0115", "a reserved word used as a name"),
    ("E0116", "a comma with nothing after it"),
    ("E0117", "comparisons in a chain"),
    ("E0118", "a condition in the wrong place"),
    ("E0119", "nested too deep"),
    ("E0120", "too many operators in one expression"),
    ("E0121", "a missing value"),
    ("E0122", "a block whose head is not complete"),
    ("E0123", "two fields on one line with nothing between"),
    ("E0124", "`=` and `==` confused"),
    ("E0125", "a keyword of another language"),
    ("E0126", "a version line in the wrong place or form"),
    ("E0127", "`where` where no definition is"),
    ("E0128", "a list in brackets"),
    ("E0129", "a unit that is not written as units are"),
    ("E0130", "a draw outside of a block"),
    ("E0131", "a missing `*`"),
    ("E0132", "too many mistakes to list"),
];

/// The title of a code, if it exists.
pub fn title(code: &str) -> Option<&'static str> {
    CODES.iter().find(|(known, _)| *known == code).map(|(_, title)| *title)
}
