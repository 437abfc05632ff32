//! A plan as a script of the language in which every field is written: checking it gives the plan again.
//!
//! Words come from the plan's serialised form, whose names are those of the language; a variant that the plan gains is
//! printed without a change here.

use crate::base::Name;
use crate::expr::Expr;
use crate::expr::print::number;
use crate::language::Dimension;
use crate::language::builtin::is_builtin;
use crate::language::format;
use crate::language::is_name;
use crate::language::schema::{self, Default};
use crate::plan::symbols::{self, COMPONENTS};
use crate::plan::{
    Budget, ColumnPlan, DataPlan, DataSource, DistillPlan, DistillSource, Feature, FilePlan, NetworkPlan,
    OperatorsPlan, Plan, PriorPlan, SystemPlan, TablePlan, Template, TrainPlan, vector_draw,
};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The text, in the standard form.
pub fn script(plan: &Plan) -> String {
    let names = Names::of(plan);
    let mut text = format!("sdl 1\n\nseed = {}\n", plan.seed);
    for (name, system) in &plan.systems {
        text += &block("system", &names.system(name), system_lines(system));
    }
    for (name, data) in &plan.data {
        text += &block("data", &names.item(name), data_lines(data, &names));
    }
    let mut shared = Shared::default();
    for (name, train) in &plan.trains {
        let own = names.item(name);
        let TrainPlan { network, prior, .. } = train;
        let network = shared.name("network", &own, network, &mut text, network_lines);
        let prior = shared.name("prior", &own, prior, &mut text, prior_lines);
        text += &block("train", &own, train_lines(train, &network, &prior, &names));
    }
    for (name, distill) in &plan.distills {
        let own = names.item(name);
        let operators = shared.name("operators", &own, &distill.operators, &mut text, operators_lines);
        text += &block("distill", &own, distill_lines(distill, &operators, &names));
    }
    for expect in &plan.expects {
        let mut map: BTreeMap<Name, Expr> = BTreeMap::new();
        for claim in &expect.recovers {
            let claimed = format!("{} recovers {}", names.item(&claim.law), names.system(&claim.system));
            map.insert(claim.symbol.clone(), Expr::symbol(claimed));
        }
        for symbol in expect.condition.symbols() {
            if let Some((head, rest)) = symbol.split_once('.').filter(|_| !map.contains_key(&symbol)) {
                map.insert(symbol.clone(), Expr::symbol(format!("{}.{rest}", names.item(&head.into()))));
            }
        }
        text += &format!("\nexpect {}\n", expect.condition.substitute(&map));
    }
    for table in &plan.tables {
        let TablePlan { name, rows, columns, cells } = table;
        text += &format!("\n# table {name}: {} rows, {} columns, {} values\n", rows.len(), columns.len(), cells.len());
    }
    format(&text).unwrap_or(text)
}

/// Names of plan parts as identifiers, each once: `orbits(bodies = 8)` becomes `orbits_bodies_8`. A system and a stage
/// may have one name in a plan, but not in a script.
struct Names {
    systems: BTreeMap<Name, String>,
    items: BTreeMap<Name, String>,
}

impl Names {
    fn of(plan: &Plan) -> Names {
        let mut taken = BTreeSet::new();
        let mut one = |name: &Name| {
            let mut plain = name.plain();
            while !is_name(&plain) || is_builtin(&plain) || !taken.insert(plain.clone()) {
                plain.push_str("_2");
            }
            (name.clone(), plain)
        };
        let stages = plan.data.keys().chain(plan.trains.keys()).chain(plan.distills.keys());
        let items = stages.map(&mut one).collect();
        Names { items, systems: plan.systems.keys().map(&mut one).collect() }
    }

    fn item(&self, name: &Name) -> String {
        self.items.get(name).cloned().unwrap_or_else(|| name.to_string())
    }

    fn system(&self, name: &Name) -> String {
        self.systems.get(name).cloned().unwrap_or_else(|| name.to_string())
    }
}

/// Networks, priors and operators that were printed already, as text without their heads.
#[derive(Default)]
struct Shared(BTreeMap<(&'static str, String), String>);

impl Shared {
    /// The name of a part; it is printed where it has not been before.
    fn name<T>(
        &mut self,
        kind: &'static str,
        user: &str,
        part: &T,
        text: &mut String,
        lines: impl Fn(&T) -> Vec<String>,
    ) -> String {
        let lines = lines(part);
        self.0
            .entry((kind, lines.concat()))
            .or_insert_with(|| {
                let name = format!("{user}_{kind}");
                *text += &block(kind, &name, lines);
                name
            })
            .clone()
    }
}

fn block(kind: &str, name: &str, lines: Vec<String>) -> String {
    let body: String = lines.iter().map(|line| format!("  {line}\n")).collect();
    format!("\n{kind} {name} {{\n{body}}}\n")
}

/// A field, or a comment with what its absence means.
fn field(kind: &str, key: &str, value: Option<String>) -> String {
    match (value, schema::kind(kind).and_then(|kind| kind.field(key)).map(|field| field.default)) {
        (Some(value), _) => format!("{key} = {value}"),
        (None, Some(Default::Absent(meaning))) => format!("# {key}: {meaning}"),
        (None, _) => format!("# {key}: none"),
    }
}

fn system_lines(system: &SystemPlan) -> Vec<String> {
    let SystemPlan {
        name: _,
        space,
        particles,
        links,
        boundary,
        attributes,
        position,
        velocity,
        pair_energy,
        body_energy,
        pair_force,
        body_force,
        conserves,
        dt,
    } = system;
    let conserves = (!conserves.is_empty()).then(|| list(conserves));
    let mut lines = vec![
        format!("space = {space}"),
        format!("particles = {}", count(*particles as u64)),
        format!("links = {}", word(links)),
        format!("box = {}", word(boundary)),
        field("system", "conserves", conserves),
        field("system", "dt", dt.map(number)),
        String::new(),
    ];
    lines.extend(attributes.iter().map(|attribute| format!("{} ~ {}", attribute.name, attribute.draw)));
    lines.push(format!("position ~ {}", vector_draw(position)));
    lines.push(format!("velocity ~ {}", vector_draw(velocity)));
    lines.push(String::new());
    for (place, energy) in [("energy(i, j)", pair_energy), ("energy(i)", body_energy)] {
        lines.extend(energy.iter().map(|energy| format!("{place} = {}", in_language(energy))));
    }
    for (place, force) in [("force(i, j)", pair_force), ("force(i)", body_force)] {
        if !force.is_empty() {
            let parts: Vec<String> = force.iter().map(|part| in_language(part).to_string()).collect();
            lines.push(format!("{place} = vector({})", parts.join(", ")));
        }
    }
    lines
}

fn data_lines(data: &DataPlan, names: &Names) -> Vec<String> {
    let DataPlan { from, runs, steps, dt, keep, noise, measured, split, trim, tolerance, hold_out, seed } = data;
    let shares = [split.train, split.validation, split.test].map(percent).join(", ");
    let mut lines = match from {
        DataSource::System(system) => vec![
            format!("from = {}", names.system(system)),
            format!("runs = {}", count(*runs as u64)),
            format!("steps = {}", count(*steps as u64)),
            format!("dt = {}", number(*dt)),
            format!("keep = {keep}"),
            format!("noise = {}", word(noise)),
            format!("measured = {}", list(measured)),
            format!("trim = {}", number(*trim)),
            format!("tolerance = {}", small(*tolerance)),
        ],
        DataSource::File(file) => {
            let FilePlan {
                path,
                content: _,
                columns,
                target,
                rows,
                weight,
                run,
                order,
                time,
                particle,
                links,
                boundary,
            } = file;
            let mut lines = vec![format!("from = {}", quoted(path))];
            lines.extend(columns.iter().map(|one| column(one, columns)));
            let roles = [
                ("target", target),
                ("weight", weight),
                ("run", run),
                ("order", order),
                ("time", time),
                ("particle", particle),
            ];
            for (key, role) in roles {
                lines.push(field("data", key, role.as_ref().map(Name::to_string)));
            }
            lines.push(format!("links = {}", word(links)));
            lines.push(format!("box = {}", word(boundary)));
            lines.push(field("data", "rows", rows.as_ref().map(|rows| over_headers(rows, columns))));
            lines
        }
    };
    lines.push(format!("split = {shares}"));
    let columns = if let DataSource::File(file) = from { &file.columns[..] } else { &[] };
    lines.push(field("data", "hold_out", hold_out.as_ref().map(|held| over_headers(held, columns))));
    lines.push(format!("seed = {seed}"));
    lines
}

fn column(column: &ColumnPlan, all: &[ColumnPlan]) -> String {
    let ColumnPlan { name, components, dimension } = column;
    let unit = dimension.map_or(String::new(), |exponents| format!(": {}", Dimension::of(exponents)));
    let components: Vec<String> = components.iter().map(|one| over_headers(one, all)).collect();
    format!("column {name}{unit} = {}", components.join(", "))
}

/// A formula over headers. One that is called like a declared column or a constant stands as a text.
fn over_headers(e: &Expr, columns: &[ColumnPlan]) -> String {
    let plain = |name: &Name| {
        is_name(name) && !["pi", "π", "std"].contains(&name.as_str()) && columns.iter().all(|one| one.name != *name)
    };
    let map = e.symbols().into_iter().map(|name| {
        let written = if plain(&name) { name.to_string() } else { quoted(&name) };
        (name, Expr::symbol(written))
    });
    e.substitute(&map.collect()).to_string()
}

fn network_lines(network: &NetworkPlan) -> Vec<String> {
    let NetworkPlan { predict, sees, learns, edge, node, message, combine, activation, bias, dynamics } = network;
    let sees = sees.iter().map(|feature| match feature {
        Feature::Attribute(name) => name.to_string(),
        other => word(other),
    });
    let widths: Vec<String> = edge.iter().map(usize::to_string).collect();
    vec![
        format!("predict = {}", word(predict)),
        format!("sees = {}", sees.collect::<Vec<_>>().join(", ")),
        field("network", "learns", (!learns.is_empty()).then(|| list(learns))),
        format!("edge = mlp({})", widths.join(", ")),
        format!("node = {}", word(node)),
        format!("message = {message}"),
        format!("combine = {}", word(combine)),
        format!("activation = {}", word(activation)),
        field("network", "bias", (!bias.is_empty()).then(|| list(bias))),
        format!("dynamics = {}", word(dynamics)),
    ]
}

fn prior_lines(prior: &PriorPlan) -> Vec<String> {
    let PriorPlan { messages, weights_l2, third_law } = prior;
    vec![
        format!("messages = {}", word(messages)),
        format!("weights = {}", if *weights_l2 == 0.0 { "none".into() } else { format!("l2({})", small(*weights_l2)) }),
        format!("third_law = {}", number(*third_law)),
    ]
}

fn train_lines(train: &TrainPlan, network: &str, prior: &str, names: &Names) -> Vec<String> {
    let TrainPlan {
        data,
        network: _,
        prior: _,
        epochs,
        batch,
        optimizer,
        rate,
        augment,
        loss,
        clip,
        stop,
        seed,
        seeds,
        precision,
        device,
    } = train;
    vec![
        format!("network = {network}"),
        format!("data = {}", names.item(data)),
        format!("prior = {prior}"),
        format!("epochs = {}", count(*epochs as u64)),
        format!("batch = {}", count(*batch as u64)),
        format!("optimizer = {}", word(optimizer)),
        format!("rate = {}", small(*rate)),
        format!("augment = {}", number(*augment)),
        format!("loss = {}", word(loss)),
        format!("clip = {}", number(*clip)),
        format!("stop = {stop}"),
        format!("seed = {seed}"),
        format!("seeds = {seeds}"),
        format!("precision = {}", word(precision)),
        format!("device = {}", word(device)),
    ]
}

fn operators_lines(operators: &OperatorsPlan) -> Vec<String> {
    let OperatorsPlan { allow, define, never, require, size, depth, constants } = operators;
    let mut lines = vec![];
    // Neighbours of one cost share a line: the order is the search's and stays.
    for group in allow.chunk_by(|a, b| a.cost == b.cost) {
        let ops: Vec<&str> = group.iter().map(|allowed| allowed.op.info().name).collect();
        lines.push(format!("allow {} cost {}", ops.join(", "), number(group[0].cost)));
    }
    for own in define {
        let parameters: Vec<&str> = own.parameters.iter().map(Name::as_str).collect();
        lines.push(format!("allow {}({}) = {} cost {}", own.name, parameters.join(", "), own.body, number(own.cost)));
    }
    lines.extend(never.iter().map(|pattern| format!("never {pattern}")));
    lines.push(field("operators", "require", (!require.is_empty()).then(|| list(require))));
    lines.push(format!("size = {size}"));
    lines.push(format!("depth = {depth}"));
    lines.push(format!("constants = {}", constants.is_some()));
    if let Some((low, high)) = constants {
        lines.push(format!("bounds = {} .. {}", small(*low), small(*high)));
    }
    lines
}

fn distill_lines(distill: &DistillPlan, operators: &str, names: &Names) -> Vec<String> {
    let DistillPlan { of, operators: _, inputs, form, loss, budget, choose, refit, seed } = distill;
    let of = match of {
        DistillSource::Fit(fit) => names.item(fit),
        DistillSource::Column { data, column } => format!("{}.{column}", names.item(data)),
    };
    vec![
        format!("of = {of}"),
        format!("with = {operators}"),
        field("distill", "inputs", (!inputs.is_empty()).then(|| list(inputs))),
        field("distill", "form", form.as_ref().map(|form| form.form.to_string())),
        field("distill", "unknown", form.as_ref().map(unknowns)),
        format!("loss = {}", word(loss)),
        match budget {
            Budget::Evaluations(evaluations) => format!("budget = {}", count(*evaluations)),
            Budget::Seconds(seconds) => format!("budget = {} s", number(*seconds)),
        },
        format!("choose = {}", word(choose)),
        format!("refit = {}", word(refit)),
        format!("seed = {seed}"),
    ]
}

fn unknowns(template: &Template) -> String {
    let functions = template.functions.iter().map(|function| {
        let parameters: Vec<&str> = function.parameters.iter().map(Name::as_str).collect();
        format!("{}({})", function.name, parameters.join(", "))
    });
    let constants = template.constants.iter().map(|constant| match &constant.per {
        Some(per) => format!("{}[{per}]", constant.name),
        None => constant.name.to_string(),
    });
    constants.chain(functions).collect::<Vec<_>>().join(", ")
}

/// A variant as the language writes it: `sum`, `l1(0.01)`, `prune(by = 0.65, schedule = cosine, to = 2)`.
fn word<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).map_or_else(|error| error.to_string(), |value| written(&value))
}

fn written(value: &Value) -> String {
    let all = |values: &[Value]| values.iter().map(written).collect::<Vec<_>>().join(", ");
    match value {
        Value::String(word) => word.clone(),
        Value::Number(value) => value.as_f64().map_or_else(|| value.to_string(), number),
        Value::Array(values) => all(values),
        Value::Object(map) => match map.iter().next() {
            Some((name, Value::Object(inner))) => {
                let arguments = inner.iter().map(|(key, value)| format!("{key} = {}", written(value)));
                format!("{name}({})", arguments.collect::<Vec<_>>().join(", "))
            }
            Some((name, value)) => format!("{name}({})", written(value)),
            None => String::new(),
        },
        Value::Bool(_) | Value::Null => value.to_string(),
    }
}

fn list<'a, T: Serialize + 'a>(values: impl IntoIterator<Item = &'a T>) -> String {
    values.into_iter().map(word).collect::<Vec<_>>().join(", ")
}

/// A law's expression with the calls that the language has for its symbols.
fn in_language(expr: &Expr) -> Expr {
    // A symbol prints as it stands, so it may hold a call.
    let mut calls = BTreeMap::from([(Name::from(symbols::DISTANCE), Expr::symbol("distance(i, j)"))]);
    for (k, component) in COMPONENTS.iter().enumerate() {
        calls.insert(symbols::displacement(k), Expr::symbol(format!("displacement(i, j).{component}")));
    }
    expr.substitute(&calls)
}

/// A whole number with its thousands apart: `1_000`.
fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('_');
        }
        out.push(digit);
    }
    out
}

/// A number that people write as a power of ten: `1e-3`.
fn small(value: f64) -> String {
    let power = format!("{value:e}");
    if (value.abs() < 0.01 || value.abs() >= 1e5) && value != 0.0 { power } else { number(value) }
}

/// A share in per cent where that reads back to the same number.
fn percent(share: f64) -> String {
    let per_cent = (share * 1e6).round() / 1e4;
    if per_cent * 0.01 == share { format!("{}%", number(per_cent)) } else { number(share) }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
