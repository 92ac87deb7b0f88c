//! Names and places of files that a client sends.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use carrel_api::limits::{
    PATH_BYTES_MAX, PATH_DEPTH_MAX, SUBMISSION_BYTES_MAX, SUBMISSION_FILES_MAX,
};

/// Why files cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The name leads out of the work directory.
    #[error("file path \"{0}\" tries to escape parent directory")]
    Escapes(String),
    /// The name cannot be that of a file here.
    #[error("file path \"{0}\" is empty, too long, too deep or has control characters")]
    Name(String),
    /// Too many.
    #[error("there are more than {SUBMISSION_FILES_MAX} files")]
    Many,
    /// Too much.
    #[error("the files are larger than {0} bytes together")]
    Large(usize),
    /// One is a file where another needs a directory.
    #[error("\"{file}\" is a file, and \"{path}\" needs a directory there")]
    Clash {
        /// The file.
        file: String,
        /// The other one.
        path: String,
    },
    /// Which of the two is meant is not known.
    #[error("the archive holds a name twice")]
    Twice,
    /// It is no archive that can be read.
    #[error("the archive cannot be read: {0}")]
    Archive(String),
}

/// A path as it is kept: without `.`, `..` and doubled slashes.
///
/// # Errors
/// It leads outside, or is no name of a file.
pub fn place(name: &str) -> Result<String, Refused> {
    let mut parts: Vec<&str> = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return Err(Refused::Escapes(name.to_owned()));
                }
            }
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    let bad = path.is_empty()
        || path.len() > PATH_BYTES_MAX
        || parts.len() > PATH_DEPTH_MAX
        || path.chars().any(char::is_control);
    if bad {
        return Err(Refused::Name(name.to_owned()));
    }
    Ok(path)
}

/// Checks number, size and places of all files together.
///
/// # Errors
/// Too many, too much, or two that cannot lie beside each other.
pub fn bound(files: &BTreeMap<String, Vec<u8>>) -> Result<(), Refused> {
    if files.len() > SUBMISSION_FILES_MAX {
        return Err(Refused::Many);
    }
    let bytes: usize = files.values().map(Vec::len).sum();
    if bytes > SUBMISSION_BYTES_MAX {
        return Err(Refused::Large(SUBMISSION_BYTES_MAX));
    }
    for path in files.keys() {
        let mut above = path.match_indices('/').map(|(at, _)| &path[..at]);
        if let Some(file) = above.find(|above| files.contains_key(*above)) {
            let (file, path) = (file.to_owned(), path.clone());
            return Err(Refused::Clash { file, path });
        }
    }
    Ok(())
}

/// Unpacks a zip archive in memory. Links and other special entries are left out, as are directories.
///
/// # Errors
/// Not a zip archive, names that are none or come twice, more files or bytes than allowed.
pub fn unzip(archive: &[u8], bytes_max: usize) -> Result<BTreeMap<String, Vec<u8>>, Refused> {
    let tell = |error: zip::result::ZipError| Refused::Archive(error.to_string());
    let mut zip = zip::ZipArchive::new(Cursor::new(archive)).map_err(tell)?;
    if zip.len() > SUBMISSION_FILES_MAX {
        return Err(Refused::Many);
    }
    // Of two entries of one name the library tells the last alone, and theirs takes the first.
    if zip.has_duplicate_names() {
        return Err(Refused::Twice);
    }
    let mut files = BTreeMap::new();
    let mut left = bytes_max;
    for index in 0..zip.len() {
        let entry = zip.by_index(index).map_err(tell)?;
        if !entry.is_file() || entry.is_symlink() {
            continue;
        }
        let name = entry.name().map_err(tell)?.replace('\\', "/");
        let path = place(&name)?;
        let mut content = Vec::new();
        // One byte more than is left tells too much from just enough; what the header says is not believed.
        let mut bounded = entry.take(left as u64 + 1);
        bounded
            .read_to_end(&mut content)
            .map_err(|error| Refused::Archive(error.to_string()))?;
        left = left
            .checked_sub(content.len())
            .ok_or(Refused::Large(bytes_max))?;
        if files.insert(path, content).is_some() {
            return Err(Refused::Twice);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn names_are_normalised_and_stay_inside() {
        assert_eq!(place("./a//b/../c.py").as_deref(), Ok("a/c.py"));
        assert_eq!(place("/etc/passwd").as_deref(), Ok("etc/passwd"));
        assert_eq!(
            place("a/../../b"),
            Err(Refused::Escapes("a/../../b".into()))
        );
        for bad in ["", ".", "a\0b", "x\n", &"x".repeat(PATH_BYTES_MAX + 1)] {
            assert!(place(bad).is_err(), "{bad:?}");
        }
    }

    fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in entries {
            let options = zip::write::SimpleFileOptions::default();
            writer.start_file(*name, options).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn archives_are_bounded_by_what_comes_out() {
        let files = unzip(&archive(&[("a/b.txt", b"x"), ("c", b"yz")]), 3).unwrap();
        assert_eq!(files["a/b.txt"], b"x");
        assert_eq!(files["c"], b"yz");
        let bomb = archive(&[("zeros", &[0; 100_000])]);
        assert_eq!(unzip(&bomb, 99_999), Err(Refused::Large(99_999)));
        assert!(matches!(unzip(b"PK no", 10), Err(Refused::Archive(_))));
        assert!(matches!(
            unzip(&archive(&[("../x", b"")]), 10),
            Err(Refused::Escapes(_))
        ));
    }

    #[test]
    fn a_name_twice_is_refused_however_it_is_written() {
        let spelled = archive(&[("a/b", b"1"), ("a/./b", b"2")]);
        assert_eq!(unzip(&spelled, 10), Err(Refused::Twice));
        // The library writes no name twice: one is renamed afterwards, in both of its places.
        let mut twice = archive(&[("one", b"1"), ("two", b"2")]);
        let places = (0..twice.len() - 2).filter(|at| &twice[*at..at + 3] == b"two");
        let places: Vec<usize> = places.collect();
        assert_eq!(places.len(), 2);
        for at in places {
            twice[at..at + 3].copy_from_slice(b"one");
        }
        assert_eq!(unzip(&twice, 10), Err(Refused::Twice));
    }
}
