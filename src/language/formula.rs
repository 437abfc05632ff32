//! A formula on its own, outside any script, for programs that use the library: the truths of benchmarks are read so.

use super::expression::Checker;
use super::parser::parse_expression;
use super::resolve::{Module, Modules};
use super::value::{Place, Quantity, Scope, Value};
use crate::base::{Diagnostic, SourceId, Span};
use crate::expr::Expr;

/// The formula of a text in the language; every name that it does not know is a symbol.
///
/// Errors are findings with places in the text, as of a file of number 0.
pub fn formula(text: &str) -> Result<Expr, Vec<Diagnostic>> {
    let (term, found) = parse_expression(SourceId(0), text);
    if found.iter().any(Diagnostic::is_error) {
        return Err(found);
    }
    let modules = Modules { list: vec![Module::default()], ..Modules::default() };
    let mut checker = Checker::new(&modules);
    let scope = Scope { module: 0, locals: Default::default(), place: Place::Columns };
    let value = checker.eval(&term, &scope);
    match value {
        _ if checker.found.iter().any(Diagnostic::is_error) => Err(checker.found),
        Value::Scalar(Quantity { expr, .. }) => Ok(expr),
        other => {
            let whole = Span::new(SourceId(0), 0, text.len());
            let headline = format!("this is {}, not a formula of numbers", other.what());
            Err(vec![Diagnostic::new("E0206", headline).at(whole, "")])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::print::infix;

    #[test]
    fn names_are_symbols_and_mistakes_are_findings() {
        for (text, printed) in [
            ("a * exp(-theta^2 / 2) / sqrt(2 * pi)", Some("a * exp(-theta^2 / 2) / 2.5066282746310002")),
            ("if x > 2 then x else 0", Some("if x > 2 then x else 0")),
            ("x +", None),
            ("sin(x, y)", None),
            ("vector(x, y)", None),
            ("", None),
        ] {
            assert_eq!(formula(text).ok().map(|expr| infix(&expr)).as_deref(), printed, "{text}");
        }
    }
}
