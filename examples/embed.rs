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
    let table = (0..9).map(|t| format!("{t}, {}\n", 3.0 * (-0.5 * f64::from(t)).exp())).collect::<String>();
    let world = MemoryWorld::with_files(&[("decay.csv", &format!("t, y\n{table}"))]); // what the host has, by name
    let mut session = Session::new();
    for line in [":open decay.csv", ":fit decay.y = a * exp(-b * t)", "diff(_, t) |> latex"] {
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
        let law = |r: f64| finding.law.pair.eval(&|symbol| (symbol == "distance").then_some(r));
        println!("{name}: {}   at r = 2: {:?}", finding.law.pair, law(2.0));
    }
}
