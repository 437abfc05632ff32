//! Names of results that conditions may speak of.

use super::help;

/// Every result of a stage of this kind, as it stands after the stage's name.
pub fn of(kind: &str) -> Vec<String> {
    let mut all = vec![];
    let mut r2 = |path: &str| all.extend(["", "_trimmed", "_paper"].map(|how| format!("{path}{how}")));
    let splits: &[&str] = if kind == "train" {
        r2("contributions.r2");
        r2("messages.r2_force");
        r2("messages.r2_acceleration");
        &["train", "validation", "test", "held_out"]
    } else {
        &["train", "test", "held_out"]
    };
    for split in splits {
        r2(&format!("{split}.r2"));
    }
    all.extend(splits.iter().map(|split| format!("{split}.mae")));
    if kind == "distill" {
        all.extend(["recovered".into(), "learned.error".into()]);
    }
    all
}

/// Whether the result `rest` of a stage of this kind exists; else help.
pub fn known(kind: &str, stage: &str, rest: &str) -> Result<(), String> {
    let all = of(kind);
    if all.iter().any(|name| name == rest) {
        return Ok(());
    }
    Err(match help::nearest(rest, all.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{stage}.{near}`?"),
        None => format!("results of `{stage}`: {}", help::listed(all.iter().map(String::as_str))),
    })
}
