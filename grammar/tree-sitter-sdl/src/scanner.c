// What the language's lexer knows and a grammar cannot say: whether a line's end ends an item, and what is a unit.
#include "tree_sitter/parser.h"
#include <string.h>
#include <wctype.h>

enum { NEWLINE, UNIT, NEVER };

// Reserved words: none of them is a unit. The tests compare them with the language's own.
static const char *const RESERVED[] = {
    "and", "or", "not", "if", "then", "else", "where", "in", "cost", "over", "with", "recovers", "true", "false",
};

void *tree_sitter_sdl_external_scanner_create(void) { return NULL; }
void tree_sitter_sdl_external_scanner_destroy(void *payload) { (void)payload; }
unsigned tree_sitter_sdl_external_scanner_serialize(void *payload, char *buffer) { (void)payload, (void)buffer; return 0; }
void tree_sitter_sdl_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  (void)payload, (void)buffer, (void)length;
}

static bool begins_name(int32_t c) { return c == '_' || iswalpha((wint_t)c); }
static bool is_digit(int32_t c) { return c >= '0' && c <= '9'; }
static bool in_name(int32_t c) { return begins_name(c) || is_digit(c); }
static bool is_blank(int32_t c) { return c == ' ' || c == '\t' || c == '\r'; }

// A name, kept as far as it is short and plain.
static void read_name(TSLexer *lexer, char word[16]) {
  unsigned length = 0;
  for (; in_name(lexer->lookahead); lexer->advance(lexer, false)) {
    if (length < 15) word[length++] = lexer->lookahead < 128 ? (char)lexer->lookahead : '?';
  }
  word[length] = 0;
}

static bool is_one_of(const char *word, const char *const *words, unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    if (strcmp(word, words[i]) == 0) return true;
  }
  return false;
}

// The line's end, unless the next line goes on with `where`, `then`, `else` or `|>`.
static bool scan_newline(TSLexer *lexer) {
  lexer->advance(lexer, false);
  lexer->mark_end(lexer);
  lexer->result_symbol = NEWLINE;
  for (;;) {
    if (is_blank(lexer->lookahead) || lexer->lookahead == '\n') {
      lexer->advance(lexer, false);
    } else if (lexer->lookahead == '#') {
      while (lexer->lookahead != '\n' && !lexer->eof(lexer)) lexer->advance(lexer, false);
    } else {
      break;
    }
  }
  if (lexer->lookahead == '|') return false;
  if (!begins_name(lexer->lookahead)) return true;
  static const char *const GOES_ON[] = {"where", "then", "else"};
  char word[16];
  read_name(lexer, word);
  return !is_one_of(word, GOES_ON, 3);
}

// `%`, or names with whole powers between `*` and `/`, without blanks; not right before `(`, `[` or `.`.
static bool scan_unit(TSLexer *lexer) {
  if (lexer->lookahead == '%') {
    lexer->advance(lexer, false);
    lexer->mark_end(lexer);
    lexer->result_symbol = UNIT;
    return true;
  }
  bool found = false;
  while (begins_name(lexer->lookahead)) {
    char word[16];
    read_name(lexer, word);
    if (!found && is_one_of(word, RESERVED, sizeof RESERVED / sizeof *RESERVED)) return false;
    int32_t next = lexer->lookahead;
    if (next == '(' || next == '[' || next == '.') break;
    lexer->mark_end(lexer);
    found = true;
    if (next == '^') {
      lexer->advance(lexer, false);
      if (lexer->lookahead == '-') lexer->advance(lexer, false);
      if (!is_digit(lexer->lookahead)) break;
      while (is_digit(lexer->lookahead)) lexer->advance(lexer, false);
      lexer->mark_end(lexer);
    }
    if (lexer->lookahead != '*' && lexer->lookahead != '/') break;
    lexer->advance(lexer, false);
  }
  lexer->result_symbol = UNIT;
  return found;
}

bool tree_sitter_sdl_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
  (void)payload;
  // While it recovers from an error everything is said to be valid: then the grammar's own tokens go first.
  bool recovers = valid[NEVER];
  while (is_blank(lexer->lookahead)) lexer->advance(lexer, true);
  if (valid[NEWLINE] && lexer->lookahead == '\n') return scan_newline(lexer);
  if (valid[UNIT] && !recovers && (lexer->lookahead == '%' || begins_name(lexer->lookahead))) return scan_unit(lexer);
  return false;
}
