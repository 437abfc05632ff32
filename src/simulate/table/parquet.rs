//! Tables as Parquet: read one row group at a time, written as plain doubles in one group, without compression. The only
//! file that knows the format.
//!
//! Limits: numbers, truth values and times are read as numbers, text as words, lists not at all; of compressions Snappy, the usual
//! one.

use super::{Head, PLACE, Rows, TableError, Words};
use bytes::Bytes;
use parquet::basic::{ConvertedType, Repetition, Type as Physical};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{DataType, DoubleType};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// The bytes of a Parquet file with these columns of equal length.
pub fn write_parquet(name: &str, columns: &[(&str, &[f64])]) -> Result<Vec<u8>, ParquetError> {
    let fields = columns.iter().map(|(name, _)| {
        Type::primitive_type_builder(name, Physical::DOUBLE).with_repetition(Repetition::REQUIRED).build().map(Arc::new)
    });
    let schema = Type::group_type_builder(name).with_fields(fields.collect::<Result<_, _>>()?).build()?;
    let properties = WriterProperties::builder().set_created_by("sdl".into()).build();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    for (_, values) in columns {
        let mut chunk = group.next_column()?.ok_or_else(|| ParquetError::General("a column is missing".into()))?;
        chunk.typed::<DoubleType>().write_batch(values, None, None)?;
        chunk.close()?;
    }
    group.close()?;
    writer.into_inner()
}

/// The name that a Parquet file has for its table.
pub fn parquet_name(bytes: &[u8]) -> Result<String, TableError> {
    let reader = guarded(|| SerializedFileReader::new(Bytes::copy_from_slice(bytes)))?;
    Ok(reader.metadata().file_metadata().schema().name().into())
}

/// The rows of a Parquet file.
pub fn rows(bytes: Vec<u8>) -> Result<Box<dyn Rows>, TableError> {
    let reader = guarded(|| SerializedFileReader::new(Bytes::from(bytes)))?;
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let words = |physical| {
        !matches!(physical, Physical::BOOLEAN | Physical::INT32 | Physical::INT64 | Physical::FLOAT | Physical::DOUBLE)
    };
    let columns = schema.columns();
    let head = Head {
        names: columns.iter().map(|column| column.path().string()).collect(),
        words: columns
            .iter()
            .map(|c| words(c.physical_type()) || c.max_rep_level() > 0 || c.converted_type() == ConvertedType::DECIMAL)
            .collect(),
    };
    let words = vec![Words::default(); head.names.len()];
    Ok(Box::new(Groups { reader, head: head.distinct()?, next: 0, before: 0, words }))
}

struct Groups {
    reader: SerializedFileReader<Bytes>,
    head: Head,
    /// The next row group.
    next: usize,
    /// Rows of the groups before it.
    before: usize,
    /// Words met so far, by column.
    words: Vec<Words>,
}

impl Rows for Groups {
    fn head(&self) -> &Head {
        &self.head
    }

    fn next(&mut self, wanted: &[usize]) -> Result<Option<Vec<Vec<f64>>>, TableError> {
        if self.next == self.reader.num_row_groups() {
            return Ok(None);
        }
        let reader = &self.reader;
        let group = guarded(|| reader.get_row_group(self.next))?;
        self.next += 1;
        let rows = usize::try_from(group.metadata().num_rows()).map_err(|_| TableError::Unsound {
            kind: "Parquet file",
            why: "a group has a negative number of rows".into(),
        })?;
        let before = self.before;
        self.before += rows;
        let words = &mut self.words;
        let values = wanted.iter().map(|at| match *at {
            PLACE => Ok((before + 1..=before + rows).map(|row| row as f64).collect()),
            at => guarded(|| {
                let kind = group.metadata().schema_descr().column(at);
                let text = kind.physical_type() == Physical::BYTE_ARRAY && kind.max_rep_level() == 0;
                if self.head.words[at] && (!text || kind.converted_type() == ConvertedType::DECIMAL) {
                    return Err(ParquetError::General(format!("`{}` holds lists or decimals", kind.path().string())));
                }
                column(group.get_column_reader(at)?, rows, &mut words[at])
            }),
        });
        values.collect::<Result<_, _>>().map(Some)
    }

    fn words(&self, column: usize) -> &[String] {
        &self.words[column].list
    }
}

/// Runs the reader, which takes some forged files for a mistake of its own and panics; nothing of it outlives that.
fn guarded<T>(read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, TableError> {
    let unsound = |why: String| TableError::Unsound { kind: "Parquet file", why };
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(read) => read.map_err(|error| unsound(error.to_string())),
        Err(_) => Err(unsound("its parts contradict each other".into())),
    }
}

/// The numbers of a column of a group, those of its words for text; NaN where one is missing.
fn column(reader: ColumnReader, rows: usize, words: &mut Words) -> Result<Vec<f64>, ParquetError> {
    match reader {
        ColumnReader::ByteArrayColumnReader(reader) => {
            numbers(reader, rows, |value| words.number(&String::from_utf8_lossy(value.data())))
        }
        ColumnReader::BoolColumnReader(reader) => numbers(reader, rows, |value| f64::from(u8::from(*value))),
        ColumnReader::Int32ColumnReader(reader) => numbers(reader, rows, |value| f64::from(*value)),
        ColumnReader::Int64ColumnReader(reader) => numbers(reader, rows, |value| *value as f64),
        ColumnReader::FloatColumnReader(reader) => numbers(reader, rows, |value| f64::from(*value)),
        ColumnReader::DoubleColumnReader(reader) => numbers(reader, rows, |value| *value),
        _ => Err(ParquetError::General("a column holds words".into())),
    }
}

/// Records asked for at a time: memory follows what is there, not what the file claims.
const RECORDS: usize = 1 << 16;

fn numbers<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    rows: usize,
    mut number: impl FnMut(&T::T) -> f64,
) -> Result<Vec<f64>, ParquetError> {
    let (mut out, mut levels, mut values) = (vec![], vec![], vec![]);
    while out.len() < rows {
        levels.clear();
        values.clear();
        let asked = RECORDS.min(rows - out.len());
        let (read, found, _) = reader.read_records(asked, Some(&mut levels), None, &mut values)?;
        if read == 0 {
            return Err(ParquetError::General(format!("a column has {} rows where {rows} are claimed", out.len())));
        }
        if found == read {
            out.extend(values.iter().map(&mut number));
        } else {
            let most = levels.iter().copied().max().unwrap_or(0);
            let mut values = values.iter();
            out.extend(levels.iter().map(|level| match *level == most {
                true => values.next().map_or(f64::NAN, &mut number),
                false => f64::NAN,
            }));
        }
    }
    Ok(out)
}
