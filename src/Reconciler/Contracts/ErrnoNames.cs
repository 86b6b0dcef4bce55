using System.Collections.Frozen;

namespace Provision.Reconciler;

/// <summary>errno(3) names and short texts of the errors that the drivers meet.</summary>
public static class ErrnoNames
{
    private static readonly FrozenDictionary<int, (string Name, string Text)> Known = new Dictionary<int, (string, string)>
    {
        [1] = ("EPERM", "operation not permitted"),
        [2] = ("ENOENT", "no such file or directory"),
        [3] = ("ESRCH", "no such process"),
        [4] = ("EINTR", "interrupted"),
        [5] = ("EIO", "input/output error"),
        [7] = ("E2BIG", "too large"),
        [8] = ("ENOEXEC", "not an executable format"),
        [9] = ("EBADF", "bad file descriptor"),
        [10] = ("ECHILD", "no child process"),
        [11] = ("EAGAIN", "try again"),
        [12] = ("ENOMEM", "out of memory"),
        [13] = ("EACCES", "permission denied"),
        [14] = ("EFAULT", "bad address"),
        [16] = ("EBUSY", "device or resource busy"),
        [17] = ("EEXIST", "exists already"),
        [18] = ("EXDEV", "crosses a boundary"),
        [19] = ("ENODEV", "no such device"),
        [20] = ("ENOTDIR", "not a directory"),
        [21] = ("EISDIR", "is a directory"),
        [22] = ("EINVAL", "invalid argument"),
        [24] = ("EMFILE", "too many open files"),
        [27] = ("EFBIG", "file too large"),
        [28] = ("ENOSPC", "no space left"),
        [30] = ("EROFS", "read-only file system"),
        [33] = ("EDOM", "out of domain"),
        [34] = ("ERANGE", "out of range"),
        [36] = ("ENAMETOOLONG", "name too long"),
        [38] = ("ENOSYS", "not implemented by this kernel"),
        [39] = ("ENOTEMPTY", "directory not empty"),
        [40] = ("ELOOP", "too many symbolic links"),
        [61] = ("ENODATA", "no data"),
        [71] = ("EPROTO", "protocol error"),
        [75] = ("EOVERFLOW", "value too large"),
        [87] = ("EUSERS", "too many users"),
        [90] = ("EMSGSIZE", "message too long"),
        [93] = ("EPROTONOSUPPORT", "protocol not supported"),
        [95] = ("EOPNOTSUPP", "operation not supported"),
        [97] = ("EAFNOSUPPORT", "address family not supported"),
        [98] = ("EADDRINUSE", "address already in use"),
        [99] = ("EADDRNOTAVAIL", "cannot assign requested address"),
        [100] = ("ENETDOWN", "network is down"),
        [101] = ("ENETUNREACH", "network is unreachable"),
        [105] = ("ENOBUFS", "no buffer space available"),
        [110] = ("ETIMEDOUT", "timed out"),
        [116] = ("ESTALE", "stale handle"),
        [122] = ("EDQUOT", "quota exceeded"),
    }.ToFrozenDictionary();

    /// <summary><c>EBUSY</c>; a number that is not known stays a number.</summary>
    public static string Name(int errno) => Known.TryGetValue(errno, out var known) ? known.Name : $"errno {errno}";

    /// <summary><c>EBUSY (device or resource busy)</c>; a number that is not known stays a number.</summary>
    public static string Describe(int errno) =>
        Known.TryGetValue(errno, out var known) ? $"{known.Name} ({known.Text})" : $"errno {errno}";
}
