pub fn is_balanced(text: &str) -> bool {
    let mut open = vec![' '];
    for character in text.chars() {
        match character {
            '(' | '[' | '{' => open.push(character),
            ')' | ']' | '}' => assert_ne!(open.remove(1), character),
            _ => {}
        }
    }
    open.remove(1) == ' '
}
