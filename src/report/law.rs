//! A law for people: typeset, with its constants, what it recovers, and how it does beside the network.

use super::grid::{Align, grid, short};
use crate::base::Name;
use crate::distill::{Comparison, Constant, DeclaredAttribute, Law, Learned, Recovery, Side, Verdict};
use crate::engine::LawFinding;
use crate::expr::print::typeset;
use crate::expr::{Node, Op};
use crate::plan::symbols::COMPONENTS;
use crate::plan::{DataSource, DistillSource, Dynamics, Plan, SystemPlan};

/// Along the unit vector from receiver to sender.
const DIRECTION: &str = " · r̂   (towards j)";

/// The law with what is known of it, as lines of text.
pub fn law_lines(plan: &Plan, name: &Name, finding: &LawFinding) -> Vec<String> {
    let system = system_of(plan, name);
    let has_mass = has_mass(plan, name);
    let mut lines = formula_lines(name, &finding.law, has_mass);
    if is_hamiltonian(plan, name)
        && let Some(energy) = finding.law.pair_energy(has_mass)
    {
        let head = format!("{name}: energy(i, j) = ");
        lines.extend(beside(&head, &typeset::block(&energy), "   up to a constant"));
    }
    lines.extend(constants_line(&finding.law.constants));
    lines.extend(learned_lines(finding));
    lines.extend(finding.law.notes.iter().map(|note| format!("  {note}")));
    if let (Some(recovery), Some(system)) = (&finding.recovery, system) {
        lines.push(String::new());
        lines.extend(recovery_lines(recovery, &system.name));
    }
    if let Some(comparison) = &finding.comparison {
        lines.push(String::new());
        lines.extend(comparison_lines(comparison));
    }
    lines
}

/// What nobody measured, by body: head and rows of a table, beside what it is where that is known. No rows where nothing
/// was learned.
pub fn learned_rows(finding: &LawFinding) -> (&'static [&'static str], Vec<Vec<String>>) {
    let plus_minus = |value: f64, uncertainty: f64| format!("{} ± {}", short(value, 6), short(uncertainty, 1));
    let of_body = |name: &Name, body: usize| format!("{name} of body {body}");
    let known = finding.recovery.as_ref().map_or(&[][..], |recovery| &recovery.learned);
    if known.is_empty() {
        let each = finding.law.learned.iter().flat_map(|Learned { name, values, uncertainty }| {
            let row = move |at: usize| vec![of_body(name, at + 1), plus_minus(values[at], uncertainty[at])];
            (0..values.len()).map(row)
        });
        return (&["learned, up to a common factor", "by the law"], each.collect());
    }
    let row = |one: &DeclaredAttribute| {
        let apart = format!("{} %", short(100.0 * (one.learned / one.declared - 1.0).abs(), 2));
        let learned = plus_minus(one.learned, one.uncertainty);
        vec![of_body(&one.name, one.body), learned, short(one.declared, 6), apart]
    };
    (&["learned, up to a common factor", "by the law", "declared", "apart"], known.iter().map(row).collect())
}

fn learned_lines(finding: &LawFinding) -> Vec<String> {
    let (head, mut rows) = learned_rows(finding);
    if rows.is_empty() {
        return vec![];
    }
    rows.insert(0, head.iter().copied().map(String::from).collect());
    let align: Vec<Align> = (0..head.len()).map(|k| if k == 0 { Align::Left } else { Align::Right }).collect();
    let table = grid(&align, &rows);
    [String::new()].into_iter().chain(table.iter().map(|line| format!("  {line}"))).collect()
}

/// The system that made the data behind a distillation; none for data from a file.
pub fn system_of<'a>(plan: &'a Plan, distill: &Name) -> Option<&'a SystemPlan> {
    let data = match &plan.distills.get(distill)?.of {
        DistillSource::Fit(fit) => &plan.trains.get(fit)?.data,
        DistillSource::Column { data, .. } => data,
    };
    match &plan.data.get(data)?.from {
        DataSource::System(system) => plan.systems.get(system),
        DataSource::File(_) => None,
    }
}

/// Whether a law is told as a force: bodies have masses.
pub fn has_mass(plan: &Plan, distill: &Name) -> bool {
    let data = match plan.distills.get(distill).map(|distill| &distill.of) {
        Some(DistillSource::Fit(fit)) => plan.trains.get(fit).and_then(|train| plan.data.get(&train.data)),
        _ => None,
    };
    match data.map(|data| &data.from) {
        Some(DataSource::System(system)) => plan
            .systems
            .get(system)
            .is_some_and(|system| system.attributes.iter().any(|attribute| attribute.name.as_str() == "mass")),
        Some(DataSource::File(file)) => file.attributes().iter().any(|name| name.as_str() == "mass"),
        None => false,
    }
}

/// Whether a law was distilled from a network of energies.
fn is_hamiltonian(plan: &Plan, distill: &Name) -> bool {
    match plan.distills.get(distill).map(|distill| &distill.of) {
        Some(DistillSource::Fit(fit)) => {
            plan.trains.get(fit).is_some_and(|train| train.network.dynamics == Dynamics::Hamiltonian)
        }
        _ => false,
    }
}

fn formula_lines(name: &Name, law: &Law, has_mass: bool) -> Vec<String> {
    let mut lines = vec![];
    if law.pair.as_number() != Some(0.0) {
        let what = if has_mass { "force" } else { "acceleration" };
        let formula = law.radial_force(has_mass);
        let rows = typeset::block(&formula);
        let head = format!("{name}: {what}(i, j) = ");
        // A sum is one factor before the direction.
        let sum = matches!(formula.node(), Node::Call(op, _) if matches!(op, Op::Add | Op::Sub | Op::If));
        lines.extend(match (sum, &rows[..]) {
            (true, [row]) => beside(&head, &[format!("({row})")], DIRECTION),
            (true, _) => beside(&head, &rows, &format!("   all{DIRECTION}")),
            (false, _) => beside(&head, &rows, DIRECTION),
        });
    }
    for (k, component) in law.body.iter().enumerate() {
        let head = format!("{name}: acceleration(i).{} = ", COMPONENTS.get(k).unwrap_or(&"?"));
        lines.extend(beside(&head, &typeset::block(component), ""));
    }
    if lines.is_empty() {
        lines.push(format!("{name}: nothing acts"));
    }
    lines
}

/// A formula of several rows with words before and after its middle.
pub fn beside(head: &str, rows: &[String], tail: &str) -> Vec<String> {
    let middle = rows.len() / 2;
    let blank = " ".repeat(head.chars().count());
    let row = |(index, row): (usize, &String)| match index == middle {
        true => format!("  {head}{row}{tail}"),
        false => format!("  {blank}{row}").trim_end().to_owned(),
    };
    rows.iter().enumerate().map(row).collect()
}

/// The constants of a law as a line.
pub fn constants_line(constants: &[Constant]) -> Option<String> {
    let each = constants.iter().map(|constant| {
        // No number is known better than its own rounding.
        let uncertainty = constant.uncertainty.max(f64::EPSILON * constant.fitted.abs());
        let fitted = format!("{} ± {}", short(constant.fitted, 7), short(uncertainty, 1));
        if constant.value == constant.fitted {
            fitted
        } else {
            format!("{} (fitted {fitted})", short(constant.value, 7))
        }
    });
    let text = each.collect::<Vec<_>>().join(", ");
    (!constants.is_empty()).then(|| format!("  constants: {text}"))
}

fn recovery_lines(recovery: &Recovery, system: &Name) -> Vec<String> {
    let mark = match recovery.verdict {
        Verdict::Recovered => format!("✓ recovers {system}"),
        Verdict::Equivalent => format!("≈ equivalent to {system} on the data, not recovered"),
        Verdict::Different => format!("✗ does not recover {system}"),
    };
    let mut lines = vec![mark];
    lines.extend(recovery.clauses.iter().map(|clause| format!("  {clause}")));
    if !recovery.constants.is_empty() {
        let header = ["declared", "by the law", "may differ by"].map(String::from).to_vec();
        let rows =
            recovery.constants.iter().map(|c| vec![short(c.declared, 7), short(c.fitted, 7), short(c.tolerance, 2)]);
        let rows: Vec<Vec<String>> = [header].into_iter().chain(rows).collect();
        lines.extend(grid(&[Align::Right; 3], &rows).into_iter().map(|line| format!("  {line}")));
    }
    lines
}

/// One table: the network, the law, and predicting zero, on everything they were tried on.
fn comparison_lines(comparison: &Comparison) -> Vec<String> {
    let steps = comparison.rollout_steps;
    let rows: [(String, fn(&Side) -> f64); 6] = [
        ("test error".into(), |side| side.test),
        ("snapshots held out".into(), |side| side.held_out),
        ("wider positions".into(), |side| side.wider),
        ("four times the bodies".into(), |side| side.more_bodies),
        (format!("rollout of {steps} steps, distance"), |side| side.rollout),
        ("energy drift in the rollout".into(), |side| side.energy_drift),
    ];
    let header = ["", "network", "law", "predicting zero"].map(String::from).to_vec();
    let told = rows.into_iter().filter(|(_, value)| !value(&comparison.law).is_nan());
    let body = told.map(|(what, value)| {
        let sides = [&comparison.network, &comparison.law, &comparison.zero].map(|side| short(value(side), 3));
        [what].into_iter().chain(sides).collect()
    });
    let rows: Vec<Vec<String>> = [header].into_iter().chain(body).collect();
    use Align::{Left, Right};
    grid(&[Left, Right, Right, Right], &rows).into_iter().map(|line| format!("  {line}")).collect()
}
