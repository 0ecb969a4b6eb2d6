#!lua flags=allow-oom
--[[
  End the deliveries of nodes that have not said for six seconds that they live: each ends as a lost heartbeat
  and is due at once, by its retry policy. A pass that runs more than two seconds after the one before first gives
  every node its full time again, so that an outage of Redis kills no living node.

  KEYS[1]  {tag}m
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]  how many leases at most

  Returns {"lapsed", moved, more, next_in_ms}: next_in_ms "-1" = no node is known
  Emits      r, q or O
  Complexity O(log timers) for each
]]
--- @include "lib/run"
--- @include "lib/retry"
local LIVENESS_MS, LATE_MS, ANSWERS_KEPT_MS = 6000, 2000, 3600000
local limit = tonumber(ARGV[4])
local last = tonumber(call("HGET", P .. "m", "lapse_at") or 0)
call("HSET", P .. "m", "lapse_at", num(now))
local full = num(now + LIVENESS_MS)
-- a time further off than a full one was written by a clock that has since gone back
local renewed = call("ZRANGE", P .. "nodes", now - last > LATE_MS and "-inf" or "(" .. full, "+inf", "BYSCORE")
for i = 1, #renewed do
  call("ZADD", P .. "nodes", full, renewed[i])
end
local moved, more = 0, "0"
local gone = call("ZRANGE", P .. "nodes", "-inf", "(" .. num(now), "BYSCORE")
for i = 1, #gone do
  local node, left = gone[i], limit - moved
  local set = P .. "tm:" .. node
  local refs = left > 0 and call("ZRANGE", set, 0, left - 1) or {}
  for j = 1, #refs do
    local name = sub(refs[j], 9)
    local rec = find_run(name, sub(refs[j], 1, 8))
    call("ZREM", set, refs[j])
    if rec and IS_RUNNING[sub(rec, 10, 10)] and node_of(rec) == node then
      local expires_at = u6(rec, 97)
      if expires_at > 0 and expires_at <= now then
        leave_place(name, rec)
        time_out(name, rec, "e")
      else
        end_attempt(name, rec, "h", "timeout.heartbeat", false, nil, "", "")
      end
    end
    moved = moved + 1
  end
  commit()
  if call("EXISTS", set) == 0 then
    call("ZREM", P .. "nodes", node)
    -- it may have stood still only, and asks yet what its last leasing calls gave
    call("PEXPIRE", P .. "lr:" .. node, num(ANSWERS_KEPT_MS))
  else
    more = "1"
  end
end
local head = call("ZRANGE", P .. "nodes", 0, 0, "WITHSCORES")
return { "lapsed", num(moved), more, num(head[2] and math.max(0, head[2] - now + 1) or -1) }
