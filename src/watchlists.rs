//! The folder of HR's ledgers on disk: read with limits, the confidential list unsealed, written atomically and only if
//! unchanged. A broken edit changes nothing: the last good version of a file stays in force.

pub mod fingerprints;
pub mod versions;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Metadata};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::ledger::definition::Ledger;
use crate::ledger::lines::Lines;
use crate::ledger::problem::{Problem, ProblemKind};
use crate::ledger::table::Limits;
use crate::ledger::{Ledgers, Reading, export, lint, read_files, read_lines};
use crate::model::fingerprint::Fingerprints;
use crate::seal::{Key, OpenError, random_token};
use crate::watchlists::fingerprints::{FINGERPRINTS_BYTES_MAX, FINGERPRINTS_FILE};

/// File of the confidential list: its CSV bytes, sealed.
pub const SEALED_FILE: &str = "confidential_terms.sealed";

const SEAL_CONTEXT: &str = "confidential_terms";
const PLAIN_FILE: &str = "confidential_terms.csv";
const ENTRIES_MAX: usize = 1_000;
/// Largest picture of a brand mark beside the ledgers, in bytes.
pub const IMAGE_BYTES_MAX: usize = 8 << 20;
/// Most pictures with which one more is added: the folder's files are read up to a number.
const IMAGES_MAX: usize = 500;
const IMAGES: [&str; 5] = ["png", "jpg", "jpeg", "webp", "gif"];

/// Why the folder cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum WatchlistsError {
    /// There is no such folder.
    #[error("there is no folder {0} with ledgers; `wanglou init` makes one")]
    NoFolder(PathBuf),
    /// Somebody else saved the file in between.
    #[error("{0} was changed by somebody else since it was read; read it again and repeat the edit")]
    Changed(String),
    /// What is sealed needs a key.
    #[error("the confidential list and the fingerprints are sealed and no key is set; set WANGLOU_KEY or a key file")]
    NoKey,
    /// The key does not open what is sealed.
    #[error("{file} cannot be opened: {source}")]
    Sealed {
        /// The file.
        file: &'static str,
        /// Why.
        source: OpenError,
    },
    /// The hashes are of a form that is no longer read.
    #[error(
        "{file} holds hashes of an earlier form; put it aside and enter the documents again: `wanglou fingerprint add`"
    )]
    Former {
        /// The file.
        file: &'static str,
    },
    /// The file is larger than ledgers are.
    #[error("{0} is too large to be a ledger; split it")]
    TooLarge(PathBuf),
    /// As many pictures lie in the folder as it takes.
    #[error("the folder of ledgers holds {IMAGES_MAX} pictures already; remove those that no line names")]
    TooManyImages,
    /// The system refused.
    #[error("{path} cannot be used: {source}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

fn fault(path: &Path) -> impl FnOnce(std::io::Error) -> WatchlistsError {
    let path = path.to_owned();
    move |source| WatchlistsError::File { path, source }
}

/// The folder of ledgers.
#[derive(Debug, Clone)]
pub struct Folder {
    dir: PathBuf,
    key: Option<Key>,
}

/// One ledger's file as it lies on disk, unsealed.
#[derive(Clone, PartialEq, Eq)]
pub struct LedgerFile {
    /// Name of the file on disk.
    pub file: String,
    /// SHA-256 of the bytes on disk; to be handed back on writing.
    pub sha256: String,
    /// The bytes, unsealed.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for LedgerFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LedgerFile({} {})", self.file, self.sha256)
    }
}

/// What is in force after a reading.
#[derive(Clone, Default)]
pub struct Loaded {
    /// All ledgers.
    pub ledgers: Ledgers,
    /// The text of the files in force, by ledger name.
    pub lines: BTreeMap<&'static str, Lines>,
    /// What is wrong with the files on disk.
    pub problems: Vec<Problem>,
    /// SHA-256 over names and bytes of everything that was read, in hexadecimal digits.
    pub digest: String,
    /// The file in force of each ledger, by ledger name.
    pub files: BTreeMap<String, LedgerFile>,
    /// Names of the ledgers whose last good version is in force, because the file on disk is broken or gone.
    pub last_good: BTreeSet<String>,
}

impl std::fmt::Debug for Loaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Ledgers hold people and confidential terms; debug output ends in logs.
        write!(f, "Loaded({}, {} files, {} problems)", self.digest, self.files.len(), self.problems.len())
    }
}

impl Loaded {
    /// Advice on what is in force; every line is a warning.
    pub fn advice(&self) -> Vec<Problem> {
        lint::lint(&self.ledgers, &self.lines)
    }

    /// What is in force when these files, named by their ledgers' CSV file names, are all there is.
    pub fn of_files(files: BTreeMap<String, Vec<u8>>) -> Self {
        let on_disk: BTreeMap<String, LedgerFile> = files
            .into_iter()
            .filter_map(|(file, bytes)| {
                let ledger = Ledger::of_file(&file)?;
                Some((ledger.name.to_owned(), LedgerFile { sha256: sha256(&bytes), file, bytes }))
            })
            .collect();
        in_force(on_disk)
    }
}

impl Folder {
    /// The folder at a path. The key is needed for the confidential list only.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn open(dir: impl Into<PathBuf>, key: Option<&Key>) -> Result<Self, WatchlistsError> {
        let dir = dir.into();
        if !dir.is_dir() {
            return Err(WatchlistsError::NoFolder(dir));
        }
        Ok(Self { dir, key: key.cloned() })
    }

    /// Where the folder is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A cheap mark that changes when a file is added, removed or saved; nothing is read.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn stamp(&self) -> Result<String, WatchlistsError> {
        let mut hash = Sha256::new();
        for (name, path, metadata) in self.entries()? {
            let saved = metadata.modified().map_err(fault(&path))?.duration_since(std::time::UNIX_EPOCH);
            hash.update(format!("{name}\0{}\0{:?}\0", metadata.len(), saved.unwrap_or_default()));
        }
        Ok(hex(hash))
    }

    /// Ledgers and images by name, as they lie on disk: what is sealed stays sealed. A file that cannot be read is left out.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn raw_files(&self) -> Result<BTreeMap<String, Vec<u8>>, WatchlistsError> {
        let mut files = BTreeMap::new();
        for (name, path, _) in self.entries()? {
            if let Some((_, limit)) = kind_of(&name) {
                files.extend(read_limited(&path, limit).ok().map(|bytes| (name, bytes)));
            }
        }
        Ok(files)
    }

    /// Reads everything. Of a file with errors the last good version stays in force, else its good lines are used.
    ///
    /// # Errors
    /// Only when the folder itself cannot be listed; everything else is a problem of a file.
    pub fn load(&self, last_good: Option<&Loaded>) -> Result<Loaded, WatchlistsError> {
        let mut disk = self.read_disk()?;
        let mut loaded = in_force(disk.files.clone());
        loaded.problems.splice(0..0, std::mem::take(&mut disk.problems));
        let problems = std::mem::take(&mut loaded.problems);
        let mut broken = broken_ledgers(&problems, &disk.missing);
        let mut notes = Vec::new();
        if let Some(last_good) = last_good {
            broken.extend(last_good.files.keys().filter(|name| !disk.files.contains_key(*name)).cloned());
            if !broken.is_empty() {
                (loaded, notes) = with_last_good(disk.files, broken, last_good);
            }
        }
        loaded.problems = problems.into_iter().chain(notes).collect();
        // As with a ledger: of a file that is broken or gone what was read before stays in force.
        let before = || last_good.map(|loaded| Arc::clone(&loaded.ledgers.fingerprints)).unwrap_or_default();
        loaded.ledgers.fingerprints = disk.fingerprints.unwrap_or_else(before);
        loaded.digest = disk.digest;
        Ok(loaded)
    }

    /// The text of all other ledgers, as far as their files can be read; nothing is typed or checked.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn lines_beside(&self, ledger: &Ledger) -> Result<BTreeMap<&'static str, Lines>, WatchlistsError> {
        let others = self.read_disk()?.files.into_iter().filter(|(name, _)| name != ledger.name);
        let files = others.map(|(_, file)| (name_of(&file), file.bytes)).collect();
        Ok(read_lines(&files, &Limits::default()).0)
    }

    /// One ledger's file; none when there is none.
    ///
    /// # Errors
    /// When it cannot be read or opened.
    pub fn read(&self, ledger: &Ledger) -> Result<Option<LedgerFile>, WatchlistsError> {
        for file in names_of(ledger) {
            let path = self.dir.join(&file);
            if !path.is_file() {
                continue;
            }
            let bytes = read_limited(&path, Limits::default().file_bytes)?;
            let sha256 = sha256(&bytes);
            let bytes = if file == SEALED_FILE { self.unseal(&bytes)? } else { bytes };
            return Ok(Some(LedgerFile { file, sha256, bytes }));
        }
        Ok(None)
    }

    /// Replaces one ledger by CSV bytes, whole or not at all. `read` is the file as it was read before the edit, none
    /// when there was none. The confidential list is sealed, and no plain copy stays in the folder.
    ///
    /// # Errors
    /// [`WatchlistsError::Changed`] when the file on disk is no longer the one that was read; nothing is written then.
    pub fn write(&self, ledger: &Ledger, bytes: &[u8], read: Option<&LedgerFile>) -> Result<(), WatchlistsError> {
        let _lock = self.lock();
        let now = self.read(ledger)?;
        if now.as_ref().map(|file| &file.sha256) != read.map(|file| &file.sha256) {
            return Err(WatchlistsError::Changed(ledger.file_name()));
        }
        if ledger.is_confidential {
            let key = self.key.as_ref().ok_or(WatchlistsError::NoKey)?;
            self.replace(SEALED_FILE, &key.seal(bytes, SEAL_CONTEXT), 0o600)?;
            return self.remove_plain();
        }
        self.replace(&ledger.file_name(), bytes, 0o640)
    }

    /// The bytes of an image that lies beside the ledgers, such as a brand mark.
    ///
    /// # Errors
    /// When the name has a path in it, or the file is missing or too large.
    pub fn image(&self, name: &str) -> Result<Vec<u8>, WatchlistsError> {
        let path = self.dir.join(name);
        if path.parent() != Some(&self.dir) || !is_image(name) {
            return Err(fault(&path)(std::io::Error::other("it is not the name of an image in the folder")));
        }
        read_limited(&path, IMAGE_BYTES_MAX)
    }

    /// Puts an image beside the ledgers under a name that is made here, with this ending; gives the name.
    ///
    /// # Errors
    /// [`WatchlistsError::TooManyImages`], or when it cannot be written.
    pub fn add_image(&self, ending: &str, bytes: &[u8]) -> Result<String, WatchlistsError> {
        let _lock = self.lock();
        if self.entries()?.iter().filter(|(name, ..)| is_image(name)).count() >= IMAGES_MAX {
            return Err(WatchlistsError::TooManyImages);
        }
        let name = format!("mark-{}.{ending}", &random_token()[..16]);
        self.replace(&name, bytes, 0o640)?;
        Ok(name)
    }

    /// Takes away an image that was added and is named by no line.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove_image(&self, name: &str) -> Result<(), WatchlistsError> {
        let path = self.dir.join(name);
        std::fs::remove_file(&path).map_err(fault(&path))
    }

    fn open_fingerprints(&self, bytes: &[u8], disk: &mut Disk) {
        match fingerprints::open(bytes, self.key.as_ref()) {
            Ok(fingerprints) => disk.fingerprints = Some(Arc::new(fingerprints)),
            Err(error) => disk.problems.push(closed(FINGERPRINTS_FILE, "文件指纹", &error)),
        }
    }

    fn unseal(&self, bytes: &[u8]) -> Result<Vec<u8>, WatchlistsError> {
        let key = self.key.as_ref().ok_or(WatchlistsError::NoKey)?;
        key.open(bytes, SEAL_CONTEXT).map_err(|source| WatchlistsError::Sealed { file: SEALED_FILE, source })
    }

    /// Regular files of the folder by name, editors' lock files and hidden ones left out.
    fn entries(&self) -> Result<Vec<(String, PathBuf, Metadata)>, WatchlistsError> {
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(&self.dir).map_err(fault(&self.dir))?.take(ENTRIES_MAX) {
            let entry = entry.map_err(fault(&self.dir))?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            // A file may vanish between listing and looking while an editor saves it.
            let Ok(metadata) = std::fs::metadata(entry.path()) else { continue };
            if metadata.is_file() && !name.starts_with(['.', '~']) {
                entries.push((name, entry.path(), metadata));
            }
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(entries)
    }

    fn read_disk(&self) -> Result<Disk, WatchlistsError> {
        let mut disk = Disk::default();
        let mut hash = Sha256::new();
        let mut found = BTreeMap::new();
        for (name, path, _) in self.entries()? {
            let Some((kind, limit)) = kind_of(&name) else {
                disk.problems.extend(stray(&name));
                continue;
            };
            match read_limited(&path, limit) {
                Ok(bytes) => {
                    hash.update(format!("{name}\0{}\0", bytes.len()));
                    hash.update(&bytes);
                    match kind {
                        Kind::Ledger => _ = found.insert(name, bytes),
                        Kind::Fingerprints => self.open_fingerprints(&bytes, &mut disk),
                        Kind::Image => {}
                    }
                }
                Err(error) => disk.unreadable(&name, &error),
            }
        }
        self.settle(found, &mut disk);
        disk.digest = hex(hash);
        Ok(disk)
    }

    /// Chooses one file for each ledger.
    fn settle(&self, mut found: BTreeMap<String, Vec<u8>>, disk: &mut Disk) {
        for ledger in crate::ledger::definition::ALL {
            let mut names = names_of(ledger).into_iter().filter_map(|name| found.remove_entry(&name));
            let Some((file, bytes)) = names.next() else { continue };
            disk.problems.extend(names.map(|(other, _)| beside(&other, &file)));
            let sha256 = sha256(&bytes);
            let bytes = match file == SEALED_FILE {
                true => self.unseal(&bytes),
                false => Ok(bytes),
            };
            if ledger.is_confidential && file != SEALED_FILE {
                disk.problems.push(unsealed(&file));
            }
            match bytes {
                Ok(bytes) => _ = disk.files.insert(ledger.name.to_owned(), LedgerFile { file, sha256, bytes }),
                Err(error) => {
                    disk.missing.insert(ledger.name.to_owned());
                    disk.problems.push(closed(SEALED_FILE, "保密词", &error));
                }
            }
        }
    }

    /// Keeps two wanglou processes from writing at once. Network drives may not know locks; the comparison with what
    /// was read remains.
    fn lock(&self) -> Option<File> {
        let dir = File::open(&self.dir).ok()?;
        dir.lock().ok().map(|()| dir)
    }

    /// Writes beside, makes it durable, and puts it in place in one step.
    fn replace(&self, name: &str, bytes: &[u8], mode: u32) -> Result<(), WatchlistsError> {
        replace_file(&self.dir.join(name), bytes, mode)
    }

    fn remove_plain(&self) -> Result<(), WatchlistsError> {
        let confidential = Ledger::named(SEAL_CONTEXT).map(names_of).unwrap_or_default();
        for path in confidential.iter().filter(|name| *name != SEALED_FILE).map(|name| self.dir.join(name)) {
            if path.exists() {
                std::fs::remove_file(&path).map_err(fault(&path))?;
            }
        }
        Ok(())
    }
}

/// Replaces a file in a folder that is there.
fn replace_file(path: &Path, bytes: &[u8], mode: u32) -> Result<(), WatchlistsError> {
    // A link to a shared drive stays a link: its target is replaced.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let dir = target.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    let mut file = tempfile::Builder::new().prefix(".wanglou-").tempfile_in(&dir).map_err(fault(&dir))?;
    file.write_all(bytes).map_err(fault(&target))?;
    set_mode(file.as_file(), &target, mode).map_err(fault(&target))?;
    file.as_file().sync_all().map_err(fault(&target))?;
    file.persist(&target).map_err(|error| fault(&target)(error.error))?;
    File::open(&dir).and_then(|dir| dir.sync_all()).map_err(fault(&dir))
}

/// What a file of the folder is.
#[derive(Clone, Copy)]
enum Kind {
    Ledger,
    Fingerprints,
    Image,
}

/// The kind of a file by its name, and the bytes that it may have.
fn kind_of(name: &str) -> Option<(Kind, usize)> {
    match name {
        FINGERPRINTS_FILE => Some((Kind::Fingerprints, FINGERPRINTS_BYTES_MAX)),
        _ if Ledger::of_file(name).is_some() || name == SEALED_FILE => {
            Some((Kind::Ledger, Limits::default().file_bytes))
        }
        _ => is_image(name).then_some((Kind::Image, IMAGE_BYTES_MAX)),
    }
}

/// What lies on disk.
#[derive(Default)]
struct Disk {
    files: BTreeMap<String, LedgerFile>,
    /// Ledgers whose file is there but cannot be read or opened.
    missing: BTreeSet<String>,
    /// Those that could be opened.
    fingerprints: Option<Arc<Fingerprints>>,
    problems: Vec<Problem>,
    digest: String,
}

impl Disk {
    fn unreadable(&mut self, name: &str, error: &WatchlistsError) {
        let zh = "无法读取，请检查文件大小和权限";
        self.problems.push(Problem::of_file(ProblemKind::Error, name, zh, format!("was not read: {error}")));
        let ledger = if name == SEALED_FILE { Some(SEAL_CONTEXT) } else { Ledger::of_file(name).map(|l| l.name) };
        self.missing.extend(ledger.map(str::to_owned));
    }
}

/// The file names of a ledger, the one that counts first.
fn names_of(ledger: &Ledger) -> Vec<String> {
    let sealed = ledger.is_confidential.then(|| SEALED_FILE.to_owned());
    sealed.into_iter().chain([ledger.file_name(), format!("{}.xlsx", ledger.name)]).collect()
}

/// A sealed list is named by its CSV name in messages: rows and columns are those of the unsealed text.
fn name_of(file: &LedgerFile) -> String {
    if file.file == SEALED_FILE { PLAIN_FILE.to_owned() } else { file.file.clone() }
}

fn in_force(mut files: BTreeMap<String, LedgerFile>) -> Loaded {
    let bytes = files.values().map(|file| (name_of(file), file.bytes.clone())).collect();
    let Reading { lines, ledgers, problems } = read_files(&bytes);
    for lines in lines.values().filter(|lines| lines.was_stripped) {
        strip(&mut files, lines);
    }
    Loaded { ledgers, lines, problems, digest: String::new(), files, last_good: BTreeSet::new() }
}

/// Nothing of a forbidden column stays in memory, nor in anything that is made from here.
fn strip(files: &mut BTreeMap<String, LedgerFile>, lines: &Lines) {
    if let Some(file) = files.get_mut(lines.ledger.name) {
        file.bytes = export::csv(lines);
        file.file = lines.ledger.file_name();
    }
}

fn broken_ledgers(problems: &[Problem], missing: &BTreeSet<String>) -> BTreeSet<String> {
    let errors = problems.iter().filter(|problem| problem.is_error());
    let named = errors.filter_map(|problem| Ledger::of_file(&problem.file)).map(|ledger| ledger.name.to_owned());
    named.chain(missing.iter().cloned()).collect()
}

/// Puts the last good version in the place of every broken file, until nothing that is in force is broken.
fn with_last_good(
    mut files: BTreeMap<String, LedgerFile>,
    mut broken: BTreeSet<String>,
    last_good: &Loaded,
) -> (Loaded, Vec<Problem>) {
    let mut kept = BTreeSet::new();
    let mut notes = Vec::new();
    loop {
        let fresh: Vec<String> = broken
            .iter()
            .filter(|name| !kept.contains(*name) && last_good.files.contains_key(*name))
            .cloned()
            .collect();
        for name in &fresh {
            notes.extend(still_in_force(name, files.contains_key(name)));
            files.insert(name.clone(), last_good.files[name].clone());
        }
        let mut loaded = in_force(files.clone());
        if fresh.is_empty() {
            loaded.last_good = kept;
            return (loaded, notes);
        }
        kept.extend(fresh);
        broken = broken_ledgers(&loaded.problems, &BTreeSet::new());
    }
}

fn still_in_force(name: &str, is_there: bool) -> Option<Problem> {
    let file = Ledger::named(name)?.file_name();
    let (zh, en) = match is_there {
        true => ("有错误，沿用上一份有效版本", "has errors; the last good version stays in force"),
        false => (
            "不见了或打不开，沿用上一份有效版本；确实不要时请保留表头",
            "is gone or cannot be opened; the last good version stays in force; to empty it, keep its header",
        ),
    };
    Some(Problem::of_file(ProblemKind::Warning, &file, zh, en))
}

fn stray(name: &str) -> Option<Problem> {
    let is_table = [".csv", ".xlsx", ".xls"].iter().any(|end| name.to_ascii_lowercase().ends_with(end));
    let (zh, en) = ("不是台账的文件名，没有读取", "is not the name of a ledger; it was not read");
    is_table.then(|| Problem::of_file(ProblemKind::Warning, name, zh, en))
}

fn beside(other: &str, file: &str) -> Problem {
    let (zh, en) = (format!("没有读取：已有 {file}"), format!("was not read: {file} stands beside it"));
    Problem::of_file(ProblemKind::Warning, other, zh, en)
}

fn unsealed(file: &str) -> Problem {
    let zh = "是明文保密词，请用 wanglou ledger import 加密保存";
    let en = "holds confidential terms in plain text; seal it with `wanglou ledger import`";
    Problem::of_file(ProblemKind::Warning, file, zh, en)
}

fn closed(file: &str, what: &str, error: &WatchlistsError) -> Problem {
    let zh = match error {
        WatchlistsError::NoKey => format!("已加密而没有密钥，{what}不生效；请设置 WANGLOU_KEY 或密钥文件"),
        WatchlistsError::Former { .. } => {
            format!("是旧版格式，{what}不生效；请移开该文件，用 wanglou fingerprint add 重新录入文件")
        }
        _ => format!("打不开：密钥不对或文件已损坏，{what}不生效"),
    };
    Problem::of_file(ProblemKind::Error, file, zh, format!("is not in force: {error}"))
}

fn is_image(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, end)| IMAGES.iter().any(|known| end.eq_ignore_ascii_case(known)))
}

fn read_limited(path: &Path, limit: usize) -> Result<Vec<u8>, WatchlistsError> {
    let file = File::open(path).map_err(fault(path))?;
    let mut bytes = Vec::new();
    file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(fault(path))?;
    if bytes.len() > limit { Err(WatchlistsError::TooLarge(path.to_owned())) } else { Ok(bytes) }
}

/// The mode of the file that is replaced, else the usual one.
#[cfg(unix)]
fn set_mode(file: &File, target: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let permissions = std::fs::metadata(target).map(|metadata| metadata.permissions());
    file.set_permissions(permissions.unwrap_or_else(|_| std::fs::Permissions::from_mode(mode)))
}

#[cfg(not(unix))]
fn set_mode(_: &File, _: &Path, _: u32) -> std::io::Result<()> {
    Ok(())
}

fn sha256(bytes: &[u8]) -> String {
    hex(Sha256::new().chain_update(bytes))
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{FINGERPRINTS_FILE, WatchlistsError, closed};

    #[test]
    fn fingerprints_of_an_earlier_form_are_no_damaged_file() {
        let problem = closed(FINGERPRINTS_FILE, "文件指纹", &WatchlistsError::Former { file: FINGERPRINTS_FILE });
        assert!(problem.zh.contains("旧版格式") && problem.zh.contains("wanglou fingerprint add"), "{}", problem.zh);
        assert!(problem.en.contains("wanglou fingerprint add"), "{}", problem.en);
    }
}
