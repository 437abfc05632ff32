//! What can stand at a place of a script: the closed set from which messages say what was expected.

/// Something that the grammar allows at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Expected {
    Item,
    Entry,
    Name,
    Value,
    Operator,
    Comma,
    LineEnd,
    Equals,
    Tilde,
    In,
    Parameters,
    OpenBrace,
    CloseParen,
    CloseBracket,
    CloseBrace,
    Then,
    Else,
    Unit,
    AllowedOperator,
    Cost,
    Number,
    UseSource,
    VersionNumber,
    /// Too deep nesting: nothing further can stand here.
    Shallower,
    /// Too many operators in a row.
    FewerOperators,
}

impl Expected {
    /// All of them.
    pub const ALL: &[Expected] = &[
        Expected::Item,
        Expected::Entry,
        Expected::Name,
        Expected::Value,
        Expected::Operator,
        Expected::Comma,
        Expected::LineEnd,
        Expected::Equals,
        Expected::Tilde,
        Expected::In,
        Expected::Parameters,
        Expected::OpenBrace,
        Expected::CloseParen,
        Expected::CloseBracket,
        Expected::CloseBrace,
        Expected::Then,
        Expected::Else,
        Expected::Unit,
        Expected::AllowedOperator,
        Expected::Cost,
        Expected::Number,
        Expected::UseSource,
        Expected::VersionNumber,
        Expected::Shallower,
        Expected::FewerOperators,
    ];

    /// Its words in "expected …".
    pub fn words(self) -> &'static str {
        match self {
            Expected::Item => "a block, a definition, `use` or `expect`",
            Expected::Entry => "a field",
            Expected::Name => "a name",
            Expected::Value => "a value",
            Expected::Operator => "an operator",
            Expected::Comma => "`,`",
            Expected::LineEnd => "the end of the line",
            Expected::Equals => "`=`",
            Expected::Tilde => "`~`",
            Expected::In => "`in`",
            Expected::Parameters => "`(`",
            Expected::OpenBrace => "`{`",
            Expected::CloseParen => "`)`",
            Expected::CloseBracket => "`]`",
            Expected::CloseBrace => "`}`",
            Expected::Then => "`then`",
            Expected::Else => "`else`",
            Expected::Unit => "a unit",
            Expected::AllowedOperator => "an operator or a function name",
            Expected::Cost => "`cost`",
            Expected::Number => "a number",
            Expected::UseSource => "a module such as `std.systems` or a file in quotes",
            Expected::VersionNumber => "the number of the language version",
            Expected::Shallower => "less nesting",
            Expected::FewerOperators => "fewer operators",
        }
    }
}
