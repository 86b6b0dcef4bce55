using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Provision.Kernel;
using Provision.Reconciler;
using Provision.Reconciler.Reports;
using Provision.Spec;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace Provision.Cli.Agent;

/// <summary>Puts an agent together on the Generic Host and runs it until SIGTERM or SIGINT.</summary>
internal static class AgentHost
{
    // Short, since the main loop stands still meanwhile; who finds the instance locked looks again a moment later.
    private static readonly TimeSpan LockWait = TimeSpan.FromSeconds(2);

    /// <param name="options">Manifests, scope and pace.</param>
    /// <param name="drivers">The kinds.</param>
    /// <param name="executors">The only way to change the kernel.</param>
    /// <param name="events">Subscribed already, so that nothing after the first look is missed.</param>
    /// <param name="paths">The instance's directories and files; made when they are not there.</param>
    /// <param name="applied">Where what was brought about is noted.</param>
    /// <returns>0, or 1 when the agent ended by a fault of its own.</returns>
    public static async Task<int> Run(
        AgentOptions options,
        DriverRegistry drivers,
        IReadOnlyList<IOperationExecutor> executors,
        IReadOnlyList<IEventSource> events,
        InstancePaths paths,
        AppliedStore applied)
    {
        var time = TimeProvider.System;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSerilog(Logger(options));
        builder.Services.AddSingleton(services =>
        {
            var log = services.GetRequiredService<ILogger<AgentService>>();
            return new AgentService(Parts(options, drivers, executors, events, paths, applied, time, log), options, time, log);
        });
        builder.Services.AddHostedService(static services => services.GetRequiredService<AgentService>());
        using var host = builder.Build();
        var agent = host.Services.GetRequiredService<AgentService>();
        await host.RunAsync();
        return agent.ExecuteTask is { IsFaulted: true } ? 1 : 0;
    }

    private static AgentParts Parts(
        AgentOptions options,
        DriverRegistry drivers,
        IReadOnlyList<IOperationExecutor> executors,
        IReadOnlyList<IEventSource> events,
        InstancePaths paths,
        AppliedStore applied,
        TimeProvider time,
        ILogger<AgentService> log)
    {
        var planner = new Planner(drivers);
        var contention = new Contention(time);
        var loop = new ReconcileLoop(
            planner,
            new Applier(planner, executors, time),
            options.Scope,
            options.Prune,
            contention,
            new AgentProgress(log, new ShownOperation(drivers)),
            cancel => Enter(paths, time, cancel));
        return new AgentParts(
            drivers,
            loop,
            new ManifestSource(options.Paths, new KindRegistry(drivers.Kinds)),
            new AgentConditions(time, contention),
            new AgentStatusFile(paths.Agent),
            new ServiceManager(
                Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), Environment.GetEnvironmentVariable("WATCHDOG_USEC"), time),
            events,
            done => applied.Write(Noted(done, drivers, applied.Read()), time.GetUtcNow()));
    }

    // The directory is made each time: somebody may have deleted every one of Provision's.
    private static InstanceLock Enter(InstancePaths paths, TimeProvider time, CancellationToken cancel)
    {
        Directory.CreateDirectory(paths.Run, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return InstanceLock.Acquire(paths.Lock, LockWait, "provision agent", time, cancel);
    }

    private static AppliedRecord Noted(ReconcileLoop loop, DriverRegistry drivers, AppliedRecord older) => AppliedRecord
        .Of(new ResourceSet([.. loop.Desired.Ordered.Where(r => loop.Converged.Contains(r.Id))]), drivers)
        .Keeping(older, loop.Known.Select(static k => k.Id).Concat(loop.Desired.Ordered.Select(static r => r.Id)));

    // Logs go to standard error: standard output is for data, and the service manager reads both.
    private static Serilog.Core.Logger Logger(AgentOptions options)
    {
        var configuration = new LoggerConfiguration()
            .MinimumLevel.Is(options.Verbose ? LogEventLevel.Debug : LogEventLevel.Information)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning);
        return options.JsonLogs
            ? configuration.WriteTo.Console(new CompactJsonFormatter(), standardErrorFromLevel: LogEventLevel.Verbose).CreateLogger()
            : configuration.WriteTo.Console(
                outputTemplate: "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}",
                formatProvider: System.Globalization.CultureInfo.InvariantCulture,
                standardErrorFromLevel: LogEventLevel.Verbose).CreateLogger();
    }
}
