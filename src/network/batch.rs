//! Snapshots as a network sees them: scaled inputs of edges and nodes, links, targets. Plain rows, the same for every
//! implementation.

use super::design::{Design, Frame, NodeForm, PairForm, Seen};
use super::scaling::Scaling;
use crate::base::Seed;
use crate::plan::MessagePrior;
use crate::simulate::{Snapshots, Trajectories, Values};

/// Configurations to draw rows from, borrowed from trajectories or snapshots.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    particles: usize,
    space: usize,
    attributes: usize,
    /// Configurations that share one row of attributes.
    times: usize,
    position: Values<'a>,
    velocity: Values<'a>,
    acceleration: Values<'a>,
    attribute: &'a [f64],
}

impl<'a> Source<'a> {
    /// Stored configurations, numbered run by run.
    pub fn trajectories(data: &'a Trajectories) -> Source<'a> {
        Source {
            particles: data.particles,
            space: data.space,
            attributes: data.attributes.len(),
            times: data.times.len(),
            position: data.position.values(),
            velocity: data.velocity.values(),
            acceleration: data.acceleration.values(),
            attribute: &data.attribute,
        }
    }

    /// Single configurations.
    pub fn snapshots(data: &'a Snapshots) -> Source<'a> {
        Source {
            particles: data.particles,
            space: data.space,
            attributes: data.attributes,
            times: 1,
            position: Values::Double(&data.position),
            velocity: Values::Double(&data.velocity),
            acceleration: Values::Double(&data.acceleration),
            attribute: &data.attribute,
        }
    }

    /// Bodies of each configuration.
    pub fn particles(&self) -> usize {
        self.particles
    }
}

/// What is done to a batch in training only.
#[derive(Clone, Debug, Default)]
pub struct Disturb {
    /// Added to all positions, [space]; empty for none.
    pub shift: Vec<f64>,
    /// Where sampled messages take their noise from, by position in the batch; messages are means without.
    pub noise: Option<Seed>,
}

/// Which configurations make a batch, or a shard of one.
#[derive(Clone, Copy)]
pub struct Choice<'a> {
    /// Their numbers.
    pub rows: &'a [usize],
    /// The bodies whose inputs and links are gathered.
    pub receivers: &'a [usize],
    /// What is done to them.
    pub disturb: &'a Disturb,
    /// The place of the first one within the whole batch.
    pub first: usize,
}

/// Rows of a network's inputs for some configurations. Nodes are grouped by configuration, edges by receiving node.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Configurations.
    pub snapshots: usize,
    /// Receiving nodes of each configuration.
    pub receivers: usize,
    /// The first edge of each node, and one past the last: [nodes + 1].
    pub start: Vec<u32>,
    /// The receiving body of each edge within its configuration.
    pub receiver: Vec<u32>,
    /// The sending body of each edge within its configuration.
    pub sender: Vec<u32>,
    /// The edge that goes the other way; empty unless the design ties or compares the two.
    pub reverse: Vec<u32>,
    /// [edges, edge inputs]
    pub edge: Vec<f32>,
    /// [nodes, own inputs]
    pub node: Vec<f32>,
    /// Unit vectors to the sender, [edges, space]; empty unless the design is invariant.
    pub direction: Vec<f32>,
    /// Scaled velocities of nodes, [nodes, space]; empty unless the design is invariant and sees velocities.
    pub velocity: Vec<f32>,
    /// 1 / mass of each node.
    pub inverse_mass: Vec<f32>,
    /// True accelerations, [nodes, space]; empty where unknown.
    pub target: Vec<f32>,
    /// What the errors of each node are multiplied by in the loss; empty where accelerations are unknown.
    pub weight: Vec<f32>,
    /// Standard normal numbers of sampled messages, [edges, message], or empty.
    pub noise: Vec<f32>,
}

impl Batch {
    /// Receiving nodes.
    pub fn nodes(&self) -> usize {
        self.snapshots * self.receivers
    }

    /// Edges.
    pub fn edges(&self) -> usize {
        self.receiver.len()
    }

    /// Edges into a node.
    pub fn edges_of(&self, node: usize) -> std::ops::Range<usize> {
        self.start[node] as usize..self.start[node + 1] as usize
    }

    /// The scaled velocity of a node where the design has use for it.
    pub fn velocity_of(&self, node: usize, space: usize) -> &[f32] {
        self.velocity.get(node * space..(node + 1) * space).unwrap_or(&[])
    }

    /// Fills the batch with chosen configurations. Keeps its memory.
    pub fn gather(&mut self, design: &Design, scaling: &Scaling, source: &Source, choice: Choice) {
        let Choice { rows, receivers, disturb, first } = choice;
        self.clear();
        (self.snapshots, self.receivers) = (rows.len(), receivers.len());
        self.start.push(0);
        for (place, &row) in rows.iter().enumerate() {
            let body = Bodies::new(design, scaling, source, row, disturb);
            let first_edge = self.edges();
            for &receiver in receivers {
                design.graph.senders(receiver, body.position, body.space, &mut self.sender);
                for edge in self.receiver.len()..self.sender.len() {
                    self.receiver.push(receiver as u32);
                    let sender = self.sender[edge] as usize;
                    match design.frame {
                        Frame::Components => body.edge_inputs(receiver, sender, &mut self.edge),
                        Frame::Invariants => {
                            body.edge_invariants(receiver, sender, &mut self.edge, &mut self.direction)
                        }
                    }
                }
                self.start.push(self.sender.len() as u32);
                match design.frame {
                    Frame::Components => body.own_inputs(receiver, &mut self.node),
                    Frame::Invariants => {
                        body.own_invariants(receiver, &mut self.node);
                        self.velocity.extend(body.scaled_velocity(receiver).map(|value| value as f32));
                    }
                }
                self.inverse_mass.push(1.0 / body.mass(receiver) as f32);
                if !source.acceleration.is_empty() {
                    let at = (row * source.particles + receiver) * source.space;
                    let acceleration = source.acceleration.part(at..at + source.space);
                    self.target.extend(acceleration.iter().map(|value| value as f32));
                    self.weight.push(scaling.weight(design.loss, acceleration) as f32);
                }
            }
            if needs_reverse(design) {
                self.link_reverse(first_edge);
            }
            if let (Some(seed), MessagePrior::Kl(_)) = (&disturb.noise, design.prior) {
                let mut stream = seed.nth((first + place) as u64).stream();
                let count = (self.edges() - first_edge) * design.message;
                self.noise.extend((0..count).map(|_| stream.normal() as f32));
            }
        }
    }

    fn clear(&mut self) {
        for list in [&mut self.start, &mut self.receiver, &mut self.sender, &mut self.reverse] {
            list.clear();
        }
        for list in [&mut self.edge, &mut self.node, &mut self.direction, &mut self.velocity] {
            list.clear();
        }
        for list in [&mut self.inverse_mass, &mut self.target, &mut self.weight, &mut self.noise] {
            list.clear();
        }
    }

    /// Finds the opposite of every edge of one configuration; edges are sorted by receiver, then sender.
    fn link_reverse(&mut self, first: usize) {
        let key = |edge: usize| (self.receiver[edge], self.sender[edge]);
        for edge in first..self.receiver.len() {
            let (receiver, sender) = key(edge);
            let (mut low, mut high) = (first, self.receiver.len());
            while low < high {
                let middle = (low + high) / 2;
                if key(middle) < (sender, receiver) { low = middle + 1 } else { high = middle }
            }
            self.reverse.push(low as u32);
        }
    }
}

/// Whether edges must know their opposites.
pub fn needs_reverse(design: &Design) -> bool {
    design.pair == PairForm::Antisymmetric || design.third_law > 0.0
}

/// One configuration, with the scaling it is seen through.
struct Bodies<'a> {
    design: &'a Design,
    scaling: &'a Scaling,
    space: usize,
    position: Values<'a>,
    velocity: Values<'a>,
    attribute: &'a [f64],
    width: usize,
    shift: &'a [f64],
}

impl<'a> Bodies<'a> {
    fn new(
        design: &'a Design,
        scaling: &'a Scaling,
        source: &Source<'a>,
        row: usize,
        disturb: &'a Disturb,
    ) -> Bodies<'a> {
        let vectors = source.particles * source.space;
        let scalars = source.particles * source.attributes;
        Bodies {
            design,
            scaling,
            space: source.space,
            position: source.position.row(row, vectors),
            velocity: source.velocity.row(row, vectors),
            attribute: &source.attribute[row / source.times * scalars..][..scalars],
            width: source.attributes,
            shift: &disturb.shift,
        }
    }

    fn mass(&self, body: usize) -> f64 {
        self.design.mass.map_or(1.0, |mass| self.attribute[body * self.width + mass])
    }

    fn own_inputs(&self, body: usize, out: &mut Vec<f32>) {
        if self.design.sees_position == Seen::Absolute {
            let shifted = |k: usize| self.position.at(body * self.space + k) + self.shift.get(k).unwrap_or(&0.0);
            let scaled = |k: usize| (shifted(k) - self.scaling.centre[k]) / self.scaling.position;
            out.extend((0..self.space).map(|k| scaled(k) as f32));
        }
        out.extend(self.scaled_velocity(body).map(|value| value as f32));
        self.own_attributes(body, out);
    }

    /// The velocity as the network sees it, a momentum under Hamilton's equations; nothing if it does not.
    fn scaled_velocity(&self, body: usize) -> impl Iterator<Item = f64> + '_ {
        let seen = if self.design.sees_velocity == Seen::Absolute { self.space } else { 0 };
        let mass = if self.design.form == NodeForm::Energy { self.mass(body) } else { 1.0 };
        (0..seen).map(move |k| mass * self.velocity.at(body * self.space + k) / self.scaling.velocity)
    }

    fn own_attributes(&self, body: usize, out: &mut Vec<f32>) {
        for &attribute in &self.design.attributes {
            let value = self.attribute[body * self.width + attribute];
            out.push(self.scaling.attributes[attribute].apply(value) as f32);
        }
    }

    fn edge_inputs(&self, receiver: usize, sender: usize, out: &mut Vec<f32>) {
        if self.design.sees_position == Seen::Relative {
            out.extend((0..self.space).map(|k| (self.apart(receiver, sender, k) / self.scaling.displacement) as f32));
        }
        self.own_inputs(receiver, out);
        self.own_inputs(sender, out);
    }

    /// A component of the vector from receiver to sender.
    fn apart(&self, receiver: usize, sender: usize, k: usize) -> f64 {
        let (to, from) = (self.position.at(sender * self.space + k), self.position.at(receiver * self.space + k));
        self.design.graph.difference(to, from)
    }

    /// Speed and attributes.
    fn own_invariants(&self, body: usize, out: &mut Vec<f32>) {
        if self.design.sees_velocity == Seen::Absolute {
            out.push(self.scaled_velocity(body).map(|v| v * v).sum::<f64>().sqrt() as f32);
        }
        self.own_attributes(body, out);
    }

    fn edge_invariants(&self, receiver: usize, sender: usize, out: &mut Vec<f32>, directions: &mut Vec<f32>) {
        let distance = (0..self.space).map(|k| self.apart(receiver, sender, k).powi(2)).sum::<f64>().sqrt();
        let direction = |k: usize| if distance > 0.0 { self.apart(receiver, sender, k) / distance } else { 0.0 };
        out.push((distance / self.scaling.displacement) as f32);
        if self.design.sees_velocity == Seen::Absolute {
            let along =
                |body: usize| self.scaled_velocity(body).enumerate().map(|(k, v)| v * direction(k)).sum::<f64>();
            let product: f64 =
                self.scaled_velocity(receiver).zip(self.scaled_velocity(sender)).map(|(a, b)| a * b).sum();
            out.extend([along(receiver), along(sender), product].map(|value| value as f32));
        }
        self.own_invariants(receiver, out);
        self.own_invariants(sender, out);
        directions.extend((0..self.space).map(|k| direction(k) as f32));
    }
}
