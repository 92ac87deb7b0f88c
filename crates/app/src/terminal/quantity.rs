//! Times and sizes as people write and read them.

/// Milliseconds, shown as `7.3 ms`, `412 ms`, `3.2 s` or `2 min 5 s`.
#[must_use]
pub fn show_ms(ms: f64) -> String {
    if ms < 9.95 {
        format!("{ms:.1} ms")
    } else if ms < 999.5 {
        format!("{ms:.0} ms")
    } else if ms < 59_950.0 {
        format!("{:.1} s", ms / 1e3)
    } else {
        let seconds = (ms / 1e3).round();
        format!(
            "{:.0} min {:.0} s",
            (seconds / 60.0).floor(),
            seconds % 60.0
        )
    }
}

/// Bytes, shown as `512 B`, `1.5 KiB`, `64 MiB`.
#[must_use]
pub fn show_bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
    let mut size = bytes as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1023.95 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    if size >= 9.95 {
        return format!("{size:.0} {}", UNITS[unit]);
    }
    let text = format!("{size:.1}");
    format!("{} {}", text.trim_end_matches(".0"), UNITS[unit])
}

/// Points, without needless digits: `1`, `0.5`, `33.33`.
#[must_use]
pub fn show_points(points: f64) -> String {
    let text = format!("{points:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Reads `500ms`, `2s`, `1.5s`, `1m` into milliseconds; a bare number is seconds.
///
/// # Errors
/// What is wrong, and how it is written.
pub fn parse_ms(text: &str) -> Result<u64, String> {
    let unit = text.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let scale = match unit {
        "ms" => 1.0,
        "" | "s" => 1e3,
        "m" | "min" => 60e3,
        _ => return Err(format!("`{text}` is not a time; write 500ms, 2s or 1m")),
    };
    scaled(text, unit, scale)
        .ok_or_else(|| format!("`{text}` is not a time; write 500ms, 2s or 1m"))
}

/// Reads `4096`, `64K`, `64M`, `64MiB`, `1.5G` into bytes; units are powers of 1024.
///
/// # Errors
/// What is wrong, and how it is written.
pub fn parse_bytes(text: &str) -> Result<u64, String> {
    let unit = text.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let power = match unit {
        "" | "B" => 0,
        "K" | "KiB" => 1,
        "M" | "MiB" => 2,
        "G" | "GiB" => 3,
        _ => {
            return Err(format!(
                "`{text}` is not a size; write 4096, 64K, 64M or 1G"
            ));
        }
    };
    scaled(text, unit, 1024_f64.powi(power))
        .ok_or_else(|| format!("`{text}` is not a size; write 4096, 64K, 64M or 1G"))
}

/// Reads a number of processors such as `1` or `0.5` into thousandths.
///
/// # Errors
/// What is wrong, and how it is written.
pub fn parse_milli(text: &str) -> Result<u64, String> {
    scaled(text, "", 1e3)
        .ok_or_else(|| format!("`{text}` is not a number of processors; write 1 or 0.5"))
}

fn scaled(text: &str, unit: &str, scale: f64) -> Option<u64> {
    let number: f64 = text.strip_suffix(unit)?.parse().ok()?;
    let value = (number * scale).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a non-negative whole number below 2^53"
    )]
    (0.0..9e15).contains(&value).then_some(value as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_with_fitting_digits() {
        let shown = [0.42, 9.96, 412.3, 999.7, 3_210.0, 59_960.0, 125_000.0].map(show_ms);
        assert_eq!(
            shown,
            [
                "0.4 ms",
                "10 ms",
                "412 ms",
                "1.0 s",
                "3.2 s",
                "1 min 0 s",
                "2 min 5 s"
            ]
        );
    }

    #[test]
    fn sizes_and_points_are_shown_shortly() {
        let shown = [0, 512, 1536, 64 << 20, (1 << 30) - 1].map(show_bytes);
        assert_eq!(shown, ["0 B", "512 B", "1.5 KiB", "64 MiB", "1 GiB"]);
        assert_eq!(
            [1.0, 0.5, 33.333, 10.0].map(show_points),
            ["1", "0.5", "33.33", "10"]
        );
    }

    #[test]
    fn quantities_are_read() {
        assert_eq!(
            ["500ms", "2s", "1.5s", "1m", "3"].map(|text| parse_ms(text).unwrap()),
            [500, 2000, 1500, 60_000, 3000]
        );
        assert_eq!(
            ["4096", "64K", "1.5MiB", "1G"].map(|text| parse_bytes(text).unwrap()),
            [4096, 65_536, 1_572_864, 1 << 30]
        );
        assert_eq!(parse_milli("0.5"), Ok(500));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "s",
            "-1s",
            "1h",
            "1e3s",
            "nan",
            "1..2s",
            "99999999999999999s",
        ] {
            assert!(parse_ms(text).is_err(), "{text}");
        }
        for text in ["", "M", "64Q", "-1M", "inf"] {
            assert!(parse_bytes(text).is_err(), "{text}");
        }
    }
}
