namespace Provision.EndToEnd;

/// <summary>A test class with a lab for each test; xunit reports a leak found at the end beside the test's own failure.</summary>
public abstract class LabTest : IDisposable
{
    internal Lab Lab { get; } = new();

    public void Dispose()
    {
        Lab.Dispose();
        GC.SuppressFinalize(this);
    }
}
