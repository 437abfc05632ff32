//! A compiled law at work on blocks of rows: many configurations of the same number of bodies side by side. Arrays
//! are [component][row], where component `k * bodies + body` is the `k`-th of a body. Sums over pairs have a fixed
//! order, so that the value of a row depends on that row alone.

use super::aligned::Aligned;
use super::geometry;
use super::lanes::Field;
use super::law::{Accelerations, Input, Output, Terms, Who};
use crate::expr::{Scratch, Tape};
use crate::plan::{Boundary, Links};

/// So many columns need no memory of their own in an evaluation.
const USUAL: usize = 12;

/// Rows of a block are so many that its columns of pairs and rows stay in cache.
const LARGEST_COLUMN: usize = 2048;

/// As many rows as suit a law for so many bodies, at most `most` and at least one vector of the processor.
pub fn fitting_rows(law: &Accelerations, bodies: usize, most: usize) -> usize {
    let pairs = pairs(law.links, bodies).len().max(1);
    (LARGEST_COLUMN / pairs / 8 * 8).clamp(8, most)
}

/// Working memory and constant columns of a law for so many bodies and rows.
pub struct Forces<'a> {
    law: &'a Accelerations,
    bodies: usize,
    rows: usize,
    blocks: Vec<Block<'a>>,
    /// One over the mass, [body][row].
    inverse_mass: Aligned,
    scratch: Scratch<f64>,
}

/// Terms over pairs or bodies with their columns; a row of the tape is [term][row].
struct Block<'a> {
    terms: &'a Terms,
    /// (receiver, sender); equal for terms of a body alone.
    members: Vec<(usize, usize)>,
    pairs: bool,
    /// Columns that are not computed from others: attributes and indices stay, positions and velocities are copied.
    columns: Vec<Aligned>,
    distance: Aligned,
    displacement: Vec<Aligned>,
    outputs: Vec<Aligned>,
    /// 1 where the receiver and where the sender feel the term, for links that change with time.
    felt: Option<[Vec<f64>; 2]>,
}

impl<'a> Forces<'a> {
    /// Working memory for `rows` configurations of `bodies` bodies.
    pub fn new(law: &'a Accelerations, bodies: usize, rows: usize) -> Forces<'a> {
        let mut blocks = vec![];
        let unordered = pairs(law.links, bodies);
        let ordered = unordered.iter().copied().chain(unordered.iter().map(|&(i, j)| (j, i))).collect();
        let alone: Vec<(usize, usize)> = (0..bodies).map(|body| (body, body)).collect();
        let all = [
            (&law.pair_energy, unordered.clone(), true),
            (&law.pair_force, ordered, true),
            (&law.body_energy, alone.clone(), false),
            (&law.body_force, alone, false),
        ];
        for (terms, members, pairs) in all {
            if let Some(terms) = terms.as_ref().filter(|_| !members.is_empty()) {
                let length = members.len() * rows;
                let column = || Aligned::zeros(length);
                let changing = pairs && matches!(law.links, Links::Within(_) | Links::Nearest(_));
                blocks.push(Block {
                    columns: terms.inputs.iter().map(|_| column()).collect(),
                    distance: if pairs { column() } else { Aligned::default() },
                    displacement: if pairs { (0..law.space).map(|_| column()).collect() } else { vec![] },
                    outputs: terms.outputs.iter().map(|_| column()).collect(),
                    felt: changing.then(|| [vec![0.0; length], vec![0.0; length]]),
                    terms,
                    members,
                    pairs,
                });
            }
        }
        let mut forces = Forces {
            law,
            bodies,
            rows,
            blocks,
            inverse_mass: std::iter::repeat_n(1.0, bodies * rows).collect(),
            scratch: Scratch::new(),
        };
        forces.set_indices();
        forces
    }

    /// Gives rows `first` to `first + count` the attributes of one run, as [body][attribute].
    pub fn set_attributes(&mut self, first: usize, count: usize, attributes: &[f64]) {
        let width = self.law.attributes.len();
        for block in &mut self.blocks {
            for (input, column) in block.terms.inputs.iter().zip(&mut block.columns) {
                if let Input::Attribute(who, attribute) = *input {
                    for (&(i, j), rows) in block.members.iter().zip(column.chunks_exact_mut(self.rows)) {
                        let body = if who == Who::Receiver { i } else { j };
                        rows[first..first + count].fill(attributes[body * width + attribute]);
                    }
                }
            }
        }
        if let Some(mass) = self.law.mass {
            for (body, rows) in self.inverse_mass.chunks_exact_mut(self.rows).enumerate() {
                rows[first..first + count].fill(1.0 / attributes[body * width + mass]);
            }
        }
    }

    /// Accelerations of all rows and, where `potential` is given, the potential energy of each. The velocity may be
    /// empty if the law does not use it.
    pub fn evaluate(
        &mut self,
        position: &[f64],
        velocity: &[f64],
        accelerations: &mut [f64],
        mut potential: Option<&mut [f64]>,
    ) {
        accelerations.fill(0.0);
        if let Some(potential) = &mut potential {
            potential.fill(0.0);
        }
        for block in &mut self.blocks {
            block.fill(self.law, self.bodies, self.rows, position, velocity);
            let tape = if potential.is_some() { &block.terms.tape } else { &block.terms.forces };
            block.run(tape, self.bodies, &mut self.scratch, position, velocity);
            block.add_forces(self.bodies, self.rows, accelerations);
            if let Some(potential) = &mut potential {
                block.add_energy(self.rows, potential);
            }
        }
        if self.law.mass.is_some() {
            geometry::scale(&self.inverse_mass, accelerations);
        }
    }

    fn set_indices(&mut self) {
        for block in &mut self.blocks {
            for (input, column) in block.terms.inputs.iter().zip(&mut block.columns) {
                if let Input::Index(who) = *input {
                    for (&(i, j), rows) in block.members.iter().zip(column.chunks_exact_mut(self.rows)) {
                        rows.fill((if who == Who::Receiver { i } else { j } + 1) as f64);
                    }
                }
            }
        }
    }
}

impl Field for Forces<'_> {
    fn uses_velocity(&self) -> bool {
        self.law.uses_velocity
    }

    fn accelerations(&mut self, position: &[f64], velocity: &[f64], out: &mut [f64]) {
        self.evaluate(position, velocity, out, None);
    }
}

impl Block<'_> {
    /// Computes distances, displacements and links, and copies positions and velocities into columns.
    fn fill(&mut self, law: &Accelerations, bodies: usize, rows: usize, position: &[f64], velocity: &[f64]) {
        if self.pairs {
            let side = match law.boundary {
                Boundary::Open => None,
                Boundary::Periodic(side) => Some(side),
            };
            geometry::displacements(position, &self.members, bodies, side, &mut self.displacement, &mut self.distance);
            match (&mut self.felt, law.links) {
                (Some([receiver, sender]), Links::Within(reach)) => {
                    geometry::within(&self.distance, reach, receiver);
                    sender.copy_from_slice(receiver);
                }
                (Some(felt), Links::Nearest(count)) => {
                    geometry::nearest(&self.distance, &self.members, bodies, count, felt);
                }
                _ => {}
            }
            for (input, column) in self.terms.inputs.iter().zip(&mut self.columns) {
                let (who, k, from) = match *input {
                    Input::Position(who, k) => (who, k, position),
                    Input::Velocity(who, k) => (who, k, velocity),
                    _ => continue,
                };
                for (&(i, j), to) in self.members.iter().zip(column.chunks_exact_mut(rows)) {
                    let body = if who == Who::Receiver { i } else { j };
                    to.copy_from_slice(&from[(k * bodies + body) * rows..][..rows]);
                }
            }
        }
    }

    fn run(&mut self, tape: &Tape, bodies: usize, scratch: &mut Scratch<f64>, position: &[f64], velocity: &[f64]) {
        let length = self.outputs.first().map_or(0, |output| output.len());
        // Most laws have few columns: no memory is asked for then.
        let (mut few, mut many) = ([&[][..]; USUAL], vec![]);
        let columns: &mut [&[f64]] = match self.columns.len() {
            count if count <= USUAL => &mut few[..count],
            count => {
                many.resize(count, &[][..]);
                &mut many
            }
        };
        for ((slot, input), column) in columns.iter_mut().zip(&self.terms.inputs).zip(&self.columns) {
            *slot = match *input {
                Input::Distance => &self.distance,
                Input::Displacement(k) => &self.displacement[k],
                // All bodies' k-th components lie together.
                Input::Position(_, k) if !self.pairs => &position[k * length..][..length],
                Input::Velocity(_, k) if !self.pairs => &velocity[k * length..][..length],
                _ => column,
            };
        }
        let (mut few, mut many): ([&mut [f64]; USUAL], Vec<&mut [f64]>) =
            (std::array::from_fn(|_| &mut [][..]), vec![]);
        let outputs: &mut [&mut [f64]] = match tape.outputs() {
            0 => return,
            count if count <= USUAL => &mut few[..count],
            count => {
                many.resize_with(count, || &mut [][..]);
                &mut many
            }
        };
        for (slot, output) in outputs.iter_mut().zip(&mut self.outputs) {
            *slot = output;
        }
        tape.eval(columns, &[bodies as f64], outputs, scratch);
    }

    fn add_forces(&mut self, bodies: usize, rows: usize, forces: &mut [f64]) {
        let components = self.displacement.len();
        for (output, values) in self.terms.outputs.iter().zip(&self.outputs) {
            match *output {
                Output::Radial => {
                    for k in 0..components {
                        let forces = &mut forces[k * bodies * rows..][..bodies * rows];
                        let felt = self.felt.as_ref();
                        geometry::add_radial(values, &self.displacement[k], &self.members, felt, rows, forces);
                    }
                }
                Output::Mutual(k) => {
                    let forces = &mut forces[k * bodies * rows..][..bodies * rows];
                    geometry::add_to_receivers(values, &self.members, self.felt.as_ref(), rows, forces);
                    geometry::take_from_senders(values, &self.members, self.felt.as_ref(), rows, forces);
                }
                Output::On(Who::Receiver, k) => {
                    let forces = &mut forces[k * bodies * rows..][..bodies * rows];
                    geometry::add_to_receivers(values, &self.members, self.felt.as_ref(), rows, forces);
                }
                Output::On(Who::Sender, k) => {
                    let forces = &mut forces[k * bodies * rows..][..bodies * rows];
                    geometry::add_to_senders(values, &self.members, self.felt.as_ref(), rows, forces);
                }
                Output::Energy => {}
            }
        }
    }

    fn add_energy(&self, rows: usize, potential: &mut [f64]) {
        for (output, values) in self.terms.outputs.iter().zip(&self.outputs) {
            if *output == Output::Energy {
                geometry::add_energy(values, self.felt.as_ref(), rows, potential);
            }
        }
    }
}

/// The unordered pairs that may act on each other, in order of the first and then of the second body.
fn pairs(links: Links, bodies: usize) -> Vec<(usize, usize)> {
    let mut pairs = vec![];
    for i in 0..bodies {
        for j in i + 1..bodies {
            let neighbours = j == i + 1;
            let linked = match links {
                Links::All | Links::Within(_) | Links::Nearest(_) => true,
                Links::Chain => neighbours,
                Links::Ring => neighbours || (i == 0 && j == bodies - 1),
            };
            if linked {
                pairs.push((i, j));
            }
        }
    }
    pairs
}
