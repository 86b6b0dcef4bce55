namespace Provision.Kernel.Seccomp;

/// <summary>Counts what comparing costs: programs can be made to have more ways than anybody can follow.</summary>
internal sealed class Effort(int patience)
{
    private int _left = patience;

    /// <exception cref="InvalidProgramException">It is spent.</exception>
    public void Step()
    {
        if (_left-- == 0)
            throw new InvalidProgramException("the programs have more ways than can be followed");
    }
}
