using Nvmf.Bench.Rdma;

return await RdmaCommandLine.RunAsync(args);
