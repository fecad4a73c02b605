using TargetHost;
using TargetHost.CommandLine;

var commandLine = new TargetHostCommandLine();
commandLine.Root.SetAction((result, _) => TargetHostRunner.RunAsync(commandLine.Read(result)));
return await ProgramRunner.InvokeAsync(commandLine.Root, args);
