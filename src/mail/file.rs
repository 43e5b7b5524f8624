//! Messages as `.eml` files, for the demo and for trying things out. Any mail program opens them.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::mail::compose::Message;
use crate::mail::transport::SendError;

/// A folder that takes messages. File names sort by time; they name the case, never a person.
#[derive(Debug, Clone)]
pub struct FileTransport {
    dir: PathBuf,
}

impl FileTransport {
    pub(crate) fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Writes the message whole or not at all. A second try of the same alert replaces the first.
    pub(crate) async fn write(&self, message: &Message) -> Result<(), SendError> {
        let (dir, bytes) = (self.dir.clone(), message.bytes());
        let name = format!("{}.eml", message.file_stem());
        let written = tokio::task::spawn_blocking(move || write_whole(&dir, &name, &bytes)).await;
        let failed = |reason: String| SendError::Away { alert: message.alert().clone(), reason };
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(failed(format!("mail.dir 「{}」 cannot be written: {error}", self.dir.display()))),
            Err(error) => Err(failed(format!("writing was cut short: {error}"))),
        }
    }
}

/// The temporary file is readable by its owner only, and stays so under its final name.
fn write_whole(dir: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    let mut file = tempfile::Builder::new().prefix(".").suffix(".part").tempfile_in(dir)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(dir.join(name)).map_err(|error| error.error)?;
    Ok(())
}
