//! `data` from files: columns over the names of headers, conditions on rows, the roles of columns.

use super::Lowering;
use super::data::LoweredData;
use crate::base::{Diagnostic, Name, Span};
use crate::expr::Expr;
use crate::expr::print::number;
use crate::language::fields::Fields;
use crate::language::help;
use crate::language::tree::{Entry, Field};
use crate::language::units::Dimension;
use crate::language::value::{Item, Place, Quantity, Scope, Value};
use crate::plan::{Boundary, ColumnPlan, DataSource, FilePlan, Links, Measured};
use std::collections::BTreeMap;

impl<'a> Lowering<'a> {
    /// The files that a data set is read from; `None` where bodies in them have mistakes.
    pub(super) fn file(&mut self, item: &Item<'a>, fields: &Fields<'a>, path: &str) -> Option<FilePlan> {
        let (columns, _) = self.columns(item, fields);
        let mut role = |key: &str| self.role(&columns, fields, key);
        let (target, weight, run, order) = (role("target"), role("weight"), role("run"), role("order"));
        let (time, particle) = (role("time"), role("particle"));
        if let (Some(_), Some(_)) = (&run, &order) {
            self.checker.report(
                Diagnostic::new("E0204", "rows are split by whole runs or in an order, not both")
                    .at(fields.span("order"), "an order")
                    .at(fields.span("run"), "runs")
                    .help("leave one of them out"),
            );
        }
        let rows = self.condition(item, fields, "rows");
        let length = columns.iter().find(|column| column.name.as_str() == Measured::Position.word());
        let length = length.and_then(|column| column.dimension).map_or(Dimension::NONE, Dimension::of);
        let mut within = fields.clone();
        within.length = length;
        let (links, boundary) = (self.links(&within)?, self.boundary(&within)?);
        if let (Links::Within(reach), Boundary::Periodic(side)) = (links, boundary)
            && 2.0 * reach > side
        {
            self.checker.report(
                Diagnostic::new("E0207", "the box is smaller than twice the reach of a link: a body would meet itself")
                    .at(fields.span("links"), format!("within {}", number(reach)))
                    .at(fields.span("box"), format!("a side of {}", number(side)))
                    .help(format!("link bodies within {} at most", number(0.5 * side))),
            );
            return None;
        }
        let (path, content) = (path.into(), BTreeMap::new());
        let file =
            FilePlan { path, content, columns, target, rows, weight, run, order, time, particle, links, boundary };
        self.motion(item, fields, &file)?;
        Some(file)
    }

    /// Checks the columns of a motion against each other.
    fn motion(&mut self, item: &Item<'a>, fields: &Fields<'a>, file: &FilePlan) -> Option<()> {
        let place = |column: &str| {
            let found = item.block.entries.iter().find_map(|entry| match entry {
                Entry::Column(field) if field.key.text == column => Some(field.key.span),
                _ => None,
            });
            found.unwrap_or(item.block.name.span)
        };
        if file.time.is_none() {
            if let Some(field) = fields.given("particle") {
                self.checker.report(
                    Diagnostic::new("E0208", "bodies told apart need the column with their times")
                        .at(field.span, "`time` is missing")
                        .help("add `time = t`, with the name of the column"),
                );
                return None;
            }
            return Some(());
        }
        let Some(position) = file.motion(Measured::Position) else {
            self.checker.report(
                Diagnostic::new("E0208", "rows with a time are bodies that move: they need their position")
                    .at(fields.span("time"), "`column position` is missing")
                    .help("add `column position = x, y`, with the names of the columns"),
            );
            return None;
        };
        let dimension = |column: &ColumnPlan| column.dimension.map_or(Dimension::NONE, Dimension::of);
        let time = file.columns.iter().find(|column| Some(&column.name) == file.time.as_ref());
        let time = time.map_or(Dimension::NONE, dimension);
        let mut due = dimension(position);
        for of in [Measured::Velocity, Measured::Acceleration] {
            due = due.over(time);
            let Some(column) = file.motion(of) else { continue };
            let what = of.word();
            if column.components.len() != position.components.len() {
                let counts = [column, position].map(|column| column.components.len());
                self.checker.report(
                    Diagnostic::new("E0214", format!("`{what}` and `position` have unequal numbers of components"))
                        .at(place(what), format!("{}", counts[0]))
                        .at(place("position"), format!("{}", counts[1])),
                );
                return None;
            }
            if dimension(column) != due {
                self.checker.report(
                    Diagnostic::new("E0302", format!("the unit of `{what}` is not that of `position` over `time`"))
                        .at(place(what), format!("in {}", dimension(column)))
                        .at(place("position"), format!("in {}", dimension(position)))
                        .note(format!("with times in {time} it would be in {due}"))
                        .help("a column of times has a unit where it is declared: `column t: s = t`"),
                );
                return None;
            }
        }
        Some(())
    }

    /// A condition over headers and declared columns.
    pub(super) fn condition(&mut self, item: &Item<'a>, fields: &Fields<'a>, key: &str) -> Option<Expr> {
        fields.given(key)?;
        let before = self.checker.found.len();
        let (_, scope) = self.columns(item, fields);
        // The columns themselves are told of once.
        self.checker.found.truncate(before);
        self.condition_at(fields, key, &scope)
    }

    /// A condition over the names of a scope.
    pub(super) fn condition_at(&mut self, fields: &Fields<'a>, key: &str, scope: &Scope<'a>) -> Option<Expr> {
        fields.given(key)?;
        let [term] = self.checker.values(fields, key) else {
            let finding = Diagnostic::new("E0206", format!("`{key}` is one condition; join several by `and`"));
            self.checker.report(finding.at(fields.span(key), "a list"));
            return None;
        };
        let value = self.checker.eval(term, scope);
        self.checker.scalar(value, term.span).map(|q| q.expr)
    }

    /// The column that a field names; where columns are declared it may be a header too.
    fn role(&mut self, columns: &[ColumnPlan], fields: &Fields<'a>, key: &str) -> Option<Name> {
        let mut names = self.checker.names(fields, key).into_iter();
        let (name, span) = names.next()?;
        if let Some((_, second)) = names.next() {
            let finding = Diagnostic::new("E0206", format!("`{key}` is one column, not a list"));
            self.checker.report(finding.at(second, "one too many"));
        }
        if let Some(vector) = columns.iter().find(|c| c.name.as_str() == name && c.components.len() > 1) {
            self.checker.report(components_needed(vector, span));
            return None;
        }
        Some(name.into())
    }

    /// The declared columns, and a scope in which they stand beside the headers.
    fn columns(&mut self, item: &Item<'a>, fields: &Fields<'a>) -> (Vec<ColumnPlan>, Scope<'a>) {
        let mut columns: Vec<ColumnPlan> = vec![];
        // Header names are not known before the file is read: any name stands for a column.
        let mut scope: Scope<'a> = fields.scope.at(Place::Columns);
        for entry in &item.block.entries {
            let Entry::Column(column) = entry else { continue };
            if columns.iter().any(|other| other.name.as_str() == column.key.text) {
                self.checker.report(
                    Diagnostic::new("E0203", format!("column `{}` is declared twice", column.key.text))
                        .at(column.key.span, "again here"),
                );
                continue;
            }
            let Some(parts) = self.parts(column, &scope) else {
                scope = scope.with([(column.key.text.clone(), Value::Unknown)]);
                continue;
            };
            let dimension = parts.iter().find_map(|q| q.dimension).filter(|dimension| !dimension.is_none());
            columns.push(ColumnPlan {
                name: column.key.text.as_str().into(),
                components: parts.iter().map(|q| q.expr.clone()).collect(),
                dimension: dimension.map(|dimension| dimension.exponents()),
            });
            let value = match <[Quantity; 1]>::try_from(parts) {
                Ok([one]) => Value::Scalar(one),
                Err(parts) => Value::Vector(parts),
            };
            scope = scope.with([(column.key.text.clone(), value)]);
        }
        (columns, scope)
    }

    /// The components of a column; `None` if they have mistakes.
    fn parts(&mut self, column: &'a Field, scope: &Scope<'a>) -> Option<Vec<Quantity>> {
        let mut parts: Vec<Quantity> = vec![];
        for term in &column.values {
            let value = self.checker.eval(term, scope);
            match self.checker.with_unit(value, column.unit.as_ref(), term.span) {
                Value::Vector(own) => parts.extend(own),
                value => parts.push(self.checker.scalar(value, term.span)?),
            }
        }
        if parts.len() > 3 {
            self.checker.report(
                Diagnostic::new("E0206", format!("the column `{}` has {} components", column.key.text, parts.len()))
                    .at(column.key.span, "a vector has two or three")
                    .help("declare further columns for the others"),
            );
            return None;
        }
        Some(parts)
    }

    /// Whether a column, or a vector of them, may stand in the formula of another.
    pub(super) fn known_input(&mut self, data: &LoweredData, target: &str, input: &str, span: Span) {
        let DataSource::File(file) = &data.plan.from else { return };
        if input == target {
            let finding =
                Diagnostic::new("E0206", format!("`{target}` is what is to be explained, and among its inputs"));
            self.checker.report(finding.at(span, "it would explain itself").help("leave it out of `inputs`"));
        } else if !file.columns.iter().any(|column| column.name.as_str() == input) {
            self.known_column(&data.plan.from, &data.name, input, span);
        }
    }

    /// Whether a distillation may speak of a column: every one that is declared, or where none is any header.
    pub(super) fn known_column(&mut self, source: &DataSource, data: &Name, name: &str, span: Span) -> bool {
        let DataSource::File(file) = source else {
            self.checker.report(
                Diagnostic::new("E0215", format!("`{data}` is simulated: it has no columns to search"))
                    .at(span, "")
                    .help("distil a network trained on it, or read a table with `from = \"table.csv\"`"),
            );
            return false;
        };
        if let Some(vector) = file.columns.iter().find(|c| c.name.as_str() == name && c.components.len() > 1) {
            self.checker.report(components_needed(vector, span));
            return false;
        }
        let roles = [&file.target, &file.weight, &file.run, &file.order, &file.time, &file.particle];
        let known: Vec<Name> =
            file.columns.iter().flat_map(ColumnPlan::parts).chain(roles.into_iter().flatten().cloned()).collect();
        if file.columns.is_empty() || known.iter().any(|column| column.as_str() == name) {
            return true;
        }
        let finding = Diagnostic::new("E0201", format!("`{data}` declares no column `{name}`")).at(span, "");
        self.checker.report(match help::nearest(name, known.iter().map(Name::as_str)) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help(format!("declare it: `column {name} = {name}`")),
        });
        false
    }
}

fn components_needed(vector: &ColumnPlan, span: Span) -> Diagnostic {
    let parts: Vec<String> = vector.parts().iter().map(|part| format!("`{part}`")).collect();
    Diagnostic::new("E0206", format!("`{}` is a vector, not one column", vector.name))
        .at(span, format!("it has {} components", parts.len()))
        .help(format!("name one of them: {}", parts.join(", ")))
}
