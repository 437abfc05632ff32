//! The page of codes: complete, in the order of the table, and its scripts do what they say.

use sdl::language::{check, codes, explain::explain};

/// Codes that no script alone gives: bytes, size, and what other tests make.
const ELSEWHERE: [&str; 8] = ["E0107", "E0109", "E0119", "E0120", "E0132", "E0212", "E0223", "E0224"];

#[test]
fn every_code_has_its_part_and_its_scripts() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/errors.md")).expect("the page");
    let headings: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let table: Vec<String> = codes::CODES.iter().map(|(code, title)| format!("{code}: {title}")).collect();
    assert_eq!(headings, table);
    for (code, title) in codes::CODES {
        let told = explain(code).expect("a known code").told();
        assert!(told.starts_with(&format!("{code}: {title}\n")), "{told}");
        let Some((bad, good)) = explain(code).expect("a known code").scripts else {
            assert!(
                code[1..].starts_with("06") || *code == "E0219" || *code == "E0290" || ELSEWHERE.contains(code),
                "{code}"
            );
            assert!(told.lines().count() > 2, "{code} says nothing");
            continue;
        };
        let codes = |text: &str| -> Vec<String> {
            let checked = check("script.sdl", text, &|_| Ok(String::new()), &[], None);
            checked.diagnostics.into_iter().map(|finding| finding.code).collect()
        };
        assert_eq!(codes(bad), [*code], "{bad}");
        assert!(codes(good).is_empty(), "{:?}\n{good}", codes(good));
    }
    assert_eq!(explain("e0201").map(|page| page.code), Ok("E0201"));
    assert_eq!(explain("E0698").unwrap_err(), "there is no code `E0698`; did you mean `E0608`?");
    assert!(explain("what").unwrap_err().contains("codes look like"));
}
