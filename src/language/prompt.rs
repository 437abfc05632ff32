//! The functions of the prompt, and the evaluation of one line: definitions so far, earlier results, and the line's own
//! expression, where an unknown name is a symbol.

use super::builtin;
use super::expression::Checker;
use super::help;
use super::resolve::{self, Source};
use super::rules::rules;
use super::tree::{Argument, Ident, Term, TermKind};
use super::units::Dimension;
use super::value::{Given, Locals, Place, Quantity, Scope, Value};
use crate::base::{Diagnostic, Name, SourceId, Span};
use crate::expr::calculus::{self, NoAnswer};
use crate::expr::print::{code, latex, mathml, number};
use crate::expr::{Equality, Expr, Need, Rule, Step, algebra, equal, lost, simplest, simplify_by};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::OnceLock;

/// A function of the prompt, for help and completion.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// How it is called.
    pub usage: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// Fewest and most arguments.
    pub arguments: (usize, usize),
}

const fn row(name: &'static str, arguments: (usize, usize), usage: &'static str, doc: &'static str) -> Function {
    Function { name, usage, doc, arguments }
}

/// All functions of the prompt.
pub const FUNCTIONS: [Function; 24] = [
    row("simplify", (1, 1), "simplify(e)", "the smallest equal expression that is found"),
    row("expand", (1, 1), "expand(e)", "products and powers of sums written out"),
    row("factor", (1, 1), "factor(e)", "irreducible factors over the rational numbers"),
    row("collect", (2, 2), "collect(e, x)", "a sum by powers of x"),
    row("cancel", (1, 1), "cancel(e)", "one fraction in lowest terms, written out"),
    row("together", (1, 1), "together(e)", "one fraction in lowest terms"),
    row("diff", (2, 3), "diff(e, x, n = 1)", "the n-th derivative in x"),
    row("integrate", (2, 4), "integrate(e, x, a, b)", "an antiderivative in x, or the integral from a to b"),
    row("series", (2, 4), "series(e, x, at = 0, order = 5)", "the power series in x around a point"),
    row("limit", (3, 3), "limit(e, x, at)", "the limit as x goes to a value or to inf"),
    row("solve", (2, 2), "solve(a == b, x)", "real solutions for x; of periodic functions the principal ones"),
    row("subs", (2, 17), "subs(e, x = 2, y = z)", "symbols replaced"),
    row("equal", (2, 2), "equal(a, b)", "proved, refuted with a point, or unknown"),
    row("complexity", (1, 1), "complexity(e)", "number of nodes of the tree"),
    row("dimension", (1, 1), "dimension(e)", "the unit in base units"),
    row("eval", (1, 17), "eval(e, x = 2)", "the number, with values for symbols"),
    row("latex", (1, 1), "latex(e)", "as LaTeX"),
    row("mathml", (1, 1), "mathml(e)", "as MathML"),
    row("sympy", (1, 1), "sympy(e)", "as SymPy"),
    row("python", (1, 1), "python(e)", "as Python with NumPy"),
    row("jax", (1, 1), "jax(e)", "as Python with JAX"),
    row("pytorch", (1, 1), "pytorch(e)", "as Python with PyTorch"),
    row("rust", (1, 1), "rust(e)", "as Rust"),
    row("c", (1, 1), "c(e)", "as C"),
];

/// The function of the prompt with this name.
pub fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// What a line of the prompt gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A formula or a number in base units, with its dimension where one is known.
    Formula(Expr, Option<Dimension>),
    /// A vector by component, with its dimension.
    Vector(Vec<Expr>, Option<Dimension>),
    /// Several formulas, such as solutions.
    List(Vec<Expr>),
    /// A text.
    Text(String),
    /// Whether two formulas are equal.
    Verdict(Equality),
    /// A function of its parameters.
    Function(Vec<String>, Expr),
    /// What has parts by name: a law of an opened run.
    Fields(BTreeMap<String, Answer>),
    /// A block or a module, in words.
    Thing(String),
}

/// An answer with what belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The answer.
    pub answer: Answer,
    /// Where a simplification holds.
    pub conditions: Vec<Need>,
    /// What a simplification did.
    pub steps: Vec<Step>,
}

/// What simplifications of a line left to tell.
#[derive(Clone, Debug, Default)]
pub struct Remarks {
    /// Where they hold.
    pub conditions: Vec<Need>,
    /// What they did.
    pub steps: Vec<Step>,
}

/// Evaluates one expression over definitions and named results. Gives the reply, if there is one, with all findings and the
/// texts that they point into; the line is the text called `prompt`.
pub fn evaluate(
    definitions: &str,
    line: &str,
    results: &BTreeMap<String, Answer>,
    load: &dyn Fn(&str) -> Result<String, String>,
) -> (Option<Reply>, Vec<Diagnostic>, Vec<Source>) {
    let mut found = vec![];
    let mut modules = resolve::load("session", definitions, load, &mut found);
    let own = SourceId(modules.sources.len() as u32);
    let (term, wrong) = super::parse_expression(own, line);
    found.extend(wrong);
    modules.sources.push(Source { name: "prompt".into(), text: line.into() });
    if found.iter().any(Diagnostic::is_error) {
        return (None, found, modules.sources);
    }
    let locals: BTreeMap<String, Value> =
        results.iter().map(|(name, answer)| (name.clone(), value_of(answer))).collect();
    let mut checker = Checker::new(&modules);
    let scope = Scope::constant(0, Rc::new(locals)).at(Place::Prompt);
    let value = checker.eval(&term, &scope);
    let answer = answer_of(&mut checker, value, &scope, term.span);
    let Remarks { conditions, steps } = std::mem::take(&mut checker.remarks);
    found.extend(std::mem::take(&mut checker.found));
    let errors = found.iter().any(Diagnostic::is_error);
    let reply = answer.filter(|_| !errors).map(|answer| Reply { answer, conditions, steps });
    drop(checker);
    (reply, found, modules.sources)
}

/// An answer as a value again.
pub(super) fn value_of<'a>(answer: &Answer) -> Value<'a> {
    let quantity = |expr: &Expr, dimension: Option<Dimension>| Quantity { dimension, ..Quantity::pure(expr.clone()) };
    match answer {
        Answer::Formula(expr, dimension) => Value::Scalar(quantity(expr, *dimension)),
        Answer::Vector(parts, dimension) => {
            Value::Vector(parts.iter().map(|part| quantity(part, *dimension)).collect())
        }
        other => Value::Answer(Box::new(other.clone())),
    }
}

fn answer_of<'a>(checker: &mut Checker<'a>, value: Value<'a>, scope: &Scope<'a>, span: Span) -> Option<Answer> {
    match value {
        Value::Scalar(q) => Some(Answer::Formula(q.expr, q.dimension)),
        Value::Vector(parts) => {
            let dimension = parts.iter().find_map(|part| part.dimension);
            Some(Answer::Vector(parts.into_iter().map(|part| part.expr).collect(), dimension))
        }
        Value::Answer(answer) => Some(*answer),
        Value::Text(text) => Some(Answer::Text(text.to_owned())),
        Value::Function(module, definition) => {
            let names = definition.params.iter().flatten().map(|param| param.name.text.clone()).collect();
            let q = checker.opened(Value::Function(module, definition), scope, span)?;
            Some(Answer::Function(names, q.expr))
        }
        Value::Unknown => None,
        other => Some(Answer::Thing(other.what())),
    }
}

/// The rules of the library, read once.
fn library() -> &'static [Rule] {
    static RULES: OnceLock<Vec<Rule>> = OnceLock::new();
    RULES.get_or_init(rules)
}

impl<'a> Checker<'a> {
    /// `f |> simplify`, `f |> diff(r)`: a call with the left side as its first argument.
    pub(super) fn pipe(
        &mut self,
        head: &'a Term,
        path: &'a [Ident],
        arguments: &'a [Argument],
        span: Span,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let mut given = vec![Given { name: None, term: head, value: self.eval(head, scope) }];
        given.extend(arguments.iter().map(|argument| Given {
            name: argument.name.as_ref(),
            term: &argument.value,
            value: self.eval(&argument.value, scope),
        }));
        let [name] = path else {
            return self.fail(Diagnostic::new("E0206", "one name of a function must stand after `|>`").at(span, ""));
        };
        if let Some(function) = self.prompt_function(&name.text, scope) {
            return self.prompt_call(function, &given, span, scope);
        }
        let own =
            self.modules.list[scope.module].names.contains_key(&name.text) || scope.locals.contains_key(&name.text);
        if !own && builtin::is_builtin(&name.text) {
            return builtin::call(self, &name.text, &given, span, scope);
        }
        if let Some(finding) = self.no_function(&name.text, name.span, scope) {
            return self.fail(finding);
        }
        let callee = self.named(&name.text, name.span, scope);
        self.applied(callee, name.span, &given, span, scope)
    }

    /// The finding that a name is no function, where the prompt would take it for a symbol.
    pub(super) fn no_function(&self, name: &str, span: Span, scope: &Scope<'a>) -> Option<Diagnostic> {
        let own = self.modules.list[scope.module].names.contains_key(name) || scope.locals.contains_key(name);
        if own || !matches!(scope.place, Place::Prompt) {
            return None;
        }
        let names = FUNCTIONS.iter().map(|function| function.name).chain(builtin::names());
        let near = help::nearest(name, names);
        let finding = Diagnostic::new("E0201", format!("there is no function `{name}`")).at(span, "");
        Some(finding.help(near.map_or("`:help` lists all".into(), |near| format!("did you mean `{near}`?"))))
    }

    /// The function of the prompt that a name stands for here; definitions of the session come first.
    pub(super) fn prompt_function(&self, name: &str, scope: &Scope<'a>) -> Option<&'static Function> {
        let own = scope.locals.contains_key(name) || self.modules.list[scope.module].names.contains_key(name);
        if own || !matches!(scope.place, Place::Prompt) { None } else { function(name) }
    }

    /// A formula; a function of the session stands for its value, parameters as symbols.
    fn opened(&mut self, value: Value<'a>, scope: &Scope<'a>, span: Span) -> Option<Quantity> {
        let Value::Function(module, definition) = value else { return self.scalar(value, span) };
        let mut locals: BTreeMap<String, Value<'a>> = BTreeMap::new();
        for param in definition.params.iter().flatten() {
            let symbol = Quantity { dimension: None, ..Quantity::pure(Expr::symbol(param.name.text.as_str())) };
            let symbol = self.with_unit(Value::Scalar(symbol), param.unit.as_ref(), span);
            locals.insert(param.name.text.clone(), symbol);
        }
        let inner = Scope { module, locals: Locals::from(Rc::new(locals)), place: scope.place.clone() };
        let value = self.eval(&definition.value, &inner);
        self.scalar(value, span)
    }

    fn formula(&mut self, given: &Given<'a>, scope: &Scope<'a>) -> Option<Quantity> {
        match &given.value {
            Value::Answer(answer) => match &**answer {
                Answer::Function(_, expr) => Some(Quantity { dimension: None, ..Quantity::pure(expr.clone()) }),
                Answer::List(parts) if parts.len() == 1 => {
                    Some(Quantity { dimension: None, ..Quantity::pure(parts[0].clone()) })
                }
                _ => {
                    self.report(Diagnostic::new("E0206", "a formula must stand here").at(given.span(), ""));
                    None
                }
            },
            value => self.opened(value.clone(), scope, given.span()),
        }
    }

    fn symbol(&mut self, given: &Given<'a>) -> Option<Name> {
        if let Value::Scalar(q) = &given.value
            && let Some(name) = q.expr.as_symbol()
        {
            return Some(name.clone());
        }
        let mut finding = Diagnostic::new("E0206", "a symbol must stand here").at(given.span(), "has a value");
        if let TermKind::Name(name) = &given.term.kind {
            finding = finding.help(format!("`{name}` is defined; `:reset` forgets all definitions"));
        }
        self.report(finding);
        None
    }

    fn small_whole(&mut self, given: &Given<'a>) -> Option<usize> {
        let number = match &given.value {
            Value::Scalar(q) => q.expr.as_number().filter(|n| *n >= 0.0 && *n == n.trunc() && *n < 100.0),
            _ => None,
        };
        if number.is_none() {
            self.report(Diagnostic::new("E0207", "a whole number below 100 must stand here").at(given.span(), ""));
        }
        number.map(|n| n as usize)
    }

    /// A call of a function of the prompt.
    pub(super) fn prompt_call(
        &mut self,
        function: &'static Function,
        given: &[Given<'a>],
        span: Span,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let (least, most) = function.arguments;
        let named = matches!(function.name, "subs" | "eval");
        if given.len() < least || given.len() > most {
            return self.fail(
                Diagnostic::new("E0209", format!("`{}` is called as `{}`", function.name, function.usage))
                    .at(span, format!("{} given", given.len())),
            );
        }
        if let Some(name) = given.iter().find_map(|argument| argument.name).filter(|_| !named) {
            return self.fail(
                Diagnostic::new("E0209", format!("arguments of `{}` have no names", function.name)).at(name.span, ""),
            );
        }
        if given.iter().any(|argument| matches!(argument.value, Value::Unknown)) {
            return Value::Unknown;
        }
        // A vector is treated by component where that has a meaning.
        if let (Value::Vector(parts), true) = (&given[0].value, by_component(function.name)) {
            let mut out = vec![];
            for part in parts {
                let first = Given { name: None, term: given[0].term, value: Value::Scalar(part.clone()) };
                let given: Vec<Given> = std::iter::once(first).chain(given[1..].iter().cloned()).collect();
                match self.prompt_call(function, &given, span, scope) {
                    Value::Scalar(part) => out.push(part),
                    _ => return Value::Unknown,
                }
            }
            return Value::Vector(out);
        }
        self.prompt_value(function, given, span, scope).unwrap_or(Value::Unknown)
    }

    /// `None` where something was reported.
    fn prompt_value(
        &mut self,
        function: &'static Function,
        given: &[Given<'a>],
        span: Span,
        scope: &Scope<'a>,
    ) -> Option<Value<'a>> {
        let q = self.formula(&given[0], scope)?;
        let same = |expr: Expr| Value::Scalar(Quantity { dimension: q.dimension, ..Quantity::pure(expr) });
        let free = |expr: Expr| Value::Scalar(Quantity { dimension: None, ..Quantity::pure(expr) });
        let text = |text: String| Value::Answer(Box::new(Answer::Text(text)));
        let e = &q.expr;
        Some(match function.name {
            "simplify" => {
                let found = simplify_by(e, library());
                self.remarks.conditions.extend(found.conditions);
                self.remarks.steps.extend(found.steps);
                same(found.expr)
            }
            "expand" => same(algebra::expand(e)),
            "factor" => same(algebra::factor(e)),
            "cancel" => same(algebra::cancel(e)),
            "together" => same(algebra::together(e)),
            "collect" => same(algebra::collect(e, &self.symbol(&given[1])?)),
            "diff" => {
                let symbol = self.symbol(&given[1])?;
                let times = given.get(2).map_or(Some(1), |given| self.small_whole(given))?;
                let by = given[1].value.clone();
                let mut slope = e.clone();
                for _ in 0..times {
                    slope = simplest(&slope.derivative(&symbol));
                    if slope.size() > 5_000 {
                        return Some(
                            self.fail(Diagnostic::new("E0221", "this derivative grows too large").at(span, "")),
                        );
                    }
                }
                let below = match by {
                    Value::Scalar(by) => by.dimension.and_then(|d| d.power(times as f64)),
                    _ => None,
                };
                let dimension = q.dimension.zip(below).map(|(above, below)| above.over(below));
                Value::Scalar(Quantity { dimension, ..Quantity::pure(slope) })
            }
            "integrate" => {
                let symbol = self.symbol(&given[1])?;
                match given {
                    [_, _, low, high] => {
                        let low = infinite(&self.formula(low, scope)?.expr);
                        let high = infinite(&self.formula(high, scope)?.expr);
                        free(self.answered(calculus::integral(e, &symbol, &low, &high), span)?)
                    }
                    [_, _, _] => {
                        return Some(
                            self.fail(
                                Diagnostic::new("E0209", "an integral has two bounds")
                                    .at(span, "one given")
                                    .help(function.usage),
                            ),
                        );
                    }
                    _ => {
                        let found = self.answered(calculus::integrate(e, &symbol), span)?;
                        // Gaps of the antiderivative that the integrand does not have.
                        let gaps = lost(&found, e).into_iter().filter(|need| matches!(need, Need::NonZero(_)));
                        self.remarks.conditions.extend(gaps);
                        free(found)
                    }
                }
            }
            "series" => {
                let symbol = self.symbol(&given[1])?;
                let at = given.get(2).map_or(Some(Quantity::zero()), |given| self.formula(given, scope))?;
                let order = given.get(3).map_or(Some(5), |given| self.small_whole(given))?;
                same(self.answered(calculus::series(e, &symbol, &at.expr, order), span)?)
            }
            "limit" => {
                let symbol = self.symbol(&given[1])?;
                let at = infinite(&self.formula(&given[2], scope)?.expr);
                same(self.answered(calculus::limit(e, &symbol, &at), span)?)
            }
            "solve" => {
                let symbol = self.symbol(&given[1])?;
                Value::Answer(Box::new(Answer::List(self.answered(calculus::solve(e, &symbol), span)?)))
            }
            "subs" | "eval" => {
                let mut values = BTreeMap::new();
                for argument in &given[1..] {
                    let Some(name) = argument.name else {
                        return Some(
                            self.fail(
                                Diagnostic::new("E0209", format!("write `{}`", function.usage))
                                    .at(argument.span(), "which symbol?"),
                            ),
                        );
                    };
                    values.insert(Name::new(&name.text), self.formula(argument, scope)?.expr);
                }
                let replaced = e.substitute(&values);
                let folded = replaced.rebuild(&mut |e| fold(&e));
                if function.name == "eval" && folded.as_number().is_none() {
                    let missing: Vec<String> = folded.symbols().iter().map(ToString::to_string).collect();
                    return Some(
                        self.fail(
                            Diagnostic::new("E0208", format!("this needs values for {}", missing.join(", ")))
                                .at(span, "")
                                .help(format!("write `eval(…, {} = 1)`", missing.first().map_or("x", String::as_str))),
                        ),
                    );
                }
                same(folded)
            }
            "equal" => {
                let other = self.formula(&given[1], scope)?;
                Value::Answer(Box::new(Answer::Verdict(verdict(e, &other.expr))))
            }
            "complexity" => {
                // A number of nodes holds everywhere.
                self.remarks.conditions.clear();
                Value::number(e.size() as f64)
            }
            "dimension" => text(q.dimension.map_or("any".into(), |dimension| match dimension.is_none() {
                true => "a pure number".into(),
                false => dimension.to_string(),
            })),
            "latex" => text(latex(e)),
            "mathml" => text(mathml(e)),
            name => text(code::dialect(name)?.write(e)),
        })
    }

    fn answered<T>(&mut self, answer: Result<T, NoAnswer>, span: Span) -> Option<T> {
        answer.map_err(|NoAnswer(why)| self.report(Diagnostic::new("E0223", why).at(span, ""))).ok()
    }
}

fn by_component(name: &str) -> bool {
    matches!(name, "simplify" | "expand" | "factor" | "cancel" | "together" | "diff" | "subs" | "eval")
}

/// `inf` and `-inf` are no symbols where a limit goes.
fn infinite(expr: &Expr) -> Expr {
    let named = |name: &str| matches!(name, "inf" | "infinity" | "∞");

    expr.rebuild(&mut |e| match e.as_symbol() {
        Some(name) if named(name) => Expr::number(f64::INFINITY),
        _ => fold(&e),
    })
}

/// A call of numbers as its number.
fn fold(expr: &Expr) -> Expr {
    let crate::expr::Node::Call(op, args) = expr.node() else { return expr.clone() };
    match args.iter().map(Expr::as_number).collect::<Option<Vec<f64>>>() {
        Some(values) => Expr::number(op.apply(&values)),
        None => expr.clone(),
    }
}

/// How much the last bits of coefficients may differ: 0.1 + 0.2 is 0.3.
const ROUNDING: f64 = 1e-14;

/// Equality by expansion, and where that does not tell, by simplification of the difference.
fn verdict(a: &Expr, b: &Expr) -> Equality {
    match equal(a, b, ROUNDING) {
        Equality::Unknown => {
            let rest = simplify_by(&(a.clone() - b.clone()), library()).expr;
            if rest.as_number() == Some(0.0) { Equality::Proved } else { Equality::Unknown }
        }
        known => known,
    }
}

/// The answer as text that the language reads back, where it is a formula.
impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let list = |parts: &[Expr]| parts.iter().map(Expr::to_string).collect::<Vec<_>>().join(", ");
        match self {
            Answer::Formula(expr, dimension) => {
                write!(f, "{expr}")?;
                match dimension {
                    Some(dimension) if !dimension.is_none() && expr.as_number().is_some() => write!(f, " {dimension}"),
                    _ => Ok(()),
                }
            }
            Answer::Vector(parts, _) => write!(f, "vector({})", list(parts)),
            Answer::List(parts) if parts.is_empty() => f.write_str("none"),
            Answer::List(parts) => f.write_str(&list(parts)),
            Answer::Text(text) | Answer::Thing(text) => f.write_str(text),
            Answer::Verdict(Equality::Proved) => f.write_str("proved equal"),
            Answer::Verdict(Equality::Unknown) => f.write_str("unknown: equal at every point tried, but not proved"),
            Answer::Verdict(Equality::Refuted { point, values }) => {
                let at: Vec<String> =
                    point.iter().map(|(name, value)| format!("{name} = {}", number(*value))).collect();
                write!(f, "refuted at {}: {} and {}", at.join(", "), number(values.0), number(values.1))
            }
            Answer::Function(names, expr) => write!(f, "({}) ↦ {expr}", names.join(", ")),
            Answer::Fields(fields) => {
                let line = |(name, answer): (&String, &Answer)| match answer {
                    Answer::Fields(inner) => {
                        format!("{name}: {}", inner.keys().cloned().collect::<Vec<_>>().join(", "))
                    }
                    other => format!("{name} = {other}"),
                };
                f.write_str(&fields.iter().map(line).collect::<Vec<_>>().join("\n"))
            }
        }
    }
}
