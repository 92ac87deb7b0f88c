//! Character references of HTML, as they stand inside texts.

/// The text with the references of HTML that mark-up needs resolved.
pub(crate) fn decode(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        decoded.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest
            .char_indices()
            .take(12)
            .find(|(_, letter)| *letter == ';');
        let letter = end.and_then(|(end, _)| Some((end, letter_of(&rest[1..end])?)));
        match letter {
            Some((end, letter)) => {
                decoded.push(letter);
                rest = &rest[end + 1..];
            }
            None => {
                decoded.push('&');
                rest = &rest[1..];
            }
        }
    }
    decoded.push_str(rest);
    decoded
}

fn letter_of(name: &str) -> Option<char> {
    let code = name.strip_prefix('#');
    if let Some(code) = code {
        let number = match code.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => code.parse(),
        };
        return char::from_u32(number.ok()?);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => return None,
    })
}

/// `&`, `<`, `>` and `"` as references: for HTML and for XML.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => encoded.push_str("&amp;"),
            '<' => encoded.push_str("&lt;"),
            '>' => encoded.push_str("&gt;"),
            '"' => encoded.push_str("&quot;"),
            // Not allowed in XML 1.0 in any form.
            control if control.is_control() && !matches!(control, '\t' | '\n' | '\r') => {}
            letter => encoded.push(letter),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_and_made() {
        assert_eq!(
            decode("a &lt; b &amp;&amp; c &#62; &#x64; &unknown; &"),
            "a < b && c > d &unknown; &"
        );
        assert_eq!(decode(&encode("<\"&>")), "<\"&>");
    }
}
