use crate::moodle::read;

const BANK: &str = r#"<quiz><question type="coderunner"><name><text>Square it</text></name>
<questiontext format="html"><text><![CDATA[<p>Write <code>sqr</code> &amp; test.</p><ul><li>one</li></ul>]]></text></questiontext>
<defaultgrade>3</defaultgrade><coderunnertype>python3</coderunnertype><prototypetype>0</prototypetype><allornothing>0</allornothing>
<penaltyregime>10, 20</penaltyregime><answer><![CDATA[def sqr(n):
    return n * n]]></answer><cputimelimitsecs>2</cputimelimitsecs><memlimitmb>64</memlimitmb>
<testcases><testcase testtype="0" useasexample="1" hiderestiffail="1" mark="1.0"><testcode><text>print(sqr(2))</text></testcode><stdin><text></text></stdin><expected><text>4</text></expected><extra><text></text></extra><display><text>SHOW</text></display></testcase>
<testcase testtype="0" useasexample="0" hiderestiffail="0" mark="2.0"><testcode><text>print(sqr(-3))</text></testcode><stdin><text>in</text></stdin><expected><text>9</text></expected><extra><text></text></extra><display><text>HIDE</text></display></testcase>
<file name="data.txt" encoding="base64">aGk=</file></testcases></question></quiz>"#;

fn file(name: &str) -> String {
    let imported = read(BANK, "bank").unwrap();
    let directory = &imported.challenges[0];
    assert_eq!(directory.name, "square-it");
    let found = directory.files.iter().find(|file| file.path == name);
    let names: Vec<_> = directory.files.iter().map(|file| &file.path).collect();
    let found = found.unwrap_or_else(|| panic!("{name} is not in {names:?}"));
    String::from_utf8(found.bytes.clone()).unwrap()
}

#[test]
fn a_question_becomes_the_directory_of_a_challenge() {
    assert_eq!(
        file("solution/answer.py"),
        "def sqr(n):\n    return n * n\n"
    );
    assert_eq!(file("start/answer.py"), "");
    assert_eq!(file("data/2.in"), "in\n");
    assert_eq!(file("data/2.ans"), "9\n");
    assert_eq!(file("data/2-coderunner_test.py"), "print(sqr(-3))\n");
    assert_eq!(file("supplied/data.txt"), "hi");
    let instructions = file("instructions.md");
    assert!(
        instructions.starts_with("Write `sqr` & test.\n\n- one\n"),
        "{instructions}"
    );
    assert!(
        instructions
            .contains("## Examples\n\nTest\n\n```\nprint(sqr(2))\n```\n\nResult\n\n```\n4\n```")
    );
    let table: toml::Table = file("challenge.toml").parse().unwrap();
    let checks = table["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 2);
    assert_eq!(checks[1]["points"].as_float(), Some(2.0));
    assert_eq!(checks[0]["visibility"].as_str(), Some("always"));
    assert_eq!(checks[1]["visibility"].as_str(), Some("never"));
    assert_eq!(table["limits"]["cpu_ms"].as_integer(), Some(2_000));
    assert_eq!(table["limits"]["memory_bytes"].as_str(), Some("64 MiB"));
}

#[test]
fn all_or_nothing_is_a_group_and_hidden_tests_wait_for_their_gate() {
    let bank = BANK.replace("<allornothing>0", "<allornothing>1");
    let imported = read(&bank, "bank").unwrap();
    let files = &imported.challenges[0].files;
    let toml = files
        .iter()
        .find(|file| file.path == "challenge.toml")
        .unwrap();
    let table: toml::Table = String::from_utf8(toml.bytes.clone())
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(
        table["groups"][0]["aggregation"].as_str(),
        Some("pass_fail")
    );
    assert_eq!(table["groups"][0]["points_max"].as_float(), Some(3.0));
    assert_eq!(table["checks"][1]["depends_on"][0].as_str(), Some("1"));
}

#[test]
fn what_cannot_be_carried_over_is_told_by_name() {
    let told = |from: &str, to: &str| {
        let imported = read(&BANK.replace(from, to), "bank").unwrap();
        let losses: Vec<String> = imported.losses.iter().map(ToString::to_string).collect();
        (imported.challenges.len(), losses.join("; "))
    };
    let (count, losses) = told("x", "x");
    assert_eq!(count, 1);
    assert!(
        losses.contains("question `square-it`: the penalties of wrong submissions"),
        "{losses}"
    );
    assert!(
        losses.contains("what follows a failed test is hidden"),
        "{losses}"
    );
    for (from, to, word) in [
        ("<prototypetype>0", "<prototypetype>2", "it is a prototype"),
        (
            "<answer>",
            "<template>{{ STUDENT_ANSWER }}</template><answer>",
            "a template of its own",
        ),
        (
            "python3<",
            "octave_function<",
            "its type `octave_function` has no counterpart",
        ),
        (
            "<answer>",
            "<grader>RegexGrader</grader><answer>",
            "graded by a `RegexGrader`",
        ),
    ] {
        let (count, losses) = told(from, to);
        assert_eq!(count, 0);
        assert!(losses.contains(word), "{losses}");
    }
}

#[test]
fn functions_of_c_share_one_main_program() {
    let bank = BANK.replace("python3<", "c_function<");
    let imported = read(&bank, "bank").unwrap();
    let files = &imported.challenges[0].files;
    let main = files
        .iter()
        .find(|file| file.path == "supplied/coderunner_main.c")
        .unwrap();
    let main = String::from_utf8(main.bytes.clone()).unwrap();
    assert!(
        main.contains("#include \"answer.c\"") && main.contains("case 2:"),
        "{main}"
    );
}

#[test]
fn a_java_program_lies_in_the_file_of_its_class() {
    let bank = BANK
        .replace("python3<", "java_program<")
        .replace("def sqr(n):", "public class Sqr {")
        .replace("    return n * n", "}");
    let imported = read(&bank, "bank").unwrap();
    let files = &imported.challenges[0].files;
    assert!(
        files.iter().any(|file| file.path == "solution/Sqr.java"),
        "{files:?}"
    );
}

#[test]
fn hints_are_given_after_failures_and_what_has_no_place_is_told() {
    let bank = BANK
        .replace("<quiz>", "<quiz><question type=\"category\"><category><text>top/Loops</text></category></question>")
        .replace(
            "<allornothing>",
            "<globalextra>x</globalextra><hint format=\"html\"><text>Think &lt;b&gt;again&lt;/b&gt;.</text></hint><hint><text></text></hint><hint><text>Square it</text></hint><allornothing>",
        );
    let imported = read(&bank, "bank").unwrap();
    let files = &imported.challenges[0].files;
    let table = files
        .iter()
        .find(|file| file.path == "challenge.toml")
        .unwrap();
    let table: toml::Table = std::str::from_utf8(&table.bytes).unwrap().parse().unwrap();
    let hints = table["hints"].as_array().unwrap();
    let told: Vec<(&str, i64)> = hints
        .iter()
        .map(|hint| {
            (
                hint["text"].as_str().unwrap(),
                hint["after_failures"].as_integer().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [("Think **again**.", 1), ("Square it", 3)]);
    let losses: Vec<&str> = imported
        .losses
        .iter()
        .map(|loss| loss.what.as_str())
        .collect();
    assert!(losses.contains(&"its category `Loops`"), "{losses:?}");
    assert!(
        losses.iter().any(|what| what.contains("globalextra")),
        "{losses:?}"
    );
}

proptest::proptest! {
    #[test]
    fn fuzz_coderunner(text in carrel_fuzz::damaged_text(
        &[BANK],
        &["<testcase mark=\"1e300\">", "</testcase>", "<text>", "python3_w_input", "c_function", "java_program", "```", "<file name=\"../x\" encoding=\"base64\">", "<allornothing>1</allornothing>", "<![CDATA[", "]]>"],
    )) {
        if let Ok(imported) = read(&text, "f") {
            for file in imported.challenges.iter().flat_map(|challenge| &challenge.files) {
                proptest::prop_assert!(file.path.split('/').all(|part| part != ".."), "{}", file.path);
            }
        }
    }
}
