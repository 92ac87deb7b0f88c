mod brackets;

use std::io::BufRead;

fn main() {
    for line in std::io::stdin().lock().lines() {
        println!("{}", brackets::is_balanced(&line.expect("a line of text")));
    }
}
