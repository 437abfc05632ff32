//! Forces of a system as formulas, derived from its energies, and their sums over a configuration.

use super::configuration::{Configuration, Pair};
use crate::expr::{Expr, simplify};
use crate::plan::{SystemPlan, symbols};

/// Formulas of forces by component.
#[derive(Clone, Debug)]
pub struct Forces {
    space: usize,
    /// The energies as declared.
    energies: Vec<(&'static str, Expr)>,
    /// On i and on j from the energy of the pair.
    from_pair: Option<(Vec<Expr>, Vec<Expr>)>,
    /// On i from its own energy.
    from_body: Vec<Expr>,
    /// On i due to j, as declared.
    pair: Vec<Expr>,
    /// On i, as declared.
    body: Vec<Expr>,
}

impl Forces {
    /// The forces of a system.
    pub fn of(plan: &SystemPlan) -> Forces {
        let energies = [("energy(i, j)", &plan.pair_energy), ("energy(i)", &plan.body_energy)];
        let along = |k| Expr::symbol(symbols::displacement(k)) / Expr::symbol(symbols::DISTANCE);
        // From i to j grows the displacement with x_j and shrinks it with x_i.
        let on = |energy: &Expr, who: &str, k: usize, sign: f64| {
            let direct = energy.derivative(&symbols::component(who, "position", k));
            let relative =
                energy.derivative(&symbols::displacement(k)) + energy.derivative(symbols::DISTANCE) * along(k);
            simplify(&-(direct + Expr::number(sign) * relative))
        };
        let all = |energy: &Expr, who: &str, sign: f64| -> Vec<Expr> {
            (0..plan.space).map(|k| on(energy, who, k, sign)).collect()
        };
        Forces {
            space: plan.space,
            from_pair: plan.pair_energy.as_ref().map(|energy| (all(energy, "i", -1.0), all(energy, "j", 1.0))),
            from_body: plan.body_energy.iter().flat_map(|energy| all(energy, "i", 0.0)).collect(),
            pair: plan.pair_force.clone(),
            body: plan.body_force.clone(),
            energies: energies.into_iter().filter_map(|(name, e)| e.clone().map(|e| (name, e))).collect(),
        }
    }

    /// Every formula that must be finite, by the place in the script it comes from.
    pub fn laws(&self) -> Vec<(&'static str, Vec<Expr>)> {
        let mut laws: Vec<(&'static str, Vec<Expr>)> = vec![];
        for (place, energy) in &self.energies {
            let mut all = vec![energy.clone()];
            match *place {
                "energy(i)" => all.extend(self.from_body.clone()),
                _ => all.extend(self.from_pair.iter().flat_map(|(on_i, _)| on_i.clone())),
            }
            laws.push((place, all));
        }
        for (place, law) in [("force(i, j)", &self.pair), ("force(i)", &self.body)] {
            if !law.is_empty() {
                laws.push((place, law.clone()));
            }
        }
        laws
    }

    /// Forces on i and on j of an unordered pair.
    pub fn of_pair(&self, at: &Configuration, pair: Pair) -> (Vec<f64>, Vec<f64>) {
        let mut on = (vec![0.0; self.space], vec![0.0; self.space]);
        if let Some((on_i, on_j)) = &self.from_pair {
            add(&mut on.0, on_i, at, pair);
            add(&mut on.1, on_j, at, pair);
        }
        add(&mut on.0, &self.pair, at, pair);
        add(&mut on.1, &self.pair, at, pair.swapped());
        on
    }

    /// The total force on one body.
    pub fn on_body(&self, at: &Configuration, body: usize) -> Vec<f64> {
        let mut total = vec![0.0; self.space];
        for pair in at.linked() {
            let derived = self.from_pair.as_ref();
            let (law, mine) = match () {
                () if body == pair.i => (derived.map(|(on_i, _)| on_i), pair),
                () if body == pair.j => (derived.map(|(_, on_j)| on_j), pair.swapped()),
                () => continue,
            };
            if let Some(law) = law {
                add(&mut total, law, at, pair);
            }
            add(&mut total, &self.pair, at, mine);
        }
        let own = Pair { i: body, j: body };
        add(&mut total, &self.from_body, at, own);
        add(&mut total, &self.body, at, own);
        total
    }

    /// The total force on each body, and the sum of the sizes of its parts.
    pub fn on_bodies(&self, at: &Configuration) -> (Vec<Vec<f64>>, f64) {
        let mut total = vec![vec![0.0; self.space]; at.particles];
        let mut scale = 0.0;
        for pair in at.linked() {
            let (on_i, on_j) = self.of_pair(at, pair);
            for (body, force) in [(pair.i, on_i), (pair.j, on_j)] {
                for (sum, f) in total[body].iter_mut().zip(force) {
                    *sum += f;
                    scale += f.abs();
                }
            }
        }
        for (body, sum) in total.iter_mut().enumerate() {
            let own = Pair { i: body, j: body };
            let before = sum.clone();
            add(sum, &self.from_body, at, own);
            add(sum, &self.body, at, own);
            scale += sum.iter().zip(before).map(|(now, before)| (now - before).abs()).sum::<f64>();
        }
        (total, scale)
    }

    /// The largest component of the total force, with the scale of its parts.
    pub fn total(&self, at: &Configuration) -> (f64, f64) {
        let (forces, scale) = self.on_bodies(at);
        let sums = (0..self.space).map(|k| forces.iter().map(|force| force[k]).sum::<f64>());
        (largest(sums), scale)
    }

    /// The largest component of the total torque about the origin, with the scale of its parts.
    pub fn torque(&self, at: &Configuration) -> (f64, f64) {
        let (forces, _) = self.on_bodies(at);
        let mut scale = 0.0;
        let mut sums = vec![];
        for (a, b) in (0..self.space).flat_map(|a| (a + 1..self.space).map(move |b| (a, b))) {
            let mut sum = 0.0;
            for (x, f) in at.position.iter().zip(&forces) {
                sum += x[a] * f[b] - x[b] * f[a];
                scale += (x[a] * f[b]).abs() + (x[b] * f[a]).abs();
            }
            sums.push(sum);
        }
        (largest(sums), scale)
    }

    /// The rate at which the total energy changes, with the scale of its parts: the power of declared forces, and the
    /// work that accelerations do on energies that depend on velocities.
    pub fn power(&self, at: &Configuration) -> (f64, f64) {
        let (forces, _) = self.on_bodies(at);
        let (mut rate, mut scale) = (0.0, 0.0);
        let mut count = |part: f64| {
            rate += part;
            scale += part.abs();
        };
        for (body, velocity) in at.velocity.iter().enumerate() {
            let own = Pair { i: body, j: body };
            let mut declared = vec![0.0; self.space];
            add(&mut declared, &self.body, at, own);
            for pair in at.linked().into_iter().flat_map(|pair| [pair, pair.swapped()]).filter(|pair| pair.i == body) {
                add(&mut declared, &self.pair, at, pair);
            }
            declared.iter().zip(velocity).for_each(|(f, v)| count(f * v));
        }
        for (place, energy) in &self.energies {
            let pairs = match *place {
                "energy(i)" => (0..at.particles).map(|i| Pair { i, j: i }).collect(),
                _ => at.linked(),
            };
            for (who, k) in ["i", "j"].into_iter().flat_map(|who| (0..self.space).map(move |k| (who, k))) {
                let slope = energy.derivative(&symbols::component(who, "velocity", k));
                if slope.as_number() == Some(0.0) {
                    continue;
                }
                for pair in &pairs {
                    let body = if who == "i" { pair.i } else { pair.j };
                    count(at.value(&slope, *pair) * forces[body][k] / at.mass(body));
                }
            }
        }
        // Nothing at all is measured against the power of all forces.
        let usual: f64 =
            forces.iter().zip(&at.velocity).flat_map(|(f, v)| f.iter().zip(v).map(|(f, v)| (f * v).abs())).sum();
        (rate, scale.max(usual))
    }
}

fn add(sum: &mut [f64], law: &[Expr], at: &Configuration, pair: Pair) {
    for (sum, component) in sum.iter_mut().zip(law) {
        *sum += at.value(component, pair);
    }
}

fn largest(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(0.0, |most: f64, value| if value.abs() > most.abs() { value } else { most })
}
