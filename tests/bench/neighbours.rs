//! Neighbours of 215,854 points in a periodic box, as many as the halos of the paper: all within the distance at which each has 141 on
//! average, and the 40 nearest; and a table of ten million rows. Bar: the edges in under 3 s on two cores.
//! `python3 tests/bench/neighbours.py` does the same with SciPy.

use sdl::base::Seed;
use sdl::plan::Boundary;
use sdl::simulate::{nearest, read_table, within};
use std::io::Cursor;
use std::time::Instant;

const POINTS: usize = 215_854;
const SIDE: f64 = 1_000.0;
const NEIGHBOURS: f64 = 141.0;

fn main() {
    let mut stream = Seed::root(1).child("points").stream();
    let points: Vec<f64> = (0..3 * POINTS).map(|_| SIDE * stream.uniform()).collect();
    // The ball that holds so many of them.
    let volume = NEIGHBOURS / POINTS as f64 * SIDE.powi(3);
    let reach = (0.75 * volume / std::f64::consts::PI).cbrt();
    let threads = rayon::current_num_threads();
    let start = Instant::now();
    let edges = within(&points, 3, Boundary::Periodic(SIDE), reach).expect("the points are sound");
    let seconds = start.elapsed().as_secs_f64();
    println!("within {reach:.2}: {} directed edges in {seconds:.2} s on {threads} threads", edges.senders.len());
    let start = Instant::now();
    let edges = nearest(&points, 3, Boundary::Periodic(SIDE), 40).expect("the points are sound");
    println!("40 nearest: {} directed edges in {:.2} s", edges.senders.len(), start.elapsed().as_secs_f64());

    let rows = 10_000_000;
    let mut text = String::from("a,b,c\n");
    for row in 0..rows {
        text += &format!("{},{:.3},{}\n", row, stream.uniform(), row % 7);
    }
    let bytes = text.into_bytes();
    let size = bytes.len() as f64 * 1e-6;
    let start = Instant::now();
    let table = read_table("t.csv", Box::new(Cursor::new(bytes))).expect("it is a table");
    let seconds = start.elapsed().as_secs_f64();
    println!("CSV: {} rows, {size:.0} MB in {seconds:.2} s, {:.0} MB/s", table.values[0].len(), size / seconds);
}
