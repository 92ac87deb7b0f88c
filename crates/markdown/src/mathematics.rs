//! LaTeX mathematics as MathML.
//!
//! Only commands of a list are taken: it has no definitions of new commands, and so no recursion.
//! What comes out is checked tag by tag, so that the library's output is as bounded as an author's
//! HTML.

use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::{Parser, Storage, push_mathml};

/// Longest formula, bytes.
const FORMULA_BYTES_MAX: usize = 4_096;
/// Deepest nesting of braces.
const DEPTH_MAX: usize = 40;

/// Elements of MathML that are let through.
const ELEMENTS: [&str; 29] = [
    "math",
    "semantics",
    "annotation",
    "mrow",
    "mi",
    "mn",
    "mo",
    "ms",
    "mtext",
    "mspace",
    "mfrac",
    "msqrt",
    "mroot",
    "msub",
    "msup",
    "msubsup",
    "munder",
    "mover",
    "munderover",
    "mmultiscripts",
    "mprescripts",
    "none",
    "mtable",
    "mtr",
    "mtd",
    "mpadded",
    "mphantom",
    "mstyle",
    "menclose",
];
/// Their attributes; `class` and `style` are of the library's own style sheet, which is not here.
const ATTRIBUTES: [&str; 24] = [
    "display",
    "displaystyle",
    "scriptlevel",
    "mathvariant",
    "stretchy",
    "form",
    "fence",
    "separator",
    "symmetric",
    "maxsize",
    "minsize",
    "largeop",
    "movablelimits",
    "lspace",
    "rspace",
    "linethickness",
    "width",
    "height",
    "depth",
    "accent",
    "accentunder",
    "columnalign",
    "columnspan",
    "encoding",
];

/// A formula as MathML.
///
/// # Errors
/// What is wrong with it, for its author.
pub(crate) fn render(formula: &str, block: bool) -> Result<String, String> {
    check(formula)?;
    let storage = Storage::new();
    let events: Result<Vec<_>, _> = Parser::new(formula, &storage).collect();
    let events = events.map_err(|error| first_line(&error.to_string()))?;
    let config = RenderConfig {
        display_mode: if block {
            DisplayMode::Block
        } else {
            DisplayMode::Inline
        },
        ..RenderConfig::default()
    };
    let mut markup = String::new();
    let events = events.into_iter().map(Ok::<_, std::fmt::Error>);
    push_mathml(&mut markup, events, config).map_err(|error| error.to_string())?;
    filter(&markup)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// Refuses what is too long, too deep, or not of the list.
fn check(formula: &str) -> Result<(), String> {
    if formula.len() > FORMULA_BYTES_MAX {
        return Err(format!("is longer than {FORMULA_BYTES_MAX} bytes"));
    }
    let mut depth = 0_usize;
    let mut letters = formula.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.checked_sub(1).ok_or("has a `}` too many")?,
            '\\' => {
                let rest = &formula[at + 1..];
                let length = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
                for _ in 0..length.max(1) {
                    letters.next();
                }
                let name = &rest[..length];
                if length > 0 && FORBIDDEN.contains(&name) {
                    return Err(format!("uses `\\{name}`, which is not taken here"));
                }
                if length == 0 && rest.is_empty() {
                    return Err("ends with `\\`".to_owned());
                }
            }
            '#' | '%' => return Err(format!("has a `{letter}`")),
            letter if letter.is_control() && letter != '\n' && letter != '\t' => {
                return Err("has a control character".to_owned());
            }
            _ => {}
        }
        if depth > DEPTH_MAX {
            return Err(format!("nests deeper than {DEPTH_MAX}"));
        }
    }
    match depth {
        0 => Ok(()),
        _ => Err("lacks a `}`".to_owned()),
    }
}

/// Commands that define others, lead out of the page, or colour by inline style.
const FORBIDDEN: [&str; 17] = [
    "def",
    "edef",
    "gdef",
    "xdef",
    "let",
    "futurelet",
    "newcommand",
    "renewcommand",
    "providecommand",
    "DeclareMathOperator",
    "url",
    "href",
    "includegraphics",
    "input",
    "include",
    "char",
    "catcode",
];

/// Lets known elements and attributes through and drops `class` and `style`.
fn filter(markup: &str) -> Result<String, String> {
    let broken = || "gave markup that is not let through".to_owned();
    let mut kept = String::with_capacity(markup.len());
    let mut rest = markup;
    while let Some(at) = rest.find('<') {
        kept.push_str(&rest[..at]);
        let end = rest[at..].find('>').ok_or_else(broken)? + at;
        let inner = &rest[at + 1..end];
        let (closing, inner) = match inner.strip_prefix('/') {
            Some(inner) => ("/", inner),
            None => ("", inner),
        };
        let (inner, empty) = match inner.strip_suffix('/') {
            Some(inner) => (inner, "/"),
            None => (inner, ""),
        };
        let (name, attributes) = inner.split_once(' ').unwrap_or((inner, ""));
        if name == "merror" {
            return Err("is not valid LaTeX".to_owned());
        }
        if !ELEMENTS.contains(&name) {
            return Err(broken());
        }
        kept.push('<');
        kept.push_str(closing);
        kept.push_str(name);
        keep_attributes(attributes, &mut kept).ok_or_else(broken)?;
        kept.push_str(empty);
        kept.push('>');
        rest = &rest[end + 1..];
    }
    kept.push_str(rest);
    Ok(kept)
}

/// `None`: not written as attributes are.
fn keep_attributes(text: &str, kept: &mut String) -> Option<()> {
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        let name = name.trim();
        if ATTRIBUTES.contains(&name) && !value.contains('<') {
            kept.push(' ');
            kept.push_str(name);
            kept.push_str("=\"");
            kept.push_str(value);
            kept.push('"');
        } else if name.contains(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-') {
            return None;
        }
        rest = after.trim_start();
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_become_mathml_without_style() {
        let shown = render(r"\frac{a}{b} \le \sqrt{x^2} + \sum_{i=1}^{n} i", false).unwrap();
        assert!(shown.starts_with("<math"), "{shown}");
        for element in ["<mfrac>", "<msqrt>", "<msup>", "<munderover>"] {
            assert!(
                shown.contains(element) || shown.contains("<msubsup>"),
                "{element}: {shown}"
            );
        }
        let table = render(r"\begin{matrix} 1 & 0 \\ 0 & 1 \end{matrix}", true).unwrap();
        assert!(
            table.contains("<mtable") && !table.contains("class="),
            "{table}"
        );
        assert!(table.contains("display=\"block\""), "{table}");
        assert!(!render(r"\color{red} x", false).is_ok_and(|shown| shown.contains("style")));
    }

    #[test]
    fn text_within_a_formula_is_never_markup() {
        for hostile in [
            r"\text{<script>alert(1)</script>}",
            r"\text{</math><img src=x onerror=alert(1)>}",
            r"x < y > z \& \text{&lt;}",
            r"\text{<!-- -->} <",
        ] {
            let shown = render(hostile, false).unwrap_or_default();
            assert!(
                !shown.contains("<script") && !shown.contains("<img"),
                "{shown}"
            );
        }
    }

    #[test]
    fn what_is_not_taken_is_told() {
        let told = |formula: &str| render(formula, false).unwrap_err();
        assert!(told(r"\def\a{\a}\a").contains(r"\def"));
        assert!(told("{").contains("lacks"));
        assert!(told("}").contains("too many"));
        assert!(told(&"x".repeat(5_000)).contains("longer"));
        assert!(told(&format!("{}x{}", "{".repeat(60), "}".repeat(60))).contains("deeper"));
        assert!(!told(r"\nosuchcommand").is_empty());
        assert!(!told(r"\frac{a}").is_empty());
        assert!(!told("\\").is_empty());
    }

    const PIECES: [&str; 44] = [
        "\\frac",
        "\\sqrt",
        "\\left",
        "\\right",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "^",
        "_",
        "'",
        "&",
        "\\\\",
        "\\begin{matrix}",
        "\\end{matrix}",
        "\\begin{align}",
        "\\end{align}",
        "\\begin{cases}",
        "\\end{cases}",
        "\\begin{array}{c|c}",
        "\\end{array}",
        "\\text",
        "\\sum",
        "\\int",
        "\\alpha",
        "\\mathbb",
        "x",
        "1",
        ".",
        "\\limits",
        "\\hspace",
        "1em",
        "-2px",
        "\\color",
        "\\big",
        "\\not",
        "\\overset",
        "\\underbrace",
        " ",
        "\\binom",
        "\\middle|",
        "\\hline",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

        /// Whatever is written, it is a formula or told; the page's process goes on.
        #[test]
        fn fuzz_mathematics(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..24),
                            noise in "\\PC{0,8}", block: bool) {
            let formula = format!("{}{noise}", pieces.concat());
            if let Ok(shown) = render(&formula, block) {
                prop_assert!(shown.starts_with("<math"));
                prop_assert!(!shown.contains("style=") && !shown.contains("class="));
            }
        }

        #[test]
        fn fuzz_any_letters(formula in "\\PC{0,40}") {
            let _ = render(&formula, true);
        }
    }
}
