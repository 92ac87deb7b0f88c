//! Questions to a content package of QTI 2.1 or 2.2.

mod item;
mod key;
mod lost;
mod pairs;
mod response;
mod rules;
mod special;
mod variable;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use carrel_quiz::{Item, Question, Quiz};

use crate::archive::{self, safe_name};
use crate::identity::{Identities, slug};
use crate::markup::{html, xhtml};
use crate::moodle::encode;
use crate::qti::Version;
use crate::report::{Exported, File, Loss, changed_settings};
use response::identifier;

/// Writes a package: a manifest, a test, an item per question, and the embedded files.
#[must_use]
pub fn write(quiz: &Quiz, files: &[File], version: Version) -> Exported {
    let mut package = Package {
        files,
        version,
        ids: Identities::default(),
        entries: Vec::new(),
        resources: String::new(),
        losses: Vec::new(),
    };
    let test = package.test(quiz);
    package.losses.extend(settings(quiz));
    let manifest = package.manifest(quiz);
    package
        .entries
        .insert(0, ("assessment.xml".to_owned(), test.into_bytes()));
    package
        .entries
        .insert(0, ("imsmanifest.xml".to_owned(), manifest.into_bytes()));
    Exported {
        bytes: archive::write(&package.entries),
        losses: package.losses,
    }
}

/// What of the settings stays behind, each by its name.
fn settings(quiz: &Quiz) -> Vec<Loss> {
    let kept = ["time limit", "shuffled order", "no way back"];
    let lost = changed_settings(&quiz.settings);
    let lost: Vec<&str> = lost
        .into_iter()
        .filter(|name| !kept.contains(name))
        .collect();
    match lost.as_slice() {
        [] => Vec::new(),
        lost => vec![Loss {
            line: 0,
            question: String::new(),
            what: format!("settings of the quiz: {}", lost.join(", ")),
        }],
    }
}

struct Package<'a> {
    files: &'a [File],
    version: Version,
    ids: Identities,
    entries: Vec<(String, Vec<u8>)>,
    resources: String,
    losses: Vec<Loss>,
}

impl Package<'_> {
    fn test(&mut self, quiz: &Quiz) -> String {
        let title = if quiz.title.is_empty() {
            &quiz.id
        } else {
            &quiz.title
        };
        let limit = quiz
            .settings
            .time_limit_seconds
            .map(|seconds| format!("  <timeLimits maxTime=\"{seconds}\"/>\n"));
        let introduction = quiz.introduction.as_ref().map(|text| {
            let text = xhtml(&html(text));
            format!("<rubricBlock view=\"candidate\"><div>{text}</div></rubricBlock>")
        });
        let introduction = introduction.unwrap_or_default();
        let mut references = String::new();
        for item in &quiz.items {
            match item {
                Item::Question(question) => references.push_str(&self.question(question)),
                Item::Pool(pool) => {
                    if pool.points.is_some() {
                        self.lose(
                            &pool.id,
                            "the points of a pool: its questions keep their own",
                        );
                    }
                    let inside: String = pool
                        .questions
                        .iter()
                        .map(|question| self.question(question))
                        .collect();
                    let title = if pool.title.is_empty() {
                        &pool.id
                    } else {
                        &pool.title
                    };
                    let _ = writeln!(
                        references,
                        "      <assessmentSection identifier=\"{}\" title=\"{}\" visible=\"false\"><selection select=\"{}\"/>\n{inside}      </assessmentSection>",
                        identifier(&format!("pool-{}", pool.id)),
                        encode(title),
                        pool.draw
                    );
                }
            }
        }
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<assessmentTest xmlns=\"{}\" identifier=\"{}\" title=\"{}\" toolName=\"Carrel\">\n{}  <testPart identifier=\"part\" navigationMode=\"{}\" submissionMode=\"simultaneous\">\n    <assessmentSection identifier=\"all\" title=\"{}\" visible=\"true\">{}{introduction}\n{references}    </assessmentSection>\n  </testPart>\n</assessmentTest>\n",
            self.version.namespace(),
            identifier(&format!("test-{}", quiz.id)),
            encode(title),
            limit.unwrap_or_default(),
            if quiz.settings.sequential {
                "linear"
            } else {
                "nonlinear"
            },
            encode(title),
            if quiz.settings.shuffle {
                "<ordering shuffle=\"true\"/>"
            } else {
                ""
            },
        )
    }

    fn lose(&mut self, question: &str, what: &str) {
        self.losses.push(Loss {
            line: 0,
            question: question.to_owned(),
            what: what.to_owned(),
        });
    }

    /// Writes an item; gives how a test refers to it, or nothing when it was left out.
    fn question(&mut self, question: &Question) -> String {
        let name = self.ids.take(&question.id);
        let (links, paths) = self.attach(question, &name);
        let written = item::write(question, &links, self.version);
        for what in &written.losses {
            self.lose(&question.id, what);
        }
        let xml = match written.xml {
            Ok(xml) => xml,
            Err(reason) => {
                self.lose(&question.id, &format!("left out: {reason}"));
                self.entries.retain(|(path, _)| !paths.contains(path));
                return String::new();
            }
        };
        let path = format!("items/{name}.xml");
        let mut files = format!("<file href=\"{path}\"/>");
        for file in &paths {
            let _ = write!(files, "<file href=\"{}\"/>", encode(file));
        }
        let _ = writeln!(
            self.resources,
            "    <resource identifier=\"item-{name}\" type=\"imsqti_item_xml{}\" href=\"{path}\">{files}</resource>",
            self.version.suffix()
        );
        self.entries.push((path.clone(), xml.into_bytes()));
        format!("      <assessmentItemRef identifier=\"ref-{name}\" href=\"{path}\"/>\n")
    }

    /// Puts the embedded files of a question into the package: links as an item sees them, and paths.
    fn attach(
        &mut self,
        question: &Question,
        name: &str,
    ) -> (BTreeMap<String, String>, Vec<String>) {
        let (mut links, mut paths) = (BTreeMap::new(), Vec::new());
        for (number, attachment) in question.attachments.iter().enumerate() {
            let Some(file) = self.files.iter().find(|file| file.path == attachment.path) else {
                let what = format!(
                    "the embedded file `{}` was not handed over",
                    attachment.name
                );
                self.lose(&question.id, &what);
                continue;
            };
            let path = format!(
                "files/{name}/{}-{}",
                number + 1,
                safe_name(&attachment.name)
            );
            links.insert(attachment.name.clone(), format!("../{path}"));
            self.entries.push((path.clone(), file.bytes.clone()));
            paths.push(path);
        }
        (links, paths)
    }

    fn manifest(&self, quiz: &Quiz) -> String {
        let suffix = self.version.suffix();
        let id = match slug(&quiz.id) {
            empty if empty.is_empty() => "quiz".to_owned(),
            id => id,
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<manifest xmlns=\"http://www.imsglobal.org/xsd/imscp_v1p1\" identifier=\"manifest-{id}\">\n  <metadata><schema>QTI{} Package</schema><schemaversion>1.0.0</schemaversion></metadata>\n  <organizations/>\n  <resources>\n    <resource identifier=\"test\" type=\"imsqti_test_xml{suffix}\" href=\"assessment.xml\"><file href=\"assessment.xml\"/></resource>\n{}  </resources>\n</manifest>\n",
            self.version.number(),
            self.resources
        )
    }
}

#[cfg(test)]
#[path = "write_tests.rs"]
mod tests;
