//! The command line: what may be asked, and who answers.
//!
//! | exit status | meaning |
//! |---|---|
//! | 0 | all is well: every `expect` holds, the script checks |
//! | 1 | an `expect` fails, a file is not formatted as `sdl fmt` would, or two plans differ |
//! | 2 | the script does not check, or the command cannot be understood |
//! | 3 | a stage failed, or the program did |
//! | 130 | interrupted |

mod bundle;
mod cache;
mod check;
mod course;
mod describe;
mod diff;
mod doc;
mod eval;
mod explain;
mod export;
mod format;
mod load;
mod new;
mod plot;
mod report;
mod run;
mod runs;
mod search;
mod verify;
mod watch;

pub use load::text_below;

use super::world::Machine;
use super::{lsp, repl, terminal};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// The symbolic distillation language: from a one-page script to a proven law of physics.
#[derive(Debug, Parser)]
#[command(name = "sdl", version, disable_help_subcommand = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a script: simulate, train, distil, judge what was expected
    Run(RunArguments),
    /// Find mistakes without running anything
    Check(CheckArguments),
    /// Put a script in its standard form
    Fmt(FormatArguments),
    /// Show the plan with every default filled in
    Describe(DescribeArguments),
    /// Say in words what two scripts do differently
    Diff(DiffArguments),
    /// Write a starting script with comments
    New(NewArguments),
    /// Look up a block, a field, a function, a unit or an item of the library
    Doc(DocArguments),
    /// Say what the code of a finding means, with a script that gives it and one that does not
    Explain(ExplainArguments),
    /// Serve an editor on standard input and output (language server protocol)
    Lsp,
    /// Search formulas for a column of a table
    Search(SearchArguments),
    /// Evaluate expressions, each value on a line
    Eval(EvalArguments),
    /// The prompt: evaluate line by line
    Repl(ReplArguments),
    /// Make the page of a finished run anew, or one page that compares several
    Report(ReportArguments),
    /// Draw the charts of a finished run in the terminal, or one of them into an SVG file
    Plot(PlotArguments),
    /// Check a finished run: its files, and that running it again gives the same
    Verify(VerifyArguments),
    /// List finished runs
    Runs(RunsArguments),
    /// Say how two runs differ: settings and results
    Compare(CompareArguments),
    /// Write the tracks of a data set as a table: CSV or Parquet
    Export(ExportArguments),
    /// Put a finished run into one file to send
    Bundle(BundleArguments),
    /// Open a bundle into a folder; runs nothing
    Open(OpenArguments),
    /// List or clean the store of finished stages
    Cache(CacheArguments),
    /// Print the version
    Version,
}

/// What all commands that read a script share.
#[derive(Debug, Args)]
pub struct ScriptArguments {
    /// The script
    pub file: PathBuf,
    /// The seed that all random numbers come from, in place of the script's
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Set a field of the script, such as `fit.epochs=2`; may be given many times
    #[arg(long, value_name = "ITEM.FIELD=VALUE")]
    pub set: Vec<String>,
    /// Take warnings as errors
    #[arg(long)]
    pub strict: bool,
}

#[derive(Debug, Args)]
struct RunArguments {
    #[command(flatten)]
    script: ScriptArguments,
    /// The run folder [default: runs/SCRIPT-HASH]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Go on in an existing run folder, even if the script has changed; finished stages are not run again
    #[arg(long)]
    resume: bool,
    /// How many threads to use [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Refuse to take more memory than this, such as 4GB [default: what is free]
    #[arg(long, value_name = "SIZE", value_parser = memory_size)]
    max_memory: Option<u64>,
    /// Stop after this time as if interrupted, such as 10min or 2h; what is finished is kept [default: never]
    #[arg(long, value_name = "TIME", value_parser = time_span)]
    max_time: Option<f64>,
    /// Write event files of TensorBoard into the run folder while it goes on
    #[arg(long)]
    tensorboard: bool,
    /// Say nothing but mistakes
    #[arg(long, short)]
    quiet: bool,
    /// Print one JSON object per event and a last summary line
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct CheckArguments {
    #[command(flatten)]
    script: ScriptArguments,
    /// Print findings as JSON, one per line
    #[arg(long, conflicts_with = "short")]
    json: bool,
    /// Print one line per finding
    #[arg(long)]
    short: bool,
}

#[derive(Debug, Args)]
struct ReportArguments {
    /// The run folder; several for a comparison
    #[arg(required = true)]
    runs: Vec<PathBuf>,
    /// Where the page goes [default: report.html in the run folder; comparison.html of several]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct PlotArguments {
    /// The run folder
    run: PathBuf,
    /// The chart, such as `fit-history` [default: all]
    chart: Option<String>,
    /// Write the chart as SVG
    #[arg(long, value_name = "FILE", requires = "chart")]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct VerifyArguments {
    /// The run folder
    run: PathBuf,
    /// Check its files only; run nothing
    #[arg(long)]
    quick: bool,
    /// Numbers that differ by no more than this share are equal within tolerance
    #[arg(long, value_name = "SHARE", default_value_t = 1e-6)]
    tolerance: f64,
}

#[derive(Debug, Args)]
struct RunsArguments {
    /// The folder that run folders lie in
    #[arg(default_value = "runs")]
    folder: PathBuf,
}

#[derive(Debug, Args)]
struct CompareArguments {
    /// A run folder
    one: PathBuf,
    /// Another
    other: PathBuf,
}

#[derive(Debug, Args)]
struct ExportArguments {
    #[command(flatten)]
    script: ScriptArguments,
    /// The data set of the script
    data: String,
    /// The file to write; Parquet where its name ends so, else CSV
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Columns to write, such as run,time,body,x,y,mass [default: all]
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    columns: Vec<String>,
    /// Significant digits of numbers in CSV [default: as many as tell them apart]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=17))]
    digits: Option<u8>,
}

#[derive(Debug, Args)]
struct BundleArguments {
    /// The run folder
    run: PathBuf,
    /// The file to make [default: NAME.sdlrun]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct OpenArguments {
    /// The bundle
    file: PathBuf,
    /// The folder to make; it must not exist [default: NAME of NAME.sdlrun]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct CacheArguments {
    /// Take away entries of other builds, damaged ones and leftovers
    #[arg(long)]
    clean: bool,
    /// Take away everything
    #[arg(long, conflicts_with = "clean")]
    clear: bool,
}

#[derive(Debug, Args)]
struct FormatArguments {
    /// The script
    file: PathBuf,
    /// Change nothing; exit with 1 if the file is not in its standard form
    #[arg(long)]
    check: bool,
    /// Rewrite what is written in an older or a foreign way and has one meaning, and set the version line
    #[arg(long)]
    migrate: bool,
}

#[derive(Debug, Args)]
struct DescribeArguments {
    #[command(flatten)]
    script: ScriptArguments,
    /// Print the plan as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct DiffArguments {
    /// A script
    first: PathBuf,
    /// Another
    second: PathBuf,
}

#[derive(Debug, Args)]
struct NewArguments {
    /// The study's name: `springs` makes springs.sdl
    name: String,
}

#[derive(Debug, Args)]
struct DocArguments {
    /// What to look up, such as `train`, `train.epochs`, `l1`, `distance` or `std.systems.spring` [default: a list]
    item: Option<String>,
}

#[derive(Debug, Args)]
struct ExplainArguments {
    /// The code, such as E0201
    code: String,
}

#[derive(Debug, Args)]
struct SearchArguments {
    /// The table: CSV, TSV or columns between blanks
    file: PathBuf,
    /// The column to explain, or several: one after another, each over the inputs
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',', required = true)]
    target: Vec<String>,
    /// Columns that formulas may use [default: all others]
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    inputs: Vec<String>,
    /// What formulas are made of: a set of the library or a list of operators
    #[arg(long, value_name = "OPERATORS", default_value = "std.operators.scientific")]
    with: String,
    /// What is minimised [default: log where the target is of one sign and spans orders of magnitude, else mse]
    #[arg(long, value_enum)]
    loss: Option<search::Loss>,
    /// How one formula of the front is chosen
    #[arg(long, value_enum, default_value = "description")]
    choose: search::Rule,
    /// A column of non-negative weights of rows; it is no input then
    #[arg(long, value_name = "COLUMN")]
    weights: Option<String>,
    /// Formulas to begin with: a file with one a line, or the front of a search or a run
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// A folder for checkpoints and the front: JSON with all spellings, CSV, Markdown, LaTeX
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Go on with the search whose folder `--out` names
    #[arg(long, requires = "out")]
    resume: bool,
    /// Standard deviation of the target's noise, where it is known
    #[arg(long, value_name = "SIZE", default_value_t = 0.0)]
    noise: f64,
    /// How long to search at most, such as 60s or 10min; an exact formula ends it
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = time_span)]
    time: f64,
    /// Search by so many evaluations in place of a time: the same front on every machine
    #[arg(long, value_name = "N", conflicts_with = "time")]
    evaluations: Option<u64>,
    /// The seed of all random numbers
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How many threads to use [default: all]; the front does not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Print one JSON object per event; the last holds the best formula and the front
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct EvalArguments {
    /// Expressions, definitions or commands, one after another
    #[arg(required = true, allow_hyphen_values = true)]
    inputs: Vec<String>,
    /// Print one JSON object per input
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct ReplArguments {
    /// Take the definitions of a script first
    #[arg(long, value_name = "FILE")]
    load: Option<PathBuf>,
}

/// Reads the arguments of the process, does what they ask, and says the exit status.
pub fn main() -> u8 {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and the version come this way too, with status 0.
            error.print().ok();
            return u8::try_from(error.exit_code()).unwrap_or(2);
        }
    };
    let machine = Machine::now();
    match arguments.command {
        Command::Run(arguments) => run::run(&arguments, &machine),
        Command::Check(arguments) => check::check(&arguments, &machine),
        Command::Fmt(arguments) => format::format(&arguments, &machine),
        Command::Describe(arguments) => describe::describe(&arguments, &machine),
        Command::Diff(arguments) => diff::diff(&arguments, &machine),
        Command::New(arguments) => new::new(&arguments, &machine),
        Command::Doc(arguments) => doc::doc(&arguments),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::Lsp => lsp::serve(&machine),
        Command::Search(arguments) => search::search(&arguments, &machine),
        Command::Eval(arguments) => eval::eval(&arguments, &machine),
        Command::Repl(arguments) => repl::repl(arguments.load.as_deref(), machine),
        Command::Report(arguments) => report::report(&arguments, &machine),
        Command::Plot(arguments) => plot::plot(&arguments, &machine),
        Command::Verify(arguments) => verify::verify(&arguments, &machine),
        Command::Runs(arguments) => runs::runs(&arguments, &machine),
        Command::Compare(arguments) => runs::compare(&arguments, &machine),
        Command::Export(arguments) => export::export(&arguments, &machine),
        Command::Bundle(arguments) => bundle::bundle(&arguments, &machine),
        Command::Open(arguments) => bundle::open(&arguments, &machine),
        Command::Cache(arguments) => cache::cache(&arguments, &machine),
        Command::Version => {
            terminal::say(concat!("sdl ", env!("CARGO_PKG_VERSION")));
            0
        }
    }
}

/// `4GB`, `500 MB`, `1e9`: a number of bytes, decimal units.
fn memory_size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let units = [("kB", 1e3), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1.0)];
    let (number, factor) = units
        .iter()
        .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?.trim_end(), *factor)))
        .unwrap_or((text, 1.0));
    match number.parse::<f64>() {
        Ok(value) if value >= 0.0 && value.is_finite() => Ok((value * factor) as u64),
        _ => Err("a size is a number with a unit, such as 4GB".into()),
    }
}

/// `90s`, `10 min`, `2h`, `300`: a number of seconds.
fn time_span(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let units = [("min", 60.0), ("s", 1.0), ("h", 3600.0), ("d", 86_400.0)];
    let (number, factor) = units
        .iter()
        .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?.trim_end(), *factor)))
        .unwrap_or((text, 1.0));
    match number.parse::<f64>() {
        Ok(value) if value >= 0.0 && value.is_finite() => Ok(value * factor),
        _ => Err("a time is a number with a unit, such as 10min".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn sizes_are_read_with_their_units() {
        for (text, bytes) in
            [("4GB", Some(4_000_000_000)), ("1.5 MB", Some(1_500_000)), ("12", Some(12)), ("7B", Some(7))]
        {
            assert_eq!(memory_size(text).ok(), bytes, "{text}");
        }
        for (text, seconds) in
            [("90s", Some(90.0)), ("10 min", Some(600.0)), ("2h", Some(7200.0)), ("7", Some(7.0)), ("-1s", None)]
        {
            assert_eq!(time_span(text).ok(), seconds, "{text}");
        }
        for text in ["", "GB", "-1GB", "NaN", "lots"] {
            assert!(memory_size(text).is_err(), "{text}");
        }
    }
}
