using RelayHost;
using RelayHost.CommandLine;

var commandLine = new RelayHostCommandLine();
commandLine.Root.SetAction((result, _) => RelayHostRunner.RunAsync(commandLine.Read(result)));
return await ProgramRunner.InvokeAsync(commandLine.Root, args);
