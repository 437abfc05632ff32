//! Record to tables, plots and `law.sdl`: what a run found, in the forms people read.

mod chart;
mod expectations;
mod figures;
mod files;
mod front;
mod grid;
mod law;
mod overview;
mod parquet;
mod script;
mod table;

pub use expectations::{expect_line, metric_lines};
pub use files::files;
pub use front::{front_csv, front_lines};
pub use law::law_lines;
pub use overview::{grouped, overview};
pub use script::law_script;
pub use table::table_lines;
