//! QTI 1.2 as Canvas reads it: a package with a manifest, `assessment_meta.xml`, the items, and
//! pictures as web resources.

mod item;
mod lost;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use carrel_quiz::{Item, Question, Quiz};

use crate::archive::{self, safe_name};
use crate::identity::{Identities, slug};
use crate::moodle::encode;
use crate::report::{Exported, File, Loss, changed_settings};

/// What stands for the place of web resources in a link.
const FILE_BASE: &str = "%24IMS-CC-FILEBASE%24";

/// Writes a package.
#[must_use]
pub fn write(quiz: &Quiz, files: &[File]) -> Exported {
    let mut writer = Writer {
        files,
        ids: Identities::default(),
        entries: Vec::new(),
        resources: String::new(),
        losses: Vec::new(),
        points: 0.0,
    };
    let id = match slug(&quiz.id) {
        empty if empty.is_empty() => "quiz".to_owned(),
        id => id,
    };
    let assessment = writer.assessment(quiz, &id);
    writer.tell_settings(quiz);
    let meta = writer.meta(quiz, &id);
    let manifest = writer.manifest(&id);
    let mut entries = vec![
        ("imsmanifest.xml".to_owned(), manifest.into_bytes()),
        (format!("{id}/{id}.xml"), assessment.into_bytes()),
        (format!("{id}/assessment_meta.xml"), meta.into_bytes()),
    ];
    entries.append(&mut writer.entries);
    Exported {
        bytes: archive::write(&entries),
        losses: writer.losses,
    }
}

struct Writer<'a> {
    files: &'a [File],
    ids: Identities,
    entries: Vec<(String, Vec<u8>)>,
    resources: String,
    losses: Vec<Loss>,
    points: f64,
}

impl Writer<'_> {
    fn lose(&mut self, question: &str, what: impl Into<String>) {
        self.losses.push(Loss {
            line: 0,
            question: question.to_owned(),
            what: what.into(),
        });
    }

    fn assessment(&mut self, quiz: &Quiz, id: &str) -> String {
        let mut items = String::new();
        for item in &quiz.items {
            match item {
                Item::Question(question) => {
                    if let Some(xml) = self.question(question) {
                        items.push_str(&xml);
                        self.points += question.points;
                    }
                }
                Item::Pool(pool) => {
                    let inside: Vec<String> = pool
                        .questions
                        .iter()
                        .filter_map(|question| self.question(question))
                        .collect();
                    let first = pool.questions.first().map_or(1.0, |first| first.points);
                    let each = pool.points.unwrap_or(first);
                    if pool.points.is_none() && pool.questions.iter().any(|one| one.points != first)
                    {
                        self.lose(&pool.id, "in Canvas all questions of a group give the same points: those of the first");
                    }
                    self.points += each * f64::from(pool.draw);
                    let title = if pool.title.is_empty() {
                        &pool.id
                    } else {
                        &pool.title
                    };
                    let _ = writeln!(
                        items,
                        "      <section ident=\"group_{}\" title=\"{}\">\n        <selection_ordering><selection><selection_number>{}</selection_number><selection_extension><points_per_item>{each}</points_per_item></selection_extension></selection></selection_ordering>\n{}      </section>",
                        encode(&pool.id),
                        encode(title),
                        pool.draw,
                        inside.concat()
                    );
                }
            }
        }
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<questestinterop xmlns=\"http://www.imsglobal.org/xsd/ims_qtiasiv1p2\">\n  <assessment ident=\"{id}\" title=\"{}\">\n    <qtimetadata>{}</qtimetadata>\n    <section ident=\"root_section\">\n{items}    </section>\n  </assessment>\n</questestinterop>\n",
            encode(title_of(quiz)),
            item::field(
                "cc_maxattempts",
                &quiz
                    .settings
                    .attempts
                    .map_or_else(|| "unlimited".to_owned(), |attempts| attempts.to_string())
            )
        )
    }

    /// An item; nothing when it was left out.
    fn question(&mut self, question: &Question) -> Option<String> {
        let name = self.ids.take(&question.id);
        let (mut links, mut pictures) = (BTreeMap::new(), Vec::new());
        for (number, attachment) in question.attachments.iter().enumerate() {
            let Some(file) = self.files.iter().find(|file| file.path == attachment.path) else {
                let what = format!(
                    "the embedded file `{}` was not handed over",
                    attachment.name
                );
                self.lose(&question.id, what);
                continue;
            };
            let path = format!(
                "files/{name}/{}-{}",
                number + 1,
                safe_name(&attachment.name)
            );
            links.insert(attachment.name.clone(), format!("{FILE_BASE}/{path}"));
            pictures.push((path, file.bytes.clone()));
        }
        let written = item::write(question, &name, &links);
        for what in written.losses {
            self.lose(&question.id, what);
        }
        match written.xml {
            Ok(xml) => {
                for (number, (path, bytes)) in (1..).zip(pictures) {
                    let _ = writeln!(
                        self.resources,
                        "    <resource identifier=\"file_{name}_{number}\" type=\"webcontent\" href=\"{path}\"><file href=\"{path}\"/></resource>"
                    );
                    self.entries.push((path, bytes));
                }
                Some(xml)
            }
            Err(reason) => {
                self.lose(&question.id, format!("left out: {reason}"));
                None
            }
        }
    }

    fn tell_settings(&mut self, quiz: &Quiz) {
        let kept = ["time limit", "attempts", "no way back"];
        let lost = changed_settings(&quiz.settings);
        let lost: Vec<&str> = lost
            .into_iter()
            .filter(|name| !kept.contains(name))
            .collect();
        if !lost.is_empty() {
            self.lose("", format!("settings of the quiz: {}", lost.join(", ")));
        }
        if shuffles(quiz) {
            for question in quiz.questions() {
                if matches!(&question.kind, carrel_quiz::Kind::Choice(choice) if !choice.shuffle) {
                    self.lose(
                        &question.id,
                        "that options keep their order: Canvas shuffles those of all questions",
                    );
                }
            }
        }
        let seconds = quiz.settings.time_limit_seconds.unwrap_or(0);
        if !seconds.is_multiple_of(60) {
            self.lose("", "the time limit was rounded up to minutes");
        }
    }

    fn meta(&self, quiz: &Quiz, id: &str) -> String {
        let settings = &quiz.settings;
        let limit = settings
            .time_limit_seconds
            .map(|seconds| format!("  <time_limit>{}</time_limit>\n", seconds.div_ceil(60)));
        let introduction = quiz.introduction.as_ref().map(crate::markup::html);
        // Canvas writes any number of attempts as -1.
        let attempts = settings
            .attempts
            .map_or_else(|| "-1".to_owned(), |attempts| attempts.to_string());
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<quiz identifier=\"{id}\" xmlns=\"http://canvas.instructure.com/xsd/cccv1p0\">\n  <title>{}</title>\n  <description>{}</description>\n  <shuffle_answers>{}</shuffle_answers>\n",
            encode(title_of(quiz)),
            encode(&introduction.unwrap_or_default()),
            shuffles(quiz),
        );
        let _ = write!(
            xml,
            "  <scoring_policy>keep_highest</scoring_policy>\n  <quiz_type>assignment</quiz_type>\n  <points_possible>{}</points_possible>\n{}  <allowed_attempts>{attempts}</allowed_attempts>\n  <one_question_at_a_time>{2}</one_question_at_a_time>\n  <cant_go_back>{2}</cant_go_back>\n</quiz>\n",
            self.points,
            limit.unwrap_or_default(),
            settings.sequential,
        );
        xml
    }

    fn manifest(&self, id: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<manifest identifier=\"{id}_manifest\" xmlns=\"http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1\">\n  <metadata><schema>IMS Content</schema><schemaversion>1.1.3</schemaversion></metadata>\n  <organizations/>\n  <resources>\n    <resource identifier=\"{id}\" type=\"imsqti_xmlv1p2\"><file href=\"{id}/{id}.xml\"/><dependency identifierref=\"{id}_meta\"/></resource>\n    <resource identifier=\"{id}_meta\" type=\"associatedcontent/imscc_xmlv1p1/learning-application-resource\" href=\"{id}/assessment_meta.xml\"><file href=\"{id}/assessment_meta.xml\"/></resource>\n{}  </resources>\n</manifest>\n",
            self.resources
        )
    }
}

fn title_of(quiz: &Quiz) -> &str {
    if quiz.title.is_empty() {
        &quiz.id
    } else {
        &quiz.title
    }
}

/// In Canvas the whole quiz shuffles options, or none does.
fn shuffles(quiz: &Quiz) -> bool {
    quiz.questions().any(|question| match &question.kind {
        carrel_quiz::Kind::Choice(choice) => choice.shuffle,
        _ => false,
    })
}

#[cfg(test)]
#[path = "canvas/tests.rs"]
mod tests;
