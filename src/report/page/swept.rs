//! Tables of sweeps: means with their spread, shaded by where a value lies among all of its table.

use super::html::{escape, number, table};
use crate::engine::{CellFinding, TableFinding};

/// Values further apart than this are shaded by their logarithm.
const WIDE: f64 = 30.0;

/// The tables of a sweep in the order of the script.
pub fn swept(tables: &[TableFinding]) -> String {
    tables.iter().map(one).collect()
}

fn one(swept: &TableFinding) -> String {
    let shade = Shade::of(swept);
    let header: Vec<String> = swept.columns.iter().map(|label| escape(label)).collect();
    let header: Vec<&str> = [""].into_iter().chain(header.iter().map(String::as_str)).collect();
    let rows: Vec<Vec<String>> = swept
        .rows
        .iter()
        .zip(&swept.cells)
        .map(|(label, cells)| [escape(label)].into_iter().chain(cells.iter().map(|cell| shade.cell(cell))).collect())
        .collect();
    table(&escape(&swept.name), &header, &rows)
}

/// From a value to its share of the way between the least and the greatest.
struct Shade {
    least: f64,
    greatest: f64,
    place: fn(f64) -> f64,
}

impl Shade {
    fn of(swept: &TableFinding) -> Shade {
        let values = || swept.cells.iter().flatten().filter(|cell| cell.count > 0).map(|cell| cell.mean);
        let least = values().fold(f64::INFINITY, f64::min);
        let greatest = values().fold(f64::NEG_INFINITY, f64::max);
        let place: fn(f64) -> f64 = if least > 0.0 && greatest > WIDE * least { libm::log10 } else { |value| value };
        Shade { least: place(least), greatest: place(greatest), place }
    }

    fn cell(&self, cell: &CellFinding) -> String {
        if cell.count == 0 {
            return "–".into();
        }
        let width = self.greatest - self.least;
        let share = if width > 0.0 { ((self.place)(cell.mean) - self.least) / width } else { 0.0 };
        let spread = match cell.count {
            1 => String::new(),
            _ => format!(" <small>± {}</small>", number(cell.deviation, 2)),
        };
        format!("<span class=\"shaded\" style=\"--share: {share:.2}\">{}{spread}</span>", number(cell.mean, 4))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_shaded_between_the_least_and_the_greatest() {
        let filled = |count, mean| CellFinding { count, mean, deviation: 0.5 };
        let table = |means: [f64; 3]| TableFinding {
            name: "a<b".into(),
            rows: vec!["x".into(), "y".into()],
            columns: vec!["l1".into(), "kl".into()],
            cells: vec![vec![filled(1, means[0]), filled(2, means[1])], vec![filled(1, means[2]), filled(0, f64::NAN)]],
        };
        let even = swept(&[table([1.0, 2.0, 3.0])]);
        for part in ["a&lt;b", "--share: 0.00", "--share: 0.50", "--share: 1.00", "± 0.5", "<td>–</td>"] {
            assert!(even.contains(part), "{part}: {even}");
        }
        assert!(swept(&[table([1e-4, 1e-2, 1.0])]).contains("--share: 0.50"));
        assert!(swept(&[table([2.0, 2.0, 2.0])]).matches("--share: 0.00").count() == 3);
    }
}
