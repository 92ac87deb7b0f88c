pub fn is_balanced(text: &str) -> bool {
    text.len()
}
