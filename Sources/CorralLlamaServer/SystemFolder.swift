#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The system calls behind ``SocketFolder``.
///
/// They are unsafe because C takes pointers: each is to a string or structure of ours that lives
/// until the call returns.
enum SystemFolder {
    /// Makes a folder with a random name that only its owner can enter; `nil` where it cannot.
    static func makePrivate(in parent: String, prefix: String) -> String? {
        var template = Array("\(parent)/\(prefix)XXXXXX".utf8CString)
        // mkdtemp makes it with mode 0700, whatever the umask.
        guard unsafe mkdtemp(&template) != nil else { return nil }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether `path` is a folder, no link, that belongs to this user and nobody else may enter.
    static func isPrivate(_ path: String) -> Bool {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return false }
        return status.st_mode & mode_t(S_IFMT) == mode_t(S_IFDIR)
            && status.st_uid == geteuid() && status.st_mode & 0o077 == 0
    }

    /// Makes the lock file of a folder; `nil` where it cannot be locked.
    ///
    /// The lock is held before the file has its name, so that no folder with a living owner is
    /// ever seen unlocked.
    static func lockNew(_ folder: String) -> Int32? {
        let temporary = "\(folder)/lock.new"
        let file = unsafe open(temporary, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard file >= 0 else { return nil }
        guard flock(file, LOCK_EX | LOCK_NB) == 0,
            unsafe rename(temporary, "\(folder)/lock") == 0
        else {
            close(file)
            return nil
        }
        return file
    }

    /// Whether a folder has a lock file that nobody holds.
    static func isAbandoned(_ folder: String) -> Bool {
        let file = unsafe open("\(folder)/lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return false }
        defer { close(file) }
        return flock(file, LOCK_EX | LOCK_NB) == 0
    }

    /// Closes a lock file, which unlocks it.
    static func close(_ file: Int32) {
        #if canImport(Glibc)
        Glibc.close(file)
        #elseif canImport(Musl)
        Musl.close(file)
        #elseif canImport(Darwin)
        Darwin.close(file)
        #endif
    }

    /// The names in a folder; none where it cannot be read.
    static func names(in folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }

    /// Removes a folder or file and all in it.
    static func remove(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }
}
