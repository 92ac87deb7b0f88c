pub fn is_balanced(text: &str) -> bool {
    todo!("look at the brackets of {text}")
}
