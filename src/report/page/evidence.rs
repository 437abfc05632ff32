//! How good it is: tables of numbers, and the figures with what they show in words.

use super::html::{escape, figure, math, number, table};
use crate::base::Name;
use crate::distill::Side;
use crate::engine::{LawFinding, Record, Sheet};
use crate::expr::print::mathml_content as mathml;
use crate::plan::DistillSource;
use crate::report::chart::Chart;
use crate::report::figures::{reference, sheet, trials};
use crate::report::law::system_of;
use crate::search::Front;

/// What the sections draw from.
pub struct Evidence<'a> {
    /// The run.
    pub record: &'a Record,
    /// Its tables.
    pub sheets: &'a [Sheet],
    /// Its charts.
    pub charts: &'a [(String, Chart)],
}

impl Evidence<'_> {
    fn has(&self, chart: &str) -> bool {
        self.charts.iter().any(|(name, _)| name == chart)
    }

    fn result(&self, name: &str) -> String {
        self.record.results.get(name).map_or("–".into(), |value| number(*value, 4))
    }

    /// A chart with what it says, where the run has it.
    fn chart(&self, name: &str, title: &str, says: &str) -> String {
        if self.has(name) { figure("chart", name, title, says) } else { String::new() }
    }

    /// The particles moving.
    pub fn motion(&self, law: &Name) -> String {
        let Some(motion) = sheet(self.sheets, &format!("{law}.motion")) else { return String::new() };
        if reference(motion) == "data" {
            let says = "Test runs that neither network nor law was made from: what was measured, and from the same start \
                        rolled out by the network's accelerations and by the law's. Grey is what was measured.";
            return figure("motion", law, "Data, network and law from the same start", says)
                + &self.chart(
                    &format!("{law}-motion"),
                    "How far they get from the data",
                    "Mean distance from the measured positions; the middle one of the runs above.",
                );
        }
        let says = "Test runs that neither network nor law was made from, each rolled out from its start by the true \
                    accelerations, by the network's and by the law's. Grey is the truth.";
        figure("motion", law, "Truth, network and law from the same start", says)
            + &self.chart(
                &format!("{law}-motion"),
                "How far they get from the truth",
                "Mean distance from the true positions; the middle one of the runs above.",
            )
    }

    /// A formula for a column against the data, and the others that were found.
    pub fn relation(&self, name: &Name) -> String {
        let data = self.chart(
            &format!("{name}-predictions"),
            "Formula and data",
            "What the formula says of each row against what the row holds; test rows, where there are any.",
        );
        let front = self.chart(
            &format!("{name}-front"),
            "The Pareto front",
            "Formulas none of which is both simpler and better than another; the ring marks the chosen one.",
        );
        data + &front
    }

    /// Law and network side by side.
    pub fn comparison(&self, law: &Name, finding: &LawFinding) -> String {
        let Some(comparison) = &finding.comparison else { return String::new() };
        let rows: Vec<Vec<String>> = trials(comparison)
            .into_iter()
            .map(|(what, value): (String, fn(&Side) -> f64)| {
                let sides = [&comparison.network, &comparison.law, &comparison.zero].map(|side| number(value(side), 3));
                [escape(&what)].into_iter().chain(sides).collect()
            })
            .collect();
        let table = table(
            "Errors of accelerations (mean over bodies, summed over components), of positions, of energy",
            &["", "network", "law", "predicting zero"],
            &rows,
        );
        let chart = self.chart(
            &format!("{law}-comparison"),
            "Where neither was trained",
            "Errors on a logarithmic scale: further left is better.",
        );
        let residuals = self.chart(
            &format!("{law}-residuals"),
            "Errors on test runs",
            "Size of the error over the size of the true acceleration, one point for each body and snapshot. Points at \
             exactly zero are left out.",
        );
        format!("{table}{chart}{residuals}")
    }

    /// What the network learnt.
    pub fn training(&self, fit: &Name) -> String {
        let result = |name: &str| self.result(&format!("{fit}.{name}"));
        let mut out =
            format!("<p>Test loss <b>{}</b>, where predicting zero has {}. ", result("test.mae"), result("test.zero"));
        if self.record.results.contains_key(&format!("{fit}.messages.carrying")) {
            let all = self
                .record
                .plan
                .trains
                .get(fit)
                .map_or(String::new(), |train| format!(" of {}", train.network.message));
            out.push_str(&format!(
                "<b>{}{all}</b> message components carry 99 % of the variance.",
                result("messages.carrying")
            ));
        }
        out.push_str("</p>");
        out.push_str(&self.chart(
            &format!("{fit}-history"),
            "Loss",
            "Mean absolute error after each epoch, summed over components and averaged over bodies.",
        ));
        if sheet(self.sheets, &format!("{fit}.components")).is_some() {
            let says = "Left: standard deviation of each message component, the largest first. Right: the leading \
                        components, standardised, against the linear function of the true force nearest to them. Move \
                        through the training with the slider.";
            out.push_str(&figure("film", fit, "Messages while the network trains", says));
        }
        out.push_str(&self.agreement(fit));
        out
    }

    fn agreement(&self, fit: &Name) -> String {
        let kinds = [
            ("what one body does to another", "contributions.r2"),
            ("leading messages, linear in the true force", "messages.r2_force"),
            ("leading messages, linear in the true acceleration", "messages.r2_acceleration"),
        ];
        let rows: Vec<Vec<String>> = kinds
            .iter()
            .filter(|(_, name)| self.record.results.contains_key(&format!("{fit}.{name}")))
            .map(|(what, name)| {
                let forms = ["", "_trimmed", "_paper"].map(|ending| self.result(&format!("{fit}.{name}{ending}")));
                [what.to_string()].into_iter().chain(forms).collect()
            })
            .collect();
        if rows.is_empty() {
            return String::new();
        }
        table(
            "R² against the truth; close encounters dominate squares, so also with the worst left out",
            &["", "all", "worst 1 % left out", "worst 10 % left out"],
            &rows,
        ) + &self.chart(
            &format!("{fit}-contributions"),
            "What one body does to another, by the network",
            "The network's output with a sender's message less its output without, odd part, against the true \
             acceleration. This is what the law is distilled from.",
        )
    }

    /// From the network's answers to the law.
    pub fn search(&self, law: &Name, finding: &LawFinding) -> String {
        let profile = self.chart(
            &format!("{law}-profile"),
            match system_of(&self.record.plan, law) {
                Some(_) => "Network, law and truth over the distance",
                None => "Network and law over the distance",
            },
            "Acceleration along the direction to the other body, all attributes 1. The network was asked within \
             configurations of test runs.",
        );
        let front = self.chart(
            &format!("{law}-front"),
            "The Pareto front",
            "Formulas none of which is both simpler and better than another; the ring marks the chosen one.",
        );
        let evaluations = finding.law.searched.evaluations;
        let searched = match &self.record.plan.distills.get(law).map(|distill| &distill.of) {
            Some(DistillSource::Fit(fit)) if evaluations > 0 => format!(
                "<p>The search looked at {} formulas for what <code>{}</code> says one body does to another; the best \
                 were refitted on the accelerations of the data. The shortest description of formula, constants and \
                 residuals together was chosen.</p>",
                crate::report::grouped(evaluations),
                escape(fit)
            ),
            _ => String::new(),
        };
        format!("{searched}{profile}{front}{}", front_table(&finding.law.front))
    }
}

fn front_table(front: &Front) -> String {
    let rows: Vec<Vec<String>> = front
        .formulas
        .iter()
        .enumerate()
        .map(|(index, formula)| {
            let mark = if index == front.chosen { "<b aria-label=\"chosen\">▸</b> " } else { "" };
            vec![
                format!("{mark}{}", math(&mathml(&formula.expr), "inline")),
                number(formula.complexity, 4),
                number(formula.loss, 3),
                number(formula.score, 2),
                number(formula.description_length, 6),
            ]
        })
        .collect();
    table(
        "Refitted formulas of the acceleration by rising complexity, the chosen one marked",
        &["formula", "complexity", "loss", "score", "bits"],
        &rows,
    )
}
