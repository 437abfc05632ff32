//! The tracks of a data set as a table: one row for each body at each time, as `data { from = "tracks.csv" }` reads it.

use crate::engine::{Column, Sheet};
use crate::simulate::{Trajectories, Values};

/// Columns of the components of position, velocity and acceleration.
const VECTORS: [[&str; 3]; 3] = [["x", "y", "z"], ["vx", "vy", "vz"], ["ax", "ay", "az"]];

/// The table called `name` with these columns, all where none is named: `run`, `time`, `body`, `x` …, `vx` …, `ax` … and
/// attributes. The names there are, if one is not among them.
pub fn tracks(name: &str, data: &Trajectories, wanted: &[String]) -> Result<Sheet, Vec<String>> {
    let rows: Vec<(usize, usize, usize)> = (0..data.runs)
        .flat_map(|run| (0..data.times.len()).map(move |time| (run, time)))
        .filter(|(run, time)| !data.times_of(*run)[*time].is_nan())
        .flat_map(|(run, time)| (0..data.particles).map(move |body| (run, time, body)))
        .collect();
    let column = |name: &str, value: &dyn Fn(usize, usize, usize) -> f64| Column {
        name: name.into(),
        values: rows.iter().map(|&(run, time, body)| value(run, time, body)).collect(),
    };
    let mut columns = vec![
        column("run", &|run, _, _| run as f64 + 1.0),
        column("time", &|run, time, _| data.times_of(run)[time]),
        column("body", &|_, _, body| body as f64 + 1.0),
    ];
    for (of, names) in [&data.position, &data.velocity, &data.acceleration].into_iter().zip(VECTORS) {
        let of: Values = of.values();
        for (k, name) in names.iter().enumerate().take(data.space) {
            let place = |run, time, body| ((run * data.times.len() + time) * data.particles + body) * data.space + k;
            columns.push(column(name, &|run, time, body| of.at(place(run, time, body))));
        }
    }
    for (k, name) in data.attributes.iter().enumerate() {
        let place = |run, body| (run * data.particles + body) * data.attributes.len() + k;
        columns.push(column(name, &|run, _, body| data.attribute[place(run, body)]));
    }
    let known: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    if wanted.iter().any(|name| !known.contains(name)) {
        return Err(known);
    }
    if !wanted.is_empty() {
        let chosen = wanted.iter().filter_map(|name| columns.iter().find(|column| column.name == *name));
        columns = chosen.cloned().collect();
    }
    Ok(Sheet { name: name.into(), columns })
}

/// A table as CSV, numbers to so many significant digits, or as many as tell them apart.
pub fn csv(sheet: &Sheet, digits: Option<usize>) -> String {
    let told = |value: f64| match digits {
        Some(digits) => format!("{value:.*e}", digits.saturating_sub(1)).parse().unwrap_or(value),
        None => value,
    };
    let mut out = sheet.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(",");
    out.push('\n');
    for row in 0..sheet.rows() {
        let cells: Vec<String> = sheet.columns.iter().map(|column| told(column.values[row]).to_string()).collect();
        out.push_str(&cells.join(","));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracks_are_rows() {
        let data = Trajectories {
            runs: 1,
            times: vec![0.0, 0.5],
            particles: 2,
            space: 1,
            attributes: vec!["mass".into()],
            position: vec![1.0, 2.0, 1.0 / 3.0, 4e-9].into(),
            velocity: vec![0.0; 4].into(),
            acceleration: vec![-1.0; 4].into(),
            attribute: vec![7.0, 8.0],
            ..Trajectories::default()
        };
        let wanted = ["time", "body", "x", "mass"].map(String::from);
        let sheet = tracks("t", &data, &wanted).unwrap();
        assert_eq!(csv(&sheet, Some(3)), "time,body,x,mass\n0,1,1,7\n0,2,2,8\n0.5,1,0.333,7\n0.5,2,0.000000004,8\n");
        assert_eq!(tracks("t", &data, &[]).unwrap().columns.len(), 7);
        assert_eq!(tracks("t", &data, &["y".into()]).unwrap_err().join(","), "run,time,body,x,vx,ax,mass");
    }
}
