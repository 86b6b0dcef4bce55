using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Provision.Kernel;
using Provision.Reconciler;
using Provision.Spec;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace Provision.Cli.Agent;

/// <summary>Puts an agent together on the Generic Host and runs it until SIGTERM or SIGINT.</summary>
internal static class AgentHost
{
    private static readonly TimeSpan LockWait = TimeSpan.FromSeconds(30);

    /// <param name="options">Manifests, scope and pace.</param>
    /// <param name="drivers">The kinds.</param>
    /// <param name="executors">The only way to change the kernel.</param>
    /// <param name="events">Subscribed already, so that nothing after the first look is missed.</param>
    /// <param name="runDirectory">The instance's directory under /run; made when it is not there.</param>
    public static async Task<int> Run(
        AgentOptions options,
        DriverRegistry drivers,
        IReadOnlyList<IOperationExecutor> executors,
        IReadOnlyList<IEventSource> events,
        string runDirectory)
    {
        Directory.CreateDirectory(runDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var time = TimeProvider.System;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSerilog(Logger(options.JsonLogs));
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(services => Parts(
            options, drivers, executors, events, runDirectory, time, services.GetRequiredService<ILogger<AgentService>>()));
        builder.Services.AddHostedService<AgentService>();
        using var host = builder.Build();
        await host.RunAsync();
        return 0;
    }

    private static AgentParts Parts(
        AgentOptions options,
        DriverRegistry drivers,
        IReadOnlyList<IOperationExecutor> executors,
        IReadOnlyList<IEventSource> events,
        string runDirectory,
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
            new AgentProgress(log),
            () => InstanceLock.Acquire(Path.Combine(runDirectory, "lock"), LockWait, "agent", time));
        return new AgentParts(
            drivers,
            loop,
            new ManifestSource(options.Paths, new KindRegistry(drivers.Kinds)),
            new AgentConditions(time, contention),
            new AgentStatusFile(Path.Combine(runDirectory, "agent.json")),
            new ServiceManager(
                Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), Environment.GetEnvironmentVariable("WATCHDOG_USEC"), time),
            events);
    }

    // Logs go to standard error: standard output is for data, and the service manager reads both.
    private static Serilog.Core.Logger Logger(bool json)
    {
        var configuration = new LoggerConfiguration()
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning);
        return json
            ? configuration.WriteTo.Console(new CompactJsonFormatter(), standardErrorFromLevel: LogEventLevel.Verbose).CreateLogger()
            : configuration.WriteTo.Console(
                outputTemplate: "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}",
                formatProvider: System.Globalization.CultureInfo.InvariantCulture,
                standardErrorFromLevel: LogEventLevel.Verbose).CreateLogger();
    }
}
