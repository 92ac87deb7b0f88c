//! Tests that hold none of the learner's code: its function is in another program, which is asked through pipes.
//! Each test is a function that panics where something is wrong; the results are told as TAP.

use std::io::Write;
use std::process::{Command, Stdio};

fn answers(lines: &str) -> Vec<String> {
    let mut program = Command::new("./program")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = program.stdin.take().expect("a pipe");
    let text = lines.to_owned();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = program.wait_with_output().expect("the program ends");
    let _ = writer.join();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "the program failed: {}", errors.trim());
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    told.lines().map(str::to_owned).collect()
}

fn check(text: &str, expected: bool) {
    let told = answers(&format!("{text}\n")).join(" ");
    let shown: String = text.chars().take(40).collect();
    assert!(told == expected.to_string(), "for `{shown}`: expected {expected}, got {told}");
}

fn nothing_is_balanced() {
    check("", true);
}

fn knows_three_kinds() {
    check("()", true);
    check("[]", true);
    check("{}", true);
    check("(]", false);
}

fn closes_in_order() {
    check("{[()]}[]", true);
    check("([)]", false);
}

fn refuses_what_is_left_open() {
    check("((", false);
    check("a[b", false);
}

fn refuses_what_was_never_opened() {
    check(")", false);
    check("())(", false);
}

fn ignores_other_characters() {
    check("fn main() { print(\"é\", [1, 2]) } < >", true);
}

fn is_quick_enough() {
    let deep = format!("{}{}", "(".repeat(100_000), ")".repeat(100_000));
    check(&deep, true);
}

fn main() {
    let tests: [(&str, fn()); 7] = [
        ("nothing is balanced", nothing_is_balanced),
        ("knows three kinds", knows_three_kinds),
        ("closes in order", closes_in_order),
        ("refuses what is left open", refuses_what_is_left_open),
        ("refuses what was never opened", refuses_what_was_never_opened),
        ("ignores other characters", ignores_other_characters),
        ("is quick enough", is_quick_enough),
    ];
    std::panic::set_hook(Box::new(|_| {}));
    println!("TAP version 14\n1..{}", tests.len());
    for (index, (name, test)) in tests.iter().enumerate() {
        match std::panic::catch_unwind(test) {
            Ok(()) => println!("ok {} - {name}", index + 1),
            Err(reason) => {
                let text = reason.downcast_ref::<String>().map_or("", String::as_str);
                println!("not ok {} - {name}\n# {}", index + 1, text.replace('\n', "\n# "));
            }
        }
    }
}
