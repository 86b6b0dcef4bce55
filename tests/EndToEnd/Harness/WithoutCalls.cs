using System.Buffers.Binary;

namespace Provision.EndToEnd;

/// <summary>
/// The program where some system calls return ENOSYS, as on an older kernel: for it, the supervisor that it starts and the
/// containers of that. By a seccomp filter of the test's own, loaded by a small Python program that then executes.
/// </summary>
internal static class WithoutCalls
{
    private const string Loader =
        """
        import ctypes, os, sys
        code = bytes.fromhex(sys.argv[1])
        class Program(ctypes.Structure):
            _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]
        libc = ctypes.CDLL(None, use_errno=True)
        program = Program(len(code) // 8, code)
        SET_SECCOMP, FILTER = 22, 2
        if libc.prctl(SET_SECCOMP, ctypes.c_ulong(FILTER), ctypes.byref(program), 0, 0):
            raise OSError(ctypes.get_errno(), "PR_SET_SECCOMP")
        os.execv(sys.argv[2], sys.argv[2:])
        """;

    // Numbers from 424 on are the same on every architecture (asm-generic/unistd.h).
    public static readonly IReadOnlyDictionary<string, uint> Numbers = new Dictionary<string, uint>
    {
        ["pidfd_send_signal"] = 424,
        ["open_tree"] = 428,
        ["move_mount"] = 429,
        ["fsopen"] = 430,
        ["fsconfig"] = 431,
        ["fsmount"] = 432,
        ["fspick"] = 433,
        ["pidfd_open"] = 434,
        ["clone3"] = 435,
        ["close_range"] = 436,
        ["openat2"] = 437,
        ["pidfd_getfd"] = 438,
        ["mount_setattr"] = 442,
        ["landlock_create_ruleset"] = 444,
        ["landlock_add_rule"] = 445,
        ["landlock_restrict_self"] = 446,
    };

    public static CommandResult Run(Lab lab, IReadOnlyList<string> calls, params string[] arguments) =>
        lab.RunUnder("python3", ["-c", Loader, Hex(calls)], arguments);

    // struct sock_filter: code, jt, jf, k. The number is the first word of struct seccomp_data.
    private static string Hex(IReadOnlyList<string> calls)
    {
        var code = new List<byte>();
        Add(0x20, 0, 0, 0);
        for (var i = 0; i < calls.Count; i++)
            Add(0x15, (byte)(calls.Count - i), 0, Numbers[calls[i]]);
        Add(0x06, 0, 0, 0x7FFF0000); // SECCOMP_RET_ALLOW
        Add(0x06, 0, 0, 0x00050000 | 38); // SECCOMP_RET_ERRNO | ENOSYS
        return Convert.ToHexString([.. code]);

        void Add(ushort operation, byte whenTrue, byte whenFalse, uint value)
        {
            Span<byte> step = stackalloc byte[8];
            BinaryPrimitives.WriteUInt16LittleEndian(step, operation);
            step[2] = whenTrue;
            step[3] = whenFalse;
            BinaryPrimitives.WriteUInt32LittleEndian(step[4..], value);
            code.AddRange(step);
        }
    }
}
