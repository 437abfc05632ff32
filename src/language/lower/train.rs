//! `train` with its network and prior.

use super::Lowering;
use super::data::{Bodies, LoweredData};
use crate::base::{Diagnostic, Name, Span};
use crate::language::fields::Fields;
use crate::language::help;
use crate::language::value::{Item, Value};
use crate::plan::{
    Activation, Bias, Combine, Device, Dynamics, Feature, Loss, MessagePrior, NetworkPlan, NodeModel, Optimizer,
    Precision, Predict, PriorPlan, PruneSchedule, SystemPlan, TrainPlan,
};
use std::collections::BTreeSet;

impl<'a> Lowering<'a> {
    /// Adds a training with the data and system it needs to the plan, and gives its name there; `None` if it has
    /// mistakes.
    pub fn train(&mut self, item: &Item<'a>) -> Option<Name> {
        let name = self.name(item);
        if self.plan.trains.contains_key(&name) {
            return Some(name);
        }
        let mut fields = self.checker.fields(item)?;
        let data = self.checker.item(&fields, "data");
        let data = data.and_then(|data| self.data(&data));
        let bodies = data.as_ref().and_then(|data| data.bodies.as_ref());
        if let Some(bodies) = bodies {
            (fields.time, fields.length) = (bodies.time, bodies.length);
        }
        let space = bodies.map(|bodies| bodies.space);
        let network_item = self.checker.item(&fields, "network");
        let network = network_item.as_ref().and_then(|network| self.network(network, space));
        let prior_item = self.checker.item(&fields, "prior");
        let prior = prior_item.as_ref().and_then(|prior| self.prior(prior, space));
        let epochs = self.checker.count(&fields, "epochs")? as usize;
        let batch = self.checker.count(&fields, "batch")? as usize;
        let rate = self.checker.number(&fields, "rate")?;
        let augment = fields.given("augment").and_then(|_| self.checker.number(&fields, "augment"));
        let loss = self.checker.form(&fields, "loss")?;
        let loss = match loss.name {
            "mse" => Loss::Mse,
            "huber" => Loss::Huber(loss.numbers[0]),
            "relative" => Loss::Relative,
            _ => Loss::Mae,
        };
        let clip = self.checker.number(&fields, "clip")?;
        let stop = self.checker.count(&fields, "stop")? as usize;
        let seeds = self.checker.count(&fields, "seeds")? as usize;
        let device = match self.checker.form(&fields, "device")?.name {
            "flex" => Device::Flex,
            "ndarray" => Device::Ndarray,
            _ => Device::Cpu,
        };
        let seed = self.seed(&fields, &name);
        let (data, mut network) = (data?, network?);
        if let (Some(bodies), Some(network_item)) = (&data.bodies, &network_item) {
            network.sees = self.fit_of(bodies, &network, network_item)?;
        } else if network.predict == Predict::Acceleration {
            self.checker.report(
                Diagnostic::new("E0208", format!("`{}` tells of no motion to train a network on", data.name))
                    .at(fields.span("data"), "a table")
                    .note("rows are bodies at a time where a column is named for both")
                    .help("add `time = t`, `particle = body` and `column position = x, y` to it"),
            );
            return None;
        }
        let mut prior = prior?;
        if let (MessagePrior::Width(width), Dynamics::Direct) = (prior.messages, network.dynamics) {
            network.message = width;
        }
        if let (Some(system), Some(network_item)) = (&data.system, &network_item)
            && self.compared.insert((system.plan.name.clone(), network_item.name.clone(), network.message))
        {
            self.biases(&system.plan, &network, network_item);
        }
        if !item.complete {
            return None;
        }
        if let (Some(_), Some(network_item)) = (&data.system, &network_item)
            && !network.learns.is_empty()
            && data.plan.runs > 1
        {
            self.checker.report(
                Diagnostic::new("E0207", "what is learned of the bodies of one run is not true of those of another")
                    .at(fields.span("network"), format!("`{}` learns numbers of bodies", network_item.name))
                    .note(format!("each of the {} runs of `{}` has bodies of its own", data.plan.runs, data.name))
                    .help("write `runs = 1` in the data: a single run is split in time"),
            );
            return None;
        }
        // An energy of a pair is one number: there is nothing to prune.
        if let MessagePrior::Prune { to, .. } = &mut prior.messages
            && network.dynamics == Dynamics::Hamiltonian
        {
            *to = (*to).min(network.message);
        }
        if let MessagePrior::Prune { to, .. } = prior.messages
            && to > network.message
        {
            let span = fields.span("prior");
            self.checker.report(
                Diagnostic::new(
                    "E0207",
                    format!("`prune` cannot leave {to} of {} message components", network.message),
                )
                .at(span, ""),
            );
            return None;
        }
        let augment = augment.unwrap_or(if network.bias.contains(&Bias::Translation) { 0.0 } else { 3.0 });
        let plan = TrainPlan {
            data: data.name.clone(),
            network,
            prior,
            epochs,
            batch,
            optimizer: Optimizer::Adam,
            rate,
            augment,
            loss,
            clip,
            stop,
            seed,
            seeds,
            precision: Precision::F32,
            device,
        };
        self.add_data(data);
        self.plan.trains.insert(name.clone(), plan);
        Some(name)
    }

    /// Adds a data set and its system to the plan.
    pub fn add_data(&mut self, data: LoweredData) {
        if let Some(system) = &data.system {
            self.plan.systems.insert(system.plan.name.clone(), system.plan.clone());
        }
        self.plan.data.insert(data.name, data.plan);
    }

    /// The network that an item is, in a space of so many dimensions where that is known.
    pub fn network(&mut self, item: &Item<'a>, space: Option<usize>) -> Option<NetworkPlan> {
        self.name(item);
        let mut fields = self.checker.fields(item)?;
        with_space(&mut fields, space);
        let predict = match self.checker.form(&fields, "predict")?.name {
            "target" => {
                self.not_yet("a network that predicts a target column", fields.span("predict"));
                Predict::Target
            }
            _ => Predict::Acceleration,
        };
        let sees = self.checker.names(&fields, "sees");
        let sees = sees.into_iter().map(|(name, _)| feature(&name)).collect();
        let learns: Vec<(String, Span)> = self.checker.names(&fields, "learns");
        for (name, span) in learns.iter().filter(|(name, _)| matches!(name.as_str(), "position" | "velocity" | "index"))
        {
            self.checker.report(
                Diagnostic::new("E0206", format!("`{name}` is no attribute that could be learned"))
                    .at(*span, "it changes in time, or is known")
                    .help("what is learned is one number for each body: `learns = mass`"),
            );
        }
        let edge = widths(&self.checker.form(&fields, "edge")?.numbers);
        let node = self.checker.form(&fields, "node")?;
        let node = match node.name {
            "newton" => NodeModel::Newton,
            "none" => NodeModel::None,
            _ => NodeModel::Mlp(widths(&node.numbers)),
        };
        let hamiltonian = self.checker.form(&fields, "dynamics")?.name == "hamiltonian";
        // The energy of a pair is one number.
        let message = match fields.given("message") {
            None if hamiltonian => 1,
            _ => self.checker.count(&fields, "message")? as usize,
        };
        let combine = match self.checker.form(&fields, "combine")?.name {
            "mean" => Combine::Mean,
            "max" => Combine::Max,
            _ => Combine::Sum,
        };
        let activation = match self.checker.form(&fields, "activation")?.name {
            "relu" => Activation::Relu,
            "softplus" => Activation::Softplus,
            "tanh" => Activation::Tanh,
            _ => Activation::Silu,
        };
        let bias: BTreeSet<Bias> = self
            .checker
            .words(&fields, "bias")
            .into_iter()
            .map(|word| match word {
                "translation" => Bias::Translation,
                "rotation" => Bias::Rotation,
                "superposition" => Bias::Superposition,
                _ => Bias::ThirdLaw,
            })
            .collect();
        let dynamics = if hamiltonian { Dynamics::Hamiltonian } else { Dynamics::Direct };
        let learns = learns.into_iter().map(|(name, _)| name.into()).collect();
        Some(NetworkPlan { predict, sees, learns, edge, node, message, combine, activation, bias, dynamics })
    }

    /// The prior that an item is.
    pub fn prior(&mut self, item: &Item<'a>, space: Option<usize>) -> Option<PriorPlan> {
        self.name(item);
        let mut fields = self.checker.fields(item)?;
        with_space(&mut fields, space);
        let chosen = self.checker.form(&fields, "messages")?;
        let messages = match chosen.name {
            "l1" => MessagePrior::L1(chosen.numbers[0]),
            "kl" => MessagePrior::Kl(chosen.numbers[0]),
            "width" => MessagePrior::Width(chosen.numbers[0] as usize),
            "prune" => MessagePrior::Prune {
                to: chosen.numbers[0] as usize,
                by: chosen.numbers[1],
                schedule: match chosen.word {
                    "linear" => PruneSchedule::Linear,
                    "exponential" => PruneSchedule::Exponential,
                    _ => PruneSchedule::Cosine,
                },
            },
            _ => MessagePrior::None,
        };
        let weights = self.checker.form(&fields, "weights")?;
        let weights_l2 = weights.numbers.first().copied().unwrap_or(0.0);
        let third_law = self.checker.number(&fields, "third_law")?;
        Some(PriorPlan { messages, weights_l2, third_law })
    }

    /// What the network sees of these bodies; an attribute that they lack is an error, except that the default
    /// list leaves it out.
    fn fit_of(&mut self, bodies: &Bodies, network: &NetworkPlan, item: &Item<'a>) -> Option<Vec<Feature>> {
        let written = item.block.entries.iter().find_map(|entry| match entry {
            crate::language::tree::Entry::Field(field) if field.key.text == "sees" => Some(field),
            _ => None,
        });
        let mut sees = vec![];
        let mut sound = true;
        for (position, feature) in network.sees.iter().enumerate() {
            let Feature::Attribute(name) = feature else {
                sees.push(feature.clone());
                continue;
            };
            if bodies.attributes.contains(name) {
                sees.push(feature.clone());
            } else if let Some(field) = written {
                let mut all: Vec<&str> = bodies.attributes.iter().map(Name::as_str).collect();
                all.extend(["position", "velocity"]);
                let span = field.values.get(position).map_or(field.span, |term| term.span);
                let mut finding = Diagnostic::new("E0213", format!("bodies of `{}` have no `{name}`", bodies.of))
                    .at(span, "neither drawn in a system nor a column")
                    .help(help::mend(name, all.iter().copied()));
                if let Some(near) = help::nearest(name, all.iter().copied()) {
                    finding = finding.fix(format!("write `{near}`"), span, near);
                }
                self.checker.report(finding);
                sound = false;
            }
        }
        if sound && !sees.contains(&Feature::Position) && !network.bias.contains(&Bias::Translation) {
            let span = written.map_or(item.block.name.span, |field| field.span);
            self.checker.report(
                Diagnostic::new("W0501", "the network does not see `position`: it cannot know any distance")
                    .at(span, "")
                    .help("add `position` to `sees`"),
            );
        }
        sound.then_some(sees)
    }

    /// Warns of a network that cannot express the declared law.
    fn biases(&mut self, system: &SystemPlan, network: &NetworkPlan, item: &Item<'a>) {
        let laws =
            system.pair_energy.iter().chain(&system.body_energy).chain(&system.pair_force).chain(&system.body_force);
        let symbols: BTreeSet<Name> = laws.flat_map(|law| law.symbols()).collect();
        let uses = |what: &str| symbols.iter().any(|name| name.split('.').nth(1) == Some(what));
        let place = |key: &str| {
            item.block
                .entries
                .iter()
                .find_map(|entry| match entry {
                    crate::language::tree::Entry::Field(field) if field.key.text == key => Some(field.span),
                    _ => None,
                })
                .unwrap_or(item.block.name.span)
        };
        let body_law = system.body_energy.is_some() || !system.body_force.is_empty();
        let mut warn = |key: &str, headline: String, help: &str| {
            self.checker.report(Diagnostic::new("W0501", headline).at(place(key), "").help(help));
        };
        for attribute in &system.attributes {
            let name = &attribute.name;
            let seen = network.sees.contains(&Feature::Attribute(name.clone())) || network.learns.contains(name);
            if uses(name) && !seen {
                warn(
                    "sees",
                    format!("the law of `{}` uses `{name}`, which the network does not see", system.name),
                    "add it to `sees`",
                );
            }
        }
        if uses("velocity") && !network.sees.contains(&Feature::Velocity) {
            warn(
                "sees",
                format!("the law of `{}` uses `velocity`, which the network does not see", system.name),
                "add it to `sees`",
            );
        }
        if network.bias.contains(&Bias::Translation) && uses("position") {
            warn(
                "bias",
                format!(
                    "`translation` cannot express the law of `{}`, which depends on absolute positions",
                    system.name
                ),
                "leave `translation` out",
            );
        }
        let pair_law = system.pair_energy.is_some() || !system.pair_force.is_empty();
        let direct = network.dynamics == Dynamics::Direct;
        if pair_law && direct && network.message < system.space {
            warn(
                "message",
                format!(
                    "a message of {} cannot carry a force of {} components",
                    counted(network.message, "component"),
                    system.space
                ),
                "use `message = space` or more",
            );
        }
        if pair_law && network.combine == Combine::Max && system.particles > 2 {
            warn(
                "combine",
                format!("`combine = max` cannot express the law of `{}`, whose forces add up", system.name),
                "use `combine = sum`",
            );
        }
        if network.node == NodeModel::Newton && body_law {
            warn(
                "node",
                format!("`node = newton` is the sum of messages alone; `{}` has a law of single bodies", system.name),
                "use `node = mlp(…)`",
            );
        }
        if network.bias.contains(&Bias::Rotation) && !crate::language::physics::is_isotropic(system) {
            warn(
                "bias",
                format!("`rotation` cannot express the law of `{}`, which prefers a direction", system.name),
                "leave `rotation` out",
            );
        }
        if network.bias.contains(&Bias::ThirdLaw) && !crate::language::physics::obeys_third_law(system) {
            warn(
                "bias",
                format!(
                    "`third_law` cannot express the law of `{}`: its forces are not equal and opposite",
                    system.name
                ),
                "leave `third_law` out",
            );
        }
    }
}

/// Makes `space` a name in a block's values, known or not.
fn with_space(fields: &mut Fields<'_>, space: Option<usize>) {
    let value = space.map_or(Value::Unknown, |space| Value::number(space as f64));
    fields.scope = fields.scope.with([("space".to_owned(), value)]);
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn widths(numbers: &[f64]) -> Vec<usize> {
    numbers.iter().map(|width| *width as usize).collect()
}

fn feature(name: &str) -> Feature {
    match name {
        "position" => Feature::Position,
        "velocity" => Feature::Velocity,
        _ => Feature::Attribute(name.into()),
    }
}
