//! What people type who come from other languages, and how it is written here. One table per place where it can be
//! met: operators in the lexer, leading words in the parser, names in the checker.

use super::lexer::TokenKind;

/// An operator of another language.
pub struct ForeignOperator {
    /// As typed.
    pub spelling: &'static str,
    /// The token it is read as, so that reading goes on; `Bad` where nothing fits.
    pub meant: TokenKind,
    /// What replaces it, where one text does.
    pub replacement: Option<&'static str>,
    /// The mistake in the user's words.
    pub headline: &'static str,
}

const fn operator(
    spelling: &'static str,
    meant: TokenKind,
    replacement: Option<&'static str>,
    headline: &'static str,
) -> ForeignOperator {
    ForeignOperator { spelling, meant, replacement, headline }
}

/// Operators of other languages; of two with one beginning the longer stands first.
pub const OPERATORS: &[ForeignOperator] = &[
    operator("===", TokenKind::EqualEqual, Some("=="), "equality is written `==`"),
    operator("!==", TokenKind::NotEqual, Some("!="), "inequality is written `!=`"),
    operator("**", TokenKind::Caret, Some("^"), "a power is written `^`, not `**`"),
    operator("&&", TokenKind::And, Some("and"), "`&&` is written `and`"),
    operator("||", TokenKind::Or, Some("or"), "`||` is written `or`"),
    operator("<>", TokenKind::NotEqual, Some("!="), "inequality is written `!=`"),
    operator(":=", TokenKind::Equals, Some("="), "a value is set with `=`, not `:=`"),
    operator("->", TokenKind::Bad, None, "there is no arrow: a function is written `f(x) = …`"),
    operator("=>", TokenKind::Bad, None, "there is no arrow: a function is written `f(x) = …`"),
    operator("+=", TokenKind::Bad, None, "nothing is assigned twice: `name = value` defines once"),
    operator("-=", TokenKind::Bad, None, "nothing is assigned twice: `name = value` defines once"),
    operator("*=", TokenKind::Bad, None, "nothing is assigned twice: `name = value` defines once"),
    operator("/=", TokenKind::Bad, None, "nothing is assigned twice: `name = value` defines once"),
    operator(".*", TokenKind::Star, Some("*"), "operators work on vectors as they are: write `*`"),
    operator(".^", TokenKind::Caret, Some("^"), "operators work on numbers as they are: write `^`"),
    operator("!", TokenKind::Not, Some("not "), "`!` is written `not`"),
    operator("&", TokenKind::And, Some("and"), "`&` is written `and`"),
    operator("|", TokenKind::Bad, None, "there is no `|`: an absolute value is written `abs(x)`, a norm `norm(v)`"),
    operator("?", TokenKind::Bad, None, "a choice is written `if c then a else b`"),
    operator("%", TokenKind::Bad, None, "`%` follows a number, as in `65%`; there is no remainder operator"),
    operator("−", TokenKind::Minus, Some("-"), "minus is written `-` here, not as the typographic sign"),
    operator("–", TokenKind::Minus, Some("-"), "minus is written `-` here, not as a dash"),
    operator("×", TokenKind::Star, Some("*"), "a product is written `*`"),
    operator("·", TokenKind::Star, Some("*"), "a product is written `*`"),
    operator("⋅", TokenKind::Star, Some("*"), "a product is written `*`"),
    operator("÷", TokenKind::Slash, Some("/"), "a quotient is written `/`"),
    operator("≤", TokenKind::LessEqual, Some("<="), "`≤` is written `<=`"),
    operator("≥", TokenKind::GreaterEqual, Some(">="), "`≥` is written `>=`"),
    operator("≠", TokenKind::NotEqual, Some("!="), "`≠` is written `!=`"),
    operator("∧", TokenKind::And, Some("and"), "`∧` is written `and`"),
    operator("∨", TokenKind::Or, Some("or"), "`∨` is written `or`"),
    operator("¬", TokenKind::Not, Some("not "), "`¬` is written `not`"),
    operator("²", TokenKind::Bad, Some("^2"), "a square is written `^2`"),
    operator("³", TokenKind::Bad, Some("^3"), "a cube is written `^3`"),
    operator("√", TokenKind::Bad, None, "a root is written `sqrt(x)`"),
    operator("“", TokenKind::Bad, Some("\""), "a text stands between straight quotes `\"`"),
    operator("”", TokenKind::Bad, Some("\""), "a text stands between straight quotes `\"`"),
];

/// LaTeX commands that stand for an operator or a name: command without `\`, the token, the replacement.
pub const LATEX: &[(&str, TokenKind, &str)] = &[
    ("cdot", TokenKind::Star, "*"),
    ("times", TokenKind::Star, "*"),
    ("le", TokenKind::LessEqual, "<="),
    ("leq", TokenKind::LessEqual, "<="),
    ("ge", TokenKind::GreaterEqual, ">="),
    ("geq", TokenKind::GreaterEqual, ">="),
    ("ne", TokenKind::NotEqual, "!="),
    ("neq", TokenKind::NotEqual, "!="),
    ("alpha", TokenKind::Name, "α"),
    ("beta", TokenKind::Name, "β"),
    ("gamma", TokenKind::Name, "γ"),
    ("delta", TokenKind::Name, "δ"),
    ("epsilon", TokenKind::Name, "ε"),
    ("varepsilon", TokenKind::Name, "ε"),
    ("zeta", TokenKind::Name, "ζ"),
    ("eta", TokenKind::Name, "η"),
    ("theta", TokenKind::Name, "θ"),
    ("iota", TokenKind::Name, "ι"),
    ("kappa", TokenKind::Name, "κ"),
    ("lambda", TokenKind::Name, "λ"),
    ("mu", TokenKind::Name, "μ"),
    ("nu", TokenKind::Name, "ν"),
    ("xi", TokenKind::Name, "ξ"),
    ("pi", TokenKind::Name, "π"),
    ("rho", TokenKind::Name, "ρ"),
    ("sigma", TokenKind::Name, "σ"),
    ("tau", TokenKind::Name, "τ"),
    ("phi", TokenKind::Name, "φ"),
    ("varphi", TokenKind::Name, "φ"),
    ("chi", TokenKind::Name, "χ"),
    ("psi", TokenKind::Name, "ψ"),
    ("omega", TokenKind::Name, "ω"),
    ("Gamma", TokenKind::Name, "Γ"),
    ("Delta", TokenKind::Name, "Δ"),
    ("Theta", TokenKind::Name, "Θ"),
    ("Lambda", TokenKind::Name, "Λ"),
    ("Sigma", TokenKind::Name, "Σ"),
    ("Phi", TokenKind::Name, "Φ"),
    ("Psi", TokenKind::Name, "Ψ"),
    ("Omega", TokenKind::Name, "Ω"),
    ("sin", TokenKind::Name, "sin"),
    ("cos", TokenKind::Name, "cos"),
    ("tan", TokenKind::Name, "tan"),
    ("exp", TokenKind::Name, "exp"),
    ("log", TokenKind::Name, "log"),
    ("ln", TokenKind::Name, "log"),
];

/// LaTeX commands that no single text replaces, with what to write.
pub const LATEX_FORMS: &[(&str, &str)] = &[
    ("frac", "write `a / b`"),
    ("dfrac", "write `a / b`"),
    ("sqrt", "write `sqrt(x)`"),
    ("left", "brackets grow by themselves: write `(`"),
    ("right", "brackets grow by themselves: write `)`"),
    ("sum", "write `sum(j, …)`"),
    ("vec", "a vector is a plain name, such as `velocity`"),
    ("mathbf", "a vector is a plain name, such as `velocity`"),
    ("partial", "a derivative is written `diff(f, x)`"),
];

/// Words that begin a line in another language, with what is written here.
pub const LEADING_WORDS: &[(&str, &str)] = &[
    ("def", "a function is written `f(x) = …`"),
    ("fn", "a function is written `f(x) = …`"),
    ("func", "a function is written `f(x) = …`"),
    ("function", "a function is written `f(x) = …`"),
    ("lambda", "a function is written `f(x) = …`"),
    ("let", "a definition needs no keyword: `name = value`"),
    ("var", "a definition needs no keyword: `name = value`"),
    ("const", "a definition needs no keyword: `name = value`"),
    ("set", "a definition needs no keyword: `name = value`"),
    ("int", "a definition needs no type: `name = value`"),
    ("real", "a definition needs no type: `name = value`"),
    ("float", "a definition needs no type: `name = value`"),
    ("double", "a definition needs no type: `name = value`"),
    ("import", "names come from a module with `use std.systems.spring` or from a file with `use \"./file.sdl\"`"),
    ("from", "names come from a module with `use std.systems.spring` or from a file with `use \"./file.sdl\"`"),
    ("include", "names come from a module with `use std.systems.spring` or from a file with `use \"./file.sdl\"`"),
    ("using", "names come from a module with `use std.systems.spring` or from a file with `use \"./file.sdl\"`"),
    ("for", "there are no loops: forces and energies act for all pairs, and `sweep` goes through lists"),
    ("while", "there are no loops: forces and energies act for all pairs, and `sweep` goes through lists"),
    ("elif", "write `else if`"),
    ("elseif", "write `else if`"),
    ("end", "a block ends with `}`"),
    ("return", "a function is its value: `f(x) = …`"),
    ("print", "every `train`, `distill`, `expect` and `table` is shown; nothing is printed by hand"),
    ("assert", "a condition on results is written `expect …`"),
    ("class", "a description is a block: `system name { … }`"),
    ("struct", "a description is a block: `system name { … }`"),
];

/// The word's remedy, if it is a leading word of another language.
pub fn leading_word(word: &str) -> Option<&'static str> {
    LEADING_WORDS.iter().find(|(known, _)| *known == word).map(|(_, remedy)| *remedy)
}

/// Names of other languages that have another name here; for whoever finds a name unknown.
const RENAMED: &[(&str, &str)] = &[
    ("ln", "log"),
    ("fabs", "abs"),
    ("arcsin", "asin"),
    ("arccos", "acos"),
    ("arctan", "atan"),
    ("arctan2", "atan2"),
    ("power", "^"),
    ("sgn", "sign"),
    ("ceiling", "ceil"),
    ("fmin", "min"),
    ("fmax", "max"),
    ("safe_log", "log"),
    ("safe_sqrt", "sqrt"),
    ("True", "true"),
    ("False", "false"),
    ("None", "none"),
    ("null", "none"),
    ("nothing", "none"),
    ("Pi", "pi"),
    ("PI", "pi"),
    ("N_particles", "particles"),
];

/// Functions of other languages that are operators here: name, and the call with `$1`, `$2` for its arguments.
const CALLS: &[(&str, &str)] = &[
    ("log10", "log($1) / log(10)"),
    ("log2", "log($1) / log(2)"),
    ("log1p", "log(1 + $1)"),
    ("expm1", "exp($1) - 1"),
    ("pow", "$1^$2"),
    ("power", "$1^$2"),
    ("safe_pow", "$1^$2"),
    ("square", "$1^2"),
    ("cube", "$1^3"),
    ("inv", "1 / $1"),
    ("neg", "-$1"),
    ("mult", "$1 * $2"),
    ("div", "$1 / $2"),
    ("plus", "$1 + $2"),
    ("sub", "$1 - $2"),
    ("greater", "$1 > $2"),
    ("relu", "max($1, 0)"),
    ("cond", "if $1 > 0 then $2 else 0"),
    ("where", "if $1 then $2 else $3"),
    ("rsqrt", "1 / sqrt($1)"),
    ("hypot", "sqrt($1^2 + $2^2)"),
    ("heaviside", "if $1 > 0 then 1 else 0"),
];

/// Prefixes that other languages put before functions.
const PREFIXES: &[&str] = &["np", "numpy", "math", "torch", "jnp", "jax", "tf", "sp", "sympy", "scipy", "Math", "Base"];

/// Keys of other programs' settings, with the field that is meant.
const KEYS: &[(&str, &str)] = &[
    ("learning_rate", "rate"),
    ("lr", "rate"),
    ("batch_size", "batch"),
    ("n_epochs", "epochs"),
    ("iterations", "epochs"),
    ("optimiser", "optimizer"),
    ("weight_decay", "weights"),
    ("dim", "space"),
    ("dims", "space"),
    ("dimension", "space"),
    ("dimensions", "space"),
    ("n", "particles"),
    ("bodies", "particles"),
    ("atoms", "particles"),
    ("timestep", "dt"),
    ("time_step", "dt"),
    ("n_steps", "steps"),
    ("potential", "energy"),
    ("hamiltonian", "energy"),
    ("pbc", "box"),
    ("cutoff", "links"),
    ("neighbors", "links"),
    ("hidden", "edge"),
    ("layers", "edge"),
    ("aggregate", "combine"),
    ("aggr", "combine"),
    ("pooling", "combine"),
    ("features", "sees"),
    ("inputs", "sees"),
    ("output", "predict"),
    ("operators", "with"),
    ("maxsize", "size"),
    ("maxdepth", "depth"),
    ("niterations", "budget"),
    ("model_selection", "choose"),
    ("from", "of"),
    ("file", "from"),
    ("path", "from"),
    ("source", "from"),
    ("system", "from"),
    ("model", "network"),
    ("dataset", "data"),
];

/// The name that is meant, if this one has another name here.
pub fn renamed(name: &str) -> Option<&'static str> {
    RENAMED.iter().find(|(known, _)| *known == name).map(|(_, here)| *here)
}

/// How a function of another language is written here, with `$1`, `$2` for its arguments.
pub fn call(name: &str) -> Option<&'static str> {
    CALLS.iter().find(|(known, _)| *known == name).map(|(_, here)| *here)
}

/// Whether the name is a module that other languages put before functions.
pub fn is_prefix(name: &str) -> bool {
    PREFIXES.contains(&name)
}

/// Fields that may be meant by a key of another program.
pub fn keys(key: &str) -> impl Iterator<Item = &'static str> {
    KEYS.iter().filter(move |(known, _)| *known == key).map(|(_, here)| *here)
}
