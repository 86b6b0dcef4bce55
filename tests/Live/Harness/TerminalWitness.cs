using System.Diagnostics;
using System.Text.Json;

namespace Provision.Testing;

/// <summary>A program run in a terminal (pty(7)) by Python's own calls: what it said there and how it left the terminal.</summary>
public static class TerminalWitness
{
    private const string Script =
        """
        import fcntl, json, os, select, signal, struct, sys, termios, time
        asked = json.load(sys.stdin)
        said, deadline = b'', time.monotonic() + 600

        def size(master, rows, columns):
            fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))

        def more(seconds):
            global said
            if master is None or not select.select([master], [], [], seconds)[0]:
                return False
            said += os.read(master, 65536)
            return True

        def until(what, holds):
            while not holds():
                if time.monotonic() > deadline:
                    sys.exit(f'{what} was waited for in vain, after: {said!r}')
                more(0.02)

        master, slave = os.openpty()
        size(master, *asked['size'])
        before = termios.tcgetattr(slave)
        raw = lambda: not termios.tcgetattr(slave)[3] & termios.ICANON
        child = os.fork()
        if child == 0:
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            for i in range(3):
                os.dup2(slave, i)
            os.closerange(3, 256)
            for number in range(1, 32):
                if number not in (signal.SIGKILL, signal.SIGSTOP):
                    signal.signal(number, signal.SIG_DFL)
            os.execv(asked['command'][0], asked['command'])
        status = None
        for kind, value in asked['steps']:
            seen = len(said)
            if kind == 'expect':
                until(value, lambda: value.encode() in said)
            elif kind == 'raw':
                until('raw mode', raw)
            elif kind == 'send':
                os.write(master, value.encode())
            elif kind == 'size':
                size(master, *value)
            elif kind == 'signal':
                os.kill(child, getattr(signal, value))
            elif kind == 'stopped':
                until('a stop', lambda: (found := os.waitpid(child, os.WUNTRACED | os.WNOHANG)) != (0, 0) and os.WIFSTOPPED(found[1]))
                if termios.tcgetattr(slave) != before:
                    sys.exit('the terminal is not as it was while it is stopped')
            elif kind == 'hangup':
                os.close(slave)
                os.close(master)
                master = slave = None

        def ended():
            global status
            found, how = os.waitpid(child, os.WNOHANG)
            status = os.waitstatus_to_exitcode(how) if found else None
            return found != 0

        until('the end', ended)
        while more(0):
            pass
        print(json.dumps({'said': said.decode(), 'status': status, 'restored': slave is None or termios.tcgetattr(slave) == before}))
        """;

    /// <summary>One thing that is done or waited for.</summary>
    public sealed record Step(string Kind, object? Value = null)
    {
        /// <summary>Waits until this has been said.</summary>
        public static Step Expect(string text) => new("expect", text);

        /// <summary>Waits until the terminal makes no lines (raw mode).</summary>
        public static Step Raw { get; } = new("raw");

        /// <summary>Types this.</summary>
        public static Step Send(string text) => new("send", text);

        /// <summary>Gives the terminal another size.</summary>
        public static Step Size(int rows, int columns) => new("size", new[] { rows, columns });

        /// <summary>Sends the program a signal: <c>SIGTERM</c>.</summary>
        public static Step Signal(string name) => new("signal", name);

        /// <summary>Waits until the program has stopped, with the terminal as it was before.</summary>
        public static Step Stopped { get; } = new("stopped");

        /// <summary>Closes the terminal.</summary>
        public static Step HangUp { get; } = new("hangup");
    }

    /// <param name="Said">All that came out of the terminal: lines end with CR LF.</param>
    /// <param name="Status">Exit status, minus the signal for a signal.</param>
    /// <param name="Restored">The terminal's settings are those of before.</param>
    public sealed record Outcome(string Said, int Status, bool Restored);

    /// <summary>Runs it in a terminal of 30 rows and 100 columns, takes the steps, and waits for its end.</summary>
    public static Outcome Run(string file, IReadOnlyList<string> arguments, params Step[] steps)
    {
        var asked = new { command = (string[])[file, .. arguments], size = new[] { 30, 100 }, steps = steps.Select(static s => new[] { s.Kind, s.Value }) };
        var start = new ProcessStartInfo("/usr/bin/python3", ["-c", Script]);
        start.Environment["TERM"] = "vt100";
        var told = Command.Run(start, JsonSerializer.Serialize(asked), TimeSpan.FromMinutes(12)).Succeeded().Json;
        return new Outcome(told.GetProperty("said").GetString()!, told.GetProperty("status").GetInt32(), told.GetProperty("restored").GetBoolean());
    }
}
