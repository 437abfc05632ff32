//! Tables of a run as Parquet files.

use crate::base::{Diagnostic, World};
use crate::engine::{Column, Sheet};
use crate::simulate::{TableError, open, parquet_name, write_parquet};
use std::io::Cursor;
use std::path::Path;

/// The bytes of a Parquet file with the table's columns.
pub fn parquet(sheet: &Sheet) -> Result<Vec<u8>, impl std::fmt::Display + std::fmt::Debug + use<>> {
    let columns: Vec<(&str, &[f64])> =
        sheet.columns.iter().map(|column| (column.name.as_str(), &column.values[..])).collect();
    write_parquet(&sheet.name, &columns)
}

/// The tables of a run folder.
pub fn run_sheets(world: &dyn World, folder: &Path) -> Result<Vec<Sheet>, Diagnostic> {
    let unread = |name: &str, why: String| {
        let headline = format!("the table `{}` cannot be read", folder.join(name).display());
        Diagnostic::new("E0640", headline).note(why)
    };
    let names = world.list(folder).map_err(|error| unread("", error.to_string()))?;
    let tables = names.iter().filter(|name| name.ends_with(".parquet"));
    tables
        .map(|name| {
            let content = world.read(&folder.join(name)).map_err(|error| unread(name, error.to_string()))?;
            read_parquet(content).map_err(|why| unread(name, why))
        })
        .collect()
}

/// Numbers of a table that is read, at most: tables of runs are small, and a stranger's file may claim anything.
const MOST: usize = 20_000_000;

/// The table that a Parquet file holds; why not, if it holds none of ours.
pub fn read_parquet(content: Vec<u8>) -> Result<Sheet, String> {
    let told = |error: TableError| error.to_string();
    let name = parquet_name(&content).map_err(told)?;
    let mut rows = open("table.parquet", Box::new(Cursor::new(content))).map_err(told)?;
    let head = rows.head().clone();
    if let Some(at) = head.words.iter().position(|words| *words) {
        return Err(format!("the column `{}` is not of numbers", head.names[at]));
    }
    let wanted: Vec<usize> = (0..head.names.len()).collect();
    let mut columns: Vec<Column> = head.names.into_iter().map(|name| Column { name, values: vec![] }).collect();
    while let Some(piece) = rows.next(&wanted).map_err(told)? {
        columns.iter_mut().zip(piece).for_each(|(column, piece)| column.values.extend(piece));
        if columns.iter().map(|column| column.values.len()).sum::<usize>() > MOST {
            return Err("it has more numbers than a table of a run".into());
        }
    }
    Ok(Sheet { name, columns })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let values = vec![1.5, f64::NAN, -0.0, 1e-310];
        let sheet = Sheet::new("t", vec![("a", values.clone()), ("b.x", vec![1.0, 2.0, 3.0, 4.0])]);
        let bytes = parquet(&sheet).unwrap();
        let read = read_parquet(bytes.clone()).unwrap();
        assert_eq!((read.name.as_str(), read.columns[1].name.as_str()), ("t", "b.x"));
        let bits = |column: usize| read.columns[column].values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(0), values.iter().map(|value| value.to_bits()).collect::<Vec<_>>());
        assert_eq!(bits(1), [1.0, 2.0, 3.0, 4.0].map(f64::to_bits));
        for cut in 0..bytes.len() {
            assert!(read_parquet(bytes[..cut].to_vec()).is_err());
        }
        // A damaged or forged file is refused or read as something else; it breaks nothing.
        for at in 0..bytes.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff, bytes[at] ^ 1, bytes[at] ^ 0x10] {
                let mut forged = bytes.clone();
                forged[at] = value;
                read_parquet(forged).ok();
            }
        }
    }
}
