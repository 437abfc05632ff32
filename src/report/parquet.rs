//! Tables as Parquet: plain doubles, one row group, no compression. The only file that knows the format.

use crate::engine::Sheet;
use parquet::basic::{Repetition, Type as Physical};
use parquet::data_type::DoubleType;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
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

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;

    #[test]
    fn what_is_written_reads_back() {
        let values = vec![1.5, f64::NAN, -0.0, 1e-310];
        let sheet = Sheet::new("t", vec![("a", values.clone()), ("b.x", vec![1.0, 2.0, 3.0, 4.0])]);
        let path = std::env::temp_dir().join(format!("sdl-parquet-{}", std::process::id()));
        std::fs::write(&path, parquet(&sheet).unwrap()).unwrap();
        let reader = SerializedFileReader::new(std::fs::File::open(&path).unwrap()).unwrap();
        std::fs::remove_file(&path).unwrap();
        let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
        let bits = |column| rows.iter().map(|row| row.get_double(column).unwrap().to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(0), values.iter().map(|value| value.to_bits()).collect::<Vec<_>>());
        assert_eq!(bits(1), [1.0, 2.0, 3.0, 4.0].map(f64::to_bits));
        assert_eq!(reader.metadata().file_metadata().schema().get_fields()[1].name(), "b.x");
    }
}
