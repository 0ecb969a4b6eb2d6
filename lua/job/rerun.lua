#!lua
--[[
  Start a new run of a closed job, with the same type, input, options and idempotency key, due now.

  KEYS[1]  {tag}m
  KEYS[2]  {tag}j:<name>
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]  run id of the run to repeat, 8 bytes; "" = the latest
  ARGV[5]  request id, "" = none
  ARGV[6]  reason, "" = none
  ARGV[7]  run id of the new run, 8 bytes

  Returns one of
    {"started", record, input or false}   the new run; or the one that the last rerun with this request id started
    {"invalid", state}                    the latest run of the id is open
    {"not_found"}
  Emits      s
]]
--- @include "lib/run"
--- @include "lib/log"
--- @include "lib/queues"
--- The run that a run repeats, or nil.
local function rerun_of(rec)
  local _, _, _, _, at = lane_of(rec)
  at = at + 2 + u2(rec, at)
  at = at + 2 + u2(rec, at)
  return byte(rec, at) > 0 and sub(rec, at + 1, at + byte(rec, at)) or nil
end

local name = sub(KEYS[2], #P + 3)
local latest = call("GET", KEYS[2])
local function answer(made)
  local input = has_flag(made, FLAG_INPUT) and call("GET", P .. "i:" .. sub(made, 73, 80))
  return { "started", made, input }
end
-- the very same call, sent again
local made_before = find_run(name, ARGV[7])
if made_before then
  return answer(made_before)
end
local rec, key = find_run(name, ARGV[4])
if not rec then
  return { "not_found" }
end
local run_id = sub(rec, 73, 80)
--- The run that the last rerun of `of` started, if that had this call's request id.
local function repeated_as(of)
  local last = call("HMGET", P .. "c:" .. of, "rerun", "rerun_as")
  return last[1] == ARGV[5] and find_run(name, last[2]) or nil
end
if ARGV[5] ~= "" then
  local made = nil
  local of = ARGV[4] == "" and rerun_of(rec)
  if of then
    -- without a run id the repetition finds the run that the first call started
    made = repeated_as(of)
    made = made and sub(made, 73, 80) == run_id and made or nil
  end
  made = made or (has_flag(rec, FLAG_CONTROLS) and repeated_as(run_id))
  if made then
    return answer(made)
  end
end
if latest and not IS_CLOSED[sub(latest, 10, 10)] then
  return { "invalid", sub(latest, 10, 10) }
end
keep_control(key, rec, "rerun", ARGV[5], ARGV[6])
call("HSET", P .. "c:" .. run_id, "rerun_as", ARGV[7])

local fk, dest, queue, _, at = lane_of(rec)
local request_at = at + 2 + u2(rec, at)
local rerun_at = request_at + 2 + u2(rec, request_at)
local after_rerun = rerun_at + 1 + byte(rec, rerun_at)
local limit = u6(rec, 97) > 0 and u6(rec, 97) - u6(rec, 87) or 0
local fence = new_fence()
local flags = (has_flag(rec, FLAG_INPUT) and FLAG_INPUT or 0) + (has_flag(rec, FLAG_NO_INPUT) and FLAG_NO_INPUT or 0)
local made = "A" .. fence .. "S" .. Z8 .. Z6 .. Z6 .. Z4 .. Z4 .. "-" .. "\0\0\0\1" .. now6 .. Z6 .. NO_OUTCOME .. "\0\0"
  .. "-" .. string.char(flags) .. sub(rec, 72, 72) .. ARGV[7] .. now6 .. now6 .. chunk4
  .. (limit > 0 and p6(now + limit) or Z6) .. sub(rec, 103, request_at - 1) .. "\0\0" .. "\8" .. run_id
  .. sub(rec, after_rerun)
if has_flag(rec, FLAG_INPUT) then
  call("COPY", P .. "i:" .. run_id, P .. "i:" .. ARGV[7])
end
if latest then
  call("RENAME", KEYS[2], P .. "j0:" .. name .. "/" .. sub(latest, 73, 80))
end
call("SET", KEYS[2], made)
local ref = ARGV[7] .. name
enter_log({ ref })
local q = namespace_of(name) .. "/" .. queue
register(q, fk, u4(rec, 121))
push(q, sub(rec, 72, 72), fk, dest, fence .. name, now)
happened("s", ref)
local moment = next_moment(made, "S", now)
if moment then
  arm(ref, moment)
end
commit()
return answer(made)
