//! Pages of diagnostic codes: what a code means, with a script that shows it and the script mended. The text is the page
//! `examples/errors.md`, part of the program.

use super::codes;
use super::help;

const PAGE: &str = include_str!("../../examples/errors.md");

/// What there is to say about a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The code.
    pub code: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What it means; may be empty where the scripts say it.
    pub text: &'static str,
    /// A script that gives the code, and one that does not.
    pub scripts: Option<(&'static str, &'static str)>,
}

/// The page of a code, in any case of letters.
///
/// # Errors
/// The nearest code, or how codes look.
pub fn explain(code: &str) -> Result<Explained, String> {
    let wanted = code.trim().to_uppercase();
    let Some((code, title)) = codes::CODES.iter().find(|(known, _)| *known == wanted) else {
        let all: Vec<&str> = codes::CODES.iter().map(|(code, _)| *code).collect();
        return Err(match help::nearest(&wanted, all) {
            Some(near) => format!("there is no code `{code}`; did you mean `{near}`?"),
            None => format!("there is no code `{code}`; codes look like `E0201`"),
        });
    };
    let part = part(code).unwrap_or("");
    let mut pieces = part.split("```");
    let text = pieces.next().unwrap_or("").trim();
    let mut scripts = pieces.step_by(2).filter_map(|piece| piece.strip_prefix("sdl\n"));
    let scripts = scripts.next().zip(scripts.next());
    Ok(Explained { code, title, text, scripts })
}

/// What stands below a code's heading.
fn part(code: &str) -> Option<&'static str> {
    let rest = &PAGE[PAGE.find(&format!("\n## {code}: "))? + 1..];
    let body = rest.split_once('\n')?.1;
    Some(body.split("\n## ").next().unwrap_or(body))
}

impl Explained {
    /// As text for a terminal.
    pub fn told(&self) -> String {
        let mut out = format!("{}: {}\n", self.code, self.title);
        if !self.text.is_empty() {
            out += &format!("\n{}\n", self.text);
        }
        if let Some((bad, good)) = self.scripts {
            let shown = |script: &str| script.lines().map(|line| format!("    {line}\n")).collect::<String>();
            let verb = if self.code.starts_with('W') { "is warned of" } else { "does not check" };
            out += &format!("\nThis {verb}:\n\n{}\nThis is fine:\n\n{}", shown(bad), shown(good));
        }
        out
    }
}
