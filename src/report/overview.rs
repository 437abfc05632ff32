//! The plan in a few lines, before it runs.

use crate::engine::estimate::{Summary, bytes};
use crate::expr::print::number;
use crate::plan::{
    Bias, Boundary, DataSource, DistillSource, Feature, Links, MessagePrior, NetworkPlan, NodeModel, Plan, PriorPlan,
    SystemPlan,
};
use crate::simulate::{Storage, storage};

/// Most data sets and trainings that are shown one by one: a sweep has hundreds.
const SHOWN: usize = 4;

/// The lines: what is simulated, how much of it, the network, the prior, and what all of it will take.
pub fn overview(plan: &Plan, summary: &Summary) -> Vec<String> {
    let mut lines = vec![];
    let mut line = |what: &str, text: String| lines.push(format!("{what:<9} {text}"));
    for name in summary.snapshots.keys().take(SHOWN) {
        let data = &plan.data[name];
        let mut rounded = "";
        if let DataSource::System(system) = &data.from {
            let system = &plan.systems[system];
            line("system", system_line(system));
            if storage(system, data) == Storage::Single {
                rounded = ", kept in single precision";
            }
        }
        let kept = grouped(summary.snapshots[name]);
        let runs = grouped(data.runs as u64);
        line("data", format!("{name}: {runs} runs, {kept} snapshots kept, dt = {}{rounded}", number(data.dt)));
    }
    for (name, data) in plan.data.iter().take(SHOWN) {
        let DataSource::File(file) = &data.from else { continue };
        let size = bytes(file.content.values().map(|content| content.bytes).sum());
        let files = match file.content.len() {
            1 => String::new(),
            count => format!(", {count} files"),
        };
        let tracks = match file.holds_tracks() {
            true => format!("; bodies in {}D, {}", file.space(), arena_text(file.links, file.boundary)),
            false => String::new(),
        };
        line("data", format!("{name}: {}{files}, {size}{tracks}", file.path));
    }
    for (name, distill) in plan.distills.iter().take(SHOWN) {
        if let DistillSource::Column { data, column } = &distill.of {
            line("search", format!("{name}: a formula for {column} of {data}"));
        }
    }
    if summary.snapshots.len() > SHOWN {
        line("", format!("and {} more data sets", summary.snapshots.len() - SHOWN));
    }
    for name in summary.parameters.keys().take(SHOWN) {
        let train = &plan.trains[name];
        let weights = grouped(summary.parameters[name]);
        line("network", format!("{}, {weights} parameters", network_line(&train.network)));
        let steps = summary.steps.get(name).map_or(String::new(), |steps| format!(", {} steps", grouped(*steps)));
        line("prior", format!("{}; {} epochs{steps}", prior_line(&train.prior), train.epochs));
    }
    if summary.parameters.len() > SHOWN {
        line("", format!("and {} more trainings", summary.parameters.len() - SHOWN));
    }
    line("estimate", format!("about {}, {} of memory", about(summary.seconds), bytes(summary.memory)));
    lines
}

fn system_line(system: &SystemPlan) -> String {
    let bodies = if system.particles == 1 { "body" } else { "bodies" };
    let arena = arena_text(system.links, system.boundary);
    format!("{}: {} {bodies} in {}D, {arena}", system.name, system.particles, system.space)
}

fn arena_text(links: Links, boundary: Boundary) -> String {
    let links = match links {
        Links::All => "all pairs".into(),
        Links::Chain => "a chain".into(),
        Links::Ring => "a ring".into(),
        Links::Within(reach) => format!("pairs within {reach}"),
        Links::Nearest(count) => format!("{count} nearest"),
    };
    let space = match boundary {
        Boundary::Open => String::new(),
        Boundary::Periodic(side) => format!(", periodic box of {side}"),
    };
    format!("{links}{space}")
}

fn network_line(network: &NetworkPlan) -> String {
    let widths = |widths: &[usize]| widths.iter().map(usize::to_string).collect::<Vec<_>>().join("·");
    let node = match &network.node {
        NodeModel::Mlp(hidden) => widths(hidden),
        NodeModel::Newton => "newton".into(),
        NodeModel::None => "none".into(),
    };
    let sees = network.sees.iter().map(|feature| match feature {
        Feature::Position => "position",
        Feature::Velocity => "velocity",
        Feature::Attribute(name) => name.as_str(),
    });
    let bias = network.bias.iter().map(|bias| match bias {
        Bias::Translation => "translation",
        Bias::Rotation => "rotation",
        Bias::Superposition => "superposition",
        Bias::ThirdLaw => "third law",
    });
    let bias = match bias.collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => String::new(),
        some => format!(", {some}"),
    };
    let sees = sees.collect::<Vec<_>>().join(", ");
    format!("edge {}, node {node}, {} messages; sees {sees}{bias}", widths(&network.edge), network.message)
}

fn prior_line(prior: &PriorPlan) -> String {
    let mut parts = vec![match prior.messages {
        MessagePrior::None => "none on messages".into(),
        MessagePrior::L1(weight) => format!("messages l1({weight})"),
        MessagePrior::Kl(weight) => format!("messages kl({weight})"),
        MessagePrior::Width(width) => format!("messages width({width})"),
        MessagePrior::Prune { to, .. } => format!("messages pruned to {to}"),
    }];
    if prior.weights_l2 > 0.0 {
        parts.push(format!("weights l2({:e})", prior.weights_l2));
    }
    if prior.third_law > 0.0 {
        parts.push(format!("third law {}", prior.third_law));
    }
    parts.join(", ")
}

/// A rough time: seconds, minutes, hours or days.
fn about(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => "a second".into(),
        s if s < 90.0 => format!("{} s", s.ceil()),
        s if s < 5400.0 => format!("{} min", (s / 60.0).ceil()),
        s if s < 172_800.0 => format!("{} h", (s / 3600.0).ceil()),
        s => format!("{} days", (s / 86_400.0).ceil()),
    }
}

/// A number with its thousands apart: `12,345`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (12_345_678, "12,345,678")] {
            assert_eq!(grouped(number), text);
        }
    }
}
