#!lua flags=allow-oom
--[[
  Act on what is due in the near timers, the common ones and each node's own. What is due is decided from the
  record; an entry that is early or of a run that has moved on is set right or dropped.

  waiting, its time has come            -> its lane
  open past schedule-to-close           -> timed out
  queued past schedule-to-start         -> timed out
  started past start-to-close           -> the attempt ends; back-off or timed out, by the retry policy
  started past its heartbeat timeout    -> the attempt ends; due at once or timed out, by the retry policy
  a limit that may give again           -> what waits under it, where nobody has asked since

  KEYS[1]  {tag}m
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]  how many entries at most

  Returns {"reaped", moved, more, next_in_ms}: more "1" = it stopped at its bound; next_in_ms "-1" = no near timer
  Emits      r, q or O
  Complexity O(log timers) for each
]]
--- @include "lib/run"
--- @include "lib/retry"
local ASKED_BY_NOW_MS, QUEUES_AT_ONCE, LIMITS_AT_ONCE = 500, 5, 100
local limit = tonumber(ARGV[4])
local sets = { P .. "tm" }
local nodes_known = call("ZRANGE", P .. "nodes", 0, -1)
for i = 1, #nodes_known do
  sets[i + 1] = P .. "tm:" .. nodes_known[i]
end
local moved, seen = 0, 0

local function act(set, ref)
  local name = sub(ref, 9)
  local rec = find_run(name, sub(ref, 1, 8))
  local state = rec and sub(rec, 10, 10)
  if not rec or IS_CLOSED[state] then
    call("ZREM", set, ref)
    return
  end
  local dispatch_at = u6(rec, 44)
  local expires_at = u6(rec, 97)
  if expires_at > 0 and expires_at <= now then
    leave_place(name, rec)
    time_out(name, rec, "e")
  elseif state == "W" and dispatch_at <= now then
    disarm(ref)
    put_back(name, rec, dispatch_at, sub(rec, 39, 39), sub(rec, 40, 43))
  elseif state == "S" and u6(rec, 103) > 0 and dispatch_at + u6(rec, 103) <= now then
    leave_place(name, rec)
    time_out(name, rec, "S")
  elseif IS_RUNNING[state] and u6(rec, 109) > 0 and u6(rec, 19) + u6(rec, 109) <= now then
    end_attempt(name, rec, "s", "timeout.start_to_close", false, nil, "", "")
  elseif IS_RUNNING[state] and not has_flag(rec, FLAG_BUILT_IN) and u6(rec, 115) > 0
    and math.max(u6(rec, 19), u6(rec, 25)) + u6(rec, 115) <= now then
    end_attempt(name, rec, "h", "timeout.heartbeat", false, nil, "", "")
  else
    -- the record says later: an entry left behind by a move
    call("ZREM", set, ref)
    local at = next_moment(rec, state, dispatch_at)
    if at then
      arm(ref, at, IS_RUNNING[state] and node_of(rec) or nil)
    end
    return
  end
  -- wherever it was found, it is settled now
  call("ZREM", set, ref)
  moved = moved + 1
end

--- Has what waits under the limits of a queue come back that may give again, and tells nodes where its own rate may.
local function look_at_limits(q, most)
  local parking, conf, debt, ready = parking_at(q)
  parking.unpark(most)
  local next_at = parking.next_moment()
  if next_at == now then
    -- there are more to look through than one pass does
    next_at = now - ASKED_BY_NOW_MS
  end
  if conf.granted then
    -- the tasks that wait for what its limiter grants may be in any partition
    if call("EXISTS", P .. "gl:" .. q) == 1 then
      opened[q] = true
    end
  elseif conf.rate and ready > 0 then
    local wait = limit_wait(open_limit(debt, conf.rate, conf.burst))
    if wait == 0 then
      opened[q] = true
    elseif wait < math.huge then
      next_at = math.min(next_at or math.huge, now + wait)
    end
  end
  if next_at then
    call("ZADD", P .. "parked", num(next_at), q)
  else
    call("ZREM", P .. "parked", q)
  end
end

local more = "0"
for s = 1, #sets do
  local due = call("ZRANGE", sets[s], "-inf", num(now), "BYSCORE", "LIMIT", 0, limit - seen)
  for i = 1, #due do
    act(sets[s], due[i])
  end
  seen = seen + #due
  if seen >= limit then
    more = "1"
    break
  end
end
-- nodes that wait for a limit ask at its moment themselves: this is for those that nobody waits for any more
local held = call("ZRANGE", P .. "parked", "-inf", num(now - ASKED_BY_NOW_MS), "BYSCORE", "LIMIT", 0, QUEUES_AT_ONCE)
for i = 1, #held do
  look_at_limits(held[i], math.ceil(LIMITS_AT_ONCE / #held))
end
if #held == QUEUES_AT_ONCE then
  more = "1"
end
commit()
local next_in = -1
local head = call("ZRANGE", P .. "parked", 0, 0, "WITHSCORES")
if head[2] then
  next_in = math.max(0, head[2] + ASKED_BY_NOW_MS - now)
end
for s = 1, #sets do
  local head = call("ZRANGE", sets[s], 0, 0, "WITHSCORES")
  if head[2] then
    local wait = math.max(0, head[2] - now)
    if next_in < 0 or wait < next_in then
      next_in = wait
    end
  end
end
return { "reaped", num(moved), more, num(next_in) }
