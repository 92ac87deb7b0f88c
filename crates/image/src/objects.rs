//! The content-addressed part of the store: a composefs repository.
//!
//! One object for each distinct content (named by its fs-verity digest, which
//! needs no fs-verity on disk), one EROFS metadata image for each tree.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use composefs::INLINE_CONTENT_MAX_V0;
use composefs::erofs::reader::erofs_to_filesystem;
use composefs::fsverity::{Algorithm, FsVerityHashValue, Sha256HashValue, compute_verity};
use composefs::generic_tree::{Inode, LeafContent, Stat};
use composefs::repository::{Repository, RepositoryConfig};
use composefs::tree::{Directory, FileSystem, RegularFile};
use sha2::{Digest, Sha256};

use crate::deb::Kind;
use crate::error::{Cause, Error};
use crate::listing::{Listing, Node};
use crate::parallel;

type Content = RegularFile<Sha256HashValue>;

/// The repository.
#[derive(Debug)]
pub(crate) struct Objects {
    repository: Repository<Sha256HashValue>,
    path: PathBuf,
}

/// What a clean-up took away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Freed {
    /// Objects.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Objects {
    /// Opens the repository at a path, and makes it where there is none.
    pub(crate) fn open(path: &Path) -> Result<Objects, Error> {
        let config = RepositoryConfig::new(Algorithm::SHA256).set_insecure();
        let (repository, _) = Repository::init_path(rustix::fs::CWD, path, config)
            .map_err(|cause| fault("opening the objects", path, cause))?;
        Ok(Objects {
            repository,
            path: path.to_owned(),
        })
    }

    /// Takes in a tree: its nodes, with the contents of files where they say.
    /// Gives the listing and the name of the image. Nothing is durable before [`Objects::sync`].
    pub(crate) fn import(
        &self,
        epoch: i64,
        nodes: &[(&String, &Kind)],
        done: &mut dyn FnMut(usize),
    ) -> Result<(Listing, String), Error> {
        let taken = parallel::map(nodes, |_, (_, kind)| self.take(kind), done)?;
        let mut listing = Listing {
            epoch,
            nodes: std::collections::BTreeMap::new(),
        };
        let mut filesystem = FileSystem::new(stat(0o755, epoch));
        for ((path, _), (node, content)) in nodes.iter().zip(taken) {
            add(&mut filesystem, path, &node, content, epoch)
                .map_err(|cause| fault("putting together the image", &self.path, cause))?;
            listing.nodes.insert((*path).clone(), node);
        }
        let image = filesystem
            .commit_image(&self.repository, None)
            .map_err(|cause| fault("writing the image", &self.path, cause))?;
        Ok((listing, image.to_hex()))
    }

    fn take(&self, kind: &Kind) -> Result<(Node, Option<Content>), Error> {
        let (content, executable) = match kind {
            Kind::Directory => return Ok((Node::Directory, None)),
            Kind::Symlink(target) => return Ok((Node::Symlink(target.clone()), None)),
            Kind::File {
                content,
                executable,
            } => (content, *executable),
        };
        let reading = || Error::file("reading", content);
        let mut file = File::open(content).map_err(reading())?;
        let size = file.metadata().map_err(reading())?.len();
        let mut node = Node::File {
            executable,
            size,
            sha256: [0; 32],
        };
        let mut hasher = Sha256::new();
        let stored = if usize::try_from(size).is_ok_and(|size| size <= INLINE_CONTENT_MAX_V0) {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(reading())?;
            hasher.update(&bytes);
            RegularFile::Inline(bytes.into())
        } else {
            let source = Hashing {
                inner: file,
                hasher: &mut hasher,
            };
            let id = self
                .repository
                .ensure_object_from_reader(source, size)
                .map_err(|cause| fault("storing a file", &self.path, cause))?;
            RegularFile::External(id, size)
        };
        if let Node::File { sha256, .. } = &mut node {
            *sha256 = hasher.finalize().into();
        }
        Ok((node, Some(stored)))
    }

    /// Makes everything durable that was written so far.
    pub(crate) fn sync(&self) -> Result<(), Error> {
        self.repository
            .sync()
            .map_err(|cause| fault("making objects durable", &self.path, cause))
    }

    /// A detached, read-only mount of an image.
    pub(crate) fn mount(&self, image: &str) -> Result<OwnedFd, Error> {
        self.repository
            .mount(image)
            .map_err(|cause| fault("mounting an image", &self.path, cause))
    }

    /// Reads an image back and every content that it names, checking both.
    /// With `directory`, lays the tree out there.
    pub(crate) fn read_back(
        &self,
        image: &str,
        directory: Option<&Path>,
    ) -> Result<Listing, String> {
        let bytes = self.read_image(image)?;
        let found = compute_verity::<Sha256HashValue>(&bytes).to_hex();
        if found != image {
            return Err(format!("image {image} now has the digest {found}"));
        }
        let filesystem =
            erofs_to_filesystem::<Sha256HashValue>(&bytes).map_err(|error| format!("{error:#}"))?;
        let mut reading = Reading {
            objects: self,
            filesystem: &filesystem,
            listing: Listing {
                epoch: filesystem.root.stat.st_mtim_sec,
                nodes: std::collections::BTreeMap::new(),
            },
            directory,
        };
        reading.walk(&filesystem.root, "")?;
        Ok(reading.listing)
    }

    fn read_image(&self, image: &str) -> Result<Vec<u8>, String> {
        let (file, _) = self
            .repository
            .open_image(image)
            .map_err(|error| format!("{error:#}"))?;
        let mut bytes = Vec::new();
        File::from(file)
            .read_to_end(&mut bytes)
            .map_err(|error| error.to_string())?;
        Ok(bytes)
    }

    /// Removes every image that is not among `live`, and the objects that none of those needs.
    pub(crate) fn collect_garbage(&self, live: &[&str]) -> Result<Freed, Error> {
        let result = self
            .repository
            .gc(live)
            .map_err(|cause| fault("removing what nothing uses", &self.path, cause))?;
        Ok(Freed {
            objects: result.objects_removed,
            bytes: result.objects_bytes,
        })
    }
}

/// Reading a tree back.
struct Reading<'a> {
    objects: &'a Objects,
    filesystem: &'a FileSystem<Sha256HashValue>,
    listing: Listing,
    directory: Option<&'a Path>,
}

impl Reading<'_> {
    fn walk(&mut self, directory: &Directory<Sha256HashValue>, prefix: &str) -> Result<(), String> {
        for (name, inode) in directory.sorted_entries() {
            let name = name.to_str().ok_or("holds a name that is no text")?;
            let path = if prefix.is_empty() {
                name.to_owned()
            } else {
                format!("{prefix}/{name}")
            };
            match inode {
                Inode::Directory(inner) => {
                    self.lay(&path, &Kind::Directory)?;
                    self.listing.nodes.insert(path.clone(), Node::Directory);
                    self.walk(inner, &path)?;
                }
                Inode::Leaf(id, _) => self.take_leaf(path, *id)?,
            }
        }
        Ok(())
    }

    fn take_leaf(
        &mut self,
        path: String,
        id: composefs::generic_tree::LeafId,
    ) -> Result<(), String> {
        let leaf = self.filesystem.leaf(id);
        let node = match &leaf.content {
            LeafContent::Symlink(target) => {
                let target = target
                    .to_str()
                    .ok_or("holds a link that is no text")?
                    .to_owned();
                self.lay(&path, &Kind::Symlink(target.clone()))?;
                Node::Symlink(target)
            }
            LeafContent::Regular(content) => {
                let bytes = self.content(&path, content)?;
                let executable = leaf.stat.st_mode & 0o111 != 0;
                self.lay_file(&path, &bytes, executable)?;
                Node::File {
                    executable,
                    size: bytes.len() as u64,
                    sha256: Sha256::digest(&bytes).into(),
                }
            }
            // The format's own stand-ins for names of object directories; no tree of ours has devices.
            LeafContent::CharacterDevice(0) if path.len() == 2 => return Ok(()),
            _ => return Err(format!("holds a device, pipe or socket at `/{path}`")),
        };
        self.listing.nodes.insert(path, node);
        Ok(())
    }

    fn content(&self, path: &str, content: &Content) -> Result<Vec<u8>, String> {
        match content {
            RegularFile::Inline(bytes) => Ok(bytes.to_vec()),
            RegularFile::External(id, size) | RegularFile::ExternalNoVerity(id, size) => {
                let read = self.objects.repository.read_object(id);
                let bytes = read.map_err(|error| format!("the content of `/{path}`: {error:#}"))?;
                if bytes.len() as u64 != *size || compute_verity::<Sha256HashValue>(&bytes) != *id {
                    return Err(format!("the content of `/{path}` has changed on disk"));
                }
                Ok(bytes)
            }
            RegularFile::Sparse(_) => Err(format!("`/{path}` has no content")),
        }
    }

    fn lay(&self, path: &str, kind: &Kind) -> Result<(), String> {
        let Some(root) = self.directory else {
            return Ok(());
        };
        let place = root.join(path);
        let made = match kind {
            Kind::Symlink(target) => std::os::unix::fs::symlink(target, &place),
            _ => std::fs::create_dir(&place),
        };
        made.map_err(|error| format!("laying out `/{path}`: {error}"))
    }

    fn lay_file(&self, path: &str, bytes: &[u8], executable: bool) -> Result<(), String> {
        use std::os::unix::fs::PermissionsExt;
        let Some(root) = self.directory else {
            return Ok(());
        };
        let place = root.join(path);
        let mode = if executable { 0o755 } else { 0o644 };
        std::fs::write(&place, bytes)
            .and_then(|()| std::fs::set_permissions(&place, std::fs::Permissions::from_mode(mode)))
            .map_err(|error| format!("laying out `/{path}`: {error}"))
    }
}

/// Passes bytes on and hashes them.
struct Hashing<'a> {
    inner: File,
    hasher: &'a mut Sha256,
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        Ok(count)
    }
}

fn add(
    filesystem: &mut FileSystem<Sha256HashValue>,
    path: &str,
    node: &Node,
    content: Option<Content>,
    epoch: i64,
) -> Result<(), Cause> {
    let inode = match (node, content) {
        (Node::Directory, _) => Inode::Directory(Box::new(Directory::new(stat(0o755, epoch)))),
        (Node::Symlink(target), _) => {
            let target = LeafContent::Symlink(Box::from(OsStr::new(target)));
            Inode::leaf(filesystem.push_leaf(stat(0o777, epoch), target))
        }
        (Node::File { executable, .. }, Some(content)) => {
            let mode = if *executable { 0o755 } else { 0o644 };
            Inode::leaf(filesystem.push_leaf(stat(mode, epoch), LeafContent::Regular(content)))
        }
        (Node::File { .. }, None) => return Err(format!("`/{path}` has no content").into()),
    };
    let (directory, name) = filesystem.root.split_mut(OsStr::new(path))?;
    directory.insert(name, inode);
    Ok(())
}

fn stat(mode: u32, epoch: i64) -> Stat {
    Stat {
        st_mode: mode,
        st_uid: 0,
        st_gid: 0,
        st_mtim_sec: epoch,
        st_mtim_nsec: 0,
        xattrs: std::collections::BTreeMap::new(),
    }
}

fn fault(doing: &str, store: &Path, cause: impl Into<Cause>) -> Error {
    Error::Store {
        doing: doing.to_owned(),
        store: store.to_owned(),
        source: cause.into(),
    }
}
