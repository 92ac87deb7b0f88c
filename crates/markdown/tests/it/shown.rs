//! What good Markdown becomes.

use std::sync::Arc;

use carrel_markdown::{Setting, Targets, render};

struct Course;

impl Targets for Course {
    fn file(&self, path: &str) -> Option<String> {
        (path == "loops/a.png").then(|| format!("/courses/c/files/v/{path}"))
    }

    fn page(&self, path: &str) -> Option<String> {
        (path == "ranges.md").then(|| "/courses/c/lessons/ranges".to_owned())
    }
}

fn setting() -> Setting {
    Setting {
        directory: "loops".to_owned(),
        targets: Arc::new(Course),
        heading_shift: 1,
        ..Setting::default()
    }
}

fn html(markdown: &str) -> String {
    let rendered = render(markdown, &setting());
    assert_eq!(rendered.problems, Vec::<String>::new(), "{markdown}");
    rendered.html
}

#[test]
fn headings_go_down_and_have_ids_that_links_find() {
    let rendered = render("# Loops\n\n## A & b\n\nsee [above](#a-b)", &setting());
    assert_eq!(rendered.title.as_deref(), Some("Loops"));
    let html = rendered.html;
    assert!(html.contains("<h2 id=\"s-loops\">Loops</h2>"), "{html}");
    assert!(html.contains("<h3 id=\"s-a-b\">A &amp; b</h3>"), "{html}");
    assert!(html.contains("href=\"#s-a-b\""), "{html}");
}

#[test]
fn the_highest_heading_comes_right_below_the_pages_own() {
    let html = html("## Code\n\n### Loops");
    assert!(html.contains("<h2 id=\"s-code\">"), "{html}");
    assert!(html.contains("<h3 id=\"s-loops\">"), "{html}");
}

#[test]
fn images_and_links_lead_into_the_course() {
    let html = html("![a *b*](a.png \"t\") [r](../ranges.md#x) [e](https://a.example)");
    assert!(
        html.contains("<img src=\"/courses/c/files/v/loops/a.png\" alt=\"a b\" title=\"t\">"),
        "{html}"
    );
    assert!(
        html.contains("href=\"/courses/c/lessons/ranges#s-x\""),
        "{html}"
    );
    assert!(
        html.contains("href=\"https://a.example\" rel=\"noopener noreferrer\""),
        "{html}"
    );
}

#[test]
fn links_that_lead_nowhere_are_told() {
    let text = "[a](missing.md) ![b](missing.png) ![c](https://a.example/x.png) [d](/abs)";
    let rendered = render(text, &setting());
    assert_eq!(rendered.problems.len(), 4, "{:?}", rendered.problems);
    assert!(rendered.problems[0].contains("`missing.md`"));
    assert!(!rendered.html.contains("src="), "{}", rendered.html);
    assert!(rendered.html.contains("alt=\"b\""), "{}", rendered.html);
}

#[test]
fn callouts_tables_tasks_code_and_mathematics() {
    let html = html(
        "> [!WARNING]\n> Mind *this*.\n\n| a | b |\n|:--|--:|\n| 1 | 2 |\n\n- [x] done\n- [ ] open\n\n\
         ```python\nif x < 1: pass\n```\n\nAnd $x^2$, then\n\n$$\\frac{1}{2}$$\n",
    );
    for expected in [
        "<blockquote class=\"callout warning\">",
        "<p class=\"callout-title\">Warning</p>",
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\"><table>",
        "<th scope=\"col\" align=\"left\">a</th>",
        "<td align=\"right\">2</td>",
        "☑ done",
        "☐ open",
        "<code data-language=\"python\"><span class=\"hl-keyword\">if</span>",
        "&lt;",
        "<msup>",
        "<mfrac>",
    ] {
        assert!(html.contains(expected), "{expected} is not in {html}");
    }
    assert!(!html.contains("style="), "{html}");
}

#[test]
fn a_formula_that_is_none_is_shown_as_written_and_told() {
    let rendered = render("$\\nosuch{x}$", &setting());
    assert!(
        rendered.html.contains("<code>\\nosuch{x}</code>"),
        "{}",
        rendered.html
    );
    assert_eq!(rendered.problems.len(), 1);
}

#[test]
fn an_authors_own_html_stays_where_it_is_harmless() {
    let html =
        html("<details open><summary>More</summary>\n\n**yes** <kbd>Ctrl</kbd>\n\n</details>");
    for kept in [
        "<details open",
        "<summary>More</summary>",
        "<strong>yes</strong>",
        "<kbd>",
    ] {
        assert!(html.contains(kept), "{kept}: {html}");
    }
}
