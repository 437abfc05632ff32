//! A law as a script that checks and runs: its system, and a data set like the one it was found from.

use super::law::system_of;
use crate::base::Name;
use crate::distill::Law;
use crate::expr::{Expr, print::number, simplify};
use crate::plan::symbols::{self, COMPONENTS};
use crate::plan::{Boundary, DataPlan, DataSource, DistillSource, Links, Noise, Plan, SystemPlan, vector_draw};
use std::collections::BTreeMap;

/// The text of the script; `None` for a law without a system behind it, which has no bodies to draw.
pub fn law_script(plan: &Plan, name: &Name, law: &Law) -> Option<String> {
    let system = system_of(plan, name)?;
    let (data_name, data) = data_of(plan, name)?;
    let mut text = format!("sdl 1\n\n## The law that `{name}` found in `{data_name}`.\n\n");
    write_system(&mut text, &name.plain(), system, law);
    text.push('\n');
    write_data(&mut text, &data_name.plain(), data, &name.plain());
    Some(text)
}

fn data_of<'a>(plan: &'a Plan, distill: &Name) -> Option<(&'a Name, &'a DataPlan)> {
    let name = match &plan.distills.get(distill)?.of {
        DistillSource::Fit(fit) => &plan.trains.get(fit)?.data,
        DistillSource::Column { data, .. } => data,
    };
    let data = plan.data.get(name)?;
    matches!(data.from, DataSource::System(_)).then_some((name, data))
}

/// One number for each body.
fn by_body(values: &[f64]) -> String {
    let (last, others) = values.split_last().map_or((1.0, values), |(last, others)| (*last, others));
    let choices = others.iter().enumerate();
    let choices = choices.map(|(body, value)| format!("if i.index == {} then {} else ", body + 1, number(*value)));
    format!("{}{}", choices.collect::<String>(), number(last))
}

fn write_system(text: &mut String, name: &str, system: &SystemPlan, law: &Law) {
    let has_mass = system.attributes.iter().any(|attribute| attribute.name.as_str() == "mass");
    let mut lines = vec![];
    let mut line = |line: String| lines.push(format!("  {line}\n"));
    line(format!("space     = {}", system.space));
    line(format!("particles = {}", system.particles));
    match system.links {
        Links::All => {}
        Links::Chain => line("links     = chain".into()),
        Links::Ring => line("links     = ring".into()),
        Links::Within(reach) => line(format!("links     = within({})", number(reach))),
        Links::Nearest(count) => line(format!("links     = nearest({count})")),
    }
    if let Boundary::Periodic(side) = system.boundary {
        line(format!("box       = periodic({})", number(side)));
    }
    for attribute in &system.attributes {
        match law.learned.iter().find(|learned| learned.name == attribute.name) {
            Some(learned) => line(format!("{:<8} ~ {}", attribute.name, by_body(&learned.values))),
            None => line(format!("{:<8} ~ {}", attribute.name, attribute.draw)),
        }
    }
    line(format!("position ~ {}", vector_draw(&system.position)));
    line(format!("velocity ~ {}", vector_draw(&system.velocity)));
    if law.pair.as_number() != Some(0.0) {
        let force = in_language(&law.radial_force(has_mass));
        line(format!("force(i, j) = ({force}) * direction(i, j)  where r = distance(i, j)"));
    }
    if !law.body.is_empty() {
        let mass = if has_mass { Expr::symbol(symbols::attribute("i", "mass")) } else { Expr::number(1.0) };
        let parts = law.body.iter().map(|component| simplify(&(mass.clone() * component.clone())).to_string());
        line(format!("force(i) = vector({})", parts.collect::<Vec<_>>().join(", ")));
    }
    text.push_str(&format!("system {name} {{\n{}}}\n", lines.concat()));
}

fn write_data(text: &mut String, name: &str, data: &DataPlan, law: &str) {
    let noise = match data.noise {
        Noise::None => String::new(),
        Noise::Relative(share) => format!("  noise = relative({})\n", number(share)),
        Noise::Absolute(deviation) => format!("  noise = absolute({})\n", number(deviation)),
    };
    let DataPlan { runs, steps, keep, .. } = data;
    text.push_str(&format!(
        "data {name} {{\n  from  = {law}\n  runs  = {runs}\n  steps = {steps}\n  dt    = {}\n  keep  = {keep}\n{noise}}}\n",
        number(data.dt)
    ));
}

/// A pair's expression with the language's names: `r` for the distance.
fn in_language(expr: &Expr) -> Expr {
    let mut names = BTreeMap::from([(Name::from(symbols::DISTANCE), Expr::symbol("r"))]);
    for (k, component) in COMPONENTS.iter().enumerate() {
        // A symbol prints as it stands, so it may hold a call.
        let direction = Expr::symbol(format!("direction(i, j).{component}"));
        names.insert(symbols::displacement(k), Expr::symbol("r") * direction);
    }
    expr.substitute(&names)
}
