//! Tables of sweeps as text and as CSV.

use super::grid::{Align, grid, short};
use crate::engine::{CellFinding, TableFinding};

/// The table in lines: means, with the spread where there are repetitions.
pub fn table_lines(table: &TableFinding) -> Vec<String> {
    let align: Vec<Align> = [Align::Left].into_iter().chain(table.columns.iter().map(|_| Align::Right)).collect();
    grid(&align, &sweep_rows(table))
}

/// The table's cells as text, the heads of its columns first.
pub fn sweep_rows(table: &TableFinding) -> Vec<Vec<String>> {
    let header = [table.name.to_string()].into_iter().chain(table.columns.iter().cloned()).collect();
    let rows = table
        .rows
        .iter()
        .zip(&table.cells)
        .map(|(label, cells)| [label.clone()].into_iter().chain(cells.iter().map(cell)).collect());
    [header].into_iter().chain(rows).collect()
}

fn cell(cell: &CellFinding) -> String {
    match cell.count {
        0 => "–".into(),
        1 => short(cell.mean, 4),
        _ => format!("{} ± {}", short(cell.mean, 4), short(cell.deviation, 2)),
    }
}

/// The table as CSV: one line per cell with its labels, how many values, their mean and deviation.
///
/// # Errors
/// What the writer says.
pub fn table_csv(table: &TableFinding) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(vec![]);
    writer.write_record(["row", "column", "count", "mean", "deviation"])?;
    for (row, cells) in table.rows.iter().zip(&table.cells) {
        for (column, cell) in table.columns.iter().zip(cells) {
            let numbers = [cell.count.to_string(), cell.mean.to_string(), cell.deviation.to_string()];
            let [count, mean, deviation] = &numbers;
            writer.write_record([row.as_str(), column.as_str(), count, mean, deviation])?;
        }
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_show_means_and_spreads() {
        let filled = |count, mean, deviation| CellFinding { count, mean, deviation };
        let table = TableFinding {
            name: "loss".into(),
            rows: vec!["spring(2)".into(), "gravity(2)".into()],
            columns: vec!["l1".into(), "kl".into()],
            cells: vec![
                vec![filled(2, 0.123_456, 0.01), filled(1, 2.0, 0.0)],
                vec![filled(0, f64::NAN, 0.0), filled(2, 1.0, 0.0)],
            ],
        };
        let lines = table_lines(&table);
        assert_eq!(lines[0], "loss                   l1     kl");
        assert_eq!(lines[2], "spring(2)   0.1235 ± 0.01      2");
        assert_eq!(lines[3], "gravity(2)              –  1 ± 0");
        let text = String::from_utf8(table_csv(&table).expect("in memory")).expect("text");
        assert!(text.starts_with("row,column,count,mean,deviation\nspring(2),l1,2,0.123456,0.01\n"), "{text}");
    }
}
