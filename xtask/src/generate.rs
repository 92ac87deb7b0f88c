//! Files that are made from code and committed: the man page, the JSON Schemas and the OpenAPI document.

use std::fs;
use std::path::Path;

use anyhow::Context;
use carrel_app::cli::schema::Document;
use carrel_app::exit_code;
use clap_mangen::Man;

/// One generated file.
#[derive(Debug)]
pub(crate) struct Generated {
    /// Path below the workspace.
    pub(crate) path: String,
    /// What it must hold.
    pub(crate) content: String,
}

/// Everything that is generated.
pub(crate) fn all() -> anyhow::Result<Vec<Generated>> {
    let mut files = vec![Generated {
        path: "docs/carrel.1".into(),
        content: man_page().context("rendering the man page")?,
    }];
    files.push(Generated {
        path: "docs/settings.md".into(),
        content: format!(
            "{SETTINGS_HEAD}{}",
            carrel_app::config::service::reference()
        ),
    });
    for document in Document::ALL {
        let mut content = serde_json::to_string_pretty(&document.schema())
            .with_context(|| format!("rendering {}", document.file_name()))?;
        content.push('\n');
        files.push(Generated {
            path: format!("docs/{}", document.file_name()),
            content,
        });
    }
    files.push(Generated {
        path: "docs/openapi.json".into(),
        content: carrel_web::openapi::document().to_owned(),
    });
    Ok(files)
}

/// What stands above the table of settings.
const SETTINGS_HEAD: &str = "# Settings of the service

Generated from the code by `cargo xtask generate`. Written in `/etc/carrel/carrel.toml` (another file: `--config FILE` or `CARREL_CONFIG`), over that in environment variables, over that with `--set KEY=VALUE`. `carrel serve --print-config` prints what is in force and where each value was written. Unknown keys and values out of bounds are refused with file and line, and so are environment variables that are named like those of a section (`CARREL_WEB_…`) and write no setting. In a variable and after `--set` the texts of a list stand with commas between them.

";

/// Writes them.
pub(crate) fn write(root: &Path) -> anyhow::Result<()> {
    for file in all()? {
        let path = root.join(&file.path);
        fs::write(&path, file.content).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}

/// One page for all commands, in the order of the help text.
fn man_page() -> anyhow::Result<String> {
    let mut command = carrel_app::cli::command()
        .after_help("")
        .disable_help_subcommand(true);
    command.build();
    // No date: the same code gives the same page.
    let man = Man::new(command.clone())
        .date("")
        .manual("Carrel")
        .section("1");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    let mut page = String::from_utf8(page).context("the page is not UTF-8")?;
    page.push_str(".SH COMMANDS\n");
    render_commands(&command, "carrel", &mut page)?;
    page.push_str(&exit_status());
    page.push_str(FURTHER);
    Ok(page)
}

fn render_commands(command: &clap::Command, name: &str, page: &mut String) -> anyhow::Result<()> {
    for sub in command
        .get_subcommands()
        .filter(|sub| sub.get_name() != "help")
    {
        let name = format!("{name} {}", sub.get_name());
        if sub.has_subcommands() {
            render_commands(sub, &name, page)?;
            continue;
        }
        let man = Man::new(
            without_global(sub)
                .bin_name(name.as_str())
                .display_name(name.as_str()),
        );
        let mut text = Vec::new();
        man.render_synopsis_section(&mut text)?;
        man.render_description_section(&mut text)?;
        man.render_options_section(&mut text)?;
        let text = String::from_utf8(text).context("a section is not UTF-8")?;
        page.push_str(&format!(".SS \"{name}\"\n"));
        // Headings of a page of its own become nothing: the text stands below its command.
        for line in text.lines().filter(|line| !line.starts_with(".SH ")) {
            page.push_str(if line.starts_with(".ie") || line.starts_with(".el") {
                ""
            } else {
                line
            });
            page.push('\n');
        }
    }
    Ok(())
}

/// The options that every command takes are told once, at the top.
fn without_global(command: &clap::Command) -> clap::Command {
    command.clone().mut_args(|argument| {
        let everywhere =
            argument.is_global_set() || ["help", "version"].contains(&argument.get_id().as_str());
        argument.hide(everywhere)
    })
}

fn exit_status() -> String {
    let mut text = String::from(".SH \"EXIT STATUS\"\n");
    for (code, name, meaning) in exit_code::ALL {
        text.push_str(&format!(".TP\n\\fB{code}\\fR\n{name}: {meaning}\n"));
    }
    text
}

/// Sections that clap does not know of.
const FURTHER: &str = r#".SH ENVIRONMENT
.TP
\fBCARREL_STATE_DIRECTORY\fR
Directory of environments and caches.
.TP
\fBCARREL_RUN_DIRECTORY\fR
Directory of the service's sockets and journals; a tmpfs does best.
.TP
\fBCARREL_CONFIG\fR
Settings file of the service; every setting is also read from a variable of its own (docs/settings.md).
.TP
\fBCARREL_MIRROR\fR
Package mirror that environments are built from.
.TP
\fBNO_COLOR\fR
No colour on a terminal.
.TP
\fBCI\fR
Plain lines in place of a moving progress bar.
.SH FILES
.TP
\fI/var/lib/carrel\fR
State directory of root.
.TP
\fI$XDG_STATE_HOME/carrel\fR, \fI~/.local/state/carrel\fR
State directory of another user.
.SH EXAMPLES
.TP
Judge a submission:
carrel check courses/sample/leap-year my_leap.py
.TP
Prove that a course is as its author declared:
carrel course check courses/sample
.TP
Begin a course, and take a question bank of Moodle into it:
carrel course new my\-course && carrel course import bank.xml \-\-into my\-course
.TP
Run a command with one second of processor time and 64 MiB:
carrel run \-\-env python \-\-cpu 1s \-\-memory 64M \-\- python3 \-c 'print(6*7)'
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_command_and_exit_code() {
        let page = man_page().unwrap();
        for name in [
            "carrel check",
            "carrel course check",
            "carrel env build",
            "carrel run",
            "carrel doctor",
        ] {
            assert!(page.contains(&format!(".SS \"{name}\"")), "{name}");
        }
        for (code, ..) in exit_code::ALL {
            assert!(page.contains(&format!("\\fB{code}\\fR")), "{code}");
        }
    }
}
