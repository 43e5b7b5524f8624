//! What the system knows of this process. Only Linux says so; elsewhere the figures are missing.

/// Figures of this process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Process {
    /// Memory that it holds, bytes.
    pub(super) resident_bytes: Option<u64>,
    /// Files, sockets and the like that it holds open.
    pub(super) open_files: Option<u64>,
}

impl Process {
    /// As of now.
    pub(super) fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let open = std::fs::read_dir("/proc/self/fd").ok().map(|entries| entries.count() as u64);
        // Listing them opens one more.
        Self { resident_bytes: resident(&status), open_files: open.map(|count| count.saturating_sub(1)) }
    }
}

fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::resident;

    #[test]
    fn the_memory_is_read_from_what_the_system_says() {
        assert_eq!(resident("VmHWM:\t  900 kB\nVmRSS:\t  512 kB\n"), Some(524_288));
        assert_eq!(resident("nothing"), None);
    }
}
