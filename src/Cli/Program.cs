using Provision.Cli;

ShortLived.Prepare(args);
return App.Run(args, ProcessHost.Create());
