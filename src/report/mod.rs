//! Records to tables, plots and laws as text.
