#!lua flags=allow-oom
--[[
  Store heartbeats of tasks, and lease the next ones in the same step. The heartbeat timeout of each attempt counts
  from now; its details take the place of the last ones and are given to the next attempt.

  Only while the lease of the token holds. A loop's latest call, sent again, stores nothing twice.

  KEYS[1]   {tag}m
  KEYS[2…]  {tag}j:<name>  one per heartbeat, each once
  ARGV[1-6] now_ms, random, bounds, node, loop, nonce of the leases asked for
  ARGV[7]   how many heartbeats, then for each
            token         attempt (4 bytes) and nonce (8)
            details       "" = the last ones stay
  then      the leases asked for, see lib/leases.lua

  Returns {"recorded", now_ms, [heartbeat, …], [lease, …], [told, …]}, each heartbeat
    {"ok", state}           stored; the state says what is asked of the attempt
    {"lost"}                the attempt is over, closed or deleted
  Emits      h
  Complexity O(log timers) for each
]]
--- @include "lib/report"
--- @include "lib/heartbeat"
--- @include "lib/leases"
local replies = {}
local count = tonumber(ARGV[7])
local latest = LOOP .. "h"
local is_new = call("HGET", P .. "lr:" .. NODE, latest) ~= RANDOM
for i = 1, count do
  local key, a = KEYS[i + 1], 8 + 2 * (i - 1)
  local token = ARGV[a]
  local rec = held(key, sub(token, 1, 4), sub(token, 5, 12), "")
  if rec then
    if is_new then
      local name = sub(key, #P + 3)
      beat(key, name, rec, ARGV[a + 1])
      -- its worker learns from the answer what is asked
      unnotify(name, rec)
    end
    replies[i] = { "ok", sub(rec, 10, 10) }
  else
    replies[i] = { "lost" }
  end
end
if is_new then
  call("HSET", P .. "lr:" .. NODE, latest, RANDOM)
end
commit(true)
return { "recorded", num(now), replies, lease_all(8 + 2 * count) }
