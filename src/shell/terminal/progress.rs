//! Live progress: a bar where somebody watches, a plain line now and then where nobody does. The only file that knows how
//! a bar is drawn.

use crate::base::Progress;
use crate::report::grouped;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::{Duration, Instant};

/// Between two lines of a stage when piped.
const EVERY: Duration = Duration::from_secs(10);

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A bar that moves.
    Bar,
    /// Lines.
    Lines,
    /// Nothing.
    Nothing,
}

/// The progress of one stage.
pub struct Meter {
    style: Style,
    title: String,
    start: Instant,
    /// Where the count stood when it was first heard: work loaded from before does not enter the rate.
    first: Option<(Instant, u64)>,
    last: Option<Instant>,
    bar: Option<ProgressBar>,
    unit: &'static str,
}

impl Meter {
    /// The meter of a stage that begins now.
    pub fn start(style: Style, title: String) -> Meter {
        let bar = (style == Style::Bar).then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8));
            bar.set_style(ProgressStyle::with_template("{spinner} {prefix}  {msg}").expect("the template is fixed"));
            bar.set_prefix(title.clone());
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        });
        Meter { style, title, start: Instant::now(), first: None, last: None, bar, unit: "" }
    }

    /// Shows how far it is, how fast it goes and how long it will go on.
    pub fn tell(&mut self, progress: &Progress) {
        if self.style == Style::Nothing {
            return;
        }
        let now = Instant::now();
        // A stage may count several things one after another: each has its own rate.
        if self.unit != progress.unit || self.first.is_none_or(|(_, done)| progress.done < done) {
            self.unit = progress.unit;
            self.first = Some((now, progress.done));
        }
        let (since, from) = self.first.unwrap_or((now, 0));
        let line = describe(progress, progress.done - from, now - since);
        match &self.bar {
            Some(bar) => {
                let gauge = if progress.total > 0 { gauge(progress) + " " } else { String::new() };
                let below: String = progress.note.lines().skip(1).map(|row| format!("\n{}", shortened(row))).collect();
                bar.set_message(format!("{gauge}{line}{below}"));
            }
            None if self.last.unwrap_or(self.start) + EVERY <= now => {
                self.last = Some(now);
                super::remark(&format!("{}  {line}", self.title));
            }
            None => {}
        }
    }

    /// Takes the bar away.
    pub fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

/// `1,200 / 15,000 steps   230 / s   1 min left   loss 0.012`.
fn describe(progress: &Progress, counted: u64, time: Duration) -> String {
    let mut parts = vec![match progress.total {
        0 => format!("{} {}", grouped(progress.done), progress.unit),
        total => format!("{} / {} {}", grouped(progress.done), grouped(total), progress.unit),
    }];
    let seconds = time.as_secs_f64();
    if counted > 0 && seconds > 0.1 {
        let rate = counted as f64 / seconds;
        parts.push(match rate {
            rate if rate < 10.0 => format!("{rate:.1} / s"),
            rate => format!("{} / s", grouped(rate as u64)),
        });
        if progress.total > progress.done {
            parts.push(format!("{} left", duration((progress.total - progress.done) as f64 / rate)));
        }
    }
    parts.extend(progress.note.lines().next().map(shortened));
    parts.join("   ")
}

/// The note, cut where it would not fit on a line.
fn shortened(note: &str) -> String {
    const LONGEST: usize = 60;
    match note.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &note[..at]),
        None => note.into(),
    }
}

fn gauge(progress: &Progress) -> String {
    const WIDTH: usize = 20;
    let share = progress.done as f64 / progress.total as f64;
    let full = ((share * WIDTH as f64) as usize).min(WIDTH);
    format!("{}{}", "█".repeat(full), "░".repeat(WIDTH - full))
}

/// A time for people: `0.3 s`, `42 s`, `3 min`, `2 h 10 min`.
pub fn duration(seconds: f64) -> String {
    match seconds {
        s if !s.is_finite() => "?".into(),
        s if s < 9.95 => format!("{s:.1} s"),
        s if s < 99.5 => format!("{s:.0} s"),
        s if s < 5400.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.0} h {:.0} min", (s / 3600.0).floor(), (s % 3600.0 / 60.0).floor()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_reads_well() {
        let progress = |done, total, note: &str| Progress { done, total, unit: "steps", note: note.into() };
        for (progress, counted, seconds, line) in [
            (progress(0, 15_000, ""), 0, 0.0, "0 / 15,000 steps"),
            (progress(1_200, 15_000, "loss 0.1"), 1_200, 6.0, "1,200 / 15,000 steps   200 / s   69 s left   loss 0.1"),
            (progress(7, 0, ""), 7, 2.0, "7 steps   3.5 / s"),
            (progress(7, 0, "loss 1\n1  1  x"), 7, 2.0, "7 steps   3.5 / s   loss 1"),
            (progress(9, 9, ""), 9, 1.0, "9 / 9 steps   9.0 / s"),
        ] {
            assert_eq!(describe(&progress, counted, Duration::from_secs_f64(seconds)), line);
        }
        for (seconds, text) in
            [(0.25, "0.2 s"), (42.0, "42 s"), (200.0, "3 min"), (7800.0, "2 h 10 min"), (f64::INFINITY, "?")]
        {
            assert_eq!(duration(seconds), text);
        }
    }
}
