//! Which stages a plan runs, and in which order.

use crate::plan::{Plan, Stage, StageKind};
use petgraph::Direction;
use petgraph::graphmap::DiGraphMap;
use std::collections::BTreeSet;

/// The stages of a plan, each after everything it needs. Trainings and distillations are outputs; a data set is one only
/// where nothing else is. The order is that of kinds, then of names: it depends on the plan alone.
pub fn stages(plan: &Plan) -> Vec<Stage> {
    let all = |kind, names: Vec<_>| names.into_iter().map(move |name| Stage { kind, name }).collect::<Vec<_>>();
    let mut outputs = all(StageKind::Train, plan.trains.keys().cloned().collect());
    outputs.extend(all(StageKind::Distill, plan.distills.keys().cloned().collect()));
    if outputs.is_empty() {
        outputs = all(StageKind::Data, plan.data.keys().cloned().collect());
    }
    let mut needed = BTreeSet::new();
    let mut open = outputs;
    while let Some(stage) = open.pop() {
        open.extend(plan.needs(&stage).into_iter().filter(|need| !needed.contains(need)));
        needed.insert(stage);
    }
    sorted(plan, &needed)
}

/// Kahn's algorithm, taking the smallest stage that is ready.
fn sorted(plan: &Plan, needed: &BTreeSet<Stage>) -> Vec<Stage> {
    let mut graph: DiGraphMap<&Stage, ()> = DiGraphMap::new();
    for stage in needed {
        graph.add_node(stage);
        for need in plan.needs(stage) {
            let need = needed.get(&need).expect("the set is closed under needs");
            graph.add_edge(need, stage, ());
        }
    }
    let mut ordered = vec![];
    while let Some(ready) =
        graph.nodes().filter(|stage| graph.neighbors_directed(stage, Direction::Incoming).count() == 0).min()
    {
        graph.remove_node(ready);
        ordered.push(ready.clone());
    }
    debug_assert_eq!(ordered.len(), needed.len(), "a stage needs stages of earlier kinds only: no cycles");
    ordered
}
