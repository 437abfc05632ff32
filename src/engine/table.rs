//! Tables of sweeps: the mean and the spread of each cell's repetitions.

use super::record::{CellFinding, TableFinding};
use crate::plan::TablePlan;

/// The table with these values, one for each repetition of each cell in the plan's order; NaN for none.
pub fn fill(plan: &TablePlan, values: &[f64]) -> TableFinding {
    let mut all = vec![vec![vec![]; plan.columns.len()]; plan.rows.len()];
    for (cell, value) in plan.cells.iter().zip(values) {
        if !value.is_nan() {
            all[cell.row][cell.column].push(*value);
        }
    }
    let cells = all.iter().map(|row| row.iter().map(|values| summary(values)).collect()).collect();
    TableFinding { name: plan.name.clone(), rows: plan.rows.clone(), columns: plan.columns.clone(), cells }
}

fn summary(values: &[f64]) -> CellFinding {
    let count = values.len();
    let mean = values.iter().sum::<f64>() / count as f64;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    let deviation = if count > 1 { libm::sqrt(squares / (count - 1) as f64) } else { 0.0 };
    CellFinding { count, mean, deviation }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Expr;
    use crate::plan::{CellPlan, ExpectPlan};

    #[test]
    fn cells_hold_means_and_spreads() {
        let cell = |row, column| {
            let value = ExpectPlan { text: String::new(), condition: Expr::number(0.0), recovers: vec![] };
            CellPlan { row, column, value }
        };
        let labels = |labels: &[&str]| labels.iter().map(|label| (*label).to_owned()).collect::<Vec<_>>();
        let plan = TablePlan {
            name: "t".into(),
            rows: labels(&["a", "b"]),
            columns: labels(&["x", "y"]),
            cells: vec![cell(0, 0), cell(0, 0), cell(0, 1), cell(1, 0)],
        };
        let table = fill(&plan, &[1.0, 3.0, 5.0, f64::NAN]);
        assert_eq!(table.cells[0][0], CellFinding { count: 2, mean: 2.0, deviation: libm::sqrt(2.0) });
        assert_eq!(table.cells[0][1], CellFinding { count: 1, mean: 5.0, deviation: 0.0 });
        assert!(table.cells[1].iter().all(|cell| cell.count == 0 && cell.mean.is_nan()));
    }
}
