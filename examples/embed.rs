//! SDL in another program: evaluate, check, run with events, and call the law that was found.
//! `cargo run --release --example embed`

use sdl::base::MemoryWorld;
use sdl::engine::{Event, Options};
use sdl::session::{Form, Session, shown};
use std::sync::atomic::AtomicBool;

const STUDY: &str = "
system springs { space = 2; particles = 3; position ~ normal(0, 1); velocity ~ normal(0, 1)
  energy(i, j) = (distance(i, j) - 1)^2 }
data motion { from = springs; runs = 60; steps = 60; dt = 0.01 }
network net { predict = acceleration; sees = position; edge = mlp(32, 32); node = mlp(32); message = 8
  bias = translation, superposition }
operators simple { allow +, -, *, / }
train fit { network = net; data = motion; epochs = 2 }
distill law { of = fit; with = simple; budget = 20_000 }
";

fn main() {
    let world = MemoryWorld::default(); // files, clock and memory as the host wants them
    let mut session = Session::new();
    for line in ["f(r, m) = m * (r^2 - 1) / (r^3 + r^2)", "simplify(f)", "diff(_, r) |> latex"] {
        if let Some(outcome) = session.eval(line, &world).outcome {
            println!("{}", shown(&outcome, Form::Plain));
        }
    }
    let checked = sdl::check("study", STUDY, &|_| Err("no files here".into()), &[], None);
    checked.diagnostics.iter().for_each(|finding| println!("{}: {}", finding.code, finding.headline));
    let Some(plan) = checked.plan else { return };
    let cancel = AtomicBool::new(false); // set it from any thread to stop the run
    let sink = |event: Event| {
        if let Event::StageFinished { stage, .. } = event {
            println!("{:?} {} is done", stage.kind, stage.name);
        }
    };
    let outcome = sdl::run(&plan, &Options { threads: 1, ..Options::default() }, &world, None, &sink, &cancel);
    for (name, finding) in &outcome.record.laws {
        let at = |r: f64| finding.law.pair.eval(&|symbol| (symbol == "distance").then_some(r));
        println!("{name}: {}   at r = 2: {:?}", finding.law.pair, at(2.0));
    }
}
