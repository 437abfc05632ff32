use super::*;
use crate::base::{Name, Progress, Seed, Silent, Watch};
use crate::expr::{Expr, Op, print::infix};
use crate::plan::{Allowed, Budget, Choose, DefinedOperator, OperatorsPlan, SearchLoss};
use std::sync::atomic::{AtomicU64, Ordering};

fn symbol(name: &str) -> Expr {
    Expr::symbol(name)
}

fn operators(ops: &[Op]) -> OperatorsPlan {
    OperatorsPlan {
        allow: ops.iter().map(|op| Allowed { op: *op, cost: 1.0 }).collect(),
        define: vec![],
        never: vec![],
        require: vec![],
        size: 20,
        depth: 8,
        constants: Some((-1e3, 1e3)),
    }
}

const ARITHMETIC: [Op; 4] = [Op::Add, Op::Sub, Op::Mul, Op::Div];

fn settings(evaluations: u64) -> Settings<'static> {
    Settings {
        loss: SearchLoss::Mse,
        budget: Budget::Evaluations(evaluations),
        choose: Choose::DescriptionLength,
        seed: Seed::root(5),
        clock: None,
    }
}

/// Inputs x, y and z between 0.5 and 3, the truth, and noise on it.
fn table(truth: &Expr, rows: usize, noise: f64) -> Table {
    let mut stream = Seed::root(17).stream();
    let names = ["x", "y", "z"];
    let mut table = Table { inputs: names.map(Name::new).to_vec(), columns: vec![vec![]; 3], ..Table::default() };
    for _ in 0..rows {
        let point: Vec<f64> = names.iter().map(|_| 0.5 + 2.5 * stream.uniform()).collect();
        let at = |name: &str| names.iter().position(|other| *other == name).map(|k| point[k]);
        table.columns.iter_mut().zip(&point).for_each(|(column, value)| column.push(*value));
        table.target.push(truth.eval(&at).unwrap() + noise * stream.normal());
    }
    table
}

fn chosen(front: &Front) -> &Formula {
    &front.formulas[front.chosen]
}

/// Mean squared error relative to the target's mean square.
fn error(expr: &Expr, table: &Table) -> f64 {
    let (mut errors, mut size) = (0.0, 0.0);
    for row in 0..table.target.len() {
        let at = |name: &str| table.inputs.iter().position(|n| n.as_str() == name).map(|k| table.columns[k][row]);
        errors += (expr.eval(&at).unwrap() - table.target[row]).powi(2);
        size += table.target[row].powi(2);
    }
    errors / size
}

#[test]
fn small_laws_are_found_exactly() {
    let [x, y, z] = ["x", "y", "z"].map(symbol);
    let functions = [&ARITHMETIC[..], &[Op::Exp, Op::Sqrt, Op::Sin]].concat();
    let laws = [
        (x.clone(), &ARITHMETIC[..], 1.0),
        (Expr::number(2.0) * (x.clone() - Expr::number(1.0)), &ARITHMETIC, 5.0),
        (x.clone() * y.clone() / (z.clone() * z.clone()), &ARITHMETIC, 7.0),
        (x.clone() / (y.clone() + Expr::number(0.25)), &ARITHMETIC, 5.0),
        (x.clone() - y.clone() * z.clone() / (x.clone() + y.clone()), &ARITHMETIC, 9.0),
        (Expr::number(1.5) * (x.clone() * y.clone()).apply(Op::Sin), &functions, 6.0),
        ((x.clone() * x.clone() + y.clone() * y.clone()).apply(Op::Sqrt), &functions, 8.0),
        ((Expr::number(-0.7) * x.clone()).apply(Op::Exp) * z.clone(), &functions, 6.0),
    ];
    for (law, ops, complexity) in laws {
        let front = search(&table(&law, 200, 0.0), &operators(ops), &settings(200_000), &Silent).unwrap();
        let best = chosen(&front);
        assert!(error(&best.expr, &table(&law, 100, 0.0)) < 1e-18, "{law:?}: {}", infix(&best.expr));
        assert!(best.complexity <= complexity, "{}: {} for {complexity}", infix(&best.expr), best.complexity);
        assert!(front.exact);
    }
}

#[test]
fn noise_is_not_explained() {
    let law = Expr::number(2.0) * (symbol("x") - Expr::number(1.0)) / symbol("y");
    // Not the relative loss: there a description still explains the noise of small targets.
    for loss in [SearchLoss::Mse, SearchLoss::Mae] {
        let table = Table { noise: 0.02, ..table(&law, 300, 0.02) };
        let settings = Settings { loss, ..settings(60_000) };
        let front = search(&table, &operators(&ARITHMETIC), &settings, &Silent).unwrap();
        let best = chosen(&front);
        assert!(best.complexity <= 7.0, "{loss:?}: {}", infix(&best.expr));
        assert!(error(&best.expr, &self::table(&law, 100, 0.0)) < 1e-4, "{loss:?}: {}", infix(&best.expr));
        assert!(front.formulas.is_sorted_by(|a, b| a.complexity < b.complexity && a.loss > b.loss));
    }
}

#[test]
fn the_front_does_not_depend_on_threads() {
    let law = (symbol("x") * symbol("y")).apply(Op::Sin) / (symbol("z") + Expr::number(0.3));
    let table = table(&law, 400, 0.05);
    let ops = operators(&[&ARITHMETIC[..], &[Op::Sin]].concat());
    let fronts: Vec<String> = [1, 2, 7]
        .into_iter()
        .map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let front = pool.install(|| search(&table, &ops, &settings(60_000), &Silent)).unwrap();
            serde_json::to_string(&front).unwrap()
        })
        .collect();
    assert_eq!(fronts[0], fronts[1]);
    assert_eq!(fronts[0], fronts[2]);
    let other = Settings { seed: Seed::root(6), ..settings(60_000) };
    let other = search(&table, &ops, &other, &Silent).unwrap();
    assert_ne!(fronts[0], serde_json::to_string(&other).unwrap());
}

#[test]
fn a_search_by_the_clock_is_repeated_by_its_evaluations() {
    let table = table(&(symbol("x") * symbol("y")).apply(Op::Sin), 200, 0.1);
    let ticks = AtomicU64::new(0);
    let clock = || ticks.fetch_add(1, Ordering::Relaxed) as f64;
    let timed = Settings { budget: Budget::Seconds(12.0), clock: Some(&clock), ..settings(0) };
    let first = search(&table, &operators(&ARITHMETIC), &timed, &Silent).unwrap();
    let second = search(&table, &operators(&ARITHMETIC), &settings(first.evaluations), &Silent).unwrap();
    assert_eq!(first, second);
    let without = Settings { clock: None, ..timed };
    assert_eq!(search(&table, &operators(&ARITHMETIC), &without, &Silent), Err(SearchError::NoClock));
}

#[test]
fn constraints_hold_for_every_formula() {
    let law = (symbol("x") * Expr::number(3.0)).apply(Op::Sin) + symbol("y").apply(Op::Exp) / symbol("z");
    let table = table(&law, 200, 0.05);
    let base = operators(&[&ARITHMETIC[..], &[Op::Sin, Op::Exp]].concat());
    let run = |plan: &OperatorsPlan| search(&table, plan, &settings(30_000), &Silent).unwrap().formulas;
    let calls = |expr: &Expr, op: Op| {
        let mut found = 0;
        expr.visit(&mut |e| found += usize::from(matches!(e.node(), crate::expr::Node::Call(o, _) if *o == op)));
        found
    };
    for formula in run(&OperatorsPlan { size: 6, depth: 3, ..base.clone() }) {
        assert!(formula.complexity <= 6.0 && formula.expr.depth() <= 3, "{}", infix(&formula.expr));
    }
    let never = vec![symbol("_").apply(Op::Exp), symbol("_") / symbol("z")];
    for formula in run(&OperatorsPlan { never, ..base.clone() }) {
        assert_eq!(calls(&formula.expr, Op::Exp), 0, "{}", infix(&formula.expr));
        assert!(!infix(&formula.expr).contains("/ z"), "{}", infix(&formula.expr));
    }
    for formula in run(&OperatorsPlan { require: vec!["z".into()], ..base.clone() }) {
        assert!(formula.expr.symbols().contains("z"), "{}", infix(&formula.expr));
    }
    let numbers = |expr: &Expr| {
        let mut found = vec![];
        expr.visit(&mut |e| found.extend(e.as_number()));
        found
    };
    for formula in run(&OperatorsPlan { constants: None, ..base.clone() }) {
        assert!(numbers(&formula.expr).is_empty(), "{}", infix(&formula.expr));
    }
    for formula in run(&OperatorsPlan { constants: Some((0.5, 2.0)), ..base.clone() }) {
        assert!(numbers(&formula.expr).iter().all(|c| (0.5..=2.0).contains(c)), "{}", infix(&formula.expr));
    }
    let inverse = DefinedOperator {
        name: "inv".into(),
        parameters: vec!["a".into()],
        body: Expr::number(1.0) / symbol("a"),
        cost: 2.0,
    };
    let plan = OperatorsPlan { define: vec![inverse], ..operators(&[Op::Add]) };
    let target = self::table(&(Expr::number(1.0) / symbol("x") + symbol("y")), 100, 0.0);
    let front = search(&target, &plan, &settings(30_000), &Silent).unwrap();
    assert_eq!(chosen(&front).complexity, 5.0, "{}", infix(&chosen(&front).expr));
    assert!(error(&chosen(&front).expr, &target) < 1e-18);
}

#[test]
fn bad_tables_are_told_and_odd_ones_searched() {
    let good = table(&(symbol("x") * symbol("y")), 50, 0.0);
    let plan = operators(&ARITHMETIC);
    let run = |table: &Table| search(table, &plan, &settings(5_000), &Silent);
    let short = Table { columns: vec![vec![1.0], vec![], vec![]], ..good.clone() };
    assert!(matches!(run(&short), Err(SearchError::Shape { found: 1, expected: 50, .. })));
    assert_eq!(run(&Table::default()), Err(SearchError::NoRows { rows: 0 }));
    let nan = Table { target: vec![f64::NAN; 50], ..good.clone() };
    assert_eq!(run(&nan), Err(SearchError::NoRows { rows: 50 }));
    let mut weights = vec![1.0; 50];
    weights[3] = -1.0;
    assert_eq!(run(&Table { weights, ..good.clone() }), Err(SearchError::Weight { row: 3 }));
    let unknown = OperatorsPlan { require: vec!["w".into()], ..plan.clone() };
    assert_eq!(search(&good, &unknown, &settings(10), &Silent), Err(SearchError::UnknownName("w".into())));

    let mut dirty = good.clone();
    dirty.columns[0][3] = f64::INFINITY;
    dirty.target[7] = f64::NAN;
    dirty.columns[1][9] = 1e200;
    let front = run(&dirty).unwrap();
    assert_eq!(front.rows, 47);
    assert!(error(&chosen(&front).expr, &good) < 1e-20);

    let mut odd = good.clone();
    odd.inputs.extend([Name::new("same"), Name::new("still")]);
    odd.columns.extend([good.columns[0].clone(), vec![4.0; 50]]);
    let front = run(&odd).unwrap();
    assert!(front.exact && !chosen(&front).expr.symbols().contains("same"), "{}", infix(&chosen(&front).expr));

    for rows in 1..=3 {
        let few = table(&(symbol("x") * symbol("y")), rows, 0.0);
        assert!(!run(&few).unwrap().formulas.is_empty(), "{rows} rows");
    }
    let constant = Table { target: vec![2.5; 50], ..good.clone() };
    let front = run(&constant).unwrap();
    assert_eq!(chosen(&front).expr.as_number(), Some(2.5));
    let input = Table { target: good.columns[2].clone(), ..good.clone() };
    assert_eq!(chosen(&run(&input).unwrap()).expr, symbol("z"));
    let huge = Table { target: good.target.iter().map(|y| y * 1e120).collect(), ..good.clone() };
    assert!(run(&huge).is_ok());
    let nothing = search(&good, &OperatorsPlan { allow: vec![], ..plan.clone() }, &settings(5_000), &Silent).unwrap();
    assert!(nothing.formulas.iter().all(|formula| formula.complexity == 1.0));
}

#[test]
fn a_stopped_search_gives_what_it_has() {
    struct After(AtomicU64);
    impl Watch for After {
        fn progress(&self, progress: Progress) {
            assert_eq!(progress.unit, "evaluations");
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        fn cancelled(&self) -> bool {
            self.0.load(Ordering::Relaxed) >= 8
        }
    }
    let table = table(&(symbol("x") * symbol("y")).apply(Op::Sin), 200, 0.1);
    let watch = After(AtomicU64::new(0));
    match search(&table, &operators(&ARITHMETIC), &settings(u64::MAX), &watch) {
        Err(SearchError::Cancelled(front)) => assert!(!front.formulas.is_empty() && front.evaluations > 0),
        other => panic!("{other:?}"),
    }
}

/// Problems with known answers: the NIST reference data set Misra1a with its certified values, Rosenbrock's valley,
/// and a line through points of which a third is far off, by absolute deviations.
#[test]
fn fits_meet_known_answers() {
    let x = [77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0];
    let y = [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78];
    let model = symbol("a") * (Expr::number(1.0) - (-(symbol("b") * symbol("x"))).apply(Op::Exp));
    let tape = crate::expr::Tape::compile(&[model], &["x".into()], &["a".into(), "b".into()]).unwrap();
    let fitted = fit_constants(&tape, &[&x], &y, &[], &[500.0, 0.0001], &FitSettings::default());
    let near = |found: f64, known: f64| assert!((found / known - 1.0).abs() < 1e-6, "{found} for {known}");
    near(fitted.constants[0], 2.3894212918e2);
    near(fitted.constants[1], 5.5015643181e-4);
    near(fitted.loss * 14.0, 1.2455138894e-1);
    near(fitted.uncertainty(0), 2.7070075241);
    near(fitted.uncertainty(1), 7.2668688436e-6);

    let mut valley = |c: &[f64], out: &mut [f64], jacobian: Option<&mut [f64]>| {
        out.copy_from_slice(&[10.0 * (c[1] - c[0] * c[0]), 1.0 - c[0]]);
        if let Some(jacobian) = jacobian {
            jacobian.copy_from_slice(&[-20.0 * c[0], -1.0, 10.0, 0.0]);
        }
    };
    let fitted = levenberg_marquardt(&mut valley, &[-1.2, 1.0], 2, &[], &FitSettings::default());
    assert!(fitted.constants.iter().all(|c| (c - 1.0).abs() < 1e-9), "{fitted:?}");
    let bounds = FitSettings { bounds: (-2.0, 0.5), ..FitSettings::default() };
    let bounded = levenberg_marquardt(&mut valley, &[-1.2, 0.4], 2, &[], &bounds);
    assert!(bounded.constants.iter().all(|c| (-2.0..=0.5).contains(c)));

    let line = symbol("a") * symbol("x") + symbol("b");
    let tape = crate::expr::Tape::compile(&[line], &["x".into()], &["a".into(), "b".into()]).unwrap();
    let x: Vec<f64> = (0..30).map(f64::from).collect();
    let y: Vec<f64> =
        x.iter().map(|x| 2.0 * x - 3.0 + if (*x as usize).is_multiple_of(3) { 50.0 } else { 0.0 }).collect();
    let absolute = FitSettings { norm: Norm::Absolute, ..FitSettings::default() };
    let fitted = fit_constants(&tape, &[&x], &y, &[], &[1.0, 0.0], &absolute);
    assert!((fitted.constants[0] - 2.0).abs() < 1e-2 && (fitted.constants[1] + 3.0).abs() < 0.2, "{fitted:?}");

    // Constants of 1e-50 and 5e-11: what one has of slope must not hold the other.
    let planck = symbol("a") / ((symbol("b") * symbol("x")).apply(Op::Exp) - Expr::number(1.0));
    let tape = crate::expr::Tape::compile(&[planck], &["x".into()], &["a".into(), "b".into()]).unwrap();
    let x: Vec<f64> = (1..60).map(|k| f64::from(k) * 1e11).collect();
    let y: Vec<f64> = x.iter().map(|x| 2e-50 / libm::expm1(5e-11 * x)).collect();
    let logs = FitSettings { norm: Norm::Logs, ..FitSettings::default() };
    let fitted = fit_constants(&tape, &[&x], &y, &[], &[2.2e-50, 4.9e-11], &logs);
    near(fitted.constants[0], 2e-50);
    near(fitted.constants[1], 5e-11);

    let hopeless = fit_constants(&tape, &[&[f64::NAN]], &[1.0], &[], &[1.0, 0.0], &FitSettings::default());
    assert_eq!(hopeless.loss, f64::INFINITY);
}

#[test]
fn a_search_goes_on_from_its_checkpoint_to_the_same_front() {
    let law = (symbol("x") * symbol("y")).apply(Op::Sin) / (symbol("z") + Expr::number(0.3));
    let table = table(&law, 300, 0.05);
    let ops = operators(&[&ARITHMETIC[..], &[Op::Sin]].concat());
    let kept = std::sync::Mutex::new(vec![]);
    let keep = |bytes: &dyn Fn() -> Vec<u8>| kept.lock().unwrap().push(bytes());
    let course = Course { keep: Some(&keep), ..Course::default() };
    let whole = search_along(&table, &ops, &settings(150_000), &course, &Silent).unwrap();
    let kept = kept.into_inner().unwrap();
    assert!(kept.len() > 2, "{} epochs", kept.len());
    let middle = &kept[kept.len() / 2];
    let course = Course { resume: Some(middle), ..Course::default() };
    let rest = search_along(&table, &ops, &settings(150_000), &course, &Silent).unwrap();
    assert_eq!(serde_json::to_string(&whole).unwrap(), serde_json::to_string(&rest).unwrap());
    let other = Settings { seed: Seed::root(6), ..settings(150_000) };
    let refused = |settings: &Settings, bytes: &[u8]| {
        let course = Course { resume: Some(bytes), ..Course::default() };
        search_along(&table, &ops, settings, &course, &Silent).unwrap_err()
    };
    assert_eq!(refused(&other, middle), SearchError::OtherCheckpoint);
    assert_eq!(refused(&settings(150_000), &middle[..100]), SearchError::BrokenCheckpoint);
}

#[test]
fn formulas_given_to_a_search_are_in_its_front() {
    let [x, y, z] = ["x", "y", "z"].map(symbol);
    let inner = x.clone() * y.clone() + Expr::number(0.3) * z.clone().apply(Op::Exp);
    let law = inner.apply(Op::Sin) / (z + Expr::number(0.7)) - x / (y + Expr::number(2.5));
    let table = table(&law, 200, 0.0);
    let ops = operators(&[&ARITHMETIC[..], &[Op::Sin, Op::Exp]].concat());
    let begun = Course { from: &[symbol("nothing"), law.clone()], ..Course::default() };
    let front = search_along(&table, &ops, &settings(1_000), &begun, &Silent).unwrap();
    assert!(front.exact && error(&chosen(&front).expr, &table) < 1e-20, "{}", infix(&chosen(&front).expr));
}

#[test]
fn orders_of_magnitude_are_searched_by_their_logarithm() {
    let [x, y] = ["x", "y"].map(symbol);
    let law =
        Expr::number(3e-40) * x.clone().pow(3.0) / ((Expr::number(40.0) * x / y).apply(Op::Exp) - Expr::number(1.0));
    let mut table = table(&law, 150, 0.0);
    assert_eq!(suited_loss(&table.target), SearchLoss::Log);
    let ops = operators(&[&ARITHMETIC[..], &[Op::Exp, Op::Log, Op::Pow]].concat());
    let ops = OperatorsPlan { constants: Some((-1e50, 1e50)), ..ops };
    let settings = Settings { loss: SearchLoss::Log, ..settings(300_000) };
    let front = search(&table, &ops, &settings, &Silent).unwrap();
    assert!(front.exact && chosen(&front).loss < 1e-20, "{}", infix(&chosen(&front).expr));
    table.target[3] = -1.0;
    assert_eq!(search(&table, &ops, &settings, &Silent), Err(SearchError::Signs));
    assert_eq!(suited_loss(&table.target), SearchLoss::Mse);
}

#[test]
fn quotients_of_polynomials_are_found_at_once() {
    let [x, y] = ["x", "y"].map(symbol);
    let n = Expr::number;
    let laws = [
        n(3.0) * x.clone() - n(2.0) * x.clone() * y.clone() - x.clone() * x.clone(),
        x.clone() * (n(4.0) - x.clone() - y.clone() / (n(1.0) + x.clone())),
        n(20.0) - x.clone() - x.clone() * y.clone() / (n(1.0) + n(0.5) * x.clone() * x.clone()),
    ];
    for law in laws {
        let table = table(&law, 200, 0.0);
        let ops = OperatorsPlan { size: 40, ..operators(&ARITHMETIC) };
        let front = search(&table, &ops, &settings(30_000), &Silent).unwrap();
        assert!(front.exact, "{law:?}: {}", infix(&chosen(&front).expr));
    }
}

#[test]
fn roots_of_squares_are_told_from_their_sign() {
    let [x, y, z] = ["x", "y", "z"].map(symbol);
    // On the data z − 9 has one sign.
    let law = (z.clone() - Expr::number(9.0)) / (x + y).apply(Op::Sqrt);
    let squared = ((z - Expr::number(9.0)).pow(2.0) * (symbol("x") + symbol("y")).pow(-1.0)).apply(Op::Sqrt);
    let ops = operators(&[&ARITHMETIC[..], &[Op::Sqrt, Op::Pow]].concat());
    let begun = Course { from: &[squared], ..Course::default() };
    let front = search_along(&table(&law, 200, 0.0), &ops, &settings(1_000), &begun, &Silent).unwrap();
    let best = chosen(&front);
    assert!(best.complexity <= 8.0 && best.loss < 1e-20, "{}", infix(&best.expr));
}
