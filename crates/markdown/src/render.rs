//! From Markdown to HTML.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use pulldown_cmark::{
    Alignment, BlockQuoteKind, CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag,
    TagEnd, html,
};

use crate::heading::HeadingIds;
use crate::highlight::{escape, highlight};
use crate::{PROBLEMS_MAX, Setting, TEXT_BYTES_MAX, clean, mathematics};

/// In front of every id that comes from an author's text, so that none meets one of the page.
pub(crate) const PLACE_PREFIX: &str = "s-";
/// A placeholder begins and ends with these; an author's own are replaced before.
const BEGIN: char = '\u{e000}';
const END: char = '\u{e001}';

/// Deepest nesting of Markdown: quotations in lists in quotations.
const DEPTH_MAX: usize = 64;
/// Most elements of an author's own HTML that may be open at one place; what is beyond is shown as
/// it was written. Readers of HTML take time by the square of the depth.
const OPEN_MAX: usize = 500;

/// Most elements of imported HTML.
const ELEMENTS_MAX: usize = 5_000;

/// A text as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// HTML, safe to stand in a page.
    pub html: String,
    /// Title of its first heading, if it begins with one of the first level.
    pub title: Option<String>,
    /// What its author should mend: links that lead nowhere, formulas that are none.
    pub problems: Vec<String>,
}

/// Collects problems up to their limit.
#[derive(Debug, Default)]
pub(crate) struct Told(Vec<String>);

impl Told {
    pub(crate) fn push(&mut self, problem: String) {
        if self.0.len() < PROBLEMS_MAX {
            self.0.push(problem);
        }
    }
}

/// The Markdown that is read: what else reads texts of a course has to read the same.
#[must_use]
pub fn dialect() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH
        | Options::ENABLE_GFM
        | Options::ENABLE_DEFINITION_LIST
}

/// Renders a text. Never fails: what cannot be shown is left out, or shown as it was written, and told.
#[must_use]
pub fn render(markdown: &str, setting: &Setting) -> Rendered {
    let mut told = Told::default();
    let text = cut(markdown, &mut told);
    let text = text.replace([BEGIN, END], "\u{fffd}");
    let mut writer = Writer {
        setting,
        told,
        made: Vec::new(),
        heading_ids: HeadingIds::default(),
        table: None,
        events: Vec::new(),
        title: None,
        depth: 0,
        open: 0,
        lift: 0,
    };
    writer.lift = Parser::new_ext(&text, dialect())
        .filter_map(|event| match event {
            Event::Start(Tag::Heading { level, .. }) => Some(level as usize - 1),
            _ => None,
        })
        .min()
        .unwrap_or(0);
    let mut parser = Parser::new_ext(&text, dialect());
    let mut first = true;
    while let Some(event) = parser.next() {
        writer.take(event, &mut parser, first);
        first = false;
    }
    let mut markup = String::with_capacity(2 * text.len());
    html::push_html(&mut markup, writer.events.into_iter());
    let told = Arc::new(Mutex::new(writer.told));
    // An image of which nothing is left has nothing to say.
    let cleaned = clean::clean(&markup, setting, &told).replace("<img>", "");
    let problems = std::mem::take(&mut told.lock().unwrap_or_else(PoisonError::into_inner).0);
    Rendered {
        html: place(&cleaned, &writer.made),
        title: writer.title,
        problems,
    }
}

/// Cleans HTML that was imported from elsewhere, by the rules of [`render`].
#[must_use]
pub fn render_html(markup: &str, setting: &Setting) -> Rendered {
    let mut told = Told::default();
    let text = cut(markup, &mut told);
    let text = if text.matches('<').count() > ELEMENTS_MAX {
        told.push(format!(
            "the text has more than {ELEMENTS_MAX} elements; it is shown as written"
        ));
        escape(text)
    } else {
        text.to_owned()
    };
    let told = Arc::new(Mutex::new(told));
    let html = clean::clean(&text, setting, &told);
    let problems = std::mem::take(&mut told.lock().unwrap_or_else(PoisonError::into_inner).0);
    Rendered {
        html,
        title: None,
        problems,
    }
}

fn cut<'text>(text: &'text str, told: &mut Told) -> &'text str {
    if text.len() <= TEXT_BYTES_MAX {
        return text;
    }
    told.push(format!(
        "the text is longer than {TEXT_BYTES_MAX} bytes; the rest is left out"
    ));
    let mut end = TEXT_BYTES_MAX;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Puts what we made where its placeholders stand.
fn place(html: &str, made: &[String]) -> String {
    let mut placed =
        String::with_capacity(html.len() + made.iter().map(String::len).sum::<usize>());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        placed.push_str(before);
        let (number, after) = after.split_once(END).unwrap_or((after, ""));
        let piece = number
            .parse()
            .ok()
            .and_then(|number: usize| made.get(number));
        placed.push_str(piece.map_or("", String::as_str));
        rest = after;
    }
    placed.push_str(rest);
    placed
}

/// Turns the events of Markdown into those that the HTML is written from.
struct Writer<'setting, 'text> {
    setting: &'setting Setting,
    told: Told,
    /// HTML of our own making, by the number of its placeholder.
    made: Vec<String>,
    heading_ids: HeadingIds,
    /// Alignments of the table that is open, whether its head is, and the column.
    table: Option<(Vec<Alignment>, bool, usize)>,
    events: Vec<Event<'text>>,
    title: Option<String>,
    /// Elements of Markdown that are open.
    depth: usize,
    /// Elements of the author's HTML that are open, as far as counting tells.
    open: usize,
    /// Levels above the text's own highest heading.
    lift: usize,
}

impl<'text> Writer<'_, 'text> {
    fn take(&mut self, event: Event<'text>, parser: &mut Parser<'text>, first: bool) {
        // These take their own ends along.
        let whole = matches!(
            event,
            Event::Start(Tag::CodeBlock(_) | Tag::Heading { .. } | Tag::Image { .. })
        );
        if matches!(event, Event::Start(_)) && !whole {
            self.depth += 1;
            if self.depth > DEPTH_MAX {
                return;
            }
        }
        if matches!(event, Event::End(_)) {
            self.depth -= 1;
            if self.depth >= DEPTH_MAX {
                return;
            }
        }
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let code = collect(parser, &TagEnd::CodeBlock);
                let made = write_code(&code, &kind);
                self.hold(made);
            }
            Event::Start(Tag::Heading { level, .. }) => self.take_heading(level, parser, first),
            Event::Start(Tag::Image {
                dest_url, title, ..
            }) => {
                let alternative = collect(parser, &TagEnd::Image);
                let mut markup = format!(
                    "<img src=\"{}\" alt=\"{}\"",
                    escape(&dest_url),
                    escape(alternative.trim())
                );
                if !title.is_empty() {
                    let _ = write!(markup, " title=\"{}\"", escape(&title));
                }
                markup.push('>');
                self.push_html(markup);
            }
            Event::Start(Tag::BlockQuote(Some(kind))) => self.open_callout(kind),
            Event::Start(Tag::Table(alignments)) => {
                self.push_html("<div class=\"scroll\" tabindex=\"0\" role=\"group\">");
                self.table = Some((alignments.clone(), false, 0));
                self.events.push(Event::Start(Tag::Table(alignments)));
            }
            Event::End(TagEnd::Table) => {
                self.table = None;
                self.events.push(Event::End(TagEnd::Table));
                self.push_html("</div>");
            }
            Event::Start(Tag::TableCell) => self.open_cell(),
            Event::End(TagEnd::TableCell) => self.close_cell(),
            Event::TaskListMarker(done) => {
                let sign = if done { "☑ " } else { "☐ " };
                self.events.push(Event::Text(CowStr::Borrowed(sign)));
            }
            Event::InlineMath(formula) => self.hold_formula(&formula, false),
            Event::DisplayMath(formula) => self.hold_formula(&formula, true),
            Event::Html(markup) => self.take_html(markup, Event::Html),
            Event::InlineHtml(markup) => self.take_html(markup, Event::InlineHtml),
            other => {
                if let (Event::Start(tag @ (Tag::TableHead | Tag::TableRow)), Some(table)) =
                    (&other, &mut self.table)
                {
                    table.1 = *tag == Tag::TableHead;
                    table.2 = 0;
                }
                self.events.push(other);
            }
        }
    }

    /// An author's own HTML, unless too much of it is open.
    fn take_html(&mut self, markup: CowStr<'text>, kind: fn(CowStr<'text>) -> Event<'text>) {
        let begins = |(at, _): &(usize, &str)| {
            let next = markup[at + 1..].bytes().next();
            next.is_some_and(|next| next.is_ascii_alphabetic())
        };
        let opened = markup.match_indices('<').filter(begins).count();
        let closed = markup.matches("</").count();
        self.open = (self.open + opened).saturating_sub(closed);
        let event = if self.open > OPEN_MAX {
            Event::Text(markup)
        } else {
            kind(markup)
        };
        self.events.push(event);
    }

    /// Puts HTML of ours beyond the reach of the cleaner.
    fn hold(&mut self, made: String) {
        let token = format!("{BEGIN}{}{END}", self.made.len());
        self.made.push(made);
        self.events.push(Event::Text(token.into()));
    }

    /// Markup that the cleaner sees as an author's.
    fn push_html(&mut self, markup: impl Into<CowStr<'text>>) {
        self.events.push(Event::InlineHtml(markup.into()));
    }

    fn hold_formula(&mut self, formula: &str, block: bool) {
        match mathematics::render(formula, block) {
            Ok(made) => self.hold(made),
            Err(why) => {
                let shown: String = formula.chars().take(80).collect();
                self.told.push(format!("the formula `{shown}` {why}"));
                self.hold(format!("<code>{}</code>", escape(formula)));
            }
        }
    }

    fn take_heading(&mut self, level: HeadingLevel, parser: &mut Parser<'text>, first: bool) {
        let mut inner = Vec::new();
        let mut title = String::new();
        for event in parser.by_ref() {
            if matches!(event, Event::End(TagEnd::Heading(_))) {
                break;
            }
            push_plain(&event, &mut title);
            inner.push(event);
        }
        if first && level == HeadingLevel::H1 {
            self.title = Some(title.trim().to_owned());
        }
        let lower = usize::from(self.setting.heading_shift) + level as usize - self.lift;
        let level = HeadingLevel::try_from(lower.min(6)).unwrap_or(HeadingLevel::H6);
        let id = self.heading_ids.give(&title);
        self.events.push(Event::Start(Tag::Heading {
            level,
            id: Some(id.into()),
            classes: Vec::new(),
            attrs: Vec::new(),
        }));
        // Images and formulas in headings go their own ways; they hold no headings.
        let mut inner = inner.into_iter().peekable();
        while let Some(event) = inner.next() {
            match event {
                Event::InlineMath(formula) => self.hold_formula(&formula, false),
                Event::Start(Tag::Image { .. }) => {
                    // An image in a heading is told by its text.
                    for event in inner.by_ref() {
                        match event {
                            Event::End(TagEnd::Image) => break,
                            Event::Text(text) => self.events.push(Event::Text(text)),
                            _ => {}
                        }
                    }
                }
                other => self.events.push(other),
            }
        }
        self.events.push(Event::End(TagEnd::Heading(level)));
    }

    fn open_callout(&mut self, kind: BlockQuoteKind) {
        let (number, class) = match kind {
            BlockQuoteKind::Note => (0, "note"),
            BlockQuoteKind::Tip => (1, "tip"),
            BlockQuoteKind::Important => (2, "important"),
            BlockQuoteKind::Warning => (3, "warning"),
            BlockQuoteKind::Caution => (4, "caution"),
        };
        let title = escape(&self.setting.words.callouts[number]);
        // Its end is the ordinary one of a quotation.
        self.push_html(format!(
            "<blockquote class=\"callout {class}\"><p class=\"callout-title\">{title}</p>"
        ));
    }

    fn open_cell(&mut self) {
        let Some((alignments, head, column)) = &mut self.table else {
            return;
        };
        let align = match alignments.get(*column) {
            Some(Alignment::Left) => " align=\"left\"",
            Some(Alignment::Center) => " align=\"center\"",
            Some(Alignment::Right) => " align=\"right\"",
            _ => "",
        };
        let cell = if *head { "th scope=\"col\"" } else { "td" };
        *column += 1;
        let markup = format!("<{cell}{align}>");
        self.push_html(markup);
    }

    fn close_cell(&mut self) {
        let head = self.table.as_ref().is_some_and(|(_, head, _)| *head);
        self.push_html(if head { "</th>" } else { "</td>" });
    }
}

/// The plain text of events up to an end.
fn collect(parser: &mut Parser<'_>, end: &TagEnd) -> String {
    let mut text = String::new();
    for event in parser.by_ref() {
        if matches!(&event, Event::End(found) if found == end) {
            break;
        }
        push_plain(&event, &mut text);
    }
    text
}

fn push_plain(event: &Event<'_>, text: &mut String) {
    match event {
        Event::Text(piece)
        | Event::Code(piece)
        | Event::InlineMath(piece)
        | Event::DisplayMath(piece) => text.push_str(piece),
        Event::SoftBreak | Event::HardBreak => text.push(' '),
        _ => {}
    }
}

fn write_code(code: &str, kind: &CodeBlockKind<'_>) -> String {
    let language: Cow<'_, str> = match kind {
        CodeBlockKind::Fenced(info) => {
            let word = info.split([' ', ',', '{']).next().unwrap_or_default();
            Cow::Owned(word.to_owned())
        }
        CodeBlockKind::Indented => Cow::Borrowed(""),
    };
    // A block that scrolls is reached by keyboard.
    format!(
        "<pre class=\"code\" tabindex=\"0\"><code data-language=\"{}\">{}</code></pre>",
        escape(&language),
        highlight(code, &language)
    )
}
