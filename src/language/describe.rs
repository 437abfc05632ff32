//! A plan with all its defaults, as text. As JSON it is the plan itself (`serde`).

use super::schema::{self, Default, Extra};
use crate::expr::print::typeset;
use crate::plan::{DataSource, DistillSource, Draw, Plan, SystemPlan};
use std::fmt::Write as _;

/// The plan as pretty JSON, ended by a line end. Names and order are those of [`Plan`].
pub fn json(plan: &Plan) -> String {
    serde_json::to_string_pretty(plan).expect("plan data has no non-string keys") + "\n"
}

/// The plan in a few lines for each part.
pub fn text(plan: &Plan) -> String {
    let mut out = format!("seed {}\n", plan.seed);
    for system in plan.systems.values() {
        out.push_str(&describe_system(system));
    }
    for (name, data) in &plan.data {
        let from = match &data.from {
            DataSource::System(system) => system.to_string(),
            DataSource::File(file) => format!("{:?}", file.path),
        };
        let size =
            format!("{} runs of {} steps, dt = {}, every {}", data.runs, data.steps, data.dt, ordinal(data.keep));
        let _ = writeln!(out, "\ndata {name}\n  from {from}: {size} kept");
        let split = [data.split.train, data.split.validation, data.split.test]
            .map(|share| format!("{}%", (share * 1e4).round() / 100.0));
        let _ = writeln!(out, "  split {}, trim {}, noise {:?}", split.join(" / "), data.trim, data.noise);
        let _ = writeln!(out, "  tolerance {:e}, seed {}", data.tolerance, data.seed);
    }
    for (name, train) in &plan.trains {
        let network = &train.network;
        let _ =
            writeln!(out, "\ntrain {name}\n  data {}, {} epochs, batches of {}", train.data, train.epochs, train.batch);
        let _ = writeln!(
            out,
            "  {:?} at {:e}, loss {:?}, augment {}, clip {}, seed {}",
            train.optimizer, train.rate, train.loss, train.augment, train.clip, train.seed
        );
        let _ = writeln!(
            out,
            "  edge {:?}, node {:?}, {} messages, {:?}, {:?}",
            network.edge, network.node, network.message, network.combine, network.activation
        );
        let _ = writeln!(out, "  sees {:?}, bias {:?}", network.sees, network.bias);
        let _ = writeln!(
            out,
            "  prior: messages {:?}, weights {}, third law {}",
            train.prior.messages, train.prior.weights_l2, train.prior.third_law
        );
    }
    for (name, distill) in &plan.distills {
        let of = match &distill.of {
            DistillSource::Fit(fit) => fit.to_string(),
            DistillSource::Column { data, column } => format!("{data}.{column}"),
        };
        let allowed: Vec<String> = distill
            .operators
            .allow
            .iter()
            .map(|allowed| format!("{} ({})", allowed.op.info().name, allowed.cost))
            .collect();
        let _ = writeln!(out, "\ndistill {name}\n  of {of}, operators (cost): {}", allowed.join(", "));
        let _ = writeln!(
            out,
            "  loss {:?}, budget {:?}, choose {:?}, refit {:?}, seed {}",
            distill.loss, distill.budget, distill.choose, distill.refit, distill.seed
        );
    }
    for expect in &plan.expects {
        let _ = writeln!(out, "\nexpect {}", expect.text);
    }
    out
}

fn describe_system(system: &SystemPlan) -> String {
    let mut out = format!(
        "\nsystem {}\n  {} bodies in {}D, links {:?}, box {:?}\n",
        system.name, system.particles, system.space, system.links, system.boundary
    );
    let attributes = system.attributes.iter().map(|attribute| (attribute.name.as_str(), &attribute.draw));
    let vectors = system.position.first().map(|draw| ("position", draw)).into_iter();
    let vectors = vectors.chain(system.velocity.first().map(|draw| ("velocity", draw)));
    for (name, draw) in attributes.chain(vectors) {
        let _ = writeln!(out, "  {name} ~ {}", drawn(draw));
    }
    for (place, law) in [("energy(i, j)", &system.pair_energy), ("energy(i)", &system.body_energy)] {
        if let Some(law) = law {
            let _ = writeln!(out, "  {place} = {}", typeset::line(law));
        }
    }
    for (place, law) in [("force(i, j)", &system.pair_force), ("force(i)", &system.body_force)] {
        if !law.is_empty() {
            let parts: Vec<String> = law.iter().map(typeset::line).collect();
            let _ = writeln!(out, "  {place} = ({})", parts.join(", "));
        }
    }
    out
}

fn drawn(draw: &Draw) -> String {
    let mut text = draw.value.to_string();
    for (index, distribution) in draw.draws.iter().enumerate().rev() {
        text = text.replace(&format!("${index}"), &format!("{distribution:?}"));
    }
    text
}

fn ordinal(n: usize) -> String {
    match (n % 10, n % 100) {
        _ if n == 1 => "one".into(),
        (1, 11) | (2, 12) | (3, 13) => format!("{n}th"),
        (1, _) => format!("{n}st"),
        (2, _) => format!("{n}nd"),
        (3, _) => format!("{n}rd"),
        _ => format!("{n}th"),
    }
}

/// Help on a kind of block: what it is, and every field with its default.
pub fn help(kind: &str) -> Option<String> {
    let kind = schema::kind(kind)?;
    let mut out = format!("{} NAME {{ … }}\n  {}\n\n", kind.name, kind.doc);
    for field in kind.fields {
        let default = match field.default {
            Default::Is(text) => format!("default {text}"),
            Default::Required(example) => format!("required, such as `{example}`"),
            Default::Absent(text) => format!("default: {text}"),
        };
        let _ = writeln!(out, "  {:<12} {} ({default})", field.key, field.doc);
    }
    for extra in kind.entries {
        let _ = match extra {
            Extra::Draw => writeln!(out, "  NAME ~ …     draws an attribute, `position` or `velocity` of every body"),
            Extra::Definition(name, arity) => {
                let forms =
                    arity.iter().map(|n| if *n == 1 { format!("{name}(i) = …") } else { format!("{name}(i, j) = …") });
                writeln!(out, "  {}", forms.collect::<Vec<_>>().join(", "))
            }
            Extra::Allow => writeln!(out, "  allow …      operators, or `allow f(x) = …`, with `cost n`"),
            Extra::Never => writeln!(out, "  never …      patterns no formula may contain; `_` stands for anything"),
            Extra::Column => writeln!(out, "  column …     `column mass: kg = m` maps or derives a column"),
            Extra::Grid => writeln!(out, "  NAME in …    values of a parameter"),
            Extra::Block(name) => writeln!(out, "  {name} …"),
            Extra::Expect => writeln!(out, "  expect …"),
        };
    }
    Some(out)
}
