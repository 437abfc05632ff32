//! The command line: what may be asked, and who answers.
//!
//! | exit status | meaning |
//! |---|---|
//! | 0 | all is well: every `expect` holds, the script checks |
//! | 1 | an `expect` fails, a file is not formatted as `sdl fmt` would, or two plans differ |
//! | 2 | the script does not check, or the command cannot be understood |
//! | 3 | a stage failed, or the program did |
//! | 130 | interrupted |

mod check;
mod describe;
mod diff;
mod doc;
mod explain;
mod eval;
mod format;
mod load;
mod new;
mod run;
mod watch;

pub use load::read_below;

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
    /// Evaluate expressions, each value on a line
    Eval(EvalArguments),
    /// The prompt: evaluate line by line
    Repl(ReplArguments),
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
        Command::Eval(arguments) => eval::eval(&arguments, &machine),
        Command::Repl(arguments) => repl::repl(arguments.load.as_deref(), machine),
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
        for text in ["", "GB", "-1GB", "NaN", "lots"] {
            assert!(memory_size(text).is_err(), "{text}");
        }
    }
}
