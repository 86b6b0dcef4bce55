namespace Provision.Kernel.Seccomp;

/// <summary>Codes of what is wrong with a seccomp profile. Each has one meaning for ever.</summary>
public static class SeccompCodes
{
    /// <summary>The text is not JSON.</summary>
    public const string NotJson = "PV5101";

    /// <summary>A key that a profile does not have.</summary>
    public const string UnknownKey = "PV5102";

    /// <summary>A value of the wrong type, an unknown word, or a number out of range.</summary>
    public const string WrongValue = "PV5103";

    /// <summary>A key that must be there is not.</summary>
    public const string MissingKey = "PV5104";

    /// <summary>One key twice in one object.</summary>
    public const string DuplicateKey = "PV5105";

    /// <summary>A name that is no system call of any architecture.</summary>
    public const string UnknownCall = "PV5106";

    /// <summary>Warning: calls that none of the filtered architectures has.</summary>
    public const string CallElsewhere = "PV5107";

    /// <summary>A rule that denies some arguments, or a deny that is dropped, is silently beaten by one that allows.</summary>
    public const string ShadowedDeny = "PV5108";

    /// <summary>Warning: a rule compares one argument twice, so that any of its comparisons is enough.</summary>
    public const string RepeatedIndex = "PV5109";

    /// <summary>Warning: a comparison that a set bit beyond the argument's width would defeat elsewhere.</summary>
    public const string NarrowArgument = "PV5110";

    /// <summary>A comparison that no argument can meet.</summary>
    public const string NeverHolds = "PV5111";

    /// <summary>Warning: socketcall reaches calls that are restricted by their own names.</summary>
    public const string Socketcall = "PV5112";

    /// <summary>clone3 reaches what the rules of clone deny.</summary>
    public const string Clone3 = "PV5113";

    /// <summary>Warning: clone3 fails with an error that no C library falls back from.</summary>
    public const string Clone3Errno = "PV5114";

    /// <summary>execve, or another call that is made under the filter before the program runs, is not allowed: nothing could be started.</summary>
    public const string NoExecve = "PV5115";

    /// <summary>More instructions than the kernel takes.</summary>
    public const string TooLong = "PV5116";

    /// <summary>SCMP_ACT_NOTIFY where nobody would answer.</summary>
    public const string Notify = "PV5117";

    /// <summary>Warning: an architecture that there is no system call table for; its calls are killed.</summary>
    public const string NoTable = "PV5118";

    /// <summary>Warning: a call is allowed and denied, both times whatever its arguments.</summary>
    public const string Contradiction = "PV5119";
}
