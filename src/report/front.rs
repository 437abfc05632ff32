//! Pareto fronts as tables: text, CSV, Markdown, LaTeX.

use super::grid::{Align, grid, short};
use crate::base::Name;
use crate::expr::print::{latex, typeset};
use crate::search::Front;

/// The front as lines of text, the chosen formula marked.
pub fn front_lines(front: &Front) -> Vec<String> {
    use Align::{Left, Right};
    let header = ["", "complexity", "loss", "score", "bits", "formula"].map(String::from).to_vec();
    let rows = front.formulas.iter().enumerate().map(|(index, formula)| {
        vec![
            if index == front.chosen { "▸".into() } else { String::new() },
            short(formula.complexity, 4),
            short(formula.loss, 3),
            short(formula.score, 2),
            short(formula.description_length, 6),
            typeset::line(&formula.expr),
        ]
    });
    grid(&[Left, Right, Right, Right, Right, Left], &[header].into_iter().chain(rows).collect::<Vec<_>>())
}

/// All fronts of a run as one CSV table; formulas in the language's own syntax.
pub fn front_csv<'a>(fronts: impl IntoIterator<Item = (&'a Name, &'a Front)>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(vec![]);
    writer.write_record(["distill", "complexity", "loss", "score", "description_length", "chosen", "formula"])?;
    for (name, front) in fronts {
        for (index, formula) in front.formulas.iter().enumerate() {
            writer.write_record([
                name.as_str(),
                &formula.complexity.to_string(),
                &formula.loss.to_string(),
                &formula.score.to_string(),
                &formula.description_length.to_string(),
                if index == front.chosen { "1" } else { "0" },
                &formula.expr.to_string(),
            ])?;
        }
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// The front as a table in Markdown, the chosen formula in bold numbers.
pub fn front_markdown(front: &Front, target: &str) -> String {
    let mut out = format!("| complexity | loss | score | bits | {target} |\n|---:|---:|---:|---:|---|\n");
    for (index, formula) in front.formulas.iter().enumerate() {
        let size = short(formula.complexity, 4);
        let size = if index == front.chosen { format!("**{size}**") } else { size };
        let numbers = [short(formula.loss, 3), short(formula.score, 2), short(formula.description_length, 6)];
        // A bar would end the cell.
        let text = formula.expr.to_string().replace('|', "\\|");
        out += &format!("| {size} | {} | `{text}` |\n", numbers.join(" | "));
    }
    out
}

/// The front as a LaTeX table for the package `booktabs`, the chosen formula marked.
pub fn front_latex(front: &Front, target: &str) -> String {
    let name = latex(&crate::expr::Expr::symbol(target));
    let mut out = String::from("\\begin{tabular}{rrrl}\n\\toprule\n");
    out += &format!("complexity & loss & score & ${name}$ \\\\\n\\midrule\n");
    for (index, formula) in front.formulas.iter().enumerate() {
        let mark = if index == front.chosen { "$\\blacktriangleright$ " } else { "" };
        let (size, loss, score) = (short(formula.complexity, 4), short(formula.loss, 3), short(formula.score, 2));
        out += &format!("{mark}{size} & {loss} & {score} & ${}$ \\\\\n", latex(&formula.expr));
    }
    out + "\\bottomrule\n\\end{tabular}\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Expr;
    use crate::search::Formula;

    #[test]
    fn a_front_is_a_table() {
        let formula =
            |expr, complexity, loss| Formula { expr, complexity, loss, score: 0.5, description_length: 1234.5 };
        let r = Expr::symbol("distance");
        let front = Front {
            formulas: vec![formula(Expr::number(1.0), 1.0, 0.25), formula(r.clone() + Expr::number(2.0), 3.0, 1.0e-9)],
            chosen: 1,
            evaluations: 10,
            ..Front::default()
        };
        let lines = front_lines(&front);
        assert_eq!(lines.len(), 4);
        assert!(lines[3].starts_with('▸') && lines[3].contains("1e-9") && !lines[2].starts_with('▸'), "{lines:#?}");
        let csv = String::from_utf8(front_csv([(&"law".into(), &front)]).unwrap()).unwrap();
        assert_eq!(csv.lines().nth(2), Some("law,3,0.000000001,0.5,1234.5,1,distance + 2"));
        let markdown = front_markdown(&front, "f");
        assert_eq!(markdown.lines().nth(3), Some("| **3** | 1e-9 | 0.5 | 1234.5 | `distance + 2` |"), "{markdown}");
        let latex = front_latex(&front, "f");
        assert!(latex.contains("$\\blacktriangleright$ 3 & 1e-9 & 0.5 & $"), "{latex}");
    }
}
