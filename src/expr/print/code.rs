//! Expressions as code of other languages: SymPy, Python with NumPy, JAX or PyTorch, Rust, C. Each dialect says where it
//! departs from the operator table; one walk writes them all.

use crate::expr::{Expr, Fixity, Node, Op};

/// How one language writes expressions.
#[derive(Debug)]
pub struct Dialect {
    /// Its name at the prompt.
    pub name: &'static str,
    /// What stands before the names of functions.
    prefix: &'static str,
    /// Functions with another name, or a template with `{0}`, `{1}`, `{2}` for the arguments. Templates that name an
    /// operator are in brackets.
    words: &'static [(Op, &'static str)],
    /// Powers as an infix operator; without one, as the function in `words`.
    power: Option<&'static str>,
    /// A condition as a number: template of one argument.
    truth: &'static str,
    /// `if`: template of condition and branches.
    choice: &'static str,
    /// and, or, not of conditions, as templates.
    logic: [&'static str; 3],
    /// Whether whole numbers need a decimal point.
    pointed: bool,
    /// Words that cannot be names.
    reserved: &'static [&'static str],
}

const PYTHON_WORDS: &[&str] = &[
    "and", "as", "assert", "break", "class", "continue", "def", "del", "elif", "else", "except", "finally", "for",
    "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try",
    "while", "with", "yield", "None", "True", "False", "np", "jnp", "torch",
];

const ARRAY_WORDS: &[(Op, &str)] = &[
    (Op::Asin, "arcsin"),
    (Op::Acos, "arccos"),
    (Op::Atan, "arctan"),
    (Op::Atan2, "arctan2"),
    (Op::Min, "minimum"),
    (Op::Max, "maximum"),
];

/// All dialects.
pub const DIALECTS: [Dialect; 6] = [
    Dialect {
        name: "sympy",
        prefix: "",
        words: &[(Op::Abs, "Abs"), (Op::Ceil, "ceiling"), (Op::Min, "Min"), (Op::Max, "Max")],
        power: Some("**"),
        truth: "Piecewise((1, {0}), (0, True))",
        choice: "Piecewise(({1}, {0}), ({2}, True))",
        logic: ["And({0}, {1})", "Or({0}, {1})", "Not({0})"],
        pointed: false,
        reserved: PYTHON_WORDS,
    },
    Dialect {
        name: "python",
        prefix: "np.",
        words: ARRAY_WORDS,
        power: Some("**"),
        truth: "np.where({0}, 1.0, 0.0)",
        choice: "np.where({0}, {1}, {2})",
        logic: ["np.logical_and({0}, {1})", "np.logical_or({0}, {1})", "np.logical_not({0})"],
        pointed: false,
        reserved: PYTHON_WORDS,
    },
    Dialect {
        name: "jax",
        prefix: "jnp.",
        words: ARRAY_WORDS,
        power: Some("**"),
        truth: "jnp.where({0}, 1.0, 0.0)",
        choice: "jnp.where({0}, {1}, {2})",
        logic: ["jnp.logical_and({0}, {1})", "jnp.logical_or({0}, {1})", "jnp.logical_not({0})"],
        pointed: false,
        reserved: PYTHON_WORDS,
    },
    Dialect {
        name: "pytorch",
        prefix: "torch.",
        words: &[
            (Op::Cbrt, "(torch.sign({0}) * torch.abs({0}) ** (1 / 3))"),
            (Op::Min, "minimum"),
            (Op::Max, "maximum"),
        ],
        power: Some("**"),
        truth: "torch.where({0}, 1.0, 0.0)",
        choice: "torch.where({0}, {1}, {2})",
        logic: ["torch.logical_and({0}, {1})", "torch.logical_or({0}, {1})", "torch.logical_not({0})"],
        pointed: false,
        reserved: PYTHON_WORDS,
    },
    Dialect {
        name: "rust",
        prefix: "f64::",
        words: &[
            (Op::Pow, "f64::powf({0}, {1})"),
            (Op::Log, "ln"),
            (Op::Sign, "(f64::from({0} > 0.0) - f64::from({0} < 0.0))"),
        ],
        power: None,
        truth: "f64::from({0})",
        choice: "(if {0} { {1} } else { {2} })",
        logic: ["({0} && {1})", "({0} || {1})", "!({0})"],
        pointed: true,
        reserved: &[
            "as", "break", "const", "continue", "crate", "else", "enum", "extern", "false", "fn", "for", "if", "impl",
            "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "static", "struct",
            "super", "trait", "true", "type", "unsafe", "use", "where", "while", "async", "await", "dyn", "f64",
        ],
    },
    Dialect {
        name: "c",
        prefix: "",
        words: &[
            (Op::Pow, "pow({0}, {1})"),
            (Op::Abs, "fabs"),
            (Op::Min, "fmin"),
            (Op::Max, "fmax"),
            (Op::Sign, "(double)(({0} > 0.0) - ({0} < 0.0))"),
        ],
        power: None,
        truth: "(double)({0})",
        choice: "(({0}) ? {1} : {2})",
        logic: ["({0} && {1})", "({0} || {1})", "!({0})"],
        pointed: true,
        reserved: &[
            "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern",
            "float", "for", "goto", "if", "int", "long", "register", "return", "short", "signed", "sizeof", "static",
            "struct", "switch", "typedef", "union", "unsigned", "void", "volatile", "while",
        ],
    },
];

/// The dialect of this name.
pub fn dialect(name: &str) -> Option<&'static Dialect> {
    DIALECTS.iter().find(|dialect| dialect.name == name)
}

impl Dialect {
    /// The expression as code.
    pub fn write(&self, expr: &Expr) -> String {
        self.part(expr, 0)
    }

    /// A symbol as an identifier: `i.mass` as `i_mass`, Greek letters spelled out where only ASCII is safe.
    pub fn symbol(&self, name: &str) -> String {
        let mut out = String::new();
        for c in name.chars() {
            match (c, super::greek::spelled(c)) {
                (_, Some(word)) if self.pointed => out.push_str(word),
                ('.' | '[' | ']' | ' ' | '$', _) => out.push('_'),
                _ => out.push(c),
            }
        }
        if self.reserved.contains(&out.as_str()) {
            out.push('_');
        }
        out
    }

    fn part(&self, expr: &Expr, strength: u8) -> String {
        let (op, args) = match expr.node() {
            Node::Number(value) => {
                let text = self.number(*value);
                return if value.is_sign_negative() && strength > 6 { format!("({text})") } else { text };
            }
            Node::Symbol(name) => return self.symbol(name),
            Node::Call(op, args) => (*op, args),
        };
        let closed = |own: u8, text: String| if strength > own { format!("({text})") } else { text };
        match op {
            Op::If => fill(self.choice, &[self.condition(&args[0]), self.part(&args[1], 0), self.part(&args[2], 0)]),
            _ if is_condition(op) => fill(self.truth, &[self.condition(expr)]),
            Op::Neg => closed(8, format!("-{}", self.part(&args[0], 8))),
            Op::Pow if let Some(sign) = self.power => {
                let exponent = match args[1].as_number() {
                    // A negative whole exponent needs a float base in NumPy.
                    Some(value) if value < 0.0 && value == value.trunc() => format!("-{}.0", super::number(-value)),
                    _ => self.part(&args[1], 9),
                };
                closed(9, format!("{}{sign}{exponent}", self.part(&args[0], 10)))
            }
            _ => match (self.words.iter().find(|(own, _)| *own == op), op.info().fixity) {
                (Some((_, template)), _) if template.contains('{') => fill(template, &self.arguments(args)),
                (Some((_, name)), _) => format!("{}{name}({})", self.prefix, self.arguments(args).join(", ")),
                (None, Some(Fixity::Left(own))) => {
                    let (a, b) = (self.part(&args[0], own), self.part(&args[1], own + 1));
                    closed(own, format!("{a} {} {b}", op.info().name))
                }
                (None, _) => format!("{}{}({})", self.prefix, op.info().name, self.arguments(args).join(", ")),
            },
        }
    }

    fn arguments(&self, args: &[Expr]) -> Vec<String> {
        args.iter().map(|arg| self.part(arg, 0)).collect()
    }

    /// A condition as the language has it; a number stands for "not 0".
    fn condition(&self, expr: &Expr) -> String {
        match expr.node() {
            Node::Call(Op::And, args) => fill(self.logic[0], &[self.condition(&args[0]), self.condition(&args[1])]),
            Node::Call(Op::Or, args) => fill(self.logic[1], &[self.condition(&args[0]), self.condition(&args[1])]),
            Node::Call(Op::Not, args) => fill(self.logic[2], &[self.condition(&args[0])]),
            Node::Call(op, args) if self.name == "sympy" && matches!(op, Op::Eq | Op::Ne) => {
                let name = if *op == Op::Eq { "Eq" } else { "Ne" };
                format!("{name}({})", self.arguments(args).join(", "))
            }
            Node::Call(op, args) if is_condition(*op) => {
                format!("{} {} {}", self.part(&args[0], 5), op.info().name, self.part(&args[1], 5))
            }
            // There `!=` compares how two expressions are written.
            _ if self.name == "sympy" => format!("Ne({}, 0)", self.part(expr, 0)),
            _ => format!("{} != {}", self.part(expr, 5), self.number(0.0)),
        }
    }

    fn number(&self, value: f64) -> String {
        if !value.is_finite() {
            let word = if value.is_nan() { "nan" } else { "inf" };
            let sign = if value < 0.0 { "-" } else { "" };
            return match self.name {
                "sympy" => format!("{sign}{}", if value.is_nan() { "nan" } else { "oo" }),
                "rust" => format!("{sign}f64::{}", if value.is_nan() { "NAN" } else { "INFINITY" }),
                "c" => format!("{sign}{}", if value.is_nan() { "NAN" } else { "INFINITY" }),
                _ => format!("{sign}{}{word}", self.prefix),
            };
        }
        let text = super::number(value);
        if self.pointed && !text.contains(['.', 'e']) { text + ".0" } else { text }
    }
}

fn is_condition(op: Op) -> bool {
    matches!(op, Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::Eq | Op::Ne | Op::And | Op::Or | Op::Not)
}

fn fill(template: &str, args: &[String]) -> String {
    let mut out = template.to_owned();
    // Arguments hold no placeholders but of their own filled templates: from the last to the first, in one pass each.
    for (index, arg) in args.iter().enumerate().rev() {
        out = out.replace(&format!("{{{index}}}"), arg);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::tests::parse;

    fn written(name: &str, text: &str) -> String {
        dialect(name).expect(name).write(&parse(text))
    }

    #[test]
    fn laws_in_every_dialect() {
        let law = "-i.mass * j.mass / (r + 0.01)^2 + sin(2 * r)";
        for (name, text) in [
            ("sympy", "-i_mass * j_mass / (r + 0.01)**2 + sin(2 * r)"),
            ("python", "-i_mass * j_mass / (r + 0.01)**2 + np.sin(2 * r)"),
            ("jax", "-i_mass * j_mass / (r + 0.01)**2 + jnp.sin(2 * r)"),
            ("pytorch", "-i_mass * j_mass / (r + 0.01)**2 + torch.sin(2 * r)"),
            ("rust", "-i_mass * j_mass / f64::powf(r + 0.01, 2.0) + f64::sin(2.0 * r)"),
            ("c", "-i_mass * j_mass / pow(r + 0.01, 2.0) + sin(2.0 * r)"),
        ] {
            assert_eq!(written(name, law), text);
        }
    }

    #[test]
    fn conditions_and_names_that_clash() {
        assert_eq!(written("python", "max(lambda, x^-1)"), "np.maximum(lambda_, x**-1.0)");
        assert_eq!(written("c", "abs(α) * (x < 1)"), "fabs(alpha) * (double)(x < 1.0)");
        let choice = Expr::call(Op::If, vec![parse("x > 0"), parse("x"), parse("-x")]);
        assert_eq!(dialect("rust").unwrap().write(&choice), "(if x > 0.0 { x } else { -x })");
        assert_eq!(dialect("sympy").unwrap().write(&choice), "Piecewise((x, x > 0), (-x, True))");
    }
}
