//! Tracks of bodies in a table, one row for a body at a time, to trajectories.
//!
//! Runs, their times and their bodies are sorted, so the order of rows makes no difference. A snapshot in which a body is
//! missing is not stored. Attributes of a body do not change with time.

use super::fits::{self, FEWEST, FewTimes};
use super::{Table, Trajectories};
use crate::base::Name;
use crate::plan::{Boundary, DataPlan, FilePlan, Measured};
use std::collections::BTreeSet;

/// Times of a run nearer than this share of its length are one.
const SAME_TIME: f64 = 1e-9;
/// Largest relative change of an attribute over time.
const SAME: f64 = 1e-6;

/// Why a table holds no tracks. Places are those of [`Table::place`].
#[derive(Clone, Debug, PartialEq)]
pub enum TrackError {
    /// A value is missing or infinite.
    NotFinite {
        /// The column.
        column: Name,
        /// Where.
        place: String,
    },
    /// A body stands twice in one snapshot.
    Twice {
        /// The body; none where no column tells bodies apart.
        body: Option<String>,
        /// The time.
        time: f64,
        /// Where it stands first, and again.
        places: [String; 2],
    },
    /// A run has one body alone.
    OneBody {
        /// The run, where a column tells runs apart.
        run: Option<String>,
        /// Where.
        place: String,
    },
    /// Runs have unequal numbers of bodies.
    Bodies {
        /// Two runs.
        runs: [String; 2],
        /// Their numbers of bodies.
        bodies: [usize; 2],
    },
    /// An attribute changes with time.
    Changes {
        /// The attribute.
        column: Name,
        /// Two values of one body.
        values: [f64; 2],
        /// Where they stand.
        places: [String; 2],
    },
    /// In no snapshot are all bodies there.
    NoSnapshots {
        /// Snapshots in which one is missing.
        incomplete: usize,
        /// Bodies of a run.
        bodies: usize,
    },
    /// Too few times for local fits.
    FewTimes {
        /// Most times without a gap that a run has.
        most: usize,
        /// Fewest that are needed.
        needed: usize,
    },
}

impl From<FewTimes> for TrackError {
    fn from(few: FewTimes) -> TrackError {
        TrackError::FewTimes { most: few.most, needed: FEWEST }
    }
}

/// One run while it is put together: the rows of each complete snapshot, bodies in order.
struct Run {
    value: f64,
    bodies: usize,
    times: Vec<f64>,
    rows: Vec<usize>,
}

/// The trajectories of a table whose rows are bodies at a time; what is not measured is estimated by local fits. Bodies
/// outside of a periodic box are moved into it.
pub fn tracks(table: &Table, data: &DataPlan, file: &FilePlan) -> Result<Trajectories, TrackError> {
    let column = |name: &Name| table.column(name).unwrap_or(&[]);
    let none = Name::from("");
    let time = column(file.time.as_ref().unwrap_or(&none));
    let roles = [&file.run, &file.time, &file.particle].into_iter().flatten();
    let vectors: Vec<Vec<Name>> = [Measured::Position, Measured::Velocity, Measured::Acceleration]
        .map(|of| file.motion(of).map_or(vec![], |column| column.parts()))
        .to_vec();
    let attributes = file.attributes();
    for name in roles.chain(vectors.iter().flatten()).chain(&attributes) {
        if let Some(row) = column(name).iter().position(|value| !value.is_finite()) {
            return Err(TrackError::NotFinite { column: name.clone(), place: table.place(row) });
        }
    }
    let mut order: Vec<usize> = (0..table.rows()).collect();
    let key = |name: &Option<Name>, row: usize| name.as_ref().map_or(0.0, |name| column(name)[row]);
    order.sort_by(|&a, &b| {
        let by = |name: &Option<Name>| key(name, a).total_cmp(&key(name, b));
        by(&file.run).then(time[a].total_cmp(&time[b])).then(by(&file.particle)).then(a.cmp(&b))
    });
    let mut incomplete = 0;
    let runs: Result<Vec<Run>, TrackError> = order
        .chunk_by(|&a, &b| key(&file.run, a) == key(&file.run, b))
        .map(|rows| assembled(table, file, rows, &mut incomplete))
        .collect();
    let runs = runs?;
    let Some(first) = runs.first() else { return Err(TrackError::NoSnapshots { incomplete, bodies: 0 }) };
    let name_of = |run: &Run| file.run.as_ref().map(|column| table.told(column, run.value));
    if let Some(other) = runs.iter().find(|run| run.bodies != first.bodies) {
        let names = [first, other].map(|run| name_of(run).unwrap_or_default());
        return Err(TrackError::Bodies { runs: names, bodies: [first.bodies, other.bodies] });
    }
    if first.bodies < 2 {
        return Err(TrackError::OneBody { run: name_of(first), place: table.place(order[0]) });
    }
    let bodies = first.bodies;
    let runs: Vec<Run> = runs.into_iter().filter(|run| !run.times.is_empty()).collect();
    let Some(first) = runs.first() else { return Err(TrackError::NoSnapshots { incomplete, bodies }) };
    let longest = runs.iter().map(|run| run.times.len()).max().unwrap_or(0);
    let times = runs.iter().find(|run| run.times.len() == longest).map_or(vec![], |run| run.times.clone());
    let span = times[longest - 1] - times[0];
    let same = |run: &Run| {
        run.times.len() == longest && run.times.iter().zip(&times).all(|(a, b)| (a - b).abs() <= SAME_TIME * span)
    };
    let padded = |times: &[f64]| times.iter().copied().chain(std::iter::repeat(f64::NAN)).take(longest).collect();
    let own_times: Vec<f64> = match runs.iter().all(same) {
        true => vec![],
        false => runs.iter().flat_map(|run| -> Vec<f64> { padded(&run.times) }).collect(),
    };
    let space = file.space();
    let vector = |names: &[Name]| -> Vec<f64> {
        let mut out = vec![f64::NAN; runs.len() * longest * bodies * space];
        let columns: Vec<&[f64]> = names.iter().map(column).collect();
        for (run, place) in runs.iter().zip(out.chunks_exact_mut(longest * bodies * space)) {
            for (row, place) in run.rows.iter().zip(place.chunks_exact_mut(space)) {
                columns.iter().zip(place).for_each(|(column, place)| *place = column[*row]);
            }
        }
        out
    };
    let mut position = vector(&vectors[0]);
    if let Boundary::Periodic(side) = file.boundary {
        position.iter_mut().for_each(|x| *x = x.rem_euclid(side));
    }
    let left_out =
        (runs.iter().enumerate()).flat_map(|(at, run)| at * longest + run.times.len()..(at + 1) * longest).collect();
    // A snapshot is held out where a body of it is.
    let held_out = (runs.iter().enumerate())
        .flat_map(|(at, run)| {
            let held = |rows: &[usize]| rows.iter().any(|row| table.held_out[*row]);
            run.rows
                .chunks_exact(bodies)
                .enumerate()
                .filter(move |(_, rows)| held(rows))
                .map(move |(time, _)| at * longest + time)
        })
        .collect();
    let attribute = runs.iter().map(|run| constant(table, &attributes, run)).collect::<Result<Vec<_>, _>>()?.concat();
    let mut out = Trajectories {
        runs: runs.len(),
        times: if own_times.is_empty() { times } else { padded(&first.times) },
        own_times,
        particles: bodies,
        space,
        attributes,
        position: position.into(),
        velocity: vector(&vectors[1]).into(),
        acceleration: vector(&vectors[2]).into(),
        attribute,
        drift: vec![f64::NAN; runs.len()],
        incomplete,
        left_out,
        held_out,
        ..Trajectories::default()
    };
    fits::estimate(&mut out, &data.measured, file.boundary)?;
    Ok(out)
}

/// The complete snapshots of a run. `rows` are sorted by time, then body.
fn assembled(table: &Table, file: &FilePlan, rows: &[usize], incomplete: &mut usize) -> Result<Run, TrackError> {
    let column = |name: &Option<Name>| name.as_ref().and_then(|name| table.column(name));
    let (time, run) = (column(&file.time).unwrap_or(&[]), column(&file.run));
    let body = |row: usize| column(&file.particle).map_or(0.0, |column| column[row]);
    let all: BTreeSet<u64> = rows.iter().map(|row| body(*row).to_bits()).collect();
    let near = SAME_TIME * (time[rows[rows.len() - 1]] - time[rows[0]]);
    let mut out = Run { value: run.map_or(0.0, |run| run[rows[0]]), bodies: all.len(), times: vec![], rows: vec![] };
    for snapshot in rows.chunk_by(|&a, &b| time[b] - time[a] <= near) {
        let mut snapshot = snapshot.to_vec();
        snapshot.sort_by(|&a, &b| body(a).total_cmp(&body(b)).then(a.cmp(&b)));
        if let Some(pair) = snapshot.windows(2).find(|pair| body(pair[0]) == body(pair[1])) {
            return Err(TrackError::Twice {
                body: file.particle.as_ref().map(|name| table.told(name, body(pair[0]))),
                time: time[pair[0]],
                places: [table.place(pair[0]), table.place(pair[1])],
            });
        }
        if snapshot.len() == all.len() {
            out.times.push(time[snapshot[0]]);
            out.rows.extend(snapshot);
        } else {
            *incomplete += 1;
        }
    }
    Ok(out)
}

/// The attributes of a run's bodies, [particles, attributes].
fn constant(table: &Table, attributes: &[Name], run: &Run) -> Result<Vec<f64>, TrackError> {
    let columns: Vec<&[f64]> = attributes.iter().map(|name| table.column(name).unwrap_or(&[])).collect();
    for snapshot in run.rows.chunks_exact(run.bodies) {
        for (name, column) in attributes.iter().zip(&columns) {
            for (&first, &row) in run.rows.iter().zip(snapshot) {
                let values = [column[first], column[row]];
                if (values[0] - values[1]).abs() > SAME * values[0].abs().max(values[1].abs()) {
                    let places = [first, row].map(|row| table.place(row));
                    return Err(TrackError::Changes { column: name.clone(), values, places });
                }
            }
        }
    }
    Ok(run.rows[..run.bodies].iter().flat_map(|row| columns.iter().map(|column| column[*row])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Silent;
    use crate::expr::Expr;
    use crate::plan::*;
    use std::collections::BTreeMap;
    use std::io::Cursor;

    fn plan(columns: &[(&str, &[&str])], run: Option<&str>) -> (DataPlan, FilePlan) {
        let columns = columns.iter().map(|(name, parts)| ColumnPlan {
            name: Name::from(*name),
            components: parts.iter().map(|part| Expr::symbol(*part)).collect(),
            dimension: None,
        });
        let file = FilePlan {
            path: "t.csv".into(),
            content: BTreeMap::from([("t.csv".into(), FileContent { hash: Default::default(), bytes: 0 })]),
            columns: columns.collect(),
            target: None,
            rows: None,
            weight: None,
            run: run.map(Name::from),
            order: None,
            time: Some("t".into()),
            particle: Some("body".into()),
            links: Links::All,
            boundary: Boundary::Periodic(10.0),
        };
        let words = [Measured::Position, Measured::Velocity, Measured::Acceleration];
        let measured = words.into_iter().filter(|of| file.motion(*of).is_some()).collect();
        let data = DataPlan {
            from: DataSource::File(file.clone()),
            runs: 1,
            steps: 2,
            dt: 1.0,
            keep: 1,
            noise: Noise::None,
            measured,
            split: Split { train: 0.7, validation: 0.15, test: 0.15 },
            trim: 0.0,
            tolerance: 1e-9,
            hold_out: None,
            seed: 1,
        };
        (data, file)
    }

    fn read(text: &str, data: &DataPlan, file: &FilePlan) -> Result<Trajectories, TrackError> {
        let text = text.as_bytes().to_vec();
        let mut open =
            |_: &str| -> Result<Box<dyn std::io::Read + Send>, String> { Ok(Box::new(Cursor::new(text.clone()))) };
        tracks(&super::super::read_files(data, file, &mut open, &Silent).unwrap(), data, file)
    }

    const ALL: [(&str, &[&str]); 4] =
        [("position", &["x"]), ("velocity", &["v"]), ("acceleration", &["a"]), ("mass", &["m"])];

    #[test]
    fn rows_in_any_order_become_arrays() {
        let (data, file) = plan(&ALL, Some("run"));
        let text = "run,t,body,x,v,a,m\n\
            b,1,sun,1,0,0,9\nb,0,sun,-1,0,0,9\nb,0,earth,2,1,4,2\nb,1,earth,3,1,4,2\n# a comment\n\
            a,0,earth,5,6,7,3\na,0,sun,12,8,9,4\na,2,earth,5.5,6,7,3\na,3,sun,1,1,1,4\na,3,earth,1,1,1,3\n";
        let told = read(text, &data, &file).unwrap();
        assert_eq!((told.runs, told.particles, told.space, told.incomplete), (2, 2, 1, 1));
        assert_eq!(told.times, [0.0, 3.0]);
        assert_eq!(told.own_times, [0.0, 3.0, 0.0, 1.0]);
        // Runs and bodies by name; bodies outside of the box inside.
        assert_eq!(told.position.values().to_vec(), [5.0, 2.0, 1.0, 1.0, 2.0, 9.0, 3.0, 1.0]);
        assert_eq!(told.acceleration.values().to_vec(), [7.0, 9.0, 1.0, 1.0, 4.0, 0.0, 4.0, 0.0]);
        assert_eq!(told.attribute, [3.0, 4.0, 2.0, 9.0]);
        assert!(told.left_out.is_empty() && told.fits.is_empty());
    }

    #[test]
    fn what_is_no_track_is_told_with_its_place() {
        let (data, file) = plan(&ALL, None);
        let head = "t,body,x,v,a,m\n";
        let line = |n: usize| format!("t.csv, line {n}");
        for (rows, error) in [
            ("0,1,1,1,1,1\n0,2,,1,1,1\n", TrackError::NotFinite { column: "position".into(), place: line(3) }),
            (
                "0,1,1,1,1,1\n\n0,2,1,1,1,1\n0,1,1,1,1,1\n",
                TrackError::Twice { body: Some("1".into()), time: 0.0, places: [line(2), line(5)] },
            ),
            ("0,1,1,1,1,1\n1,1,1,1,1,1\n", TrackError::OneBody { run: None, place: line(2) }),
            ("0,1,1,1,1,1\n1,2,1,1,1,1\n", TrackError::NoSnapshots { incomplete: 2, bodies: 2 }),
            (
                "0,1,1,1,1,1\n0,2,1,1,1,1\n1,1,1,1,1,1\n1,2,1,1,1,1.5\n",
                TrackError::Changes { column: "mass".into(), values: [1.0, 1.5], places: [line(3), line(5)] },
            ),
        ] {
            assert_eq!(read(&format!("{head}{rows}"), &data, &file), Err(error));
        }
        let (data, file) = plan(&ALL[..1], Some("run"));
        let few = "run,t,body,x\n1,0,1,0\n1,0,2,1\n1,1,1,0\n1,1,2,1\n";
        assert_eq!(read(few, &data, &file), Err(TrackError::FewTimes { most: 2, needed: FEWEST }));
        let unequal = format!("{few}2,0,1,0\n2,0,2,0\n2,0,3,0\n");
        let error = TrackError::Bodies { runs: ["1".into(), "2".into()], bodies: [2, 3] };
        assert_eq!(read(&unequal, &data, &file), Err(error));
    }
}
