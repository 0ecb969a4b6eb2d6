#!lua flags=allow-oom
--[[
  Remove a run; an open one is terminated first.

  KEYS[1]  {tag}m
  KEYS[2]  {tag}j:<name>
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]  run id, 8 bytes; "" = the latest

  Returns one of
    {"ok"}
    {"not_found"}
  Emits      D, before it T if the run was open
]]
--- @include "lib/forget"
local name = sub(KEYS[2], #P + 3)
local rec, key = find_run(name, ARGV[4])
if not rec then
  return { "not_found" }
end
if not IS_CLOSED[sub(rec, 10, 10)] then
  end_now(name, rec, "T")
  commit()
end
happened("D", sub(rec, 40, 43) .. sub(call("GETRANGE", key, 9, 9), 1, 1) .. sub(rec, 73, 80) .. name)
commit()
forget(name, rec, key)
return { "ok" }
