//! The tables of a run for papers and notes: as Markdown and as LaTeX.

use super::figures::trials;
use super::grid::short;
use super::sweeps::sweep_rows;
use crate::engine::Record;
use crate::expr::Expr;
use crate::expr::print::{latex, typeset};
use crate::search::{Formula, Front};

/// A table of text.
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// Heads of its columns.
    pub header: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<Cell>>,
}

/// A cell.
pub enum Cell {
    /// Words or a number.
    Text(String),
    /// A formula.
    Formula(Expr),
}

/// Every table that the run has numbers for.
pub fn tables(record: &Record) -> Vec<Table> {
    let mut tables = vec![];
    let strings = |cells: &[&str]| cells.iter().map(ToString::to_string).collect::<Vec<_>>();
    for sweep in &record.tables {
        let mut rows = sweep_rows(sweep).into_iter();
        let header = rows.next().unwrap_or_default();
        let rows = rows.map(|row| row.into_iter().map(Cell::Text).collect()).collect();
        tables.push(Table { caption: sweep.name.to_string(), header, rows });
    }
    for (name, finding) in &record.laws {
        let caption = format!("{name}: formulas of the acceleration along the direction to the other body");
        tables.push(front_table(caption, &finding.law.front));
        if let Some(comparison) = &finding.comparison {
            let rows = trials(comparison).into_iter().map(|(what, value)| {
                let sides = [&comparison.network, &comparison.law, &comparison.zero];
                let numbers = sides.map(|side| Cell::Text(short(value(side), 3)));
                [Cell::Text(what)].into_iter().chain(numbers).collect()
            });
            tables.push(Table {
                caption: format!("{name}: errors of network and law"),
                header: strings(&["", "network", "law", "predicting zero"]),
                rows: rows.collect(),
            });
        }
    }
    for (name, relation) in &record.relations {
        tables.push(front_table(format!("{name}: formulas for {}", relation.target), &relation.front));
    }
    let results =
        record.results.iter().map(|(name, value)| vec![Cell::Text(name.clone()), Cell::Text(short(*value, 5))]);
    tables.push(Table { caption: "results".into(), header: strings(&["name", "value"]), rows: results.collect() });
    tables
}

fn front_table(caption: String, front: &Front) -> Table {
    let row = |(at, formula): (usize, &Formula)| {
        vec![
            Cell::Text(short(formula.complexity, 4)),
            Cell::Text(short(formula.loss, 3)),
            Cell::Text(short(formula.score, 2)),
            Cell::Text(short(formula.description_length, 6)),
            Cell::Formula(formula.expr.clone()),
            Cell::Text(if at == front.chosen { "chosen" } else { "" }.into()),
        ]
    };
    let header = ["complexity", "loss", "score", "bits", "formula", ""].map(String::from).to_vec();
    Table { caption, header, rows: front.formulas.iter().enumerate().map(row).collect() }
}

/// Tables in Markdown.
pub fn markdown(tables: &[Table]) -> String {
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let text = |cell: &Cell| match cell {
        Cell::Text(text) => text.replace('|', "\\|"),
        Cell::Formula(expr) => typeset::line(expr).replace('|', "\\|"),
    };
    let table = |table: &Table| {
        let rule = row(vec!["---".into(); table.header.len()]);
        let rows: String = table.rows.iter().map(|cells| row(cells.iter().map(text).collect())).collect();
        format!("**{}**\n\n{}{rule}{rows}", table.caption, row(table.header.clone()))
    };
    tables.iter().map(table).collect::<Vec<_>>().join("\n")
}

/// Tables in LaTeX, for the `booktabs` package.
pub fn latex_tables(tables: &[Table]) -> String {
    let row = |cells: Vec<String>| format!("    {} \\\\\n", cells.join(" & "));
    let text = |cell: &Cell| match cell {
        Cell::Text(text) => escaped(text),
        Cell::Formula(expr) => format!("${}$", latex(expr)),
    };
    let table = |table: &Table| {
        let columns = "l".repeat(table.header.len());
        let rows: String = table.rows.iter().map(|cells| row(cells.iter().map(text).collect())).collect();
        format!(
            "\\begin{{table}}\n  \\caption{{{}}}\n  \\begin{{tabular}}{{{columns}}}\n    \\toprule\n{}    \\midrule\n{rows}    \
             \\bottomrule\n  \\end{{tabular}}\n\\end{{table}}\n",
            escaped(&table.caption),
            row(table.header.iter().map(|head| escaped(head)).collect()),
        )
    };
    tables.iter().map(table).collect::<Vec<_>>().join("\n")
}

/// Text with the characters that LaTeX gives a meaning escaped.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => out.extend(['\\', c]),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '\\' => out.push_str("\\textbackslash{}"),
            '–' => out.push_str("--"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_written_in_both_forms() {
        let rows = vec![vec![Cell::Text("a_b | 5 %".into()), Cell::Formula(Expr::symbol("distance").pow(2.0))]];
        let table = [Table { caption: "C".into(), header: vec!["x".into(), "y".into()], rows }];
        assert_eq!(markdown(&table), "**C**\n\n| x | y |\n| --- | --- |\n| a_b \\| 5 % | r² |\n");
        let tex = latex_tables(&table);
        assert!(tex.contains("    a\\_b | 5 \\% & $r^{2}$ \\\\\n") && tex.contains("{ll}"), "{tex}");
    }
}
