//! Text as HTML. Everything that a script or a record says passes [`escape`].

use crate::report::grid::short;

/// Text with the characters that HTML gives a meaning replaced.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// JSON that can stand in a `script` element: no character in it ends the element.
pub fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("charts have no non-string keys").replace('<', "\\u003c")
}

/// A formula as a `math` element; `content` is MathML.
pub fn math(content: &str, display: &str) -> String {
    format!("<math display=\"{display}\"><mrow>{content}</mrow></math>")
}

/// A number for people as [`short`] has it, powers of ten raised.
pub fn number(value: f64, digits: usize) -> String {
    let text = short(value, digits).replace('-', "−");
    match text.split_once('e') {
        Some((mantissa, power)) => format!("{mantissa}·10<sup>{power}</sup>"),
        None => text,
    }
}

/// A table. Cells are HTML; the first of each row is its head. Columns after it are numbers.
pub fn table(caption: &str, header: &[&str], rows: &[Vec<String>]) -> String {
    let head: String = header.iter().map(|cell| format!("<th scope=\"col\">{cell}</th>")).collect();
    let body: String = rows
        .iter()
        .map(|row| {
            let (first, rest) = row.split_first().map_or(("", &row[..]), |(first, rest)| (first.as_str(), rest));
            let rest: String = rest.iter().map(|cell| format!("<td>{cell}</td>")).collect();
            format!("<tr><th scope=\"row\">{first}</th>{rest}</tr>")
        })
        .collect();
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{label}\"><table><caption>{caption}</caption>\
         <thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>",
        label = escape(caption)
    )
}

/// A figure whose picture the page's script draws from the data called `name`; `says` is what it shows, in words.
pub fn figure(kind: &str, name: &str, title: &str, says: &str) -> String {
    format!(
        "<figure data-{kind}=\"{name}\"><h3>{title}</h3><div class=\"plot\" role=\"img\" aria-label=\"{label}\"></div>\
         <figcaption>{says}</figcaption></figure>",
        name = escape(name),
        title = escape(title),
        label = escape(&format!("{title}. {says}")),
        says = escape(says),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup() {
        assert_eq!(escape("<a b=\"c\">&'"), "&lt;a b=&quot;c&quot;&gt;&amp;&#39;");
        assert_eq!(json(&"</script><!--"), "\"\\u003c/script>\\u003c!--\"");
    }
}
