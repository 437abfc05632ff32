//! Everything that a run folder holds beside the record: tables, plots, laws.

use super::drawing::{png, svg};
use super::figures::charts;
use super::front::front_csv;
use super::parquet::parquet;
use super::relation::relation_script;
use super::script::law_script;
use super::sweeps::table_csv;
use super::tables::{latex_tables, markdown, tables};
use crate::base::{Diagnostic, Name};
use crate::engine::{Record, Sheet};
use std::collections::BTreeSet;

/// Names and contents of the files that a run, finished or not, has numbers for.
pub fn files(record: &Record, sheets: &[Sheet]) -> Result<Vec<(String, Vec<u8>)>, Diagnostic> {
    let failed = |what: &str, why: &dyn std::fmt::Display| {
        Diagnostic::new("E0608", format!("the table `{what}` cannot be written as a file")).note(why.to_string())
    };
    let mut files = vec![];
    for sheet in sheets.iter().filter(|sheet| sheet.rows() > 0) {
        let bytes = parquet(sheet).map_err(|error| failed(&sheet.name, &error))?;
        files.push((format!("{}.parquet", file_stem(&sheet.name, '.')), bytes));
    }
    if !record.laws.is_empty() || !record.relations.is_empty() {
        let laws = record.laws.iter().map(|(name, finding)| (name, &finding.law.front));
        let fronts = laws.chain(record.relations.iter().map(|(name, relation)| (name, &relation.front)));
        files.push(("front.csv".into(), front_csv(fronts).map_err(|error| failed("front", &error))?));
    }
    for table in &record.tables {
        let bytes = table_csv(table).map_err(|error| failed(&table.name, &error))?;
        files.push((format!("{}.csv", table.name.plain()), bytes));
    }
    let tables = tables(record);
    files.push(("tables.md".into(), markdown(&tables).into_bytes()));
    files.push(("tables.tex".into(), latex_tables(&tables).into_bytes()));
    for (name, finding) in &record.laws {
        let script = law_script(&record.plan, name, &finding.law);
        files.extend(script.map(|text| (format!("{}.sdl", name.plain()), text.into_bytes())));
    }
    for (name, relation) in &record.relations {
        let script = relation_script(&record.plan, name, relation);
        files.push((format!("{}.sdl", name.plain()), script.into_bytes()));
    }
    for (name, chart) in charts(record, sheets) {
        let name = file_stem(&name, '-');
        files.extend(svg(&chart).map(|text| (format!("{name}.svg"), text.into_bytes())));
        files.extend(png(&chart).map(|bytes| (format!("{name}.png"), bytes)));
    }
    // `law[a.b]` and `law[a, b]` have the same letters.
    let mut taken = BTreeSet::new();
    for (name, _) in &mut files {
        while !taken.insert(name.to_lowercase()) {
            *name = name.rsplit_once('.').map_or(format!("{name}_2"), |(stem, ending)| format!("{stem}_2.{ending}"));
        }
    }
    Ok(files)
}

/// A table or a chart, `fit[spring, 2].history`, as the name of a file: `fit_spring_2-history`.
pub fn file_stem(name: &str, before_kind: char) -> String {
    match name.rsplit_once(before_kind) {
        Some((stage, kind)) => format!("{}-{kind}", Name::new(stage).plain()),
        None => Name::new(name).plain(),
    }
}
