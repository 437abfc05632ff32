//! Symbolic regression: a table, operators and a budget to a Pareto front of formulas.
//!
//! First what can be had without luck: a power law by logarithms, every distinct formula up to a size, and short sums
//! and quotients of sums of a library of small formulas, also for 1/y, y², log y and the like (`assemble`, `shape`), quotients of
//! polynomials (`rational`). Then smaller
//! problems in fewer variables, where a smooth function of these still explains the target (`reduce`, `surrogate`), and
//! dimensionless ones where dimensions are known. On all of them islands of candidates under
//! age-regularised evolution (`evolve`), scored after the best affine map and told apart by normal forms (`normal`),
//! around an archive of the best few of every complexity (`archive`). Constants are fitted by Levenberg–Marquardt
//! (`levenberg`), never inside the event loop. At last full convergence, numbers in place of constants where the
//! description gets shorter, and the choice (`finish`, `choose`).
//!
//! Limits: losses are means over rows; calls of more than two arguments are only reached by mutation; formulas beyond
//! some 400 genes are not built.

mod archive;
mod assemble;
mod choose;
mod course;
mod evolve;
mod factor;
mod finish;
mod fit;
mod front;
mod genome;
mod levenberg;
mod library;
mod monomial;
mod normal;
mod rational;
mod reduce;
mod rewrite;
mod run;
mod sample;
mod shape;
mod space;
mod sums;
mod surrogate;
mod template;
mod vary;

#[cfg(test)]
mod tests;

pub use course::{Course, Keep};
pub use front::{Dimensions, Formula, Front, SearchError, Settings, Table};
pub use levenberg::{FitSettings, Fitted, Norm, fit_constants, levenberg_marquardt};
pub use run::{search, search_along};
pub use sample::suited_loss;
pub use template::{TemplateFront, search_template};
