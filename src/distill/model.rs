//! A composed law with free constants: a_i = Σ_j f(i, j) · direction(i, j) + g(i), fitted to accelerations.
//!
//! Residuals are relative to each receiver's acceleration (see [`Scene::scale`]), so that close encounters do not
//! outweigh the rest; values and analytic derivatives come from the tape.

use super::learned::{self, Learned};
use super::scene::{Scene, evaluate};
use super::threshold::thresholds;
use crate::base::Name;
use crate::expr::{Expr, Node, Op, Scratch, Tape, Wrt};
use crate::plan::symbols;
use crate::search::{FitSettings, Fitted, Norm, levenberg_marquardt};
use std::collections::{BTreeMap, BTreeSet};

/// Largest relative difference of forces that count as equal and opposite.
const EQUAL: f64 = 1e-3;
/// How often thresholds and the rest of the constants are fitted in turn.
const TURNS: usize = 6;

/// A law whose constants are symbols with values.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Radial acceleration of i along `direction(i, j)`, positive towards j.
    pub pair: Expr,
    /// Acceleration of i alone by component; none where nothing acts on a body alone.
    pub body: Vec<Expr>,
    /// Names of the free constants.
    pub names: Vec<Name>,
    /// Their values.
    pub values: Vec<f64>,
    /// What is learned of bodies and fitted with them, in place of what the scene has under these names.
    pub learned: Vec<Learned>,
}

impl Model {
    /// Frees the numbers of formulas. Whole exponents stay part of the structure, and so does -1.
    pub fn free(pair: &Expr, body: &[Expr]) -> Model {
        let mut model = Model { pair: pair.clone(), body: vec![], names: vec![], values: vec![], learned: vec![] };
        model.pair = model.release(pair);
        model.body = body.iter().map(|component| model.release(component)).collect();
        model
    }

    fn release(&mut self, expr: &Expr) -> Expr {
        match expr.node() {
            Node::Number(value) if *value == -1.0 || *value == 0.0 => expr.clone(),
            Node::Number(value) => Expr::symbol(self.constant(*value)),
            Node::Symbol(_) => expr.clone(),
            Node::Call(op, args) => {
                let whole = |e: &Expr| e.as_number().is_some_and(|x| x == x.round());
                let args = args
                    .iter()
                    .enumerate()
                    .map(
                        |(k, arg)| if *op == Op::Pow && k == 1 && whole(arg) { arg.clone() } else { self.release(arg) },
                    )
                    .collect();
                Expr::call(*op, args)
            }
        }
    }

    /// Adds a free constant with this value and gives its name.
    pub fn constant(&mut self, value: f64) -> Name {
        let taken: BTreeSet<&Name> = self.names.iter().collect();
        let name = (1..).map(|k| Name::from(format!("C{k}"))).find(|name| !taken.contains(name));
        let name = name.expect("there are more numbers than names");
        self.names.push(name.clone());
        self.values.push(value);
        name
    }

    /// Drops constants that stand in no formula.
    pub fn prune(mut self) -> Model {
        let mut used = self.pair.symbols();
        self.body.iter().for_each(|component| used.extend(component.symbols()));
        let keep: Vec<bool> = self.names.iter().map(|name| used.contains(name)).collect();
        let mut flags = keep.iter();
        self.names.retain(|_| *flags.next().expect("one flag each"));
        let mut flags = keep.iter();
        self.values.retain(|_| *flags.next().expect("one flag each"));
        self
    }

    /// The formulas with the constants filled in: the pair's, then the body's.
    pub fn filled(&self) -> (Expr, Vec<Expr>) {
        let values: BTreeMap<Name, Expr> =
            self.names.iter().cloned().zip(self.values.iter().map(|&value| Expr::number(value))).collect();
        (self.pair.substitute(&values), self.body.iter().map(|component| component.substitute(&values)).collect())
    }

    /// Whether `name` is one of its free constants.
    pub fn is_constant(&self, name: &Name) -> bool {
        self.names.contains(name)
    }

    /// The same model, with what is learned of bodies.
    pub fn knowing(self, learned: &[Learned]) -> Model {
        Model { learned: learned.to_vec(), ..self }
    }

    /// Fits all constants from their present values; they stay as they are where the model has no finite value. Thresholds
    /// and the rest are fitted in turn.
    pub fn fit(&mut self, scene: &Scene, settings: &FitSettings) -> Option<Fitted> {
        if !self.learned.is_empty() {
            let mut open = learned::open(self);
            let fitted = open.fit(scene, settings)?;
            learned::close(self, &open, &fitted);
            return Some(fitted);
        }
        let mut fitted = self.descend(scene, settings)?;
        let thresholds = thresholds(self);
        for _ in 0..TURNS {
            let mut moved = false;
            for threshold in &thresholds {
                let at = threshold.constant;
                let Some(placed) = threshold.place(self, scene) else { continue };
                moved |= (self.values[at] - placed.value).abs() > placed.gap;
                self.values[at] = placed.value;
                fitted.tell(at, placed.value, placed.gap / 12f64.sqrt());
            }
            if !moved {
                break;
            }
            fitted = self.descend(scene, settings)?;
        }
        Some(fitted)
    }

    /// Fits what has a slope.
    fn descend(&mut self, scene: &Scene, settings: &FitSettings) -> Option<Fitted> {
        let mut run = Run::new(self, scene)?;
        let rows = scene.space * scene.receivers;
        let mut residuals =
            |constants: &[f64], out: &mut [f64], jacobian: Option<&mut [f64]>| run.residuals(constants, out, jacobian);
        let fitted = levenberg_marquardt(&mut residuals, &self.values, rows, &[], settings);
        if fitted.loss.is_finite() {
            self.values.clone_from(&fitted.constants);
        }
        Some(fitted)
    }

    /// Whether the forces of the pair, mass times acceleration, are equal and opposite at the rows of a scene.
    pub fn is_reciprocal(&self, scene: &Scene) -> bool {
        let mass = Expr::symbol(symbols::attribute("i", "mass"));
        let force = Model { pair: mass * self.pair.clone(), ..self.clone() };
        let there = if force.learned.is_empty() { force.filled().0 } else { learned::open(&force).filled().0 };
        let turned = there.symbols().into_iter().filter_map(|name| {
            let other = match name.as_str().split_once('.') {
                Some(("i", rest)) => format!("j.{rest}"),
                Some(("j", rest)) => format!("i.{rest}"),
                _ => return None,
            };
            Some((name, Expr::symbol(other)))
        });
        let back = there.substitute(&turned.collect());
        let Some(columns) = evaluate(&[there, back], &scene.pair, scene.rows()) else { return false };
        columns[0].iter().zip(&columns[1]).all(|(a, b)| (a - b).abs() <= EQUAL * (a.abs() + b.abs()))
    }

    /// Mean absolute residual, relative to each receiver's scale, over components; infinite where a value is not finite
    /// or a symbol is unknown.
    pub fn misfit(&self, scene: &Scene) -> f64 {
        if !self.learned.is_empty() {
            return learned::open(self).misfit(scene);
        }
        let Some(mut run) = Run::new(self, scene) else { return f64::INFINITY };
        let mut out = vec![0.0; scene.space * scene.receivers];
        run.residuals(&self.values, &mut out, None);
        let mean = out.iter().map(|r| r.abs()).sum::<f64>() / out.len().max(1) as f64;
        if mean.is_finite() { mean } else { f64::INFINITY }
    }
}

/// How candidates are fitted: least squares of relative residuals.
pub fn quick_fit() -> FitSettings {
    FitSettings { norm: Norm::Squares, iterations: 40, tolerance: 1e-9, ..FitSettings::default() }
}

/// One model over one scene, with its memory.
struct Run<'a> {
    scene: &'a Scene,
    pair: Tape,
    pair_columns: Vec<&'a [f64]>,
    body: Option<Tape>,
    body_columns: Vec<&'a [f64]>,
    wrt: Vec<Wrt>,
    /// One column of pair rows for the value and one for each constant.
    pair_out: Vec<Vec<f64>>,
    /// Columns of receivers: the components, then their derivatives.
    body_out: Vec<Vec<f64>>,
    pair_scratch: Scratch<f64>,
    body_scratch: Scratch<f64>,
}

impl<'a> Run<'a> {
    /// `None` if a formula uses a symbol that the scene does not have.
    fn new(model: &Model, scene: &'a Scene) -> Option<Run<'a>> {
        let constants = model.names.len();
        let columns = |exprs: &[Expr], from: &'a BTreeMap<Name, Vec<f64>>| {
            let mut used = BTreeSet::new();
            exprs.iter().for_each(|e| used.extend(e.symbols()));
            let names: Vec<Name> = used.into_iter().filter(|name| !model.is_constant(name)).collect();
            let found: Option<Vec<&'a [f64]>> =
                names.iter().map(|name| from.get(name).map(|column| column.as_slice())).collect();
            found.map(|columns| (names, columns))
        };
        let (pair_names, pair_columns) = columns(std::slice::from_ref(&model.pair), &scene.pair)?;
        let (body_names, body_columns) = columns(&model.body, &scene.body)?;
        let body = if model.body.is_empty() {
            None
        } else {
            Some(Tape::compile(&model.body, &body_names, &model.names).ok()?)
        };
        Some(Run {
            scene,
            pair: Tape::compile(std::slice::from_ref(&model.pair), &pair_names, &model.names).ok()?,
            pair_columns,
            body_columns,
            wrt: (0..constants).map(|k| Wrt::Parameter(k as u16)).collect(),
            pair_out: vec![vec![0.0; scene.rows()]; 1 + constants],
            body_out: if body.is_some() {
                vec![vec![0.0; scene.receivers]; scene.space * (1 + constants)]
            } else {
                vec![]
            },
            body,
            pair_scratch: Scratch::default(),
            body_scratch: Scratch::default(),
        })
    }

    /// Writes (model - target) / scale for each component and receiver and, if asked, its derivatives.
    fn residuals(&mut self, constants: &[f64], out: &mut [f64], jacobian: Option<&mut [f64]>) {
        let derive = jacobian.is_some() && !constants.is_empty();
        let (value, slopes) = self.pair_out.split_at_mut(1);
        let mut slopes: Vec<&mut [f64]> = slopes.iter_mut().map(Vec::as_mut_slice).collect();
        let mut values = [value[0].as_mut_slice()];
        if self.scene.rows() == 0 {
        } else if derive {
            self.pair.eval_with_derivatives(
                &self.pair_columns,
                constants,
                &self.wrt,
                &mut values,
                &mut slopes,
                &mut self.pair_scratch,
            );
        } else {
            self.pair.eval(&self.pair_columns, constants, &mut values, &mut self.pair_scratch);
        }
        if let Some(body) = self.body.as_ref().filter(|_| self.scene.receivers > 0) {
            let (values, slopes) = self.body_out.split_at_mut(self.scene.space);
            let mut values: Vec<&mut [f64]> = values.iter_mut().map(Vec::as_mut_slice).collect();
            let mut slopes: Vec<&mut [f64]> = slopes.iter_mut().map(Vec::as_mut_slice).collect();
            let scratch = &mut self.body_scratch;
            if derive {
                body.eval_with_derivatives(&self.body_columns, constants, &self.wrt, &mut values, &mut slopes, scratch);
            } else {
                body.eval(&self.body_columns, constants, &mut values, scratch);
            }
        }
        let Scene { space, receivers, target, scale, .. } = self.scene;
        for c in 0..*space {
            let alone = self.body_out.get(c);
            let to = &mut out[c * receivers..(c + 1) * receivers];
            self.gather(c, &self.pair_out[0], alone, to);
            for (r, value) in to.iter_mut().enumerate() {
                *value = (*value - target[c][r]) / scale[r];
            }
        }
        if let Some(jacobian) = jacobian.filter(|_| derive) {
            let rows = space * receivers;
            for k in 0..constants.len() {
                for c in 0..*space {
                    let alone = self.body_out.get(space + c * constants.len() + k);
                    let to = &mut jacobian[k * rows + c * receivers..k * rows + (c + 1) * receivers];
                    self.gather(c, &self.pair_out[1 + k], alone, to);
                    to.iter_mut().zip(scale).for_each(|(value, scale)| *value /= scale);
                }
            }
        }
    }

    /// Sums a column of pair rows along component `c` of the directions over each receiver's senders.
    fn gather(&self, c: usize, pair: &[f64], alone: Option<&Vec<f64>>, to: &mut [f64]) {
        let direction = &self.scene.direction[c];
        for (r, value) in to.iter_mut().enumerate() {
            let rows = self.scene.starts[r]..self.scene.starts[r + 1];
            let sum: f64 = pair[rows.clone()].iter().zip(&direction[rows]).map(|(f, u)| f * u).sum();
            *value = sum + alone.map_or(0.0, |column| column[r]);
        }
    }
}
