//! Rows of text in columns.

/// Which side of a column its cells lie at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Lines in which the cells of each column lie below each other, two blanks apart. The first row is the header, with a rule
/// below it. Missing cells are blank.
pub fn grid(align: &[Align], rows: &[Vec<String>]) -> Vec<String> {
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..align.len()).map(|column| width(column).unwrap_or(0)).collect();
    let mut lines = vec![];
    for (index, row) in rows.iter().enumerate() {
        let mut line = String::new();
        for (column, width) in widths.iter().enumerate() {
            let cell = row.get(column).map_or("", String::as_str);
            let blanks = " ".repeat(width - cell.chars().count());
            match align[column] {
                Align::Left => line.extend([cell, &blanks]),
                Align::Right => line.extend([&blanks[..], cell]),
            }
            line.push_str("  ");
        }
        lines.push(line.trim_end().to_owned());
        if index == 0 {
            lines.push(widths.iter().map(|width| "─".repeat(*width)).collect::<Vec<_>>().join("──"));
        }
    }
    lines
}

/// A number for people: about `digits` significant ones, no more than are needed.
pub fn short(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return if value.is_nan() { "–".into() } else { value.to_string() };
    }
    let rounded: f64 = format!("{value:.*e}", digits.saturating_sub(1)).parse().unwrap_or(value);
    match rounded.abs() {
        0.0 => "0".into(),
        size if (1e-4..1e6).contains(&size) => format!("{rounded}"),
        _ => format!("{rounded:e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_lie_below_each_other() {
        let rows = [vec!["α".into(), "n".into()], vec!["beta".into(), "10".into()], vec!["c".into()]];
        assert_eq!(grid(&[Align::Left, Align::Right], &rows), ["α      n", "────────", "beta  10", "c"]);
    }

    #[test]
    fn numbers_are_short() {
        for (value, text) in [
            (0.0, "0"),
            (1.0 / 3.0, "0.333"),
            (-1234.567, "-1230"),
            (2.5e-7, "2.5e-7"),
            (123e9, "1.23e11"),
            (f64::NAN, "–"),
            (f64::INFINITY, "inf"),
            (0.999_96, "1"),
        ] {
            assert_eq!(short(value, 3), text);
        }
    }
}
