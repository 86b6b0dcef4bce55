namespace Provision.Drivers.Container;

/// <summary>Why changes replace a container.</summary>
internal static class ContainerReasons
{
    public const string Program = "it is given to the program when it starts";
    public const string BeforeStart = "it is made before the program starts";
    public const string Confined = "a running process cannot be confined anew";
}
