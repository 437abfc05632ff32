//! Nearest names, for "did you mean".

/// The candidate most like `word`, if one is like enough; the first of equals.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        let likeness = likeness(word, candidate);
        if likeness > best.map_or(0.6, |(most, _)| most) {
            best = Some((likeness, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// `did you mean `x`?`, or the allowed ones where none is near.
pub fn mend<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(word, candidates.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if candidates.clone().into_iter().next().is_none() => "there are none here".into(),
        None => format!("allowed: {}", listed(candidates)),
    }
}

/// Kinds of block as things: `a training or a data set`.
pub fn nouns(kinds: &[&str]) -> String {
    let noun = |kind: &&str| match *kind {
        "train" => "a training",
        "distill" => "a distillation",
        "data" => "a data set",
        "operators" => "a set of operators",
        "experiment" => "an experiment",
        "system" => "a system",
        "network" => "a network",
        "prior" => "a prior",
        _ => "another item",
    };
    kinds.iter().map(noun).collect::<Vec<_>>().join(" or ")
}

/// Names between commas; the tail of a long list is counted.
pub fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
    let shown = if names.len() > 24 { 20 } else { names.len() };
    let mut text = names[..shown].join(", ");
    if shown < names.len() {
        text.push_str(&format!(" and {} more", names.len() - shown));
    }
    text
}

/// From 0 to 1; a missing plural or a typing mistake stays near 1.
fn likeness(a: &str, b: &str) -> f64 {
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    let longest = a.chars().count().max(b.chars().count()).max(1);
    let typed = 1.0 - strsim::damerau_levenshtein(&a, &b) as f64 / longest as f64;
    typed.max(strsim::jaro_winkler(&a, &b) - 0.25)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_or_none() {
        let fields = ["runs", "steps", "dt", "keep", "tolerance"];
        assert_eq!(nearest("run", fields), Some("runs"));
        assert_eq!(nearest("setps", fields), Some("steps"));
        assert_eq!(nearest("tolerence", fields), Some("tolerance"));
        assert_eq!(nearest("zebra", fields), None);
    }
}
