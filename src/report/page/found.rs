//! What was found: laws typeset, their constants, the declared truth beside them, and what was expected.

use super::html::{escape, math, number, table};
use crate::base::Name;
use crate::distill::{Constant, Law, Part, Relation, Verdict};
use crate::engine::{Expectation, LawFinding, Record};
use crate::expr::print::mathml_content as mathml;
use crate::expr::{Expr, Node, Op};
use crate::plan::SystemPlan;
use crate::plan::symbols::COMPONENTS;
use crate::report::figures::quantity;
use crate::report::law::{has_mass, learned_rows, system_of};

/// The section of one law.
pub fn law(record: &Record, name: &Name, finding: &LawFinding) -> String {
    let system = system_of(&record.plan, name);
    let has_mass = has_mass(&record.plan, name);
    let mut out = match record.laws.len() {
        1 => String::new(),
        _ => format!("<h3>{}</h3>", escape(name)),
    };
    out.push_str("<div class=\"formula\">");
    for equation in equations(&finding.law, has_mass) {
        out.push_str(&format!("<div class=\"equation\">{}</div>", math(&equation, "block")));
    }
    let what = if has_mass { "The force on" } else { "The acceleration of" };
    out.push_str(&format!(
        "<p class=\"reading\">{what} body <i>i</i> due to body <i>j</i>, along the direction from <i>i</i> to <i>j</i>; \
         <i>r</i> is their distance.</p>"
    ));
    out.push_str(&verdict(finding, system));
    out.push_str(&format!("</div>{}<div class=\"columns\">", tiles(name, finding)));
    out.push_str(&constants(&finding.law.constants));
    let (head, rows) = learned_rows(finding);
    if !rows.is_empty() {
        out.push_str(&table("What nobody measured", head, &rows));
    }
    out.push_str(&truth(finding, system));
    out.push_str("</div>");
    if !finding.law.notes.is_empty() {
        let notes: String = finding.law.notes.iter().map(|note| format!("<li>{}</li>", escape(note))).collect();
        out.push_str(&format!("<ul class=\"notes\">{notes}</ul>"));
    }
    out
}

/// The section of one formula for a column of a table.
pub fn relation(record: &Record, name: &Name, relation: &Relation) -> String {
    let of = |column: &Name| escape(&quantity(&record.plan, name, column));
    let inputs = relation.expr.symbols().iter().map(of).collect::<Vec<_>>().join(", ");
    let equation = math(&relation_equation(relation), "block");
    let part = |part: &Part| {
        let equation = format!("<mtext>{}</mtext><mo>=</mo>{}", escape(&part.name), mathml(&part.expr));
        format!("<div class=\"equation small\">{}</div>", math(&equation, "block"))
    };
    let parts: String = relation.parts.iter().map(part).collect();
    let result = |path: &str| record.results.get(&format!("{name}.{path}")).copied();
    let all = [
        ("test.mae", "test error"),
        ("test.constant", "error of a constant"),
        ("test.r2", "R² of the test"),
        ("held_out.mae", "error on rows held out"),
        ("held_out.constant", "error of a constant there"),
        ("complexity", "complexity"),
    ];
    let tiles = all.iter().filter_map(|(path, what)| Some((number(result(path)?, 3), format!("{what} of {name}"))));
    let notes: String = relation.notes.iter().map(|note| format!("<li>{}</li>", escape(note))).collect();
    format!(
        "<div class=\"formula\"><div class=\"equation\">{equation}</div>{parts}<p class=\"reading\">{}{}</p></div>{}\
         <div class=\"columns\">{}</div><ul class=\"notes\">{notes}</ul>",
        of(&relation.target),
        if inputs.is_empty() { String::new() } else { format!(" from {inputs}") },
        tile_list(tiles.collect()),
        constants(&relation.constants),
    )
}

/// A formula for a column as an equation in MathML.
pub fn relation_equation(relation: &Relation) -> String {
    format!("{}<mo>=</mo>{}", mathml(&Expr::symbol(relation.target.clone())), mathml(&relation.expr))
}

/// The numbers to know, each with what it is.
fn tiles(name: &Name, finding: &LawFinding) -> String {
    let mut tiles = vec![];
    if let Some(comparison) = &finding.comparison {
        tiles.push((number(comparison.law.test, 2), format!("test error of {name}")));
        tiles.push((number(comparison.network.test, 2), "test error of the network".into()));
        tiles.push((number(comparison.zero.test, 3), "predicting zero".into()));
    }
    if let Some(formula) = finding.law.front.formulas.get(finding.law.front.chosen) {
        tiles.push((number(formula.complexity, 3), format!("complexity of {name}")));
    }
    tile_list(tiles)
}

fn tile_list(tiles: Vec<(String, String)>) -> String {
    let tile = |(value, what): &(String, String)| format!("<div><dd>{value}</dd><dt>{}</dt></div>", escape(what));
    format!("<dl class=\"tiles\">{}</dl>", tiles.iter().map(tile).collect::<String>())
}

/// What was expected, and what came out.
pub fn expectations(expects: &[Expectation]) -> String {
    let row = |expect: &Expectation| {
        let (mark, class, word) = if expect.holds { ("✓", "good", "holds") } else { ("✗", "bad", "fails") };
        let value = if expect.text.contains(['<', '>', '=']) { number(expect.value, 6) } else { String::new() };
        let reason = expect.reason.as_ref().map_or(String::new(), |why| format!(" <small>{}</small>", escape(why)));
        format!(
            "<li class=\"{class}\"><span class=\"mark\" aria-hidden=\"true\">{mark}</span><code>{}</code>\
             <span class=\"value\">{value}</span><span class=\"hidden\">{word}</span>{reason}</li>",
            escape(&expect.text)
        )
    };
    let rows: String = expects.iter().map(row).collect();
    if rows.is_empty() { String::new() } else { format!("<ul class=\"expects\">{rows}</ul>") }
}

/// The law as equations in MathML.
pub fn equations(law: &Law, has_mass: bool) -> Vec<String> {
    let vector = |letter: &str| format!("<mover accent=\"true\"><mi>{letter}</mi><mo>→</mo></mover>");
    let pair = "<mrow><mi>i</mi><mi>j</mi></mrow>";
    let mut out = vec![];
    if law.pair.as_number() != Some(0.0) {
        let formula = law.radial_force(has_mass);
        let letter = if has_mass { "F" } else { "a" };
        // A sum is one factor before the direction.
        let sum = matches!(formula.node(), Node::Call(op, _) if matches!(op, Op::Add | Op::Sub | Op::If));
        let factor = match sum {
            true => format!(
                "<mrow><mo form=\"prefix\" stretchy=\"true\">(</mo>{}<mo form=\"postfix\" stretchy=\"true\">)</mo></mrow>",
                mathml(&formula)
            ),
            false => mathml(&formula),
        };
        out.push(format!(
            "<msub>{}{pair}</msub><mo>=</mo>{factor}<mspace width=\"0.3em\"/>\
             <msub><mover accent=\"true\"><mi>r</mi><mo>^</mo></mover>{pair}</msub>",
            vector(letter)
        ));
    }
    for (k, component) in law.body.iter().enumerate() {
        let k = COMPONENTS.get(k).unwrap_or(&"?");
        out.push(format!("<msub><mi>a</mi><mrow><mi>i</mi><mi>{k}</mi></mrow></msub><mo>=</mo>{}", mathml(component)));
    }
    if out.is_empty() {
        out.push("<mtext>nothing acts</mtext>".into());
    }
    out
}

fn verdict(finding: &LawFinding, system: Option<&SystemPlan>) -> String {
    let (Some(recovery), Some(system)) = (&finding.recovery, system) else { return String::new() };
    let name = escape(&system.name);
    let (class, text) = match recovery.verdict {
        Verdict::Recovered => ("good", format!("<span aria-hidden=\"true\">✓</span> recovers <code>{name}</code>")),
        Verdict::Equivalent => (
            "fair",
            format!("<span aria-hidden=\"true\">≈</span> equivalent to <code>{name}</code> on the data, not recovered"),
        ),
        Verdict::Different => {
            ("bad", format!("<span aria-hidden=\"true\">✗</span> does not recover <code>{name}</code>"))
        }
    };
    let why = escape(&recovery.clauses.join("; "));
    format!("<p class=\"verdict {class}\"><strong>{text}</strong> <span>{why}</span></p>")
}

fn constants(constants: &[Constant]) -> String {
    if constants.is_empty() {
        return String::new();
    }
    let typeset = |value: f64| math(&mathml(&Expr::number(value)), "inline");
    let rows: Vec<Vec<String>> = constants
        .iter()
        .enumerate()
        .map(|(index, constant)| {
            // No number is known better than its own rounding.
            let uncertainty = constant.uncertainty.max(f64::EPSILON * constant.fitted.abs());
            let uncertainty: f64 = format!("{uncertainty:.0e}").parse().unwrap_or(uncertainty);
            vec![
                math(&format!("<msub><mi>c</mi><mn>{}</mn></msub>", index + 1), "inline"),
                typeset(constant.value),
                typeset(constant.fitted),
                format!("±&#8239;{}", typeset(uncertainty)),
            ]
        })
        .collect();
    table("Constants of the law, in the order in which they stand", &["", "in the law", "fitted", "uncertainty"], &rows)
}

fn truth(finding: &LawFinding, system: Option<&SystemPlan>) -> String {
    let (Some(recovery), Some(system)) = (&finding.recovery, system) else { return String::new() };
    let mut out = String::from("<div>");
    let declared = declared(system);
    if !declared.is_empty() {
        out.push_str("<p class=\"eyebrow\">Declared in the script, read only to score</p>");
        for equation in declared {
            out.push_str(&format!("<div class=\"equation small\">{}</div>", math(&equation, "block")));
        }
    }
    if !recovery.constants.is_empty() {
        let typeset = |value: f64| math(&mathml(&Expr::number(value)), "inline");
        let rows: Vec<Vec<String>> = recovery
            .constants
            .iter()
            .map(|c| vec![typeset(c.declared), typeset(c.fitted), typeset(c.tolerance)])
            .collect();
        out.push_str(&table("Declared numbers", &["declared", "by the law", "may differ by"], &rows));
    }
    out + "</div>"
}

/// Energies and forces of a declared system as equations.
fn declared(system: &SystemPlan) -> Vec<String> {
    let of = |letter: &str, index: &str, expr: &Expr| {
        format!("<msub><mi>{letter}</mi><mrow>{index}</mrow></msub><mo>=</mo>{}", mathml(expr))
    };
    let (pair, one) = ("<mi>i</mi><mi>j</mi>", "<mi>i</mi>");
    let component = |index: &str, k: usize| format!("{index}<mi>{}</mi>", COMPONENTS.get(k).unwrap_or(&"?"));
    let mut out = vec![];
    out.extend(system.pair_energy.iter().map(|energy| of("U", pair, energy)));
    out.extend(system.body_energy.iter().map(|energy| of("U", one, energy)));
    out.extend(system.pair_force.iter().enumerate().map(|(k, force)| of("F", &component(pair, k), force)));
    out.extend(system.body_force.iter().enumerate().map(|(k, force)| of("F", &component(one, k), force)));
    out
}
