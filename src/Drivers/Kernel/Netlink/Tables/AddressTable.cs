namespace Provision.Kernel.Netlink;

/// <summary>The addresses of a network namespace, or of one link, in the kernel's order.</summary>
public sealed class AddressTable
{
    private readonly ILookup<int, Address> _byLink;

    public AddressTable(IEnumerable<Address> addresses) => _byLink = addresses.ToLookup(static a => a.Link);

    /// <summary>The addresses of the link with this index, primaries before their secondaries.</summary>
    public IEnumerable<Address> Of(int index) => _byLink[index];

    public IEnumerable<Address> All => _byLink.SelectMany(static g => g);
}
