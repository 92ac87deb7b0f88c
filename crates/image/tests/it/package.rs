//! Making small packages, good and hostile ones.

/// One entry of the data archive; the path goes into the header as it is.
pub(crate) struct Item<'a> {
    pub(crate) path: &'a [u8],
    pub(crate) kind: tar::EntryType,
    pub(crate) mode: u32,
    pub(crate) link: &'a [u8],
    pub(crate) content: &'a [u8],
}

pub(crate) fn directory(path: &str) -> Item<'_> {
    item(path, tar::EntryType::Directory, 0o755, b"", b"")
}

pub(crate) fn file<'a>(path: &'a str, content: &'a str) -> Item<'a> {
    item(
        path,
        tar::EntryType::Regular,
        0o644,
        b"",
        content.as_bytes(),
    )
}

pub(crate) fn program<'a>(path: &'a str, content: &'a str) -> Item<'a> {
    item(
        path,
        tar::EntryType::Regular,
        0o4755,
        b"",
        content.as_bytes(),
    )
}

pub(crate) fn symlink<'a>(path: &'a str, target: &'a str) -> Item<'a> {
    item(path, tar::EntryType::Symlink, 0o777, target.as_bytes(), b"")
}

pub(crate) fn hard_link<'a>(path: &'a str, target: &'a str) -> Item<'a> {
    item(path, tar::EntryType::Link, 0o644, target.as_bytes(), b"")
}

pub(crate) fn item<'a>(
    path: &'a str,
    kind: tar::EntryType,
    mode: u32,
    link: &'a [u8],
    content: &'a [u8],
) -> Item<'a> {
    Item {
        path: path.as_bytes(),
        kind,
        mode,
        link,
        content,
    }
}

/// The tar archive of some items.
pub(crate) fn archive(items: &[Item<'_>]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for item in items {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(item.kind);
        header.set_mode(item.mode);
        header.set_uid(12);
        header.set_gid(34);
        header.set_mtime(99);
        header.set_size(item.content.len() as u64);
        // Written past the builder's own checks: hostile paths are what these tests are for.
        header.as_old_mut().name[..item.path.len()].copy_from_slice(item.path);
        header.as_old_mut().linkname[..item.link.len()].copy_from_slice(item.link);
        header.set_cksum();
        archive.append(&header, item.content).unwrap();
    }
    archive.into_inner().unwrap()
}

/// An `ar` archive of these members.
pub(crate) fn members(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = b"!<arch>\n".to_vec();
    for (name, content) in members {
        bytes.extend(
            format!(
                "{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n",
                0,
                0,
                0,
                100_644,
                content.len()
            )
            .bytes(),
        );
        bytes.extend(*content);
        if content.len() % 2 == 1 {
            bytes.push(b'\n');
        }
    }
    bytes
}

/// A package of this name with this data.
pub(crate) fn package(name: &str, items: &[Item<'_>]) -> Vec<u8> {
    let control =
        format!("Package: {name}\nVersion: 1:2-3\nArchitecture: all\nDescription: a test\n");
    let control = archive(&[file("./control", &control)]);
    members(&[
        ("debian-binary", b"2.0\n"),
        ("control.tar", &control),
        ("data.tar", &archive(items)),
    ])
}
