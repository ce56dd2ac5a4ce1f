-- What scripts/bench measures: a host call that is answered at once, and one that suspends its task.
local host = ...

host.module_table("bench", { host_call = host.bench_call, host_wait = host.bench_wait })
