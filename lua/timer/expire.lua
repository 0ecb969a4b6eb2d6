#!lua flags=allow-oom
--[[
  Look at the far timers that come due: what is open goes to the near timers when its moment is within a minute,
  what was closed long enough ago is deleted. Workers that leased nothing for 30 days beyond the retention lose
  their number; attempts that old which are kept yet no longer tell their worker.

  KEYS[1]  {tag}m
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]  how many entries at most

  Returns {"expired", moved, more, next_in_ms}: more "1" = it stopped at its bound; next_in_ms "-1" = no far timer
  Emits      D
  Complexity O(log timers) for each
]]
--- @include "lib/forget"
local WORKER_MS = 30 * 86400000
local limit = tonumber(ARGV[4])
local due = call("ZRANGE", P .. "far", "-inf", num(now + NEAR_MS), "BYSCORE", "LIMIT", 0, limit)
local moved = 0
for i = 1, #due do
  local ref = due[i]
  local name = sub(ref, 9)
  local rec, key = find_run(name, sub(ref, 1, 8))
  if not rec then
    call("ZREM", P .. "far", ref)
  elseif IS_CLOSED[sub(rec, 10, 10)] then
    local until_at = u6(rec, 50) + RETENTION_MS
    if until_at <= now then
      happened("D", sub(rec, 40, 43) .. sub(rec, 10, 10) .. ref)
      forget(name, rec, key)
      moved = moved + 1
    else
      look_at(ref, until_at + NEAR_MS)
    end
  else
    call("ZREM", P .. "far", ref)
    local state = sub(rec, 10, 10)
    local at = next_moment(rec, state, u6(rec, 44))
    if at then
      arm(ref, at, IS_RUNNING[state] and node_of(rec) or nil)
      moved = moved + 1
    end
  end
end
commit()
local idle = call("ZRANGE", P .. "ws", "-inf", num(now - RETENTION_MS - WORKER_MS), "BYSCORE", "LIMIT", 0, limit)
for i = 1, #idle do
  call("HDEL", P .. "wn", call("HGET", P .. "w", idle[i]) or "")
  call("HDEL", P .. "w", idle[i])
  call("ZREM", P .. "ws", idle[i])
end
local head = call("ZRANGE", P .. "far", 0, 0, "WITHSCORES")
local next_in = head[2] and math.max(0, head[2] - now - NEAR_MS) or -1
return { "expired", num(moved), #due >= limit and "1" or "0", num(next_in) }
