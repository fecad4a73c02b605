using Nvmf.Bench.Relay;

return await RelayCommandLine.RunAsync(args);
