//! `sweep`: an experiment once for every cell of its grid and every repetition, and tables of what came out.

use super::Lowering;
use crate::base::{Diagnostic, Name};
use crate::language::help;
use crate::language::tree::{Block, Entry, Field, Term};
use crate::language::value::{Item, Place, Scope, Value};
use crate::plan::{CellPlan, ExpectPlan, Recovers, TablePlan};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Most cells of a grid, repetitions counted.
const MOST: usize = 10_000;

/// The values of one parameter, with their texts.
struct Axis<'a> {
    name: String,
    values: Vec<(String, Value<'a>)>,
}

/// The experiment with the values of one cell, once for each repetition.
struct Cell<'a> {
    /// The number of the value of each axis.
    place: Vec<usize>,
    /// Names for tables and expectations, by repetition: parameters, and the results of stages.
    runs: Vec<BTreeMap<String, Value<'a>>>,
}

impl<'a> Lowering<'a> {
    /// Adds every stage and table of a sweep to the plan.
    pub fn sweep(&mut self, block: &'a Block) {
        let outer = self.free(block);
        let Some(fields) = self.checker.fields(&outer) else { return };
        let seeds = self.checker.count(&fields, "seeds").unwrap_or(1) as usize;
        let Some(experiment) = self.checker.item(&fields, "of") else { return };
        self.used.push((experiment.module, experiment.block.name.text.clone()));
        let Some(axes) = self.axes(block, &experiment, &fields.scope) else { return };
        let count = axes.iter().map(|axis| axis.values.len()).try_fold(seeds, usize::checked_mul);
        if count.is_none_or(|count| count > MOST) {
            self.checker.report(
                Diagnostic::new("E0207", format!("`{}` has more than {MOST} cells", block.name.text))
                    .at(block.name.span, "")
                    .help("leave values out, or split it into several sweeps"),
            );
            return;
        }
        let cells: Vec<Cell<'a>> = places(&axes)
            .into_iter()
            .map(|place| {
                let runs = (1..=seeds).map(|run| self.cell(&experiment, &axes, &place, (seeds > 1).then_some(run)));
                Cell { runs: runs.collect(), place }
            })
            .collect();
        for entry in &block.entries {
            if let Entry::Block(table) = entry
                && table.kind.text == "table"
            {
                self.table(table, &axes, &cells);
            }
        }
    }

    /// The grid's axes: parameters of the experiment, each once, none forgotten. `None` where something is wrong.
    fn axes(&mut self, sweep: &'a Block, experiment: &Item<'a>, scope: &Scope<'a>) -> Option<Vec<Axis<'a>>> {
        let mut axes: Vec<Axis<'a>> = vec![];
        let mut sound = true;
        let params = &experiment.block.params;
        for entry in &sweep.entries {
            let Entry::Grid(grid) = entry else { continue };
            let key = &grid.key;
            if !params.iter().any(|param| param.name.text == key.text) {
                let all: Vec<&str> = params.iter().map(|param| param.name.text.as_str()).collect();
                let headline = format!("`{}` has no parameter `{}`", experiment.block.name.text, key.text);
                self.checker.report(
                    Diagnostic::new("E0209", headline)
                        .at(key.span, "")
                        .help(help::mend(&key.text, all.iter().copied()))
                        .fixed(help::nearest(&key.text, all).map(|near| ("use the near one", key.span, near))),
                );
                sound = false;
            } else if axes.iter().any(|axis| axis.name == key.text) {
                self.checker.report(
                    Diagnostic::new("E0203", format!("`{}` stands twice in this sweep", key.text))
                        .at(key.span, "again here"),
                );
                sound = false;
            }
            let values = self.axis_values(grid, scope);
            sound &= values.iter().all(|(_, value)| !matches!(value, Value::Unknown));
            axes.push(Axis { name: key.text.clone(), values });
        }
        for param in params {
            if sound && param.default.is_none() && !axes.iter().any(|axis| axis.name == param.name.text) {
                self.checker.report(
                    Diagnostic::new(
                        "E0208",
                        format!("sweep `{}` needs values of `{}`", sweep.name.text, param.name.text),
                    )
                    .at(sweep.name.span, format!("`{}` is missing", param.name.text))
                    .at(param.name.span, "a parameter of the experiment")
                    .help(format!("add `{} in …`", param.name.text)),
                );
                sound = false;
            }
        }
        sound.then_some(axes)
    }

    fn axis_values(&mut self, grid: &'a Field, scope: &Scope<'a>) -> Vec<(String, Value<'a>)> {
        grid.values.iter().map(|term| (self.written(term), self.checker.eval(term, scope))).collect()
    }

    fn written(&self, term: &Term) -> String {
        let text = self.checker.modules.sources.get(term.span.source.0 as usize).map_or("", |source| &source.text);
        text[term.span.range(text.len())].split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Lowers the stages of one cell, and gives the names that tables may use. Names of plan parts hold the values that
    /// the part depends on, so that cells share what they have in common.
    fn cell(
        &mut self,
        experiment: &Item<'a>,
        axes: &[Axis<'a>],
        place: &[usize],
        run: Option<usize>,
    ) -> BTreeMap<String, Value<'a>> {
        let mut locals: BTreeMap<String, Value<'a>> = (*experiment.locals).clone();
        for (axis, index) in axes.iter().zip(place) {
            locals.insert(axis.name.clone(), axis.values[*index].1.clone());
        }
        let mut results = locals.clone();
        let mut depends: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let inner = |kinds: &'static [&'static str]| {
            experiment.block.entries.iter().filter_map(move |entry| match entry {
                Entry::Block(block) if kinds.contains(&block.kind.text.as_str()) => Some(block),
                _ => None,
            })
        };
        // What a stage uses comes before it.
        for block in
            inner(&["data", "network", "prior", "operators"]).chain(inner(&["train"])).chain(inner(&["distill"]))
        {
            let words = self.words(block);
            let mut on: BTreeSet<&str> =
                axes.iter().map(|axis| axis.name.as_str()).filter(|axis| words.contains(*axis)).collect();
            on.extend(depends.iter().filter(|(name, _)| words.contains(**name)).flat_map(|(_, on)| on.iter().copied()));
            let values = axes.iter().zip(place).filter(|(axis, _)| on.contains(axis.name.as_str()));
            let label: Vec<&str> = values.map(|(axis, index)| axis.values[*index].0.as_str()).collect();
            let label = if label.is_empty() { String::new() } else { format!("[{}]", label.join(", ")) };
            let run = run.map_or(String::new(), |run| format!("#{run}"));
            let name = Name::from(format!("{}{label}{run}", block.name.text));
            let item = Item {
                module: experiment.module,
                block,
                locals: Rc::new(locals.clone()),
                name: name.clone(),
                complete: true,
            };
            let kind = ["train", "distill"].into_iter().find(|kind| *kind == block.kind.text);
            match kind {
                Some("train") => drop(self.train(&item)),
                Some(_) => drop(self.distill(&item)),
                None => {}
            }
            if let Some(kind) = kind {
                results.insert(block.name.text.clone(), Value::Result(kind, name, String::new()));
            }
            depends.insert(&block.name.text, on);
            locals.insert(block.name.text.clone(), Value::Item(item));
        }
        for entry in &experiment.block.entries {
            if let Entry::Expect(expect) = entry
                && let Some(plan) = self.judged(&expect.condition, &results)
            {
                let values: Vec<&str> =
                    axes.iter().zip(place).map(|(axis, index)| axis.values[*index].0.as_str()).collect();
                let run = run.map_or(String::new(), |run| format!("#{run}"));
                self.origin.expects.push(expect.span);
                self.plan
                    .expects
                    .push(ExpectPlan { text: format!("{} [{}]{run}", plan.text, values.join(", ")), ..plan });
            }
        }
        results
    }

    /// The words of a block's text: which names it may speak of.
    fn words(&self, block: &Block) -> BTreeSet<&'a str> {
        let modules = self.checker.modules;
        let text = modules.sources.get(block.span.source.0 as usize).map_or("", |source| source.text.as_str());
        text[block.span.range(text.len())].split(|c: char| !c.is_alphanumeric() && c != '_').collect()
    }

    /// A condition or a value over the results of one cell.
    fn judged(&mut self, term: &'a Term, results: &BTreeMap<String, Value<'a>>) -> Option<ExpectPlan> {
        let scope = Scope { module: 0, locals: Rc::new(results.clone()), place: Place::Results };
        self.checker.recoveries.clear();
        let value = self.checker.eval(term, &scope);
        let q = self.checker.scalar(value, term.span)?;
        let mut recovers = vec![];
        for (symbol, law, system) in std::mem::take(&mut self.checker.recoveries) {
            let lowered = self.system(&system)?;
            self.plan.systems.insert(lowered.plan.name.clone(), lowered.plan.clone());
            recovers.push(Recovers { symbol, law, system: lowered.plan.name.clone() });
        }
        Some(ExpectPlan { text: self.written(term), condition: q.expr, recovers })
    }

    fn table(&mut self, table: &'a Block, axes: &[Axis<'a>], cells: &[Cell<'a>]) {
        let item = self.free(table);
        let Some(fields) = self.checker.fields(&item) else { return };
        let rows = self.table_axes(&fields, "rows", axes);
        let columns = self.table_axes(&fields, "columns", axes);
        let [cell] = self.checker.values(&fields, "cell") else { return };
        let (Some(rows), Some(columns)) = (rows, columns) else { return };
        let mut plan =
            TablePlan { name: table.name.text.as_str().into(), rows: vec![], columns: vec![], cells: vec![] };
        for place in cells {
            let label = |chosen: &[usize]| {
                let texts: Vec<&str> =
                    chosen.iter().map(|axis| axes[*axis].values[place.place[*axis]].0.as_str()).collect();
                texts.join(", ")
            };
            let row = number_of(&mut plan.rows, label(&rows));
            let column = number_of(&mut plan.columns, label(&columns));
            for run in &place.runs {
                let Some(value) = self.judged(cell, run) else { return };
                plan.cells.push(CellPlan { row, column, value });
            }
        }
        self.plan.tables.push(plan);
    }

    /// The numbers of the axes that `rows` or `columns` names.
    fn table_axes(
        &mut self,
        fields: &crate::language::fields::Fields<'a>,
        key: &str,
        axes: &[Axis<'a>],
    ) -> Option<Vec<usize>> {
        let mut chosen = vec![];
        for (name, span) in self.checker.names(fields, key) {
            match axes.iter().position(|axis| axis.name == name) {
                Some(axis) => chosen.push(axis),
                None => {
                    let all: Vec<&str> = axes.iter().map(|axis| axis.name.as_str()).collect();
                    self.checker.report(
                        Diagnostic::new("E0201", format!("the sweep has no parameter `{name}`"))
                            .at(span, "")
                            .help(help::mend(&name, all.iter().copied()))
                            .fixed(help::nearest(&name, all).map(|near| ("use the near one", span, near))),
                    );
                    return None;
                }
            }
        }
        Some(chosen)
    }
}

/// The number of a label in a list; a new one is added.
fn number_of(labels: &mut Vec<String>, label: String) -> usize {
    match labels.iter().position(|known| *known == label) {
        Some(number) => number,
        None => {
            labels.push(label);
            labels.len() - 1
        }
    }
}

/// Every choice of one value per axis; the last axis goes fastest.
fn places(axes: &[Axis]) -> Vec<Vec<usize>> {
    let mut all = vec![vec![]];
    for axis in axes {
        all = all
            .into_iter()
            .flat_map(|place: Vec<usize>| {
                (0..axis.values.len()).map(move |index| place.iter().copied().chain([index]).collect())
            })
            .collect();
    }
    all
}
