//! Record to tables, plots and `law.sdl`: what a run found, in the forms people read.

mod chart;
mod parquet;
