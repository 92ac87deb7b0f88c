//! Members of the `ar` archive that a package is, and their compression.

use std::io::{self, Read};

use super::{Fault, because};

/// Memory that an xz decoder may take.
const XZ_MEMORY_MAX: u64 = 256 << 20;
/// Largest window of a zstd stream, as a power of two.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;
/// Length of an `ar` member header.
const MEMBER_HEADER_LENGTH: usize = 60;

/// Name and size of the next member of an `ar` archive.
pub(super) fn next_member(input: &mut impl Read) -> Result<Option<(String, u64)>, Fault> {
    let mut header = [0; MEMBER_HEADER_LENGTH];
    let mut filled = 0;
    while filled < header.len() {
        match input
            .read(&mut header[filled..])
            .map_err(because("reading a member header"))?
        {
            0 if filled == 0 => return Ok(None),
            0 => return Err("ends within a member header".into()),
            count => filled += count,
        }
    }
    if &header[58..] != b"`\n" {
        return Err("has a damaged member header".into());
    }
    let text = |range: std::ops::Range<usize>| {
        std::str::from_utf8(&header[range]).map(|text| text.trim_end_matches(' '))
    };
    let name = text(0..16).map_err(|_| "has a member name that is no text")?;
    let size = text(48..58).map_err(|_| "has a member size that is no text")?;
    if size.is_empty() || !size.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("has a member size that is no number".into());
    }
    let size = size
        .parse()
        .map_err(|_| "has a member size that is no number")?;
    Ok(Some((name.trim_end_matches('/').to_owned(), size)))
}

/// Members start at even offsets.
pub(super) fn skip_padding(input: &mut impl Read, size: u64) -> Result<(), Fault> {
    let padding = io::copy(&mut input.take(size % 2), &mut io::sink());
    padding
        .map_err(because("reading the padding of a member"))
        .map(|_| ())
}

/// The decoder that a member's name asks for.
pub(super) fn decoder<'input>(
    name: &str,
    input: &'input mut (impl Read + 'input),
) -> Result<Box<dyn Read + 'input>, Fault> {
    let suffix = name.split_once(".tar").map_or("", |(_, suffix)| suffix);
    Ok(match suffix {
        "" => Box::new(input),
        ".gz" => Box::new(flate2::read::GzDecoder::new(input)),
        ".xz" => {
            let stream =
                liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY_MAX, 0).map_err(|error| {
                    Fault {
                        problem: "preparing the xz decoder".to_owned(),
                        source: Some(Box::new(error)),
                    }
                })?;
            Box::new(liblzma::read::XzDecoder::new_stream(input, stream))
        }
        ".zst" => {
            let mut decoder = zstd::stream::read::Decoder::new(input)
                .map_err(because("preparing the zstd decoder"))?;
            decoder
                .window_log_max(ZSTD_WINDOW_LOG_MAX)
                .map_err(because("preparing the zstd decoder"))?;
            Box::new(decoder)
        }
        _ => return Err(format!("has a member `{name}` compressed in an unknown way").into()),
    })
}
