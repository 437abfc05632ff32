//! Plain data as an indented list, expressions in the language's own syntax.

use crate::expr::Expr;
use serde_json::Value;

/// The lines of an outline: one `key = value` each, deeper parts two blanks further in.
pub fn outline(value: &Value) -> Vec<String> {
    let mut lines = vec![];
    write(value, 0, &mut lines);
    lines
}

fn write(value: &Value, depth: usize, lines: &mut Vec<String>) {
    let pad = "  ".repeat(depth);
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match plain(value) {
                    Some(text) => lines.push(format!("{pad}{key} = {text}")),
                    None => {
                        lines.push(format!("{pad}{key}"));
                        write(value, depth + 1, lines);
                    }
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                match plain(item) {
                    Some(text) => lines.push(format!("{pad}- {text}")),
                    None => {
                        lines.push(format!("{pad}-"));
                        write(item, depth + 1, lines);
                    }
                }
            }
        }
        _ => lines.extend(plain(value).map(|text| format!("{pad}{text}"))),
    }
}

/// The value on one line, if it fits there: a word, an expression, or a list of those.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("none".into()),
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(items) => {
            let items: Option<Vec<String>> = items.iter().map(plain).collect();
            items.map(|items| if items.is_empty() { "none".into() } else { items.join(", ") })
        }
        Value::Object(fields) => match fields.iter().next() {
            None => Some("none".into()),
            Some((key, inside)) if fields.len() == 1 => match key.as_str() {
                "number" | "symbol" | "call" => serde_json::from_value::<Expr>(value.clone()).ok().map(|expr| expr.to_string()),
                _ => plain(inside).map(|text| format!("{key}({text})")),
            },
            Some(_) => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_read_as_expressions() {
        let force = Expr::symbol("distance") * Expr::number(2.0);
        let value = serde_json::json!({ "a": { "force": force, "none": [] }, "of": { "fit": "f" }, "list": [1, 2], "deep": [{ "x": 1, "y": 2 }] });
        let lines = outline(&value);
        let expected = ["a", "  force = distance * 2", "  none = none", "deep", "  -", "    x = 1", "    y = 2", "list = 1, 2", "of = fit(f)"];
        assert_eq!(lines, expected);
    }
}
