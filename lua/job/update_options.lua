#!lua flags=allow-oom
--[[
  Change the options of an open job, in effect at once: what is queued moves to its new lane, at its end; the deadlines
  of an attempt that runs count anew from its start, and it counts as in flight where the job is now; schedule-to-close
  counts from the first dispatch as ever. A back-off in progress ends by the changed policy, unless the failure gave its
  delay itself.

  KEYS[1]  {tag}m
  KEYS[2]  {tag}j:<name>
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]  run id, 8 bytes; "" = the latest
  ARGV[5]  request id, "" = none
  ARGV[6]  reason, "" = none
  ARGV[7]  the options that are changed, as lib/options.lua packs them: they are changed only while they are these;
           "" = not known yet, "original" = whichever they are, back to those of the start
  ARGV[8]  what they are to be, packed; "" with "original"

  Returns one of
    {"ok", state, run_id, dispatch_at_ms}   done, already so, or a repeated request id
    {"stale", options}                      they are not what ARGV[7] says; nothing is changed
    {"invalid", state}                      its cancel or reset is requested; or the start delay is to be another,
                                            which is over or was leased out of
    {"closed", state}
    {"not_found"}
  Emits      o
]]
--- @include "lib/run"
--- @include "lib/retry"
local rec, key, name, state = controlled("options", "crk")
if not rec then
  return key
end
local from, to = options_of(rec), ARGV[8]
if ARGV[7] == "original" then
  to = original_options(rec) or from
elseif from ~= ARGV[7] then
  return { "stale", from }
elseif sub(from, 2, 7) ~= sub(to, 2, 7) and (was_leased(rec) or (state ~= "W" and state ~= "P")) then
  return { "invalid", state }
end
rec = keep_control(key, rec, "options", ARGV[5], ARGV[6])
local made = with_options(rec, to)
if made == rec then
  return stands("ok", key)
end

--- The retry policy of a record, packed, and where it begins.
local function policy_bytes(of)
  local _, _, _, _, at = lane_of(of)
  return sub(of, at, at + 1 + u2(of, at)), at
end

--- When the back-off in progress ends by the changed policy; nil = there is none that a policy gave.
local function end_of_backoff()
  local policy, at = policy_bytes(made)
  if policy == policy_bytes(rec) or u6(rec, 44) <= now or has_flag(rec, FLAG_GIVEN_DELAY) then
    return nil
  end
  local last = u4(rec, 40) > 1 and call("LINDEX", P .. "a:" .. sub(rec, 73, 80), -1)
  local how = last and sub(last, 29, 29)
  if how == "F" or how == "s" then
    return u6(last, 17) + interval_after(policy_of(made, at), u4(rec, 40) - 1)
  end
end

--- When the run is to be dispatched now that its options are others; in the past only if it was.
local function dispatched_at()
  local first, was_at = u6(made, 87), u6(rec, 44)
  local at = end_of_backoff()
  if first ~= u6(rec, 87) and (state ~= "S" or first > now) then
    at = first
  end
  if not at or at == was_at then
    return was_at
  end
  return state == "P" and at or math.max(at, now)
end

local run_id = sub(rec, 73, 80)
local ref = run_id .. name
local namespace = namespace_of(name) .. "/"
local fk, dest, queue = lane_of(rec)
local new_fk, _, new_queue = lane_of(made)
local moves = fk ~= new_fk or queue ~= new_queue or sub(rec, 72, 72) ~= sub(made, 72, 72)
local at = u6(rec, 44)
if not IS_RUNNING[state] then
  at = dispatched_at()
end
if IS_RUNNING[state] or (at == u6(rec, 44) and not (state == "S" and moves)) then
  -- it stays where it is
  local node = IS_RUNNING[state] and node_of(rec) or nil
  if moves and IS_RUNNING[state] then
    count_flight(namespace .. queue, fk, dest, -1)
    count_flight(namespace .. new_queue, new_fk, dest, 1)
  end
  disarm(ref, node)
  write_options(name, rec, made)
  local moment = next_moment(made, state, at)
  if moment then
    arm(ref, moment, node)
  end
else
  leave_place(name, rec)
  write_options(name, rec, made)
  local ender, attempt = sub(rec, 39, 39), sub(rec, 40, 43)
  if state == "P" then
    put_aside(name, made, at, ender, attempt)
  else
    put_back(name, made, at, ender, attempt)
    state = at <= now and "S" or "W"
  end
end
happened("o", sub(rec, 40, 43) .. state .. p6(at) .. ref)
commit()
return stands("ok", key)
