//! The parsers, and what the rules need to know of each language's tree.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use tree_sitter::{Language, Node, ParseOptions, Parser, Query, Tree};

/// Longest time that parsing one file may take.
const PARSE_TIME_MAX: Duration = Duration::from_secs(5);

/// One language's parser.
pub(crate) struct Grammar {
    /// Language id.
    pub(crate) id: &'static str,
    language: fn() -> Language,
    /// Node kinds of calls, with the field that holds what is called.
    pub(crate) calls: &'static [(&'static str, &'static str)],
    /// Node kinds whose text is not code: comments and strings.
    pub(crate) not_code: &'static [&'static str],
    /// Node kinds of code inside strings, such as interpolation.
    pub(crate) code_inside: &'static [&'static str],
}

const GRAMMARS: [Grammar; 8] = [
    Grammar {
        id: "python",
        language: || tree_sitter_python::LANGUAGE.into(),
        calls: &[("call", "function")],
        not_code: &["comment", "string"],
        code_inside: &["interpolation"],
    },
    Grammar {
        id: "javascript",
        language: || tree_sitter_javascript::LANGUAGE.into(),
        calls: &[
            ("call_expression", "function"),
            ("new_expression", "constructor"),
        ],
        not_code: &[
            "comment",
            "string",
            "template_string",
            "regex",
            "html_comment",
        ],
        code_inside: &["template_substitution"],
    },
    Grammar {
        id: "c",
        language: || tree_sitter_c::LANGUAGE.into(),
        calls: &[("call_expression", "function")],
        not_code: &[
            "comment",
            "string_literal",
            "char_literal",
            "system_lib_string",
        ],
        code_inside: &[],
    },
    Grammar {
        id: "cpp",
        language: || tree_sitter_cpp::LANGUAGE.into(),
        calls: &[("call_expression", "function")],
        not_code: &[
            "comment",
            "string_literal",
            "raw_string_literal",
            "char_literal",
            "system_lib_string",
        ],
        code_inside: &[],
    },
    Grammar {
        id: "bash",
        language: || tree_sitter_bash::LANGUAGE.into(),
        calls: &[("command", "name")],
        not_code: &[
            "comment",
            "raw_string",
            "string",
            "ansi_c_string",
            "heredoc_body",
        ],
        code_inside: &["command_substitution", "expansion", "simple_expansion"],
    },
    Grammar {
        id: "lua",
        language: || tree_sitter_lua::LANGUAGE.into(),
        calls: &[("function_call", "name")],
        not_code: &["comment", "string"],
        code_inside: &[],
    },
    Grammar {
        id: "ruby",
        language: || tree_sitter_ruby::LANGUAGE.into(),
        calls: &[("call", "method")],
        not_code: &["comment", "string", "heredoc_body", "regex", "string_array"],
        code_inside: &["interpolation"],
    },
    Grammar {
        id: "java",
        language: || tree_sitter_java::LANGUAGE.into(),
        calls: &[
            ("method_invocation", "name"),
            ("object_creation_expression", "type"),
        ],
        not_code: &[
            "line_comment",
            "block_comment",
            "string_literal",
            "character_literal",
        ],
        code_inside: &["string_interpolation"],
    },
];

static ALL: [Grammar; 8] = GRAMMARS;

/// The parser of a language.
pub(crate) fn find(id: &str) -> Option<&'static Grammar> {
    ALL.iter().find(|grammar| grammar.id == id)
}

/// Every language with a parser.
pub(crate) fn names() -> Vec<&'static str> {
    ALL.iter().map(|grammar| grammar.id).collect()
}

impl Grammar {
    /// Parses a file; errors in it are part of the tree.
    pub(crate) fn parse(&self, source: &[u8]) -> Result<Tree, String> {
        let mut parser = Parser::new();
        let language = (self.language)();
        parser
            .set_language(&language)
            .map_err(|error| format!("its parser cannot be used: {error}"))?;
        let start = Instant::now();
        let mut read = |offset: usize, _| source.get(offset..).unwrap_or_default();
        let mut watch = |_: &tree_sitter::ParseState| match start.elapsed() > PARSE_TIME_MAX {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        let options = ParseOptions::new().progress_callback(&mut watch);
        parser
            .parse_with_options(&mut read, None, Some(options))
            .ok_or_else(|| "it takes too long to parse".to_owned())
    }

    /// Whether the parser has named nodes of this kind.
    pub(crate) fn has_kind(&self, kind: &str) -> bool {
        let language = (self.language)();
        language.id_for_node_kind(kind, true) != 0
    }

    /// Compiles a query.
    pub(crate) fn compile_query(&self, query: &str) -> Result<Query, String> {
        Query::new(&(self.language)(), query).map_err(|error| error.to_string())
    }
}

/// Visits every node in order with its parent, without recursion. `visit` says whether to go inside.
/// ([`Node::parent`] searches from the root, which a deeply nested file would make slow.)
pub(crate) fn walk<'tree>(
    tree: &'tree Tree,
    mut visit: impl FnMut(Node<'tree>, Option<Node<'tree>>) -> bool,
) {
    let mut cursor = tree.walk();
    let mut parents: Vec<Node<'tree>> = Vec::new();
    loop {
        let node = cursor.node();
        if visit(node, parents.last().copied()) && cursor.goto_first_child() {
            parents.push(node);
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
            parents.pop();
        }
    }
}
