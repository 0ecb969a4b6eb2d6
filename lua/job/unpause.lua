#!lua flags=allow-oom
--[[
  Let a paused job go on: after what is left of its back-off or start delay, and no sooner than a random part of
  the jitter from now. Where a pause is only requested, the request is withdrawn. An unpaused one stays as it is.

  KEYS[1]  {tag}m
  KEYS[2]  {tag}j:<name>
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]  run id, 8 bytes; "" = the latest
  ARGV[5]  request id, "" = none
  ARGV[6]  reason, "" = none
  ARGV[7]  jitter_ms

  Returns one of
    {"ok", state, run_id, dispatch_at_ms}   done, not paused, or a repeated request id
    {"invalid", state}                      its cancel, or its reset to stay paused, is requested
    {"closed", state}
    {"not_found"}
  Emits      u, or v
]]
--- @include "lib/run"
local rec, key, name, state = controlled("unpause", "ck")
if not rec then
  return key
end
rec = keep_control(key, rec, "unpause", ARGV[5], ARGV[6])
if state == "P" then
  local at = math.max(now + math.floor(tonumber(ARGV[7]) * random_fraction()), u6(rec, 44))
  leave_place(name, rec)
  happened("u", sub(rec, 40, 43) .. p6(at) .. sub(rec, 73, 80) .. name)
  put_back(name, rec, at, sub(rec, 39, 39), sub(rec, 40, 43))
elseif state == "p" then
  call("SETRANGE", key, "9", "R")
  happened("v", sub(rec, 40, 43) .. sub(rec, 73, 80) .. name)
  if not unnotify(name, rec) then
    notify(name, rec)
  end
end
commit()
return stands("ok", key)
