//! Reading what a harness wrote to the report channel.
//!
//! A record is a line `<key> <sequence> <verb> name=value …` with values in
//! percent encoding. Everything that does not begin with the key is noise: the
//! learner's program may write to the channel too. Sequence numbers make a
//! missing or repeated record visible.

use crate::case::CaseStatus;
use crate::framework::seal::seal;

/// Most cases that one suite may have.
const CASES_MAX: usize = 20_000;

/// What the harness told, in order, as far as it came.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Transcript {
    /// Names of all cases, told before the first one ran.
    pub(crate) plan: Option<Vec<String>>,
    /// Source of each case, where told (same order as the plan).
    pub(crate) sources: Vec<Option<String>>,
    /// Results by place in the plan.
    pub(crate) results: Vec<(usize, CaseRecord)>,
    /// The case that had begun and has no result.
    pub(crate) running: Option<usize>,
    /// Lines that a framework printed, where it speaks for itself.
    pub(crate) lines: Vec<String>,
    /// The harness came to its end.
    pub(crate) ended: bool,
    /// What it said there.
    pub(crate) end_text: Option<String>,
    /// The learner's code could not be loaded.
    pub(crate) load_failure: Option<LoadFailure>,
    /// The author's test code could not be used: what is wrong with it.
    pub(crate) author_fault: Option<String>,
    /// Signs that something spoke in the harness's name or changed its tools.
    pub(crate) forged: Option<String>,
}

/// One result.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CaseRecord {
    pub(crate) status: CaseStatus,
    pub(crate) message: Option<String>,
    pub(crate) output: Option<String>,
}

/// Why the learner's code could not be loaded.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct LoadFailure {
    /// The source is not in the language (else it failed while being run).
    pub(crate) syntax: bool,
    pub(crate) file: Option<String>,
    pub(crate) line: Option<u64>,
    pub(crate) message: String,
}

/// Reads the channel's bytes; noise is passed over.
pub(crate) fn read(bytes: &[u8], key: &str) -> Transcript {
    let prefix = format!("{key} ");
    read_lines(bytes, |line| line.strip_prefix(prefix.as_bytes()))
}

/// The same where each record carries a seal in the place of the key.
pub(crate) fn read_sealed(bytes: &[u8], key: &str) -> Transcript {
    read_lines(bytes, |line| {
        let at = line.iter().position(|byte| *byte == b' ')?;
        let (sealed, rest) = (&line[..at], &line[at + 1..]);
        (seal(key, rest)?.as_bytes() == sealed).then_some(rest)
    })
}

fn read_lines<'b>(bytes: &'b [u8], open: impl Fn(&'b [u8]) -> Option<&'b [u8]>) -> Transcript {
    let mut transcript = Transcript::default();
    let mut expected = 0_u64;
    for line in bytes.split(|byte| *byte == b'\n') {
        let Some(rest) = open(line) else {
            continue;
        };
        let Ok(text) = std::str::from_utf8(rest) else {
            transcript.note_forged("a record of the harness is damaged");
            continue;
        };
        let mut parts = text.split(' ');
        let sequence = parts.next().and_then(|number| number.parse::<u64>().ok());
        let verb = parts.next().unwrap_or_default();
        if sequence != Some(expected) {
            transcript.note_forged("the records of the harness are not in their order");
            break;
        }
        expected += 1;
        let fields: Vec<(&str, String)> = parts.filter_map(read_field).collect();
        transcript.take(verb, &fields);
    }
    transcript
}

fn read_field(text: &str) -> Option<(&str, String)> {
    let (name, value) = text.split_once('=')?;
    Some((name, decode(value)))
}

/// Undoes percent encoding; a broken escape stays as it is.
pub(crate) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = (bytes[at] == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten();
        let byte = escape
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

impl Transcript {
    fn note_forged(&mut self, reason: &str) {
        if self.forged.is_none() {
            self.forged = Some(reason.to_owned());
        }
    }

    fn take(&mut self, verb: &str, fields: &[(&str, String)]) {
        if self.ended {
            return self.note_forged("a record came after the end of the tests");
        }
        match verb {
            "plan" => self.take_plan(fields),
            "start" => self.take_start(fields),
            "case" => self.take_case(fields),
            "line" if self.lines.len() < CASES_MAX => {
                self.lines
                    .push(field(fields, "text").unwrap_or_default().to_owned());
            }
            "end" => {
                self.ended = true;
                self.end_text = field(fields, "text").map(str::to_owned);
            }
            "load" => {
                self.load_failure = Some(LoadFailure {
                    syntax: field(fields, "kind") == Some("syntax"),
                    file: field(fields, "file").map(str::to_owned),
                    line: field(fields, "line").and_then(|line| line.parse().ok()),
                    message: field(fields, "message").unwrap_or_default().to_owned(),
                });
            }
            "author" => {
                self.author_fault = field(fields, "message").map(str::to_owned);
            }
            "forged" => {
                let reason = field(fields, "message")
                    .or(field(fields, "text"))
                    .unwrap_or("the tests were tampered with");
                self.note_forged(reason);
            }
            _ => self.note_forged("the harness wrote a record that it does not know"),
        }
    }

    fn take_plan(&mut self, fields: &[(&str, String)]) {
        if self.plan.is_some() {
            return self.note_forged("the list of test cases came twice");
        }
        let mut names = Vec::new();
        for (name, value) in fields {
            match *name {
                "name" if names.len() < CASES_MAX => {
                    names.push(value.clone());
                    self.sources.push(None);
                }
                "code" => {
                    if let Some(last) = self.sources.last_mut() {
                        *last = Some(value.clone());
                    }
                }
                _ => {}
            }
        }
        self.plan = Some(names);
    }

    fn take_start(&mut self, fields: &[(&str, String)]) {
        match self.place(fields) {
            Some(place) => self.running = Some(place),
            None => self.note_forged("a test case began that is not in the list"),
        }
    }

    fn take_case(&mut self, fields: &[(&str, String)]) {
        let Some(place) = self.place(fields) else {
            return self.note_forged("a test case ended that is not in the list");
        };
        if self.results.iter().any(|(other, _)| *other == place) {
            return self.note_forged("a test case ended twice");
        }
        let status = match field(fields, "status") {
            Some("passed") => CaseStatus::Passed,
            Some("failed") => CaseStatus::Failed,
            Some("skipped") => CaseStatus::Skipped,
            _ => CaseStatus::Errored,
        };
        let text = |name| {
            field(fields, name)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let record = CaseRecord {
            status,
            message: text("message"),
            output: text("output"),
        };
        self.results.push((place, record));
        if self.running == Some(place) {
            self.running = None;
        }
    }

    fn place(&self, fields: &[(&str, String)]) -> Option<usize> {
        let place: usize = field(fields, "i")?.parse().ok()?;
        (place < self.plan.as_ref()?.len()).then_some(place)
    }
}

fn field<'a>(fields: &'a [(&str, String)], name: &str) -> Option<&'a str> {
    fields
        .iter()
        .find(|(other, _)| *other == name)
        .map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "aa11";

    fn transcript(lines: &[&str]) -> Transcript {
        read(lines.join("\n").as_bytes(), KEY)
    }

    /// An honest run under another key: what a program that knows everything but the key can send.
    const FORGED: &str = "aa12 0 plan name=one code=x%3D1 name=two\naa12 1 start i=0\naa12 2 case i=0 status=passed message=a%0Ab\n\
        aa12 3 start i=1\naa12 4 case i=1 status=passed\naa12 5 end text=000\n";

    #[test]
    fn a_sealed_record_counts_and_no_changed_or_repeated_one() {
        let key = "ab".repeat(24);
        let sealed = |text: &str| format!("{} {text}", seal(&key, text.as_bytes()).unwrap());
        let plan = sealed("0 plan name=one");
        let end = sealed("1 end text=000");
        let told = read_sealed(format!("{plan}\n{end}\n").as_bytes(), &key);
        assert!(told.ended && told.forged.is_none());
        let changed = end.replace("000", "001");
        let told = read_sealed(format!("{plan}\n{changed}\n").as_bytes(), &key);
        assert!(!told.ended && told.forged.is_none(), "noise");
        let told = read_sealed(format!("{plan}\n{plan}\n").as_bytes(), &key);
        assert!(told.forged.is_some(), "said twice");
    }

    proptest::proptest! {
        /// Damaged records never panic, and results never pass the plan.
        #[test]
        fn fuzz_transcript(text in carrel_fuzz::damaged(vec![FORGED.replace("aa12", KEY).into_bytes()], &["aa11 ", " i=18446744073709551616", "%", "%0", "\n", "end"])) {
            let read = read(&text, KEY);
            let planned = read.plan.as_ref().map_or(0, Vec::len);
            proptest::prop_assert!(read.results.iter().all(|(place, _)| *place < planned));
        }

        /// Without the key nothing is a record.
        #[test]
        fn fuzz_transcript_without_key(text in carrel_fuzz::damaged(vec![FORGED.as_bytes().to_vec()], &["aa1", "11 ", "plan ", "end"])) {
            let knows_key = text.windows(KEY.len()).any(|window| window == KEY.as_bytes());
            if !knows_key {
                proptest::prop_assert_eq!(read(&text, KEY), Transcript::default());
            }
        }
    }

    #[test]
    fn honest_run_is_read() {
        let read = transcript(&[
            "noise",
            "aa11 0 plan name=one code=x%3D1 name=t%20wo",
            "aa11 1 start i=0",
            "aa11 2 case i=0 status=passed",
            "aa11 3 start i=1",
            "aa11 4 case i=1 status=failed message=a%0Ab",
            "aa11 5 end",
        ]);
        assert_eq!(read.plan, Some(vec!["one".to_owned(), "t wo".to_owned()]));
        assert_eq!(read.sources[0].as_deref(), Some("x=1"));
        assert_eq!(read.results[1].1.message.as_deref(), Some("a\nb"));
        assert!(read.ended && read.forged.is_none() && read.running.is_none());
    }

    #[test]
    fn a_record_without_the_key_is_noise() {
        let read = transcript(&["aa12 0 plan name=one", "bb 1 case i=0 status=passed"]);
        assert_eq!(read, Transcript::default());
    }

    #[test]
    fn hang_in_the_second_case_keeps_the_first() {
        let read = transcript(&[
            "aa11 0 plan name=one name=two",
            "aa11 1 start i=0",
            "aa11 2 case i=0 status=passed",
            "aa11 3 start i=1",
        ]);
        assert_eq!(read.running, Some(1));
        assert_eq!(read.results.len(), 1);
        assert!(!read.ended);
    }

    #[test]
    fn repeated_missing_and_late_records_are_noticed() {
        for lines in [
            &["aa11 0 plan name=a", "aa11 0 end"][..],
            &["aa11 1 plan name=a"][..],
            &["aa11 0 plan name=a", "aa11 1 plan name=a"][..],
            &[
                "aa11 0 plan name=a",
                "aa11 1 end",
                "aa11 2 case i=0 status=passed",
            ][..],
            &["aa11 0 plan name=a", "aa11 1 case i=7 status=passed"][..],
            &[
                "aa11 0 plan name=a",
                "aa11 1 case i=0 status=failed",
                "aa11 2 case i=0 status=passed",
            ][..],
        ] {
            assert!(transcript(lines).forged.is_some(), "{lines:?}");
        }
    }

    #[test]
    fn broken_escapes_do_no_harm() {
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz%C3%A4%ff"), "%zzä\u{fffd}");
    }
}
