using Provision.Kernel.Supervise;
using Provision.Reconciler;

namespace Provision.Kernel.Containers;

/// <summary>
/// Performs <see cref="ContainerOperation"/>s by asking the instance's supervisor, which is started when there is none.
/// Operations side by side have a connection each.
/// </summary>
/// <param name="program">The program that becomes the supervisor; this one unless told another.</param>
public sealed class ContainerExecutor(string program = "/proc/self/exe") : IOperationExecutor
{
    private const int ConnectionReset = 104, TimedOut = 110;

    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = 8 };
    private readonly Lock _finding = new();
    private volatile bool _found;

    public bool Handles(Operation operation) => operation is ContainerOperation;

    public IReadOnlyList<KernelError?> Execute(IReadOnlyList<Operation> independent, CancellationToken cancel)
    {
        var errors = new KernelError?[independent.Count];
        Parallel.For(0, errors.Length, _parallel, i => errors[i] = Perform((ContainerOperation)independent[i]));
        return errors;
    }

    private KernelError? Perform(ContainerOperation operation)
    {
        var request = RequestOf(operation);
        try
        {
            // As long as this connection is open, the supervisor does not end for want of containers.
            using var client = Connect(operation.Instance);
            return client.Ask(request).Error?.ToError();
        }
        catch (KernelException failed)
        {
            // Asked and not answered: it may have been done.
            return failed.Error with { Halfway = failed.Error.Errno is ConnectionReset or TimedOut };
        }
    }

    // Operations side by side would each find none, and each start one.
    private SupervisorClient Connect(string instance)
    {
        var starter = new SupervisorStarter(SupervisorPaths.Of(instance), program);
        if (_found)
            return starter.Connect();
        lock (_finding)
        {
            var client = starter.Connect();
            _found = true;
            return client;
        }
    }

    private static Request RequestOf(ContainerOperation operation) => operation switch
    {
        ContainerStart start => new Request { Verb = Verb.Start, Name = start.Name, Order = start.Order },
        ContainerStop stop => new Request { Verb = Verb.Stop, Name = stop.Name, Cgroup = stop.Cgroup },
        ContainerRemove remove => new Request { Verb = Verb.Remove, Name = remove.Name, Cgroup = remove.Cgroup, KeepLogs = remove.KeepLogs ? true : null },
        ContainerUpdate update => new Request { Verb = Verb.Update, Name = update.Name, Part = update.Part, Order = update.Order },
        ContainerNetworkSet set => new Request { Verb = Verb.SetInterface, Name = set.Name, Attachment = set.Attachment },
        ContainerNetworkRemove remove => new Request { Verb = Verb.RemoveInterface, Name = remove.Name, Interface = remove.Interface },
        _ => throw new ArgumentException($"not an operation on containers: {operation}", nameof(operation)),
    };
}
