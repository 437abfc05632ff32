//! Templates: formulas with unknown parts.

use crate::base::Name;
use crate::expr::Expr;
use serde::{Deserialize, Serialize};

/// A formula for a column in which functions are searched and constants fitted, all together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Template {
    /// The formula over columns, unknown constants and the symbols of calls.
    pub form: Expr,
    /// Constants that are fitted.
    pub constants: Vec<UnknownConstant>,
    /// Functions that are searched.
    pub functions: Vec<UnknownFunction>,
    /// Calls of them; a call stands after those in its arguments.
    pub calls: Vec<UnknownCall>,
}

/// A constant to be fitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnknownConstant {
    /// Its name.
    pub name: Name,
    /// The column for each value of which it has a value of its own.
    pub per: Option<Name>,
}

/// A function to be searched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnknownFunction {
    /// Its name.
    pub name: Name,
    /// Names of its parameters.
    pub parameters: Vec<Name>,
}

/// A call of a function to be searched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnknownCall {
    /// The symbol that stands for it: the call as text.
    pub symbol: Name,
    /// The number of the function.
    pub function: usize,
    /// Its arguments.
    pub arguments: Vec<Expr>,
}

impl Template {
    /// The columns that it speaks of.
    pub fn columns(&self) -> std::collections::BTreeSet<Name> {
        let mut symbols = self.form.symbols();
        self.calls.iter().flat_map(|call| &call.arguments).for_each(|argument| symbols.extend(argument.symbols()));
        symbols.retain(|symbol| {
            self.calls.iter().all(|call| call.symbol != *symbol)
                && self.constants.iter().all(|constant| constant.name != *symbol)
        });
        symbols.extend(self.constants.iter().filter_map(|constant| constant.per.clone()));
        symbols
    }
}
