using Provision.Cli;

return App.Run(args, ProcessHost.Create());
