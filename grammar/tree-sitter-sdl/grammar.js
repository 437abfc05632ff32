// SDL for tree-sitter. Words and operators come from ../tokens.json, which the tests make from the language's own tables;
// the shapes follow ../sdl.ebnf, more loosely: an editor colours what the parser would refuse.
const tokens = require("../tokens.json");

const comma = (rule) => seq(rule, repeat(seq(",", rule)), optional(","));
const list = (rule) => seq(rule, repeat(seq(",", rule)));
const word = (words) => choice(...words);
const pairs = ([operator, strength, side]) => [operator, 2 * strength, side];

module.exports = grammar({
  name: "sdl",
  // A line's end is blank within brackets and where an expression goes on: src/scanner.c decides, and tells units from names.
  externals: ($) => [$._newline, $.unit, $._never],
  extras: ($) => [/\s/, $.comment, $.documentation],
  word: ($) => $.name,
  rules: {
    script: ($) => seq(
      repeat($._end), optional(seq($.version, repeat1($._end))),
      repeat(seq($._item, repeat1($._end))), optional($._item),
    ),
    _end: ($) => choice($._newline, ";"),
    version: ($) => seq("sdl", $.number),
    _item: ($) => choice($.use, $.expect, $.block, $.definition),

    // Words that begin an item or an entry are names elsewhere.
    _name: ($) => choice($.name, alias(word([...tokens.kinds, "use", "sdl", "allow", "column"]), $.name)),
    _word: ($) => choice($._name, alias(word(["expect", "never"]), $.name)),

    use: ($) => seq("use", choice(
      $.text,
      seq(field("path", $.name), repeat(seq(".", field("path", $.name))), optional(seq(".", "{", comma($.name), "}"))),
    )),
    expect: ($) => seq("expect", $._expression),
    definition: ($) => choice(
      seq(field("name", $._name), $.parameters, optional($.annotation), "=", $._body),
      seq(field("name", $._word), optional($.annotation), "=", $._body),
    ),
    parameters: ($) => seq("(", list($.parameter), ")"),
    parameter: ($) => seq($.name, optional($.annotation), optional(seq("=", $._expression))),
    annotation: ($) => seq(":", optional($.number), $.unit),
    block: ($) => seq(
      field("kind", word(tokens.kinds)), field("name", $._word), optional($.parameters),
      "{", repeat($._end), repeat(seq($._entry, repeat1($._end))), optional($._entry), "}",
    ),
    _entry: ($) => choice($.block, $.expect, $.allow, $.never, $.column, $.grid, $.draw, $.function, $.field),
    allow: ($) => seq("allow", choice($.definition, list(choice(word(tokens.operators), $.name))), optional(seq("cost", $.number))),
    never: ($) => seq("never", list($._expression)),
    column: ($) => seq("column", choice($.name, $.text), optional($.annotation), "=", list($._expression)),
    grid: ($) => seq($._word, "in", list($._expression)),
    draw: ($) => seq(field("name", $._word), optional($.annotation), "~", $._expression),
    function: ($) => seq(field("name", $._name), $.parameters, optional($.annotation), "=", $._body),
    field: ($) => seq(field("key", choice($._word, "with")), "=", list($._expression)),

    _body: ($) => seq($._expression, optional($.where)),
    where: ($) => seq("where", list(seq($.name, "=", $._expression))),
    _expression: ($) => choice(
      $.conditional, $.binary, $.unary, $.call, $.index, $.member, $.group,
      $.quantity, $.text, $.name, $.constant,
    ),
    constant: () => choice("true", "false"),
    conditional: ($) => prec.right(1, seq("if", $._expression, "then", $._expression, "else", $._expression)),
    binary: ($) => choice(
      ...tokens.binary.map(pairs).map(([operator, strength, side]) =>
        prec[side](strength, seq($._expression, operator, $._expression))),
    ),
    unary: ($) => choice(prec(16, seq(choice("-", "+"), $._expression)), prec(6, seq("not", $._expression))),
    call: ($) => prec(20, seq($._expression, "(", optional(list($.argument)), ")")),
    argument: ($) => choice(seq($.name, "=", $._expression), $._expression),
    index: ($) => prec(20, seq($._expression, "[", $._expression, "]")),
    member: ($) => prec(20, seq($._expression, ".", $.name)),
    group: ($) => seq("(", $._expression, ")"),
    quantity: ($) => prec.right(seq($.number, optional($.unit))),
    number: () => /[0-9](_?[0-9])*(\.[0-9](_?[0-9])*)?([eE][+-]?[0-9]+)?/,
    text: () => /"([^"\\\n]|\\["\\])*"/,
    name: () => /[\p{L}_][\p{L}\p{N}_]*/u,
    documentation: () => token(prec(1, /##[^\n]*/)),
    comment: () => token(/#[^\n]*/),
  },
});
