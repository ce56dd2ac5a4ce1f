// Folders: made for their owner, and their names put on the disk.

import Glibc

package enum Folder {
    /// Makes a folder of mode 0700. One that is there already stays as it is, and so does anything else of its name.
    package static func make(_ path: String) throws(SystemError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw SystemError.last }
    }

    /// Makes what was made, renamed or removed in a folder outlast a loss of power.
    package static func sync(_ path: String) throws(SystemError) {
        let directory = try SystemCall.repeated { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(directory) }
        try sync(directory)
    }

    /// The same for a folder that is open for reading.
    package static func sync(_ directory: Int32) throws(SystemError) {
        do throws(SystemError) { try SystemCall.repeated { fsync(directory) } } catch {
            // Some file systems cannot do this for folders: they have no need to.
            guard error.number == EINVAL else { throw error }
        }
    }
}
