"""System calls by name: the number on x86-64 and on arm64 (asm/unistd_64.h, asm-generic/unistd.h); - where there is none."""
import os

# What can change something that outlives a program.
_CHANGING = """
mkdir 83 - mkdirat 258 34 rmdir 84 - unlink 87 - unlinkat 263 35 rename 82 - renameat 264 38 renameat2 316 276 link 86 - linkat 265 37
symlink 88 - symlinkat 266 36 mknod 133 - mknodat 259 33 openat 257 56 openat2 437 437 creat 85 - write 1 64 pwrite64 18 68 sendto 44 206
sendmsg 46 211 ftruncate 77 46 fallocate 285 47 splice 275 76 setxattr 188 5 lsetxattr 189 6 fsetxattr 190 7 removexattr 197 14 lremovexattr
198 15 fremovexattr 199 16 chmod 90 - fchmod 91 52 fchmodat 268 53 fchmodat2 452 452 chown 92 - fchown 93 55 lchown 94 - fchownat 260 54
mount 165 40 umount2 166 39 move_mount 429 429 open_tree 428 428 fsopen 430 430 fsconfig 431 431 fsmount 432 432 mount_setattr 442 442
pivot_root 155 41 clone 56 220 clone3 435 435 fork 57 - vfork 58 - execve 59 221 execveat 322 281 unshare 272 97 setns 308 268 kill 62 129
tkill 200 130 pidfd_send_signal 424 424 pidfd_getfd 438 438 bpf 321 280 memfd_create 319 279 fcntl 72 25 flock 73 32 prlimit64 302 261
sethostname 170 161 setdomainname 171 162 bind 49 200 listen 50 201 connect 42 203
"""
# What launch programs do besides.
_OTHERS = """
read 0 63 close 3 57 rt_sigaction 13 134 rt_sigprocmask 14 135 ioctl 16 29 getpid 39 172 socket 41 198 chdir 80 49 fchdir 81 50 umask 95 166
setsid 112 157 setgroups 116 159 setresuid 117 147 setresgid 119 149 capset 126 91 setpriority 141 140 prctl 157 167 sched_setaffinity 203
122 keyctl 250 219 faccessat 269 48 dup2 33 - dup3 292 24 seccomp 317 277 close_range 436 436 exit_group 231 94
"""


def _table(words):
    machine = {"x86_64": 1, "aarch64": 2}[os.uname().machine]
    rows = [words[i : i + 3] for i in range(0, len(words), 3)]
    return {int(row[machine]): row[0] for row in rows if row[machine] != "-"}


CHANGES = set(_table(_CHANGING.split()).values())
CALLS = _table((_CHANGING + _OTHERS).split())
