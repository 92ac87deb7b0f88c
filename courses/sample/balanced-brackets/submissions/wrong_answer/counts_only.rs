pub fn is_balanced(text: &str) -> bool {
    let count = |character| text.matches(character).count();
    count('(') == count(')') && count('[') == count(']') && count('{') == count('}')
}
