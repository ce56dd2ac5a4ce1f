// Which file it is, whatever its names: what a path leads to is compared with what is open.

package import Glibc

/// A file's device and number on it. They say nothing of a file that is gone: its number may be another's by then.
package struct FileIdentity: Sendable, Hashable {
    private let device: dev_t
    private let inode: ino_t

    package init(_ status: stat) {
        device = status.st_dev
        inode = status.st_ino
    }

    /// What is open; `nil` if nothing is.
    package init?(of descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    /// What a path leads to; `nil` if that cannot be told.
    /// - Parameter followsLinks: false: a link at its end is a file of its own.
    package init?(_ path: String, followsLinks: Bool = true) {
        var status = stat()
        guard (followsLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
        self.init(status)
    }

    /// What has a name in an open folder, be it a link; `nil` if that cannot be told.
    package init?(_ name: String, in directory: Int32) {
        var status = stat()
        guard fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        self.init(status)
    }

    /// Whether a path leads to this file.
    package func isAt(_ path: String) -> Bool { FileIdentity(path) == self }
}
