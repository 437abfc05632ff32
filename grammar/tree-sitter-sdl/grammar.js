// SDL for tree-sitter. Words and operators come from ../tokens.json, which the tests make from the language's own tables;
// the shapes follow ../sdl.ebnf, more loosely: an editor colours what the parser would refuse.
const tokens = require("../tokens.json");

const comma = (rule) => seq(rule, repeat(seq(",", repeat("\n"), rule)));
const word = (list) => choice(...list);

module.exports = grammar({
  name: "sdl",
  extras: ($) => [/[ \t\r]/, $.comment, $.documentation],
  word: ($) => $.name,
  conflicts: ($) => [[$.field, $.definition]],
  rules: {
    script: ($) => seq(repeat($._end), optional(seq($.version, repeat1($._end))), repeat(seq($._item, repeat1($._end))), optional($._item)),
    _end: () => choice("\n", ";"),
    version: ($) => seq("sdl", $.number),
    _item: ($) => choice($.use, $.expect, $.block, $.definition),
    use: ($) => seq("use", choice($.text, seq($.path, optional(seq(".", "{", repeat("\n"), comma($.name), repeat("\n"), "}"))))),
    path: ($) => prec.left(seq($.name, repeat(seq(".", $.name)))),
    expect: ($) => seq("expect", $._expression),
    definition: ($) => seq(field("name", $.name), optional($.parameters), optional($.annotation), "=", $._body),
    parameters: ($) => seq("(", comma($.parameter), ")"),
    parameter: ($) => seq($.name, optional($.annotation), optional(seq("=", $._expression))),
    annotation: ($) => seq(":", optional($.number), $.unit),
    block: ($) => seq(
      field("kind", word(tokens.kinds)), field("name", $.name), optional($.parameters),
      "{", repeat($._end), repeat(seq($._entry, repeat1($._end))), optional($._entry), "}",
    ),
    _entry: ($) => choice($.block, $.expect, $.allow, $.never, $.column, $.grid, $.draw, $.definition, $.field),
    allow: ($) => seq("allow", choice($.definition, comma(choice(word(tokens.operators), $.name))), optional(seq("cost", $.number))),
    never: ($) => seq("never", comma($._expression)),
    column: ($) => seq("column", $.name, optional($.annotation), "=", comma($._expression)),
    grid: ($) => seq($.name, "in", comma($._expression)),
    draw: ($) => seq(field("name", $.name), optional($.annotation), "~", $._expression),
    field: ($) => seq(field("key", choice($.name, "with")), "=", comma($._expression)),
    _body: ($) => seq($._expression, optional($.where)),
    where: ($) => seq(optional("\n"), "where", comma(seq($.name, "=", $._expression))),
    _expression: ($) => choice(
      $.conditional, $.binary, $.unary, $.call, $.index, $.member, $.group,
      $.quantity, $.text, $.name, "true", "false",
    ),
    conditional: ($) => prec.right(0, seq("if", $._expression, "then", $._expression, "else", $._expression)),
    binary: ($) => choice(
      ...tokens.binary.map(([operator, strength, side]) =>
        prec[side](strength, seq($._expression, operator, repeat("\n"), $._expression))),
    ),
    unary: ($) => choice(prec(8, seq(choice("-", "+"), $._expression)), prec(3, seq("not", $._expression))),
    call: ($) => prec(10, seq($._expression, "(", optional(comma($.argument)), ")")),
    argument: ($) => choice(seq($.name, "=", $._expression), $._expression),
    index: ($) => prec(10, seq($._expression, "[", $._expression, "]")),
    member: ($) => prec(10, seq($._expression, ".", $.name)),
    group: ($) => seq("(", $._expression, ")"),
    quantity: ($) => prec.right(seq($.number, optional($.unit))),
    number: () => /[0-9](_?[0-9])*(\.[0-9](_?[0-9])*)?([eE][+-]?[0-9]+)?/,
    unit: () => token(choice("%", /[\p{L}_][\p{L}\p{N}_]*(\^-?[0-9]+)?([*\/][\p{L}_][\p{L}\p{N}_]*(\^-?[0-9]+)?)*/u)),
    text: () => /"([^"\\\n]|\\["\\])*"/,
    name: () => /[\p{L}_][\p{L}\p{N}_]*/u,
    documentation: () => token(prec(1, /##[^\n]*/)),
    comment: () => token(/#[^\n]*/),
  },
});
