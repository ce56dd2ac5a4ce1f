"""A tree of files to be packed: the same modes and dates whatever the umask and the day."""
import gzip
import os
import shutil


class Staging:
    def __init__(self, root, moment):
        self.root, self.moment = root, moment
        os.makedirs(root)

    def place(self, path):
        """Where a path of the tree lies; its folders are made."""
        whole = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        return whole

    def write(self, path, content, mode=0o644):
        with open(self.place(path), "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        os.chmod(self.place(path), mode)

    def pack(self, path, content):
        """A file compressed as gzip -9n does it: without name and time."""
        content = content if isinstance(content, bytes) else content.encode()
        self.write(path + ".gz", gzip.compress(content, 9, mtime=0))

    def copy(self, source, path, mode=0o644):
        shutil.copyfile(source, self.place(path))
        os.chmod(self.place(path), mode)

    def link(self, path, target):
        os.symlink(target, self.place(path))

    def files(self):
        """Paths of all files and links, sorted."""
        found = []
        for folder, _, names in os.walk(self.root):
            found += [os.path.relpath(os.path.join(folder, name), self.root) for name in names]
        return sorted(found)

    def folders(self):
        found = [os.path.relpath(folder, self.root) for folder, _, _ in os.walk(self.root)]
        return sorted(one for one in found if one != ".")

    def finish(self):
        """One date for all."""
        for folder in self.folders() + ["."]:
            os.chmod(os.path.join(self.root, folder), 0o755)
        for path in self.files() + self.folders() + ["."]:
            os.utime(os.path.join(self.root, path), (self.moment, self.moment), follow_symlinks=False)
