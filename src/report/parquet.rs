//! Tables as Parquet: plain doubles, one row group, no compression. The only file that knows the format.

use crate::base::{Diagnostic, World};
use crate::engine::{Column, Sheet};
use bytes::Bytes;
use parquet::basic::{Repetition, Type as Physical};
use parquet::column::reader::ColumnReader;
use parquet::data_type::DoubleType;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use std::panic::catch_unwind;
use std::path::Path;
use std::sync::Arc;

/// The bytes of a Parquet file with the table's columns.
pub fn parquet(sheet: &Sheet) -> Result<Vec<u8>, ParquetError> {
    let fields = sheet.columns.iter().map(|column| {
        Type::primitive_type_builder(&column.name, Physical::DOUBLE)
            .with_repetition(Repetition::REQUIRED)
            .build()
            .map(Arc::new)
    });
    let schema = Type::group_type_builder(&sheet.name).with_fields(fields.collect::<Result<_, _>>()?).build()?;
    let properties = WriterProperties::builder().set_created_by("sdl".into()).build();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    for column in &sheet.columns {
        let mut chunk = group.next_column()?.ok_or_else(|| ParquetError::General("a column is missing".into()))?;
        chunk.typed::<DoubleType>().write_batch(&column.values, None, None)?;
        chunk.close()?;
    }
    group.close()?;
    writer.into_inner()
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
    // The reader takes some forged files for a mistake of its own and panics; nothing of it outlives that.
    catch_unwind(|| read(content)).unwrap_or_else(|_| Err("it is not a sound Parquet file".into()))
}

fn read(content: Vec<u8>) -> Result<Sheet, String> {
    let reader = SerializedFileReader::new(Bytes::from(content)).map_err(|error| error.to_string())?;
    let metadata = reader.metadata().file_metadata();
    let schema = metadata.schema();
    let names: Vec<String> = schema.get_fields().iter().map(|field| field.name().into()).collect();
    let rows = usize::try_from(metadata.num_rows()).map_err(|_| "it claims a negative number of rows")?;
    if rows.saturating_mul(names.len()) > MOST {
        return Err(format!("it claims {rows} rows of {} columns, more than a table of a run has", names.len()));
    }
    let mut columns: Vec<Column> = names.into_iter().map(|name| Column { name, values: vec![] }).collect();
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).map_err(|error| error.to_string())?;
        for (index, column) in columns.iter_mut().enumerate() {
            let ColumnReader::DoubleColumnReader(mut values) =
                group.get_column_reader(index).map_err(|error| error.to_string())?
            else {
                return Err(format!("the column `{}` is not of doubles", column.name));
            };
            while column.values.len() < rows {
                let left = rows - column.values.len();
                let (read, ..) =
                    values.read_records(left, None, None, &mut column.values).map_err(|error| error.to_string())?;
                if read == 0 {
                    break;
                }
            }
        }
    }
    match columns.iter().all(|column| column.values.len() == rows) {
        true => Ok(Sheet { name: schema.name().into(), columns }),
        false => Err("its columns are not as long as it says".into()),
    }
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
