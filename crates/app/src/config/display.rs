//! How output is shown: colour, width, live progress.

use std::io::IsTerminal;

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What it means here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Display {
    /// Colour on standard output.
    pub colour: bool,
    /// Standard error is a terminal that can show a moving progress bar.
    pub live: bool,
}

/// What the environment says, read once.
#[derive(Debug, Clone, Copy, Default)]
struct Written {
    stdout_terminal: bool,
    stderr_terminal: bool,
    no_color: bool,
    dumb: bool,
    ci: bool,
}

impl Display {
    /// From the flag, the terminal, `NO_COLOR` (<https://no-color.org>), `TERM=dumb` and `CI`.
    #[must_use]
    pub fn resolve(colour: Colour) -> Self {
        let written = Written {
            stdout_terminal: std::io::stdout().is_terminal(),
            stderr_terminal: std::io::stderr().is_terminal(),
            no_color: super::variable("NO_COLOR").is_some(),
            dumb: super::variable("TERM").is_none_or(|term| term == "dumb"),
            ci: super::variable("CI").is_some(),
        };
        decide(colour, written)
    }
}

fn decide(colour: Colour, written: Written) -> Display {
    let colour = match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => written.stdout_terminal && !written.no_color && !written.dumb,
    };
    Display {
        colour,
        live: written.stderr_terminal && !written.dumb && !written.ci,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_only_on_a_terminal_that_wants_it() {
        let terminal = Written {
            stdout_terminal: true,
            ..Written::default()
        };
        assert!(decide(Colour::Auto, terminal).colour);
        assert!(!decide(Colour::Auto, Written::default()).colour);
        assert!(
            !decide(
                Colour::Auto,
                Written {
                    no_color: true,
                    ..terminal
                }
            )
            .colour
        );
        assert!(decide(Colour::Always, Written::default()).colour);
        assert!(!decide(Colour::Never, terminal).colour);
    }

    #[test]
    fn no_moving_bar_in_ci() {
        let terminal = Written {
            stderr_terminal: true,
            ..Written::default()
        };
        assert!(decide(Colour::Auto, terminal).live);
        assert!(
            !decide(
                Colour::Auto,
                Written {
                    ci: true,
                    ..terminal
                }
            )
            .live
        );
    }
}
