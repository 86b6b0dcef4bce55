"""The little of libmount that crun's test_mounts.py asks for: mount tables by target. Debian 12 has no such module."""


class Mount:
    def __init__(self, line):
        fields = line.split()
        self.target = fields[4].encode().decode("unicode_escape")  # proc(5): octal escapes
        self.vfs_options = fields[5]
        self.fs_options = fields[fields.index("-") + 3]


class Table:
    def __init__(self, path):
        with open(path) as lines:
            self.mounts = [Mount(line) for line in lines if line.strip()]

    def find_target(self, target):
        return next((m for m in reversed(self.mounts) if m.target == target), None)
