//! Laws that are one formula beyond a threshold and another below it. A search sees the whole range and finds neither;
//! here the place of the change is sought first, then each side has its own search.

use super::compose::times_factor;
use super::scene::quantile;
use super::structure::Structure;
use crate::base::Watch;
use crate::expr::{Expr, Op};
use crate::plan::OperatorsPlan;
use crate::search::{FitSettings, Front, SearchError, Settings, Table, levenberg_marquardt, search};

/// Places of a change that are tried, evenly by rows.
const PLACES: usize = 60;
/// Share of the rows on each side at least.
const LEAST: f64 = 0.08;
/// Share of the range next to the change that is left out: networks round corners off.
const ROUNDED: f64 = 0.04;
/// What a change must leave of the squared error of one polynomial with as many numbers.
const PAYS: f64 = 0.5;

/// Pair laws in two pieces, where the target of a table changes its form along its first input and the operators have
/// what says so; the evaluations they took are added to `evaluations`.
pub fn pair_laws(
    structure: &Structure,
    table: &Table,
    operators: &OperatorsPlan,
    settings: &Settings,
    watch: &dyn Watch,
    evaluations: &mut u64,
) -> Result<Vec<Expr>, SearchError> {
    let allowed = |op: Op| operators.allow.iter().any(|allowed| allowed.op == op);
    let Some(compare) = [Op::Gt, Op::Ge, Op::Lt, Op::Le].into_iter().find(|op| allowed(*op)) else { return Ok(vec![]) };
    if !allowed(Op::If) || operators.constants.is_none() {
        return Ok(vec![]);
    }
    let Some(at) = change(table) else { return Ok(vec![]) };
    let input = &table.columns[0];
    let margin = ROUNDED * (quantile(input, 1.0) - quantile(input, 0.0));
    let mut side = |keep: &dyn Fn(f64) -> bool| -> Result<Vec<Expr>, SearchError> {
        let front = search(&part(table, keep), operators, settings, watch)?;
        *evaluations += front.evaluations;
        Ok(near_choice(&front))
    };
    let (below, beyond) = (side(&|r| r < at - margin)?, side(&|r| r > at + margin)?);
    let threshold = Expr::call(compare, vec![Expr::symbol(table.inputs[0].clone()), Expr::number(at)]);
    let holds_beyond = matches!(compare, Op::Gt | Op::Ge);
    let mut out = vec![];
    for low in &below {
        for high in &beyond {
            let (then, other) = if holds_beyond { (high, low) } else { (low, high) };
            let whole = Expr::call(Op::If, vec![threshold.clone(), then.clone(), other.clone()]);
            out.push(times_factor(structure, &whole));
        }
    }
    Ok(out)
}

/// Nothing at all, and the formulas around the chosen one.
fn near_choice(front: &Front) -> Vec<Expr> {
    let around = front.chosen.saturating_sub(2)..(front.chosen + 2).min(front.formulas.len());
    std::iter::once(Expr::number(0.0))
        .chain(front.formulas[around].iter().map(|formula| formula.expr.clone()))
        .collect()
}

/// The rows whose first input is as asked.
fn part(table: &Table, keep: &dyn Fn(f64) -> bool) -> Table {
    let rows: Vec<usize> = (0..table.target.len()).filter(|&row| keep(table.columns[0][row])).collect();
    let pick = |column: &[f64]| rows.iter().map(|&row| column[row]).collect::<Vec<f64>>();
    Table {
        columns: table.columns.iter().map(|column| pick(column)).collect(),
        target: pick(&table.target),
        weights: if table.weights.is_empty() { vec![] } else { pick(&table.weights) },
        ..table.clone()
    }
}

/// Where two polynomials of the first input, one on each side, explain the target much better than one of twice the size.
fn change(table: &Table) -> Option<f64> {
    let input = &table.columns[0];
    let size = quantile(&table.target.iter().map(|y| y.abs()).collect::<Vec<_>>(), 0.9);
    let weights: Vec<f64> = table.target.iter().map(|y| 1.0 / (y * y + (0.1 * size).powi(2))).collect();
    let all: Vec<usize> = (0..table.target.len()).collect();
    let one = error(table, &weights, &all, 6);
    let places = (0..PLACES).map(|k| LEAST + (1.0 - 2.0 * LEAST) * k as f64 / (PLACES - 1) as f64);
    let (least, at) = places.map(|share| quantile(input, share)).fold((f64::INFINITY, 0.0), |best, at| {
        let (below, beyond): (Vec<usize>, Vec<usize>) = all.iter().partition(|&&row| input[row] < at);
        let both = error(table, &weights, &below, 3) + error(table, &weights, &beyond, 3);
        if both < best.0 { (both, at) } else { best }
    });
    (least < PAYS * one).then_some(at)
}

/// Weighted squared error that a polynomial of the first input with so many terms, and its products with the others,
/// leaves on some rows.
fn error(table: &Table, weights: &[f64], rows: &[usize], terms: i32) -> f64 {
    let scale = |column: &[f64]| rows.iter().map(|&row| column[row].abs()).fold(f64::MIN_POSITIVE, f64::max);
    let scales: Vec<f64> = table.columns.iter().map(|column| scale(column)).collect();
    let value = |input: usize, row: usize| table.columns[input][row] / scales[input];
    let mut features: Vec<Vec<f64>> = vec![];
    for other in 0..table.columns.len() {
        for term in 0..terms {
            let factor = |row: usize| if other == 0 { 1.0 } else { value(other, row) };
            features.push(rows.iter().map(|&row| value(0, row).powi(term) * factor(row)).collect());
        }
    }
    let mut residuals = |constants: &[f64], out: &mut [f64], jacobian: Option<&mut [f64]>| {
        for (at, (out, &row)) in out.iter_mut().zip(rows).enumerate() {
            *out = features.iter().zip(constants).map(|(feature, c)| feature[at] * c).sum::<f64>() - table.target[row];
        }
        if let Some(jacobian) = jacobian {
            jacobian.chunks_mut(rows.len()).zip(&features).for_each(|(to, from)| to.copy_from_slice(from));
        }
    };
    let start = vec![0.0; features.len()];
    let weights: Vec<f64> = rows.iter().map(|&row| weights[row]).collect();
    let settings = FitSettings { iterations: 8, ..FitSettings::default() };
    let fitted = levenberg_marquardt(&mut residuals, &start, rows.len(), &weights, &settings);
    fitted.loss * weights.iter().sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(law: fn(f64) -> f64) -> Table {
        let r: Vec<f64> = (0..800).map(|k| 0.1 + 0.005 * f64::from(k)).collect();
        // A network's error: a small wave.
        let target = r.iter().map(|&r| law(r) + 0.02 * libm::sin(40.0 * r)).collect();
        Table {
            inputs: vec!["distance".into()],
            columns: vec![r],
            target,
            weights: vec![],
            noise: 0.02,
            dimensions: None,
        }
    }

    #[test]
    fn a_jump_is_told_from_what_is_smooth() {
        let at = change(&table(|r| if r > 2.0 { 2.0 * (r - 1.0) } else { 0.0 })).expect("a jump");
        assert!((at - 2.0).abs() < 0.08, "{at}");
        assert_eq!(change(&table(|r| 2.0 * (r - 1.0))), None);
    }
}
