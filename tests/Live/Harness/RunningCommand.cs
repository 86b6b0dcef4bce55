using System.Diagnostics;

namespace Provision.Testing;

/// <summary>A process under way, for tests that interrupt or watch it. Disposed, it is killed with its children.</summary>
public sealed class RunningCommand : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _out;
    private readonly Task<string> _err;
    private readonly string _commandLine;

    public RunningCommand(ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        _commandLine = $"{start.FileName} {start.Arguments}{string.Join(' ', start.ArgumentList)}";
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start");
        _out = _process.StandardOutput.ReadToEndAsync();
        _err = _process.StandardError.ReadToEndAsync();
    }

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Sends a signal by its kill(1) name: <c>INT</c>, <c>TERM</c>, <c>KILL</c>. A process that is gone is no error.</summary>
    public void Signal(string name)
    {
        if (!_process.HasExited)
            Command.Run("/bin/kill", [$"-{name}", Pid.ToString()]);
    }

    /// <summary>Gives it this much input and closes its stdin.</summary>
    public void Write(string stdin)
    {
        try
        {
            _process.StandardInput.Write(stdin);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading its input: its exit code tells the rest.
        }
    }

    /// <exception cref="TimeoutException">It ran for too long and was killed with its children.</exception>
    public CommandResult Wait(TimeSpan patience)
    {
        if (!_process.WaitForExit(patience))
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
            throw new TimeoutException($"killed after {patience.TotalSeconds:0} s: {_commandLine}\n{_out.Result}\n{_err.Result}");
        }

        // A child that outlives the process and kept its stdout must not hang the test.
        if (!Task.WaitAll([_out, _err], patience))
            throw new TimeoutException($"ended with {_process.ExitCode}, but its output is still held open: {_commandLine}");

        return new CommandResult(_commandLine, _process.ExitCode, _out.Result, _err.Result);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }
}
