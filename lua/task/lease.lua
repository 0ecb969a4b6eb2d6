#!lua flags=allow-oom
--[[
  Lease tasks of one or several queues to workers.

  A leased task is its worker's until the attempt's deadline; whoever has the token (attempt and nonce) may
  report on it. Calling again with the same nonce answers with what of that call is still held.

  KEYS[1]  {tag}m
  ARGV[1]  now_ms         "" = the server's clock
  ARGV[2]  random         8 bytes
  ARGV[3]  bounds         attempts kept (4 bytes), retention ms (6)
  ARGV[4…] leases         see lib/leases.lua: node, loop, nonce, count, then 6 for each

  Returns {"leased", [lease, …], [told, …]}, in the order asked, each lease
    {"leased", more, started_at_ms, name, record, …}   records as they were before; more "1" = ask again at once
    {"again", more, started_at_ms, name, record, …}    the same, of a repeated call that came with a grant
    {"paused", "0", now_ms}                            the queue is paused
    {"capped", "0", now_ms}                            the queue has as many in flight as it may
    {"ungranted", count, now_ms}                       so many could be handed out, with a grant of queue/limit.lua
  and, only where there is such, each told
    {index, waits, token, name, state, …}              of the lease at that index: what has to be waited for, and its
                                                       worker's notices; see lib/leases.lua
  Emits      l, and O for jobs found past their time
  Complexity O(log keys) for each task; at most 4 × asked + 64 entries are read
]]
--- @include "lib/leases"
return { "leased", lease_all(7) }
