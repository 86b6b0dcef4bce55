namespace Provision.Kernel.Sandbox;

/// <summary>A specification that no program can be made of; nothing was started.</summary>
public sealed class SandboxException(string name, string reason) : Exception($"{name}: {reason}");
