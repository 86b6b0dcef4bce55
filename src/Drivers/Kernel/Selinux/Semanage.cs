using System.Runtime.InteropServices;
using Provision.Reconciler;

namespace Provision.Kernel.Selinux;

/// <summary>
/// libsemanage, bound when it is needed: the kernel takes a whole compiled policy and nothing else, and only this library
/// makes one of modules and keeps the store. It takes modules from memory, where semodule(8) wants a file that its own
/// domain may read. What it has to say of a module goes to standard error in its own words.
/// </summary>
internal static unsafe class Semanage
{
    private static readonly string[] Directories = ["/lib64", "/usr/lib64", "/lib", "/usr/lib", .. Triplets()];
    private static readonly string[] Names = ["libsemanage.so.2", "libsemanage.so.1"];

    // Its own state is one a process.
    private static readonly Lock Turn = new();

    /// <summary>Where it is, by the places that the loader trusts, never through a search path; null when it is nowhere.</summary>
    public static string? Find()
    {
        foreach (var name in Names)
            foreach (var directory in Directories)
            {
                var (found, _) = Sys.Open(Libc.AT_FDCWD, $"{directory}/{name}", Libc.O_PATH);
                using (found)
                    if (found is not null)
                        return $"{directory}/{name}";
            }

        return null;
    }

    /// <summary>Installs CIL under the name, or removes the module where there is no text; the policy is built and loaded.</summary>
    public static KernelError? Commit(string name, byte[]? text)
    {
        var subject = $"policy module {name}";
        if (Find() is not { } path || !NativeLibrary.TryLoad(path, out var library))
            return new KernelError("dlopen", "libsemanage", null, Errno.ENOENT, "it is not installed, or cannot be loaded");
        lock (Turn)
        {
            var handle = ((delegate* unmanaged<void*>)Symbol(library, "handle_create"))();
            if (handle is null)
                return Failed("handle_create");
            try
            {
                if (Call(library, "connect", handle) < 0)
                    return Failed("connect");
                try
                {
                    return Change(library, handle);
                }
                finally
                {
                    Call(library, "disconnect", handle);
                }
            }
            finally
            {
                ((delegate* unmanaged<void*, void>)Symbol(library, "handle_destroy"))(handle);
            }
        }

        KernelError? Change(nint library, void* handle)
        {
            // What another has begun is waited for by the library itself.
            if (Call(library, "begin_transaction", handle) < 0)
                return Failed("begin_transaction");
            if (((delegate* unmanaged<void*, ushort, int>)Symbol(library, "set_default_priority"))(handle, ModuleStore.Priority) < 0)
                return Failed("set_default_priority");
            fixed (byte* at = text, named = Zero(name), language = "cil\0"u8)
            {
                var told = text is null
                    ? ((delegate* unmanaged<void*, byte*, int>)Symbol(library, "module_remove"))(handle, named)
                    : ((delegate* unmanaged<void*, byte*, nuint, byte*, byte*, int>)Symbol(library, "module_install"))(handle, at, (nuint)text.Length, named, language);
                if (told < 0)
                    return Failed(text is null ? "module_remove" : "module_install");
            }

            // A policy that does not build is left out as a whole: the store and the kernel are as they were.
            return Call(library, "commit", handle) < 0 ? Failed("commit") : null;
        }

        KernelError Failed(string call)
        {
            var errno = Marshal.GetLastSystemError();
            return new KernelError($"semanage_{call}", subject, null, errno == 0 ? Errno.EINVAL : errno, "libsemanage refuses it; its own words are on standard error");
        }
    }

    private static int Call(nint library, string function, void* handle) => ((delegate* unmanaged<void*, int>)Symbol(library, function))(handle);

    private static nint Symbol(nint library, string function) => NativeLibrary.GetExport(library, $"semanage_{function}");

    private static byte[] Zero(string text) => [.. System.Text.Encoding.ASCII.GetBytes(text), 0];

    private static string[] Triplets() => Libc.IsArm64
        ? ["/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu"]
        : ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu"];
}
