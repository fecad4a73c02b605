// Descriptors and memory of the process are counted.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
