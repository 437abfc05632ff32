//! `system`: what is drawn, and energies and forces over the canonical symbols.

use super::Lowering;
use crate::base::{Diagnostic, Name, Span};
use crate::expr::Expr;
use crate::language::fields::Fields;
use crate::language::tree::{Definition, Entry};
use crate::language::units::{self, Dimension};
use crate::language::value::{Frame, Item, Place, Quantity, Scope, Value};
use crate::plan::{Attribute, Boundary, Conserved, Draw, Links, SystemPlan};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A system with what only the language knows of it.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The plan's part.
    pub plan: SystemPlan,
    /// What times are measured in.
    pub time: Dimension,
    /// What lengths are measured in.
    pub length: Dimension,
    /// What its laws may speak of.
    pub frame: Rc<Frame>,
    /// Places of its laws and fields: `energy(i, j)`, `conserves` ….
    pub places: BTreeMap<&'static str, Span>,
    /// The shortest period of its motion, once it was asked for.
    pub period: OnceCell<Option<f64>>,
}

impl<'a> Lowering<'a> {
    /// The system that an item is, lowered once for each set of arguments; `None` if it has mistakes.
    pub fn system(&mut self, item: &Item<'a>) -> Option<Rc<Lowered>> {
        let name = self.name(item);
        if let Some(done) = self.systems.get(&name) {
            return done.clone();
        }
        let before = self.checker.found.len();
        let lowered = self.lower_system(item, &name);
        let sound = !self.checker.found[before..].iter().any(Diagnostic::is_error)
            && item.complete
            && !self.checker.modules.is_unreadable(item.block);
        let lowered = lowered.filter(|_| sound).map(Rc::new);
        if let Some(lowered) = &lowered {
            let findings = crate::language::physics::check(lowered);
            let broken = findings.iter().any(Diagnostic::is_error);
            self.checker.found.extend(findings);
            if broken {
                self.systems.insert(name, None);
                return None;
            }
        }
        self.systems.insert(name, lowered.clone());
        lowered
    }

    fn lower_system(&mut self, item: &Item<'a>, name: &Name) -> Option<Lowered> {
        let mut fields = self.checker.fields(item)?;
        let space = self.checker.count(&fields, "space")? as usize;
        let particles = self.checker.count(&fields, "particles")? as usize;
        let mut places = BTreeMap::from([("name", item.block.name.span)]);
        let state = self.state(item, &fields, space);
        fields.length = state.position.1;
        fields.time = state.position.1.over(state.velocity.1);
        let frame = Rc::new(Frame {
            space,
            attributes: state.attributes.iter().map(|(a, dimension)| (a.name.to_string(), *dimension)).collect(),
            position: state.position.1,
            velocity: state.velocity.1,
        });
        let laws = self.laws(item, &fields, &frame, &mut places);
        let (links, boundary) = (self.links(&fields)?, self.boundary(&fields)?);
        let conserves = self.checker.words(&fields, "conserves");
        for term in self.checker.values(&fields, "conserves") {
            if let Some(word) =
                conserves.iter().find(|word| crate::language::read::path(term).as_deref() == Some(**word))
            {
                places.insert(word, term.span);
            }
        }
        let conserves = conserves
            .into_iter()
            .map(|word| match word {
                "energy" => Conserved::Energy,
                "momentum" => Conserved::Momentum,
                _ => Conserved::AngularMomentum,
            })
            .collect();
        let dt = fields.given("dt").and_then(|_| self.checker.number(&fields, "dt"));
        let plan = SystemPlan {
            name: name.clone(),
            space,
            particles,
            links,
            boundary,
            attributes: state.attributes.into_iter().map(|(attribute, _)| attribute).collect(),
            position: state.position.0,
            velocity: state.velocity.0,
            pair_energy: laws.pair_energy,
            body_energy: laws.body_energy,
            pair_force: laws.pair_force,
            body_force: laws.body_force,
            conserves,
            dt,
        };
        Some(Lowered { plan, time: fields.time, length: fields.length, frame, places, period: OnceCell::new() })
    }

    /// Which pairs act on each other.
    pub(super) fn links(&mut self, fields: &Fields<'a>) -> Option<Links> {
        let links = self.checker.form(fields, "links")?;
        Some(match links.name {
            "chain" => Links::Chain,
            "ring" => Links::Ring,
            "within" => Links::Within(links.numbers[0]),
            "nearest" => Links::Nearest(links.numbers[0] as usize),
            _ => Links::All,
        })
    }

    /// The space that bodies move in.
    pub(super) fn boundary(&mut self, fields: &Fields<'a>) -> Option<Boundary> {
        let boundary = self.checker.form(fields, "box")?;
        Some(match boundary.name {
            "periodic" => Boundary::Periodic(boundary.numbers[0]),
            _ => Boundary::Open,
        })
    }

    /// What `~` lines draw.
    fn state(&mut self, item: &Item<'a>, fields: &Fields<'a>, space: usize) -> State {
        let mut state = State {
            attributes: vec![],
            position: (vec![], Dimension::NONE),
            velocity: (vec![still(); space], Dimension::NONE),
        };
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for entry in &item.block.entries {
            let Entry::Draw(draw) = entry else { continue };
            let name = draw.name.text.as_str();
            if let Some(before) = seen.insert(name, draw.name.span) {
                self.checker.report(crate::language::resolve::twice(&draw.name, before));
                continue;
            }
            if name == "index" {
                self.checker.report(
                    Diagnostic::new("E0205", "`index` is built in").at(draw.name.span, "every body has one already"),
                );
                continue;
            }
            let vector = matches!(name, "position" | "velocity");
            let (draws, dimension) = self.draw(draw, fields, if vector { space } else { 1 }, vector);
            match name {
                "position" => state.position = (draws, dimension),
                "velocity" => state.velocity = (draws, dimension),
                _ => {
                    let draw = draws.into_iter().next().unwrap_or_else(still);
                    state.attributes.push((Attribute { name: name.into(), draw }, dimension));
                }
            }
        }
        if !seen.contains_key("position") && !self.checker.modules.is_unreadable(item.block) {
            self.checker.report(
                Diagnostic::new("E0208", format!("system `{}` needs `position`", item.block.name.text))
                    .at(item.block.name.span, "no position is drawn")
                    .help("add `position ~ normal(0, 1)`"),
            );
        }
        if !seen.contains_key("velocity") {
            // At rest: the unit of velocities is that of positions per second where positions have one.
            state.velocity.1 = state.position.1.over(second_where(state.position.1));
        }
        state
    }

    /// One `~` line: `count` draws with their dimension.
    fn draw(
        &mut self,
        line: &'a Definition,
        fields: &Fields<'a>,
        count: usize,
        vector: bool,
    ) -> (Vec<Draw>, Dimension) {
        self.checker.draws.clear();
        let scope = fields.scope.at(Place::Draw);
        let value = self.checker.eval(&line.value, &scope);
        if line.unit.is_none() {
            self.checker.infer(line.name.span, &value);
        }
        let value = self.checker.with_unit(value, line.unit.as_ref(), line.value.span);
        let draws = std::mem::take(&mut self.checker.draws);
        let declared = line.unit.as_ref().and_then(|term| units::unit(term).ok()).map(|unit| unit.dimension);
        let parts: Vec<Quantity> = match value {
            Value::Vector(parts) if vector && parts.len() == count => parts,
            Value::Vector(parts) if vector => {
                self.checker.report(
                    Diagnostic::new("E0214", format!("`{}` has {count} components", line.name.text))
                        .at(line.value.span, format!("{} here", parts.len())),
                );
                vec![]
            }
            value => match self.checker.scalar(value, line.value.span) {
                Some(q) => vec![q; count],
                None => vec![],
            },
        };
        let dimension = declared.or_else(|| parts.iter().find_map(|q| q.dimension)).unwrap_or_default();
        let shared = parts.len() > 1
            && parts.windows(2).any(|pair| pair[0].expr != pair[1].expr && shares_draw(&pair[0].expr, &pair[1].expr));
        if shared {
            self.checker.report(
                Diagnostic::new("E0206", "components of a vector cannot share a draw")
                    .at(line.value.span, "")
                    .help("draw each component by itself"),
            );
        }
        let drawn = parts
            .into_iter()
            .map(|q| {
                let symbols = q.expr.symbols();
                let used: Vec<usize> =
                    (0..draws.len()).filter(|k| symbols.contains(format!("${k}").as_str())).collect();
                let renamed: BTreeMap<Name, Expr> = used
                    .iter()
                    .enumerate()
                    .map(|(new, old)| (Name::from(format!("${old}")), Expr::symbol(format!("${new}"))))
                    .collect();
                Draw { value: q.expr.substitute(&renamed), draws: used.iter().map(|k| draws[*k].clone()).collect() }
            })
            .collect();
        (drawn, dimension)
    }

    /// Energies and forces.
    fn laws(
        &mut self,
        item: &Item<'a>,
        fields: &Fields<'a>,
        frame: &Frame,
        places: &mut BTreeMap<&'static str, Span>,
    ) -> Laws {
        let mut laws = Laws::default();
        let mass = frame.attributes.get("mass").copied().unwrap_or_default();
        let energy = mass.times(frame.velocity).times(frame.velocity);
        let force = energy.over(frame.position);
        for entry in &item.block.entries {
            let Entry::Definition(law) = entry else { continue };
            let params = law.params.as_deref().unwrap_or(&[]);
            let (place, pair) = match (law.name.text.as_str(), params.len()) {
                ("energy", 1) => ("energy(i)", false),
                ("energy", 2) => ("energy(i, j)", true),
                ("force", 1) => ("force(i)", false),
                ("force", 2) => ("force(i, j)", true),
                _ => continue,
            };
            if let Some(before) = places.insert(place, law.span) {
                self.checker.report(
                    Diagnostic::new("E0203", format!("`{place}` is defined twice"))
                        .at(law.name.span, "again here")
                        .at(before, "first here")
                        .help("add both in one formula"),
                );
                continue;
            }
            if pair && params[0].name.text == params[1].name.text {
                self.checker.report(crate::language::resolve::twice(&params[1].name, params[0].name.span));
                continue;
            }
            let scope: Scope<'a> = fields.scope.at(Place::Law(Rc::new(frame.clone())));
            let scope = scope
                .with(params.iter().zip(["i", "j"]).map(|(param, who)| (param.name.text.clone(), Value::Body(who))));
            let value = self.checker.eval(&law.value, &scope);
            if law.unit.is_none() {
                self.checker.infer(law.name.span, &value);
            }
            let value = self.checker.with_unit(value, law.unit.as_ref(), law.value.span);
            if matches!(value, Value::Unknown) {
                continue;
            }
            if law.name.text == "energy" {
                if let Value::Vector(parts) = &value {
                    self.checker.report(
                        Diagnostic::new("E0214", "an energy is a number, not a vector")
                            .at(law.value.span, format!("has {} components", parts.len()))
                            .help("take `norm(…)`, `dot(…, …)` or a component such as `.x`"),
                    );
                    continue;
                }
                let Some(q) = self.checker.scalar(value, law.value.span) else { continue };
                self.same(q.dimension, energy, law, "an energy", "mass * velocity^2");
                *(if pair { &mut laws.pair_energy } else { &mut laws.body_energy }) = Some(q.expr);
            } else {
                let parts = match value {
                    Value::Vector(parts) if parts.len() == frame.space => parts,
                    Value::Scalar(q) if frame.space == 1 || q.expr.as_number() == Some(0.0) => vec![q; frame.space],
                    other => {
                        let what = other.what();
                        let wrong_length = matches!(other, Value::Vector(_));
                        self.checker.report(
                            Diagnostic::new("E0214", format!("a force is a vector of {} components", frame.space))
                                .at(law.value.span, what)
                                .help(if wrong_length {
                                    "as many as the system's `space` says"
                                } else if pair {
                                    "multiply its size by `direction(i, j)`, which points from i to j"
                                } else {
                                    "build it from `i.velocity`, `i.position` or `vector(…)`"
                                }),
                        );
                        continue;
                    }
                };
                for q in &parts {
                    if !self.same(q.dimension, force, law, "a force", "mass * velocity^2 / position") {
                        break;
                    }
                }
                let exprs = parts.into_iter().map(|q| q.expr).collect();
                *(if pair { &mut laws.pair_force } else { &mut laws.body_force }) = exprs;
            }
        }
        laws
    }

    fn same(&mut self, own: Option<Dimension>, wanted: Dimension, law: &Definition, what: &str, made: &str) -> bool {
        let Some(own) = own.filter(|own| *own != wanted) else { return true };
        let lacking = wanted.over(own);
        self.checker.report(
            Diagnostic::new("E0302", format!("{what} is in {wanted} here, but this is in {own}"))
                .at(law.value.span, format!("in {own}"))
                .note(format!("{what} has the unit of {made}, from the units of the system's bodies"))
                .help(format!("it lacks a factor in {lacking}")),
        );
        false
    }
}

struct State {
    attributes: Vec<(Attribute, Dimension)>,
    position: (Vec<Draw>, Dimension),
    velocity: (Vec<Draw>, Dimension),
}

#[derive(Default)]
struct Laws {
    pair_energy: Option<Expr>,
    body_energy: Option<Expr>,
    pair_force: Vec<Expr>,
    body_force: Vec<Expr>,
}

/// Always 0.
fn still() -> Draw {
    Draw { value: Expr::number(0.0), draws: vec![] }
}

/// The dimension of time where lengths have one.
fn second_where(length: Dimension) -> Dimension {
    if length.is_none() { length } else { units::SECOND }
}

fn shares_draw(a: &Expr, b: &Expr) -> bool {
    let drawn = |e: &Expr| -> BTreeSet<Name> { e.symbols().into_iter().filter(|name| name.starts_with('$')).collect() };
    drawn(a).intersection(&drawn(b)).next().is_some()
}
