//! Record to tables, plots and `law.sdl`: what a run found, in the forms people read.

mod canvas;
mod chart;
mod drawing;
mod expectations;
mod figures;
mod files;
mod front;
mod grid;
mod law;
mod overview;
mod page;
mod parquet;
mod relation;
mod script;
mod sweeps;
mod tables;
mod tracks;

pub use self::parquet::{parquet, read_parquet, run_sheets};
pub use canvas::{beside, large_text, text};
pub use chart::{Axis, Chart, Mark, Series};
pub use drawing::{png, svg};
pub use expectations::{expect_line, metric_lines};
pub use figures::charts;
pub use figures::summary;
pub use files::{file_stem, files};
pub use front::{front_csv, front_latex, front_lines, front_markdown};
pub use grid::{Align, grid, short};
pub use law::law_lines;
pub use overview::{grouped, overview};
pub use page::{Class, Parts, page, several};
pub use relation::{relation_lines, relation_script};
pub use script::law_script;
pub use sweeps::table_lines;
pub use tracks::{csv, tracks};
