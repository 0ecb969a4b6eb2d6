#!lua flags=allow-oom
--[[
  Complete tasks with their results, and lease the next ones in the same step.

  Only while the lease of the token holds; the repetition of the report that completed the job is answered as
  the first time.

  KEYS[1]   {tag}m
  KEYS[2…]  {tag}j:<name>  one per report, each once
  ARGV[1-6] now_ms, random, bounds, node, loop, nonce of the leases asked for
  ARGV[7]   how many reports, then for each
            token         attempt (4 bytes) and nonce (8), and "+" to be answered with q and worker
            outcome       "-" = no result, else "=" and the result's bytes
            response      what the receiver answered, packed, or ""
  then      the leases asked for, see lib/leases.lua

  Returns {"completed", now_ms, [report, …], [lease, …], [told, …]}, each report
    {"ok", state, run_id, dispatch_at_ms, q, worker}   closed as completed (now, or by this report before); q and
                                                       worker where asked for
    {"lost"}                                           the attempt is over, closed or deleted
  Emits      C
  Complexity O(log leased) for each
]]
--- @include "lib/report"
--- @include "lib/leases"
local HEAD_END = 191 -- holds all up to a destination of the longest fairness key

local lanes_seen, lane = {}, nil
--- Counts a task out of its lane; those of one lane often follow each other. Reads the record's head, or all of it
-- where a long name makes that necessary.
local function count_out(key, rec, name)
  if lane and sub(rec, 125, lane.ends) == lane.bytes and sub(name, 1, #lane.namespace) == lane.namespace then
    lane.count = lane.count + 1
    return
  end
  local dest_at = 126 + byte(rec, 125)
  local queue_at = dest_at + 2 + u2(rec, dest_at)
  if queue_at + 1 > #rec or queue_at + 1 + u2(rec, queue_at) > #rec then
    rec = call("GET", key)
  end
  local ends = queue_at + 1 + u2(rec, queue_at)
  local bytes, namespace = sub(rec, 125, ends), namespace_of(name) .. "/"
  lane = lanes_seen[namespace .. bytes]
  if not lane then
    lane = {
      namespace = namespace,
      bytes = bytes,
      ends = ends,
      q = namespace .. sub(rec, queue_at + 2, ends),
      fk = sub(rec, 126, dest_at - 1),
      dest = sub(rec, dest_at + 2, queue_at - 1),
      count = 0,
    }
    lanes_seen[namespace .. bytes] = lane
  end
  lane.count = lane.count + 1
end

local replies = {}
local count = tonumber(ARGV[7])
for i = 1, count do
  local key, a = KEYS[i + 1], 8 + 3 * (i - 1)
  local token, value, response = ARGV[a], ARGV[a + 1], ARGV[a + 2]
  local name = sub(key, #P + 3)
  local rec = call("GETRANGE", key, "0", num(HEAD_END))
  if sub(rec, 40, 43) .. sub(rec, 11, 18) == sub(token, 1, 12) and IS_RUNNING[sub(rec, 10, 10)] then
    local run_id = sub(rec, 73, 80)
    local ref = run_id .. name
    disarm(ref, node_of(rec))
    forget_notice(name, rec)
    count_out(key, rec, name)
    local flags
    if response ~= "" then
      keep_attempt(rec, "C", nil, "", response)
      flags = with_flag(rec, FLAG_ATTEMPTS)
    end
    close_at(key, ref, rec, "C", "c", keep_outcome(run_id, value), "-", flags)
    replies[i] = { "ok", "C", run_id, "0" }
    if #token > 12 then
      name_holder(replies[i], lane.q, rec)
    end
  else
    local _, before = held(key, sub(token, 1, 4), sub(token, 5, 12), "c")
    replies[i] = before and standing("ok", before, name, token) or { "lost" }
  end
end
for _, seen in pairs(lanes_seen) do
  count_flight(seen.q, seen.fk, seen.dest, -seen.count)
end
commit(true)
return { "completed", num(now), replies, lease_all(8 + 3 * count) }
