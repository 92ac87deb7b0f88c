//! Parts that several kinds of content share.

use carrel_quiz::{Question, Text};
use serde_json::Value;

use crate::moodle::encode;

/// Puts the picture of a content before its text; other media are no part of it.
pub(super) fn medium(content: &Value, question: &mut Question) {
    let medium = &content["media"]["type"];
    let is_picture = medium["library"]
        .as_str()
        .is_some_and(|library| library.starts_with("H5P.Image "));
    let Some(path) = medium["params"]["file"]["path"]
        .as_str()
        .filter(|_| is_picture)
    else {
        return;
    };
    // H5P marks files of an editor that were not saved yet.
    let path = path.trim_end_matches("#tmp");
    let alt = medium["params"]["alt"].as_str().unwrap_or_default();
    let picture = format!(
        "<p><img src=\"{}\" alt=\"{}\"></p>",
        encode(path),
        encode(alt)
    );
    question.text.source.insert_str(0, &picture);
}

/// Whether a content has media that are not carried over.
pub(super) fn has_other_medium(content: &Value) -> bool {
    let library = content["media"]["type"]["library"]
        .as_str()
        .unwrap_or_default();
    !library.is_empty() && !library.starts_with("H5P.Image ")
}

/// A text of HTML, where it is not blank.
pub(super) fn text(value: &Value) -> Option<Text> {
    let source = value.as_str().unwrap_or_default();
    let shown = !crate::markup::plain(source).is_empty() || source.contains("<img");
    shown.then(|| Text::html(source))
}

/// Feedback that the whole range of points or its ends have: wrong, in part, right.
pub(super) fn overall(content: &Value, question: &mut Question, lost: &mut Vec<String>) {
    let list = content["overallFeedback"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    for range in list {
        let Some(told) = text(&range["feedback"]) else {
            continue;
        };
        // H5P puts numbers in their place; here points are told anyway.
        if told.source.contains("@score") || told.source.contains("@total") {
            lost.push("feedback with the points in it (`@score`, `@total`)".to_owned());
            continue;
        }
        let (from, to) = (
            range["from"].as_f64().unwrap_or(0.0),
            range["to"].as_f64().unwrap_or(100.0),
        );
        let feedback = &mut question.feedback;
        if from <= 0.0 && to >= 100.0 {
            feedback.general = Some(told);
        } else if to >= 100.0 && feedback.correct.is_none() {
            feedback.correct = Some(told);
            if from < 99.0 {
                lost.push(format!(
                    "feedback from {from} per cent on is shown for all points only"
                ));
            }
        } else if from <= 0.0 && feedback.incorrect.is_none() {
            feedback.incorrect = Some(told);
            if to >= 1.0 {
                lost.push(format!(
                    "feedback up to {to} per cent is shown for no points only"
                ));
            }
        } else if feedback.partially_correct.is_none() {
            feedback.partially_correct = Some(told);
        } else {
            lost.push(format!("feedback from {from} to {to} per cent"));
        }
    }
}
