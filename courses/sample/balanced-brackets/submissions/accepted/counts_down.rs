/// Takes pairs away until nothing changes on a stack of bytes.
pub fn is_balanced(text: &str) -> bool {
    let mut stack: Vec<u8> = Vec::new();
    for byte in text.bytes().filter(|byte| b"()[]{}".contains(byte)) {
        match (stack.last(), byte) {
            (Some(b'('), b')') | (Some(b'['), b']') | (Some(b'{'), b'}') => {
                stack.pop();
            }
            _ => stack.push(byte),
        }
    }
    stack.is_empty()
}
