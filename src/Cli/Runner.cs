using System.CommandLine;

namespace Provision.Cli;

/// <summary>Makes commands whose action gets a <see cref="Session"/> and returns an exit code.</summary>
internal sealed class Runner(Surroundings host, Output output)
{
    public Command Command(string name, string description, Func<Session, int> action, params Symbol[] takes)
    {
        var command = new Command(name, description);
        foreach (var symbol in takes)
            if (symbol is Option option)
                command.Add(option);
            else
                command.Add((Argument)symbol);
        command.SetAction(parse => action(new Session(host, parse, output)));
        return command;
    }
}
