using System.Collections.Immutable;
using System.Text;

namespace Provision.Kernel.Selinux;

/// <summary>
/// The store that libsemanage keeps a policy's modules in (semanage.conf(5)), read only:
/// <c>STORE/POLICY/active/modules/PRIORITY/NAME/</c> with <c>lang_ext</c>, the language, and that language's source,
/// compressed by bzip2 unless the host's configuration says otherwise. There is no interface of the kernel that tells modules.
/// </summary>
internal sealed class ModuleStore(string? policy, string root = ModuleStore.Store)
{
    /// <summary>Of what Provision installs: semodule(8)'s own default, above the distribution's 100.</summary>
    public const int Priority = 400;

    private const string Store = "/var/lib/selinux", Configuration = "/etc/selinux/config", Cil = "cil";
    private const int LargestModule = 16 << 20;

    /// <summary>Why there is no store; null where there is one.</summary>
    public string? Missing
    {
        get
        {
            if (policy is null)
                return $"{Configuration} names no policy (SELINUXTYPE)";
            var (found, errno) = Sys.Open(Libc.AT_FDCWD, Modules, Libc.O_PATH | Libc.O_DIRECTORY);
            found?.Dispose();
            return found is null && errno == Errno.ENOENT ? $"the policy {policy} has no modules ({Modules})" : null;
        }
    }

    private string Modules => $"{root}/{policy}/active/modules";

    /// <summary>SELINUXTYPE of /etc/selinux/config, selinux_config(5); null when there is none.</summary>
    public static string? PolicyOfHost()
    {
        var (file, _) = Sys.Open(Libc.AT_FDCWD, Configuration, Libc.O_RDONLY);
        if (file is null)
            return null;
        using (file)
            return PolicyIn(Sys.ReadAll(file).Text ?? "");
    }

    internal static string? PolicyIn(string configuration) => configuration.Split('\n')
        .Select(static l => l.Trim())
        .Where(static l => l.StartsWith("SELINUXTYPE=", StringComparison.Ordinal))
        .Select(static l => l["SELINUXTYPE=".Length..].Trim())
        .LastOrDefault(static p => p.Length > 0 && !p.Contains('/') && p != "..");

    public ImmutableSortedDictionary<string, StoredModule> Read()
    {
        var found = ImmutableSortedDictionary.CreateBuilder<string, StoredModule>(StringComparer.Ordinal);
        if (Missing is not null)
            return found.ToImmutable();
        using var modules = new DirectoryReader(Modules, Resolve.Beneath | Resolve.NoSymlinks);
        var priority = Priority.ToString(System.Globalization.CultureInfo.InvariantCulture);
        foreach (var name in modules.Visit(priority, [])?.Children ?? [])
            if (One(modules, $"{priority}/{name}", name) is { } module)
                found.Add(name, module);
        return found.ToImmutable();
    }

    // One that is removed meanwhile is as good as gone.
    private static StoredModule? One(DirectoryReader modules, string directory, string name)
    {
        if (modules.Read($"{directory}/lang_ext") is not { } language)
            return null;
        if (language.Trim() != Cil)
            return new StoredModule(name, null);
        var (file, errno) = modules.Open($"{directory}/{Cil}", Libc.O_RDONLY);
        if (file is null)
            return errno == Errno.ENOENT ? null : throw Sys.Failure("open", modules.Full($"{directory}/{Cil}"), errno);
        using (file)
        {
            var (content, failed) = Sys.ReadBytes(file, LargestModule);
            if (content is null)
                throw Sys.Failure("read", modules.Full($"{directory}/{Cil}"), failed);
            try
            {
                return new StoredModule(name, Encoding.UTF8.GetString(Bzip2.IsCompressed(content) ? Bzip2.Decompress(content, LargestModule) : content));
            }
            catch (InvalidDataException broken)
            {
                throw Sys.Failure("read", modules.Full($"{directory}/{Cil}"), Errno.EIO, null, broken.Message);
            }
        }
    }
}
