using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>A value that differs between desired and live, before anything is known of the cause.</summary>
internal readonly record struct Difference(ValuePath Path, Value? Live, Value? Desired);
