"""The files that are checked, and what is excepted of them."""
import os
import subprocess


class Tree:
    def __init__(self, root, package, exceptions):
        self.root = root
        self.package = package
        self.exceptions = exceptions
        self.used = set()
        self.files = self._list()
        self._texts = {}

    def _list(self):
        """What is under version control or would be; all files where there is no repository (the self-test)."""
        if os.path.exists(os.path.join(self.root, ".git")):
            listed = subprocess.run(
                ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                cwd=self.root, check=True, stdout=subprocess.PIPE).stdout.decode().split("\0")
            return sorted(one for one in set(listed) if one and os.path.isfile(os.path.join(self.root, one)))
        found = []
        for folder, _, names in os.walk(self.root):
            found += [os.path.relpath(os.path.join(folder, name), self.root) for name in names]
        return sorted(found)

    def text(self, path):
        """The file's text; empty for what is not text."""
        if path not in self._texts:
            with open(os.path.join(self.root, path), "rb") as file:
                data = file.read()
            try:
                self._texts[path] = "" if b"\0" in data else data.decode()
            except UnicodeDecodeError:
                self._texts[path] = ""
        return self._texts[path]

    def lines(self, path):
        return self.text(path).split("\n")

    def under(self, *folders, ends=""):
        return [one for one in self.files if one.startswith(folders) and one.endswith(ends)]

    def is_excepted(self, check, subject):
        """Whether rules.EXCEPTIONS lets `subject` (a file, or FILE: TEXT) pass, which counts as a use of it."""
        if (check, subject) in self.exceptions:
            self.used.add((check, subject))
            return True
        return False

    def unused_exceptions(self):
        return sorted(f"{check}: {subject}" for check, subject in set(self.exceptions) - self.used)

    def targets(self):
        """Name → (folder, names of own targets it depends on, names of products it depends on, type)."""
        own = {}
        for target in self.package["targets"]:
            if target["type"] == "system":
                own[target["name"]] = (f"Sources/{target['name']}/", [], [], "system")
                continue
            base = "Tests" if target["type"] == "test" else "Sources"
            folder = (target.get("path") or f"{base}/{target['name']}").rstrip("/") + "/"
            names, products = [], []
            for dependency in target["dependencies"]:
                if "byName" in dependency:
                    names.append(dependency["byName"][0])
                elif "target" in dependency:
                    names.append(dependency["target"][0])
                elif "product" in dependency:
                    products.append(dependency["product"][0])
            own[target["name"]] = (folder, names, products, target["type"])
        return own
