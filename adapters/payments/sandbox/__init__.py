"""The sandbox: a simulated payment provider, in this process or as a server with faults."""
